//! People from a table (RFC 4180): the first line says what the columns are.

use std::collections::HashSet;

use doorward_directory::{
    Attributes, NewUser, STANDARD_ATTRIBUTES,
    foreign::{Arrival, ForeignHash},
};
use serde_json::Value;
use uuid::Uuid;

use crate::{Group, Intake, Kind, Outcome, Person, Report, Unreadable};

/// People at most.
const MOST_ROWS: usize = 200_000;
/// Columns at most.
const MOST_COLUMNS: usize = 100;
const EXPECTED: &str = "a table of people (CSV in UTF-8) whose first line names the columns, `name` among them";

/// What a column is.
enum Column {
    Name,
    Id,
    DisplayName,
    Email,
    EmailVerified,
    Disabled,
    Groups,
    PasswordHash,
    Attribute(String),
}

/// Reads a table. Columns are `name`, `id`, `display_name`, `email`, `email_verified`, `disabled`, `groups` (with `;` between)
/// and `password_hash` (a PHC string of Argon2 or PBKDF2); each other one is an attribute.
///
/// # Errors
/// It is too large, no such table, or has no column `name`. What is wrong with a single person is in the report.
pub fn read(document: &[u8]) -> Result<Intake, Unreadable> {
    let unreadable = |received: String| Unreadable {
        expected: EXPECTED,
        received,
    };
    Unreadable::unless_small(document, EXPECTED)?;
    // Spreadsheets begin with a byte order mark, and some separate by semicolons.
    let document = document.strip_prefix(b"\xef\xbb\xbf").unwrap_or(document);
    let head = document.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let delimiter = if head.contains(&b',') || !head.contains(&b';') {
        b','
    } else {
        b';'
    };
    let mut reader = ::csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .trim(::csv::Trim::All)
        .from_reader(document);
    let headers = reader.headers().map_err(|error| unreadable(place(&error)))?.clone();
    if headers.len() > MOST_COLUMNS {
        return Err(unreadable(format!("{} columns, at most {MOST_COLUMNS}", headers.len())));
    }
    let columns: Vec<Column> = headers.iter().map(column).collect();
    if !columns.iter().any(|column| matches!(column, Column::Name)) {
        return Err(unreadable("no column `name`".to_owned()));
    }
    let mut intake = Intake {
        from: "csv",
        ..Intake::default()
    };
    let mut known = HashSet::new();
    for (at, row) in reader.records().enumerate() {
        let row = row.map_err(|error| unreadable(place(&error)))?;
        if at >= MOST_ROWS {
            return Err(unreadable(format!("more than {MOST_ROWS} lines")));
        }
        let fields = columns.iter().zip(row.iter()).filter(|(_, value)| !value.is_empty());
        let person = person(fields, at + 2, &mut intake.report);
        for name in &person.arrival.user.groups {
            // It is the one of this name that is here, or a new one.
            if known.insert(name.to_ascii_lowercase()) {
                intake.groups.push(Group {
                    name: name.clone(),
                    ..Group::default()
                });
            }
        }
        intake.people.push(person);
    }
    Ok(intake)
}

fn place(error: &::csv::Error) -> String {
    let line = error.position().map(::csv::Position::line);
    match (error.kind(), line) {
        (::csv::ErrorKind::UnequalLengths { expected_len, len, .. }, Some(line)) => {
            format!("line {line} has {len} columns, the first has {expected_len}")
        }
        (::csv::ErrorKind::Utf8 { .. }, Some(line)) => format!("line {line} is not UTF-8"),
        (_, Some(line)) => format!("line {line} cannot be read"),
        (_, None) => "it cannot be read".to_owned(),
    }
}

fn column(name: &str) -> Column {
    match name.to_ascii_lowercase().replace([' ', '-'], "_").as_str() {
        "name" | "username" | "user_name" | "login" => Column::Name,
        "id" | "sub" | "uuid" => Column::Id,
        "display_name" | "displayname" | "full_name" => Column::DisplayName,
        "email" | "mail" | "e_mail" => Column::Email,
        "email_verified" => Column::EmailVerified,
        "disabled" => Column::Disabled,
        "groups" => Column::Groups,
        "password_hash" => Column::PasswordHash,
        "first_name" => Column::Attribute("given_name".to_owned()),
        "last_name" => Column::Attribute("family_name".to_owned()),
        _ => Column::Attribute(name.to_owned()),
    }
}

fn person<'a>(fields: impl Iterator<Item = (&'a Column, &'a str)>, line: usize, report: &mut Report) -> Person {
    let mut person = Person::default();
    let mut attributes = Attributes::new();
    let mut user = NewUser::default();
    let mut arrival = Arrival::default();
    let mut left = |what: &str, remedy: Option<&str>| {
        report.note(Outcome::Left, Kind::User, what, remedy, &format!("line {line}"));
    };
    for (column, value) in fields {
        match column {
            Column::Name => value.clone_into(&mut user.name),
            Column::Id => match Uuid::parse_str(value) {
                Ok(id) => person.id = Some(id),
                Err(_) => left("the id is not a UUID; a new one is made", None),
            },
            Column::DisplayName => user.display_name = Some(value.to_owned()),
            Column::Email => user.email = Some(value.to_owned()),
            Column::EmailVerified => match yes(value) {
                Some(verified) => user.email_verified = verified,
                None => left("`email_verified` is neither true nor false; it counts as false", None),
            },
            Column::Disabled => {
                let said = yes(value);
                arrival.disabled = said.unwrap_or(true);
                if said.is_none() {
                    left("`disabled` is neither true nor false; it counts as true", None);
                }
            }
            Column::Groups => {
                let names = value.split(';').map(str::trim).filter(|name| !name.is_empty());
                user.groups = names.map(str::to_owned).collect();
            }
            Column::PasswordHash => match ForeignHash::phc(value) {
                Ok(hash) => arrival.password = Some(hash),
                Err(_) => left(
                    "the password cannot come: expected a PHC string of Argon2 or PBKDF2",
                    Some("Send them a link with which they set one: doorward user link NAME --mail"),
                ),
            },
            Column::Attribute(name) => attributes.set(name.as_str(), attribute(name, value)),
        }
    }
    person.foreign.clone_from(&user.name);
    arrival.user = NewUser { attributes, ..user };
    Person { arrival, ..person }
}

fn attribute(name: &str, value: &str) -> Value {
    match yes(value) {
        Some(flag) if name == "phone_number_verified" => Value::Bool(flag),
        // As `user add --attribute` reads it, but for the standard claims, which are text.
        _ if STANDARD_ATTRIBUTES.contains(&name) && name != "address" => Value::from(value),
        _ => serde_json::from_str(value).unwrap_or_else(|_| Value::from(value)),
    }
}

fn yes(value: &str) -> Option<bool> {
    match value.to_ascii_lowercase().as_str() {
        "true" | "yes" | "1" => Some(true),
        "false" | "no" | "0" => Some(false),
        _ => None,
    }
}
