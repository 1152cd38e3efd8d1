//! People from tables and directories.

use doorward_moving::{Kind, Mode, Outcome, csv, ldif};
use serde_json::json;

use crate::fixture::on_both_engines;

const TABLE: &str = "\u{feff}Name,Display Name,E-Mail,email_verified,groups,disabled,department,password_hash,id\r\n\
    anna,\"Berger, Anna\",anna@example.com,yes,staff; net-ops,,\"[\"\"net\"\",\"\"it\"\"]\",\
    $argon2id$v=19$m=7168$broken,0198c0de-0000-7000-8000-000000000001\r\n\
    ben,,ben@example.com,maybe,staff,true,42,,\r\n\
    Ben,,other@example.com,,,,,,\r\n\
    \"c d\",,,,,,,,\r\n";

#[test]
fn a_table_of_people_comes_with_groups_that_are_here_or_are_made() {
    on_both_engines(|fixture| async move {
        let report = fixture
            .import(csv::read(TABLE.as_bytes()).unwrap(), Mode::SkipConflicts)
            .await;
        assert!(report.written, "{report:#?}");
        let anna = fixture.facts("anna").await;
        assert_eq!(anna.user.id.to_string(), "0198c0de-0000-7000-8000-000000000001");
        assert_eq!(
            (anna.user.display_name.as_str(), anna.user.email_verified),
            ("Berger, Anna", true)
        );
        assert_eq!(anna.groups, ["net-ops", "staff"]);
        assert_eq!(anna.user.attributes.get("department"), Some(&json!(["net", "it"])));
        assert!(!anna.user.has_password);
        let ben = fixture.user("ben").await;
        assert!(ben.disabled && !ben.email_verified);
        let count = report.counts.iter().find(|count| count.kind == Kind::User).unwrap();
        assert_eq!((count.added, count.already, count.conflicts), (2, 0, 2));
        for (outcome, words, about) in [
            (Outcome::Left, "PHC string", "line 2"),
            (Outcome::Left, "neither true nor false", "line 3"),
            (Outcome::Conflict, "in use", "Ben"),
            (Outcome::Conflict, "cannot be used", "c d"),
        ] {
            let found = report.remarks.iter().any(|one| {
                one.outcome == outcome && one.what.contains(words) && one.names.iter().any(|name| name == about)
            });
            assert!(found, "{words}: {report:#?}");
        }
        let semicolons = "name;groups\nemma;staff\n";
        let report = fixture
            .import(csv::read(semicolons.as_bytes()).unwrap(), Mode::All)
            .await;
        assert!(report.written && fixture.facts("emma").await.is_in("staff"));
        let again = fixture
            .import(csv::read(semicolons.as_bytes()).unwrap(), Mode::All)
            .await;
        assert!(
            again.written && again.counts.iter().all(|count| count.added == 0),
            "{again:#?}"
        );
    });
}

#[test]
fn what_is_no_table_of_people_is_refused_with_the_line() {
    for (document, why) in [
        (&b""[..], "no column `name`"),
        (b"a,b\n1,2\n", "no column `name`"),
        (b"name,email\nanna\n", "line 2 has 1 columns, the first has 2"),
        (b"name\n\xff\xfe\n", "line 2 is not UTF-8"),
    ] {
        let refused = csv::read(document).unwrap_err().to_string();
        assert!(refused.contains(why), "{refused}");
    }
    let wide = format!("name{}\n", ",x".repeat(200));
    assert!(csv::read(wide.as_bytes()).unwrap_err().to_string().contains("columns"));
}

