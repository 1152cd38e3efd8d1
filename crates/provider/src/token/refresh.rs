//! Refreshing (RFC 6749 §6, RFC 9700 §4.14.2): the family belongs to this client, and the scope only ever narrows.

use doorward_apps::{App, ClientAuthentication};
use doorward_oidc::{Refusal, RefusalKind, Scope, ScopeSet, Turn};
use uuid::Uuid;

use super::SCOPE_NOT_GRANTED;
use crate::{Confirmation, Steps, dpop};

/// Whether a refresh token comes with the first tokens: `offline_access` was granted, or the application's preset says
/// that it expects one.
pub fn is_due(app: &App, scope: &ScopeSet) -> bool {
    app.expects_refresh || scope.contains(Scope::OFFLINE_ACCESS)
}

/// The refresh token was issued to this application.
///
/// # Errors
/// [`REFRESH_OF_ANOTHER_CLIENT`].
pub fn is_of_this_client(app: &App, grant_app_id: Uuid, steps: &mut Steps) -> Result<(), Refusal> {
    let result = if app.id == grant_app_id {
        Ok(())
    } else {
        let detail = format!(
            "{} presented a refresh token that was issued to another application",
            app.client_id
        );
        Err(Refusal::response(&REFRESH_OF_ANOTHER_CLIENT, detail))
    };
    steps.record("token.refresh_client", result)
}

/// What the refresh token of this application is bound to: a public client's to the keys that it has shown, because it has
/// nothing else to prove that the token is its own (RFC 9449 §5, RFC 8705 §4). Other clients prove who they are each time.
pub fn binding(app: &App, shown: &Confirmation) -> Confirmation {
    match app.authentication {
        ClientAuthentication::None => shown.clone(),
        _ => Confirmation::default(),
    }
}

/// The keys that the refresh token is bound to were shown.
///
/// # Errors
/// [`dpop::DPOP_KEY_MISMATCH`].
pub fn is_bound_to(bound: &Confirmation, shown: &Confirmation, steps: &mut Steps) -> Result<(), Refusal> {
    if bound.is_none() {
        return Ok(());
    }
    let result = if bound.is_met_by(shown) {
        Ok(())
    } else if let Some(jkt) = &bound.jkt {
        Err(dpop::other_key(jkt, shown.jkt.as_deref()))
    } else {
        let detail = "the refresh token is bound to a client certificate that was not presented";
        Err(Refusal::response(&dpop::DPOP_KEY_MISMATCH, detail))
    };
    steps.record("token.refresh_key", result)
}

/// The scope of the new tokens: what the request names of `current`, or all of it when it names none.
///
/// What was never granted is left out silently and not an error: several libraries repeat the scope of their
/// authorization request word for word, with what was ignored there (RFC 6749 §3.3 lets a server ignore, and says that
/// the answer names what was granted).
///
/// # Errors
/// [`SCOPE_NOT_GRANTED`] when nothing remains.
pub fn narrowed(current: &ScopeSet, requested: Option<&ScopeSet>, steps: &mut Steps) -> Result<ScopeSet, Refusal> {
    const CHECK: &str = "token.scope";
    let Some(requested) = requested else {
        return Ok(current.clone());
    };
    let (kept, left_out) = requested.partition(|scope| current.contains(scope));
    if kept.is_empty() && !requested.is_empty() {
        let refusal = Refusal::response(
            &SCOPE_NOT_GRANTED,
            format!("requested: {requested}; granted: {current}"),
        );
        steps.refused(CHECK, &refusal);
        return Err(refusal);
    }
    if requested.is_empty() {
        return Ok(current.clone());
    }
    steps.ok_with(CHECK, || {
        if left_out.is_empty() {
            format!("granted: {kept}")
        } else {
            format!("granted: {kept}; asked for and never granted: {left_out}")
        }
    });
    Ok(kept)
}

/// The refusal for a refresh token that the store does not know.
pub fn unknown() -> Refusal {
    Refusal::response(
        &REFRESH_UNKNOWN,
        "no such refresh token; it is not ours, or its family ended long ago",
    )
    .with_remedy("log in again")
}

/// The refusal for one that was not used for too long.
pub fn expired() -> Refusal {
    Refusal::response(&REFRESH_EXPIRED, "the refresh token was not used within its lifetime")
        .with_remedy("log in again")
}

/// The refusal for one that was rotated away. The caller revokes its grant in the same unit of work.
pub fn replayed() -> Refusal {
    Refusal::response(
        &REFRESH_REPLAYED,
        "a refresh token that had been replaced came again, after the grace for a lost answer; the grant has ended",
    )
    .with_remedy("log in again; several processes of the application that share one refresh token are the usual cause")
}

/// Issued to somebody else.
pub static REFRESH_OF_ANOTHER_CLIENT: RefusalKind = RefusalKind {
    code: "refresh_of_another_client",
    oauth: "invalid_grant",
    public: "The refresh token is not valid for this application.",
    meaning: "A refresh token is bound to the client it was issued to (RFC 6749 §6).",
    turn: Turn::Application,
};

/// Not one of ours.
pub static REFRESH_UNKNOWN: RefusalKind = RefusalKind {
    code: "refresh_unknown",
    oauth: "invalid_grant",
    public: "The refresh token is not valid.",
    meaning: "Refresh tokens are random and stored here; what is not stored was never issued or has ended (RFC 6749 §5.2).",
    turn: Turn::Application,
};

/// Not used for too long.
pub static REFRESH_EXPIRED: RefusalKind = RefusalKind {
    code: "refresh_expired",
    oauth: "invalid_grant",
    public: "The refresh token has expired; a new login is needed.",
    meaning: "A refresh token ends when it is not used for the application's lifetime of refresh tokens.",
    turn: Turn::Person,
};

/// One that was rotated away.
pub static REFRESH_REPLAYED: RefusalKind = RefusalKind {
    code: "refresh_replayed",
    oauth: "invalid_grant",
    public: "The refresh token has been used before; a new login is needed.",
    meaning: "Each use replaces the refresh token; an old one that comes again means that two parties have it, so the \
              family ends (RFC 9700 §4.14.2).",
    turn: Turn::Application,
};
