//! Settings of authorization requests, and the profiles that bind them.

use doorward_apps::{
    App, AppKind, ClientAuthentication, Dpop, Edit, Lifetime, ListChange, Pkce, Profile, RequestsEdit, SenderEdit,
    apply, requirements,
};
use doorward_jose::{Algorithm, SigningKey};

use crate::fixture::built;

fn jwks() -> Edit {
    let key = SigningKey::generate(Algorithm::ES256).unwrap().key;
    Edit::Jwks(Some(serde_json::json!({"keys": [key.public_jwk()]}).to_string()))
}

fn requests(edit: RequestsEdit) -> Edit {
    Edit::Requests(Box::new(edit))
}

fn profile(profile: Profile) -> Edit {
    requests(RequestsEdit {
        profile: Some(Some(profile)),
        ..RequestsEdit::default()
    })
}

fn adding(entries: &[&str]) -> ListChange {
    ListChange {
        add: entries.iter().map(|&entry| entry.to_owned()).collect(),
        ..ListChange::default()
    }
}

fn with(edits: &[Edit]) -> App {
    apply(&built("generic"), edits).unwrap()
}

fn refused(edits: &[Edit]) -> doorward_oidc::Refusal {
    apply(&built("generic"), edits).unwrap_err()
}

#[test]
fn lists_are_replaced_shortened_and_extended() {
    let app = with(&[
        jwks(),
        requests(RequestsEdit {
            request_uris: adding(&["https://a.example/request.jwt"]),
            resources: adding(&["https://api.example", "urn:example:api", "https://api.example"]),
            detail_types: adding(&["payment_initiation"]),
            require_pushed: Some(true),
            initiate_login_uri: Some(Some("https://a.example/start?x=1".to_owned())),
            ..RequestsEdit::default()
        }),
        requests(RequestsEdit {
            resources: ListChange {
                remove: vec!["urn:example:api".to_owned()],
                ..ListChange::default()
            },
            ..RequestsEdit::default()
        }),
    ]);
    assert_eq!(app.requests.resources, ["https://api.example"]);
    assert!(app.requests.require_pushed && !app.requests.require_signed);
    assert_eq!(app.requests.detail_types, ["payment_initiation"]);
    let none = apply(
        &app,
        &[requests(RequestsEdit {
            initiate_login_uri: Some(None),
            resources: ListChange {
                all: Some(Vec::new()),
                ..ListChange::default()
            },
            ..RequestsEdit::default()
        })],
    );
    let none = none.unwrap();
    assert_eq!(
        (none.requests.initiate_login_uri, none.requests.resources.len()),
        (None, 0)
    );
}

/// `oidcc-3rd_party-init-login-nohttps`: a login begins at an address that nobody can read along with.
#[test]
fn oidcc_3rd_party_init_login_nohttps() {
    for bad in [
        "http://a.example/start",
        "a.example",
        "javascript:alert(1)",
        "https://a.example/#x",
    ] {
        let refusal = refused(&[requests(RequestsEdit {
            initiate_login_uri: Some(Some(bad.to_owned())),
            ..RequestsEdit::default()
        })]);
        assert!(refusal.detail.contains("https://"), "{}", refusal.detail);
    }
}

#[test]
fn values_that_cannot_be_are_refused() {
    let lists: [fn(ListChange) -> RequestsEdit; 3] = [
        |list| RequestsEdit {
            request_uris: list,
            ..RequestsEdit::default()
        },
        |list| RequestsEdit {
            resources: list,
            ..RequestsEdit::default()
        },
        |list| RequestsEdit {
            detail_types: list,
            ..RequestsEdit::default()
        },
    ];
    for (list, bad) in [
        (0, "http://a.example/r"),
        (0, "https://user@a.example/r"),
        (0, "https://a.example/#r"),
        (1, "api"),
        (1, "https://a.example/#r"),
        (1, "https://a.example/ x"),
        (2, ""),
        (2, "a b"),
        (2, "a,b"),
    ] {
        let refusal = refused(&[jwks(), requests(lists[list](adding(&[bad])))]);
        assert_eq!(refusal.kind.code, "setting_invalid", "{bad}");
    }
    let missing = refused(&[requests(lists[1](ListChange {
        remove: vec!["https://a.example".to_owned()],
        ..ListChange::default()
    }))]);
    assert_eq!(missing.kind.code, "not_registered");
}

#[test]
fn signed_requests_need_keys() {
    let signed = || {
        requests(RequestsEdit {
            require_signed: Some(true),
            ..RequestsEdit::default()
        })
    };
    let refusal = refused(&[signed()]);
    assert!(refusal.remedy.unwrap().contains("--jwks FILE"));
    assert!(with(&[jwks(), signed()]).requests.require_signed);
}

