//! What is in a token, and that nothing else gets in.

use doorward_apps::{App, IssuerStyle, UsernameForm};
use doorward_claims::Rule;
use doorward_jose::{Algorithm, JwkSet, TimeRules, Typ, VerificationPolicy, half_hash, verify};
use doorward_oidc::ClaimsRequest;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;
use crate::testing::{self, NOW, World, scope};

fn id_token(world: &World, app: &App, grant: &GrantFacts) -> Map<String, Value> {
    let issued = issue(world.mint(), app, &testing::facts(), grant, grant.scope.clone()).unwrap();
    verified(world, &issued.id_token.unwrap(), Typ::PLAIN)
}

fn verified(world: &World, token: &str, typ: Typ<'static>) -> Map<String, Value> {
    let policy = VerificationPolicy::new(typ, &[Algorithm::ES256, Algorithm::EdDSA]);
    let published = JwkSet::parse(world.keys.jwks_json().as_bytes()).unwrap();
    let token = verify(token, &published, &policy).unwrap();
    TimeRules::new(NOW, 0).check(token.claims()).unwrap();
    token.into_claims()
}

fn access_token(world: &World, app: &App, list: &str) -> Map<String, Value> {
    verified(world, &world.issued(app, list).access_token, Typ::Required(&["at+jwt"]))
}

#[test]
fn an_id_token_says_what_strict_relying_parties_check() {
    let world = World::new();
    let issued = world.issued(&testing::app(), "openid");
    let claims = verified(&world, issued.id_token.as_ref().unwrap(), Typ::PLAIN);
    assert_eq!(claims["iss"], "https://sso.example.com");
    assert_eq!(claims["aud"], "netbox", "one string, not a list");
    assert_eq!(claims["sub"], "00000000-0000-0000-0000-000000000007");
    assert_eq!(claims["iat"], NOW - 2, "no clock that is a second slow refuses it");
    assert_eq!(claims["exp"], NOW + 3_600);
    assert_eq!(claims["auth_time"], NOW - 62);
    assert_eq!(claims["nonce"], "n-1");
    assert_eq!(claims["amr"], json!(["pwd"]));
    assert_eq!(claims["sid"], "00000000-0000-0000-0000-000000000009");
    assert_eq!(claims["at_hash"], half_hash(Algorithm::ES256, &issued.access_token));
    assert!(!claims.contains_key("nbf") && !claims.contains_key("azp"));
    assert!(
        !claims.contains_key("name") && !claims.contains_key("groups"),
        "the scope was openid alone"
    );
}

#[test]
fn scopes_open_their_claims_in_id_token_and_userinfo_alike() {
    let (world, app) = (World::new(), testing::app());
    let list = "openid profile email groups";
    let claims = id_token(&world, &app, &testing::grant(list));
    let userinfo = userinfo_claims(
        &world.server,
        &app,
        &testing::facts(),
        &scope(list),
        &ClaimsRequest::default(),
    );
    for (name, value) in [
        ("name", json!("Alice Example")),
        ("given_name", json!("Alice")),
        ("preferred_username", json!("alice")),
        ("email", json!("alice@example.com")),
        ("email_verified", json!(true)),
        ("updated_at", json!(1_700_000_000)),
        ("groups", json!(["admins", "netbox_users"])),
        ("sub", json!("00000000-0000-0000-0000-000000000007")),
    ] {
        assert_eq!(claims[name], value, "{name}");
        assert_eq!(userinfo[name], value, "{name}");
    }
    assert!(!claims.contains_key("department"), "a custom attribute needs a rule");
}

#[test]
fn groups_are_an_empty_list_for_a_person_without_groups_and_an_unverified_address_is_not_called_so() {
    let (world, app) = (World::new(), testing::app());
    let mut facts = testing::facts();
    facts.groups.clear();
    facts.user.email_verified = false;
    let claims = userinfo_claims(
        &world.server,
        &app,
        &facts,
        &scope("email groups"),
        &ClaimsRequest::default(),
    );
    assert_eq!(claims["groups"], json!([]));
    assert!(!claims.contains_key("email_verified"));
}

#[test]
fn full_user_names_carry_the_servers_domain() {
    let (world, mut app) = (World::new(), testing::app());
    app.usernames = UsernameForm::Full;
    let claims = id_token(&world, &app, &testing::grant("openid profile"));
    assert_eq!(claims["preferred_username"], "alice@sso.example.com");
}

