//! Files of people from elsewhere by the command line: what it says of good ones and of bad ones, and how it ends.

use std::{fs, path::Path};

use doorward_e2e::{Browser, Person, Ran, Server, bounded, rigs::OpenLdap};
use serde_json::{Value, json};

use crate::moving_in::page_says;

/// A realm that Keycloak exported, cut to what is read.
const REALM: &str = include_str!("../../../crates/moving/tests/corp.json");
/// One byte more than the server reads.
const TOO_LARGE: u64 = 64 * 1024 * 1024 + 1;

/// `name` in the folder, with what is in it.
fn file(folder: &Path, name: &str, content: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, content).expect("the file can be written");
    path.display().to_string()
}

fn ended(ran: &Ran, code: i32, words: &str) {
    assert_eq!(ran.code, code, "{words}: {}{}", ran.out, ran.err);
    assert!(ran.err.contains(words), "expected {words:?}: {}", ran.err);
}

async fn logs_in(server: &Server, name: &str, password: &str) -> bool {
    let mut browser = Browser::new();
    let page = browser.get(&format!("{}/login", server.url)).await;
    let person = Person {
        name: name.to_owned(),
        password: password.to_owned(),
    };
    let page = browser.log_in(&page, &person).await;
    page.status == 200 && page.url.path() == "/"
}

/// How many of a kind: added, here already, in conflict.
fn counts(report: &Value, kind: &str) -> [Option<u64>; 3] {
    let mut counts = report["counts"].as_array().expect("counts").iter();
    let count = counts.find(|count| count["kind"] == kind).expect("a count");
    [&count["added"], &count["already"], &count["conflicts"]].map(Value::as_u64)
}

