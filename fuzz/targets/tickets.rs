//! Bearer values and references as people and programs send them.

use doorward_audit::{Reference, redacted};
use doorward_store::Ticket;

pub(crate) fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Some(ticket) = Ticket::parse(text) {
        assert_eq!(ticket.encode(), text);
        assert!(ticket.matches(&ticket.digest()));
        assert!(!redacted(text).contains(text));
    }
    if let Ok(reference) = text.parse::<Reference>() {
        let shown = reference.to_string();
        assert_eq!(shown.len(), 9);
        assert_eq!(shown.parse(), Ok(reference));
    }
    let kept = redacted(text);
    assert!(!kept.chars().any(char::is_control));
    assert!(
        kept.split(|letter: char| !(letter.is_ascii_alphanumeric() || "-_".contains(letter)))
            .all(|run| run.len() < 40)
    );
}
