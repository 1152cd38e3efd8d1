//! Everybody, as the export has them and as they are here.

use std::collections::{BTreeMap, BTreeSet};

use doorward_e2e::{Browser, Page, Person, Server};
use serde_json::{Value, json};

use super::{GROUPS, PEOPLE, person};

/// Everything that an import writes, as the API shows it.
pub(super) type State = BTreeMap<String, Value>;

/// People, groups, applications and upstreams with all that the API says of each.
pub(super) async fn state(server: &Server) -> State {
    let mut all = State::new();
    for (kind, key) in [
        ("users", "id"),
        ("groups", "name"),
        ("apps", "client_id"),
        ("upstreams", "name"),
    ] {
        let mut cursor = String::new();
        loop {
            let (_, list) = server.api(&format!("/{kind}?limit=500{cursor}"), None).await;
            for item in list["items"].as_array().unwrap_or_else(|| panic!("{kind}: {list}")) {
                let name = item[key].as_str().expect("it has a name");
                let (status, shown) = server.api(&format!("/{kind}/{name}"), None).await;
                assert_eq!(status, 200, "{kind} {name}: {shown}");
                all.insert(format!("{kind}/{name}"), shown);
            }
            match list["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
    }
    all
}

/// Each of them: id, name, address, full name, attributes, groups and roles, and nobody else.
pub(super) fn are_the_same(state: &State, export: &Value) {
    let here = state.iter().filter(|(key, _)| key.starts_with("users/"));
    let mut here: BTreeMap<&str, &Value> = here
        .map(|(_, user)| (user["id"].as_str().expect("an id"), user))
        .collect();
    let users = export["users"].as_array().expect("people");
    let people = users.iter().filter(|user| user["serviceAccountClientId"].is_null());
    let mut compared = 0;
    for there in people {
        let id = there["id"].as_str().expect("an id");
        let shown = here.remove(id).unwrap_or_else(|| panic!("{there} is not here"));
        assert_eq!(picture_of_shown(shown), picture_of_exported(there), "{there}");
        compared += 1;
    }
    assert_eq!(compared, PEOPLE);
    // The administrator, who saw the page.
    here.retain(|_, user| user["name"] != "ada");
    assert!(here.is_empty(), "nobody else is here: {here:#?}");
}

fn picture_of_shown(user: &Value) -> Value {
    let groups: BTreeSet<&str> = texts(&user["groups"]).collect();
    json!({
        "name": user["name"], "email": user["email"], "verified": user["email_verified"], "full": user["display_name"],
        "disabled": user["disabled"], "has_password": user["has_password"], "groups": groups,
        "given_name": user["attributes"]["given_name"], "family_name": user["attributes"]["family_name"],
        "department": user["attributes"]["department"],
    })
}

/// What somebody has to be here. A password comes unless it was to be changed, or stood before a factor that cannot come; an
/// address that was to be confirmed is not.
fn picture_of_exported(user: &Value) -> Value {
    let of_roles = texts(&user["realmRoles"]).map(|role| format!("realm.{}", role.replace(' ', "-")));
    let empty = serde_json::Map::new();
    let clients = user["clientRoles"].as_object().unwrap_or(&empty).iter();
    let of_clients = clients.flat_map(|(client, roles)| texts(roles).map(move |role| format!("{client}.{role}")));
    let of_groups = texts(&user["groups"]).map(|path| {
        let known = GROUPS.iter().find(|(known, _)| *known == path);
        known.unwrap_or_else(|| panic!("an unknown group {path}")).1.to_owned()
    });
    let everybody = ["corp.people".to_owned()];
    let groups: BTreeSet<String> = of_roles.chain(of_clients).chain(of_groups).chain(everybody).collect();
    let name = user["username"].as_str().expect("a name");
    let (first, last) = (&user["firstName"], &user["lastName"]);
    json!({
        "name": name.split('@').next(), "email": user["email"], "verified": user["emailVerified"] == true && name != "erik",
        "full": format!("{} {}", first.as_str().unwrap_or_default(), last.as_str().unwrap_or_default()),
        "disabled": user["enabled"] == false, "has_password": !["erik", "kira"].contains(&name), "groups": groups,
        "given_name": first, "family_name": last, "department": user["attributes"]["department"][0],
    })
}

fn texts(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
}

async fn try_login(server: &Server, person: &Person) -> Page {
    let mut browser = Browser::new();
    let page = browser.get(&format!("{}/login", server.url)).await;
    browser.log_in(&page, person).await
}

/// A wrong password opens nothing; the right one does, and its hash is one of ours then: it opens a second time, and a wrong one
/// still does not.
pub(super) async fn passwords_are_made_anew(server: &Server) {
    let many = |name: &str| Person {
        name: name.to_owned(),
        password: "correct horse of many".to_owned(),
    };
    // Three digests of PBKDF2 that nobody has logged in with yet.
    for (at, kind) in ["$pbkdf2$", "$pbkdf2-sha256$", "$pbkdf2-sha512$"].iter().enumerate() {
        let person = many(&format!("person000{at}"));
        let wrong = Person {
            password: format!("{}!", person.password),
            ..person.clone()
        };
        assert_eq!(hash(server, &person.name).await.find(kind), Some(0), "{kind}");
        let page = try_login(server, &wrong).await;
        assert_eq!(page.status, 401, "{}", page.text());
        assert_eq!(
            hash(server, &person.name).await.find(kind),
            Some(0),
            "a wrong password changes nothing"
        );
        for _ in 0..2 {
            let page = try_login(server, &person).await;
            assert_eq!((page.status, page.url.path()), (200, "/"), "{}", page.text());
            assert_eq!(hash(server, &person.name).await.find(OURS), Some(0));
        }
        assert_eq!(try_login(server, &wrong).await.status, 401);
    }
    // Who logged in at the clients has one of ours too, whether Keycloak made theirs with Argon2 or PBKDF2.
    for name in ["alice", "bob", "tina", "dora"] {
        assert_eq!(hash(server, name).await.find(OURS), Some(0), "{name}");
    }
    // Nobody else's is touched.
    assert_eq!(hash(server, "person0003").await.find("$pbkdf2$"), Some(0));
    // Who was disabled stays out with the right password, and who has no password with any.
    for person in [many("person0005"), person("kira"), person("erik")] {
        let page = try_login(server, &person).await;
        assert!(page.status >= 400, "{}: {} {}", person.name, page.status, page.text());
    }
}

/// The parameters with which this server makes hashes.
const OURS: &str = "$argon2id$v=19$m=19456,t=2,p=1$";

async fn hash(server: &Server, name: &str) -> String {
    let found = format!("SELECT p.phc FROM passwords p JOIN users u ON u.id = p.user_id WHERE u.name = '{name}'");
    let rows = server.select(&found).await;
    rows[0][0]
        .as_str()
        .unwrap_or_else(|| panic!("{name} has no hash: {rows}"))
        .to_owned()
}
