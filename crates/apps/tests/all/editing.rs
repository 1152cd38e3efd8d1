//! Edits: each one changes what it says, and a list of them is all or nothing.

use doorward_apps::{
    App, AppKind, ClientAuthentication, Consent, Edit, IssuerStyle, Lifetime, Pkce, UsernameForm, apply,
};
use doorward_jose::{Algorithm, SigningKey};
use doorward_oidc::{Refusal, ScopeSet};
use doorward_store::testing::START;

use crate::fixture::{built, by, later, on_both_engines};

fn edited(edits: &[Edit]) -> App {
    apply(&built("generic"), edits).unwrap()
}

fn refusal(edits: &[Edit]) -> Refusal {
    apply(&built("generic"), edits).unwrap_err()
}

fn text(value: &str) -> String {
    value.to_owned()
}

fn jwks() -> String {
    let key = SigningKey::generate(Algorithm::ES256).unwrap().key;
    serde_json::json!({"keys": [key.public_jwk()]}).to_string()
}

#[test]
fn every_setting_can_be_edited() {
    let app = edited(&[
        Edit::Name(text(" Wiki ")),
        Edit::Url(text("https://WIKI.example.com/")),
        Edit::StartUrl(Some(text("https://wiki.example.com/start?x=1"))),
        Edit::Pkce(Pkce::IfSent),
        Edit::IdTokenAlgorithm(Algorithm::ES256),
        Edit::AccessTokenAlgorithm(Algorithm::EdDSA),
        Edit::UserinfoAlgorithm(Some(Algorithm::PS256)),
        Edit::RedirectUris(vec![
            text("https://wiki.example.com/a"),
            text("https://wiki.example.com/a/"),
        ]),
        Edit::AddRedirectUri(text("https://wiki.example.com/b")),
        Edit::RemoveRedirectUri(text("https://wiki.example.com/a")),
        Edit::PostLogoutRedirectUris(vec![]),
        Edit::AddPostLogoutRedirectUri(text("https://wiki.example.com/bye")),
        Edit::Consent(Consent::Skip),
        Edit::Usernames(UsernameForm::Full),
        Edit::CorsOrigins(vec![
            text("https://WIKI.example.com/"),
            text("https://b.example.com:8443"),
        ]),
        Edit::RemoveCorsOrigin(text("https://b.example.com:8443/")),
        Edit::Audiences(vec![text("https://api.example.com/"), text("urn:x")]),
        Edit::RemoveAudience(text("urn:x")),
        Edit::ClientIdAudience(false),
        Edit::Lifetime(Lifetime::Code, Some(30)),
        Edit::Lifetime(Lifetime::AccessToken, Some(600)),
        Edit::Lifetime(Lifetime::AccessToken, None),
        Edit::Scopes(ScopeSet::parse("openid wiki:read").unwrap()),
        Edit::IssuerStyle(IssuerStyle::Own),
        Edit::ExpectsRefresh(true),
        Edit::ExpectsUserinfo(true),
        Edit::ClientCredentials(true),
        Edit::Disabled(true),
    ]);
    assert_eq!(app.name, "Wiki");
    assert_eq!(app.url, "https://wiki.example.com");
    assert_eq!(app.start_url.as_deref(), Some("https://wiki.example.com/start?x=1"));
    assert_eq!(app.pkce, Pkce::IfSent);
    assert_eq!(app.id_token_alg, Algorithm::ES256);
    assert_eq!(app.access_token_alg, Algorithm::EdDSA);
    assert_eq!(app.userinfo_signed_alg, Some(Algorithm::PS256));
    let uris: Vec<&str> = app
        .redirect_uris
        .iter()
        .map(doorward_oidc::RedirectUri::as_str)
        .collect();
    assert_eq!(uris, ["https://wiki.example.com/a/", "https://wiki.example.com/b"]);
    assert_eq!(app.post_logout_redirect_uris.len(), 1);
    assert_eq!(app.consent, Consent::Skip);
    assert_eq!(app.usernames, UsernameForm::Full);
    assert_eq!(app.cors_origins, ["https://wiki.example.com"]);
    assert_eq!(app.audiences.extra, ["https://api.example.com/"]);
    assert!(!app.audiences.client_id);
    assert_eq!((app.lifetimes.code, app.lifetimes.access_token), (30, 900));
    assert_eq!(app.scopes.to_string(), "openid wiki:read");
    assert_eq!(app.issuer_style, IssuerStyle::Own);
    assert!(app.expects_refresh && app.expects_userinfo && app.client_credentials && app.disabled);
}

