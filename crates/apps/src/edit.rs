//! What an administrator can change about an application, one step at a time. Pure: a list of edits either gives a
//! consistent application or a refusal, never half of it.

use doorward_claims::Rule;
use doorward_jose::{Algorithm, JwkSet};
use doorward_oidc::{RedirectUri, RedirectUris, Refusal, ScopeSet, shown};

use crate::{
    App, AppKind, AppUrl, ClientAuthentication, Consent, GrantEdit, IssuerStyle, KeysEdit, Lifetime, Lifetimes,
    LogoutEdit, Pkce, RequestsEdit, SenderEdit, TakenOverEdit, UsernameForm, consistency, grant_settings, keys, logout,
    presets, refusals, taken_over, values,
};

/// One change of an application.
#[derive(Debug, Clone)]
pub enum Edit {
    /// The name that people read.
    Name(String),
    /// The base URL; redirect URIs stay as they are.
    Url(String),
    /// Where the start page's tile leads; `None` is the base URL.
    StartUrl(Option<String>),
    /// Confidential or public; a public client authenticates with nothing and must use PKCE.
    Kind(AppKind),
    /// How it authenticates.
    Authentication(ClientAuthentication),
    /// Its public keys as a JWK set in JSON. The first keys make a secret's method private_key_jwt; `None` returns to a secret.
    Jwks(Option<String>),
    /// Whether PKCE is demanded. [`Pkce::IfSent`] is what the command line calls `--weaken-pkce-if-sent`.
    Pkce(Pkce),
    /// What ID tokens are signed with.
    IdTokenAlgorithm(Algorithm),
    /// What access tokens are signed with.
    AccessTokenAlgorithm(Algorithm),
    /// What userinfo is signed with; `None` is plain JSON.
    UserinfoAlgorithm(Option<Algorithm>),
    /// All redirect URIs.
    RedirectUris(Vec<String>),
    /// One more redirect URI.
    AddRedirectUri(String),
    /// One redirect URI less.
    RemoveRedirectUri(String),
    /// All places where a logout may end.
    PostLogoutRedirectUris(Vec<String>),
    /// One more of them.
    AddPostLogoutRedirectUri(String),
    /// One of them less.
    RemovePostLogoutRedirectUri(String),
    /// Whether people are asked.
    Consent(Consent),
    /// The form of `preferred_username`.
    Usernames(UsernameForm),
    /// All origins whose browser code may call.
    CorsOrigins(Vec<String>),
    /// One more of them.
    AddCorsOrigin(String),
    /// One of them less.
    RemoveCorsOrigin(String),
    /// All audiences of access tokens besides the client id.
    Audiences(Vec<String>),
    /// One more of them.
    AddAudience(String),
    /// One of them less.
    RemoveAudience(String),
    /// Whether the client id itself is an audience of access tokens.
    ClientIdAudience(bool),
    /// One lifetime in seconds; `None` is the preset's.
    Lifetime(Lifetime, Option<i64>),
    /// What the application requests, and what a scope map without scopes of its own grants.
    Scopes(ScopeSet),
    /// All claim rules.
    ClaimRules(Vec<Rule>),
    /// A claim rule, in the place of those with the same path.
    PutClaimRule(Rule),
    /// The claim rules with this path, as it was written.
    RemoveClaimRule(String),
    /// Which issuer its tokens name.
    IssuerStyle(IssuerStyle),
    /// Whether it gets a refresh token without asking.
    ExpectsRefresh(bool),
    /// Whether it calls userinfo after each login.
    ExpectsUserinfo(bool),
    /// Whether it may log in as itself.
    ClientCredentials(bool),
    /// What its authorization requests may look like.
    Requests(Box<RequestsEdit>),
    /// What its tokens are bound to.
    Sender(SenderEdit),
    /// What follows from keys that it holds.
    Keys(KeysEdit),
    /// How it learns of a logout.
    Logout(LogoutEdit),
    /// A way to tokens besides a login in its own browser.
    Grants(GrantEdit),
    /// What stayed behind of an import.
    TakenOver(TakenOverEdit),
    /// Nobody logs in and nothing is issued while this is set.
    Disabled(bool),
}

