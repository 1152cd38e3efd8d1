//! What a client gets: grants, lifetimes, algorithms, scopes, and what its tokens are bound to.

use doorward_apps::{Ciba, Dpop, Edit, GrantEdit, Lifetime, RequestsEdit, SenderEdit};
use doorward_jose::Algorithm;
use doorward_oidc::ScopeSet;

use super::Draft;
use crate::keycloak::{
    credentials::algorithm,
    export::{Client, Realm},
};

/// Scopes of Keycloak that say nothing to an application, and the one that our rules replace.
const NOT_OURS: &[&str] = &[
    "acr",
    "basic",
    "groups",
    "microprofile-jwt",
    "organization",
    "role_list",
    "roles",
    "saml_organization",
    "service_account",
    "web-origins",
];

pub(super) fn lifetimes(realm: &Realm, draft: &mut Draft<'_>) {
    let seconds = |draft: &Draft<'_>, name: &str| draft.text(name).and_then(|text| text.parse::<i64>().ok());
    let access = seconds(draft, "access.token.lifespan").filter(|seconds| *seconds > 0);
    let access = access.unwrap_or(realm.access_token_lifespan);
    let idle = seconds(draft, "client.session.idle.timeout").filter(|seconds| *seconds > 0);
    let idle = idle.unwrap_or(realm.sso_session_idle_timeout);
    for (which, wanted) in [
        (Lifetime::AccessToken, access),
        (Lifetime::IdToken, access),
        (Lifetime::Code, realm.access_code_lifespan),
        (Lifetime::RefreshToken, idle),
    ] {
        if wanted <= 0 {
            continue;
        }
        let (least, most) = which.bounds();
        let fitting = wanted.clamp(least, most);
        draft.edits.push(Edit::Lifetime(which, Some(fitting)));
        if fitting != wanted {
            let what = format!(
                "the lifetime `{}` of {wanted} s becomes {fitting} s, the nearest here",
                which.name()
            );
            draft.translated(&what, "");
        }
    }
    draft.edits.push(Edit::ExpectsRefresh(
        draft.text("use.refresh.tokens").as_deref() != Some("false"),
    ));
}

pub(super) fn algorithms(realm: &Realm, draft: &mut Draft<'_>) {
    let usual = Some(realm.default_signature_algorithm.clone()).filter(|name| !name.is_empty());
    for (attribute, is_id_token) in [
        ("id.token.signed.response.alg", true),
        ("access.token.signed.response.alg", false),
    ] {
        let Some(name) = algorithm(&draft.client.attributes, attribute).or_else(|| usual.clone()) else {
            continue;
        };
        match Algorithm::from_name(&name) {
            Some(algorithm) if is_id_token => draft.edits.push(Edit::IdTokenAlgorithm(algorithm)),
            Some(algorithm) => draft.edits.push(Edit::AccessTokenAlgorithm(algorithm)),
            None => {
                let what = format!(
                    "tokens are signed with RS256 and not with {}, which is not spoken here",
                    crate::report::bounded(&name)
                );
                draft.translated(
                    &what,
                    "If it insists on an algorithm: doorward app edit NAME --id-token-alg ES256",
                );
            }
        }
    }
    if let Some(name) = algorithm(&draft.client.attributes, "user.info.response.signature.alg") {
        match Algorithm::from_name(&name) {
            Some(algorithm) => draft.edits.push(Edit::UserinfoAlgorithm(Some(algorithm))),
            None => draft.left("userinfo comes unsigned: its algorithm is not spoken here", ""),
        }
    }
    if ["id.token.encrypted.response.alg", "user.info.encrypted.response.alg"]
        .iter()
        .any(|name| algorithm(&draft.client.attributes, name).is_some())
    {
        draft.left(
            "its tokens were encrypted, and are not until its key is here",
            "doorward app edit NAME --encryption-key FILE --encrypt id_token",
        );
    }
}

pub(super) fn grants(draft: &mut Draft<'_>) {
    let client = draft.client;
    if client.service_accounts_enabled && !client.public_client {
        draft.edits.push(Edit::ClientCredentials(true));
    }
    if draft.flag("oauth2.device.authorization.grant.enabled") {
        draft.edits.push(Edit::Grants(GrantEdit::Device(true)));
    }
    if draft.flag("oidc.ciba.grant.enabled") && !client.public_client {
        draft.edits.push(Edit::Grants(GrantEdit::Ciba(Ciba::On)));
    }
    if draft.flag("standard.token.exchange.enabled") {
        draft.left(
            "it could exchange tokens; here a rule says which, for whom",
            "doorward app edit NAME --add-exchange delegate:FROM:AUDIENCE",
        );
    }
    if client.implicit_flow_enabled {
        draft.left(
            "the implicit flow is not spoken (RFC 9700 §2.1.2)",
            "Switch it to the code flow with PKCE.",
        );
    }
    if client.direct_access_grants_enabled {
        let what = "passwords cannot be sent to the token endpoint (RFC 9700 §2.4)";
        draft.left(
            what,
            "A program that needs tokens uses client credentials, a device login or a service account.",
        );
    }
    if client.authorization_services_enabled {
        draft.left("policies and permissions (UMA) cannot come", "");
    }
}

pub(super) fn binding(draft: &mut Draft<'_>) {
    if draft.flag("dpop.bound.access.tokens") {
        draft.edits.push(Edit::Sender(SenderEdit::Dpop(Dpop::Required)));
    }
    if draft.flag("tls.client.certificate.bound.access.tokens") {
        draft.edits.push(Edit::Sender(SenderEdit::CertificateBound(true)));
    }
    if draft.flag("require.pushed.authorization.requests") {
        draft.edits.push(Edit::Requests(Box::new(RequestsEdit {
            require_pushed: Some(true),
            ..RequestsEdit::default()
        })));
    }
}

pub(super) fn scopes(client: &Client) -> ScopeSet {
    let names = client
        .default_client_scopes
        .iter()
        .chain(&client.optional_client_scopes);
    let names = names.map(String::as_str).filter(|name| !NOT_OURS.contains(name));
    let mut all = vec!["openid"];
    all.extend(names.filter(|name| ScopeSet::parse(name).is_ok_and(|set| set.len() == 1)));
    ScopeSet::parse(&all.join(" ")).unwrap_or_default()
}
