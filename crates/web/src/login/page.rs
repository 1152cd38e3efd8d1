//! The login page as a response: for which application, through which ways, and what was wrong with the last try.

use std::sync::Arc;

use doorward_upstreams::{Snapshot, Upstream};
use http::{HeaderValue, StatusCode, header};

use super::{
    OpenAttempt,
    flow::{app_ref, origin_of},
};
use crate::{
    Door, answer,
    answer::with_header,
    failure::Answer,
    pages::{self, Asks, Login, LoginProblem, UpstreamWay},
    session::LoggedIn,
    upstream,
    visit::Visit,
};

/// What the page shows besides what its attempt says.
#[derive(Clone, Copy, Default)]
pub(super) struct Shown<'a> {
    /// Who is logged in and proves it again.
    pub(super) who: Option<&'a LoggedIn>,
    /// What was typed.
    pub(super) username: &'a str,
    /// What was wrong with it.
    pub(super) problem: Option<LoginProblem>,
    /// The way in for administrators.
    pub(super) is_backup: bool,
}

/// Renders the form for an attempt.
pub(super) async fn respond(door: &Door, visit: &Visit, attempt: &OpenAttempt, shown: Shown<'_>) -> Answer {
    let snapshot = door.snapshots.current().await?;
    let upstreams = door.upstreams.snapshot().await?;
    let request = attempt.errand.request();
    let app = request.and_then(|request| snapshot.find(&request.client_id));
    let hint = request
        .and_then(|request| request.login_hint.as_deref())
        .unwrap_or_default();
    let known = shown.who.map(|who| who.facts.user.name.to_string());
    let typed = if shown.username.is_empty() {
        known.as_deref().unwrap_or(hint)
    } else {
        shown.username
    };
    let value = attempt.value();
    let cancel = format!("/login/cancel?attempt={value}");
    let (asks, through) = ways(&upstreams, shown, typed);
    let hrefs: Vec<String> = through.iter().map(|way| upstream::begin::href(way, &value)).collect();
    let ways: Vec<UpstreamWay<'_>> = through
        .iter()
        .zip(&hrefs)
        .map(|(way, href)| UpstreamWay {
            title: &way.title,
            href,
        })
        .collect();
    let view = Login {
        app: app.map(|app| app_ref(app)),
        action: "/login",
        attempt: &value,
        username: typed,
        again: shown.who.is_some() && shown.username.is_empty(),
        problem: shown.problem,
        hint: None,
        cancel: request.map(|_| cancel.as_str()),
        backup: shown.is_backup,
        ways: &ways,
        asks,
        passkey: door.relying_party.is_some() && !shown.is_backup && asks != Asks::Nothing,
        register: shown.who.is_none() && !shown.is_backup && door.directory.open_registration().await?.is_some(),
    };
    let mut chrome = visit.chrome(door, None);
    if let Some(request) = request {
        let wished = request.ui_locales.join(" ");
        let accepted = visit
            .headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok());
        chrome.lang = pages::Lang::choose(Some(&wished), accepted);
    }
    let target = request
        .map(|request| origin_of(&request.reply_to.redirect_uri))
        .unwrap_or_default();
    let (status, retry) = status(shown.problem);
    let html = pages::login(&view, &chrome);
    let response = if view.passkey {
        answer::passkey_page(status, html, &[&target])
    } else {
        answer::page(status, html, &[&target])
    };
    Ok(match retry {
        Some(seconds) => with_header(response, header::RETRY_AFTER, HeaderValue::from(seconds)),
        None => response,
    })
}

/// What the form asks for, and the upstreams beside it.
fn ways<'a>(upstreams: &'a Snapshot, shown: Shown<'_>, typed: &str) -> (Asks, Vec<&'a Arc<Upstream>>) {
    if shown.is_backup {
        return (Asks::NameAndPassword, Vec::new());
    }
    if let Some(only) = shown.who.and_then(|who| upstreams.always_for(&who.facts)) {
        return (Asks::Nothing, vec![only]);
    }
    let routes = upstreams
        .list()
        .iter()
        .any(|upstream| upstream.enabled && !upstream.domains.is_empty());
    let asks = if routes && typed.is_empty() {
        Asks::Name
    } else {
        Asks::NameAndPassword
    };
    (asks, upstreams.buttons().collect())
}

fn status(problem: Option<LoginProblem>) -> (StatusCode, Option<u64>) {
    match problem {
        Some(LoginProblem::Busy { seconds }) => (StatusCode::SERVICE_UNAVAILABLE, Some(seconds)),
        Some(LoginProblem::Throttled { seconds }) => (StatusCode::TOO_MANY_REQUESTS, Some(seconds)),
        Some(LoginProblem::Wrong | LoginProblem::Passkey | LoginProblem::PasskeyCopied) => {
            (StatusCode::UNAUTHORIZED, None)
        }
        Some(LoginProblem::AccountExpired | LoginProblem::AccountDeleted) => (StatusCode::FORBIDDEN, None),
        _ => (StatusCode::OK, None),
    }
}
