//! `doorward policy …`

use clap::{Args, Subcommand, ValueEnum};
use doorward_api::{
    DemandQuery, Edit, LoginDemand, LoginLevel, LoginPolicy, NamedPolicy, Policies, PolicyChange, day::beginning_of,
};
use jiff::Timestamp;

use crate::{
    caller::Caller,
    failure::Failure,
    output::{Output, instant},
    span,
};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show what is asked of logins: of everybody, by group, by application
    Show,
    /// Ask something of logins, or stop asking it
    Set(Box<Set>),
    /// What is asked of one person's login, after all policies that apply
    Check {
        /// Their name
        name: String,
        /// Into this application, by client id
        #[arg(long, value_name = "APP")]
        app: Option<String>,
    },
}

#[derive(Debug, Args)]
#[group(id = "place", multiple = false)]
struct Place {
    /// Of the members of this group; without --group and --app, of everybody
    #[arg(long, value_name = "GROUP")]
    group: Option<String>,
    /// Of logins into this application, by client id
    #[arg(long, value_name = "APP")]
    app: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Set {
    #[command(flatten)]
    place: Place,
    /// How strong a login must be
    #[arg(long, value_name = "LEVEL")]
    factors: Option<Level>,
    /// Until this day (UTC) people who have no such factor yet may put it off: 2027-01-31, or `none`
    #[arg(long, value_name = "DATE", value_parser = day)]
    postpone_until: Option<Given<Timestamp>>,
    /// How long ago the person may have logged in when an application asks: 15m, 8h, or `none`
    #[arg(long, value_name = "SPAN", value_parser = fresh)]
    fresh: Option<Given<u32>>,
    /// For how many days a browser may be remembered in which a second factor was proved, or `none`
    #[arg(long, value_name = "DAYS", value_parser = number::<u32>)]
    remember_days: Option<Given<u32>>,
    /// Fewest characters of a new password, or `none`
    #[arg(long, value_name = "N", value_parser = number::<u32>)]
    password_min: Option<Given<u32>>,
    /// How hard a new password must be to guess, 0 to 4, or `none`
    #[arg(long, value_name = "0-4", value_parser = number::<u8>)]
    password_strength: Option<Given<u8>>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Level {
    /// A password, or the word of an upstream
    Any,
    /// Two factors, whichever
    Second,
    /// With a passkey
    Passkey,
}

/// A value, or the word `none`.
#[derive(Debug, Clone, Copy)]
struct Given<T>(Option<T>);

fn or_none<T>(text: &str, read: impl FnOnce(&str) -> Result<T, String>) -> Result<Given<T>, String> {
    match text {
        "none" => Ok(Given(None)),
        text => read(text).map(|value| Given(Some(value))),
    }
}

fn fresh(text: &str) -> Result<Given<u32>, String> {
    or_none(text, span::parse)
}

fn number<T: std::str::FromStr>(text: &str) -> Result<Given<T>, String> {
    or_none(text, |text| {
        text.parse()
            .map_err(|_| format!("expected a number or `none`, received {text:?}"))
    })
}

fn day(text: &str) -> Result<Given<Timestamp>, String> {
    or_none(text, |text| {
        beginning_of(text).map_err(|expected| format!("{expected}; `none` for no date"))
    })
}

fn edit<T>(given: Option<Given<T>>) -> Edit<T> {
    match given {
        None => Edit::Keep,
        Some(Given(None)) => Edit::Clear,
        Some(Given(Some(value))) => Edit::Set(value),
    }
}

impl Command {
    pub(super) async fn run(self, caller: &Caller<'_>) -> Result<(), Failure> {
        match self {
            Self::Show => {
                let reply = caller.get::<Policies>(&["policies"]).await?;
                caller.show(&reply, show)
            }
            Self::Set(set) => set.run(caller).await,
            Self::Check { name, app } => {
                let query = DemandQuery { app };
                let reply = caller.query::<LoginDemand>(&["users", &name, "policy"], &query).await?;
                caller.show(&reply, demand)
            }
        }
    }
}

impl Set {
    async fn run(self, caller: &Caller<'_>) -> Result<(), Failure> {
        let request = PolicyChange {
            factors: match self.factors {
                None => Edit::Keep,
                Some(Level::Any) => Edit::Clear,
                Some(Level::Second) => Edit::Set(LoginLevel::Second),
                Some(Level::Passkey) => Edit::Set(LoginLevel::Passkey),
            },
            // Without anything to put off there is nothing to put off until.
            postpone_until: match (self.factors, self.postpone_until) {
                (Some(Level::Any), None) => Edit::Clear,
                (_, given) => edit(given),
            },
            fresh_seconds: edit(self.fresh),
            remember_days: edit(self.remember_days),
            password_min: edit(self.password_min),
            password_strength: edit(self.password_strength),
        };
        if request == PolicyChange::default() {
            return Err(Failure::usage_with(
                "nothing to ask was given",
                "doorward policy set --help",
            ));
        }
        let reply = match (&self.place.group, &self.place.app) {
            (Some(group), _) => {
                caller
                    .patch::<LoginPolicy>(&["groups", group, "policy"], &request)
                    .await?
            }
            (None, Some(app)) => caller.patch::<LoginPolicy>(&["apps", app, "policy"], &request).await?,
            (None, None) => caller.patch::<LoginPolicy>(&["policies", "default"], &request).await?,
        };
        let whom = match (&self.place.group, &self.place.app) {
            (Some(group), _) => format!("members of {group}"),
            (None, Some(app)) => format!("logins into {app}"),
            (None, None) => "everybody".to_owned(),
        };
        caller.show(&reply, |policy, output| {
            output.line(format!("Asked of {whom}: {}", sentence(policy)))
        })
    }
}

fn word(level: LoginLevel) -> &'static str {
    match level {
        LoginLevel::Any => "any",
        LoginLevel::Second => "second",
        LoginLevel::Passkey => "passkey",
    }
}

/// What a policy asks, in one line.
fn sentence(policy: &LoginPolicy) -> String {
    let mut parts = Vec::new();
    if let Some(level) = policy.factors {
        parts.push(match policy.postpone_until {
            Some(until) => format!("factors {} (may be put off until {})", word(level), instant(until)),
            None => format!("factors {}", word(level)),
        });
    }
    if let Some(seconds) = policy.fresh_seconds {
        parts.push(format!("fresh {}", span::show(seconds.into())));
    }
    if let Some(days) = policy.remember_days {
        parts.push(format!("browsers remembered for {days} days"));
    }
    if let Some(min) = policy.password_min {
        parts.push(format!("passwords of at least {min} characters"));
    }
    if let Some(strength) = policy.password_strength {
        parts.push(format!("password strength {strength} of 4"));
    }
    if parts.is_empty() {
        "nothing".to_owned()
    } else {
        parts.join("; ")
    }
}

fn show(policies: &Policies, output: &Output) -> Result<(), Failure> {
    let of = |kind: &str, named: &NamedPolicy| vec![format!("{kind} {}", named.name), sentence(&named.policy)];
    let mut rows = vec![vec!["everybody".to_owned(), sentence(&policies.default)]];
    rows.extend(policies.groups.iter().map(|named| of("group", named)));
    rows.extend(policies.apps.iter().map(|named| of("app", named)));
    output.table(&["OF", "ASKED"], rows, "")
}

fn demand(demand: &LoginDemand, output: &Output) -> Result<(), Failure> {
    let later = match demand.postponed_until {
        Some(until) => format!("{}, may be put off until {}", word(demand.later), instant(until)),
        None => String::new(),
    };
    let remembered = match demand.remember_days {
        0 => "not remembered".to_owned(),
        days => format!("remembered for {days} days"),
    };
    output.fields(&[
        ("factors", word(demand.factors).to_owned()),
        ("later", later),
        (
            "fresh",
            demand
                .fresh_seconds
                .map(|seconds| span::show(seconds.into()))
                .unwrap_or_default(),
        ),
        ("browsers", remembered),
        (
            "password",
            format!(
                "at least {} characters, strength {} of 4",
                demand.password_min, demand.password_strength
            ),
        ),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_its_beginning_and_none_clears() {
        let at = |text: &str| day(text).unwrap().0.map(|at| at.to_string());
        assert_eq!(at("2027-01-31").as_deref(), Some("2027-01-31T00:00:00Z"));
        assert_eq!(at("2027-01-31T12:00:00Z").as_deref(), Some("2027-01-31T12:00:00Z"));
        assert_eq!(at("none"), None);
        assert!(day("next week").unwrap_err().contains("2027-01-31"));
        assert!(number::<u8>("many").is_err());
    }
}
