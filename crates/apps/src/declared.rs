//! Applications as files say them. What a file says goes through the same edits as what an administrator types, so that the same
//! checks hold.

use doorward_oidc::{RedirectUri, RedirectUris, Refusal};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    AccessTokenAudiences, App, ClientAuthentication, Edit, GrantEdit, GrantSettings, KeySettings, KeysEdit, Lifetime,
    Lifetimes, ListChange, LogoutEdit, LogoutSettings, NewApp, RequestSettings, RequestsEdit, SenderEdit,
    SenderSettings, TakenOver, TakenOverEdit, apply, presets, values,
};

/// The application that a preset gives for an address: what a file that says nothing else means. For a preset that is not known
/// here, what no preset knows.
pub fn base(preset: &str, url: &str, client_id: &str) -> Result<App, Refusal> {
    let known = presets().find(preset);
    let new = NewApp {
        preset: known.map_or("generic", |preset| preset.id.as_str()).to_owned(),
        url: url.to_owned(),
        client_id: Some(client_id.to_owned()),
        ..NewApp::default()
    };
    let mut app = new.build(Uuid::nil(), Timestamp::UNIX_EPOCH)?;
    if known.is_none() {
        preset.clone_into(&mut app.preset);
    }
    Ok(app)
}

/// What a new application is, as a file says it: checked like one that is typed.
pub fn fresh(wanted: &App) -> Result<App, Refusal> {
    presets().require(&wanted.preset)?;
    declared(&base(&wanted.preset, &wanted.url, &wanted.client_id)?, wanted)
}

/// `before`, made what `wanted` says.
pub fn declared(before: &App, wanted: &App) -> Result<App, Refusal> {
    if wanted.jwks.is_some() && wanted.keys.uri.is_some() {
        return Err(values::invalid(
            "keys.uri: expected the keys themselves or their address, received both (RFC 7591 §2)",
        ));
    }
    apply(before, &edits(wanted)?)
}

/// Each setting as an edit, in an order in which none undoes another. Taken apart without a rest: a setting that is new does not
/// compile until it is here.
fn edits(wanted: &App) -> Result<Vec<Edit>, Refusal> {
    let App {
        id: _,
        client_id: _,
        created: _,
        changed: _,
        disabled,
        secrets: _,
        scope_maps: _,
        name,
        preset: _,
        url,
        start_url,
        redirect_uris,
        post_logout_redirect_uris,
        kind,
        authentication,
        jwks,
        pkce,
        id_token_alg,
        access_token_alg,
        userinfo_signed_alg,
        audiences: AccessTokenAudiences { client_id, extra },
        lifetimes:
            Lifetimes {
                code,
                id_token,
                access_token,
                refresh_token,
            },
        scopes,
        client_credentials,
        consent,
        usernames,
        claim_rules,
        cors_origins,
        expects_refresh,
        expects_userinfo,
        issuer_style,
        requests,
        sender,
        keys,
        logout,
        grants,
        taken_over: TakenOver { redirect_suggestions },
    } = wanted.clone();
    let KeySettings {
        uri,
        weaken_private_address,
        refresh_tokens,
    } = keys;
    let mut edits = vec![
        // Before everything that a profile switches on: what the file says of it counts.
        Edit::Requests(Box::new(RequestsEdit {
            profile: Some(requests.profile),
            ..RequestsEdit::default()
        })),
        Edit::Name(name),
        Edit::Url(url),
        Edit::StartUrl(start_url),
        Edit::Kind(kind),
        Edit::Keys(KeysEdit::Uri(None)),
        Edit::Jwks(None),
    ];
    match (jwks, uri) {
        (Some(jwks), _) => edits.push(Edit::Jwks(Some(json("jwks", &jwks)?))),
        (None, uri @ Some(_)) => edits.push(Edit::Keys(KeysEdit::Uri(uri))),
        (None, None) => {}
    }
    edits.extend([
        Edit::Keys(KeysEdit::WeakenPrivateAddress(weaken_private_address)),
        Edit::Keys(KeysEdit::RefreshTokens(refresh_tokens)),
        Edit::Authentication(authentication),
        Edit::Pkce(pkce),
        Edit::IdTokenAlgorithm(id_token_alg),
        Edit::AccessTokenAlgorithm(access_token_alg),
        Edit::UserinfoAlgorithm(userinfo_signed_alg),
        Edit::RedirectUris(uris(&redirect_uris)),
        Edit::PostLogoutRedirectUris(uris(&post_logout_redirect_uris)),
        Edit::Audiences(extra),
        Edit::ClientIdAudience(client_id),
        Edit::Lifetime(Lifetime::Code, Some(code)),
        Edit::Lifetime(Lifetime::IdToken, Some(id_token)),
        Edit::Lifetime(Lifetime::AccessToken, Some(access_token)),
        Edit::Lifetime(Lifetime::RefreshToken, Some(refresh_token)),
        Edit::Scopes(scopes),
        Edit::ClientCredentials(client_credentials),
        Edit::Consent(consent),
        Edit::Usernames(usernames),
        Edit::ClaimRules(claim_rules),
        Edit::CorsOrigins(cors_origins),
        Edit::ExpectsRefresh(expects_refresh),
        Edit::ExpectsUserinfo(expects_userinfo),
        Edit::IssuerStyle(issuer_style),
        Edit::Requests(Box::new(of_requests(requests))),
    ]);
    edits.extend(of_sender(sender)?.into_iter().map(Edit::Sender));
    edits.extend(of_logout(logout).into_iter().map(Edit::Logout));
    edits.extend(of_grants(grants).into_iter().map(Edit::Grants));
    edits.push(Edit::TakenOver(TakenOverEdit::RedirectSuggestions(
        redirect_suggestions,
    )));
    edits.push(Edit::Disabled(disabled));
    Ok(edits)
}

