//! Moments as people type them: a day, `2027-01-31`, which counts to its end in UTC, or an exact time (RFC 3339).

use doorward_api::Edit;
use jiff::{Timestamp, civil::Date, tz::TimeZone};

/// What the clock here says.
#[expect(
    clippy::disallowed_methods,
    reason = "the edge: whether a date has passed is said to whoever reads it now"
)]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// A moment, for clap.
pub(crate) fn parse(text: &str) -> Result<Timestamp, String> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok(moment);
    }
    let day = text.parse::<Date>().ok().filter(|_| text.len() == "2027-01-31".len());
    day.and_then(|day| day.at(23, 59, 59, 0).to_zoned(TimeZone::UTC).ok())
        .map(|end| end.timestamp())
        .ok_or_else(|| format!("expected a day like 2027-01-31 or a time like 2027-01-31T18:00:00Z, received {text:?}"))
}

/// The same, or `never`.
pub(crate) fn or_never(text: &str) -> Result<Edit<Timestamp>, String> {
    if text == "never" {
        return Ok(Edit::Clear);
    }
    parse(text)
        .map(Edit::Set)
        .map_err(|expected| format!("{expected}; `never` for no end"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_counts_to_its_end_and_a_time_is_exact() {
        let of = |text: &str| parse(text).unwrap().to_string();
        assert_eq!(of("2027-01-31"), "2027-01-31T23:59:59Z");
        assert_eq!(of("2027-01-31T18:00:00+01:00"), "2027-01-31T17:00:00Z");
        for wrong in [
            "",
            "31.01.2027",
            "2027-02-30",
            "tomorrow",
            "2027-01-31T18:00:00",
            "20270131",
        ] {
            assert!(parse(wrong).unwrap_err().contains("2027-01-31"), "{wrong:?}");
        }
        assert_eq!(or_never("never"), Ok(Edit::Clear));
        assert!(or_never("soon").unwrap_err().contains("never"));
    }
}