#[test]
fn an_access_token_is_rfc_9068_and_carries_its_grant() {
    let (world, mut app) = (World::new(), testing::app());
    let claims = access_token(&world, &app, "openid profile");
    assert_eq!(claims["iss"], "https://sso.example.com");
    assert_eq!(claims["aud"], "netbox");
    assert_eq!(claims["client_id"], "netbox");
    assert_eq!(claims["scope"], "openid profile");
    assert_eq!(claims["exp"], NOW + 900);
    assert_eq!(claims["iat"], NOW - 2);
    assert_eq!(claims["doorward_grant"], "00000000-0000-0000-0000-000000000005");
    assert!(!claims.contains_key("email"), "it travels to resource servers");
    app.audiences.extra = vec!["https://api.example.com".to_owned(), "netbox".to_owned()];
    assert_eq!(
        access_token(&world, &app, "openid")["aud"],
        json!(["netbox", "https://api.example.com"])
    );
    app.audiences.client_id = false;
    app.audiences.extra = vec!["https://api.example.com".to_owned()];
    assert_eq!(access_token(&world, &app, "openid")["aud"], "https://api.example.com");
    app.audiences.extra.clear();
    assert_eq!(
        access_token(&world, &app, "openid")["aud"],
        "https://sso.example.com",
        "never none"
    );
}

#[test]
fn an_issuer_of_its_own_is_in_both_tokens() {
    let (world, mut app) = (World::new(), testing::app());
    app.issuer_style = IssuerStyle::Own;
    assert_eq!(
        id_token(&world, &app, &testing::grant("openid"))["iss"],
        "https://sso.example.com/apps/netbox"
    );
    assert_eq!(
        access_token(&world, &app, "openid")["iss"],
        "https://sso.example.com/apps/netbox"
    );
}

#[test]
fn each_token_is_signed_as_the_application_is_set_and_at_hash_follows_the_id_tokens_algorithm() {
    let (world, mut app) = (World::new(), testing::app());
    app.id_token_alg = Algorithm::EdDSA;
    let issued = world.issued(&app, "openid");
    let claims = verified(&world, issued.id_token.as_ref().unwrap(), Typ::PLAIN);
    assert_eq!(claims["at_hash"], half_hash(Algorithm::EdDSA, &issued.access_token));
    app.access_token_alg = Algorithm::RS256;
    let missing = issue(
        world.mint(),
        &app,
        &testing::facts(),
        &testing::grant("openid"),
        scope("openid"),
    );
    assert!(missing.unwrap_err().to_string().contains("no active RS256 key"));
}

#[test]
fn without_openid_there_is_no_id_token() {
    let issued = World::new().issued(&testing::app(), "profile");
    assert!(issued.id_token.is_none());
    let response = issued.into_response(Some("r".to_owned()));
    assert_eq!(
        (response.scope.as_deref(), response.token_type.as_str()),
        (Some("profile"), "Bearer")
    );
    assert_eq!(
        (response.expires_in, response.refresh_token.as_deref()),
        (Some(900), Some("r"))
    );
}

#[test]
fn a_token_for_the_application_itself_speaks_of_no_person() {
    let (world, app) = (World::new(), testing::app());
    let token = issue_to_client(world.mint(), &app, scope("api")).unwrap();
    let claims = verified(&world, &token.access_token, Typ::Required(&["at+jwt"]));
    assert_eq!(
        (&claims["sub"], &claims["client_id"]),
        (&json!("netbox"), &json!("netbox"))
    );
    for absent in ["doorward_grant", "sid", "auth_time", "amr", "acr"] {
        assert!(!claims.contains_key(absent), "{absent}");
    }
}

#[test]
fn rules_put_claims_where_they_are_told_and_say_what_they_left_out() {
    let (world, mut app) = (World::new(), testing::app());
    let rule = |json: Value| serde_json::from_value::<Rule>(json).unwrap();
    app.claim_rules = vec![
        rule(
            json!({"claim": "/realm_access/roles", "by_group": [{"group": "admins", "values": ["superuser"]}], "into": ["access_token"]}),
        ),
        rule(json!({"claim": "dept", "attribute": "department"})),
        rule(json!({"claim": "login", "attribute": "username", "into": ["userinfo"]})),
        rule(json!({"claim": "missing", "attribute": "floor"})),
        rule(json!({"claim": "doorward_grant", "constant": "forged", "into": ["access_token"]})),
    ];
    let access = access_token(&world, &app, "openid");
    assert_eq!(access["realm_access"], json!({"roles": ["superuser"]}));
    assert_eq!(
        access["doorward_grant"], "00000000-0000-0000-0000-000000000005",
        "no rule speaks for another grant"
    );
    assert!(!access.contains_key("dept"));
    let id = id_token(&world, &app, &testing::grant("openid"));
    assert_eq!(id["dept"], "net");
    assert!(!id.contains_key("login"));
    let userinfo = userinfo_claims(
        &world.server,
        &app,
        &testing::facts(),
        &scope("openid"),
        &ClaimsRequest::default(),
    );
    assert_eq!(
        (&userinfo["dept"], &userinfo["login"]),
        (&json!("net"), &json!("alice"))
    );
    let skipped: Vec<_> = world
        .issued(&app, "openid")
        .skipped
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(skipped.len(), 1, "{skipped:?}");
    assert!(skipped[0].contains("floor"));
}

