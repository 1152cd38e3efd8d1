//! The page at the end of a logout: which applications know of it, and which cannot be told.

use std::time::Duration;

use doorward_oidc::{Refusal, append_query};
use doorward_store::logouts::{self, Delivery, State};
use http::{HeaderValue, header};
use uuid::Uuid;

use crate::{
    Door, answer,
    failure::Answer,
    login::flow::{app_ref, origin_of},
    pages::{self, Knows, LoggedOut, Parted},
    visit::Visit,
};

/// How long the page waits for applications to answer, so that it can say so: most do in a moment.
const PATIENCE: Duration = Duration::from_millis(1200);
/// How often it looks.
const LOOK: Duration = Duration::from_millis(60);

/// Seconds that frames have before the browser goes on.
const FRAMES_HAVE: u32 = 3;

/// What the page is about.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Ended<'a> {
    /// The session that has ended.
    pub(crate) session: Option<Uuid>,
    /// The application that asked for it.
    pub(crate) client_id: Option<&'a str>,
    /// Why the browser does not go where the application wanted.
    pub(crate) refusal: Option<&'a Refusal>,
    /// Where it goes once the frames have had their time.
    pub(crate) onward: Option<&'a str>,
}

/// The applications of a session that want a frame of theirs in the page, by their client ids.
pub(crate) async fn framed(door: &Door, session: Uuid) -> Result<Vec<String>, crate::Failure> {
    let snapshot = door.snapshots.current().await?;
    if !snapshot.list().iter().any(|app| app.logout.frontchannel_uri.is_some()) {
        return Ok(Vec::new());
    }
    let found = door.store.read(move |tx| logouts::of_session(tx, session)).await?;
    let framed = found
        .iter()
        .filter_map(|delivery| snapshot.by_id(delivery.app_id))
        .filter(|app| app.logout.frontchannel_uri.is_some());
    Ok(framed.map(|app| app.client_id.clone()).collect())
}

/// The page.
pub(crate) async fn page(door: &Door, visit: &Visit, ended: Ended<'_>) -> Answer {
    let Ended {
        session,
        client_id,
        refusal,
        onward,
    } = ended;
    let parted = match session {
        Some(session) => parted(door, session).await?,
        None => Vec::new(),
    };
    let snapshot = door.snapshots.current().await?;
    let app = client_id.and_then(|client_id| snapshot.find(client_id));
    let view = LoggedOut {
        app: app.map(|app| app_ref(app)),
        back: app.map(|app| app.url.as_str()).filter(|url| !url.is_empty()),
        login: Some("/login"),
        parted: &parted,
        onward,
        refusal,
    };
    let html = pages::logged_out(&view, &visit.chrome(door, None));
    let frames = parted.iter().filter_map(|app| app.frame.as_deref());
    let mut origins: Vec<String> = frames.map(origin_of).collect();
    origins.sort();
    origins.dedup();
    let origins: Vec<&str> = origins.iter().map(String::as_str).collect();
    let mut response = answer::framing_page(html, &origins);
    // As a header, which needs neither a script nor an element that could be added to.
    if let Some(refresh) = onward.and_then(|next| HeaderValue::try_from(format!("{FRAMES_HAVE};url={next}")).ok()) {
        response.headers_mut().insert(header::REFRESH, refresh);
    }
    Ok(response)
}

/// The applications of a session that has ended, as they stand a moment later.
async fn parted(door: &Door, session: Uuid) -> Result<Vec<Parted>, crate::Failure> {
    let end = tokio::time::Instant::now() + PATIENCE;
    let deliveries: Vec<Delivery> = loop {
        let found = door.store.read(move |tx| logouts::of_session(tx, session)).await?;
        // One that has failed once does not answer in a moment.
        let is_settled = |delivery: &Delivery| delivery.state != State::Waiting || delivery.problem.is_some();
        if found.iter().all(is_settled) || tokio::time::Instant::now() >= end {
            break found;
        }
        tokio::time::sleep(LOOK).await;
    };
    let snapshot = door.snapshots.current().await?;
    let mut parted: Vec<Parted> = deliveries
        .into_iter()
        .filter_map(|delivery| {
            let app = snapshot.by_id(delivery.app_id)?;
            let sid = session.to_string();
            let issuer = door.server.issuer(app);
            let uri = app.logout.frontchannel_uri.as_deref();
            let frame = uri.map(|uri| append_query(uri, [("iss", &*issuer), ("sid", sid.as_str())]));
            Some(Parted {
                name: app.name.clone(),
                url: app.url.clone(),
                knows: match delivery.state {
                    State::Told => Knows::Yes,
                    State::Waiting => Knows::NotYet,
                    State::Untold | State::GivenUp if frame.is_some() => Knows::Framed,
                    State::Untold | State::GivenUp => Knows::Never,
                },
                frame,
            })
        })
        .collect();
    parted.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(parted)
}
