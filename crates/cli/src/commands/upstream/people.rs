//! Who came through an upstream, and who they are here.

use std::path::PathBuf;

use clap::Args;
use doorward_api::{Identity, IdentityLink, IdentityUnlink, LinkDryRun, LinkRule, List, PageQuery, WouldBe};
use serde_json::{Map, Value};

use super::super::{Page, app::word};
use super::settings::read;
use crate::{
    caller::Caller,
    failure::Failure,
    output::{instant, maybe_instant},
};

#[derive(Debug, Args)]
pub(crate) struct Identities {
    /// The upstream's name
    name: String,
    #[command(flatten)]
    page: Page,
}

#[derive(Debug, Args)]
pub(crate) struct Link {
    /// The upstream's name
    name: String,
    /// The subject there
    #[arg(
        long,
        value_name = "SUBJECT",
        required_unless_present = "dry_run",
        conflicts_with = "dry_run"
    )]
    subject: Option<String>,
    /// The person here
    #[arg(
        long,
        value_name = "USER",
        required_unless_present = "dry_run",
        conflicts_with = "dry_run"
    )]
    user: Option<String>,
    /// The subject's issuer, where it is not the upstream's own (a tenant's)
    #[arg(long, value_name = "URL", conflicts_with = "dry_run")]
    issuer: Option<String>,
    /// List who would become whom, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Under this rule in place of the one that is set: never, verified_email or confirmed
    #[arg(long, value_name = "RULE", value_parser = word::<LinkRule>, requires = "dry_run")]
    rule: Option<LinkRule>,
    /// File with people of the upstream: one JSON object a line, or a list, with the claims that a login would carry
    #[arg(long, value_name = "FILE", requires = "dry_run")]
    people: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Unlink {
    /// The upstream's name
    name: String,
    /// The subject there
    #[arg(long, value_name = "SUBJECT")]
    subject: String,
    /// Its issuer, where several have this subject
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
}

impl Identities {
    pub(super) async fn run(self, caller: &Caller<'_>) -> Result<(), Failure> {
        let query = PageQuery {
            cursor: self.page.cursor,
            limit: self.page.limit,
        };
        let reply = caller
            .query::<List<Identity>>(&["upstreams", &self.name, "identities"], &query)
            .await?;
        caller.show(&reply, |list, output| {
            let row = |one: &Identity| {
                let said = ["preferred_username", "upn", "login", "email", "name"];
                let said = said.iter().find_map(|name| one.claims.get(*name)?.as_str());
                vec![
                    one.user.clone(),
                    one.subject.clone(),
                    said.unwrap_or_default().to_owned(),
                    one.origin.clone(),
                    instant(one.created),
                    maybe_instant(one.last_login),
                ]
            };
            output.list(
                list,
                &["USER", "SUBJECT THERE", "CALLED THERE", "HOW", "SINCE", "LAST LOGIN"],
                row,
                "Nobody came through it yet.",
            )
        })
    }
}

impl Link {
    pub(super) async fn run(self, caller: &Caller<'_>) -> Result<(), Failure> {
        if self.dry_run {
            return self.try_out(caller).await;
        }
        let link = IdentityLink {
            issuer: self.issuer,
            subject: self.subject.unwrap_or_default(),
            user: self.user.unwrap_or_default(),
        };
        let reply = caller
            .post::<Identity>(&["upstreams", &self.name, "identities"], &link)
            .await?;
        caller.show(&reply, |identity, output| {
            output.line(format!(
                "{} at {} is {}.",
                identity.subject, identity.issuer, identity.user
            ))
        })
    }

    async fn try_out(self, caller: &Caller<'_>) -> Result<(), Failure> {
        let people = match &self.people {
            Some(path) => people(&read(path)?)?,
            None => Vec::new(),
        };
        let run = LinkDryRun {
            rule: self.rule,
            people,
        };
        let reply = caller
            .post::<List<WouldBe>>(&["upstreams", &self.name, "link-dry-run"], &run)
            .await?;
        caller.show(&reply, |list, output| {
            let row = |one: &WouldBe| {
                vec![
                    one.email.clone().unwrap_or_default(),
                    one.subject.clone().unwrap_or_default(),
                    one.outcome.clone(),
                    one.user.clone().unwrap_or_default(),
                    one.why.clone().unwrap_or_default(),
                ]
            };
            output.list(
                list,
                &["E-MAIL", "SUBJECT", "WOULD BE", "USER", "WHY NOT"],
                row,
                "Nobody here has an e-mail address.",
            )
        })
    }
}

impl Unlink {
    pub(super) async fn run(self, caller: &Caller<'_>) -> Result<(), Failure> {
        let unlink = IdentityUnlink {
            issuer: self.issuer,
            subject: self.subject,
        };
        caller
            .post_for_nothing(&["upstreams", &self.name, "identities", "unlink"], &unlink)
            .await?;
        caller
            .output
            .line(format!("{} is nobody here any more.", unlink.subject))
    }
}

/// One object a line, or one list.
fn people(text: &str) -> Result<Vec<Map<String, Value>>, Failure> {
    let wrong = |error: serde_json::Error| Failure::usage(format!("--people: expected JSON objects: {error}"));
    if text.trim_start().starts_with('[') {
        return serde_json::from_str(text).map_err(wrong);
    }
    text.lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| serde_json::from_str(line).map_err(wrong))
        .collect()
}