#[test]
fn a_profile_switches_on_what_it_requires_and_asks_for_what_it_cannot() {
    let without_keys = refused(&[profile(Profile::Fapi2)]);
    assert!(
        without_keys.detail.contains("private_key_jwt"),
        "{}",
        without_keys.detail
    );
    assert!(without_keys.remedy.unwrap().contains("--jwks FILE"));

    let app = with(&[
        Edit::Lifetime(Lifetime::Code, Some(300)),
        jwks(),
        profile(Profile::Fapi2),
    ]);
    assert!(app.requests.require_pushed && !app.requests.require_signed);
    assert_eq!((app.pkce, app.lifetimes.code), (Pkce::Required, 60));
    assert_ne!(app.id_token_alg, Algorithm::RS256);
    assert_eq!(app.sender.dpop, Dpop::Required);
    let all = requirements(Profile::Fapi2, &app);
    assert!(all.len() >= 7 && all.iter().all(|one| one.holds), "{all:?}");

    let signing = with(&[jwks(), profile(Profile::Fapi2Signing)]);
    assert!(signing.requests.require_signed && signing.requests.require_signed_response);
}

#[test]
fn fapi_leaves_no_algorithm_that_it_does_not_name() {
    let app = with(&[jwks(), profile(Profile::Fapi2)]);
    assert!(!app.client_algorithms().contains(&Algorithm::RS256));
    assert!(with(&[]).client_algorithms().contains(&Algorithm::RS256));
    let bound = Edit::Sender(SenderEdit::CertificateBound(true));
    let by_certificate = with(&[jwks(), bound, profile(Profile::Fapi2)]);
    assert_eq!(by_certificate.sender.dpop, Dpop::Optional, "a certificate is enough");
}

#[test]
fn keys_for_requests_do_not_replace_a_certificate() {
    let app = with(&[
        Edit::Sender(SenderEdit::CertificateName(Some("subject_dn=CN=billing".to_owned()))),
        Edit::Authentication(ClientAuthentication::TlsClientAuth),
    ]);
    let with_keys = apply(&app, &[jwks()]).unwrap();
    assert_eq!(with_keys.authentication, ClientAuthentication::TlsClientAuth);
    assert_eq!(with(&[jwks()]).authentication, ClientAuthentication::PrivateKeyJwt);
    let secret = with(&[jwks(), Edit::Authentication(ClientAuthentication::ClientSecret)]);
    let newer = apply(&secret, &[jwks()]).unwrap();
    assert_eq!(
        newer.authentication,
        ClientAuthentication::ClientSecret,
        "it was told to"
    );
}

#[test]
fn what_a_profile_requires_cannot_be_switched_off_while_it_is_kept() {
    let app = with(&[jwks(), profile(Profile::Fapi2Signing)]);
    let off = |edit: RequestsEdit| apply(&app, &[requests(edit)]).unwrap_err();
    for edit in [
        RequestsEdit {
            require_pushed: Some(false),
            ..RequestsEdit::default()
        },
        RequestsEdit {
            require_signed: Some(false),
            ..RequestsEdit::default()
        },
        RequestsEdit {
            require_signed_response: Some(false),
            ..RequestsEdit::default()
        },
    ] {
        assert!(off(edit).remedy.unwrap().contains("--profile none"));
    }
    for edit in [
        Edit::Pkce(Pkce::IfSent),
        Edit::Sender(SenderEdit::Dpop(Dpop::Optional)),
        Edit::Kind(AppKind::Public),
        Edit::IdTokenAlgorithm(Algorithm::RS256),
        Edit::Lifetime(Lifetime::Code, Some(61)),
        Edit::AddRedirectUri("http://a.example/cb".to_owned()),
    ] {
        assert!(apply(&app, &[edit]).is_err());
    }
    let free = [
        requests(RequestsEdit {
            profile: Some(None),
            ..RequestsEdit::default()
        }),
        Edit::IdTokenAlgorithm(Algorithm::RS256),
    ];
    assert_eq!(apply(&app, &free).unwrap().requests.profile, None);
}

#[test]
fn oauth21_leaves_no_exemption() {
    let app = with(&[Edit::Pkce(Pkce::IfSent), profile(Profile::Oauth21)]);
    assert_eq!(app.pkce, Pkce::Required, "the profile switches it on");
    assert!(apply(&app, &[Edit::Pkce(Pkce::IfSent)]).is_err());
    let plain = Edit::AddRedirectUri("http://a.example/cb".to_owned());
    assert!(refused(&[plain, profile(Profile::Oauth21)]).detail.contains("https"));
}
