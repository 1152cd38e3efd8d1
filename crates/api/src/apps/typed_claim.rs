//! Claim rules as people type them: `roles=groups:netbox-*` and its like, or `{"claim": …}`.

use std::{fmt, str::FromStr};

use serde_json::Value;

use super::{ByGroup, ClaimDestination, ClaimFormat, ClaimRule};

const EXPECTED: &str = "expected CLAIM=groups:PATTERN, CLAIM=attribute:NAME, CLAIM=constant:VALUE, \
                        CLAIM=by-group:GROUP:VALUE,…, or a rule as JSON";

/// Reads either form; the error names them all.
impl FromStr for ClaimRule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        parse(text)
    }
}

/// As it is typed: the short form where that says all of it, else JSON.
impl fmt::Display for ClaimRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match short(self) {
            Some(short) => f.write_str(&short),
            None => f.write_str(&serde_json::to_string(self).unwrap_or_default()),
        }
    }
}

fn parse(text: &str) -> Result<ClaimRule, String> {
    if text.starts_with('{') {
        return serde_json::from_str(text).map_err(|error| format!("{EXPECTED}: {error}"));
    }
    let expected = || format!("{EXPECTED}, received {text:?}");
    let (claim, source) = text
        .split_once('=')
        .filter(|(claim, _)| !claim.is_empty())
        .ok_or_else(expected)?;
    let rule = ClaimRule {
        claim: claim.to_owned(),
        ..ClaimRule::default()
    };
    let (kind, value) = source.split_once(':').ok_or_else(expected)?;
    match kind {
        "groups" => Ok(ClaimRule {
            groups: Some(value.to_owned()),
            ..rule
        }),
        "attribute" => Ok(ClaimRule {
            attribute: Some(value.to_owned()),
            ..rule
        }),
        "constant" => Ok(ClaimRule {
            constant: Some(json_or_text(value)),
            ..rule
        }),
        "by-group" => Ok(ClaimRule {
            by_group: Some(by_group(value).ok_or_else(expected)?),
            ..rule
        }),
        _ => Err(expected()),
    }
}

fn by_group(text: &str) -> Option<Vec<ByGroup>> {
    let mut list: Vec<ByGroup> = Vec::new();
    for pair in text.split(',') {
        let (group, value) = pair
            .split_once(':')
            .filter(|(group, value)| !group.is_empty() && !value.is_empty())?;
        match list.iter_mut().find(|entry| entry.group == group) {
            Some(entry) => entry.values.push(json_or_text(value)),
            None => list.push(ByGroup {
                group: group.to_owned(),
                values: vec![json_or_text(value)],
            }),
        }
    }
    Some(list)
}

fn json_or_text(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

/// The short form, if it is read back as the same rule: some texts and every rule with destinations need JSON.
fn short(rule: &ClaimRule) -> Option<String> {
    let source = if let Some(pattern) = &rule.groups {
        format!("groups:{pattern}")
    } else if let Some(name) = &rule.attribute {
        format!("attribute:{name}")
    } else if let Some(list) = &rule.by_group {
        let pairs: Vec<String> = list
            .iter()
            .flat_map(|entry| {
                entry
                    .values
                    .iter()
                    .map(|value| format!("{}:{}", entry.group, plain(value)))
            })
            .collect();
        format!("by-group:{}", pairs.join(","))
    } else {
        format!("constant:{}", plain(rule.constant.as_ref()?))
    };
    let text = format!("{}={source}", rule.claim);
    // What the server says of every rule, and the short form says of none.
    let usual = [ClaimDestination::IdToken, ClaimDestination::Userinfo];
    let mut bare = rule.clone();
    bare.into = bare.into.filter(|into| *into != usual);
    bare.format = bare.format.filter(|format| *format != ClaimFormat::AsIs);
    let is_one_line = !text.contains(char::is_control);
    (is_one_line && parse(&text).as_ref() == Ok(&bare)).then_some(text)
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rules_are_read_as_they_are_shown() {
        for text in [
            "roles=groups:netbox-*",
            "/realm_access/roles=groups:*",
            "dept=attribute:department",
            "tenant=constant:acme",
            "level=constant:3",
            "role=by-group:admins:superuser,admins:staff,users:viewer",
        ] {
            assert_eq!(parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_group_named_twice_brings_both_values() {
        let rule = parse("role=by-group:a:x,a:y").unwrap();
        assert_eq!(
            rule.by_group,
            Some(vec![ByGroup {
                group: "a".to_owned(),
                values: vec![json!("x"), json!("y")]
            }])
        );
    }

    #[test]
    fn what_is_no_rule_is_answered_with_the_forms_there_are() {
        for text in [
            "",
            "roles",
            "roles=*",
            "=groups:*",
            "roles=group:*",
            "roles=by-group:a",
            r#"{"claim":"a","group":"*"}"#,
        ] {
            let refused = parse(text).unwrap_err();
            assert!(refused.contains("CLAIM=groups:PATTERN"), "{text}: {refused}");
        }
    }

    #[test]
    fn what_the_short_form_cannot_say_is_json() {
        for text in [
            r#"{"claim":"roles","groups":"*","into":["access_token"]}"#,
            r#"{"claim":"roles","groups":"*","format":"csv"}"#,
            r#"{"claim":"level","constant":"3"}"#,
            r#"{"claim":"role","by_group":[{"group":"a","values":["x,y"]}]}"#,
            r#"{"claim":"roles"}"#,
        ] {
            assert_eq!(parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_goes_where_claims_usually_go_is_short() {
        let rule: ClaimRule =
            parse(r#"{"claim":"roles","groups":"*","into":["id_token","userinfo"],"format":"as-is"}"#).unwrap();
        assert_eq!(rule.to_string(), "roles=groups:*");
    }
}
