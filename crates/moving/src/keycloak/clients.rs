//! Clients, as applications.
//!
//! Source: Keycloak's Server Administration Guide, "Managing OpenID Connect clients", and the attributes that an export holds.

use std::collections::HashMap;

use doorward_apps::{
    AppKind, Ciba, ClientAuthentication, Consent, Dpop, Edit, GrantEdit, KeysEdit, Lifetime, LogoutEdit, NewApp, Pkce,
    RequestsEdit, SenderEdit, TakenOverEdit, check_client_id,
};
use doorward_jose::{Algorithm, Secret};
use doorward_oidc::{RedirectUri, ScopeSet};
use url::Url;
use uuid::Uuid;

use super::{
    credentials::algorithm,
    export::{Client, Realm, flag, text},
    groups::{BUILT_IN, Structure},
    mappers::Reader,
    users::Known,
};
use crate::{Application, Kind, Outcome, Report};

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
/// A secret that is shorter can be guessed from what is compared with it, should that ever be stolen.
const SHORT_SECRET: usize = 22;

pub(super) fn read(realm: &Realm, structure: &Structure, known: &Known, report: &mut Report) -> Vec<Application> {
    let mut apps = Vec::new();
    let mut seen: HashMap<String, String> = HashMap::new();
    for client in &realm.clients {
        if BUILT_IN.contains(&client.client_id.as_str()) {
            continue;
        }
        if let Some(other) = seen.insert(client.client_id.to_lowercase(), client.client_id.clone()) {
            let what = format!(
                "the client id differs from {} in capitals only",
                crate::report::bounded(&other)
            );
            report.note(Outcome::Left, Kind::App, what, None, &client.client_id);
            continue;
        }
        if let Some(app) = application(realm, structure, known, client, report) {
            apps.push(app);
        }
    }
    apps
}

/// Collects the edits of one client.
struct Draft<'a> {
    client: &'a Client,
    edits: Vec<Edit>,
    report: &'a mut Report,
}

impl Draft<'_> {
    fn left(&mut self, what: &str, remedy: &str) {
        let remedy = Some(remedy).filter(|text| !text.is_empty());
        self.report
            .note(Outcome::Left, Kind::App, what, remedy, &self.client.client_id);
    }

    fn translated(&mut self, what: &str, remedy: &str) {
        let remedy = Some(remedy).filter(|text| !text.is_empty());
        self.report
            .note(Outcome::Translated, Kind::App, what, remedy, &self.client.client_id);
    }

    fn text(&self, name: &str) -> Option<String> {
        text(&self.client.attributes, name)
    }

    fn flag(&self, name: &str) -> bool {
        flag(&self.client.attributes, name)
    }
}

