//! Foreign text in messages for operators.

/// A foreign string for a message: quoted, escaped and cut, so that it can neither forge a log line nor fill one.
pub(crate) fn shown(text: &str) -> String {
    const LONGEST: usize = 300;
    let cut: String = text.chars().take(LONGEST).collect();
    let more = if cut.len() < text.len() { "…" } else { "" };
    format!("{cut:?}{more}")
}

/// A foreign URI as one word of a command that somebody may paste into a shell.
pub(crate) fn shell_word(uri: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b":/.-_~%+,@=".contains(&byte);
    if !uri.is_empty() && uri.bytes().all(plain) {
        return uri.to_owned();
    }
    let shown: String = uri.chars().filter(|c| !c.is_control()).collect();
    format!("'{}'", shown.replace('\'', r"'\''"))
}
