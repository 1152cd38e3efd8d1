//! Verification of compact JWS (RFC 7515 §5.2) under a policy.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::error::shown;
use crate::{Algorithm, Header, JoseError, JwkSet, base64url, strict_json};

/// What one kind of token may look like. A policy is per use (ID token, access token, client assertion, …): a token
/// made for one use must not pass where another is expected (RFC 8725 §3.11, §3.12).
#[derive(Debug, Clone, Copy)]
pub struct VerificationPolicy<'a> {
    /// Which `typ` values this kind of token has.
    pub typ: Typ<'a>,
    /// The only algorithms that are tried, whatever the header or the key says.
    pub algorithms: &'a [Algorithm],
    /// Longest token that is looked at, in bytes.
    pub max_bytes: usize,
    /// What happens to header members other than `alg`, `kid` and `typ`.
    pub unknown_members: UnknownMembers<'a>,
}

impl<'a> VerificationPolicy<'a> {
    /// The limit that [`VerificationPolicy::new`] sets: 16 KiB.
    pub const DEFAULT_MAX_BYTES: usize = 16 * 1024;

    /// A policy that refuses every other header member and tokens above 16 KiB.
    pub const fn new(typ: Typ<'a>, algorithms: &'a [Algorithm]) -> Self {
        Self {
            typ,
            algorithms,
            max_bytes: Self::DEFAULT_MAX_BYTES,
            unknown_members: UnknownMembers::RefusedExcept(&[]),
        }
    }

    /// The same policy for tokens up to `max_bytes`.
    pub const fn with_max_bytes(mut self, max_bytes: usize) -> Self {
        self.max_bytes = max_bytes;
        self
    }

    /// The same policy, letting header members pass that foreign software adds (`x5t`, …). They are never used as keys.
    pub const fn with_unknown_members(mut self, unknown_members: UnknownMembers<'a>) -> Self {
        self.unknown_members = unknown_members;
        self
    }
}

/// The `typ` values of a kind of token. Compared as RFC 7515 §4.1.9 says: without regard to case, and with an
/// `application/` prefix left out on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typ<'a> {
    /// One of these must be there, as with `at+jwt` (RFC 9068 §4).
    Required(&'a [&'a str]),
    /// One of these, or no `typ` at all, as with ID tokens.
    Optional(&'a [&'a str]),
}

impl Typ<'static> {
    /// `JWT` or nothing: tokens from before explicit typing, such as ID tokens.
    pub const PLAIN: Typ<'static> = Typ::Optional(&["JWT"]);
}

impl Typ<'_> {
    pub(crate) fn check(self, received: Option<&str>) -> Result<(), JoseError> {
        let (allowed, may_be_absent) = match self {
            Self::Required(allowed) => (allowed, false),
            Self::Optional(allowed) => (allowed, true),
        };
        let fits = received.map_or(may_be_absent, |received| {
            allowed
                .iter()
                .any(|one| media_type(one).eq_ignore_ascii_case(media_type(received)))
        });
        if fits {
            return Ok(());
        }
        let mut expected = allowed.join(" or ");
        if may_be_absent {
            expected.push_str(" or none");
        }
        Err(JoseError::TypeMismatch {
            expected,
            received: received.map_or_else(|| "none".to_owned(), shown),
        })
    }
}

fn media_type(typ: &str) -> &str {
    const PREFIX: &str = "application/";
    match typ.get(..PREFIX.len()) {
        Some(start) if start.eq_ignore_ascii_case(PREFIX) => typ.get(PREFIX.len()..).unwrap_or(typ),
        _ => typ,
    }
}

/// What happens to header members that are none of `alg`, `kid`, `typ`. `crit` and `b64` are fatal in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownMembers<'a> {
    /// Refused, except these.
    RefusedExcept(&'a [&'a str]),
    /// Kept in [`Header::extra`] and otherwise ignored, as RFC 7515 §4 says for what one does not understand: for
    /// tokens of foreign issuers, which add what they like.
    Ignored,
}

/// A token whose signature holds under its policy. Its claims are still claims: issuer, audience and time are the
/// caller's to check.
#[derive(Debug, Clone)]
pub struct VerifiedJws {
    header: Header,
    payload: Vec<u8>,
    claims: Map<String, Value>,
}

impl VerifiedJws {
    pub(crate) const fn new(header: Header, payload: Vec<u8>, claims: Map<String, Value>) -> Self {
        Self {
            header,
            payload,
            claims,
        }
    }

    /// The header that passed the policy.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The payload's bytes as they were signed.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The payload as a JSON object; no member is named twice at any level.
    pub const fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// The claims without the rest.
    pub fn into_claims(self) -> Map<String, Value> {
        self.claims
    }

    /// The payload as a type of the caller.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, JoseError> {
        serde_json::from_slice(&self.payload).map_err(|error| JoseError::Json {
            what: "payload",
            detail: format!("line {}, column {}", error.line(), error.column()),
        })
    }
}

/// Verifies a signed token whose payload is a JSON object (a JWT).
///
/// # Errors
/// The first rule that does not hold, cheap ones first; nothing of the payload is read before the signature holds.
pub fn verify(token: &str, keys: &JwkSet, policy: &VerificationPolicy<'_>) -> Result<VerifiedJws, JoseError> {
    let (header, payload) = verify_bytes(token, keys, policy)?;
    let claims = strict_json::parse_object(&payload, "payload")?;
    Ok(VerifiedJws::new(header, payload, claims))
}

/// Verifies a compact JWS with any payload; see [`verify`] for tokens.
pub fn verify_bytes(
    token: &str,
    keys: &JwkSet,
    policy: &VerificationPolicy<'_>,
) -> Result<(Header, Vec<u8>), JoseError> {
    let parts = Parts::split(token, policy.max_bytes)?;
    let header = Header::parse(&base64url::decode(parts.header)?, policy.algorithms)?;
    header.obeys(policy)?;
    let payload = base64url::decode(parts.payload)?;
    let signature = base64url::decode(parts.signature)?;
    keys.key_for(&header)?
        .verify(header.alg, parts.signed.as_bytes(), &signature)?;
    Ok((header, payload))
}

/// What a token says before anything about it is known to be true. Only for finding out whose token it claims to be
/// (the client of an assertion, the issuer of a logout token), so that the right keys can be chosen for [`verify`].
pub fn peek_unverified(token: &str, max_bytes: usize) -> Result<(Header, Map<String, Value>), JoseError> {
    let parts = Parts::split(token, max_bytes)?;
    let header = Header::parse(&base64url::decode(parts.header)?, Algorithm::ALL)?;
    let claims = strict_json::parse_object(&base64url::decode(parts.payload)?, "payload")?;
    Ok((header, claims))
}

pub(crate) struct Parts<'t> {
    pub(crate) signed: &'t str,
    pub(crate) header: &'t str,
    pub(crate) payload: &'t str,
    pub(crate) signature: &'t str,
}

impl<'t> Parts<'t> {
    pub(crate) fn split(token: &'t str, max_bytes: usize) -> Result<Self, JoseError> {
        if token.len() > max_bytes {
            return Err(JoseError::TooLarge {
                received: token.len(),
                allowed: max_bytes,
            });
        }
        let shape = || JoseError::Shape {
            parts: token.split('.').take(6).count(),
        };
        let (signed, signature) = token.rsplit_once('.').ok_or_else(shape)?;
        let (header, payload) = signed.split_once('.').ok_or_else(shape)?;
        if payload.contains('.') {
            return Err(shape());
        }
        Ok(Self {
            signed,
            header,
            payload,
            signature,
        })
    }
}
