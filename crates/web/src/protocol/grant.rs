//! A stored grant as the rules see it.

use doorward_oidc::{ClaimsRequest, ScopeSet};
use doorward_provider::{Extent, GrantFacts};
use doorward_store::grants::Grant;

use crate::failure::Failure;

/// What the issuing path needs. `with_nonce` for the first tokens only (OpenID Connect Core §12.2).
pub(super) fn facts(grant: &Grant, with_nonce: bool) -> Result<GrantFacts, Failure> {
    let scope = ScopeSet::parse(&grant.scope).map_err(|refusal| refusal.to_string())?;
    let claims = match &grant.claims {
        Some(json) => serde_json::from_str::<ClaimsRequest>(json)?,
        None => ClaimsRequest::default(),
    };
    Ok(GrantFacts {
        id: grant.id,
        session_id: grant.session_id,
        scope,
        claims,
        auth_time: grant.auth_time.map_or(0, jiff::Timestamp::as_second),
        amr: grant.amr.clone(),
        acr: grant.acr.clone(),
        extent: match &grant.extent {
            Some(json) => serde_json::from_str::<Extent>(json)?,
            None => Extent::default(),
        },
        nonce: if with_nonce { grant.nonce.clone() } else { None },
    })
}