#[tokio::test]
async fn what_is_no_good_file_is_refused_and_a_conflict_ends_with_1() {
    bounded(180, async {
        let server = Server::start().await;
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path();
        let realm = file(folder, "corp.json", REALM);
        let text = file(folder, "text.json", "this is no JSON");
        let large = folder.join("large.json");
        fs::File::create(&large)
            .and_then(|file| file.set_len(TOO_LARGE))
            .expect("a large file");
        let large = large.display().to_string();
        let binary = folder.join("binary.csv");
        fs::write(&binary, [0xff, 0xfe, 0x00]).expect("the file can be written");

        let import = async |words: &[&str]| server.cli(&[&["import"], words].concat()).await;
        // What was typed cannot be carried out.
        ended(
            &import(&["keycloak", "/nowhere/corp.json"]).await,
            2,
            "cannot read /nowhere/corp.json",
        );
        ended(&import(&["keycloak", &large]).await, 2, "more than 67108864 bytes");
        ended(&import(&["csv", &binary.display().to_string()]).await, 2, "cannot read");
        ended(&import(&["keycloak", &text, "--users-dir", "."]).await, 2, "is no JSON");
        ended(
            &import(&["keycloak", &realm, "--users-dir", "/nowhere"]).await,
            2,
            "cannot read /nowhere",
        );
        ended(
            &import(&["keycloak", &realm, "--dry-run", "--skip-conflicts"]).await,
            2,
            "cannot be used with",
        );
        let other = folder.join("other");
        fs::create_dir(&other).expect("a folder");
        file(&other, "corp-users-0.json", r#"{"realm":"another","users":[]}"#);
        let other = other.display().to_string();
        ended(
            &import(&["keycloak", &realm, "--users-dir", &other]).await,
            2,
            "is of another realm",
        );
        // The server refuses it.
        ended(
            &import(&["keycloak", &text]).await,
            1,
            "expected the export of a Keycloak realm",
        );
        let table = file(folder, "people.csv", "first,last\na,b\n");
        ended(&import(&["csv", &table]).await, 1, "no column `name`");
        let entries = file(folder, "people.ldif", "uid: anna\n");
        ended(
            &import(&["ldif", &entries]).await,
            1,
            "line 1 begins an entry without `dn:`",
        );

        // Somebody else has the name of one person: named, nothing written, and a script sees it.
        server
            .json(&["user", "add", "alice", "--email", "other@example.com"])
            .await;
        let tried = server.json(&["import", "keycloak", &realm, "--dry-run"]).await;
        let ran = server.cli(&["--json", "import", "keycloak", &realm]).await;
        ended(
            &ran,
            1,
            "nothing was written, because of the conflicts; --skip-conflicts leaves them out",
        );
        let report: Value = serde_json::from_str(&ran.out).expect("the report is there");
        assert_eq!(report, tried, "the dry run said the same");
        assert_eq!(
            (&report["written"], counts(&report, "user")),
            (&json!(false), [Some(6), Some(0), Some(1)])
        );
        assert_eq!(server.cli(&["user", "show", "bob"]).await.code, 1);
        let (status, asked) = server
            .api("/imports", Some(&json!({ "format": "keycloak", "document": REALM })))
            .await;
        assert_eq!((status, &asked), (200, &report));
        page_says(&server, ("keycloak", REALM), &report).await;
        let written = server.json(&["import", "keycloak", &realm, "--skip-conflicts"]).await;
        assert_eq!(
            (&written["written"], counts(&written, "user")),
            (&json!(true), [Some(6), Some(0), Some(1)])
        );
        assert_eq!(
            server.json(&["user", "show", "alice"]).await["email"],
            "other@example.com"
        );
        assert!(logs_in(&server, "pb1", "correct horse pb1").await);
    })
    .await;
}

#[tokio::test]
async fn a_table_comes_by_all_three_ways_with_passwords() {
    bounded(120, async {
        let server = Server::start().await;
        let folder = tempfile::tempdir().expect("a folder");
        // Python's hashlib: pbkdf2_hmac("sha256", b"correct horse", b"sodiumchloride", 1000).
        let hash = "$pbkdf2-sha256$i=1000$c29kaXVtY2hsb3JpZGU$HlNQfOlKG2yaJFj2jdRw/fJLlEcZQXubY7Pxy2Swwjc";
        let table = format!(
            "name;display_name;email;email_verified;groups;disabled;floor;password_hash;id\n\
             anna;Anna Berger;anna@example.com;true;;;3;{hash};0198c0de-0000-7000-8000-000000000001\n\
             ben;;ben@example.com;;;true;;;\n\
             carl;;not an address;;;;;;\n"
        );
        let path = file(folder.path(), "people.csv", &table);
        let tried = server.json(&["import", "csv", &path, "--dry-run"]).await;
        assert_eq!(counts(&tried, "user"), [Some(2), Some(0), Some(1)]);
        let body = json!({ "format": "csv", "document": table, "dry_run": true });
        assert_eq!(server.api("/imports", Some(&body)).await, (200, tried.clone()));
        page_says(&server, ("csv", &table), &tried).await;
        ended(&server.cli(&["import", "csv", &path]).await, 1, "nothing was written");
        server.json(&["import", "csv", &path, "--skip-conflicts"]).await;
        let anna = server.json(&["user", "show", "anna"]).await;
        assert_eq!(
            (
                &anna["id"],
                &anna["display_name"],
                &anna["email_verified"],
                &anna["attributes"]
            ),
            (
                &json!("0198c0de-0000-7000-8000-000000000001"),
                &json!("Anna Berger"),
                &json!(true),
                &json!({ "floor": 3 })
            )
        );
        assert!(!logs_in(&server, "anna", "correct horsf").await);
        assert!(logs_in(&server, "anna", "correct horse").await && logs_in(&server, "anna", "correct horse").await);
        assert_eq!(server.json(&["user", "show", "ben"]).await["disabled"], true);
        let again = server.json(&["import", "csv", &path, "--skip-conflicts"]).await;
        assert_eq!(counts(&again, "user"), [Some(0), Some(2), Some(1)]);
    })
    .await;
}

const DIRECTORY: &str = "\
dn: dc=example,dc=com
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: uid=anna,dc=example,dc=com
objectClass: inetOrgPerson
uid: anna
cn: Anna Ägir
sn: Ägir
givenName: Anna
displayName: Anna Ägir
mail: anna@example.com
telephoneNumber: +49 1
userPassword: ARGON2

dn: uid=ben,dc=example,dc=com
objectClass: inetOrgPerson
objectClass: posixAccount
objectClass: shadowAccount
uid: ben
cn: Ben Baker
sn: Baker
mail: ben@example.com
uidNumber: 1001
gidNumber: 1001
homeDirectory: /home/ben
shadowExpire: 46296
userPassword: PBKDF2

dn: uid=carl,dc=example,dc=com
objectClass: inetOrgPerson
uid: carl
cn: Carl
sn: Clark
userPassword: SSHA
pwdAccountLockedTime: 000001010000Z

dn: cn=net ops,dc=example,dc=com
objectClass: groupOfNames
cn: net ops
description: Networks
member: uid=anna,dc=example,dc=com
member: cn=inner,dc=example,dc=com

dn: cn=inner,dc=example,dc=com
objectClass: groupOfNames
cn: inner
member: UID=carl, dc=example,dc=com

dn: cn=unix,dc=example,dc=com
objectClass: posixGroup
cn: unix
gidNumber: 1001
memberUid: ben
memberUid: gone
";

#[tokio::test]
async fn what_a_real_openldap_holds_comes_with_groups_ids_dates_and_passwords() {
    bounded(120, async {
        let server = Server::start().await;
        let openldap = OpenLdap::new();
        let entries = DIRECTORY
            .replace("ARGON2", &openldap.password("{ARGON2}", "correct horse anna"))
            .replace("PBKDF2", &openldap.password("{PBKDF2-SHA512}", "correct horse ben"))
            .replace("SSHA", &openldap.password("{SSHA}", "correct horse carl"));
        openldap.add(&entries);
        let held = openldap.everything();
        let folder = tempfile::tempdir().expect("a folder");
        let path = file(folder.path(), "people.ldif", &held);

        let tried = server.json(&["import", "ldif", &path, "--dry-run"]).await;
        assert_eq!(counts(&tried, "user"), [Some(3), Some(0), Some(0)], "{tried}");
        assert_eq!(counts(&tried, "group"), [Some(3), Some(0), Some(0)], "{tried}");
        let body = json!({ "format": "ldif", "document": held, "dry_run": true });
        assert_eq!(server.api("/imports", Some(&body)).await, (200, tried.clone()));
        page_says(&server, ("ldif", &held), &tried).await;
        let written = server.json(&["import", "ldif", &path]).await;
        assert_eq!(
            (&written["written"], &written["remarks"]),
            (&json!(true), &tried["remarks"])
        );
        for (words, about) in [
            ("neither Argon2 nor PBKDF2", "carl"),
            ("was locked", "carl"),
            ("1 members of groups are not in the document", ""),
            ("1 entries are neither people nor groups", ""),
        ] {
            let mut remarks = written["remarks"].as_array().expect("remarks").iter();
            let said = remarks.any(|one| {
                one["what"].as_str().is_some_and(|what| what.contains(words))
                    && (about.is_empty() || one["names"] == json!([about]))
            });
            assert!(said, "{words}: {written:#}");
        }

        let anna = server.json(&["user", "show", "anna"]).await;
        assert_eq!(
            anna["id"].as_str(),
            openldap.id_of(&held, "uid=anna,dc=example,dc=com").as_deref()
        );
        assert_eq!(
            (&anna["display_name"], &anna["groups"]),
            (&json!("Anna Ägir"), &json!(["net-ops"]))
        );
        assert_eq!(anna["attributes"]["phone_number"], "+49 1");
        let ben = server.json(&["user", "show", "ben"]).await;
        assert_eq!(
            (&ben["groups"], &ben["expires"]),
            (&json!(["unix"]), &json!("2096-10-02T00:00:00Z"))
        );
        let carl = server.json(&["user", "show", "carl"]).await;
        assert_eq!(
            (&carl["disabled"], &carl["has_password"], &carl["effective_groups"]),
            (&json!(true), &json!(false), &json!(["inner", "net-ops"]))
        );
        for name in ["anna", "ben"] {
            assert!(!logs_in(&server, name, "correct horse").await, "{name}");
            assert!(logs_in(&server, name, &format!("correct horse {name}")).await, "{name}");
            assert!(
                logs_in(&server, name, &format!("correct horse {name}")).await,
                "{name}, anew"
            );
        }
        let again = server.json(&["import", "ldif", &path]).await;
        assert_eq!(counts(&again, "user"), [Some(0), Some(3), Some(0)]);
        assert_eq!(counts(&again, "group"), [Some(0), Some(3), Some(0)]);
    })
    .await;
}
