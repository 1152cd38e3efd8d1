//! Days as people type them, where an instant is meant.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

const DAY: &str = "2027-01-31";

/// The beginning of a day in UTC, or an exact time (RFC 3339) as it stands.
///
/// # Errors
/// What was expected and what was typed.
pub fn beginning_of(text: &str) -> Result<Timestamp, String> {
    read(text, (0, 0, 0))
}

/// The end of a day in UTC, or an exact time (RFC 3339) as it stands.
///
/// # Errors
/// What was expected and what was typed.
pub fn end_of(text: &str) -> Result<Timestamp, String> {
    read(text, (23, 59, 59))
}

fn read(text: &str, (hour, minute, second): (i8, i8, i8)) -> Result<Timestamp, String> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok(moment);
    }
    // Written as a day and nothing else: shorter forms are read as something by some and as something else by others.
    let day = text.parse::<Date>().ok().filter(|_| text.len() == DAY.len());
    day.and_then(|day| day.at(hour, minute, second, 0).to_zoned(TimeZone::UTC).ok())
        .map(|moment| moment.timestamp())
        .ok_or_else(|| format!("expected a day like {DAY} or a time like {DAY}T18:00:00Z, received {text:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_and_ends_in_utc_and_a_time_is_exact() {
        assert_eq!(beginning_of("2027-01-31").unwrap().to_string(), "2027-01-31T00:00:00Z");
        assert_eq!(end_of("2027-01-31").unwrap().to_string(), "2027-01-31T23:59:59Z");
        for read in [beginning_of, end_of] {
            assert_eq!(
                read("2027-01-31T18:00:00+01:00").unwrap().to_string(),
                "2027-01-31T17:00:00Z"
            );
            for wrong in [
                "",
                "31.01.2027",
                "2027-02-30",
                "tomorrow",
                "2027-01-31T18:00:00",
                "20270131",
            ] {
                assert!(read(wrong).unwrap_err().contains("2027-01-31"), "{wrong:?}");
            }
        }
    }
}
