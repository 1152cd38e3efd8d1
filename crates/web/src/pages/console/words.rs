//! Words for addresses and for a shell.

use std::fmt::Write as _;

/// A name as a segment of a path.
pub(crate) fn segment(name: &str) -> String {
    let mut encoded = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~' | b'.') {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// A word as a POSIX shell reads it back.
pub(super) fn word(text: &str) -> String {
    let is_plain = !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_./:@=,+".contains(&byte));
    if is_plain {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_place_in_a_path() {
        assert_eq!(segment("a/../b?x=1#y z"), "a%2F..%2Fb%3Fx%3D1%23y%20z");
        assert_eq!(segment("anna.berger"), "anna.berger");
    }

    #[test]
    fn a_word_stays_one_word_in_a_shell() {
        assert_eq!(word("anna"), "anna");
        assert_eq!(word("it's $(me)"), "'it'\\''s $(me)'");
        assert_eq!(word(""), "''");
    }
}
