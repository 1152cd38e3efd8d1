//! People and groups from a directory (LDIF, RFC 2849): what `ldapsearch -LLL` prints of OpenLDAP, Active Directory, 389,
//! FreeIPA, or of Kanidm's LDAP interface.
//!
//! Read line by line, since no crate for it is looked after. Sources: RFC 2849; RFC 2798 (inetOrgPerson), RFC 4519 (groups of
//! names), RFC 2307 (posixGroup), RFC 4530 (entryUUID); Kanidm's book, "LDAP".

mod standing;

use std::collections::{BTreeMap, HashMap};

use data_encoding::{BASE64, BASE64_NOPAD};
use doorward_directory::{
    Attributes, NewUser,
    foreign::{Arrival, ForeignHash, Pbkdf2},
};
use uuid::Uuid;

use crate::{Group, Intake, Kind, Outcome, Person, Report, Unreadable, names::Names};

const EXPECTED: &str = "entries of a directory in LDIF (RFC 2849), as `ldapsearch -LLL` prints them";
/// Entries at most.
const MOST_ENTRIES: usize = 200_000;
/// Values of one entry at most; a group has many members.
const MOST_VALUES: usize = 200_000;

/// One entry: its values by attribute in lower case, options left out.
#[derive(Debug, Default)]
struct Entry {
    dn: String,
    values: BTreeMap<String, Vec<Vec<u8>>>,
}

impl Entry {
    fn texts<'e>(&'e self, name: &str) -> impl Iterator<Item = &'e str> {
        let values = self.values.get(name).into_iter().flatten();
        values
            .filter_map(|value| std::str::from_utf8(value).ok().map(str::trim))
            .filter(|text| !text.is_empty())
    }

    fn text(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.texts(name).next())
    }

    fn is_a(&self, classes: &[&str]) -> bool {
        let names = self.texts("objectclass").chain(self.texts("class"));
        names
            .into_iter()
            .any(|class| classes.iter().any(|one| class.eq_ignore_ascii_case(one)))
    }
}

/// Reads entries: people by their classes, groups by theirs; everything else is left out.
///
/// # Errors
/// It is too large or no LDIF; the line is named. What is wrong with a single entry is in the report.
pub fn read(document: &[u8]) -> Result<Intake, Unreadable> {
    let unreadable = |received: String| Unreadable {
        expected: EXPECTED,
        received,
    };
    Unreadable::unless_small(document, EXPECTED)?;
    let entries = entries(document).map_err(unreadable)?;
    let mut intake = Intake {
        from: "ldif",
        ..Intake::default()
    };
    let mut names = Names::default();
    let mut people: HashMap<String, usize> = HashMap::new();
    let mut by_uid: HashMap<String, usize> = HashMap::new();
    for entry in entries.iter().filter(|entry| is_person(entry)) {
        let person = person(entry, &mut names, &mut intake.report);
        people.insert(normal(&entry.dn), intake.people.len());
        by_uid.insert(person.foreign.to_lowercase(), intake.people.len());
        intake.people.push(person);
    }
    groups(&entries, &people, &by_uid, &mut intake);
    let others = entries
        .iter()
        .filter(|entry| !is_person(entry) && !is_group(entry))
        .count();
    if others > 0 {
        let what = format!("{others} entries are neither people nor groups, and are left out");
        intake.report.note(Outcome::Left, Kind::Realm, what, None, "");
    }
    Ok(intake)
}

fn is_person(entry: &Entry) -> bool {
    entry.is_a(&["person", "inetorgperson", "posixaccount", "user", "account"])
        && !entry.is_a(&["computer", "service_account"])
}

fn is_group(entry: &Entry) -> bool {
    entry.is_a(&["groupofnames", "groupofuniquenames", "posixgroup", "group"])
}

fn entries(document: &[u8]) -> Result<Vec<Entry>, String> {
    let mut all = Vec::new();
    let mut entry = Entry::default();
    let mut count = 0_usize;
    let mut lines = unfolded(document);
    // A line that ends the last entry.
    lines.push((0, Vec::new()));
    for (number, line) in lines {
        if line.is_empty() {
            if !entry.dn.is_empty() {
                all.push(std::mem::take(&mut entry));
                if all.len() > MOST_ENTRIES {
                    return Err(format!("more than {MOST_ENTRIES} entries"));
                }
            }
            count = 0;
            continue;
        }
        let (name, value) = value(&line).ok_or_else(|| format!("line {number} is no `name: value`"))?;
        if entry.dn.is_empty() {
            match name.as_str() {
                "version" | "search" | "result" => continue,
                "dn" => {
                    entry.dn = String::from_utf8(value)
                        .map_err(|_| format!("line {number} names an entry that is not UTF-8"))?;
                    if entry.dn.is_empty() {
                        // The root of a directory is nobody.
                        "-".clone_into(&mut entry.dn);
                    }
                    continue;
                }
                _ => return Err(format!("line {number} begins an entry without `dn:`")),
            }
        }
        if name == "changetype" && value != b"add" {
            return Err(format!(
                "line {number} is a change; only entries and additions are read"
            ));
        }
        count += 1;
        if count > MOST_VALUES {
            return Err(format!("more than {MOST_VALUES} values before line {number}"));
        }
        entry.values.entry(name).or_default().push(value);
    }
    Ok(all)
}

