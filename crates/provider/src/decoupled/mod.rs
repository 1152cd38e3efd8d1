//! Requests that a person answers somewhere else than where they began: on a telephone for a device (RFC 8628), on the start
//! page for an application that named them (OpenID Connect CIBA in poll mode). The client asks the token endpoint until there is
//! an answer; what is then issued takes the same path as a code.

pub mod ciba;
pub mod user_code;

use doorward_apps::{App, Ciba};
use doorward_oidc::{ClaimsRequest, PromptSet, Refusal, RefusalKind, ResponseMode, Scope, ScopeSet, Turn};

use crate::authorize::{Accepted, ReplyTo};
use crate::{Extent, Steps};

/// How long a device's request lives, in seconds: long enough to find a telephone and log in there.
pub const DEVICE_LIFETIME: i64 = 900;
/// Seconds between two questions of a client.
pub const INTERVAL: i64 = 5;
/// Requests of one application to one person that wait, or that were denied or left alone in the last ten minutes, at the most
/// (CIBA): whoever is asked again and again says yes at last.
pub const MOST_IN_VAIN: i64 = 3;

/// The application is not set up for it.
pub static DEVICE_NOT_ALLOWED: RefusalKind = RefusalKind {
    code: "device_not_allowed",
    oauth: "unauthorized_client",
    public: "This application may not ask with a code for a device.",
    meaning: "The device grant is for applications that an administrator allowed it (RFC 8628 §5.4: a code can be handed to \
              somebody else, which no redirect URI prevents).",
    turn: Turn::Administrator,
};

/// Nobody has answered yet.
pub static AUTHORIZATION_PENDING: RefusalKind = RefusalKind {
    code: "authorization_pending",
    oauth: "authorization_pending",
    public: "The person has not answered yet.",
    meaning: "The client asks again after the interval that it was given (RFC 8628 §3.5, CIBA §11).",
    turn: Turn::Person,
};

/// The client asks too often.
pub static SLOW_DOWN: RefusalKind = RefusalKind {
    code: "slow_down",
    oauth: "slow_down",
    public: "The person has not answered yet, and the client asks too often: wait five seconds longer from now on.",
    meaning: "Each question before its time makes the interval five seconds longer (RFC 8628 §3.5, CIBA §11).",
    turn: Turn::Application,
};

/// The person said no.
pub static REQUEST_DENIED: RefusalKind = RefusalKind {
    code: "request_denied",
    oauth: "access_denied",
    public: "The person did not allow it.",
    meaning: "The person said no where they were asked (RFC 8628 §3.5, CIBA §11).",
    turn: Turn::Person,
};

/// Nobody answered in time.
pub static REQUEST_EXPIRED: RefusalKind = RefusalKind {
    code: "request_expired",
    oauth: "expired_token",
    public: "Nobody answered in time.",
    meaning: "A request that waits for a person has an end; the client begins again (RFC 8628 §3.5, CIBA §11).",
    turn: Turn::Person,
};

/// Not one of this client's requests.
pub static REQUEST_UNKNOWN: RefusalKind = RefusalKind {
    code: "request_unknown",
    oauth: "invalid_grant",
    public: "There is no such request of this client.",
    meaning: "A device code or auth_req_id works for the client that it was given to, and once (RFC 8628 §3.4, CIBA §10.1).",
    turn: Turn::Application,
};

/// Whether devices of this application may ask.
///
/// # Errors
/// [`DEVICE_NOT_ALLOWED`].
pub fn device_may_ask(app: &App, steps: &mut Steps) -> Result<(), Refusal> {
    let allowed = if app.grants.device {
        Ok(())
    } else {
        let detail = format!("{} is not set up for devices", app.client_id);
        Err(Refusal::response(&DEVICE_NOT_ALLOWED, detail)
            .with_remedy(format!("doorward app edit {} --device true", app.client_id)))
    };
    steps.record("device.allowed", allowed)
}

/// What a device asks for: what it names, or all that the application asks for but what outlives the person's session. Whoever
/// has the person type a code of their own gets nothing for a year without the page saying so.
pub fn device_scope(app: &App, requested: Option<ScopeSet>) -> ScopeSet {
    requested.unwrap_or_else(|| app.scopes.partition(|scope| scope != Scope::OFFLINE_ACCESS).0)
}

/// Whether the client may still fetch what it once might ask for.
///
/// # Errors
/// [`DEVICE_NOT_ALLOWED`], [`ciba::CIBA_NOT_ALLOWED`].
pub fn may_poll(app: &App, is_device: bool, steps: &mut Steps) -> Result<(), Refusal> {
    match (is_device, app.grants.ciba) {
        (true, _) => device_may_ask(app, steps),
        (false, Ciba::Off) => steps.record("ciba.allowed", Err(ciba::not_allowed(app))),
        (false, _) => Ok(()),
    }
}

/// A request of this kind as the rules of logins read it: they say whether this person may, how strongly they must have proved
/// who they are, and what is granted. Nothing of it is sent back through the browser.
pub fn as_login(app: &App, scope: ScopeSet, acr_values: Vec<String>) -> Accepted {
    Accepted {
        client_id: app.client_id.clone(),
        reply_to: ReplyTo {
            redirect_uri: String::new(),
            mode: ResponseMode::Query,
            signed: false,
            state: None,
            issuer: String::new(),
        },
        redirect_uri_sent: false,
        scope,
        nonce: None,
        code_challenge: None,
        prompt: PromptSet::default(),
        max_age: None,
        claims: ClaimsRequest::default(),
        login_hint: None,
        expected_subject: None,
        acr_values,
        ui_locales: Vec::new(),
        display: None,
        extent: Extent::default(),
        pushed: None,
        dpop_jkt: None,
    }
}

/// The refusal for a request that nobody knows, or that is another client's, or was fetched before.
pub fn unknown(detail: impl Into<String>) -> Refusal {
    Refusal::response(&REQUEST_UNKNOWN, detail).with_remedy("begin again in the application")
}

#[cfg(test)]
mod ciba_tests;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, scope};

    #[test]
    fn a_device_is_let_in_for_absence_only_if_it_says_so() {
        let mut app = testing::app();
        app.scopes = scope("openid profile offline_access");
        assert_eq!(device_scope(&app, None), scope("openid profile"));
        let named = scope("openid offline_access");
        assert_eq!(device_scope(&app, Some(named.clone())), named);
    }
}
