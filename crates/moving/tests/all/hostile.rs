//! Documents that are not what they should be.

use doorward_moving::{Mode, Outcome, keycloak};
use serde_json::json;

use crate::fixture::on_both_engines;

#[test]
fn what_is_no_realm_is_refused_without_quoting_it() {
    for (document, why) in [
        ("", "line 1"),
        ("{\"realm\":", "line 1"),
        ("[]", "without a `realm`"),
        ("{}", "without a `realm`"),
        ("{\"realm\":\"x\",\"users\":\"secret-text\"}", "line 1"),
    ] {
        let refused = keycloak::read(document.as_bytes()).unwrap_err().to_string();
        assert!(
            refused.contains(why) && refused.contains("kc.sh export"),
            "{document}: {refused}"
        );
        assert!(!refused.contains("secret-text"));
    }
    let deep = format!("{{\"realm\":\"x\",\"groups\":{}", "[{\"subGroups\":".repeat(5000));
    assert!(keycloak::read(deep.as_bytes()).is_err());
    let large = vec![b' '; doorward_api::DOCUMENT_BYTES + 1];
    assert!(keycloak::read(&large).unwrap_err().to_string().contains("bytes"));
}

#[test]
fn odd_people_applications_and_groups_are_said_and_the_rest_comes() {
    on_both_engines(|fixture| async move {
        let long = "x".repeat(5000);
        let realm = json!({
            "realm": "odd", "keycloakVersion": "26.0.0",
            "groups": [{"id": "no uuid", "name": "Ünïcode / <b>", "subGroups": [{"name": "a"}, {"name": "a"}]},
                       {"name": long}],
            "roles": {"realm": [{"name": "a", "composites": {"realm": ["b"]}}, {"name": "b", "composites": {"realm": ["a"]}}]},
            "users": [
                {"id": "1", "username": "A B\u{0}", "email": "no address"},
                {"id": "2", "username": "日本", "credentials": [
                    {"type": "password", "secretData": "{", "credentialData": "{}"},
                    {"type": "password", "secretData": "{\"value\":\"AA==\",\"salt\":\"AA==\"}",
                     "credentialData": "{\"algorithm\":\"md5\"}"},
                    {"type": "otp", "secretData": "{\"value\":\"short\"}", "credentialData": "{\"subType\":\"totp\"}"},
                    {"type": "webauthn"}, {"type": "\u{7}"}]},
                {"id": "3", "username": "c", "attributes": {"big": [long.repeat(4)], "sub": ["x"], "a b": ["1", "2"], "n": [],
                    "locale": [7]}, "groups": ["/nowhere"], "realmRoles": ["nothing", "a"]},
                {"id": "4"},
            ],
            "clients": [
                {"clientId": "https://app.example.com/"}, {"clientId": "saml", "protocol": "saml"},
                {"clientId": "ok", "redirectUris": ["javascript:alert(1)", "*", "/relative", "https://a.example.com/cb"],
                 "webOrigins": ["*", "null"], "attributes": {"access.token.lifespan": "999999999",
                 "backchannel.logout.url": "javascript:1", "jwks.string": "{"}, "clientAuthenticatorType": "client-jwt",
                 "protocolMappers": [
                    {"name": "iss", "protocolMapper": "oidc-hardcoded-claim-mapper",
                     "config": {"claim.name": "iss", "claim.value": "evil", "id.token.claim": "true"}},
                    {"name": "js", "protocolMapper": "script-x"},
                    {"name": "empty", "protocolMapper": "oidc-usermodel-realm-role-mapper",
                     "config": {"id.token.claim": "true"}}]},
                {"clientId": "plain", "secret": "**********"},
            ],
            "identityProviders": [{"alias": "///", "providerId": "oidc", "config": {"issuer": "javascript:1",
                "clientId": "x", "clientSecret": "y"}}],
        });
        let intake = keycloak::read(realm.to_string().as_bytes()).unwrap();
        let report = fixture.import(intake, Mode::SkipConflicts).await;
        assert!(report.written);
        let says = |outcome: Outcome, words: &str| {
            let found = report
                .remarks
                .iter()
                .any(|one| one.outcome == outcome && one.what.contains(words));
            assert!(found, "{words}: {report:#?}");
        };
        says(Outcome::Conflict, "is not an e-mail address");
        says(Outcome::Left, "not a UUID");
        says(Outcome::Left, "made with md5");
        says(Outcome::Left, "passkeys");
        says(Outcome::Left, "14 KiB");
        says(Outcome::Left, "SAML");
        says(Outcome::Left, "client id has characters");
        says(Outcome::Left, "protocol sets itself");
        says(Outcome::Left, "`script-x`");
        says(Outcome::Conflict, "already below");
        assert_eq!(
            fixture.user("c").await.attributes.get("keycloak.sub"),
            Some(&json!("x"))
        );
        assert_eq!(
            fixture.user("user").await.attributes.text("keycloak.username"),
            Some("日本")
        );
        assert_eq!(
            fixture.app("plain").await.secrets.len(),
            1,
            "it got a secret of its own"
        );
    });
}
