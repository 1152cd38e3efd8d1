//! `doorward user …`

mod factors;
mod grants;
mod passkeys;
mod standing;

use std::collections::BTreeMap;

use clap::{Args, Subcommand};
use doorward_api::{
    DeleteQuery, Edit, Ended, Link, LinkPurpose, LinkRequest, List, NewUser, Session, SessionQuery, Theme, User,
    UserAdded, UserChange, UserDeleted, UserQuery, UserSummary,
};
use jiff::Timestamp;
use serde_json::Value;

use super::{Page, confirm::Confirm, session::session_rows};
use crate::{
    caller::Caller,
    failure::Failure,
    moment,
    output::{Output, instant, maybe_instant, value},
    span,
};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Add a person; prints the link with which they choose their password
    Add(Add),
    /// List people, all or those whose name or address begins so
    List {
        /// Beginning of a name, an address or a word of a full name
        search: Option<String>,
        #[command(flatten)]
        page: Page,
    },
    /// Show a person: attributes, groups, last login
    Show {
        /// Their name
        name: String,
        /// As in the file of people of `doorward export`
        #[arg(long)]
        toml: bool,
    },
    /// Change a person
    Edit(Change),
    /// Disable people: no login any more, sessions and grants end at once
    Disable {
        /// Their names
        #[arg(required = true)]
        names: Vec<String>,
    },
    /// Let disabled people log in again
    Enable {
        /// Their names
        #[arg(required = true)]
        names: Vec<String>,
    },
    /// Delete a person: their account is closed at once, and gone for good after some days
    Delete {
        /// Their name
        name: String,
        /// For good now; nobody can bring them back
        #[arg(long)]
        at_once: bool,
        #[command(flatten)]
        confirm: Confirm,
    },
    /// Bring people back who were deleted and are not gone for good yet
    Restore {
        /// Their names
        #[arg(required = true)]
        names: Vec<String>,
    },
    /// Make a link: enrolment for a person without a password, else reset
    Link {
        /// Their name
        name: String,
        /// How long it works: 1h, 3d
        #[arg(long, value_name = "SPAN", value_parser = span::parse)]
        lifetime: Option<u32>,
        /// Mail it to them, too
        #[arg(long)]
        mail: bool,
    },
    /// Show what a person has beside a password
    Factors {
        /// Their name
        name: String,
    },
    /// Let every browser of a person ask for the second factor again, where it was remembered
    ForgetBrowsers {
        /// Their name
        name: String,
    },
    /// Take every second factor away from a person who has lost them; ends their sessions
    ResetFactors {
        /// Their name
        name: String,
        #[command(flatten)]
        confirm: Confirm,
    },
    /// List the applications that may know something of a person, and what
    Grants {
        /// Their name
        name: String,
    },
    /// Take back what a person gave to an application: tokens end, and its consent is asked again
    Revoke {
        /// Their name
        name: String,
        /// The application's client id
        app: String,
    },
    /// List the passkeys that a person logs in with
    Passkeys {
        /// Their name
        name: String,
    },
    /// Give a passkey of a person another name
    RenamePasskey {
        /// Their name
        name: String,
        /// Its id in the list
        id: String,
        /// What it is called from now on
        to: String,
    },
    /// Remove a passkey of a person, or all of them: for who has lost a device
    RemovePasskey {
        /// Their name
        name: String,
        /// Its id in the list
        #[arg(required_unless_present = "all")]
        id: Option<String>,
        /// Every one
        #[arg(long, conflicts_with = "id")]
        all: bool,
    },
    /// List the browsers in which a person is logged in
    Sessions {
        /// Their name
        name: String,
    },
    /// End all sessions of a person, and all that applications may do for them
    EndSessions {
        /// Their name
        name: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    /// What they log in with: alice
    name: String,
    /// Full name
    #[arg(long = "name", value_name = "FULL NAME")]
    display_name: Option<String>,
    /// E-mail address, taken as theirs
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// The address is not known to be theirs
    #[arg(long, requires = "email")]
    email_unverified: bool,
    /// Group to put them into; several times for several
    #[arg(long = "group", value_name = "GROUP")]
    groups: Vec<String>,
    /// Further claim, as text or JSON; several times for several
    #[arg(long = "attribute", value_name = "NAME=VALUE", value_parser = attribute)]
    attributes: Vec<(String, Value)>,
    /// When the account ends: a day, which counts to its end (UTC), or a time
    #[arg(long, value_name = "WHEN", value_parser = doorward_api::day::end_of)]
    expires: Option<Timestamp>,
    /// How long the enrolment link works: 3d, 2w
    #[arg(long, value_name = "SPAN", value_parser = span::parse)]
    link_lifetime: Option<u32>,
    /// Mail the link to the address, too
    #[arg(long, requires = "email")]
    mail: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Change {
    /// Their name
    name: String,
    /// Another name to log in with; the subject in tokens stays
    #[arg(long, value_name = "NEW NAME")]
    rename: Option<String>,
    /// Another full name
    #[arg(long = "name", value_name = "FULL NAME")]
    display_name: Option<String>,
    /// Another e-mail address; empty for none
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// Whether the address is known to be theirs
    #[arg(long, value_name = "BOOL")]
    email_verified: Option<bool>,
    /// When the account ends: a day, which counts to its end (UTC), a time, or never
    #[arg(long, value_name = "WHEN", value_parser = moment::or_never)]
    expires: Option<Edit<Timestamp>>,
    /// How pages look to them: as their browser prefers, light, or dark
    #[arg(long, value_name = "THEME", value_enum)]
    theme: Option<Look>,
    /// Claim to set, as text or JSON; several times for several
    #[arg(long = "attribute", value_name = "NAME=VALUE", value_parser = attribute)]
    attributes: Vec<(String, Value)>,
    /// Claim to remove; several times for several
    #[arg(long, value_name = "NAME")]
    remove_attribute: Vec<String>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Look {
    Browser,
    Light,
    Dark,
}

impl Look {
    fn theme(self) -> Theme {
        match self {
            Self::Browser => Theme::Browser,
            Self::Light => Theme::Light,
            Self::Dark => Theme::Dark,
        }
    }
}

/// `NAME=VALUE`, the value as JSON if it is some, else as text: `zoneinfo=Europe/Berlin`, `badges=[1,2]`.
fn attribute(text: &str) -> Result<(String, Value), String> {
    let (name, value) = text
        .split_once('=')
        .filter(|(name, _)| !name.is_empty())
        .ok_or_else(|| format!("expected NAME=VALUE, received {text:?}"))?;
    Ok((
        name.to_owned(),
        serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned())),
    ))
}

