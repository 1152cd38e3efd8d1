//! What a look at a provider found.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::LoginError;

/// What a look at a provider found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The issuer as it was given.
    pub issuer: String,
    /// The issuer that it should be, where another was found.
    pub suggestion: Option<String>,
    /// The provider's clock minus ours, in milliseconds: above zero it is ahead.
    pub clock_offset_ms: Option<i64>,
    /// How exact that is: the true value is at most so many milliseconds away.
    pub clock_accuracy_ms: Option<i64>,
    /// What the provider says that it offers, if its metadata could be read.
    pub offered: Option<Offered>,
    /// Everything that was looked at, in order.
    pub findings: Vec<Finding>,
}

/// What metadata offer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Offered {
    /// The issuer that the metadata name.
    pub issuer: String,
    /// Endpoints by their names in the metadata.
    pub endpoints: BTreeMap<String, String>,
    /// Algorithms of ID tokens.
    pub algorithms: Vec<String>,
    /// Algorithms of signed userinfo.
    pub userinfo_algorithms: Vec<String>,
    /// How clients may prove who they are.
    pub auth_methods: Vec<String>,
    /// PKCE methods.
    pub pkce_methods: Vec<String>,
    /// Scopes.
    pub scopes: Vec<String>,
    /// Claims.
    pub claims: Vec<String>,
    /// Response modes.
    pub response_modes: Vec<String>,
    /// Whether answers name the issuer (RFC 9207).
    pub names_itself: bool,
    /// Whether it tells applications about logouts in requests of its own.
    pub back_channel_logout: bool,
    /// Whether it does so in frames of the browser.
    pub front_channel_logout: bool,
    /// Usable signing keys.
    pub keys: usize,
}

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// As it should be.
    Good,
    /// Logins work; something could be better or may surprise.
    Advice,
    /// Logins will fail.
    Problem,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable code, snake case; of a problem the one that a login would fail with.
    pub code: &'static str,
    /// How much it matters.
    pub weight: Weight,
    /// What a login needs.
    pub expected: String,
    /// What is there.
    pub received: String,
    /// What to do, and where.
    pub remedy: Option<String>,
}

impl Report {
    pub(super) fn of(issuer: &str) -> Self {
        Self {
            issuer: issuer.to_owned(),
            ..Self::default()
        }
    }

    /// Whether nothing was found that a login would fail with.
    pub fn is_usable(&self) -> bool {
        self.offered.is_some() && self.problems().next().is_none()
    }

    /// What a login would fail with.
    pub fn problems(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.weight == Weight::Problem)
    }

    /// The finding with this code.
    pub fn find(&self, code: &str) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.code == code)
    }

    pub(super) fn good(&mut self, code: &'static str, received: String) {
        self.add(code, Weight::Good, received.clone(), received, None);
    }

    pub(super) fn add(
        &mut self,
        code: &'static str,
        weight: Weight,
        expected: impl Into<String>,
        received: impl Into<String>,
        remedy: Option<String>,
    ) {
        self.findings.push(Finding {
            code,
            weight,
            expected: expected.into(),
            received: received.into(),
            remedy,
        });
    }

    /// What a login would fail with, in the words of its error: `expected …, got …`.
    pub(super) fn failed(&mut self, error: &LoginError) {
        let words = error.to_string();
        let (expected, received) = words.split_once(", got ").unwrap_or(("a login that works", &words));
        let expected = expected.rsplit_once("expected ").map_or(expected, |(_, rest)| rest);
        let remedy = error.remedy().map(str::to_owned);
        self.add(error.code(), Weight::Problem, expected, received, remedy);
    }

    /// Gives the last finding a remedy.
    pub(super) fn remedy(&mut self, remedy: String) {
        if let Some(finding) = self.findings.last_mut() {
            finding.remedy = Some(remedy);
        }
    }

    pub(super) fn suggest(&mut self, issuer: &str) {
        self.suggestion = Some(issuer.to_owned());
        self.remedy(format!("use the issuer `{issuer}`, exactly as it is written here"));
    }
}
