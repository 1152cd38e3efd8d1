//! Moments as people type them: a day, `2027-01-31`, which counts to its end in UTC, or an exact time (RFC 3339).

use doorward_api::{Edit, day};
use jiff::Timestamp;

/// What the clock here says.
#[expect(
    clippy::disallowed_methods,
    reason = "the edge: whether a date has passed is said to whoever reads it now"
)]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// A moment or `never`, for clap: a day counts to its end.
pub(crate) fn or_never(text: &str) -> Result<Edit<Timestamp>, String> {
    if text == "never" {
        return Ok(Edit::Clear);
    }
    day::end_of(text)
        .map(Edit::Set)
        .map_err(|expected| format!("{expected}; `never` for no end"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_counts_to_its_end_and_never_is_none() {
        let end = or_never("2027-01-31").unwrap();
        assert_eq!(end, Edit::Set("2027-01-31T23:59:59Z".parse().unwrap()));
        assert_eq!(or_never("never"), Ok(Edit::Clear));
        assert!(or_never("soon").unwrap_err().contains("never"));
    }
}
