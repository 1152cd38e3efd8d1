//! Why a token or a key was refused.

/// Each refusal says what was expected and what came. None carries a token, a signature or key material.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JoseError {
    /// Longer than the policy reads.
    #[error("the token has {received} bytes, at most {allowed} are read")]
    TooLarge {
        /// Its length in bytes.
        received: usize,
        /// The policy's limit in bytes.
        allowed: usize,
    },
    /// Not three parts. Five parts is an encrypted token (JWE), which is said in the message.
    #[error("expected three parts separated by dots (a signed token), received {parts}{}",
        if *.parts == 5 { " (an encrypted token)" } else { "" })]
    Shape {
        /// How many parts came (counted up to six).
        parts: usize,
    },
    /// Not canonical base64url without padding.
    #[error("not canonical base64url without padding: first wrong character at position {position}")]
    Encoding {
        /// Position of the first offending character, counted from 0 within the part.
        position: usize,
    },
    /// Not JSON, or not a JSON object where one is needed, or nested too deeply.
    #[error("{what} is not acceptable JSON: {detail}")]
    Json {
        /// Which part: "header", "payload", "key set", "key".
        what: &'static str,
        /// What the parser said, without the content.
        detail: String,
    },
    /// A JSON object that names a member twice (RFC 7515 §4, RFC 7519 §4).
    #[error("the {what} names the member {member} twice")]
    DuplicateMember {
        /// Which part.
        what: &'static str,
        /// The member.
        member: String,
    },
    /// A header member of the wrong JSON type, or a required one missing.
    #[error("the header member \"{member}\" must be {expected}")]
    HeaderMember {
        /// The member.
        member: &'static str,
        /// What it must be.
        expected: &'static str,
    },
    /// A header member that the policy does not know.
    #[error("the header has the member {member}, which this kind of token may not carry")]
    UnknownHeaderMember {
        /// The member.
        member: String,
    },
    /// `crit` (RFC 7515 §4.1.11): we understand no extension, so its presence is fatal.
    #[error("the header marks extensions as critical (crit: {members}); none is supported")]
    CriticalExtension {
        /// What it lists.
        members: String,
    },
    /// `alg` is not on the policy's list.
    #[error("alg: expected {allowed}, received {received}")]
    AlgorithmNotAllowed {
        /// What the header says.
        received: String,
        /// What the policy allows.
        allowed: String,
    },
    /// `typ` is not what this kind of token has.
    #[error("typ: expected {expected}, received {received}")]
    TypeMismatch {
        /// What the policy allows.
        expected: String,
        /// What the header says.
        received: String,
    },
    /// No key of the set has the `kid` of the header, with a fitting algorithm. Fetching the set again may help.
    #[error("no {algorithm} key with kid {kid} in the key set; it has {known}")]
    UnknownKey {
        /// The header's `kid`.
        kid: String,
        /// The header's `alg`.
        algorithm: &'static str,
        /// What the set has.
        known: String,
    },
    /// The header has no `kid` and not exactly one key of the set fits.
    #[error("the header names no kid, and {fitting} {algorithm} keys of the set would fit (exactly one must)")]
    AmbiguousKey {
        /// The header's `alg`.
        algorithm: &'static str,
        /// How many keys fit.
        fitting: usize,
    },
    /// The signature does not belong to these bytes and this key.
    #[error("the {algorithm} signature does not verify")]
    Signature {
        /// The algorithm that was used.
        algorithm: &'static str,
    },
    /// A key type, curve or algorithm that we do not have.
    #[error("unsupported key: {detail}")]
    UnsupportedKey {
        /// Which.
        detail: String,
    },
    /// A key that says something impossible or too weak.
    #[error("invalid key: {detail}")]
    InvalidKey {
        /// What was expected and what came.
        detail: String,
    },
    /// Private or symmetric key material where a public key belongs.
    #[error("the key carries the private member \"{member}\": publish public keys only, and replace this one")]
    PrivateKey {
        /// The member.
        member: &'static str,
    },
    /// Two different keys of one set share `kid` and algorithm.
    #[error("two different {algorithm} keys have the kid {kid}")]
    ConflictingKeys {
        /// The shared `kid`.
        kid: String,
        /// The shared algorithm.
        algorithm: &'static str,
    },
    /// The library could not make or use a private key, or the payload could not be written as JSON.
    #[error("signing failed: {detail}")]
    Signing {
        /// What failed.
        detail: String,
    },
    /// `exp` is in the past.
    #[error("expired: exp is {exp}, the clock here says {now} ({} s later; {leeway} s are tolerated)", now.saturating_sub(*exp))]
    Expired {
        /// The claim.
        exp: i64,
        /// Our clock.
        now: i64,
        /// Tolerated difference.
        leeway: i64,
    },
    /// `nbf` is in the future.
    #[error("not yet valid: nbf is {nbf}, the clock here says {now} ({} s earlier; {leeway} s are tolerated)", nbf.saturating_sub(*now))]
    NotYetValid {
        /// The claim.
        nbf: i64,
        /// Our clock.
        now: i64,
        /// Tolerated difference.
        leeway: i64,
    },
    /// `iat` is in the future.
    #[error("issued in the future: iat is {iat}, the clock here says {now} ({} s earlier; {leeway} s are tolerated)", iat.saturating_sub(*now))]
    IssuedInFuture {
        /// The claim.
        iat: i64,
        /// Our clock.
        now: i64,
        /// Tolerated difference.
        leeway: i64,
    },
    /// `iat` is further back than the rules allow.
    #[error("too old: iat is {iat}, the clock here says {now}; at most {max_age} s are allowed")]
    TooOld {
        /// The claim.
        iat: i64,
        /// Our clock.
        now: i64,
        /// Allowed age in seconds.
        max_age: i64,
    },
    /// `exp` is further ahead than the rules allow.
    #[error("valid for too long: exp is {exp}, the clock here says {now}; at most {max_lifetime} s ahead are allowed")]
    LivesTooLong {
        /// The claim.
        exp: i64,
        /// Our clock.
        now: i64,
        /// Allowed distance in seconds.
        max_lifetime: i64,
    },
    /// A required claim is missing.
    #[error("the claim \"{claim}\" is missing")]
    ClaimMissing {
        /// The claim.
        claim: &'static str,
    },
    /// A claim of the wrong type.
    #[error("the claim \"{claim}\" must be {expected}, received {received}")]
    ClaimType {
        /// The claim.
        claim: &'static str,
        /// What it must be.
        expected: &'static str,
        /// The JSON type that came.
        received: &'static str,
    },
}

