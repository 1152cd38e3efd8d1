//! Ways to tokens that an application has besides a login in its own browser.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The ways; each is off until it is switched on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct GrantTypes {
    /// Devices without a keyboard show a code (RFC 8628).
    pub device: bool,
    /// People are asked on their start page (OpenID Connect CIBA, poll mode).
    pub ciba: Ciba,
    /// Service accounts sign an assertion (RFC 7523 §2.1).
    pub jwt_bearer: bool,
    /// Which tokens of others it may exchange, for whom (RFC 8693).
    pub exchange: Vec<ExchangeRule>,
    /// It registered itself (RFC 7591): nobody vouches for its name.
    pub registered: bool,
}

/// What to change about them. Absent members stay.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantTypesChange {
    /// Whether devices may ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<bool>,
    /// Whether people may be asked on their start page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ciba: Option<Ciba>,
    /// Whether service accounts may sign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwt_bearer: Option<bool>,
    /// All rules of exchange.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<Vec<ExchangeRule>>,
    /// Rules of exchange to add.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub add_exchange: Vec<ExchangeRule>,
    /// Rules of exchange to remove.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove_exchange: Vec<ExchangeRule>,
}

impl GrantTypesChange {
    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Whether an application may have people asked on their start page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Ciba {
    /// It may not.
    #[default]
    Off,
    /// It may.
    On,
    /// It may, by signed requests only.
    Signed,
}

/// What an exchanged token says about who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ExchangeKind {
    /// The person, and the application in `act`.
    Delegate,
    /// The person alone.
    Impersonate,
}

/// One thing that an application may exchange; on the command line `delegate:frontend:https://api.example.com`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExchangeRule {
    /// What the new token says about who acts.
    pub kind: ExchangeKind,
    /// The application whose tokens may be presented, by client id.
    #[schema(examples("frontend"))]
    pub from: String,
    /// Whom the new token may be for: a client id, or the address of a resource server.
    #[schema(examples("https://api.example.com"))]
    pub audience: String,
}

impl FromStr for ExchangeRule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || format!("expected delegate:FROM:AUDIENCE or impersonate:FROM:AUDIENCE, received {text:?}");
        let mut parts = text.trim().splitn(3, ':');
        let mut next = || parts.next().filter(|part| !part.is_empty()).ok_or_else(expected);
        let kind = match next()? {
            "delegate" => ExchangeKind::Delegate,
            "impersonate" => ExchangeKind::Impersonate,
            _ => return Err(expected()),
        };
        Ok(Self {
            kind,
            from: next()?.to_owned(),
            audience: next()?.to_owned(),
        })
    }
}

impl fmt::Display for ExchangeRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            ExchangeKind::Delegate => "delegate",
            ExchangeKind::Impersonate => "impersonate",
        };
        write!(f, "{kind}:{}:{}", self.from, self.audience)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_of_exchange_reads_as_it_is_written() {
        let text = "delegate:frontend:https://api.example.com:8443/v1";
        let rule: ExchangeRule = text.parse().unwrap();
        assert_eq!((rule.kind, rule.from.as_str()), (ExchangeKind::Delegate, "frontend"));
        assert_eq!(rule.to_string(), text);
        for bad in [
            "",
            "delegate",
            "delegate:a",
            "delegate::b",
            "delegate:a:",
            "pretend:a:b",
        ] {
            assert!(
                bad.parse::<ExchangeRule>().unwrap_err().contains("impersonate:FROM"),
                "{bad}"
            );
        }
    }
}
