//! A realm as `kc.sh export --users same_file` writes it (Keycloak 20 and later).

mod clients;
mod credentials;
mod export;
mod groups;
mod mappers;
mod upstreams;
mod users;

use export::Realm;

use crate::{Intake, Kind, Outcome, Report, Unreadable};

/// Reads the export of one realm.
///
/// # Errors
/// It is too large, no JSON, or not a realm. What in it cannot come is in the report.
pub fn read(document: &[u8]) -> Result<Intake, Unreadable> {
    const EXPECTED: &str =
        "the export of a Keycloak realm, as `kc.sh export --users same_file --file realm.json` writes it";
    let unreadable = |received: String| Unreadable {
        expected: EXPECTED,
        received,
    };
    Unreadable::unless_small(document, EXPECTED)?;
    let mut realm: Realm = serde_json::from_slice(document)
        // Line and column say where; the text around it could be a secret.
        .map_err(|error| {
            unreadable(format!(
                "something else at line {}, column {}",
                error.line(),
                error.column()
            ))
        })?;
    if realm.realm.is_empty() {
        return Err(unreadable("JSON without a `realm`".to_owned()));
    }
    let mut report = Report::default();
    whole(&realm, &mut report);
    let structure = groups::Structure::read(&realm, &mut report);
    let (people, known) = users::read(&mut realm, &structure, &mut report);
    let upstreams = upstreams::read(&mut realm, &mut report);
    let apps = clients::read(&realm, &structure, &known, &mut report);
    Ok(Intake {
        from: "keycloak",
        groups: structure.made,
        people,
        apps,
        upstreams,
        report,
        issuer: None,
    })
}

/// What is to be said of the realm itself.
fn whole(realm: &Realm, report: &mut Report) {
    let mut left = |what: &str, remedy: &str, name: &str| {
        let remedy = Some(remedy).filter(|text| !text.is_empty());
        report.note(Outcome::Left, Kind::Realm, what, remedy, name);
    };
    let major = realm
        .keycloak_version
        .split('.')
        .next()
        .and_then(|text| text.parse::<u32>().ok());
    if major.is_none_or(|major| major < 20) {
        left(
            "the export is of a version before 20, or does not say of which: what it holds may be read wrongly",
            "Update Keycloak first, or compare some people and applications by hand.",
            &realm.keycloak_version,
        );
    }
    if realm.users.is_empty() {
        left(
            "there are no people in the export",
            "kc.sh export --users same_file, or give the files of --users different_files with --users-dir",
            "",
        );
    }
    left(
        "sessions and tokens of before do not come: everybody logs in once more",
        "",
        "",
    );
    if !realm.password_policy.is_empty() {
        left(
            "rules for new passwords do not come",
            "doorward policy set --password-min 12",
            &realm.password_policy,
        );
    }
    if realm.registration_allowed {
        left(
            "people could register themselves, and cannot here until somebody says so",
            "doorward registration set --open on --domains example.com",
            "",
        );
    }
    if !realm.smtp_server.is_empty() {
        left(
            "the mail server does not come",
            "[mail] in the configuration file; docs/operating.md",
            "",
        );
    }
    for flow in realm.authentication_flows.iter().filter(|flow| !flow.built_in) {
        left(
            "login flows of one's own do not come: policies say what is asked of logins",
            "doorward policy list",
            &flow.alias,
        );
    }
    for federation in realm
        .components
        .get("org.keycloak.storage.UserStorageProvider")
        .into_iter()
        .flatten()
    {
        left(
            "a directory that people came from (LDAP, Kerberos) is not asked any more: those in the export come, without passwords \
             that it kept",
            "Links with which they set one: doorward user link NAME --mail",
            &format!("{} ({})", federation.name, federation.provider_id),
        );
    }
    if !realm.organizations.is_empty() {
        left("organizations do not come", "Groups can stand for them.", "");
    }
}