impl Command {
    pub(super) async fn run(self, caller: &Caller<'_>) -> Result<(), Failure> {
        match self {
            Self::Add(add) => add.run(caller).await,
            Self::List { search, page } => {
                let query = UserQuery {
                    search,
                    cursor: page.cursor,
                    limit: page.limit,
                };
                let reply = caller.query::<List<UserSummary>>(&["users"], &query).await?;
                let now = moment::now();
                caller.show(&reply, |list, output| {
                    output.list(
                        list,
                        &["NAME", "FULL NAME", "EMAIL", "STATE"],
                        |user| standing::row(user, now),
                        "Nobody is there. Try: doorward user add <name>",
                    )
                })
            }
            Self::Show { name, toml: true } => super::state::print(caller, format!("people.toml: {name}")).await,
            Self::Show { name, toml: false } => {
                let reply = caller.get::<User>(&["users", &name]).await?;
                caller.show(&reply, show)
            }
            Self::Edit(change) => change.run(caller).await,
            Self::Disable { names } => set_disabled(caller, &names, true).await,
            Self::Enable { names } => set_disabled(caller, &names, false).await,
            Self::Delete { name, at_once, confirm } => delete(caller, &name, at_once, &confirm).await,
            Self::Restore { names } => {
                for name in &names {
                    let reply = caller.post::<User>(&["users", name, "restore"], &()).await?;
                    caller.show(&reply, |user, output| output.line(format!("Restored {}.", user.name)))?;
                }
                Ok(())
            }
            Self::Link { name, lifetime, mail } => {
                let request = LinkRequest {
                    purpose: None,
                    link_seconds: lifetime,
                    mail,
                };
                let reply = caller.post::<Link>(&["users", &name, "links"], &request).await?;
                caller.show(&reply, link)
            }
            Self::Factors { name } => factors::show(caller, &name).await,
            Self::ForgetBrowsers { name } => factors::forget_browsers(caller, &name).await,
            Self::ResetFactors { name, confirm } => {
                confirm.ask(&format!(
                    "Take every second factor away from {name}? Their password alone opens the account until they set up \
                     another."
                ))?;
                factors::reset(caller, &name).await
            }
            Self::Grants { name } => grants::list(caller, &name).await,
            Self::Revoke { name, app } => grants::revoke(caller, &name, &app).await,
            Self::Passkeys { name } => passkeys::list(caller, &name).await,
            Self::RenamePasskey { name, id, to } => passkeys::rename(caller, &name, &id, to).await,
            Self::RemovePasskey { name, id, all: _ } => passkeys::remove(caller, &name, id.as_deref()).await,
            Self::Sessions { name } => {
                let query = SessionQuery {
                    user: Some(name.clone()),
                    ..SessionQuery::default()
                };
                let reply = caller.query::<List<Session>>(&["sessions"], &query).await?;
                caller.show(&reply, |list, output| {
                    session_rows(list, output, &format!("{name} is logged in nowhere."))
                })
            }
            Self::EndSessions { name } => {
                let reply = caller.delete_for::<Ended>(&["users", &name, "sessions"]).await?;
                caller.show(&reply, |ended, output| {
                    let (sessions, grants) = (count(ended.ended, "session"), count(ended.grants, "grant"));
                    output.line(format!("Ended {sessions} of {name}, revoked {grants}."))
                })
            }
        }
    }
}

