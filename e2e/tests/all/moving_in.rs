//! A realm of a thousand people is left for good: a real Keycloak is stopped and exported, its export imported by the command line,
//! and this server started on its address. Clients that logged in through Keycloak log in again with the configuration that they had.

mod clients;
mod faces;
mod people;
mod table;

pub(crate) use faces::page_says;

use std::{collections::BTreeMap, path::Path, process::Command};

use doorward_e2e::{Person, Server, Tools, bounded, free_port, rigs::Leaving};
use serde_json::{Value, json};

use clients::Clients;

/// People of the realm, without the accounts of services.
const PEOPLE: usize = 1_000;
/// In how many files: more than one, and the last not full.
const PER_FILE: usize = 300;

/// Hashes with which Keycloak gets people who are ready, so that it does not hash a thousand passwords: its three digests of PBKDF2.
const READY: &str = r#"
import base64, hashlib, json
made, salt = [], b"sixteen bytes of"
for name, digest, passes in (("pbkdf2", "sha1", 20000), ("pbkdf2-sha256", "sha256", 27500), ("pbkdf2-sha512", "sha512", 30000)):
    value = hashlib.pbkdf2_hmac(digest, b"correct horse of many", salt, passes, 64)
    made.append({"type": "password",
        "secretData": json.dumps({"value": base64.b64encode(value).decode(), "salt": base64.b64encode(salt).decode()}),
        "credentialData": json.dumps({"hashIterations": passes, "algorithm": name, "additionalParameters": {}})})
print(json.dumps(made))
"#;

/// Groups of the realm by path, and the name that each has here.
const GROUPS: &[(&str, &str)] = &[
    ("/company", "company"),
    ("/company/netops", "netops"),
    ("/company/netops/leads", "leads"),
    ("/company/helpdesk", "helpdesk"),
    ("/company/ops", "company.ops"),
    ("/lab", "lab"),
    ("/lab/ops", "lab.ops"),
    ("/lab/Räume 1", "R-ume-1"),
];

/// The realm of `e2e/keycloak/moving.json` with so many people more that there are a thousand.
fn realm() -> Value {
    let mut realm: Value = serde_json::from_str(include_str!("../../keycloak/moving.json")).expect("JSON");
    let ran = Command::new(Tools::python()).args(["-c", READY]).output();
    let ready: Vec<Value> = serde_json::from_slice(&ran.expect("Python starts").stdout).expect("JSON");
    let users = realm["users"].as_array_mut().expect("people");
    let named = users
        .iter()
        .filter(|user| user["serviceAccountClientId"].is_null())
        .count();
    for at in 0..PEOPLE - named {
        let mut groups = vec![GROUPS[at % 8].0, GROUPS[at / 8 % 8].0];
        groups.dedup();
        let mut roles = vec!["default-roles-corp"];
        roles.extend((at % 10 == 0).then_some("auditor"));
        roles.extend((at % 7 == 0).then_some("night shift"));
        let of_wiki: &[&str] = if at % 4 == 0 { &["reader"] } else { &[] };
        let first = ["Ada", "Björn", "Chloé", "Đặng", "Elif"][at % 5];
        let department = ["net", "ops", "lab"][at % 3];
        users.push(json!({
            "username": format!("person{at:04}"),
            "email": format!("person{at:04}@example.com"),
            "firstName": first,
            "lastName": format!("Number {at}"),
            "enabled": at % 97 != 5,
            "emailVerified": at % 3 != 0,
            "attributes": { "department": [department] },
            "credentials": [ready.get(at % 3)],
            "groups": groups,
            "realmRoles": roles,
            "clientRoles": { "wiki": of_wiki },
        }));
    }
    realm
}

fn person(name: &str) -> Person {
    let first = name.split('@').next().unwrap_or(name);
    Person {
        name: name.to_owned(),
        password: format!("correct horse {first}"),
    }
}

