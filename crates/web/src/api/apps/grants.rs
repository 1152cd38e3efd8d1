//! The ways to tokens besides a login in the application's own browser, as the API says them.

use doorward_api as api;
use doorward_apps::{Ciba, Edit, ExchangeKind, ExchangeRule, GrantEdit, GrantSettings};

/// The edits that a change asks for, removals before additions.
pub(super) fn edits(change: api::GrantTypesChange) -> impl Iterator<Item = Edit> {
    let mut edits = Vec::new();
    edits.extend(change.device.map(GrantEdit::Device));
    edits.extend(change.ciba.map(|how| {
        GrantEdit::Ciba(match how {
            api::Ciba::Off => Ciba::Off,
            api::Ciba::On => Ciba::On,
            api::Ciba::Signed => Ciba::Signed,
        })
    }));
    edits.extend(change.jwt_bearer.map(GrantEdit::JwtBearer));
    let replaced = change.exchange.map(|rules| rules.into_iter().map(rule).collect());
    edits.extend(replaced.map(GrantEdit::Exchange));
    edits.extend(
        change
            .remove_exchange
            .into_iter()
            .map(rule)
            .map(GrantEdit::RemoveExchange),
    );
    edits.extend(change.add_exchange.into_iter().map(rule).map(GrantEdit::AddExchange));
    edits.into_iter().map(Edit::Grants)
}

fn rule(rule: api::ExchangeRule) -> ExchangeRule {
    ExchangeRule {
        kind: match rule.kind {
            api::ExchangeKind::Delegate => ExchangeKind::Delegate,
            api::ExchangeKind::Impersonate => ExchangeKind::Impersonate,
        },
        from: rule.from,
        audience: rule.audience,
    }
}

/// As they are.
pub(super) fn view(grants: &GrantSettings) -> api::GrantTypes {
    api::GrantTypes {
        device: grants.device,
        ciba: match grants.ciba {
            Ciba::Off => api::Ciba::Off,
            Ciba::On => api::Ciba::On,
            Ciba::Signed => api::Ciba::Signed,
        },
        jwt_bearer: grants.jwt_bearer,
        exchange: grants
            .exchange
            .iter()
            .map(|rule| api::ExchangeRule {
                kind: match rule.kind {
                    ExchangeKind::Delegate => api::ExchangeKind::Delegate,
                    ExchangeKind::Impersonate => api::ExchangeKind::Impersonate,
                },
                from: rule.from.clone(),
                audience: rule.audience.clone(),
            })
            .collect(),
        registered: grants.registered,
    }
}