impl Add {
    async fn run(self, caller: &Caller<'_>) -> Result<(), Failure> {
        let request = NewUser {
            name: self.name,
            display_name: self.display_name,
            email: self.email,
            email_verified: self.email_unverified.then_some(false),
            attributes: self.attributes.into_iter().collect(),
            groups: self.groups,
            expires: self.expires,
            link_seconds: self.link_lifetime,
            mail: self.mail,
        };
        let reply = caller.post::<UserAdded>(&["users"], &request).await?;
        caller.show(&reply, |added, output| {
            output.line(format!("Added {}.", added.user.name))?;
            link(&added.enrolment, output)
        })
    }
}

impl Change {
    async fn run(self, caller: &Caller<'_>) -> Result<(), Failure> {
        let set = self.attributes.into_iter();
        let removed = self.remove_attribute.into_iter().map(|name| (name, Value::Null));
        let request = UserChange {
            name: self.rename,
            display_name: self.display_name,
            email: Edit::from_given(self.email, String::is_empty),
            email_verified: self.email_verified,
            attributes: set.chain(removed).collect::<BTreeMap<_, _>>(),
            disabled: None,
            expires: self.expires.unwrap_or_default(),
            theme: self.theme.map(Look::theme),
        };
        if request == UserChange::default() {
            return Err(Failure::usage_with(
                "nothing to change was given",
                "doorward user edit --help",
            ));
        }
        let reply = caller.patch::<User>(&["users", &self.name], &request).await?;
        caller.show(&reply, |user, output| output.line(format!("Changed {}.", user.name)))
    }
}