/// All files of an export as the one document that they are together.
fn whole(folder: &Path) -> Value {
    let read = |name: &str| -> Value {
        let text = std::fs::read_to_string(folder.join(name)).expect("the export can be read");
        serde_json::from_str(&text).expect("JSON")
    };
    let mut whole = read("corp-realm.json");
    assert!(whole["users"].is_null(), "they are in files of their own");
    let mut users = Vec::new();
    for at in 0.. {
        let name = format!("corp-users-{at}.json");
        if !folder.join(&name).exists() {
            break;
        }
        users.extend(read(&name)["users"].as_array().expect("people").clone());
    }
    whole["users"] = Value::Array(users);
    whole
}

/// What made the hash of somebody's password.
fn algorithm(export: &Value, name: &str) -> String {
    let mut users = export["users"].as_array().expect("people").iter();
    let user = users.find(|user| user["username"] == name).expect("they are there");
    let mut credentials = user["credentials"].as_array().expect("credentials").iter();
    let password = credentials.find(|one| one["type"] == "password").expect("a password");
    let data = password["credentialData"].as_str().expect("text");
    let data: Value = serde_json::from_str(data).expect("JSON");
    data["algorithm"].as_str().expect("text").to_owned()
}

#[tokio::test]
async fn a_realm_of_a_thousand_people_moves_in_and_its_clients_notice_nothing() {
    bounded(570, async {
        let port = free_port();
        let issuer = format!("http://127.0.0.1:{port}/realms/corp");
        let mut clients = Clients::new(&issuer).await;
        let mut realm = realm();
        clients.register(&mut realm);
        let configured = clients.configuration();
        let mut keycloak = Leaving::start(port, &realm).await;
        keycloak
            .realm
            .add_scope("department", "org.department", "gopher", "desk")
            .await;

        let mut before = BTreeMap::new();
        // Whoever logs in gets a hash of the kind that the realm's rules say at that time: these Argon2, then bob PBKDF2.
        for name in ["alice", "tina", "dora@example.com"] {
            before.insert(name, clients.log_in(&person(name)).await);
        }
        let rules = "hashAlgorithm(pbkdf2-sha512)";
        keycloak.realm.set_password(rules, &person("bob")).await;
        before.insert("bob", clients.log_in(&person("bob")).await);
        let folder = keycloak.export("corp", PER_FILE).await;
        let export = whole(&folder);
        assert_eq!(algorithm(&export, "alice"), "argon2");
        assert_eq!(algorithm(&export, "tina"), "argon2");
        assert_eq!(algorithm(&export, "bob"), "pbkdf2-sha512");
        assert!(
            std::net::TcpStream::connect(("127.0.0.1", port)).is_err(),
            "Keycloak is gone"
        );

        let server = Server::start_in_place_of(port).await;
        let report = faces::all_three(&server, &folder, &export).await;
        let written = faces::command_line(&server, &folder, &["--issuer", &issuer]).await;
        assert_eq!(
            (&written["written"], &written["counts"]),
            (&json!(true), &report["counts"])
        );
        let mut remarks = written["remarks"].as_array().expect("remarks").clone();
        let before_it = remarks.len();
        remarks.retain(|remark| remark["names"] != json!([issuer]));
        assert_eq!(remarks.len() + 1, before_it, "the issuer is said once");
        assert_eq!(json!(remarks), report["remarks"]);
        let state = people::state(&server).await;
        people::are_the_same(&state, &export);
        let again = faces::command_line(&server, &folder, &[]).await;
        for count in again["counts"].as_array().expect("counts") {
            assert_eq!(
                (&count["added"], &count["conflicts"]),
                (&json!(0), &json!(0)),
                "{again}"
            );
        }
        assert!(state == people::state(&server).await, "a second run changes nothing");

        for (name, before) in &before {
            let after = clients.log_in(&person(name)).await;
            clients::same(name, before, &after);
        }
        assert_eq!(clients.configuration(), configured, "not a byte of it");
        clients.has_one_account_each(&before).await;
        clients.robot_logs_in(&issuer).await;
        people::passwords_are_made_anew(&server).await;
        table::each_row_holds(&server, &state, &export, &report).await;
    })
    .await;
}
