//! Applications that register themselves.

use std::sync::Arc;

use doorward_apps::{
    AppKind, Apps, AppsError, ClientMetadata, ClientRegistrationEdit, Consent, Dpop, Edit, Pkce, RegistrationMode,
    RegistrationUse,
};
use doorward_audit::Actor;
use doorward_jose::{Secret, SystemRandom};
use doorward_oidc::{Refusal, ScopeSet};
use doorward_store::{MasterKey, StoreError, Tx, consents, testing};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

const NOW: Timestamp = testing::START;

fn metadata(more: &str) -> ClientMetadata {
    let text = format!(r#"{{"redirect_uris":["https://tool.example.com/cb"],"client_name":"A tool"{more}}}"#);
    ClientMetadata::parse(text.as_bytes()).unwrap()
}

fn apps_on(store: &testing::TestStore) -> Apps {
    let master = Arc::new(MasterKey::from_bytes(&Secret::new([7; 32])));
    Apps::new((**store).clone(), master, Arc::new(SystemRandom))
}

async fn open(apps: &Apps, mode: RegistrationMode, most_unused: u32) {
    let edit = ClientRegistrationEdit {
        mode: Some(mode),
        groups: Some(vec!["everyone".to_owned()]),
        unused_days: Some(7),
        most_unused: Some(most_unused),
    };
    let by = Actor::named("ada", "socket");
    apps.edit_client_registration(&by, edit, NOW, |_| Ok(())).await.unwrap();
}

fn code(error: &AppsError) -> &'static str {
    match error {
        AppsError::Refused(refusal) => refusal.kind.code,
        other => panic!("{other}"),
    }
}

fn days(days: i64) -> Timestamp {
    NOW + SignedDuration::from_hours(24 * days)
}

#[tokio::test]
async fn nobody_registers_until_somebody_allows_it() {
    for store in testing::engines().await {
        let apps = apps_on(&store);
        let refused = apps
            .register_client(None, metadata(""), String::new(), NOW)
            .await
            .unwrap_err();
        assert_eq!(code(&refused), "client_registration_closed");
        open(&apps, RegistrationMode::Token, 1).await;
        for presented in [None, Some(Secret::new("dwi_x".to_owned()))] {
            let refused = apps
                .register_client(presented, metadata(""), String::new(), NOW)
                .await
                .unwrap_err();
            assert_eq!(code(&refused), "client_registration_closed");
        }
        let by = Actor::named("ada", "socket");
        let lifetime = (SignedDuration::from_hours(1), Some(1));
        let made = apps
            .add_initial_access_token(&by, "tests", lifetime, NOW, |_| Ok(()))
            .await
            .unwrap();
        let with = |at| apps.register_client(Some(made.value.clone()), metadata(""), String::new(), at);
        assert_eq!(
            code(&with(days(1)).await.unwrap_err()),
            "client_registration_closed",
            "ended"
        );
        assert!(with(NOW).await.is_ok());
        assert_eq!(
            code(&with(NOW).await.unwrap_err()),
            "client_registration_closed",
            "used up"
        );
    }
}

fn may_not(_: &mut Tx<'_>) -> Result<(), AppsError> {
    Err(Refusal::response(&doorward_apps::CLIENT_METADATA_INVALID, "no right any more").into())
}

