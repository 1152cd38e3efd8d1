//! The person's logins at upstreams: connecting one to the account that they are logged in to, and removing one.

use std::sync::Arc;

use axum::{
    Form,
    extract::{Query, State},
    response::Response,
};
use doorward_audit::TraceOutcome;
use doorward_login::BeginOptions;
use doorward_oidc::{Prompt, Refusal};
use doorward_upstreams::{LINK_REFUSED, LinkRule, Upstream, UpstreamsError};
use http::StatusCode;
use serde::Deserialize;
use uuid::Uuid;

use super::{Purpose, begin};
use crate::{
    Door,
    account::{log_in_first, proved_first, sessions::foreign_form},
    answer::{self, see_other},
    failure::{Answer, Failure},
    login::refused_page,
    pages::{self, ConnectedLogin, Logins, LoginsNotice, OtherLogin, path},
    session::{self, LoggedIn},
    trail::Trail,
    visit::Visit,
};

/// What has just happened, carried over the redirect.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Notice {
    done: Option<String>,
}

/// What the forms send.
#[derive(Debug, Deserialize)]
pub(crate) struct LoginsForm {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    upstream: String,
    #[serde(default)]
    login: String,
}

/// GET `/account/logins`.
pub(crate) async fn show(State(door): State<Arc<Door>>, visit: Visit, Query(notice): Query<Notice>) -> Answer {
    let Some(who) = session::current(&door, &visit).await? else {
        return Ok(log_in_first(&door, &visit, path::LOGINS));
    };
    let snapshot = door.upstreams.snapshot().await?;
    let identities = door.upstreams.identities_of(who.session.user_id).await?;
    let rows: Vec<(String, &str, &str)> = identities
        .iter()
        .map(|identity| {
            let title = snapshot
                .by_id(identity.upstream)
                .map_or("", |upstream| upstream.title.as_str());
            (identity.id.to_string(), title, identity.shown_name())
        })
        .collect();
    let connected: Vec<ConnectedLogin<'_>> = rows
        .iter()
        .zip(&identities)
        .map(|((id, title, shown_name), identity)| ConnectedLogin {
            id,
            title,
            shown_name,
            last_used: identity.last_login,
        })
        .collect();
    let others: Vec<OtherLogin<'_>> = snapshot
        .list()
        .iter()
        .filter(|upstream| may_connect(upstream) && !identities.iter().any(|identity| identity.upstream == upstream.id))
        .map(|upstream| OtherLogin {
            title: &upstream.title,
            name: &upstream.name,
        })
        .collect();
    let csrf = session::form_token(&door, &who.session);
    let view = Logins {
        connected: &connected,
        others: &others,
        now: visit.now,
        csrf: &csrf,
        notice: match notice.done.as_deref() {
            Some("connected") => Some(LoginsNotice::Connected),
            Some("removed") => Some(LoginsNotice::Removed),
            Some("last") => Some(LoginsNotice::LastWay),
            Some("late") => Some(LoginsNotice::TooLate),
            _ => None,
        },
    };
    let html = pages::logins(&view, &visit.chrome(&door, Some(who.viewer())));
    Ok(answer::page(StatusCode::OK, html, &[]))
}

/// Whether a person may connect a login of this upstream by themselves.
fn may_connect(upstream: &Upstream) -> bool {
    upstream.enabled && upstream.link != LinkRule::Never
}

/// What stops this person from changing their ways in right now: a way in outlives the session that made it, so a borrowed
/// browser must not be enough, and nobody but an administrator gives an administrator another one.
pub(super) async fn hindrance(door: &Door, visit: &Visit, who: &LoggedIn) -> Result<Option<Response>, Failure> {
    let elsewhere = proved_first(door, visit, who, path::LOGINS).await?;
    if elsewhere.is_some() || who.facts.roles.is_empty() {
        return Ok(elsewhere);
    }
    let refusal = Refusal::page(
        &LINK_REFUSED,
        format!(
            "{} administers this server: their logins are connected by an administrator",
            who.facts.user.name
        ),
    )
    .with_remedy(format!(
        "doorward upstream link UPSTREAM --subject SUBJECT --user {}",
        who.facts.user.name
    ));
    let trail = Trail::begin(door, visit, "upstream");
    let reference = trail.reference;
    let response = refused_page(door, visit, &refusal, None, reference, Some(who), None);
    trail.close(door, visit, TraceOutcome::Refused);
    Ok(Some(response))
}

