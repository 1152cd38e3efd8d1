//! An application fetches a token for itself (RFC 6749 §4.4): only a confidential one, only what it was given.

use doorward_apps::{App, AppKind};
use doorward_oidc::{Refusal, RefusalKind, Scope, ScopeSet, Turn};

use crate::Steps;

/// The application is not set up for it, or cannot keep a secret.
pub static CLIENT_CREDENTIALS_NOT_ALLOWED: RefusalKind = RefusalKind {
    code: "client_credentials_not_allowed",
    oauth: "unauthorized_client",
    public: "This application may not fetch tokens for itself.",
    meaning: "client_credentials is for confidential applications that an administrator allowed it \
              (RFC 6749 §4.4).",
    turn: Turn::Administrator,
};

/// Nothing of the requested scope is granted.
pub static SCOPE_NOT_GRANTED: RefusalKind = RefusalKind {
    code: "scope_not_granted",
    oauth: "invalid_scope",
    public: "None of the requested scopes is granted.",
    meaning: "Scopes that are not granted are left out; when nothing remains, that is an error (RFC 6749 §3.3, §5.2).",
    turn: Turn::Administrator,
};

/// What the application gets: the requested part of its scopes, or all of them when it names none. Scopes that speak of
/// a login (`openid`, `offline_access`) mean nothing here and are left out.
///
/// # Errors
/// [`CLIENT_CREDENTIALS_NOT_ALLOWED`], [`SCOPE_NOT_GRANTED`].
pub fn scope(app: &App, requested: Option<&ScopeSet>, steps: &mut Steps) -> Result<ScopeSet, Refusal> {
    steps.record(
        "token.client_credentials",
        may_fetch(app).and_then(|()| own_scope(app, requested)),
    )
}

fn may_fetch(app: &App) -> Result<(), Refusal> {
    if app.kind == AppKind::Public {
        let detail = format!("{} is a public client: anybody can claim to be it", app.client_id);
        return Err(Refusal::response(&CLIENT_CREDENTIALS_NOT_ALLOWED, detail));
    }
    if !app.client_credentials {
        let detail = format!("{} is not set up to log in as itself", app.client_id);
        return Err(Refusal::response(&CLIENT_CREDENTIALS_NOT_ALLOWED, detail)
            .with_remedy(format!("doorward app edit {} --client-credentials true", app.client_id)));
    }
    Ok(())
}

fn own_scope(app: &App, requested: Option<&ScopeSet>) -> Result<ScopeSet, Refusal> {
    let (own, _) = app
        .scopes
        .partition(|scope| scope != Scope::OPENID && scope != Scope::OFFLINE_ACCESS);
    let Some(requested) = requested.filter(|requested| !requested.is_empty()) else {
        return Ok(own);
    };
    let granted = requested.intersection(&own);
    if granted.is_empty() {
        let detail = format!("requested: {requested}; scopes of {}: {own}", app.client_id);
        return Err(Refusal::response(&SCOPE_NOT_GRANTED, detail));
    }
    Ok(granted)
}