/// Entries as OpenLDAP, Active Directory and Kanidm print them.
const DIRECTORY: &str = "version: 1\n\
# people, a comment that\n  goes on\n\
dn: uid=anna,ou=People,dc=example,dc=com\n\
objectClass: inetOrgPerson\n\
uid: anna\n\
cn: Anna Berger\n\
sn: Berger\n\
givenName: An\n na\n\
mail: anna@example.com\n\
displayName:: QW5uYSBCZXJnZXIgw5w=\n\
entryUUID: 0198c0de-0000-7000-8000-000000000001\n\
userPassword:: e1BCS0RGMi1TSEEyNTZ9MTAwMCRZekk1YTJGWFZuUlpNbWh6WWpOS2NGcEhWUSQxMjM=\n\
description: no attribute of a person\n\
\n\
dn: CN=Ben Ä,OU=People,DC=example,DC=com\n\
objectClass: user\n\
objectClass: person\n\
sAMAccountName: ben.a\n\
cn: Ben A\n\
userAccountControl: 514\n\
objectGUID:: AQIDBAUGBwgJCgsMDQ4PEA==\n\
memberOf: cn=ops,ou=Groups,dc=example,dc=com\n\
userPassword: {SSHA}abc\n\
\n\
dn: spn=carl@idm.example.com,dc=idm,dc=example,dc=com\n\
class: person\nclass: account\n\
name: carl\nspn: carl@idm.example.com\ndisplayname: Carl\nemailprimary: carl@example.com\n\
uuid: 0198c0de-0000-7000-8000-000000000003\n\
\n\
dn: cn=ops,ou=Groups,dc=example,dc=com\n\
objectClass: groupOfNames\n\
cn: ops\n\
description: Operators\n\
member: UID=anna, OU=People,dc=example,dc=com\n\
member: uid=nobody,ou=People,dc=example,dc=com\n\
\n\
dn: cn=everyone here,ou=Groups,dc=example,dc=com\n\
objectClass: posixGroup\n\
cn: all staff\n\
memberUid: carl\n\
\n\
dn: cn=outer,ou=Groups,dc=example,dc=com\n\
objectClass: group\n\
cn: outer\n\
member: cn=ops,ou=Groups,dc=example,dc=com\n\
\n\
dn: dc=example,dc=com\n\
objectClass: organization\n\
o: Example\n";

#[test]
fn a_directory_comes_with_ids_groups_and_what_is_inside_of_what() {
    on_both_engines(|fixture| async move {
        let report = fixture
            .import(ldif::read(DIRECTORY.as_bytes()).unwrap(), Mode::All)
            .await;
        assert!(report.written, "{report:#?}");
        let anna = fixture.facts("anna").await;
        assert_eq!(anna.user.id.to_string(), "0198c0de-0000-7000-8000-000000000001");
        assert_eq!(anna.user.display_name, "Anna Berger Ü");
        assert_eq!(anna.user.attributes.text("given_name"), Some("Anna"));
        assert_eq!(
            (anna.direct_groups.clone(), anna.is_in("outer")),
            (vec!["ops".to_owned()], true)
        );
        let ben = fixture.facts("ben.a").await;
        assert_eq!(ben.user.id.to_string(), "04030201-0605-0807-090a-0b0c0d0e0f10");
        assert!(ben.user.disabled && !ben.user.has_password && ben.is_in("ops"));
        let carl = fixture.facts("carl").await;
        assert_eq!(
            (carl.user.email.as_deref(), carl.groups.as_slice()),
            (Some("carl@example.com"), &["all-staff".to_owned()][..])
        );
        let says = |words: &str| report.remarks.iter().any(|one| one.what.contains(words));
        assert!(says("1 members of groups are not in the document"), "{report:#?}");
        assert!(says("1 entries are neither"), "{report:#?}");
        assert!(says("neither Argon2 nor PBKDF2"), "{report:#?}");
        let again = fixture
            .import(ldif::read(DIRECTORY.as_bytes()).unwrap(), Mode::All)
            .await;
        assert!(
            again.written && again.counts.iter().all(|count| count.added == 0),
            "{again:#?}"
        );
    });
}

