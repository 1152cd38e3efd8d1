//! What the API says about an application, as the edits of the applications' crate.

use doorward_api as api;
use doorward_apps::{
    AliasAddress, AppKind, ClientAuthentication, Consent, Edit, IssuerStyle, Lifetime, Pkce, TakenOverEdit,
    UsernameForm,
};
use doorward_claims::Rule;
use doorward_jose::Algorithm;
use doorward_oidc::Refusal;

use super::{grants, logout, no_edit, scopes};
use crate::api::error::ApiResult;

/// The edits in an order in which they make sense: what the application is before what depends on it, removals before
/// additions.
pub(super) fn edits(change: api::AppChange) -> ApiResult<Vec<Edit>> {
    let mut edits = Vec::new();
    edits.extend(change.name.map(Edit::Name));
    edits.extend(change.url.map(Edit::Url));
    edits.extend(nullable(change.start_url).map(Edit::StartUrl));
    edits.extend(change.kind.map(|kind| Edit::Kind(self::kind(kind))));
    // The keys first: they choose a method where none was chosen, and the one that is named counts.
    let keys = change.keys.unwrap_or_default();
    if matches!((&change.jwks, &keys.jwks_uri), (api::Edit::Set(_), api::Edit::Set(_))) {
        let both = "expected the keys themselves or their address, received both (RFC 7591 §2)";
        return Err(no_edit("keys.jwks_uri", &both));
    }
    edits.extend(super::keys::place(&keys));
    edits.extend(nullable(change.jwks).map(|keys| Edit::Jwks(keys.map(|keys| keys.to_string()))));
    edits.extend(
        change
            .authentication
            .map(|method| Edit::Authentication(authentication(method))),
    );
    edits.extend(change.pkce.map(|pkce| Edit::Pkce(self::pkce(pkce))));
    edits.extend(change.id_token_alg.map(|alg| Edit::IdTokenAlgorithm(algorithm(alg))));
    edits.extend(
        change
            .access_token_alg
            .map(|alg| Edit::AccessTokenAlgorithm(algorithm(alg))),
    );
    edits.extend(nullable(change.userinfo_signed_alg).map(|alg| Edit::UserinfoAlgorithm(alg.map(algorithm))));
    list(
        &mut edits,
        (
            change.redirect_uris,
            change.remove_redirect_uris,
            change.add_redirect_uris,
        ),
        (Edit::RedirectUris, Edit::RemoveRedirectUri, Edit::AddRedirectUri),
    );
    list(
        &mut edits,
        (
            change.post_logout_redirect_uris,
            change.remove_post_logout_redirect_uris,
            change.add_post_logout_redirect_uris,
        ),
        (
            Edit::PostLogoutRedirectUris,
            Edit::RemovePostLogoutRedirectUri,
            Edit::AddPostLogoutRedirectUri,
        ),
    );
    list(
        &mut edits,
        (change.audiences, change.remove_audiences, change.add_audiences),
        (Edit::Audiences, Edit::RemoveAudience, Edit::AddAudience),
    );
    list(
        &mut edits,
        (change.cors_origins, change.remove_cors_origins, change.add_cors_origins),
        (Edit::CorsOrigins, Edit::RemoveCorsOrigin, Edit::AddCorsOrigin),
    );
    edits.extend(change.audience_client_id.map(Edit::ClientIdAudience));
    edits.extend(change.lifetimes.into_iter().flat_map(lifetimes));
    edits.extend(change.scopes.as_deref().map(scopes).transpose()?.map(Edit::Scopes));
    edits.extend(change.client_credentials.map(Edit::ClientCredentials));
    edits.extend(change.consent.map(|consent| Edit::Consent(self::consent(consent))));
    edits.extend(change.usernames.map(|form| Edit::Usernames(usernames(form))));
    edits.extend(change.claims.map(rules).transpose()?.map(Edit::ClaimRules));
    edits.extend(change.remove_claims.into_iter().map(Edit::RemoveClaimRule));
    edits.extend(rules(change.add_claims)?.into_iter().map(Edit::PutClaimRule));
    edits.extend(change.expects_refresh.map(Edit::ExpectsRefresh));
    edits.extend(change.expects_userinfo.map(Edit::ExpectsUserinfo));
    edits.extend(
        change
            .issuer_style
            .map(issuer_style)
            .transpose()?
            .map(Edit::IssuerStyle),
    );
    edits.extend(change.sender.into_iter().flat_map(super::sender::edits));
    edits.extend(super::keys::edits(&keys));
    // After the keys, the proof and what tokens are bound to, which a profile asks for.
    edits.extend(change.requests.map(super::requests::edit).map(Edit::Requests));
    edits.extend(change.logout.into_iter().flat_map(logout::edits));
    edits.extend(change.grants.into_iter().flat_map(grants::edits));
    let suggestions = change.redirect_suggestions.map(TakenOverEdit::RedirectSuggestions);
    edits.extend(suggestions.map(Edit::TakenOver));
    edits.extend(change.disabled.map(Edit::Disabled));
    Ok(edits)
}