async fn set_disabled(caller: &Caller<'_>, names: &[String], disabled: bool) -> Result<(), Failure> {
    let change = UserChange {
        disabled: Some(disabled),
        ..UserChange::default()
    };
    let done = if disabled { "Disabled" } else { "Enabled" };
    for name in names {
        let reply = caller.patch::<User>(&["users", name], &change).await?;
        caller.show(&reply, |user, output| output.line(format!("{done} {}.", user.name)))?;
    }
    Ok(())
}

async fn delete(caller: &Caller<'_>, name: &str, at_once: bool, confirm: &Confirm) -> Result<(), Failure> {
    confirm.ask(&if at_once {
        format!("Delete {name} for good, now? Another {name} later is another person to every application.")
    } else {
        format!("Delete {name}? The account is closed at once, and after the days of grace nobody can bring it back.")
    })?;
    let query = DeleteQuery {
        at_once: at_once.then_some(true),
    };
    let reply = caller.delete_with::<UserDeleted>(&["users", name], &query).await?;
    caller.show(&reply, |deleted, output| match deleted.deletion {
        Some(at) => output.line(format!(
            "Closed {name}; gone for good at {}.\nUntil then: doorward user restore {name}",
            instant(at)
        )),
        None => output.line(format!("Deleted {name}.")),
    })
}

fn link(link: &Link, output: &Output) -> Result<(), Failure> {
    let what = match link.purpose {
        LinkPurpose::Enrolment => "They choose their password here, once",
        LinkPurpose::Reset => "They choose a new password here, once",
    };
    output.line(format!("{what}, until {}:\n{}", instant(link.expires), link.url))?;
    match &link.mailed_to {
        Some(address) => output.line(format!("It is mailed to {address}.")),
        None => Ok(()),
    }
}

fn show(user: &User, output: &Output) -> Result<(), Failure> {
    let email = match (&user.email, user.email_verified) {
        (Some(email), true) => email.clone(),
        (Some(email), false) => format!("{email} (not verified)"),
        (None, _) => String::new(),
    };
    let nested: Vec<&str> = user
        .effective_groups
        .iter()
        .filter(|group| !user.groups.contains(group))
        .map(String::as_str)
        .collect();
    let mut fields = vec![
        ("name", user.name.clone()),
        ("full name", user.display_name.clone()),
        ("email", email),
        (
            "state",
            standing::state(user.disabled, user.deletion, user.expires, moment::now()),
        ),
        (
            "password",
            if user.has_password {
                "set".to_owned()
            } else {
                format!("none (doorward user link {})", user.name)
            },
        ),
        ("groups", user.groups.join(", ")),
        ("through groups", nested.join(", ")),
        ("theme", user.theme.as_str().to_owned()),
        ("subject", user.id.to_string()),
        ("added", instant(user.created)),
        ("last login", maybe_instant(user.last_login)),
    ];
    fields.extend(
        user.attributes
            .iter()
            .map(|(name, attribute)| (name.as_str(), value(attribute))),
    );
    output.fields(&fields)?;
    for login in &user.logins {
        output.line(format!(
            "\nlogs in as {} at the upstream {} too, last {}\n  to end that: {}",
            login.shown_name,
            login.upstream,
            maybe_instant(login.last_login),
            login.unlink
        ))?;
    }
    Ok(())
}

/// `1 session`, `2 sessions`.
pub(super) fn count(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attribute_is_json_when_it_can_be_and_text_otherwise() {
        assert_eq!(
            attribute("zoneinfo=Europe/Berlin"),
            Ok(("zoneinfo".to_owned(), "Europe/Berlin".into()))
        );
        assert_eq!(
            attribute("badges=[1,2]"),
            Ok(("badges".to_owned(), serde_json::json!([1, 2])))
        );
        assert_eq!(attribute("motto=a=b"), Ok(("motto".to_owned(), "a=b".into())));
        assert!(attribute("=x").is_err());
        assert!(attribute("x").unwrap_err().contains("NAME=VALUE"));
    }
}