fn of_requests(settings: RequestSettings) -> RequestsEdit {
    let RequestSettings {
        profile: _,
        require_pushed,
        require_signed,
        require_signed_response,
        request_uris,
        resources,
        detail_types,
        initiate_login_uri,
    } = settings;
    let all = |list| ListChange {
        all: Some(list),
        ..ListChange::default()
    };
    RequestsEdit {
        profile: None,
        require_pushed: Some(require_pushed),
        require_signed: Some(require_signed),
        require_signed_response: Some(require_signed_response),
        request_uris: all(request_uris),
        resources: all(resources),
        detail_types: all(detail_types),
        initiate_login_uri: Some(initiate_login_uri),
    }
}

fn of_sender(settings: SenderSettings) -> Result<Vec<SenderEdit>, Refusal> {
    let SenderSettings {
        dpop,
        certificate_bound,
        certificate_name,
        encryption_key,
        content_encryption,
        encrypt,
        introspection_alg,
        pairwise_sector,
    } = settings;
    let key = encryption_key
        .map(|key| json("sender.encryption_key", &key))
        .transpose()?;
    Ok(vec![
        SenderEdit::Dpop(dpop),
        SenderEdit::CertificateBound(certificate_bound),
        SenderEdit::CertificateName(certificate_name.map(|name| name.to_string())),
        SenderEdit::EncryptionKey(key),
        SenderEdit::ContentEncryption(content_encryption),
        SenderEdit::Encrypt(encrypt),
        SenderEdit::IntrospectionAlgorithm(introspection_alg),
        SenderEdit::PairwiseSector(pairwise_sector),
    ])
}

fn of_logout(settings: LogoutSettings) -> Vec<LogoutEdit> {
    let LogoutSettings {
        backchannel_uri,
        frontchannel_uri,
        session_management,
        weaken_private_address,
    } = settings;
    vec![
        LogoutEdit::BackchannelUri(backchannel_uri),
        LogoutEdit::FrontchannelUri(frontchannel_uri),
        LogoutEdit::SessionManagement(session_management),
        LogoutEdit::WeakenPrivateAddress(weaken_private_address),
    ]
}

fn of_grants(settings: GrantSettings) -> Vec<GrantEdit> {
    let GrantSettings {
        device,
        ciba,
        jwt_bearer,
        exchange,
        // Not a setting: nobody vouches for such an application, whatever a file says.
        registered: _,
    } = settings;
    vec![
        GrantEdit::Device(device),
        GrantEdit::Ciba(ciba),
        GrantEdit::JwtBearer(jwt_bearer),
        GrantEdit::Exchange(exchange),
    ]
}

fn uris(set: &RedirectUris) -> Vec<String> {
    set.iter().map(RedirectUri::as_str).map(str::to_owned).collect()
}

fn json(setting: &str, value: &impl serde::Serialize) -> Result<String, Refusal> {
    serde_json::to_string(value).map_err(|error| values::invalid(format!("{setting}: {error}")))
}

/// Whether an application proves itself by a secret that a file may name.
pub fn takes_secret(app: &App) -> bool {
    app.authentication == ClientAuthentication::ClientSecret
}