/// POST `/account/logins/connect`: to the upstream; back here it is connected.
pub(crate) async fn begin(State(door): State<Arc<Door>>, visit: Visit, Form(form): Form<LoginsForm>) -> Answer {
    let Some(who) = session::current(&door, &visit).await? else {
        return Ok(see_other("/login"));
    };
    if !session::form_is_ours(&door, &visit, &who.session, &form.csrf) {
        return Ok(foreign_form(&door, &visit, &who));
    }
    let snapshot = door.upstreams.snapshot().await?;
    let Some(upstream) = snapshot.find(&form.upstream).filter(|upstream| may_connect(upstream)) else {
        return Ok(see_other(path::LOGINS));
    };
    let href = format!("{GO}?upstream={}&csrf={}", upstream.name, form.csrf);
    Ok(begin::onward(&door, &visit, upstream, &href))
}

/// Where a connection begins once the form has been checked.
pub(crate) const GO: &str = "/account/logins/go";

/// What the address carries.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct GoQuery {
    #[serde(default)]
    upstream: String,
    #[serde(default)]
    csrf: String,
}

/// GET `/account/logins/go`. Only our own page knows the session's token: nobody is to be connected by a foreign link, which
/// would let whoever made it in as this person.
pub(crate) async fn go(State(door): State<Arc<Door>>, visit: Visit, Query(query): Query<GoQuery>) -> Answer {
    let Some(who) = session::current(&door, &visit).await? else {
        return Ok(log_in_first(&door, &visit, path::LOGINS));
    };
    if !session::form_is_ours(&door, &visit, &who.session, &query.csrf) {
        return Ok(see_other(path::LOGINS));
    }
    let mut trail = Trail::begin(&door, &visit, "upstream");
    trail.user(&who.facts.user.name);
    if let Some(response) = hindrance(&door, &visit, &who).await? {
        return Ok(response);
    }
    let mut options = BeginOptions::new(Purpose::Connect(who.session.id).encode());
    // Somebody else may be logged in there: the person sees, and chooses, which account they connect.
    options.prompt = Some([Prompt::SelectAccount].into_iter().collect());
    begin::to_upstream(&door, &visit, &query.upstream, options, trail).await
}

/// POST `/account/logins/remove`.
pub(crate) async fn remove(State(door): State<Arc<Door>>, visit: Visit, Form(form): Form<LoginsForm>) -> Answer {
    let Some(who) = session::current(&door, &visit).await? else {
        return Ok(see_other("/login"));
    };
    if !session::form_is_ours(&door, &visit, &who.session, &form.csrf) {
        return Ok(foreign_form(&door, &visit, &who));
    }
    if let Some(response) = proved_first(&door, &visit, &who, path::LOGINS).await? {
        return Ok(response);
    }
    let done = remove_own(&door, &visit, who.session.user_id, &form.login).await?;
    Ok(see_other(&format!("{}?done={done}", path::LOGINS)))
}

async fn remove_own(door: &Door, visit: &Visit, user: Uuid, login: &str) -> Result<&'static str, Failure> {
    let Ok(identity) = login.parse::<Uuid>() else {
        return Ok("");
    };
    match door.upstreams.unlink_own(user, identity, visit.now).await {
        Ok(()) => Ok("removed"),
        Err(UpstreamsError::Refused(refusal)) if refusal.kind == &LINK_REFUSED => Ok("last"),
        Err(UpstreamsError::Refused(_)) => Ok(""),
        Err(error) => Err(error.into()),
    }
}