#[test]
fn a_wildcard_a_fragment_and_plain_http_are_refused_as_redirect_uris() {
    for uri in [
        "https://*.example.com/cb",
        "https://app.example.com/*",
        "https://app.example.com/cb#x",
        "http://app.example.com/cb",
        "/relative",
        "javascript:alert(1)",
        "",
    ] {
        let refusal = refusal(&[Edit::AddRedirectUri(text(uri))]);
        assert_eq!(refusal.kind.code, "redirect_uri_unsuitable", "{uri}");
    }
    let wildcard = refusal(&[Edit::AddRedirectUri(text("https://*.example.com/cb"))]);
    assert!(wildcard.detail.contains('*'), "{}", wildcard.detail);
}

#[test]
fn removing_what_is_not_there_lists_what_is() {
    let refusal = refusal(&[
        Edit::AddRedirectUri(text("https://app.example.com/cb")),
        Edit::RemoveRedirectUri(text("https://app.example.com/cb/")),
    ]);
    assert_eq!(refusal.kind.code, "not_registered");
    assert_eq!(
        refusal.detail,
        "generic has no redirect URI `https://app.example.com/cb/`; it has: https://app.example.com/cb"
    );
    for edit in [
        Edit::RemovePostLogoutRedirectUri(text("https://x.example.com/")),
        Edit::RemoveCorsOrigin(text("https://x.example.com")),
        Edit::RemoveAudience(text("x")),
        Edit::RemoveClaimRule(text("roles")),
    ] {
        assert_eq!(self::refusal(&[edit]).kind.code, "not_registered");
    }
}

#[test]
fn a_public_client_has_no_secret_no_weak_pkce_and_no_login_as_itself() {
    let app = edited(&[
        Edit::ClientCredentials(true),
        Edit::Pkce(Pkce::IfSent),
        Edit::Kind(AppKind::Public),
    ]);
    assert_eq!(app.authentication, ClientAuthentication::None);
    assert_eq!(app.pkce, Pkce::Required);
    assert!(!app.client_credentials);
    let public = Edit::Kind(AppKind::Public);
    for edit in [
        Edit::Pkce(Pkce::IfSent),
        Edit::ClientCredentials(true),
        Edit::Authentication(ClientAuthentication::ClientSecret),
    ] {
        let refusal = refusal(&[public.clone(), edit]);
        assert_eq!(refusal.kind.code, "setting_invalid");
        assert!(refusal.detail.contains("public client"), "{}", refusal.detail);
    }
    let none = refusal(&[Edit::Authentication(ClientAuthentication::None)]);
    assert!(none.detail.contains("a confidential client must authenticate"));
}

#[test]
fn keys_make_private_key_jwt_and_taking_them_away_returns_to_a_secret() {
    let app = edited(&[Edit::Jwks(Some(jwks()))]);
    assert_eq!(app.authentication, ClientAuthentication::PrivateKeyJwt);
    let app = apply(&app, &[Edit::Jwks(None)]).unwrap();
    assert_eq!(app.authentication, ClientAuthentication::ClientSecret);
    let refusal = refusal(&[Edit::Authentication(ClientAuthentication::PrivateKeyJwt)]);
    assert_eq!(refusal.remedy.unwrap(), "doorward app edit generic --jwks FILE");
    for bad in [
        "",
        "{}",
        "{\"keys\":[]}",
        "[1]",
        "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"}]}",
    ] {
        assert_eq!(
            self::refusal(&[Edit::Jwks(Some(text(bad)))]).kind.code,
            "setting_invalid",
            "{bad}"
        );
    }
}

#[test]
fn lifetimes_have_bounds() {
    for which in Lifetime::ALL {
        let (least, most) = which.bounds();
        assert!(
            apply(
                &built("generic"),
                &[Edit::Lifetime(which, Some(least)), Edit::Lifetime(which, Some(most))]
            )
            .is_ok()
        );
        for seconds in [least - 1, most + 1, 0, -1, i64::MAX] {
            let refusal = refusal(&[Edit::Lifetime(which, Some(seconds))]);
            assert_eq!(refusal.kind.code, "lifetime_out_of_bounds");
            assert!(
                refusal
                    .detail
                    .contains(&format!("expected {least} to {most} seconds, received {seconds}"))
            );
        }
    }
}

