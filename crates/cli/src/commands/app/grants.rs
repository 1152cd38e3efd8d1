//! Ways to tokens besides a login in the application's own browser, as flags and as lines.

use clap::Args;
use doorward_api::{Ciba, ExchangeRule, GrantTypes, GrantTypesChange};

use super::edit::word;

#[derive(Debug, Args)]
#[command(next_help_heading = "Other ways to tokens")]
pub(super) struct GrantFlags {
    /// Whether devices without a keyboard may ask with a code (device grant)
    #[arg(long, value_name = "BOOL")]
    device: Option<bool>,
    /// Whether it may have people asked on their start page (CIBA, poll): off, on, or signed for signed requests only
    #[arg(long, value_name = "HOW", value_parser = word::<Ciba>)]
    ciba: Option<Ciba>,
    /// Whether service accounts may sign for tokens (JWT assertion grant)
    #[arg(long, value_name = "BOOL")]
    jwt_bearer: Option<bool>,
    /// Token exchange to allow: delegate:FROM:AUDIENCE (tokens of the application FROM become tokens for AUDIENCE that name
    /// this application as the one who acts)
    #[arg(long, value_name = "RULE", value_parser = delegation)]
    add_exchange: Vec<ExchangeRule>,
    /// The same without naming who acts: impersonate:FROM:AUDIENCE. Weaker: the resource server cannot tell
    #[arg(long, value_name = "RULE", value_parser = impersonation)]
    weaken_exchange_impersonate: Vec<ExchangeRule>,
    /// Token exchange to allow no more, as `doorward app show` writes it
    #[arg(long, value_name = "RULE")]
    remove_exchange: Vec<ExchangeRule>,
}

fn delegation(text: &str) -> Result<ExchangeRule, String> {
    let rule: ExchangeRule = text.parse()?;
    match rule.kind {
        doorward_api::ExchangeKind::Delegate => Ok(rule),
        doorward_api::ExchangeKind::Impersonate => Err(format!(
            "tokens that do not say who acts are spelled --weaken-exchange-impersonate {text}"
        )),
    }
}

fn impersonation(text: &str) -> Result<ExchangeRule, String> {
    let rule: ExchangeRule = text.parse()?;
    match rule.kind {
        doorward_api::ExchangeKind::Impersonate => Ok(rule),
        doorward_api::ExchangeKind::Delegate => {
            Err(format!("a rule that names who acts is spelled --add-exchange {text}"))
        }
    }
}

impl GrantFlags {
    pub(super) fn change(self) -> Option<GrantTypesChange> {
        let change = GrantTypesChange {
            device: self.device,
            ciba: self.ciba,
            jwt_bearer: self.jwt_bearer,
            exchange: None,
            add_exchange: [self.add_exchange, self.weaken_exchange_impersonate].concat(),
            remove_exchange: self.remove_exchange,
        };
        (!change.is_empty()).then_some(change)
    }
}

/// What `app show` says.
pub(super) fn lines(grants: &GrantTypes) -> String {
    let mut lines = Vec::new();
    lines.extend(grants.device.then(|| "devices with a code".to_owned()));
    match grants.ciba {
        Ciba::Off => {}
        Ciba::On => lines.push("asks people on their start page".to_owned()),
        Ciba::Signed => lines.push("asks people on their start page, by signed requests only".to_owned()),
    }
    lines.extend(grants.jwt_bearer.then(|| "assertions of service accounts".to_owned()));
    lines.extend(grants.exchange.iter().map(|rule| format!("exchange {rule}")));
    lines.extend(grants.registered.then(|| "registered itself".to_owned()));
    lines.join("\n")
}