#[tokio::test]
async fn who_may_no_longer_when_the_unit_begins_changes_nothing() {
    for store in testing::engines().await {
        let apps = apps_on(&store);
        open(&apps, RegistrationMode::Token, 1).await;
        let by = Actor::named("ada", "socket");
        let lifetime = (SignedDuration::from_hours(1), None);
        let made = apps
            .add_initial_access_token(&by, "tests", lifetime, NOW, |_| Ok(()))
            .await
            .unwrap();
        let edit = ClientRegistrationEdit {
            mode: Some(RegistrationMode::Open),
            ..ClientRegistrationEdit::default()
        };
        assert!(apps.edit_client_registration(&by, edit, NOW, may_not).await.is_err());
        let another = apps.add_initial_access_token(&by, "more", lifetime, NOW, may_not);
        assert!(another.await.is_err());
        let removed = apps.remove_initial_access_token(&by, made.token.id, NOW, may_not);
        assert!(removed.await.is_err());
        let (policy, _) = apps.client_registration().await.unwrap();
        assert_eq!(policy.mode, RegistrationMode::Token);
        assert_eq!(apps.initial_access_tokens().await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_registered_client_is_as_strict_as_it_can_be() {
    for store in testing::engines().await {
        let apps = apps_on(&store);
        open(&apps, RegistrationMode::Open, 10).await;
        let more = r#","scope":"openid groups netbox:write email","client_uri":"https://tool.example.com""#;
        let registered = apps
            .register_client(None, metadata(more), String::new(), NOW)
            .await
            .unwrap();
        let app = &registered.app;
        assert_eq!(
            (app.kind, app.consent, app.pkce),
            (AppKind::Confidential, Consent::Ask, Pkce::Required)
        );
        assert!(app.grants.registered && !app.grants.device && !app.client_credentials);
        assert_eq!(app.url, "", "no tile on anybody's start page");
        assert_eq!(app.scopes.to_string(), "openid email");
        assert_eq!(app.scope_maps.len(), 1);
        assert!(registered.secret.is_some());
        for more in [
            r#","jwks_uri":"https://tool.example.com/keys""#,
            r#","software_statement":"x.y.z""#,
            r#","grant_types":["client_credentials"]"#,
            r#","grant_types":["refresh_token"]"#,
            r#","response_types":["token"]"#,
            r#","token_endpoint_auth_method":"client_secret_jwt""#,
            r#","id_token_signed_response_alg":"none""#,
            r#","id_token_signed_response_alg":"HS256""#,
            r#","id_token_encrypted_response_alg":"RSA-OAEP""#,
            r#","subject_type":"pairwise""#,
            r#","scope":"admin""#,
            r#","sector_identifier_uri":"https://tool.example.com/s""#,
            r#","logo_uri":"javascript:alert(1)""#,
            r#","jwks":{"keys":[]}"#,
            r#","token_endpoint_auth_method":"private_key_jwt""#,
        ] {
            let refused = apps
                .register_client(None, metadata(more), String::new(), NOW)
                .await
                .unwrap_err();
            assert_eq!(code(&refused), "client_metadata_invalid", "{more}");
        }
        for bad in [
            "http://tool.example.com/cb",
            "https://tool.example.com/*",
            "https://tool.example.com/#x",
        ] {
            let document = format!(r#"{{"redirect_uris":["{bad}"]}}"#);
            let document = ClientMetadata::parse(document.as_bytes()).unwrap();
            let refused = apps
                .register_client(None, document, String::new(), NOW)
                .await
                .unwrap_err();
            assert_eq!(code(&refused), "redirect_uri_unsuitable", "{bad}");
        }
        for nonsense in ["", "[]", r#"{"redirect_uris":"x"}"#, r#"{"a":1,"a":2}"#] {
            assert!(ClientMetadata::parse(nonsense.as_bytes()).is_err(), "{nonsense}");
        }
    }
}

#[tokio::test]
async fn what_is_known_and_not_done_is_refused_and_what_is_stricter_is_done() {
    for asked in [
        r#""backchannel_logout_uri":"https://tool.example.com/out""#,
        r#""frontchannel_logout_uri":"https://tool.example.com/out""#,
        r#""tls_client_certificate_bound_access_tokens":true"#,
        r#""require_signed_request_object":true"#,
        r#""request_object_encryption_alg":"RSA-OAEP-256""#,
        r#""authorization_signed_response_alg":"ES256""#,
        r#""introspection_encrypted_response_alg":"ECDH-ES""#,
        r#""request_object_signing_alg":"ES256""#,
    ] {
        let document = format!(r#"{{"redirect_uris":["https://tool.example.com/cb"],{asked}}}"#);
        let refused = ClientMetadata::parse(document.as_bytes()).unwrap_err();
        let (name, _) = asked.trim_start_matches('"').split_once('"').unwrap();
        assert_eq!(refused.kind.code, "client_metadata_invalid");
        assert!(refused.detail.starts_with(name), "{asked}: {}", refused.detail);
    }
    for store in testing::engines().await {
        let apps = apps_on(&store);
        open(&apps, RegistrationMode::Open, 10).await;
        let asks_for_nothing = metadata(r#","require_signed_request_object":false,"backchannel_logout_uri":null"#);
        let usual = apps
            .register_client(None, asks_for_nothing, String::new(), NOW)
            .await
            .unwrap();
        assert_eq!(usual.app.sender.dpop, Dpop::Optional);
        assert_eq!(usual.metadata.dpop_bound_access_tokens, None);
        let more = r#","dpop_bound_access_tokens":true,"require_pushed_authorization_requests":true"#;
        let strict = apps
            .register_client(None, metadata(more), String::new(), NOW)
            .await
            .unwrap();
        // It stays so when the client says nothing of it any more, and the client is told.
        let (id, token) = (strict.app.client_id.clone(), strict.token.clone().unwrap());
        let changed = metadata(r#","client_uri":"https://tool.example.com","dpop_bound_access_tokens":false"#);
        let updated = apps
            .update_client(&id, token, changed, (None, String::new()), NOW)
            .await
            .unwrap();
        for registered in [strict, updated] {
            assert_eq!(registered.app.sender.dpop, Dpop::Required);
            assert!(registered.app.requests.require_pushed);
            assert_eq!(registered.metadata.dpop_bound_access_tokens, Some(true));
            assert_eq!(registered.metadata.require_pushed_authorization_requests, Some(true));
        }
    }
}

#[tokio::test]
async fn a_client_manages_itself_and_nobody_else() {
    for store in testing::engines().await {
        let apps = apps_on(&store);
        open(&apps, RegistrationMode::Open, 10).await;
        let one = apps
            .register_client(None, metadata(""), String::new(), NOW)
            .await
            .unwrap();
        let other = apps
            .register_client(None, metadata(""), String::new(), NOW)
            .await
            .unwrap();
        let token = one.token.clone().unwrap();
        let read = apps.registered_client(&one.app.client_id, token.clone()).await.unwrap();
        assert_eq!(read.metadata, one.metadata);
        let refused = apps
            .registered_client(&other.app.client_id, token.clone())
            .await
            .unwrap_err();
        assert_eq!(code(&refused), "registration_token_invalid");
        let public = metadata(r#","token_endpoint_auth_method":"none""#);
        let updated = apps
            .update_client(&one.app.client_id, token.clone(), public, (None, String::new()), NOW)
            .await
            .unwrap();
        assert_eq!(updated.app.kind, AppKind::Public);
        assert!(updated.secret.is_none() && updated.app.secrets.is_empty());
        let chosen = Some(Secret::new("chosen".to_owned()));
        let refused = apps
            .update_client(
                &other.app.client_id,
                other.token.clone().unwrap(),
                metadata(""),
                (chosen, String::new()),
                NOW,
            )
            .await
            .unwrap_err();
        assert_eq!(code(&refused), "client_metadata_invalid");
        apps.deregister_client(&one.app.client_id, token.clone(), String::new(), NOW)
            .await
            .unwrap();
        let refused = apps.registered_client(&one.app.client_id, token).await.unwrap_err();
        assert_eq!(code(&refused), "registration_token_invalid");
    }
}

#[tokio::test]
async fn what_an_administrator_gave_a_registered_client_survives_its_own_updates() {
    for store in testing::engines().await {
        let apps = apps_on(&store);
        open(&apps, RegistrationMode::Open, 10).await;
        let more = r#","scope":"openid email""#;
        let one = apps
            .register_client(None, metadata(more), String::new(), NOW)
            .await
            .unwrap();
        let (id, token) = (one.app.client_id.clone(), one.token.clone().unwrap());
        let by = Actor::named("ada", "socket");
        let edits = vec![
            Edit::Url("https://tool.example.com".to_owned()),
            Edit::Scopes(ScopeSet::parse("openid email groups").unwrap()),
            Edit::Consent(Consent::Skip),
        ];
        apps.edit(&by, &id, edits, NOW).await.unwrap();
        let more = r#","scope":"openid profile","contacts":["me@example.com"]"#;
        let updated = apps
            .update_client(&id, token, metadata(more), (None, String::new()), NOW)
            .await
            .unwrap();
        assert_eq!(updated.app.url, "https://tool.example.com");
        assert_eq!(updated.app.scopes.to_string(), "openid profile groups");
        assert_eq!(updated.metadata.scope.as_deref(), Some("openid profile groups"));
        assert_eq!(updated.app.consent, Consent::Ask, "its answers may go elsewhere now");
    }
}

#[tokio::test]
async fn people_are_asked_anew_when_the_answers_go_elsewhere() {
    for store in testing::engines().await {
        let apps = apps_on(&store);
        open(&apps, RegistrationMode::Open, 10).await;
        let one = apps
            .register_client(None, metadata(""), String::new(), NOW)
            .await
            .unwrap();
        let (id, token, app, person) = (
            one.app.client_id.clone(),
            one.token.clone().unwrap(),
            one.app.id,
            Uuid::from_u128(7),
        );
        store
            .write::<_, StoreError>(NOW, move |tx| {
                consents::remember(tx, person, app, &["openid".to_owned()])
            })
            .await
            .unwrap();
        let elsewhere = r#"{"redirect_uris":["https://elsewhere.example.com/cb"],"client_name":"A tool"}"#;
        for (document, is_kept) in [
            (metadata(r#","contacts":["me@example.com"]"#), true),
            (ClientMetadata::parse(elsewhere.as_bytes()).unwrap(), false),
        ] {
            apps.update_client(&id, token.clone(), document, (None, String::new()), NOW)
                .await
                .unwrap();
            let found = store.read::<_, StoreError>(move |tx| consents::find(tx, person, app));
            assert_eq!(found.await.unwrap().is_some(), is_kept);
        }
    }
}

#[tokio::test]
async fn an_update_that_changes_nothing_writes_nothing() {
    for store in testing::engines().await {
        let apps = apps_on(&store);
        open(&apps, RegistrationMode::Open, 10).await;
        let one = apps
            .register_client(None, metadata(""), String::new(), NOW)
            .await
            .unwrap();
        let (id, token) = (one.app.client_id.clone(), one.token.clone().unwrap());
        let update = |more: &str, at| {
            let (apps, id, token, metadata) = (apps.clone(), id.clone(), token.clone(), metadata(more));
            async move {
                apps.update_client(&id, token, metadata, (None, String::new()), at)
                    .await
                    .unwrap()
            }
        };
        let recorded = async || {
            let count = store.read::<_, StoreError>(|tx| {
                tx.one(
                    "SELECT count(*) FROM events WHERE action = 'app.register.update'",
                    &[],
                    |row| row.get::<i64>(0),
                )
            });
            count.await.unwrap()
        };
        let same = update("", days(1)).await;
        assert_eq!(same.app.changed, one.app.changed);
        assert_eq!(
            same.secret.as_ref().map(|secret| secret.expose().to_owned()),
            one.secret.as_ref().map(|secret| secret.expose().to_owned())
        );
        assert_eq!(recorded().await, Some(0));
        // What is told again and means nothing to the application is a change too.
        let other = update(r#","contacts":["me@example.com"]"#, days(2)).await;
        assert_eq!(other.metadata.contacts, ["me@example.com"]);
        assert_eq!(recorded().await, Some(1));
        let read = apps.registered_client(&id, token.clone()).await.unwrap();
        assert_eq!(read.metadata, other.metadata);
    }
}

#[tokio::test]
async fn whoever_fills_the_room_for_unused_clients_does_not_keep_it() {
    for store in testing::engines().await {
        let apps = apps_on(&store);
        open(&apps, RegistrationMode::Open, 2).await;
        let register = async |at| apps.register_client(None, metadata(""), String::new(), at).await;
        let first = register(NOW).await.unwrap();
        let second = register(NOW + SignedDuration::from_mins(30)).await.unwrap();
        let soon = register(NOW + SignedDuration::from_mins(59)).await.unwrap_err();
        assert_eq!(code(&soon), "client_registration_full");
        let third = register(NOW + SignedDuration::from_mins(61)).await.unwrap();
        let left = apps.snapshot().await.unwrap();
        assert!(left.find(&first.app.client_id).is_none());
        for stays in [second, third] {
            assert!(left.find(&stays.app.client_id).is_some());
        }
        let again = register(NOW + SignedDuration::from_mins(62)).await.unwrap_err();
        assert_eq!(code(&again), "client_registration_full");
    }
}

#[tokio::test]
async fn what_nobody_uses_is_bounded_and_goes() {
    for store in testing::engines().await {
        let apps = apps_on(&store);
        open(&apps, RegistrationMode::Open, 2).await;
        let used = apps
            .register_client(None, metadata(""), String::new(), NOW)
            .await
            .unwrap();
        let unused = apps
            .register_client(None, metadata(""), String::new(), NOW)
            .await
            .unwrap();
        let refused = apps
            .register_client(None, metadata(""), String::new(), NOW)
            .await
            .unwrap_err();
        assert_eq!(code(&refused), "client_registration_full");
        // Once is enough: the consent may have been taken back since, or an administrator has none asked for.
        let first = RegistrationUse::of(&used.app);
        store
            .write::<_, StoreError>(NOW, move |tx| first.note(tx))
            .await
            .unwrap();
        assert!(
            apps.register_client(None, metadata(""), String::new(), NOW)
                .await
                .is_ok()
        );
        assert_eq!(Apps::sweep_registrations(&store, days(6)).await.unwrap().clients, 0);
        assert_eq!(Apps::sweep_registrations(&store, days(8)).await.unwrap().clients, 2);
        let left = apps.snapshot().await.unwrap();
        assert!(left.find(&used.app.client_id).is_some());
        assert!(left.find(&unused.app.client_id).is_none());
    }
}