/// Applies the edits in their order and checks that the result is consistent.
pub fn apply(app: &App, edits: &[Edit]) -> Result<App, Refusal> {
    let mut changed = app.clone();
    for edit in edits {
        step(&mut changed, edit)?;
    }
    consistency::check(&changed)?;
    Ok(changed)
}

fn step(app: &mut App, edit: &Edit) -> Result<(), Refusal> {
    match edit {
        Edit::Name(name) => app.name = values::display_name(name)?,
        Edit::Url(url) => AppUrl::parse(url)?.as_str().clone_into(&mut app.url),
        Edit::StartUrl(url) => app.start_url = url.as_deref().map(values::web_address).transpose()?,
        Edit::Kind(kind) => set_kind(app, *kind),
        Edit::Authentication(method) => app.authentication = *method,
        Edit::Jwks(json) => set_jwks(app, json.as_deref())?,
        Edit::Pkce(pkce) => app.pkce = *pkce,
        Edit::IdTokenAlgorithm(algorithm) => app.id_token_alg = *algorithm,
        Edit::AccessTokenAlgorithm(algorithm) => app.access_token_alg = *algorithm,
        Edit::UserinfoAlgorithm(algorithm) => app.userinfo_signed_alg = *algorithm,
        Edit::RedirectUris(uris) => app.redirect_uris = RedirectUris::register(uris.iter().map(String::as_str))?,
        Edit::AddRedirectUri(uri) => app.redirect_uris.insert(RedirectUri::register(uri)?),
        Edit::RemoveRedirectUri(uri) => {
            let known: Vec<&str> = app.redirect_uris.iter().map(RedirectUri::as_str).collect();
            let refusal = not_there(app, "redirect URI", uri, &known);
            if !app.redirect_uris.remove(uri) {
                return Err(refusal);
            }
        }
        Edit::PostLogoutRedirectUris(uris) => {
            app.post_logout_redirect_uris = RedirectUris::register(uris.iter().map(String::as_str))?;
        }
        Edit::AddPostLogoutRedirectUri(uri) => app.post_logout_redirect_uris.insert(RedirectUri::register(uri)?),
        Edit::RemovePostLogoutRedirectUri(uri) => {
            let known: Vec<&str> = app.post_logout_redirect_uris.iter().map(RedirectUri::as_str).collect();
            let refusal = not_there(app, "post-logout redirect URI", uri, &known);
            if !app.post_logout_redirect_uris.remove(uri) {
                return Err(refusal);
            }
        }
        Edit::Consent(consent) => app.consent = *consent,
        Edit::Usernames(form) => app.usernames = *form,
        Edit::CorsOrigins(origins) => {
            app.cors_origins = Vec::new();
            for origin in origins {
                add(&mut app.cors_origins, values::origin(origin)?);
            }
        }
        Edit::AddCorsOrigin(origin) => add(&mut app.cors_origins, values::origin(origin)?),
        Edit::RemoveCorsOrigin(origin) => {
            let list = std::mem::take(&mut app.cors_origins);
            app.cors_origins = without(app, "CORS origin", list, origin.trim_end_matches('/'))?;
        }
        Edit::Audiences(audiences) => {
            app.audiences.extra = Vec::new();
            for one in audiences {
                add(&mut app.audiences.extra, values::audience(one)?);
            }
        }
        Edit::AddAudience(one) => add(&mut app.audiences.extra, values::audience(one)?),
        Edit::RemoveAudience(one) => {
            let list = std::mem::take(&mut app.audiences.extra);
            app.audiences.extra = without(app, "audience", list, one)?;
        }
        Edit::ClientIdAudience(wanted) => app.audiences.client_id = *wanted,
        Edit::Lifetime(which, seconds) => {
            let usual = presets()
                .find(&app.preset)
                .map_or_else(Lifetimes::default, |preset| preset.lifetimes);
            app.lifetimes.set(*which, seconds.unwrap_or(usual.seconds(*which)))?;
        }
        Edit::Scopes(scopes) => app.scopes = scopes.clone(),
        Edit::ClaimRules(rules) => {
            app.claim_rules.clone_from(rules);
        }
        Edit::PutClaimRule(rule) => {
            app.claim_rules.retain(|other| other.claim() != rule.claim());
            app.claim_rules.push(rule.clone());
        }
        Edit::RemoveClaimRule(path) => {
            let before = app.claim_rules.len();
            let known: Vec<String> = app.claim_rules.iter().map(|rule| rule.claim().to_string()).collect();
            app.claim_rules.retain(|rule| rule.claim().to_string() != *path);
            if app.claim_rules.len() == before {
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                return Err(not_there(app, "claim rule", path, &known));
            }
        }
        Edit::IssuerStyle(style) => app.issuer_style = style.clone(),
        Edit::ExpectsRefresh(expects) => app.expects_refresh = *expects,
        Edit::ExpectsUserinfo(expects) => app.expects_userinfo = *expects,
        Edit::ClientCredentials(may) => app.client_credentials = *may,
        Edit::Requests(edit) => edit.apply(app)?,
        Edit::Sender(edit) => app.sender.step(edit)?,
        Edit::Keys(edit) => keys::step(app, edit)?,
        Edit::Logout(edit) => logout::step(&mut app.logout, edit)?,
        Edit::Grants(edit) => grant_settings::step(app, edit)?,
        Edit::TakenOver(edit) => taken_over::step(&mut app.taken_over, edit)?,
        Edit::Disabled(disabled) => app.disabled = *disabled,
    }
    Ok(())
}