#[test]
fn an_origin_is_an_origin_and_never_a_wildcard() {
    for bad in [
        "*",
        "https://*",
        "https://*.example.com",
        "app.example.com",
        "https://a.example.com/x",
        "null",
        "https://u@a.example.com",
        "file:///x",
    ] {
        let refusal = refusal(&[Edit::AddCorsOrigin(text(bad))]);
        assert_eq!(refusal.kind.code, "setting_invalid", "{bad}");
    }
}

#[test]
fn names_addresses_and_audiences_have_limits() {
    for edit in [
        Edit::Name(text("  ")),
        Edit::Name("x".repeat(101)),
        Edit::Name(text("a\nb")),
        Edit::StartUrl(Some(text("javascript:alert(1)"))),
        Edit::AddAudience(text("")),
        Edit::AddAudience(text("a b")),
        Edit::Audiences((0..101).map(|number| format!("a{number}")).collect()),
        Edit::RedirectUris(
            (0..101)
                .map(|number| format!("https://a.example.com/{number}"))
                .collect(),
        ),
    ] {
        assert_eq!(
            refusal(std::slice::from_ref(&edit)).kind.code,
            "setting_invalid",
            "{edit:?}"
        );
    }
    assert_eq!(refusal(&[Edit::Url(text("wiki"))]).kind.code, "app_url_invalid");
}

#[test]
fn a_claim_rule_takes_the_place_of_those_with_its_path() {
    let rule = |json: &str| serde_json::from_str::<doorward_claims::Rule>(json).unwrap();
    let roles = rule(r#"{"claim": "/realm_access/roles", "groups": "*"}"#);
    let other = rule(r#"{"claim": "/realm_access/roles", "constant": ["x"]}"#);
    let team = rule(r#"{"claim": "team", "attribute": "department"}"#);
    let app = edited(&[
        Edit::ClaimRules(vec![roles.clone(), other.clone()]),
        Edit::PutClaimRule(team),
    ]);
    assert_eq!(app.claim_rules.len(), 3);
    let app = apply(&app, &[Edit::PutClaimRule(other.clone())]).unwrap();
    assert_eq!(app.claim_rules.last(), Some(&other));
    assert_eq!(app.claim_rules.len(), 2);
    let app = apply(&app, &[Edit::RemoveClaimRule(text("/realm_access/roles"))]).unwrap();
    assert_eq!(app.claim_rules.len(), 1);
}

#[test]
fn one_wrong_edit_undoes_the_others() {
    on_both_engines(|f| async move {
        f.add("netbox", "https://netbox.example.com").await;
        let edits = vec![
            Edit::Name(text("Changed")),
            Edit::AddRedirectUri(text("https://netbox.example.com/ok")),
            Edit::AddRedirectUri(text("http://evil.example.com/")),
        ];
        assert!(f.apps.edit(&by(), "netbox", edits, later(9)).await.is_err());
        let snapshot = f.apps.snapshot().await.unwrap();
        let app = snapshot.find("netbox").unwrap();
        assert_eq!(
            (app.name.as_str(), app.redirect_uris.len(), app.changed),
            ("NetBox", 1, START)
        );
    });
}

#[test]
fn every_setting_survives_the_store() {
    on_both_engines(|f| async move {
        f.add("audiobookrequest", "https://abr.example.com").await;
        let edits = vec![
            Edit::Jwks(Some(jwks())),
            Edit::UserinfoAlgorithm(Some(Algorithm::EdDSA)),
            Edit::AddCorsOrigin(text("https://abr.example.com")),
            Edit::Disabled(true),
        ];
        let written = f.apps.edit(&by(), "audiobookrequest", edits, later(1)).await.unwrap();
        let snapshot = f.apps.snapshot().await.unwrap();
        let read = snapshot.find("audiobookrequest").unwrap();
        assert!(read.disabled);
        assert_eq!(
            serde_json::to_value(&**read).unwrap(),
            serde_json::to_value(&written).unwrap()
        );
        assert_eq!(read.claim_rules, written.claim_rules);
        assert_eq!(read.jwks, written.jwks);
    });
}