fn application(
    realm: &Realm,
    structure: &Structure,
    known: &Known,
    client: &Client,
    report: &mut Report,
) -> Option<Application> {
    let mut draft = Draft {
        client,
        edits: Vec::new(),
        report,
    };
    if !matches!(client.protocol.as_str(), "" | "openid-connect") {
        draft.left(
            "clients that speak SAML cannot come: it is not spoken here",
            "If it speaks OpenID Connect too: doorward app add",
        );
        return None;
    }
    if check_client_id(&client.client_id).is_err() {
        let remedy = "Give it a client id of up to 64 letters, digits, `-` and `_` there, in its own configuration too, and import \
                      again; or doorward app add";
        draft.left("the client id has characters that it cannot have here", remedy);
        return None;
    }
    if client.bearer_only {
        let what =
            "a client that only checks tokens (bearer-only) needs no registration: it can be the audience of others";
        draft.translated(
            what,
            "If it asks the introspection endpoint, it needs one: doorward app add generic URL",
        );
        return None;
    }
    let what = "it lets in the people of the realm, who are a group here, and nobody else";
    draft.translated(
        what,
        "Whoever comes later: doorward group edit, or doorward app allow NAME GROUP",
    );
    let mapped = Reader::new(realm, structure, known, client, draft.report).read();
    authentication(&mut draft);
    let redirects = redirect_uris(&mut draft);
    after_logout(&mut draft, &redirects);
    origins(&mut draft, &redirects);
    lifetimes(realm, &mut draft);
    algorithms(realm, &mut draft);
    grants(&mut draft);
    binding(&mut draft);
    logout(&mut draft, &redirects);
    draft.edits.push(Edit::ClaimRules(mapped.rules));
    draft.edits.extend(mapped.edits);
    let consent = if client.consent_required {
        Consent::Ask
    } else {
        Consent::Skip
    };
    draft.edits.push(Edit::Consent(consent));
    if client.enabled == Some(false) || client.standard_flow_enabled == Some(false) || mapped.is_pairwise {
        draft
            .edits
            .push(Edit::Disabled(client.enabled == Some(false) || mapped.is_pairwise));
    }
    let scopes = scopes(client);
    draft.edits.push(Edit::Scopes(scopes));
    let url = address(client, &redirects);
    if let Some(start) = start_url(client) {
        draft.edits.push(Edit::StartUrl(Some(start)));
    }
    let name: String = client
        .name
        .trim()
        .chars()
        .filter(|c| !c.is_control())
        .take(100)
        .collect();
    // `${client_account}` and the like are keys of translations.
    let name = Some(name).filter(|name| !name.is_empty() && !name.starts_with("${"));
    let secret = secret(&mut draft);
    let edits = draft.edits;
    Some(Application {
        id: Uuid::parse_str(&client.id).ok(),
        new: NewApp {
            preset: "generic".to_owned(),
            url,
            client_id: Some(client.client_id.clone()),
            name: Some(name.unwrap_or_else(|| client.client_id.clone())),
            edits,
            scope_maps: vec![(structure.everybody.clone(), None)],
        },
        secret,
    })
}

fn authentication(draft: &mut Draft<'_>) {
    let client = draft.client;
    if client.public_client {
        draft.edits.push(Edit::Kind(AppKind::Public));
        if draft.text("pkce.code.challenge.method").is_none() {
            let what = "a public client must send a code challenge (PKCE), which was not demanded there; its next login shows whether \
                        it does";
            draft.translated(what, "Most libraries have a switch for PKCE (S256).");
        }
        return;
    }
    match draft.text("pkce.code.challenge.method").as_deref() {
        Some("S256") => draft.edits.push(Edit::Pkce(Pkce::Required)),
        Some("plain") => {
            draft.edits.push(Edit::Pkce(Pkce::IfSent));
            let remedy = "Switch it to S256, then doorward app edit NAME --pkce required";
            draft.left("PKCE with the method `plain` is refused (RFC 9700 §2.1.1)", remedy);
        }
        _ => {
            draft.edits.push(Edit::Pkce(Pkce::IfSent));
            let what = "PKCE is not demanded, as before, which is weaker";
            draft.translated(
                what,
                "When its logins show a code challenge: doorward app edit NAME --pkce required",
            );
        }
    }
    match client.client_authenticator_type.as_str() {
        "" | "client-secret" => {}
        "client-jwt" => keys(draft),
        "client-x509" => draft.left(
            "it authenticates with a certificate; its name does not come, and it gets a secret",
            "doorward app edit NAME --certificate-name subject_dn=…",
        ),
        _ => draft.left(
            "it authenticates in a way that does not exist here; it gets a secret",
            "doorward app secret show NAME",
        ),
    }
}

fn keys(draft: &mut Draft<'_>) {
    if draft.flag("use.jwks.url")
        && let Some(uri) = draft.text("jwks.url")
    {
        draft.edits.push(Edit::Keys(KeysEdit::Uri(Some(uri))));
        return;
    }
    match draft.text("jwks.string") {
        Some(jwks) => draft.edits.push(Edit::Jwks(Some(jwks))),
        None => draft.left(
            "it authenticates with a key of which the export has a certificate only; it gets a secret until its keys are here",
            "doorward app edit NAME --jwks FILE",
        ),
    }
}

