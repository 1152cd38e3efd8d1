//! Keys that an application holds: where they are, and refresh tokens that need not change.

use doorward_apps::{
    App, AppKind, ClientAuthentication, Dpop, Edit, KeysEdit, ListChange, Profile, RefreshTokens, RequestsEdit,
    SenderEdit, apply, requirements, weakened,
};
use doorward_jose::{Algorithm, SigningKey};

use crate::fixture::built;

const URI: &str = "https://app.example.com/jwks.json";

fn uri(uri: &str) -> Edit {
    Edit::Keys(KeysEdit::Uri(Some(uri.to_owned())))
}

fn stay() -> Edit {
    Edit::Keys(KeysEdit::RefreshTokens(RefreshTokens::Stay))
}

fn jwks() -> Edit {
    let key = SigningKey::generate(Algorithm::ES256).unwrap().key;
    Edit::Jwks(Some(serde_json::json!({"keys": [key.public_jwk()]}).to_string()))
}

fn with(edits: &[Edit]) -> App {
    apply(&built("generic"), edits).unwrap()
}

fn refused(edits: &[Edit]) -> doorward_oidc::Refusal {
    apply(&built("generic"), edits).unwrap_err()
}

#[test]
fn an_address_of_keys_chooses_the_method_as_keys_do_and_stands_in_their_place() {
    let app = with(&[uri(URI)]);
    assert!(app.has_keys() && app.jwks.is_none());
    assert_eq!(app.authentication, ClientAuthentication::PrivateKeyJwt);
    let given = with(&[uri(URI), jwks()]);
    assert!(given.jwks.is_some() && given.keys.uri.is_none());
    let moved = with(&[
        jwks(),
        Edit::Authentication(ClientAuthentication::ClientSecret),
        uri(URI),
    ]);
    assert!(moved.jwks.is_none());
    assert_eq!(
        moved.authentication,
        ClientAuthentication::ClientSecret,
        "it was told to keep its secret"
    );
    let none = with(&[uri(URI), Edit::Keys(KeysEdit::Uri(None))]);
    assert!(!none.has_keys());
    assert_eq!(none.authentication, ClientAuthentication::ClientSecret);
    assert!(with(&[uri(URI), Edit::Kind(AppKind::Public)]).keys.uri.is_none());
    let signs = RequestsEdit {
        require_signed: Some(true),
        ..RequestsEdit::default()
    };
    assert!(apply(&built("generic"), &[uri(URI), Edit::Requests(Box::new(signs))]).is_ok());
}

#[test]
fn an_address_of_keys_is_one_that_nobody_reads_along_at() {
    for text in [
        "http://app.example.com/jwks",
        "https://a:b@app.example.com/",
        "https://app.example.com/#a",
        "ftp://a",
        "keys",
        "",
    ] {
        assert!(refused(&[uri(text)]).detail.contains("https://"), "{text}");
    }
    assert!(apply(&built("generic"), &[uri("http://localhost:8000/jwks.json")]).is_ok());
    let loud = Edit::Keys(KeysEdit::WeakenPrivateAddress(true));
    let listed = |edits: &[Edit]| {
        let found = weakened(&with(edits));
        found.into_iter().find(|one| one.name == "weaken-jwks-private-address")
    };
    assert!(listed(&[uri(URI), loud.clone()]).unwrap().meaning.contains(URI));
    let requests = RequestsEdit {
        request_uris: ListChange {
            add: vec!["https://app.example.com/request.jwt".to_owned()],
            ..ListChange::default()
        },
        ..RequestsEdit::default()
    };
    let fetched = [jwks(), Edit::Requests(Box::new(requests)), loud.clone()];
    assert!(listed(&fetched).unwrap().meaning.contains("/request.jwt"));
    // It opens ways for the doctor without any of them.
    assert!(listed(&[loud]).unwrap().meaning.starts_with("the doctor goes"));
    assert!(listed(&[uri(URI)]).is_none());
}

#[test]
fn refresh_tokens_stay_for_applications_alone_that_prove_a_key_with_each_use() {
    assert!(refused(&[stay()]).detail.contains("prove a key"));
    assert!(
        refused(&[Edit::Kind(AppKind::Public), stay()])
            .detail
            .contains("prove a key")
    );
    let by_secret = [Edit::Sender(SenderEdit::Dpop(Dpop::Required)), stay()];
    assert!(
        refused(&by_secret).detail.contains("prove a key"),
        "a refresh token of a client with a secret is bound to no key"
    );
    assert!(with(&[jwks(), stay()]).keeps_refresh_token(false));
    let public = with(&[
        Edit::Kind(AppKind::Public),
        Edit::Sender(SenderEdit::Dpop(Dpop::Required)),
        stay(),
    ]);
    assert!(public.keeps_refresh_token(true));
    assert!(
        !public.keeps_refresh_token(false),
        "one from before proofs were demanded goes on to be replaced"
    );
    assert!(!with(&[jwks()]).keeps_refresh_token(true));
}

#[test]
fn the_profile_fapi_keeps_refresh_tokens_as_they_are() {
    let fapi = RequestsEdit {
        profile: Some(Some(Profile::Fapi2)),
        ..RequestsEdit::default()
    };
    let app = with(&[jwks(), Edit::Requests(Box::new(fapi))]);
    assert_eq!(app.keys.refresh_tokens, RefreshTokens::Stay);
    assert!(requirements(Profile::Fapi2, &app).iter().all(|one| one.holds));
    let back = Edit::Keys(KeysEdit::RefreshTokens(RefreshTokens::Rotate));
    let refused = apply(&app, &[back]).unwrap_err();
    assert!(
        refused.detail.contains("refresh tokens that stay"),
        "{}",
        refused.detail
    );
}
