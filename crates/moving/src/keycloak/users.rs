//! People.

use std::collections::BTreeSet;

use doorward_directory::{Attributes, NewUser, STANDARD_ATTRIBUTES, foreign::Arrival};
use serde_json::Value;
use uuid::Uuid;

use super::{
    credentials,
    export::{Realm, User},
    groups::{Structure, named},
};
use crate::{Kind, Outcome, Person, Report, names::Names};

/// The attribute that keeps a user name that cannot be one here; claim rules read it.
pub(super) const FORMER_NAME: &str = "keycloak.username";

/// What tokens need to know of all people together.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Attributes that somebody has, by their names here.
    pub(super) attributes: BTreeSet<String>,
    /// Somebody's user name had to become another.
    pub(super) has_former_names: bool,
}

/// The name here for an attribute there. The standard claims have the names that they have in tokens.
pub(super) fn attribute_name(name: &str) -> String {
    let standard = match name {
        "firstName" => "given_name",
        "lastName" => "family_name",
        "middleName" => "middle_name",
        "phoneNumber" => "phone_number",
        "phoneNumberVerified" => "phone_number_verified",
        other => other,
    };
    // An address is an object here, and text there; the other two are fields of a person there.
    if Attributes::may_be_named(standard) && !matches!(standard, "address" | "id" | "username") {
        return standard.to_owned();
    }
    let rest: String = name
        .chars()
        .map(|c| match c {
            '_' | '-' | '.' | ':' | '/' => c,
            c if c.is_ascii_alphanumeric() => c,
            _ => '-',
        })
        .take(50)
        .collect();
    format!("keycloak.{rest}")
}

pub(super) fn read(realm: &mut Realm, structure: &Structure, report: &mut Report) -> (Vec<Person>, Known) {
    let users = std::mem::take(&mut realm.users);
    let mut names = Names::default();
    let mut known = Known::default();
    // Names that can stay are given first: nobody loses theirs to somebody whose name has to change.
    let fitting: BTreeSet<&str> = users.iter().map(|user| user.username.as_str()).collect();
    for name in fitting.iter().filter(|name| crate::names::fits(name)) {
        names.give(name, "user");
    }
    let mut people = Vec::with_capacity(users.len());
    for user in &users {
        if !user.service_account_client_id.is_empty() {
            let what =
                "the service account of a client does not come: the application logs in as itself, without roles";
            report.note(Outcome::Left, Kind::User, what, None, &user.username);
            continue;
        }
        people.push(person(user, structure, &mut names, &mut known, report));
    }
    (people, known)
}

fn person(user: &User, structure: &Structure, names: &mut Names, known: &mut Known, report: &mut Report) -> Person {
    let id = Uuid::parse_str(&user.id).ok();
    let who = user.username.as_str();
    if id.is_none() {
        let what = "their id is not a UUID, so applications know them by another `sub` than before";
        report.note(Outcome::Left, Kind::User, what, None, who);
    }
    let mut attributes = attributes(user, report);
    let name = if crate::names::fits(who) {
        who.to_owned()
    } else {
        let local = who.split('@').next().unwrap_or_default();
        let name = names.give(local, "user");
        attributes.set(FORMER_NAME, who);
        known.has_former_names = true;
        let what = "the user name becomes one of letters (a-z), digits, `.`, `_` and `-`; applications that are imported keep \
                    seeing the old one, and an e-mail address logs in too";
        report.note(Outcome::Translated, Kind::User, what, None, &format!("{who} → {name}"));
        name
    };
    known
        .attributes
        .extend(attributes.iter().map(|(name, _)| name.to_owned()));
    let full = format!("{} {}", user.first_name.trim(), user.last_name.trim());
    let display_name = Some(full.trim().chars().take(200).collect::<String>()).filter(|name| !name.is_empty());
    let must_change = user.required_actions.iter().any(|action| action == "UPDATE_PASSWORD");
    let verify = user.required_actions.iter().any(|action| action == "VERIFY_EMAIL");
    actions(user, report);
    let mut arrival = Arrival {
        user: NewUser {
            name,
            display_name,
            email: Some(user.email.clone()).filter(|email| !email.is_empty()),
            email_verified: user.email_verified && !verify,
            attributes,
            groups: [structure.everybody.clone()]
                .into_iter()
                .filter(|name| !name.is_empty())
                .chain(joined(user, structure))
                .collect(),
            ..NewUser::default()
        },
        disabled: user.enabled == Some(false),
        ..Arrival::default()
    };
    read_credentials(user, must_change, &mut arrival, report);
    Person {
        id,
        foreign: who.to_owned(),
        arrival,
        identities: user
            .federated_identities
            .iter()
            .map(|one| (super::upstreams::name(&one.identity_provider), one.user_id.clone()))
            .collect(),
    }
}

fn joined(user: &User, structure: &Structure) -> Vec<String> {
    let groups = user.groups.iter().filter_map(|path| structure.group(path));
    let roles = named(&user.realm_roles, &user.client_roles);
    let roles = roles
        .iter()
        .filter_map(|role| structure.role(role.client.as_deref(), &role.name));
    let mut all: Vec<String> = groups.chain(roles).map(str::to_owned).collect();
    all.dedup();
    all
}