/// Lines with their numbers: a line that begins with a space goes on with the one before it; comments are left out.
fn unfolded(document: &[u8]) -> Vec<(usize, Vec<u8>)> {
    let mut lines: Vec<(usize, Vec<u8>)> = Vec::new();
    let mut is_comment = false;
    for (at, line) in document.split(|byte| *byte == b'\n').enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match line.split_first() {
            Some((b' ', _)) if is_comment => {}
            Some((b' ', rest)) => {
                if let Some((_, last)) = lines.last_mut() {
                    last.extend_from_slice(rest);
                }
            }
            Some((b'#', _)) => is_comment = true,
            _ => {
                is_comment = false;
                lines.push((at + 1, line.to_vec()));
            }
        }
    }
    lines
}

/// `name: text`, `name:: base64`. An address (`name:< file:///…`) is never followed.
fn value(line: &[u8]) -> Option<(String, Vec<u8>)> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let (name, rest) = line.split_at(colon);
    let name = std::str::from_utf8(name).ok()?;
    // `cn;lang-de` is a `cn`.
    let name = name.split(';').next()?.trim().to_ascii_lowercase();
    if name.is_empty() {
        return None;
    }
    let value = match rest.get(1..)? {
        [b':', encoded @ ..] => BASE64.decode(encoded.trim_ascii()).ok()?,
        [b'<', ..] => Vec::new(),
        text => text.trim_ascii().to_vec(),
    };
    Some((name, value))
}

/// A name of an entry for comparing: in lower case, without spaces around commas and equals signs.
fn normal(dn: &str) -> String {
    let part = |part: &str| part.split('=').map(str::trim).collect::<Vec<_>>().join("=");
    dn.split(',').map(part).collect::<Vec<_>>().join(",").to_lowercase()
}

fn id(entry: &Entry) -> Option<Uuid> {
    if let Some(text) = entry.text(&["entryuuid", "nsuniqueid", "ipauniqueid", "uuid"]) {
        return Uuid::parse_str(text).ok();
    }
    // Active Directory: the first three parts are little-endian (MS-DTYP §2.3.4).
    let guid = entry.values.get("objectguid")?.first()?;
    Some(Uuid::from_bytes_le(guid.as_slice().try_into().ok()?))
}

fn person(entry: &Entry, names: &mut Names, report: &mut Report) -> Person {
    let foreign = entry
        .text(&["uid", "samaccountname", "name", "cn"])
        .unwrap_or(&entry.dn)
        .to_owned();
    let name = names.give(foreign.split('@').next().unwrap_or_default(), "user");
    if name != foreign {
        let what = "the user name becomes one of letters (a-z), digits, `.`, `_` and `-`";
        report.note(
            Outcome::Translated,
            Kind::User,
            what,
            None,
            &format!("{foreign} → {name}"),
        );
    }
    let mut attributes = Attributes::new();
    for (foreign, own) in [
        ("givenname", "given_name"),
        ("sn", "family_name"),
        ("telephonenumber", "phone_number"),
        ("preferredlanguage", "locale"),
        ("title", "title"),
        ("departmentnumber", "department"),
        ("department", "department"),
        ("employeenumber", "employee_number"),
        ("l", "locality"),
        ("o", "organization"),
    ] {
        if let Some(text) = entry.text(&[foreign]) {
            attributes.set(own, text);
        }
    }
    let password = entry.text(&["userpassword"]).and_then(|text| {
        let hash = password(text);
        if hash.is_none() {
            let what = "the password cannot come: its hash is neither Argon2 nor PBKDF2";
            let remedy = "Send them a link with which they set one: doorward user link NAME --mail";
            report.note(Outcome::Left, Kind::User, what, Some(remedy), &foreign);
        }
        hash
    });
    if standing::is_locked(entry) {
        let what =
            "the account was locked after wrong passwords or by somebody (`pwdAccountLockedTime`); it comes disabled";
        let remedy = Some("doorward user enable NAME");
        report.note(Outcome::Translated, Kind::User, what, remedy, &foreign);
    }
    let expires = standing::ends(entry);
    if let Err(attribute) = expires {
        let what = format!("when the account ends cannot be read (`{attribute}`); it comes disabled");
        let remedy = Some("doorward user enable NAME");
        report.note(Outcome::Translated, Kind::User, what, remedy, &foreign);
    }
    let display_name = entry.text(&["displayname", "gecos", "cn"]).map(str::to_owned);
    Person {
        id: id(entry),
        arrival: Arrival {
            user: NewUser {
                name,
                display_name,
                email: entry.text(&["mail", "emailprimary"]).map(str::to_owned),
                attributes,
                expires: expires.unwrap_or_default(),
                ..NewUser::default()
            },
            disabled: standing::is_disabled(entry) || expires.is_err(),
            password,
            ..Arrival::default()
        },
        foreign,
        identities: Vec::new(),
    }
}

