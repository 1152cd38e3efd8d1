//! Redeeming a code: it belongs to this client, to this redirect URI and to this PKCE verifier.

use doorward_apps::App;
use doorward_oidc::{CodeChallenge, CodeVerifier, Refusal, RefusalKind, Turn};
use uuid::Uuid;

use crate::text::shown;
use crate::{Confirmation, Steps, dpop};

/// What the store kept with a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeFacts {
    /// The application it was issued to.
    pub app_id: Uuid,
    /// The redirect URI of the authorization request, when the client sent one.
    pub redirect_uri: Option<String>,
    /// The code challenge, when the client sent one.
    pub code_challenge: Option<CodeChallenge>,
    /// The key that the authorization request named (RFC 9449 §10).
    pub dpop_jkt: Option<String>,
}

impl CodeFacts {
    /// From a stored row, where an absent redirect URI is an empty text.
    ///
    /// # Errors
    /// A stored challenge that is none: such a code cannot be redeemed, rather than be redeemed without PKCE.
    pub fn stored(
        app_id: Uuid,
        redirect_uri: String,
        code_challenge: Option<String>,
        dpop_jkt: Option<String>,
    ) -> Result<Self, Refusal> {
        Ok(Self {
            app_id,
            redirect_uri: Some(redirect_uri).filter(|uri| !uri.is_empty()),
            code_challenge: code_challenge
                .map(CodeChallenge::try_from)
                .transpose()
                .map_err(|_| unknown())?,
            dpop_jkt,
        })
    }
}

/// A code on its way through the checks.
#[derive(Debug, Clone, Copy)]
pub struct Redemption<'a> {
    /// The authenticated application.
    pub app: &'a App,
    /// What the store kept.
    pub code: &'a CodeFacts,
    /// `redirect_uri` of the token request.
    pub redirect_uri: Option<&'a str>,
    /// `code_verifier` of the token request.
    pub verifier: Option<&'a CodeVerifier>,
    /// What the token request has shown.
    pub shown: &'a Confirmation,
}

/// One check: its name in traces, and what it asks.
pub type Check = (&'static str, fn(Redemption<'_>) -> Result<(), Refusal>);

/// What must hold before a code becomes tokens (RFC 6749 §4.1.3, RFC 7636 §4.6, RFC 9700 §4.8.2, RFC 9449 §10).
pub const CHECKS: &[Check] = &[
    ("token.code_client", is_of_this_client),
    ("token.redirect_uri", redirect_uri_is_repeated),
    ("token.pkce", verifier_answers_challenge),
    ("token.dpop_key", key_is_the_announced_one),
];

/// Runs [`CHECKS`]. In the unit that takes the code a refusal ends its grant, since whoever presented it knows a code
/// that is not theirs, or has lost the verifier.
pub fn redeem(redemption: Redemption<'_>, steps: &mut Steps) -> Result<(), Refusal> {
    for (name, check) in CHECKS {
        steps.record(name, check(redemption))?;
    }
    Ok(())
}

fn is_of_this_client(redemption: Redemption<'_>) -> Result<(), Refusal> {
    if redemption.code.app_id == redemption.app.id {
        return Ok(());
    }
    let detail = format!(
        "{} presented a code that was issued to another application",
        redemption.app.client_id
    );
    Err(Refusal::response(&CODE_OF_ANOTHER_CLIENT, detail))
}

fn redirect_uri_is_repeated(redemption: Redemption<'_>) -> Result<(), Refusal> {
    let refuse =
        |detail: String| {
            Err(Refusal::response(&TOKEN_REDIRECT_URI_MISMATCH, detail).with_remedy(format!(
            "in {}, use one redirect URI for both requests (a proxy that hides https from it is the usual cause)",
            redemption.app.name
        )))
        };
    match (redemption.code.redirect_uri.as_deref(), redemption.redirect_uri) {
        (Some(expected), Some(received)) if expected == received => Ok(()),
        (Some(expected), Some(received)) => {
            let difference = doorward_oidc::Difference::between(expected, received);
            let difference = difference
                .map(|difference| format!(": {difference}"))
                .unwrap_or_default();
            refuse(format!(
                "expected {expected} as in the authorization request, received {}{difference}",
                shown(received)
            ))
        }
        (Some(expected), None) => refuse(format!(
            "expected {expected} as in the authorization request, received none"
        )),
        // It was not sent then, so the only registered one was used; naming that one now does no harm.
        (None, Some(received)) if redemption.app.redirect_uris.find(received).is_none() => refuse(format!(
            "expected none or the registered one, received {}",
            shown(received)
        )),
        (None, _) => Ok(()),
    }
}

