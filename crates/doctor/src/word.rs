//! What came from outside as a word of a command that somebody is told to type: plain, quoted for a shell, or not at all.

/// `text` as one word of a shell; `None` for what nobody should paste, whatever the shell.
///
/// Beyond addresses and names there is no reason for what a shell reads, and quotes differ from one shell to the next: what
/// would have to be escaped within them is left out altogether.
pub(crate) fn word(text: &str) -> Option<String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    let is_harmless_in_quotes = |c: char| is_plain(c) || "?~[]".contains(c);
    if !text.starts_with(|c: char| c.is_ascii_alphanumeric()) || !text.chars().all(is_harmless_in_quotes) {
        return None;
    }
    Some(if text.chars().all(is_plain) {
        text.to_owned()
    } else {
        format!("'{text}'")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_would_read_is_quoted_or_left_out() {
        assert_eq!(word("https://a.example/cb/").as_deref(), Some("https://a.example/cb/"));
        assert_eq!(
            word("https://a.example/cb?x=1").as_deref(),
            Some("'https://a.example/cb?x=1'")
        );
        for hostile in [
            "",
            "-x",
            "--yes",
            "~root",
            "a b",
            "a&b",
            "a;b",
            "a(b)",
            "a#b",
            "a*",
            "a\nb",
            "a\u{1b}[2J",
            "$(a)",
            "a$(a)",
            "a`a`",
            "a'b",
            "a\"b",
            "a\\b",
            "a!b",
            "a|b",
            "a>b",
            "a<b",
            "a{b,c}",
            "ä",
        ] {
            assert_eq!(word(hostile), None, "{hostile}");
        }
    }
}
