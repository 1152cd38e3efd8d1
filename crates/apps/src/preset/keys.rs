//! Unknown keys in a preset file are errors that name the key that was meant: a setting that does nothing and says
//! nothing is how configuration goes wrong.

use toml::{Table, Value};

use doorward_oidc::closest_name;

const TOP: &[&str] = &[
    "title",
    "aliases",
    "summary",
    "evidence",
    "proof",
    "sources",
    "kind",
    "authentication",
    "pkce",
    "id_token_alg",
    "access_token_alg",
    "redirect_uris",
    "post_logout_redirect_uris",
    "backchannel_logout_uri",
    "start_url",
    "scopes",
    "consent",
    "usernames",
    "lifetimes",
    "expects_refresh",
    "expects_userinfo",
    "claim_rule",
    "logout",
    "doctor",
    "pairing",
    "wrong",
    "error",
    "private_ca",
    "note",
    "snippet",
];

const TABLES: &[(&str, &[&str])] = &[
    ("pkce", &["policy", "setting", "reason"]),
    ("lifetimes", &["code", "id_token", "access_token", "refresh_token"]),
    ("logout", &["rp_initiated", "text"]),
    (
        "claim_rule",
        &["claim", "attribute", "groups", "by_group", "constant", "into", "format"],
    ),
    (
        "doctor",
        &[
            "login_url",
            "login_form",
            "id_token_algs",
            "authentication",
            "reads",
            "needs",
            "groups_claim",
            "leeway",
            "unchecked",
            "signed_userinfo",
            "refuses_by",
            "look_at",
        ],
    ),
    ("pairing", &["form", "text"]),
    ("wrong", &["setting", "why", "instead"]),
    ("error", &["text", "place", "cause", "remedy"]),
    ("note", &["versions", "text"]),
    ("snippet", &["title", "way", "place", "language", "alternative", "text"]),
];

/// Refuses the first key that no preset has.
pub(super) fn check(table: &Table) -> Result<(), String> {
    check_table("", table, TOP)?;
    for (name, known) in TABLES {
        match table.get(*name) {
            Some(Value::Table(inner)) => check_table(name, inner, known)?,
            Some(Value::Array(list)) => {
                for inner in list.iter().filter_map(Value::as_table) {
                    check_table(name, inner, known)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn check_table(section: &str, table: &Table, known: &[&str]) -> Result<(), String> {
    let Some(key) = table.keys().find(|key| !known.contains(&key.as_str())) else {
        return Ok(());
    };
    let hint = closest_name(key, known.iter().copied()).map_or_else(
        || format!("expected one of {}", known.join(", ")),
        |near| format!("did you mean `{near}`?"),
    );
    let place = if section.is_empty() {
        String::new()
    } else {
        format!(" in [{section}]")
    };
    Err(format!("unknown key `{key}`{place}: {hint}"))
}
