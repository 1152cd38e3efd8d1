//! Spans of time as people type them: `90s`, `30m`, `24h`, `7d`, `2w`, or several together (`1d12h`).

/// A span in whole seconds, for clap. At least one second, at most what fits.
pub(crate) fn parse(text: &str) -> Result<u32, String> {
    let expected = || format!("expected a span like 30m, 24h or 7d, received {text:?}");
    let mut total: u64 = 0;
    let mut digits = String::new();
    for c in text.chars() {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        let unit: u64 = match c {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            'w' => 7 * 86_400,
            _ => return Err(expected()),
        };
        let count: u64 = digits.parse().map_err(|_| expected())?;
        digits.clear();
        total = count
            .checked_mul(unit)
            .and_then(|part| total.checked_add(part))
            .ok_or_else(expected)?;
    }
    if !digits.is_empty() {
        return Err(format!(
            "{}; a number alone has no unit: {digits}s, {digits}m, {digits}h or {digits}d?",
            expected()
        ));
    }
    u32::try_from(total)
        .ok()
        .filter(|seconds| *seconds > 0)
        .ok_or_else(expected)
}

/// The same span as a person would say it: `24 h`, `7 days`.
pub(crate) fn show(seconds: i64) -> String {
    match seconds {
        s if s >= 172_800 && s % 86_400 == 0 => format!("{} days", s / 86_400),
        s if s >= 7_200 && s % 3_600 == 0 => format!("{} h", s / 3_600),
        s if s >= 120 && s % 60 == 0 => format!("{} min", s / 60),
        s => format!("{s} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_as_people_type_them() {
        for (text, seconds) in [
            ("90s", 90),
            ("30m", 1800),
            ("24h", 86_400),
            ("1d12h", 129_600),
            ("2w", 1_209_600),
        ] {
            assert_eq!(parse(text), Ok(seconds), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused_with_an_example() {
        for text in [
            "",
            "h",
            "24",
            "0s",
            "-1h",
            "1.5h",
            "24 h",
            "99999999999999999999d",
            "200000w",
            "1y",
        ] {
            let refused = parse(text).unwrap_err();
            assert!(refused.contains("like 30m, 24h or 7d"), "{text}: {refused}");
        }
    }

    #[test]
    fn spans_are_shown_in_the_largest_unit_that_is_exact() {
        for (seconds, text) in [
            (60, "60 s"),
            (900, "15 min"),
            (3_600, "60 min"),
            (86_400, "24 h"),
            (2_592_000, "30 days"),
        ] {
            assert_eq!(show(seconds), text);
        }
    }
}
