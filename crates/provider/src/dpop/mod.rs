//! DPoP: a signed proof beside a request that whoever sends it holds the key (RFC 9449 §4.3).

pub mod nonce;
#[cfg(test)]
mod tests;

use doorward_apps::App;
use doorward_jose::{Algorithm, base64url, constant_time_eq, sha256, verify_possession};
use doorward_oidc::{Refusal, RefusalKind, Turn};
use serde_json::{Map, Value};

pub use self::nonce::{IsMac, Mac};
use crate::text::shown;
use crate::{Server, Steps};

/// Longest proof in bytes: RSA keys of 8192 bits fit.
const MAX_BYTES: usize = 8 * 1024;
/// Longest `jti` in bytes.
const MAX_JTI: usize = 256;
/// How far in the past the client's `iat` may lie, in seconds, while no nonce says how fresh the proof is.
const FRESH: i64 = 60;
/// How far ahead the client's clock may be, in seconds.
const AHEAD: i64 = 30;
/// How far its clock may differ with a nonce of ours, in seconds.
const WITH_NONCE: i64 = 300;
/// How long a proof is remembered as used, in seconds: longer than the oldest that is accepted can be sent again.
const REMEMBERED: i64 = 2 * WITH_NONCE + 60;

/// No proof where one is demanded.
pub static DPOP_PROOF_MISSING: RefusalKind = RefusalKind {
    code: "dpop_proof_missing",
    oauth: "invalid_dpop_proof",
    public: "The request has no DPoP proof, which this application has to send.",
    meaning: "An application that is set up for bound tokens gets no others: without the demand, whoever removes the header \
              would have a token that anybody can use (RFC 9449 §5.2).",
    turn: Turn::Application,
};

/// The proof does not hold.
pub static DPOP_PROOF_INVALID: RefusalKind = RefusalKind {
    code: "dpop_proof_invalid",
    oauth: "invalid_dpop_proof",
    public: "The DPoP proof is not valid.",
    meaning: "A proof is a dpop+jwt signed with the key in its header, for this method, this address and this token, made \
              just now, with a jti (RFC 9449 §4.3).",
    turn: Turn::Application,
};

/// The proof came before.
pub static DPOP_PROOF_REPLAYED: RefusalKind = RefusalKind {
    code: "dpop_proof_replayed",
    oauth: "invalid_dpop_proof",
    public: "The DPoP proof has been used before.",
    meaning: "A proof works once, by its jti: whoever overhears one cannot send it again (RFC 9449 §11.1).",
    turn: Turn::Application,
};

/// A nonce of ours is wanted.
pub static DPOP_NONCE_WANTED: RefusalKind = RefusalKind {
    code: "dpop_nonce_wanted",
    oauth: "use_dpop_nonce",
    public: "The DPoP proof has to carry the nonce of this answer.",
    meaning: "A nonce shows that a proof was made just now and not in advance, whatever the client's clock says; the client \
              repeats its request with the one from the header DPoP-Nonce (RFC 9449 §8).",
    turn: Turn::Application,
};

/// Another key than before.
pub static DPOP_KEY_MISMATCH: RefusalKind = RefusalKind {
    code: "dpop_key_mismatch",
    oauth: "invalid_grant",
    public: "The DPoP proof was made with another key than the one that this code or refresh token is bound to.",
    meaning: "A code is bound to the key that the authorization request named, and the refresh token of a public client to \
              the key that it was issued to; whoever stole one has no use for it (RFC 9449 §5, §10).",
    turn: Turn::Application,
};

/// A proof as it came, and what it has to be about.
#[derive(Clone, Copy)]
pub struct Presented<'a> {
    /// The header `DPoP`.
    pub proof: &'a str,
    /// The method of the request.
    pub method: &'a str,
    /// Who we are: the proof names one of our addresses of the endpoint.
    pub server: &'a Server,
    /// The path of the endpoint that was called.
    pub path: &'a str,
    /// The application that called it, if one is known: the issuer that it has may be an earlier provider's.
    pub app: Option<&'a App>,
    /// The access token that came with it, at a protected resource.
    pub access_token: Option<&'a str>,
    /// Whether a proof without a nonce is refused.
    pub nonce_demanded: bool,
    /// What the key may sign with.
    pub algorithms: &'a [Algorithm],
    /// What tells our nonces.
    pub is_mac: IsMac<'a>,
    /// Seconds since the epoch.
    pub now: i64,
}

/// A proof that holds. It counts once its [`ProofUse`] was claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The thumbprint of the key (RFC 7638).
    pub jkt: String,
    /// What makes it single-use.
    pub once: ProofUse,
}

/// A proof that still has to be claimed as used for the first time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofUse {
    /// What to claim: key and `jti`.
    pub key: String,
    /// Until when to remember it, in seconds since the epoch.
    pub expires_at: i64,
}

impl ProofUse {
    /// The refusal when it has been claimed before.
    pub fn replayed() -> Refusal {
        Refusal::response(&DPOP_PROOF_REPLAYED, "a proof with this key and jti was used before")
            .with_remedy("in the application, make a new proof for each request, also when one is repeated")
    }
}