/// `{ARGON2}` and `{PBKDF2-…}` as OpenLDAP's modules write them; a PHC string as it is.
fn password(text: &str) -> Option<ForeignHash> {
    let (scheme, rest) = text.strip_prefix('{')?.split_once('}')?;
    let digest = match scheme.to_ascii_uppercase().as_str() {
        "ARGON2" => return ForeignHash::phc(rest).ok(),
        "PBKDF2" | "PBKDF2-SHA1" => Pbkdf2::Sha1,
        "PBKDF2-SHA256" => Pbkdf2::Sha256,
        "PBKDF2-SHA512" => Pbkdf2::Sha512,
        _ => return None,
    };
    let mut parts = rest.split('$');
    let iterations = parts.next()?.parse().ok()?;
    // Base64 with `.` in the place of `+`, and without what fills it up.
    let mut bytes = || {
        BASE64_NOPAD
            .decode(parts.next()?.replace('.', "+").trim_end_matches('=').as_bytes())
            .ok()
    };
    let (salt, hash) = (bytes()?, bytes()?);
    ForeignHash::pbkdf2(digest, iterations, &salt, &hash).ok()
}

fn groups(entries: &[Entry], people: &HashMap<String, usize>, by_uid: &HashMap<String, usize>, intake: &mut Intake) {
    let mut names = Names::default();
    let mut known: HashMap<String, String> = HashMap::new();
    let all: Vec<&Entry> = entries
        .iter()
        .filter(|entry| is_group(entry) && !is_person(entry))
        .collect();
    let mut made: Vec<Group> = Vec::with_capacity(all.len());
    for entry in &all {
        let foreign = entry.text(&["cn", "name"]).unwrap_or(&entry.dn);
        let name = names.give(foreign, "group");
        known.insert(normal(&entry.dn), name.clone());
        made.push(Group {
            id: id(entry),
            name,
            description: entry
                .text(&["description"])
                .unwrap_or_default()
                .chars()
                .take(900)
                .collect(),
            inside: Vec::new(),
        });
    }
    let mut unknown = 0_usize;
    let join = |people: &mut Vec<Person>, at: usize, name: &str| {
        if let Some(person) = people.get_mut(at) {
            person.arrival.user.groups.push(name.to_owned());
        }
    };
    let place: HashMap<String, usize> = made
        .iter()
        .enumerate()
        .map(|(at, group)| (group.name.clone(), at))
        .collect();
    for entry in &all {
        let Some(name) = known.get(&normal(&entry.dn)).cloned() else {
            continue;
        };
        for member in entry.texts("member").chain(entry.texts("uniquemember")) {
            let member = normal(member);
            if let Some(at) = people.get(&member) {
                join(&mut intake.people, *at, &name);
            } else if let Some(at) = known.get(&member).and_then(|inner| place.get(inner)) {
                if let Some(inner) = made.get_mut(*at) {
                    inner.inside.push(name.clone());
                }
            } else {
                unknown += 1;
            }
        }
        for uid in entry.texts("memberuid") {
            match by_uid.get(&uid.to_lowercase()) {
                Some(at) => join(&mut intake.people, *at, &name),
                None => unknown += 1,
            }
        }
    }
    // What the person's own entry says, where the group's does not: Active Directory and Kanidm list both or this alone.
    for entry in entries.iter().filter(|entry| is_person(entry)) {
        let Some(at) = people.get(&normal(&entry.dn)) else {
            continue;
        };
        for group in entry.texts("memberof") {
            if let Some(name) = known.get(&normal(group))
                && let Some(person) = intake.people.get_mut(*at)
                && !person.arrival.user.groups.contains(name)
            {
                person.arrival.user.groups.push(name.clone());
            }
        }
    }
    if unknown > 0 {
        let what = format!("{unknown} members of groups are not in the document, and are left out");
        intake.report.note(Outcome::Left, Kind::Group, what, None, "");
    }
    intake.groups = made;
}
