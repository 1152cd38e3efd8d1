//! The client secret is right (RFC 6749 §2.3.1): a keyed hash of a value with 256 bits, compared in constant time.

use doorward_apps::SecretMatch;
use doorward_oidc::{ClientAuthentication, Refusal, RefusalKind, Turn};

use super::{Attempt, Authenticated, PUBLIC};

/// The secret is wrong.
pub static CLIENT_SECRET_WRONG: RefusalKind = RefusalKind {
    code: "client_secret_wrong",
    oauth: "invalid_client",
    public: PUBLIC,
    meaning: "The secret is not one of the application's, or it was rotated away and its overlap has ended.",
    turn: Turn::Application,
};

pub(super) fn is_right(attempt: Attempt<'_>, authenticated: &mut Authenticated) -> Result<(), Refusal> {
    let best = match attempt.presented {
        ClientAuthentication::Basic(basic) => {
            let outcomes = basic
                .secrets()
                .map(|secret| (attempt.secret)(attempt.app, secret.expose()));
            outcomes.fold(SecretMatch::Wrong, better)
        }
        ClientAuthentication::Post { secret, .. } => (attempt.secret)(attempt.app, secret.expose()),
        ClientAuthentication::PrivateKeyJwt { .. } | ClientAuthentication::None { .. } => return Ok(()),
    };
    let client_id = &attempt.app.client_id;
    match best {
        SecretMatch::Current => Ok(()),
        SecretMatch::Previous => {
            authenticated.previous_secret = true;
            Ok(())
        }
        SecretMatch::Expired => Err(Refusal::response(
            &CLIENT_SECRET_WRONG,
            format!("{client_id} used a secret that was rotated away, and its overlap has ended"),
        )
        .with_remedy(format!(
            "in {}, enter the new secret: doorward app secret show {client_id}",
            attempt.app.name
        ))),
        SecretMatch::Wrong => Err(Refusal::response(
            &CLIENT_SECRET_WRONG,
            format!("{client_id} used a secret that is not its own"),
        )
        .with_remedy(format!(
            "in {}, enter the secret again: doorward app secret show {client_id}",
            attempt.app.name
        ))),
    }
}

/// Two readings of one Basic header: the better outcome counts.
fn better(one: SecretMatch, other: SecretMatch) -> SecretMatch {
    let rank = |outcome: SecretMatch| match outcome {
        SecretMatch::Current => 0,
        SecretMatch::Previous => 1,
        SecretMatch::Expired => 2,
        SecretMatch::Wrong => 3,
    };
    if rank(other) < rank(one) { other } else { one }
}
