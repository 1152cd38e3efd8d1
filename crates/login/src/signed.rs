//! Tokens that the provider signed: which key, which algorithm, and a second look at the key set when a key is new.

use std::sync::Arc;

use doorward_jose::{
    Algorithm, JoseError, Typ, UnknownMembers, VerificationPolicy, VerifiedJws, peek_unverified, verify,
};
use serde_json::Value;

use crate::error::shown;
use crate::provider::Known;
use crate::{Login, LoginError};

/// Longest token in bytes: room for a person in some hundred groups.
pub(crate) const MAX_BYTES: usize = 32 * 1024;
/// Header members in which a token brings its own key or says where one is. None is ever used (OpenID Connect Core §2).
const OWN_KEYS: &[&str] = &["jwk", "jku", "x5u", "x5c"];

/// One kind of token of the provider.
pub(crate) struct Kind {
    /// For messages: `ID token`, `userinfo`, `logout token`.
    pub(crate) name: &'static str,
    pub(crate) typ: Typ<'static>,
    /// The algorithms that this kind may have at this provider.
    pub(crate) algorithms: fn(&Known) -> &[Algorithm],
}

impl Kind {
    pub(crate) const ID_TOKEN: Self = Self {
        name: "ID token",
        typ: Typ::PLAIN,
        algorithms: |known| &known.id_token_algorithms,
    };
    pub(crate) const USERINFO: Self = Self {
        name: "userinfo",
        typ: Typ::PLAIN,
        algorithms: |known| &known.userinfo_algorithms,
    };

    pub(crate) fn refused(&self, error: JoseError) -> LoginError {
        LoginError::Token {
            token: self.name,
            error,
        }
    }
}

/// A token whose signature holds, and what was known when it did.
pub(crate) struct Signed {
    pub(crate) jws: VerifiedJws,
    pub(crate) known: Arc<Known>,
}

/// Verifies the signature with the provider's keys. They are fetched again once when the token names one that is not
/// known; a token that names none may be signed by one that replaced another without a word.
pub(crate) async fn verified(
    kind: &Kind,
    token: &str,
    login: &Login,
    known: &Arc<Known>,
) -> Result<Signed, LoginError> {
    let by = |jws, known: &Arc<Known>| Signed {
        jws,
        known: Arc::clone(known),
    };
    let error = match signed(kind, token, known) {
        Ok(jws) => return Ok(by(jws, known)),
        Err(error) => error,
    };
    if !may_be_a_new_key(&error, token) {
        return Err(explained(kind, token, known, error));
    }
    match login.provider().newer(login, known).await? {
        Some(newer) => match signed(kind, token, &newer) {
            Ok(jws) => Ok(by(jws, &newer)),
            Err(error) => Err(explained(kind, token, &newer, error)),
        },
        None => Err(explained(kind, token, known, error)),
    }
}

fn signed(kind: &Kind, token: &str, known: &Known) -> Result<VerifiedJws, JoseError> {
    let policy = VerificationPolicy::new(kind.typ, (kind.algorithms)(known))
        .with_max_bytes(MAX_BYTES)
        .with_unknown_members(UnknownMembers::Ignored);
    verify(token, &known.keys, &policy)
}

fn may_be_a_new_key(error: &JoseError, token: &str) -> bool {
    match error {
        JoseError::UnknownKey { .. } | JoseError::AmbiguousKey { .. } => true,
        JoseError::Signature { .. } => peek_unverified(token, MAX_BYTES).is_ok_and(|(header, _)| header.kid.is_none()),
        _ => false,
    }
}

/// The reason behind a key that was not found or a signature that does not hold, where there is one to be named.
fn explained(kind: &Kind, token: &str, known: &Known, error: JoseError) -> LoginError {
    if !matches!(
        error,
        JoseError::UnknownKey { .. } | JoseError::AmbiguousKey { .. } | JoseError::Signature { .. }
    ) {
        return kind.refused(error);
    }
    let Ok((header, _)) = peek_unverified(token, MAX_BYTES) else {
        return kind.refused(error);
    };
    if let Some(member) = OWN_KEYS.iter().find(|name| header.extra.contains_key(**name)) {
        return LoginError::OwnKey {
            token: kind.name,
            member,
        };
    }
    let skipped = known.keys.skipped().iter();
    let mut skipped = skipped.filter(|key| header.kid.is_some() && key.kid == header.kid);
    match skipped.next() {
        Some(key) if !matches!(error, JoseError::Signature { .. }) => LoginError::KeyUnusable {
            kid: shown(header.kid.as_deref().unwrap_or_default()),
            reason: key.reason.clone(),
        },
        _ => kind.refused(error),
    }
}

/// A key that the set reserves for one issuer signs for no other: Microsoft's set serves all tenants, and some keys only
/// one of them.
pub(crate) fn is_key_of_issuer(token: &Signed, issuer: &str) -> Result<(), LoginError> {
    let Signed { jws: token, known } = token;
    let tid = token.claims().get("tid").and_then(Value::as_str).unwrap_or_default();
    let kid = token.header().kid.as_deref().unwrap_or_default();
    match known.key_issuer(kid, tid) {
        Some(key_issuer) if key_issuer != issuer => Err(LoginError::KeyIssuer {
            expected: issuer.to_owned(),
            received: format!("`{}`", shown(&key_issuer)),
        }),
        _ => Ok(()),
    }
}