/// One check: what it asks of the claims.
type Check = fn(Presented<'_>, &Map<String, Value>) -> Result<(), Refusal>;

/// What must hold of a proof whose signature does (RFC 9449 §4.3, in its order).
const CHECKS: &[Check] = &[is_for_this_method, is_for_this_address, is_fresh, is_for_this_token];

/// Verifies a proof.
///
/// # Errors
/// [`DPOP_PROOF_INVALID`] or [`DPOP_NONCE_WANTED`].
pub fn verify(presented: Presented<'_>, steps: &mut Steps) -> Result<Proof, Refusal> {
    steps.record("dpop.proof", judge(presented))
}

fn judge(presented: Presented<'_>) -> Result<Proof, Refusal> {
    let (key, proof) = verify_possession(presented.proof, "dpop+jwt", presented.algorithms, MAX_BYTES)
        .map_err(|error| invalid(error.to_string()))?;
    let claims = proof.claims();
    for check in CHECKS {
        check(presented, claims)?;
    }
    let jti = text(claims, "jti")?;
    if jti.is_empty() || jti.len() > MAX_JTI {
        return Err(invalid(format!(
            "jti: expected 1 to {MAX_JTI} bytes, received {}",
            jti.len()
        )));
    }
    let jkt = key.thumbprint();
    Ok(Proof {
        once: ProofUse {
            key: format!("{jkt}:{jti}"),
            expires_at: presented.now.saturating_add(REMEMBERED),
        },
        jkt,
    })
}

fn is_for_this_method(presented: Presented<'_>, claims: &Map<String, Value>) -> Result<(), Refusal> {
    let htm = text(claims, "htm")?;
    if htm == presented.method {
        return Ok(());
    }
    Err(invalid(format!(
        "htm: expected {}, received {}",
        presented.method,
        shown(htm)
    )))
}

fn is_for_this_address(presented: Presented<'_>, claims: &Map<String, Value>) -> Result<(), Refusal> {
    let htu = text(claims, "htu")?;
    if presented.server.is_meant_for(presented.app, presented.path, htu) {
        return Ok(());
    }
    Err(invalid(format!(
        "htu: expected {}, received {}",
        presented.server.urls_for(presented.app, presented.path).join(" or "),
        shown(htu)
    ))
    .with_remedy("behind a proxy, the proof names the public address, not the one that the proxy calls"))
}

fn is_fresh(presented: Presented<'_>, claims: &Map<String, Value>) -> Result<(), Refusal> {
    let iat = claims
        .get("iat")
        .and_then(Value::as_f64)
        .ok_or_else(|| invalid("iat: expected a number, received none".to_owned()))?;
    #[expect(
        clippy::cast_precision_loss,
        reason = "seconds since the epoch are far below what a float holds exactly"
    )]
    let age = presented.now as f64 - iat;
    let within = |past: i64, ahead: i64| {
        #[expect(clippy::cast_precision_loss, reason = "a few hundred")]
        let (past, ahead) = (past as f64, ahead as f64);
        age <= past && age >= -ahead
    };
    match claims.get("nonce") {
        Some(Value::String(nonce)) if nonce::is_ours(presented.is_mac, nonce, presented.now) => {}
        Some(Value::String(_)) => return Err(nonce_wanted("the nonce is not ours, or too old")),
        Some(_) => return Err(invalid("nonce: expected a string".to_owned())),
        None if presented.nonce_demanded => return Err(nonce_wanted("the proof has no nonce, and one is demanded")),
        None if within(FRESH, AHEAD) => return Ok(()),
        // With a nonce such a clock would do: the client is given one.
        None if within(WITH_NONCE, WITH_NONCE) => {
            return Err(nonce_wanted(&format!(
                "iat is {age:.0} s before our clock, which needs a nonce"
            )));
        }
        None => {}
    }
    if within(WITH_NONCE, WITH_NONCE) {
        return Ok(());
    }
    Err(invalid(format!(
        "iat: expected at most {WITH_NONCE} s from our clock, which says {}; received {iat:.0}",
        presented.now
    ))
    .with_remedy("set the clock of the application's host"))
}

fn is_for_this_token(presented: Presented<'_>, claims: &Map<String, Value>) -> Result<(), Refusal> {
    let Some(token) = presented.access_token else {
        return Ok(());
    };
    let ath = text(claims, "ath")?;
    let expected = base64url::encode(sha256(token.as_bytes()));
    if constant_time_eq(ath.as_bytes(), expected.as_bytes()) {
        return Ok(());
    }
    Err(invalid("ath: the proof was made for another access token".to_owned()))
}

fn text<'c>(claims: &'c Map<String, Value>, name: &str) -> Result<&'c str, Refusal> {
    claims
        .get(name)
        .and_then(Value::as_str)
        .ok_or_else(|| invalid(format!("{name}: expected a string, received none")))
}

/// The refusal for a proof that does not hold.
pub fn invalid(detail: String) -> Refusal {
    Refusal::response(&DPOP_PROOF_INVALID, detail)
}

/// The refusal for a request without a proof.
pub fn missing(client_id: &str) -> Refusal {
    Refusal::response(
        &DPOP_PROOF_MISSING,
        format!("{client_id} is set up for tokens bound by DPoP, and the request has no header DPoP"),
    )
    .with_remedy(format!(
        "in the application, switch DPoP on; if it cannot: doorward app edit {client_id} --dpop optional"
    ))
}

/// The refusal for a code or refresh token that is bound to another key than `received`.
pub fn other_key(expected: &str, received: Option<&str>) -> Refusal {
    let received = received.map_or_else(
        || "no proof".to_owned(),
        |jkt| format!("a proof with the key {}", shown(jkt)),
    );
    Refusal::response(
        &DPOP_KEY_MISMATCH,
        format!("expected a proof with the key {}, received {received}", shown(expected)),
    )
}

fn nonce_wanted(detail: &str) -> Refusal {
    Refusal::response(&DPOP_NONCE_WANTED, detail)
}
