//! `doorward claims …`: rules for logins from elsewhere, tried without asking anybody.

use std::{
    collections::BTreeSet,
    io::Read,
    path::{Path, PathBuf},
};

use anyhow::anyhow;
use clap::{Args, Subcommand};
use data_encoding::BASE64URL_NOPAD;
use doorward_claims::{Changes, Effect, Evaluation, Local, LoginRules, SetChange};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{failure::Failure, output::Output};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Try rules on the claims of one login: every rule's answer, and what would change. Ends with 1 when it is refused
    Test(Test),
}

#[derive(Debug, Args)]
pub(crate) struct Test {
    /// The rules, TOML or JSON
    #[arg(long, value_name = "FILE")]
    rules: PathBuf,
    /// The claims as JSON, or a token, whose signature is not looked at; `-` is the input
    #[arg(long, value_name = "FILE")]
    claims: PathBuf,
    /// What is here now, as JSON: attributes, groups, roles, flags [default: nothing]
    #[arg(long, value_name = "FILE")]
    here: Option<PathBuf>,
    /// Not the first login of this person
    #[arg(long)]
    again: bool,
    /// Judge the times of the token as well, at this moment: 2026-11-22T08:00:00Z, or `now`
    #[arg(long, value_name = "TIME", value_parser = moment)]
    at: Option<Timestamp>,
}

/// What is here, as `--here` has it.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Here {
    attributes: Map<String, Value>,
    groups: BTreeSet<String>,
    roles: BTreeSet<String>,
    flags: BTreeSet<String>,
}

/// Largest file that is read, in bytes: no token and no rules are larger.
const MAX_FILE: u64 = 1024 * 1024;

impl Command {
    pub(super) fn run(self, output: &Output) -> Result<(), Failure> {
        let Self::Test(test) = self;
        let rules = rules(&test.rules)?;
        let claims = claims(&test.claims)?;
        let here = match &test.here {
            Some(path) => {
                serde_json::from_str(&read(path)?).map_err(|error| unreadable(path, "what is here", &error))?
            }
            None => Here::default(),
        };
        let local = Local {
            attributes: &here.attributes,
            groups: &here.groups,
            roles: &here.roles,
            flags: &here.flags,
            is_first_login: !test.again,
        };
        let evaluation = match test.at {
            Some(at) => rules.evaluate_at(&claims, &local, at.as_second()),
            None => rules.evaluate(&claims, &local),
        };
        show(&evaluation, output)?;
        match evaluation.outcome {
            Ok(_) => Ok(()),
            Err(denied) => Err(Failure::Local(anyhow!("refused: {denied}"))),
        }
    }
}

fn rules(path: &Path) -> Result<LoginRules, Failure> {
    let text = read(path)?;
    let rules: LoginRules = if text.trim_start().starts_with('{') {
        serde_json::from_str(&text).map_err(|error| unreadable(path, "rules", &error))?
    } else {
        toml::from_str(&text).map_err(|error| unreadable(path, "rules", &error))?
    };
    rules
        .check()
        .map_err(|error| Failure::usage(format!("{}: {error}", path.display())))?;
    Ok(rules)
}

fn claims(path: &Path) -> Result<Map<String, Value>, Failure> {
    let text = read(path)?;
    let text = text.trim();
    let decoded = if text.starts_with('{') {
        text.as_bytes().to_vec()
    } else {
        payload(text).ok_or_else(|| {
            Failure::usage(format!(
                "{}: expected claims as JSON, `{{…}}`, or a token of three parts",
                path.display()
            ))
        })?
    };
    serde_json::from_slice(&decoded).map_err(|error| unreadable(path, "claims", &error))
}

/// The middle part of a signed token (RFC 7519 §3).
fn payload(token: &str) -> Option<Vec<u8>> {
    let mut parts = token.split('.');
    let (_, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
    BASE64URL_NOPAD.decode(payload.as_bytes()).ok()
}

fn read(path: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    let read = if path == Path::new("-") {
        std::io::stdin().take(MAX_FILE).read_to_string(&mut text)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(MAX_FILE).read_to_string(&mut text))
    };
    match read {
        Ok(_) => Ok(text),
        Err(error) => Err(Failure::usage(format!("cannot read {}: {error}", path.display()))),
    }
}

fn unreadable(path: &Path, what: &str, error: &dyn std::fmt::Display) -> Failure {
    Failure::usage(format!("{} cannot be read as {what}: {error}", path.display()))
}

fn moment(text: &str) -> Result<Timestamp, String> {
    if text == "now" {
        #[expect(
            clippy::disallowed_methods,
            reason = "the edge: whoever types `now` means this clock"
        )]
        return Ok(Timestamp::now());
    }
    text.parse()
        .map_err(|_| format!("expected a time such as 2026-11-22T08:00:00Z, or now; received {text:?}"))
}

fn show(evaluation: &Evaluation, output: &Output) -> Result<(), Failure> {
    if output.json {
        let json = serde_json::to_vec(evaluation).map_err(|error| Failure::Local(error.into()))?;
        return output.raw(&json);
    }
    for reason in &evaluation.reasons {
        let mark = match reason.effect {
            Effect::Denied => "✗",
            Effect::Nothing => "·",
            _ => "✓",
        };
        output.line(format!("{mark} {reason}"))?;
    }
    match &evaluation.outcome {
        Ok(changes) => {
            output.line(format!("\nLet in as {}.", changes.user))?;
            let fields = fields(changes);
            if fields.iter().all(|(_, value)| value.is_empty()) {
                return output.line("Nothing changes here.");
            }
            output.fields(&fields)
        }
        Err(_) => output.line(""),
    }
}

fn fields(changes: &Changes) -> Vec<(&'static str, String)> {
    let one = |set: Option<&String>| set.cloned().unwrap_or_default();
    let cleared: Vec<&str> = changes.clear_attributes.iter().map(String::as_str).collect();
    let set: Vec<String> = changes
        .set_attributes
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let email = changes.email.value().map(|email| {
        let verified = if email.verified { "verified" } else { "not verified" };
        format!("{} ({verified})", email.address)
    });
    vec![
        ("user name", one(changes.username.value())),
        ("e-mail", email.unwrap_or_default()),
        ("name", one(changes.name.value())),
        ("attributes", set.join(", ")),
        ("attributes gone", cleared.join(", ")),
        ("groups", set_change(&changes.groups)),
        ("roles", set_change(&changes.roles)),
        ("flags", set_change(&changes.flags)),
    ]
}

fn set_change(change: &SetChange) -> String {
    let added = change.add.iter().map(|name| format!("+{name}"));
    let removed = change.remove.iter().map(|name| format!("-{name}"));
    added.chain(removed).collect::<Vec<_>>().join(" ")
}
