//! The page at the end of a logout: which applications know of it, and which cannot be told.

use std::time::Duration;

use doorward_oidc::Refusal;
use doorward_store::logouts::{self, Delivery, State};
use http::StatusCode;
use uuid::Uuid;

use crate::{
    Door, answer,
    failure::Answer,
    login::flow::app_ref,
    pages::{self, Knows, LoggedOut, Parted},
    visit::Visit,
};

/// How long the page waits for applications to answer, so that it can say so: most do in a moment.
const PATIENCE: Duration = Duration::from_millis(1200);
/// How often it looks.
const LOOK: Duration = Duration::from_millis(60);

/// The page. `session` is the one that has ended, `client_id` the application that asked for it.
pub(crate) async fn page(
    door: &Door,
    visit: &Visit,
    session: Option<Uuid>,
    client_id: Option<&str>,
    refusal: Option<&Refusal>,
) -> Answer {
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
        refusal,
    };
    let html = pages::logged_out(&view, &visit.chrome(door, None));
    Ok(answer::page(StatusCode::OK, html, &[]))
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
            Some(Parted {
                name: app.name.clone(),
                url: app.url.clone(),
                knows: match delivery.state {
                    State::Told => Knows::Yes,
                    State::Waiting => Knows::NotYet,
                    State::Untold | State::GivenUp => Knows::Never,
                },
            })
        })
        .collect();
    parted.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(parted)
}