/// What can be registered; what holds a wildcard is kept apart.
fn redirect_uris(draft: &mut Draft<'_>) -> Vec<String> {
    let client = draft.client;
    let (mut good, mut patterns) = (Vec::new(), Vec::new());
    // Whoever could not log people in with a browser there cannot here.
    let is_off = client.standard_flow_enabled == Some(false);
    for uri in &client.redirect_uris {
        let uri = absolute(client, uri);
        if is_off || uri.contains('*') {
            patterns.push(uri);
        } else if let Err(refusal) = RedirectUri::register(&uri) {
            let what = format!(
                "a redirect URI cannot be registered: {}",
                refusal.detail.chars().take(200).collect::<String>()
            );
            draft.left(&what, refusal.remedy.as_deref().unwrap_or_default());
        } else {
            good.push(uri);
        }
    }
    draft.edits.push(Edit::RedirectUris(good.clone()));
    if !patterns.is_empty() {
        let what = "redirect URIs with a wildcard are not registered: any page that fits would get codes (RFC 9700 §4.1); they are \
                    kept as suggestions";
        let remedy = "doorward app show NAME lists them; doorward app pair NAME registers what it really sends at its next login";
        draft.left(what, remedy);
        patterns.retain(|pattern| !pattern.chars().any(char::is_control) && pattern.len() <= 2048);
        patterns.truncate(100);
        draft
            .edits
            .push(Edit::TakenOver(TakenOverEdit::RedirectSuggestions(patterns)));
    }
    good
}

/// A URI below the root URL when it begins with a slash.
fn absolute(client: &Client, uri: &str) -> String {
    if uri.starts_with('/') {
        format!("{}{uri}", client.root_url.trim_end_matches('/'))
    } else {
        uri.to_owned()
    }
}

fn after_logout(draft: &mut Draft<'_>, redirects: &[String]) {
    let Some(list) = draft.text("post.logout.redirect.uris") else {
        return;
    };
    let (mut good, mut is_pattern) = (Vec::new(), false);
    for uri in list.split("##") {
        match uri {
            "-" | "" => {}
            "+" => good.extend(redirects.iter().cloned()),
            other => {
                let uri = absolute(draft.client, other);
                if uri.contains('*') {
                    is_pattern = true;
                } else if RedirectUri::register(&uri).is_ok() {
                    good.push(uri);
                } else {
                    draft.left(
                        "a place where a logout ended cannot be registered",
                        "doorward app edit NAME --add-post-logout-redirect-uri URI",
                    );
                }
            }
        }
    }
    if is_pattern {
        draft.left(
            "places where a logout ended do not come with a wildcard",
            "doorward app edit NAME --add-post-logout-redirect-uri URI",
        );
    }
    draft.edits.push(Edit::PostLogoutRedirectUris(good));
}

fn origins(draft: &mut Draft<'_>, redirects: &[String]) {
    let mut origins: Vec<String> = Vec::new();
    for origin in &draft.client.web_origins.clone() {
        match origin.as_str() {
            "*" => draft.left(
                "pages of every origin could read its tokens (`*`), which does not come",
                "doorward app edit NAME --add-cors-origin https://…",
            ),
            "+" => origins.extend(redirects.iter().filter_map(|uri| origin_of(uri))),
            other => match origin_of(other) {
                Some(origin) => origins.push(origin),
                None => draft.left(
                    "an origin of its pages cannot be read",
                    "doorward app edit NAME --add-cors-origin https://…",
                ),
            },
        }
    }
    origins.sort();
    origins.dedup();
    if !origins.is_empty() {
        draft.edits.push(Edit::CorsOrigins(origins));
    }
}

fn origin_of(uri: &str) -> Option<String> {
    let url = Url::parse(uri).ok()?;
    let is_plain = matches!(url.scheme(), "http" | "https") && !uri.contains('*');
    is_plain.then(|| url.origin().ascii_serialization())
}