#[test]
fn whoever_is_locked_or_has_ended_in_a_directory_is_so_here() {
    on_both_engines(|fixture| async move {
        let entry = |name: &str, more: &str| format!("dn: uid={name},dc=x\nobjectClass: person\nuid: {name}\n{more}\n");
        let document = [
            // 2096-10-02 and 1970-01-11, as days; 2100-01-01 as Windows counts, and its two words for never.
            entry("later", "shadowExpire: 46296\n"),
            entry("ended", "shadowExpire: 10\n"),
            entry("windows", "accountExpires: 157469184000000000\n"),
            entry("never", "accountExpires: 9223372036854775807\nshadowExpire: -1\n"),
            entry("never-either", "accountExpires: 0\n"),
            entry("odd", "accountExpires: soon\nshadowExpire: 99999999999999999\n"),
            entry("ipa", "krbPrincipalExpiration: 21000101000000Z\n"),
            entry("ipa-odd", "krbPrincipalExpiration: 2100\n"),
            entry("both", "accountExpires: 157469184000000000\nshadowExpire: 46296\n"),
            entry("locked", "pwdAccountLockedTime: 000001010000Z\n"),
            entry("locked-lately", "pwdAccountLockedTime: 20261101120000Z\n"),
        ]
        .concat();
        let report = fixture
            .import(ldif::read(document.as_bytes()).unwrap(), Mode::All)
            .await;
        assert!(report.written, "{report:#?}");
        for (name, disabled, ends) in [
            ("later", false, Some("2096-10-02T00:00:00Z")),
            ("ended", true, None),
            ("windows", false, Some("2100-01-01T00:00:00Z")),
            ("never", false, None),
            ("never-either", false, None),
            ("odd", true, None),
            ("ipa", false, Some("2100-01-01T00:00:00Z")),
            ("ipa-odd", true, None),
            ("both", false, Some("2096-10-02T00:00:00Z")),
            ("locked", true, None),
            ("locked-lately", true, None),
        ] {
            let user = fixture.user(name).await;
            assert_eq!(
                (user.disabled, user.expires.map(|ends| ends.to_string())),
                (disabled, ends.map(str::to_owned)),
                "{name}"
            );
        }
        for (words, about) in [
            ("had ended", "ended"),
            ("was locked", "locked"),
            ("cannot be read (`accountexpires`)", "odd"),
            ("cannot be read (`krbprincipalexpiration`)", "ipa-odd"),
        ] {
            let said =
                |one: &doorward_moving::Remark| one.what.contains(words) && one.names.iter().any(|name| name == about);
            assert!(report.remarks.iter().any(said), "{words}: {report:#?}");
        }
    });
}

#[test]
fn a_password_of_a_directory_logs_in() {
    on_both_engines(|fixture| async move {
        // Python's hashlib: pbkdf2_hmac("sha256", b"correct horse", b"sodiumchloride", 1000).
        let entry = "dn: uid=d,dc=x\nobjectClass: person\nuid: dora\n\
            userPassword: {PBKDF2-SHA256}1000$c29kaXVtY2hsb3JpZGU$HlNQfOlKG2yaJFj2jdRw/fJLlEcZQXubY7Pxy2Swwjc\n";
        let intake = ldif::read(entry.as_bytes()).unwrap();
        assert!(fixture.import(intake, Mode::All).await.written);
        assert!(fixture.log_in("dora", "correct horsf").await.is_err());
        fixture.log_in("dora", "correct horse").await.unwrap();
    });
}

#[test]
fn what_is_no_directory_is_refused_with_the_line() {
    for (document, why) in [
        ("uid: anna\n", "line 1 begins an entry without `dn:`"),
        ("dn: x\nno colon\n", "line 2 is no `name: value`"),
        ("dn: x\na:: !!!\n", "line 2 is no `name: value`"),
        ("dn: x\nchangetype: delete\n", "line 2 is a change"),
    ] {
        let refused = ldif::read(document.as_bytes()).unwrap_err().to_string();
        assert!(refused.contains(why), "{refused}");
    }
    let intake = ldif::read(b"dn: x\nobjectClass: person\nuid: a\njpegPhoto:< file:///etc/passwd\n").unwrap();
    assert_eq!(intake.people.len(), 1, "an address is never followed");
    assert!(ldif::read(b"").unwrap().people.is_empty());
}
