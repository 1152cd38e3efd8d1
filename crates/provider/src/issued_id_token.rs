//! An ID token of ours that comes back as a hint: at authorization and at logout (OpenID Connect Core §3.1.2.1,
//! RP-Initiated Logout §2). Its age does not matter; that we signed it does.

use doorward_apps::App;
use doorward_jose::{Algorithm, JoseError, Typ, VerificationPolicy, verify as verify_jws};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{KeyRing, Server};

/// What a hint tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IssuedIdToken {
    /// The application that it was issued to.
    pub(crate) client_id: String,
    /// Who it speaks of.
    pub(crate) subject: String,
    /// The session that it comes from.
    pub(crate) session_id: Option<Uuid>,
}

const POLICY: VerificationPolicy<'static> = VerificationPolicy::new(Typ::PLAIN, Algorithm::ALL);

/// Why a hint is none. Each holds the operator's detail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NoHint {
    /// Signed by a key that is not published: perhaps one of ours that has been rotated away since. It proves nothing, and
    /// is no reason to turn a person away whose application has kept it for too long.
    UnknownKey(String),
    /// Not an ID token of ours.
    Invalid(String),
}

impl NoHint {
    pub(crate) fn detail(self) -> String {
        match self {
            Self::UnknownKey(detail) | Self::Invalid(detail) => detail,
        }
    }
}

/// Verifies signature, issuer and shape, and nothing about time.
///
/// `find` is the snapshot's lookup by client id: the application may have the issuer of an earlier provider.
pub(crate) fn verify<'a>(
    token: &str,
    server: &Server,
    keys: &KeyRing,
    find: impl FnOnce(&str) -> Option<&'a App>,
) -> Result<IssuedIdToken, NoHint> {
    let verified = verify_jws(token, keys.verification(), &POLICY).map_err(|error| match error {
        JoseError::UnknownKey { .. } => NoHint::UnknownKey(error.to_string()),
        _ => NoHint::Invalid(error.to_string()),
    })?;
    read(verified.claims(), server, find).map_err(NoHint::Invalid)
}

fn read<'a>(
    claims: &Map<String, Value>,
    server: &Server,
    find: impl FnOnce(&str) -> Option<&'a App>,
) -> Result<IssuedIdToken, String> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let issuer = text("iss").ok_or("the hint has no issuer")?;
    if !server.is_issuer_of(issuer, text("aud").and_then(find)) {
        return Err(format!(
            "the hint's issuer is {}, expected one of ours",
            crate::text::shown(issuer)
        ));
    }
    // Signed userinfo has issuer, audience and subject too, but never ends.
    if !claims.contains_key("exp") {
        return Err("the hint is no ID token: it has no exp".to_owned());
    }
    Ok(IssuedIdToken {
        client_id: text("aud").ok_or("the hint has no single audience")?.to_owned(),
        subject: text("sub").ok_or("the hint has no subject")?.to_owned(),
        session_id: text("sid").and_then(|sid| Uuid::parse_str(sid).ok()),
    })
}
