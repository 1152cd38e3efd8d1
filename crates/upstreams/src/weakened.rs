//! Every setting of an upstream that is weaker than the default, by its loud name.

use std::collections::BTreeSet;

use crate::{LinkRule, Upstream, presets};

/// Claims whose value people choose themselves, or give up for others to choose.
const CHOSEN: &[&str] = &[
    "email",
    "preferred_username",
    "username",
    "upn",
    "unique_name",
    "login",
    "nickname",
    "name",
];

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

/// Lists the upstream's weakened settings; empty for one that is strict throughout. `role_groups` are the groups whose members
/// hold a role, as [`crate::Upstreams::role_groups`] gives them.
pub fn weakened(upstream: &Upstream, role_groups: &BTreeSet<String>) -> Vec<Weakened> {
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
    let claim = upstream.rules.user.claim();
    if CHOSEN.contains(&claim) {
        list.push(Weakened {
            name: "weaken-user-claim",
            meaning: format!(
                "people are known by `{claim}`, which changes and is given to others: whoever has it next is somebody who has an \
                 account here"
            ),
            undo: "name a claim that stays with its person as `user` in the rules: sub, or oid".to_owned(),
        });
    }
    if upstream.create_users && admits_anybody(upstream) {
        list.push(Weakened {
            name: "weaken-open-to-anybody",
            meaning: format!(
                "anybody can get an account at {}, and with it one here: no rule says who may come in",
                upstream.title
            ),
            undo: format!(
                "{}, or say in the rules who may come in: [[admission.claims]] or groups.required",
                edit("--create-users off")
            ),
        });
    }
    if upstream.trusted_amr {
        list.push(Weakened {
            name: "weaken-trusted-amr",
            meaning: format!(
                "applications are told how people authenticated in the words of whoever runs {}",
                upstream.title
            ),
            undo: edit("--trusted-amr off"),
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
        let holds_role = |group: &&String| role_groups.iter().any(|one| one.eq_ignore_ascii_case(group));
        let leading: Vec<&str> = row.groups.iter().filter(holds_role).map(String::as_str).collect();
        if !leading.is_empty() {
            list.push(Weakened {
                name: "weaken-groups-with-roles",
                meaning: format!(
                    "whoever may put people into {} at {} makes administrators here: members of {} hold a role",
                    row.group
                        .as_deref()
                        .map_or("any group".to_owned(), |group| format!("`{group}`")),
                    upstream.title,
                    leading.join(", ")
                ),
                undo: match &row.group {
                    Some(group) => edit(&format!("--unmap-group {group}")),
                    None => "take the groups out of [[rules.groups.map]]".to_owned(),
                },
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

/// Whether somebody about whom nothing is known but that they have an account there comes in.
fn admits_anybody(upstream: &Upstream) -> bool {
    let is_open = presets()
        .find(&upstream.preset)
        .is_some_and(|preset| preset.is_open(&upstream.issuer));
    let rules = &upstream.rules;
    let asks_groups = rules.groups.as_ref().is_some_and(|groups| !groups.required.is_empty());
    is_open && rules.admission.claims.is_empty() && rules.admission.subject.is_none() && !asks_groups
}
