//! People's passkeys, through the API and the command line.

use std::sync::Arc;

use doorward_directory::{PasskeyCeremony, Via, factors::Seals};
use doorward_jose::{Secret, SystemRandom};
use doorward_mail::Outbox;
use doorward_passkeys::{
    Ceremony, RegistrationResponse, RelyingParty, UserVerification, testing::SoftwareAuthenticator,
};
use doorward_store::MasterKey;
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::{
    api_access::token,
    api_server::{Api, now},
};

/// Alice, with one passkey more; its id.
async fn passkey(api: &Api, name: &str, at: Timestamp) -> String {
    let alice = api.call("get", "/api/v1/users/alice", Value::Null).await.body;
    let alice = alice.pointer("/id").unwrap().as_str().unwrap().parse().unwrap();
    let session = Via::Session(uuid::Uuid::nil());
    let actor = api.state.directory.actor(alice, session, at).await.unwrap().unwrap();
    let party = RelyingParty::at(&"https://sso.example.com".parse().unwrap(), "Doorward").unwrap();
    let mut device = SoftwareAuthenticator::new("https://sso.example.com", "sso.example.com");
    let challenge = doorward_jose::base64url::encode(name);
    let answer = device.create(&json!({ "challenge": challenge, "user": { "id": "AAAA" } }));
    let answer = RegistrationResponse::parse(answer.to_string().as_bytes()).unwrap();
    let ceremony = PasskeyCeremony {
        asked: Ceremony {
            relying_party: &party,
            challenge: name.as_bytes(),
            user_verification: UserVerification::Required,
        },
        ends: at + SignedDuration::from_mins(5),
    };
    let seals = Seals {
        master: Arc::new(MasterKey::from_bytes(&Secret::new([7; 32]))),
        random: Arc::new(SystemRandom),
        outbox: Outbox::off(),
    };
    let added = api
        .state
        .directory
        .add_passkey(&actor, &seals, &answer, ceremony, name, at)
        .await;
    added.unwrap().passkey.id.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn passkeys_are_listed_renamed_and_removed() {
    let api = Api::start().await;
    assert_eq!(api.run("user add alice").await.code, "0");
    let none = api.run("user passkeys alice").await;
    assert!(none.err.contains("alice has no passkey."), "{none:?}");
    let (laptop, phone) = (
        passkey(&api, "Laptop", now()).await,
        passkey(&api, "Telephone", now() + SignedDuration::from_secs(1)).await,
    );

    let path = "/api/v1/users/alice/passkeys";
    let listed = api.call("get", path, Value::Null).await.body;
    assert_eq!(
        listed["items"][0],
        json!({
            "id": laptop, "name": "Laptop", "created": now().to_string(), "synced": false, "backed_up": false,
            "verifies_user": true, "discoverable": true, "algorithm": "ES256", "transports": ["internal"],
        })
    );
    let table = api.run("user passkeys alice").await;
    assert!(table.out.contains("one device"), "{table:?}");
    assert!(table.out.contains("logs in alone"), "{table:?}");
    let same = api.run("user passkeys alice --json").await;
    assert_eq!(serde_json::from_str::<Value>(&same.out).unwrap(), listed);

    let renamed = api.run(&format!("user rename-passkey alice {phone} Handy")).await;
    assert_eq!(renamed.out, "The passkey of alice is called Handy now.\n");
    let one = format!("{path}/{laptop}");
    let refused = api.call("patch", &one, json!({ "name": "" })).await;
    assert_eq!(
        (refused.status, &refused.body["code"]),
        (StatusCode::BAD_REQUEST, &json!("invalid_passkey_name"))
    );

    assert_eq!(
        api.call("delete", &one, Value::Null).await.status,
        StatusCode::NO_CONTENT
    );
    let again = api.call("delete", &one, Value::Null).await;
    assert_eq!(
        (again.status, &again.body["code"]),
        (StatusCode::NOT_FOUND, &json!("no_such_passkey"))
    );
    let nonsense = api.call("delete", &format!("{path}/x"), Value::Null).await;
    assert_eq!(nonsense.status, StatusCode::NOT_FOUND, "{nonsense:?}");

    let neither = api.run("user remove-passkey alice").await;
    assert_eq!(neither.code, "2", "{neither:?}");
    let all = api.run("user remove-passkey alice --all").await;
    assert_eq!(all.out, "Removed 1 passkey of alice.\n");
    assert_eq!(api.call("get", path, Value::Null).await.body["items"], json!([]));
    let events = api
        .call("get", "/api/v1/events?action=user.passkey.remove", Value::Null)
        .await
        .body;
    assert_eq!(events["items"].as_array().map(Vec::len), Some(2), "{events}");
}

#[tokio::test(flavor = "multi_thread")]
async fn passkeys_are_removed_only_by_who_may_change_that_person() {
    let api = Api::start().await;
    assert_eq!(api.run("user add alice").await.code, "0");
    assert_eq!(api.run("user add bob").await.code, "0");
    let laptop = passkey(&api, "Laptop", now()).await;
    let (reader, people) = (
        token(&api, "reader", Some("read-only")).await,
        token(&api, "people", Some("people")).await,
    );
    let list = "/api/v1/users/alice/passkeys";
    let one = format!("{list}/{laptop}");
    assert_eq!(
        api.call_with(&reader, "get", list, Value::Null).await.status,
        StatusCode::OK
    );
    for path in [list, &one] {
        let refused = api.call_with(&reader, "delete", path, Value::Null).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{refused:?}");
    }
    let under_another_name = format!("/api/v1/users/bob/passkeys/{laptop}");
    let refused = api.call_with(&people, "delete", &under_another_name, Value::Null).await;
    assert_eq!(refused.body["code"], "no_such_passkey", "{refused:?}");

    assert_eq!(api.run("admin grant apps alice").await.code, "0");
    for path in [list, &one] {
        let refused = api.call_with(&people, "delete", path, Value::Null).await;
        assert_eq!(refused.body["code"], "protected_by_role", "{refused:?}");
    }
    assert_eq!(
        api.call("get", list, Value::Null).await.body["items"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    assert_eq!(api.run("admin revoke apps alice").await.code, "0");
    let done = api.call_with(&people, "delete", &one, Value::Null).await;
    assert_eq!(done.status, StatusCode::NO_CONTENT, "{done:?}");
}