fn verifier_answers_challenge(redemption: Redemption<'_>) -> Result<(), Refusal> {
    match (&redemption.code.code_challenge, redemption.verifier) {
        (None, None) => Ok(()),
        (Some(challenge), Some(verifier)) if challenge.is_answered_by(verifier) => Ok(()),
        (Some(_), Some(_)) => Err(Refusal::response(
            &PKCE_MISMATCH,
            "the SHA-256 of the code_verifier is not the code_challenge of the authorization request",
        )),
        (Some(_), None) => Err(Refusal::response(
            &PKCE_VERIFIER_MISSING,
            "the authorization request had a code_challenge, the token request has no code_verifier",
        )),
        (None, Some(_)) => Err(Refusal::response(
            &PKCE_UNEXPECTED,
            "the token request has a code_verifier, the authorization request had no code_challenge: somebody took it out",
        )),
    }
}

fn key_is_the_announced_one(redemption: Redemption<'_>) -> Result<(), Refusal> {
    let (announced, shown) = (redemption.code.dpop_jkt.as_deref(), redemption.shown.jkt.as_deref());
    match announced {
        Some(announced) if shown != Some(announced) => Err(dpop::other_key(announced, shown)),
        _ => Ok(()),
    }
}

/// The refusal for a code that the store does not know.
pub fn unknown() -> Refusal {
    Refusal::response(&CODE_UNKNOWN, "no such code; it is not ours, or it ended long ago")
        .with_remedy("log in again; in the application, check that its token endpoint is on this server")
}

/// The refusal for a code that came too late, after `lifetime` seconds.
pub fn expired(lifetime: i64) -> Refusal {
    Refusal::response(
        &CODE_EXPIRED,
        format!("the code was presented after its lifetime of {lifetime} s"),
    )
    .with_remedy("log in again; if it happens often, the application is slow to redeem, or waits for its user")
}

/// The refusal for a code that was redeemed before. The caller revokes its grant in the same unit of work.
pub fn replayed() -> Refusal {
    Refusal::response(
        &CODE_REPLAYED,
        "the code had been redeemed before; its grant and all tokens from it have ended",
    )
    .with_remedy("log in again; an application that redeems twice often reloads its callback page")
}

/// Issued to somebody else.
pub static CODE_OF_ANOTHER_CLIENT: RefusalKind = RefusalKind {
    code: "code_of_another_client",
    oauth: "invalid_grant",
    public: "The code is not valid for this application.",
    meaning: "A code is bound to the client it was issued to (RFC 6749 §4.1.3).",
    turn: Turn::Application,
};

/// Another redirect URI than before.
pub static TOKEN_REDIRECT_URI_MISMATCH: RefusalKind = RefusalKind {
    code: "token_redirect_uri_mismatch",
    oauth: "invalid_grant",
    public: "The redirect URI is not the one of the authorization request.",
    meaning: "A redirect URI that was sent with the authorization request must come again with the code, byte for byte \
              (RFC 6749 §4.1.3).",
    turn: Turn::Application,
};

/// The wrong verifier.
pub static PKCE_MISMATCH: RefusalKind = RefusalKind {
    code: "pkce_mismatch",
    oauth: "invalid_grant",
    public: "The code verifier does not fit the code challenge.",
    meaning: "Only whoever began the login can finish it (RFC 7636 §4.6). Two tabs that share one verifier are the usual \
              innocent cause.",
    turn: Turn::Application,
};

/// No verifier although there was a challenge.
pub static PKCE_VERIFIER_MISSING: RefusalKind = RefusalKind {
    code: "pkce_verifier_missing",
    oauth: "invalid_grant",
    public: "The code verifier is missing.",
    meaning: "A challenge that was sent is always verified, whatever the application's setting (RFC 7636 §4.6).",
    turn: Turn::Application,
};

/// A verifier although there was no challenge.
pub static PKCE_UNEXPECTED: RefusalKind = RefusalKind {
    code: "pkce_unexpected",
    oauth: "invalid_grant",
    public: "A code verifier came, but the login began without a code challenge.",
    meaning: "Somebody may have removed the challenge from the authorization request to be able to use the code \
              (RFC 9700 §4.8.2).",
    turn: Turn::Application,
};

/// Not a code of ours.
pub static CODE_UNKNOWN: RefusalKind = RefusalKind {
    code: "code_unknown",
    oauth: "invalid_grant",
    public: "The code is not valid.",
    meaning: "Codes are random and stored here; what is not stored was never issued or has ended (RFC 6749 §5.2).",
    turn: Turn::Application,
};

/// Too late.
pub static CODE_EXPIRED: RefusalKind = RefusalKind {
    code: "code_expired",
    oauth: "invalid_grant",
    public: "The code has expired.",
    meaning: "A code lives for seconds, long enough for the redirect (RFC 6749 §4.1.2).",
    turn: Turn::Application,
};

/// A second time.
pub static CODE_REPLAYED: RefusalKind = RefusalKind {
    code: "code_replayed",
    oauth: "invalid_grant",
    public: "The code has been used before.",
    meaning: "A code works once; a second use means that somebody else has it, so everything that came from it ends \
              (RFC 6749 §4.1.2, RFC 9700 §2.1.1).",
    turn: Turn::Application,
};