fn set_kind(app: &mut App, kind: AppKind) {
    if app.kind == kind {
        return;
    }
    app.kind = kind;
    match kind {
        AppKind::Public => {
            app.authentication = ClientAuthentication::None;
            app.pkce = Pkce::Required;
            app.jwks = None;
            app.keys.uri = None;
            app.client_credentials = false;
        }
        AppKind::Confidential => app.authentication = ClientAuthentication::ClientSecret,
    }
}

fn set_jwks(app: &mut App, json: Option<&str>) -> Result<(), Refusal> {
    let Some(json) = json else {
        app.jwks = None;
        if app.keys.uri.is_none() {
            without_keys(app);
        }
        return Ok(());
    };
    let set = JwkSet::parse(json.as_bytes())
        .map_err(|error| values::invalid(format!("expected a JWK set in JSON: {error}")))?;
    if set.keys().is_empty() {
        let skipped: Vec<String> = set.skipped().iter().map(|key| format!("{key:?}")).collect();
        return Err(values::invalid(format!(
            "expected at least one public key for RS256, PS256, ES256 or EdDSA, found none {}",
            skipped.join("; ")
        )));
    }
    let had_keys = app.has_keys();
    app.jwks = Some(set);
    app.keys.uri = None;
    with_keys(app, had_keys);
    Ok(())
}

/// An application that has lost its keys returns to a secret.
pub(crate) fn without_keys(app: &mut App) {
    if matches!(
        app.authentication,
        ClientAuthentication::PrivateKeyJwt | ClientAuthentication::SelfSignedTlsClientAuth
    ) {
        app.authentication = ClientAuthentication::ClientSecret;
    }
}

/// The first keys choose the method.
pub(crate) fn with_keys(app: &mut App, had_keys: bool) {
    // Whoever proves itself by a certificate may have keys for signing requests, which do not open the door instead; nor do
    // new ones of an application that had keys and was told to keep its secret.
    let is_by_certificate = matches!(
        app.authentication,
        ClientAuthentication::TlsClientAuth | ClientAuthentication::SelfSignedTlsClientAuth
    );
    if !had_keys && !is_by_certificate {
        app.authentication = ClientAuthentication::PrivateKeyJwt;
    }
}

pub(crate) fn add(list: &mut Vec<String>, value: String) {
    if !list.contains(&value) {
        list.push(value);
    }
}

pub(crate) fn without(app: &App, what: &str, mut list: Vec<String>, value: &str) -> Result<Vec<String>, Refusal> {
    match list.iter().position(|other| other == value) {
        Some(index) => {
            list.remove(index);
            Ok(list)
        }
        None => Err(not_there(
            app,
            what,
            value,
            &list.iter().map(String::as_str).collect::<Vec<_>>(),
        )),
    }
}

fn not_there(app: &App, what: &str, value: &str, known: &[&str]) -> Refusal {
    let known = if known.is_empty() {
        "none".to_owned()
    } else {
        known.join(", ")
    };
    Refusal::response(
        &refusals::NOT_REGISTERED,
        format!("{} has no {what} `{}`; it has: {known}", app.client_id, shown(value)),
    )
}