#[test]
fn single_claims_come_where_they_were_asked_for_and_only_within_the_scope_map() {
    let (world, app) = (World::new(), testing::app());
    let claims = ClaimsRequest::parse(
        r#"{"id_token":{"email":{"essential":true},"phone_number":null,"sub":null},"userinfo":{"name":null}}"#,
    );
    let mut facts = testing::facts();
    facts.user.attributes.set("phone_number", "+49 1");
    let grant = GrantFacts {
        claims: claims.unwrap(),
        ..testing::grant("openid")
    };
    let issued = issue(world.mint(), &app, &facts, &grant, grant.scope.clone()).unwrap();
    let id = verified(&world, &issued.id_token.unwrap(), Typ::PLAIN);
    assert_eq!(id["email"], "alice@example.com");
    assert!(!id.contains_key("phone_number"), "the scope map has no phone");
    assert!(!id.contains_key("name"));
    let userinfo = userinfo_claims(&world.server, &app, &facts, &grant.scope, &grant.claims);
    assert_eq!(userinfo["name"], "Alice Example");
    assert!(!userinfo.contains_key("email"));
}

#[test]
fn a_preview_shows_what_would_be_issued_and_holds_no_token() {
    let (world, app) = (World::new(), testing::app());
    let list = "openid profile phone offline_access";
    let shown = preview(
        world.mint(),
        &app,
        &testing::facts(),
        &scope(list),
        &testing::grant(list),
    )
    .unwrap();
    assert_eq!(shown.scope.to_string(), "openid profile offline_access");
    assert_eq!(shown.left_out.to_string(), "phone");
    assert!(shown.refresh_token);
    let issued = world.issued(&app, "openid profile offline_access");
    let mut real = verified(&world, &issued.id_token.unwrap(), Typ::PLAIN);
    let mut dry = shown.id_token.unwrap().as_object().unwrap().clone();
    for fresh in ["jti", "at_hash"] {
        real.remove(fresh);
        dry.remove(fresh);
    }
    assert_eq!(dry, real, "the same path");
    assert!(!shown.access_token.is_string());
}

#[test]
fn a_preview_without_access_says_why() {
    let (world, app) = (World::new(), testing::app());
    let mut facts = testing::facts();
    facts.groups.clear();
    let refusal = preview(world.mint(), &app, &facts, &scope("openid"), &testing::grant("openid")).unwrap_err();
    assert_eq!(refusal.kind.code, "no_scope_map");
}

proptest! {
    /// What is issued verifies with what is published, and says no more and no less than was granted.
    #[test]
    fn tokens_make_the_round_trip(
        names in proptest::sample::subsequence(vec!["openid", "profile", "email", "groups", "offline_access", "x"], 0..=6),
        nonce in proptest::option::of(".{0,40}"),
        ed in any::<bool>(),
        own in any::<bool>(),
    ) {
        let (world, mut app) = (World::new(), testing::app());
        app.id_token_alg = if ed { Algorithm::EdDSA } else { Algorithm::ES256 };
        app.issuer_style = if own { IssuerStyle::Own } else { IssuerStyle::Server };
        let granted = scope(&names.join(" "));
        let grant = GrantFacts { nonce: nonce.clone(), ..testing::grant(&names.join(" ")) };
        let issued = issue(world.mint(), &app, &testing::facts(), &grant, granted.clone()).unwrap();
        let token = crate::access_token::verify(&issued.access_token, &world.server, &world.keys, |_| None).unwrap();
        prop_assert_eq!(&token.scope, &granted);
        prop_assert_eq!(token.grant, Some(grant.id));
        prop_assert_eq!(&token.jti, &issued.access_token_id);
        prop_assert_eq!(token.exp, issued.expires_at);
        prop_assert_eq!(issued.id_token.is_some(), granted.contains("openid"));
        if let Some(id_token) = &issued.id_token {
            let claims = verified(&world, id_token, Typ::PLAIN);
            prop_assert_eq!(claims.get("nonce").and_then(Value::as_str), nonce.as_deref());
            prop_assert_eq!(claims.contains_key("email"), granted.contains("email"));
            prop_assert_eq!(claims.contains_key("groups"), granted.contains("groups"));
            prop_assert_eq!(&claims["iss"], &Value::from(token.iss.as_str()));
            let hint = crate::issued_id_token::verify(id_token, &world.server, &world.keys, |_| None).unwrap();
            prop_assert_eq!(hint.client_id, "netbox");
        }
    }

    /// No changed byte of a token survives.
    #[test]
    fn a_changed_token_is_refused(position in any::<prop::sample::Index>(), letter in "[A-Za-z0-9_-]") {
        let world = World::new();
        let token = world.issued(&testing::app(), "openid").access_token;
        let at = position.index(token.len());
        prop_assume!(token.get(at..=at) != Some(letter.as_str()) && token.get(at..=at) != Some("."));
        let mut changed = token.clone();
        changed.replace_range(at..=at, &letter);
        prop_assert!(crate::access_token::verify(&changed, &world.server, &world.keys, |_| None).is_err());
    }
}
