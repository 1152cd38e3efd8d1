//! From what the API is told to what the service does.

use doorward_api as api;
use doorward_oidc::ScopeSet;
use doorward_upstreams::{Edit, Probing};
use serde::{Serialize, de::DeserializeOwned};

use crate::api::error::{ApiError, ApiResult};

/// Whether the upstream is asked first.
pub(super) fn probing(change: &api::UpstreamChange) -> Probing {
    if change.no_probe {
        Probing::Skipped
    } else {
        Probing::First
    }
}

/// A word of the API in the subject's own type; both write it alike.
pub(super) fn same_word<A: Serialize, B: DeserializeOwned>(word: A) -> ApiResult<B> {
    serde_json::to_value(word)
        .and_then(serde_json::from_value)
        .map_err(|error| ApiError::invalid(error.to_string()))
}

/// The edits of a change, in an order in which each can hold.
pub(super) fn edits(change: api::UpstreamChange) -> ApiResult<Vec<Edit>> {
    let mut edits = Vec::new();
    let mut push = |edit: Option<Edit>| edits.extend(edit);
    push(change.title.map(Edit::Title));
    push(change.button.map(Edit::Button));
    push(change.enabled.map(Edit::Enabled));
    push(change.tenants.map(Edit::Tenants));
    push(change.issuer.map(Edit::Issuer));
    push(change.client_id.map(Edit::ClientId));
    push(
        change
            .authentication
            .map(same_word)
            .transpose()?
            .map(Edit::Authentication),
    );
    push(match change.scopes {
        Some(scopes) => Some(Edit::Scopes(ScopeSet::parse(&scopes.join(" "))?)),
        None => None,
    });
    push(change.algorithms.map(same_word).transpose()?.map(Edit::Algorithms));
    for (name, value) in change.parameters {
        push(Some(Edit::Parameter(name, value)));
    }
    push(change.response_mode.map(same_word).transpose()?.map(Edit::ResponseMode));
    push(change.leeway_seconds.map(Edit::Leeway));
    push(change.userinfo.map(Edit::Userinfo));
    push(change.lookup.map(same_word).transpose()?.map(Edit::Lookup));
    push(change.lookup_url.map(Edit::LookupUrl));
    push(
        change
            .lookup_failure
            .map(same_word)
            .transpose()?
            .map(Edit::LookupFailure),
    );
    push(match change.rules {
        Some(rules) => Some(Edit::Rules(Box::new(
            serde_json::from_value(rules).map_err(|error| ApiError::invalid(format!("rules: {error}")))?,
        ))),
        None => None,
    });
    for there in change.unmap_groups {
        push(Some(Edit::MapGroup(there, None)));
    }
    for (there, here) in change.map_groups {
        for here in here {
            push(Some(Edit::MapGroup(there.clone(), Some(here))));
        }
    }
    push(change.create_users.map(Edit::CreateUsers));
    push(change.trusted_email.map(Edit::TrustedEmail));
    push(change.trusted_amr.map(Edit::TrustedAmr));
    push(change.link.map(same_word).transpose()?.map(Edit::Link));
    push(change.domains.map(Edit::Domains));
    push(change.groups.map(Edit::Groups));
    push(change.session_bound.map(Edit::SessionBound));
    push(
        change
            .ca_pem
            .map(|pem| Edit::Ca(Some(pem).filter(|pem| !pem.is_empty()))),
    );
    push(change.allow_private.map(Edit::AllowPrivate));
    push(change.timeout_seconds.map(Edit::Timeout));
    Ok(edits)
}
