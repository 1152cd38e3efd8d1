//! Every setting of an upstream that is weaker than the default, by its loud name.

use crate::{LinkRule, Upstream};

/// One weakened setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weakened {
    /// The loud name: `weaken-link-by-email`.
    pub name: &'static str,
    /// What it costs.
    pub meaning: String,
    /// What to type to have the strict setting back.
    pub undo: String,
}

/// Lists the upstream's weakened settings; empty for one that is strict throughout.
pub fn weakened(upstream: &Upstream) -> Vec<Weakened> {
    let edit = |flags: &str| format!("doorward upstream edit {} {flags}", upstream.name);
    let mut list = Vec::new();
    if upstream.link == LinkRule::VerifiedEmail {
        list.push(Weakened {
            name: "weaken-link-by-email",
            meaning: format!(
                "whoever runs {} can become anybody here who has a verified address and no role, by naming that address",
                upstream.title
            ),
            undo: edit("--link confirmed"),
        });
    }
    if upstream.allow_private {
        list.push(Weakened {
            name: "weaken-private-addresses",
            meaning:
                "the upstream's addresses may lead into private networks: whoever runs it can make this server ask its \
                      neighbours"
                    .to_owned(),
            undo: edit("--allow-private off"),
        });
    }
    if upstream.leeway > 120 {
        list.push(Weakened {
            name: "weaken-long-leeway",
            meaning: format!("tokens count for {} seconds after their end", upstream.leeway),
            undo: edit("--leeway 30"),
        });
    }
    if upstream.issuer.starts_with("http://") {
        list.push(Weakened {
            name: "weaken-issuer-http",
            meaning: "codes and secrets travel unencrypted on this machine (RFC 9700 §2.6)".to_owned(),
            undo: edit("--issuer https://…"),
        });
    }
    let groups = upstream.rules.groups.iter().flat_map(|groups| &groups.map);
    for row in groups {
        if row.same_name {
            list.push(Weakened {
                name: "weaken-groups-by-same-name",
                meaning: format!(
                    "whoever may name groups at {} puts people into any group here that is called alike, those that bring \
                     roles included",
                    upstream.title
                ),
                undo: "name the groups one by one in [[rules.groups.map]]".to_owned(),
            });
        }
        if !row.roles.is_empty() {
            list.push(Weakened {
                name: "weaken-roles-from-upstream",
                meaning: format!(
                    "whoever runs {} makes administrators here: the role {}",
                    upstream.title,
                    row.roles.iter().cloned().collect::<Vec<_>>().join(", ")
                ),
                undo: "take the roles out of [[rules.groups.map]]".to_owned(),
            });
        }
    }
    list
}
