//! The one form of a password: keyboards write the same text as different bytes.

use unicode_normalization::UnicodeNormalization;

/// As RFC 8265 §4.2.2 prepares passwords (the profile `OpaqueString`): every space is U+0020, and what can be composed is
/// (NFC). Case and width stay. Nothing is refused here, since somebody may have such a password.
pub(crate) fn opaque(password: &str) -> String {
    password.chars().map(plain_space).nfc().collect()
}

/// Spaces of other widths (Unicode's category Zs).
fn plain_space(c: char) -> char {
    match c {
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => ' ',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_text_from_other_keyboards_is_the_same_password() {
        // The examples 3 and 4 of RFC 8265 §4.3, and an umlaut of a Macintosh.
        assert_eq!(opaque("\u{3c0}\u{df}\u{e5}"), "\u{3c0}\u{df}\u{e5}");
        assert_eq!(opaque("Jack of \u{2666}s"), "Jack of \u{2666}s");
        assert_eq!(opaque("foo\u{1680}bar"), "foo bar");
        assert_eq!(opaque("Gru\u{308}n\u{a0}ist"), "Gr\u{fc}n ist");
        assert_eq!(opaque("\u{212b}"), "\u{e5}".to_uppercase());
    }

    #[test]
    fn case_width_and_spaces_at_the_ends_stay() {
        for text in [
            "correct horse battery staple",
            "Correct Horse",
            " a ",
            "\u{ff21}\u{ff22}",
            "\u{fb01}",
        ] {
            assert_eq!(opaque(text), text);
        }
    }
}
