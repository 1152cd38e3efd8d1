//! Whether the server is as the files say that were applied to it last.

use jiff::Timestamp;

use crate::{Cause, Finding};

/// Files that are named one by one; of more it is said how many there are.
const NAMED: usize = 8;

/// What differs since somebody applied files.
pub fn finding(at: Timestamp, by: &str, differs: &[String]) -> Finding {
    let when = format!("the files that {by} applied at {at}");
    if differs.is_empty() {
        return Finding::good(Cause::Drift, format!("the server is as {when} say"));
    }
    let mut named = differs.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    if let Some(more) = differs.len().checked_sub(NAMED).filter(|more| *more > 0) {
        named = format!("{named} and {more} more");
    }
    Finding::advice(
        Cause::Drift,
        format!("the server as {when} say"),
        format!("something else in {named}"),
    )
    .here(
        "doorward plan DIR says what differs; doorward apply DIR makes it so again, or doorward export DIR and then doorward apply \
         DIR takes over what is here",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Weight;

    #[test]
    fn what_differs_is_named_and_much_of_it_counted() {
        let at = Timestamp::UNIX_EPOCH;
        assert_eq!(finding(at, "anna", &[]).weight, Weight::Good);
        let few = finding(at, "anna", &["settings.toml".to_owned()]);
        assert_eq!(
            (few.weight, few.received.as_str()),
            (Weight::Advice, "something else in settings.toml")
        );
        let many: Vec<String> = (0..20).map(|number| format!("groups/g{number}.toml")).collect();
        let many = finding(at, "anna", &many).received;
        assert!(many.ends_with("groups/g7.toml and 12 more"), "{many}");
    }
}