fn lifetimes(realm: &Realm, draft: &mut Draft<'_>) {
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

fn algorithms(realm: &Realm, draft: &mut Draft<'_>) {
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

fn grants(draft: &mut Draft<'_>) {
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

fn binding(draft: &mut Draft<'_>) {
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

fn logout(draft: &mut Draft<'_>, redirects: &[String]) {
    if let Some(uri) = draft.text("backchannel.logout.url") {
        let uri = absolute(draft.client, &uri);
        let fits = Url::parse(&uri).is_ok_and(|url| url.scheme() == "https" || !draft.client.public_client);
        if fits {
            draft.edits.push(Edit::Logout(LogoutEdit::BackchannelUri(Some(uri))));
        } else {
            draft.left(
                "where it takes logout tokens cannot come",
                "doorward app edit NAME --backchannel-logout-uri URI",
            );
        }
    }
    if draft.client.frontchannel_logout
        && let Some(uri) = draft.text("frontchannel.logout.url")
    {
        let uri = absolute(draft.client, &uri);
        let origin = origin_of(&uri);
        if origin.is_some() && redirects.iter().any(|redirect| origin_of(redirect) == origin) {
            draft.edits.push(Edit::Logout(LogoutEdit::FrontchannelUri(Some(uri))));
        } else {
            draft.left(
                "the page that ends its session in a frame is of another origin than its redirect URIs",
                "doorward app edit NAME --frontchannel-logout-uri URI",
            );
        }
    }
}

fn scopes(client: &Client) -> ScopeSet {
    let names = client
        .default_client_scopes
        .iter()
        .chain(&client.optional_client_scopes);
    let names = names.map(String::as_str).filter(|name| !NOT_OURS.contains(name));
    let mut all = vec!["openid"];
    all.extend(names.filter(|name| ScopeSet::parse(name).is_ok_and(|set| set.len() == 1)));
    ScopeSet::parse(&all.join(" ")).unwrap_or_default()
}

/// Where people open it: the root URL, the home URL, the origin of its first redirect URI.
fn address(client: &Client, redirects: &[String]) -> String {
    let bases = [client.root_url.clone(), client.base_url.clone()];
    let first = redirects.iter().find_map(|uri| origin_of(uri));
    let pattern = client
        .redirect_uris
        .iter()
        .find_map(|uri| origin_of(uri.trim_end_matches('*')));
    let mut all = bases.into_iter().chain(first).chain(pattern);
    all.find(|url| doorward_apps::AppUrl::parse(url).is_ok())
        .unwrap_or_else(|| "https://client.invalid".to_owned())
}

fn start_url(client: &Client) -> Option<String> {
    let start = absolute(client, &client.base_url);
    let fits = start.len() <= 2000 && Url::parse(&start).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    fits.then_some(start)
}

fn secret(draft: &mut Draft<'_>) -> Option<Secret<String>> {
    let client = draft.client;
    let uses_secret = !client.public_client
        && !draft.edits.iter().any(|edit| {
            matches!(
                edit,
                Edit::Jwks(Some(_))
                    | Edit::Keys(KeysEdit::Uri(Some(_)))
                    | Edit::Authentication(ClientAuthentication::PrivateKeyJwt)
            )
        });
    if !uses_secret {
        return None;
    }
    let secret = client.secret.clone().filter(|secret| {
        let text = secret.expose();
        !text.is_empty() && text.len() <= 256 && !text.chars().all(|c| c == '*')
    });
    match &secret {
        None => draft.left(
            "the export does not hold its secret; it gets a new one",
            "doorward app secret show NAME; or export with kc.sh export, which writes secrets",
        ),
        Some(secret) if secret.expose().len() < SHORT_SECRET => draft.translated(
            "its secret is short: it comes, and should be replaced",
            "doorward app secret rotate NAME --overlap 24h",
        ),
        Some(_) => {}
    }
    secret
}