const LINK: &str = "Send them a link with which they set one: doorward user link NAME --mail";

fn read_credentials(user: &User, must_change: bool, arrival: &mut Arrival, report: &mut Report) {
    let who = user.username.as_str();
    let left = |report: &mut Report, what: &str, remedy: &str| {
        report.note(Outcome::Left, Kind::User, what, Some(remedy), who);
    };
    for credential in &user.credentials {
        match credential.r#type.as_str() {
            "password" if must_change => {
                left(
                    report,
                    "the password was to be changed at the next login, so it does not come",
                    LINK,
                );
            }
            "password" => match credentials::password(credential) {
                Ok(hash) => arrival.password = Some(hash),
                Err(why) => left(report, &format!("the password cannot come: {why}"), LINK),
            },
            "otp" if arrival.totp.is_some() => {
                left(
                    report,
                    "one app for one-time codes comes, the first; a further one does not",
                    "They can go on with the first one.",
                );
            }
            "otp" => match credentials::totp(credential) {
                Ok(totp) => arrival.totp = Some(totp),
                Err(why) => left(
                    report,
                    &format!("the app for one-time codes cannot come: {why}"),
                    "They enrol it anew on their account page; a policy can ask them to.",
                ),
            },
            "webauthn" | "webauthn-passwordless" => left(
                report,
                "passkeys cannot come: browsers keep them for the address at which they were made",
                "They add a passkey on their account page.",
            ),
            "recovery-authn-codes" => left(
                report,
                "recovery codes cannot come",
                "They get new ones on their account page.",
            ),
            other => left(
                report,
                &format!("a credential of kind `{}` cannot come", crate::report::bounded(other)),
                "",
            ),
        }
    }
    let is_factor = |kind: &str| {
        matches!(
            kind,
            "otp" | "webauthn" | "webauthn-passwordless" | "recovery-authn-codes"
        )
    };
    let had_factor = user.credentials.iter().any(|credential| is_factor(&credential.r#type));
    if had_factor && arrival.totp.is_none() && arrival.password.take().is_some() {
        left(
            report,
            "the password does not come, because the second factor cannot: alone it opened nothing there",
            LINK,
        );
    }
}

fn actions(user: &User, report: &mut Report) {
    let who = user.username.as_str();
    for action in &user.required_actions {
        let (what, remedy) = match action.as_str() {
            "UPDATE_PASSWORD" => continue,
            "VERIFY_EMAIL" => (
                "the address counts as not verified, as was asked there",
                "They confirm it on their account page.",
            ),
            "CONFIGURE_TOTP" | "webauthn-register" | "webauthn-register-passwordless" => (
                "a second factor was to be set up at the next login: a policy asks for that here",
                "doorward policy set --group GROUP --factors second",
            ),
            "TERMS_AND_CONDITIONS" | "terms_and_conditions" => (
                "terms were to be accepted at the next login: published terms ask everybody",
                "doorward terms publish --text en=FILE",
            ),
            _ => ("what was to be done at the next login is not asked here", ""),
        };
        let remedy = Some(remedy).filter(|text| !text.is_empty());
        report.note(Outcome::Translated, Kind::User, what, remedy, who);
    }
}

fn attributes(user: &User, report: &mut Report) -> Attributes {
    let mut all = Attributes::new();
    let own = [("given_name", &user.first_name), ("family_name", &user.last_name)];
    for (name, value) in own {
        if !value.trim().is_empty() {
            all.set(name, value.trim());
        }
    }
    let mut room = 14 * 1024_usize;
    for (foreign, value) in &user.attributes {
        let name = attribute_name(foreign);
        let Some(value) = attribute(&name, value) else { continue };
        let size = name.len() + value.to_string().len() + 4;
        if size > room {
            let what = "attributes of more than 14 KiB together cannot come";
            report.note(
                Outcome::Left,
                Kind::User,
                what,
                None,
                &format!("{}: {foreign}", user.username),
            );
            continue;
        }
        room -= size;
        if name != *foreign {
            let what = "the attribute gets the name that it has in tokens, or one that the server does not need itself; claim \
                        rules follow";
            let remark = format!("{foreign} → {name}");
            let is_new = !report
                .remarks
                .iter()
                .any(|one| one.what == what && one.names.contains(&remark));
            if is_new {
                report.note(Outcome::Translated, Kind::User, what, None, &remark);
            }
        }
        all.set(name, value);
    }
    all
}

/// One value stands alone; several are a list. The standard claims are what OpenID Connect Core §5.1 says.
fn attribute(name: &str, value: &Value) -> Option<Value> {
    let first = match value {
        Value::Array(list) => list.first()?,
        other => other,
    };
    if name == "phone_number_verified" {
        return Some(Value::Bool(
            first.as_str() == Some("true") || first.as_bool() == Some(true),
        ));
    }
    if STANDARD_ATTRIBUTES.contains(&name) {
        return first.as_str().map(Value::from);
    }
    match value {
        Value::Array(list) if list.len() > 1 => Some(value.clone()),
        _ => Some(first.clone()),
    }
}
