//! Which ways to tokens an application has besides a login in its own browser: for devices, for people who are asked somewhere
//! else, for service accounts that sign, and for tokens of others. Each is off until somebody switches it on.

use doorward_oidc::{Refusal, shown};
use serde::{Deserialize, Serialize};

use crate::{App, AppKind, values};

/// Rules of token exchange at most.
const MOST_RULES: usize = 50;
/// Longest audience in bytes.
const LONGEST_AUDIENCE: usize = 256;

/// The ways.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GrantSettings {
    /// Devices without a keyboard (RFC 8628).
    pub device: bool,
    /// People who are asked on their start page (OpenID Connect CIBA, poll mode).
    pub ciba: Ciba,
    /// Service accounts that sign an assertion (RFC 7523 §2.1).
    pub jwt_bearer: bool,
    /// Which tokens of others it may exchange, for whom (RFC 8693).
    pub exchange: Vec<ExchangeRule>,
    /// It registered itself (RFC 7591): nobody vouches for its name.
    pub registered: bool,
}

/// Whether an application may have people asked, and how it has to ask.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ciba {
    /// It may not.
    #[default]
    Off,
    /// It may.
    On,
    /// It may by signed requests only (CIBA §7.1.1).
    Signed,
}

/// What an exchanged token says about who acts (RFC 8693 §1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExchangeKind {
    /// The person, and the application in `act`.
    Delegate,
    /// The person alone: the resource server cannot tell who acts.
    Impersonate,
}

/// One thing that an application may exchange.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExchangeRule {
    /// What the new token says about who acts.
    pub kind: ExchangeKind,
    /// The application whose tokens may be presented, by client id.
    pub from: String,
    /// Whom the new token may be for: a client id, or the address of a resource server.
    pub audience: String,
}

impl GrantSettings {
    /// The rule for tokens of `from` that are to become tokens for `audience`. Of two, the one that says who acts.
    pub fn exchange_rule(&self, from: &str, audience: &str) -> Option<&ExchangeRule> {
        let fits = |rule: &&ExchangeRule| rule.from == from && rule.audience == audience;
        let mut rules: Vec<&ExchangeRule> = self.exchange.iter().filter(fits).collect();
        rules.sort_by_key(|rule| rule.kind == ExchangeKind::Impersonate);
        rules.first().copied()
    }
}

/// One change of them.
#[derive(Debug, Clone)]
pub enum GrantEdit {
    /// Whether devices may ask.
    Device(bool),
    /// Whether people may be asked somewhere else.
    Ciba(Ciba),
    /// Whether service accounts may sign.
    JwtBearer(bool),
    /// All rules of exchange.
    Exchange(Vec<ExchangeRule>),
    /// One more.
    AddExchange(ExchangeRule),
    /// One less.
    RemoveExchange(ExchangeRule),
}

pub(crate) fn step(app: &mut App, edit: &GrantEdit) -> Result<(), Refusal> {
    let grants = &mut app.grants;
    match edit {
        GrantEdit::Device(may) => grants.device = *may,
        GrantEdit::Ciba(how) => grants.ciba = *how,
        GrantEdit::JwtBearer(may) => grants.jwt_bearer = *may,
        GrantEdit::Exchange(rules) => {
            grants.exchange = Vec::new();
            for rule in rules {
                add(grants, rule)?;
            }
        }
        GrantEdit::AddExchange(rule) => add(grants, rule)?,
        GrantEdit::RemoveExchange(rule) => {
            let before = grants.exchange.len();
            grants.exchange.retain(|other| other != rule);
            if grants.exchange.len() == before {
                let known: Vec<String> = grants.exchange.iter().map(ExchangeRule::to_string).collect();
                let known = if known.is_empty() {
                    "none".to_owned()
                } else {
                    known.join(", ")
                };
                return Err(values::invalid(format!(
                    "{} has no rule of exchange `{}`; it has: {known}",
                    app.client_id,
                    shown(&rule.to_string())
                )));
            }
        }
    }
    Ok(())
}

fn add(grants: &mut GrantSettings, rule: &ExchangeRule) -> Result<(), Refusal> {
    crate::check_client_id(&rule.from)?;
    let fits = (1..=LONGEST_AUDIENCE).contains(&rule.audience.len())
        && rule.audience.bytes().all(|byte| byte.is_ascii_graphic());
    if !fits {
        return Err(values::invalid(format!(
            "expected an audience of 1 to {LONGEST_AUDIENCE} printable characters without spaces, received `{}`",
            shown(&rule.audience)
        )));
    }
    if !grants.exchange.contains(rule) {
        grants.exchange.push(rule.clone());
    }
    Ok(())
}

/// What must hold, whatever was edited.
pub(crate) fn check(app: &App) -> Result<(), Refusal> {
    let (id, grants) = (&app.client_id, &app.grants);
    if grants.exchange.len() > MOST_RULES {
        return Err(values::invalid(format!(
            "expected at most {MOST_RULES} rules of exchange, received {}",
            grants.exchange.len()
        )));
    }
    if app.kind == AppKind::Confidential {
        return if grants.ciba == Ciba::Signed && !app.has_keys() {
            Err(
                values::invalid("signed backchannel requests need the application's public keys")
                    .with_remedy(format!("doorward app edit {id} --jwks FILE")),
            )
        } else {
            Ok(())
        };
    }
    let what = if grants.ciba != Ciba::Off {
        "have people asked by backchannel (CIBA §4)"
    } else if grants.jwt_bearer {
        "take assertions of service accounts (RFC 7523 §2.1)"
    } else if !grants.exchange.is_empty() {
        "exchange tokens of others (RFC 8693 §5)"
    } else {
        return Ok(());
    };
    Err(
        values::invalid(format!("a public client cannot {what}: anybody can claim to be it"))
            .with_remedy(format!("doorward app edit {id} --kind confidential")),
    )
}

impl std::fmt::Display for ExchangeRule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = match self.kind {
            ExchangeKind::Delegate => "delegate",
            ExchangeKind::Impersonate => "impersonate",
        };
        write!(f, "{kind}:{}:{}", self.from, self.audience)
    }
}