impl JoseError {
    /// A stable name for programs, documentation and traces.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "jose_too_large",
            Self::Shape { .. } => "jose_shape",
            Self::Encoding { .. } => "jose_encoding",
            Self::Json { .. } => "jose_json",
            Self::DuplicateMember { .. } => "jose_duplicate_member",
            Self::HeaderMember { .. } => "jose_header_member",
            Self::UnknownHeaderMember { .. } => "jose_unknown_header_member",
            Self::CriticalExtension { .. } => "jose_crit",
            Self::AlgorithmNotAllowed { .. } => "jose_alg",
            Self::TypeMismatch { .. } => "jose_typ",
            Self::UnknownKey { .. } => "jose_unknown_key",
            Self::AmbiguousKey { .. } => "jose_ambiguous_key",
            Self::Signature { .. } => "jose_signature",
            Self::UnsupportedKey { .. } => "jose_unsupported_key",
            Self::InvalidKey { .. } => "jose_invalid_key",
            Self::PrivateKey { .. } => "jose_private_key",
            Self::ConflictingKeys { .. } => "jose_conflicting_keys",
            Self::Signing { .. } => "jose_signing",
            Self::Expired { .. } => "jose_expired",
            Self::NotYetValid { .. } => "jose_not_yet_valid",
            Self::IssuedInFuture { .. } => "jose_issued_in_future",
            Self::TooOld { .. } => "jose_too_old",
            Self::LivesTooLong { .. } => "jose_lives_too_long",
            Self::ClaimMissing { .. } => "jose_claim_missing",
            Self::ClaimType { .. } => "jose_claim_type",
        }
    }
}

/// A foreign string for a message: quoted, escaped, and cut at 64 characters, so that it can neither forge a log
/// line nor fill one.
pub(crate) fn shown(text: &str) -> String {
    const LONGEST: usize = 64;
    let mut cut: String = text.chars().take(LONGEST).collect();
    if cut.len() < text.len() {
        cut.push('…');
    }
    format!("{cut:?}")
}
