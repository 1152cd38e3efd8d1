//! Which keys a request shows: a DPoP proof (RFC 9449), a client certificate (RFC 8705). What they are demanded for is said
//! by the provider's rules.

use axum::response::Response;
use doorward_apps::{App, Dpop};
use doorward_jose::{Algorithm, base64url, sha256};
use doorward_oidc::Refusal;
use doorward_provider::{
    Confirmation, Steps, certificate_missing,
    dpop::{self, ProofUse, nonce},
};
use doorward_store::{StoreError, Tx, replay};
use http::{HeaderName, HeaderValue};
use jiff::Timestamp;

use super::error::Trouble;
use crate::{Door, visit::Visit};

/// The header with the proof.
const DPOP: HeaderName = HeaderName::from_static("dpop");
/// The header with the nonce for the next one.
const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");
/// What nonces are hashed for, under the master key.
const PURPOSE: &str = "dpop nonce";
/// What proofs are claimed as.
const KIND: &str = "dpop";

/// What a request has shown.
#[derive(Debug, Clone, Default)]
pub(super) struct Shown {
    /// The keys.
    pub(super) confirmation: Confirmation,
    /// A proof counts once it was claimed.
    once: Option<ProofUse>,
}

/// Reads what a request of `app` to one of our endpoints shows. `access_token`: the one it came with, at a resource.
///
/// # Errors
/// A proof that does not hold, or none where the application has to send one and `is_demanded`.
pub(super) fn shown(
    door: &Door,
    visit: &Visit,
    app: Option<&App>,
    call: Call<'_>,
    steps: &mut Steps,
) -> Result<Shown, Trouble> {
    let x5t = certificate(visit, app, call)?;
    let demand = app.map_or(Dpop::Optional, |app| app.sender.dpop);
    let Some(proof) = proof_of(visit)? else {
        return match app {
            Some(app) if call.is_demanded && demand != Dpop::Optional => {
                let refusal = dpop::missing(&app.client_id);
                steps.refused("dpop.proof", &refusal);
                Err(refusal.into())
            }
            _ => Ok(Shown {
                confirmation: Confirmation { jkt: None, x5t },
                once: None,
            }),
        };
    };
    let is_mac = |bytes: &[u8], given: &[u8]| door.master.is_mac(PURPOSE, bytes, given);
    let presented = dpop::Presented {
        proof,
        method: call.method,
        server: &door.server,
        path: call.path,
        app,
        access_token: call.access_token,
        nonce_demanded: demand == Dpop::RequiredWithNonce,
        algorithms: app.map_or(Algorithm::ALL, App::client_algorithms),
        is_mac: &is_mac,
        now: visit.seconds(),
    };
    let proof = dpop::verify(presented, steps)?;
    Ok(Shown {
        confirmation: Confirmation {
            jkt: Some(proof.jkt),
            x5t,
        },
        once: Some(proof.once),
    })
}

/// The request that shows something.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    /// Its method.
    pub(super) method: &'a str,
    /// The path of the endpoint.
    pub(super) path: &'a str,
    /// The access token that it came with.
    pub(super) access_token: Option<&'a str>,
    /// Whether an application that has to send proofs has to send one here.
    pub(super) is_demanded: bool,
}

impl Shown {
    /// Claims the proof in a unit of work. The refusal when it was used before: the caller then gives nothing.
    pub(super) fn claim_once(&self, tx: &mut Tx<'_>, steps: &mut Steps) -> Result<Option<Refusal>, StoreError> {
        let Some(once) = &self.once else { return Ok(None) };
        let until = Timestamp::from_second(once.expires_at).unwrap_or(Timestamp::MAX);
        if replay::claim(tx, KIND, &once.key, until)? {
            return Ok(None);
        }
        let refusal = ProofUse::replayed();
        steps.refused("dpop.proof", &refusal);
        Ok(Some(refusal))
    }

    /// Claims the proof in a unit of work of its own, where no other is at hand.
    ///
    /// # Errors
    /// It was used before.
    pub(super) async fn claim_alone(&self, door: &Door, visit: &Visit, steps: &mut Steps) -> Result<(), Trouble> {
        if self.once.is_none() {
            return Ok(());
        }
        let mine = self.clone();
        let (found, refusal) = door
            .store
            .write::<_, StoreError>(visit.now, move |tx| {
                let mut steps = Steps::new();
                let refusal = mine.claim_once(tx, &mut steps)?;
                Ok((steps, refusal))
            })
            .await?;
        steps.extend(found);
        refusal.map_or(Ok(()), |refusal| Err(refusal.into()))
    }
}

/// The thumbprint of the certificate that came: at a resource whichever it is, because a token may be bound to it; where
/// tokens are asked for, that of an application whose tokens are to be bound to it.
fn certificate(visit: &Visit, app: Option<&App>, call: Call<'_>) -> Result<Option<String>, Trouble> {
    let thumbprint = || {
        let leaf = visit.certificate.as_ref()?.0.first()?;
        Some(base64url::encode(sha256(leaf)))
    };
    match app {
        _ if call.access_token.is_some() => Ok(thumbprint()),
        Some(app) if call.is_demanded && app.sender.certificate_bound => match thumbprint() {
            Some(thumbprint) => Ok(Some(thumbprint)),
            None => Err(certificate_missing(&app.client_id).into()),
        },
        _ => Ok(None),
    }
}

/// The one proof of a request (RFC 9449 §4.3: not more than one).
fn proof_of(visit: &Visit) -> Result<Option<&str>, Trouble> {
    let mut all = visit.headers.get_all(DPOP).iter();
    let Some(first) = all.next() else { return Ok(None) };
    if all.next().is_some() {
        return Err(dpop::invalid("expected one header DPoP, received several".to_owned()).into());
    }
    match first.to_str() {
        Ok(proof) => Ok(Some(proof)),
        Err(_) => Err(dpop::invalid("expected ASCII in the header DPoP".to_owned()).into()),
    }
}

/// The answer to a client that sends proofs carries the nonce for its next one (RFC 9449 §8.2).
pub(super) fn with_nonce(door: &Door, visit: &Visit, mut response: Response) -> Response {
    if visit.headers.contains_key(DPOP) {
        let mac = |bytes: &[u8]| door.master.mac(PURPOSE, bytes);
        if let Ok(value) = HeaderValue::try_from(nonce::current(&mac, visit.seconds())) {
            response.headers_mut().insert(DPOP_NONCE, value);
        }
    }
    response
}