/// The three ways of changing a list, with the edits that carry them out.
fn list(edits: &mut Vec<Edit>, (all, removed, added): Lists, (replace, remove, add): ListEdits) {
    edits.extend(all.map(replace));
    edits.extend(removed.into_iter().map(remove));
    edits.extend(added.into_iter().map(add));
}

type Lists = (Option<Vec<String>>, Vec<String>, Vec<String>);
type ListEdits = (fn(Vec<String>) -> Edit, fn(String) -> Edit, fn(String) -> Edit);

/// The inner option is the setting's own: `None` clears it.
#[expect(clippy::option_option, reason = "that is how the edits say it")]
pub(super) fn nullable<T>(edit: api::Edit<T>) -> Option<Option<T>> {
    match edit {
        api::Edit::Keep => None,
        api::Edit::Clear => Some(None),
        api::Edit::Set(value) => Some(Some(value)),
    }
}

fn lifetimes(change: api::LifetimesChange) -> impl Iterator<Item = Edit> {
    [
        (Lifetime::Code, change.code),
        (Lifetime::IdToken, change.id_token),
        (Lifetime::AccessToken, change.access_token),
        (Lifetime::RefreshToken, change.refresh_token),
    ]
    .into_iter()
    .filter_map(|(which, edit)| nullable(edit).map(|seconds| Edit::Lifetime(which, seconds)))
}

/// The two forms of a rule are the same JSON; the claims' crate checks what it means.
fn rules(list: Vec<api::ClaimRule>) -> ApiResult<Vec<Rule>> {
    list.into_iter()
        .map(|rule| {
            let setting = format!("the claim {:?}", rule.claim);
            serde_json::to_value(rule)
                .and_then(serde_json::from_value)
                .map_err(|error| no_edit(&setting, &error))
        })
        .collect()
}

fn kind(kind: api::AppKind) -> AppKind {
    match kind {
        api::AppKind::Confidential => AppKind::Confidential,
        api::AppKind::Public => AppKind::Public,
    }
}

fn authentication(method: api::Authentication) -> ClientAuthentication {
    match method {
        api::Authentication::ClientSecret => ClientAuthentication::ClientSecret,
        api::Authentication::PrivateKeyJwt => ClientAuthentication::PrivateKeyJwt,
        api::Authentication::TlsClientAuth => ClientAuthentication::TlsClientAuth,
        api::Authentication::SelfSignedTlsClientAuth => ClientAuthentication::SelfSignedTlsClientAuth,
        api::Authentication::None => ClientAuthentication::None,
    }
}

fn pkce(pkce: api::Pkce) -> Pkce {
    match pkce {
        api::Pkce::Required => Pkce::Required,
        api::Pkce::WeakenIfSent => Pkce::IfSent,
    }
}

pub(super) fn algorithm(alg: api::SigningAlg) -> Algorithm {
    match alg {
        api::SigningAlg::RS256 => Algorithm::RS256,
        api::SigningAlg::PS256 => Algorithm::PS256,
        api::SigningAlg::ES256 => Algorithm::ES256,
        api::SigningAlg::EdDSA => Algorithm::EdDSA,
    }
}

fn consent(consent: api::Consent) -> Consent {
    match consent {
        api::Consent::Ask => Consent::Ask,
        api::Consent::Skip => Consent::Skip,
    }
}

fn usernames(form: api::Usernames) -> UsernameForm {
    match form {
        api::Usernames::Short => UsernameForm::Short,
        api::Usernames::Full => UsernameForm::Full,
    }
}

fn issuer_style(style: api::IssuerStyle) -> Result<IssuerStyle, Refusal> {
    Ok(match style {
        api::IssuerStyle::Server => IssuerStyle::Server,
        api::IssuerStyle::Own => IssuerStyle::Own,
        api::IssuerStyle::Alias(address) => IssuerStyle::Alias(AliasAddress::parse(&address)?),
    })
}
