//! The page of a login that cannot go on.

use axum::response::Response;
use doorward_apps::App;
use doorward_audit::Reference;
use doorward_directory::Right;
use doorward_oidc::{RedirectUri, Refusal};
use doorward_provider::authorize::redirect_uri::REDIRECT_URI_MISMATCH;
use http::StatusCode;

use super::flow::app_ref;
use crate::{
    Door, answer,
    pages::{self, Difference, Missing, NoAccess, Refused},
    session::LoggedIn,
    visit::Visit,
};

/// Whether this person may read an operator's detail: an administrator's session.
pub(crate) fn with_operator(who: Option<&LoggedIn>) -> bool {
    who.is_some_and(|who| who.facts.roles.iter().any(|role| role.brings(Right::ReadApps)))
}

/// The refusal as a page, with the reference of its trace. `received` is the request's redirect URI, to be compared with
/// the registered ones where those are the matter.
pub(crate) fn refused_page(
    door: &Door,
    visit: &Visit,
    refusal: &Refusal,
    app: Option<&App>,
    reference: Reference,
    who: Option<&LoggedIn>,
    received: Option<&str>,
) -> Response {
    let reference = reference.to_string();
    let chrome = visit.chrome(door, who.map(LoggedIn::viewer));
    let operator = with_operator(who);
    if let Some(app) = app
        && let Some(missing) = missing(refusal, app)
    {
        let groups: Vec<&str> = app.scope_maps.iter().map(|map| map.group.as_str()).collect();
        let view = NoAccess {
            app: app_ref(app),
            missing: if missing == Gap::Group && !groups.is_empty() {
                Missing::Groups(&groups)
            } else if missing == Gap::Disabled {
                Missing::Disabled
            } else {
                Missing::NobodyAllowed
            },
            reference: Some(&reference),
            remedy: refusal.remedy.as_deref().filter(|_| operator),
            switch_account: None,
            back: Some(app.url.as_str()),
        };
        return answer::page(StatusCode::FORBIDDEN, pages::no_access(&view, &chrome), &[]);
    }
    let compared = received
        .zip(app)
        .filter(|_| refusal.kind == &REDIRECT_URI_MISMATCH)
        .map(|(received, app)| (received, closest_first(app, received)));
    let view = Refused {
        refusal,
        app: app.map(app_ref),
        reference: Some(&reference),
        operator,
        difference: compared
            .as_ref()
            .map(|(received, registered)| Difference { received, registered }),
        retry: None,
        retry_with: None,
        back: app.map(|app| app.url.as_str()),
    };
    answer::page(StatusCode::BAD_REQUEST, pages::refused(&view, &chrome), &[])
}

fn closest_first<'a>(app: &'a App, received: &str) -> Vec<&'a str> {
    let closest = app.redirect_uris.closest(received).map(|(uri, _)| uri);
    let mut all: Vec<&RedirectUri> = app.redirect_uris.iter().collect();
    all.sort_by_key(|uri| Some(*uri) != closest);
    all.into_iter().map(RedirectUri::as_str).collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gap {
    Group,
    Disabled,
}

/// What is missing, when the refusal is about who may use the application.
fn missing(refusal: &Refusal, app: &App) -> Option<Gap> {
    if app.disabled {
        return Some(Gap::Disabled);
    }
    (refusal.kind == &doorward_apps::NO_SCOPE_MAP).then_some(Gap::Group)
}
