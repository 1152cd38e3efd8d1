//! Text with placeholders: `{client_id}` is replaced, a line that begins with `{?ca_file}` is kept only when there is a
//! value. Doubled braces are another program's placeholders and stay. Braces around anything but a lower-case word stay as they are, so that JSON and Python need no escaping.

use doorward_oidc::closest_name;

/// Every placeholder that a preset may use.
pub(super) const PLACEHOLDERS: [&str; 17] = [
    "issuer",
    "discovery",
    "client_id",
    "secret",
    "authorization_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
    "jwks_uri",
    "end_session_endpoint",
    "public_url",
    "app_url",
    "authentication",
    "id_token_alg",
    "scopes",
    "ca_file",
    // Never printed, only asked for: `{?app_is_https}`.
    "app_is_https",
    // Has no value here, so it is printed as it stands: oauth2-proxy fills it in itself.
    "id_token",
];

/// Refuses a text with a placeholder that nothing fills, naming the closest one.
pub(super) fn check(text: &str, allowed: &[&str]) -> Result<(), String> {
    for line in text.lines() {
        let (condition, rest) = condition(line);
        let names = condition
            .into_iter()
            .chain(pieces(rest).filter_map(|piece| match piece {
                Piece::Placeholder(name) => Some(name),
                Piece::Literal(_) => None,
            }));
        for name in names {
            if !allowed.contains(&name) {
                let hint = closest_name(name, allowed.iter().copied()).map_or_else(
                    || format!("expected one of {}", allowed.join(", ")),
                    |near| format!("did you mean {{{near}}}?"),
                );
                return Err(format!("unknown placeholder {{{name}}}: {hint}"));
            }
        }
    }
    Ok(())
}

/// Fills in the placeholders. `value` gives `None` for what has no value here: a conditional line is dropped then, and
/// anywhere else the placeholder stays visible.
pub(super) fn fill<'v>(text: &str, value: impl Fn(&str) -> Option<&'v str>) -> String {
    let mut out = String::with_capacity(text.len() + 200);
    for line in text.split_inclusive('\n') {
        let (condition, rest) = condition(line);
        if condition.is_some_and(|name| value(name).is_none()) {
            continue;
        }
        for piece in pieces(rest) {
            match piece {
                Piece::Literal(text) => out.push_str(text),
                Piece::Placeholder(name) => match value(name) {
                    Some(text) => out.push_str(text),
                    None => out.extend(["{", name, "}"]),
                },
            }
        }
    }
    out
}

/// Splits `{?name}` off the beginning of a line.
fn condition(line: &str) -> (Option<&str>, &str) {
    line.strip_prefix("{?")
        .and_then(|rest| rest.split_once('}'))
        .map_or((None, line), |(name, rest)| (Some(name), rest))
}

enum Piece<'t> {
    Literal(&'t str),
    Placeholder(&'t str),
}

fn pieces(mut text: &str) -> impl Iterator<Item = Piece<'_>> {
    std::iter::from_fn(move || {
        if text.is_empty() {
            return None;
        }
        if let Some((name, rest)) = placeholder(text) {
            text = rest;
            return Some(Piece::Placeholder(name));
        }
        let end = text
            .match_indices('{')
            .map(|(index, _)| index)
            // `{{word}}` is another program's placeholder.
            .filter(|index| !text.get(..*index).is_some_and(|before| before.ends_with('{')))
            .find(|index| text.get(*index..).is_some_and(|tail| placeholder(tail).is_some()))
            .unwrap_or(text.len());
        let (literal, rest) = text.split_at_checked(end)?;
        text = rest;
        Some(Piece::Literal(literal))
    })
}

/// `{word}` at the beginning, with a word of lower-case letters and underscores.
fn placeholder(text: &str) -> Option<(&str, &str)> {
    let (name, rest) = text.strip_prefix('{')?.split_once('}')?;
    let is_word = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    is_word.then_some((name, rest))
}

#[cfg(test)]
mod tests {
    use super::{PLACEHOLDERS, check, fill};

    fn value(name: &str) -> Option<&'static str> {
        match name {
            "client_id" => Some("netbox"),
            "issuer" => Some("https://sso.example.com"),
            _ => None,
        }
    }

    #[test]
    fn placeholders_are_filled_and_other_braces_stay() {
        assert_eq!(
            fill("{'oidc': ('{client_id}', {})} {\"a\": \"{issuer}\"}", value),
            "{'oidc': ('netbox', {})} {\"a\": \"https://sso.example.com\"}"
        );
    }

    #[test]
    fn doubled_braces_are_another_programs() {
        assert_eq!(
            fill("?t={{client_id}}&c={client_id}", value),
            "?t={{client_id}}&c=netbox"
        );
        assert!(check("{{token}} {{ user.name }}", &PLACEHOLDERS).is_ok());
    }

    #[test]
    fn a_conditional_line_is_dropped_without_a_value_and_kept_with_one() {
        assert_eq!(fill("a\n{?ca_file}  ca={ca_file}\nb\n", value), "a\nb\n");
        assert_eq!(
            fill("a\n{?issuer}  iss={issuer}\nb\n", value),
            "a\n  iss=https://sso.example.com\nb\n"
        );
    }

    #[test]
    fn an_unknown_placeholder_is_named_with_the_closest_one() {
        let error = check("x {clientid} y", &PLACEHOLDERS).unwrap_err();
        assert!(
            error.contains("unknown placeholder {clientid}") && error.contains("{client_id}"),
            "{error}"
        );
        assert!(check("{?nonsense_here}x", &PLACEHOLDERS).is_err());
        assert!(check("{app_url}/x", &["app_url"]).is_ok());
        assert!(check("{secret}/x", &["app_url"]).is_err());
    }
}
