//! Foreign text in our messages.

/// Enough of a foreign text to recognise it in a message: no control characters, at most 120 characters.
pub fn shown(text: &str) -> String {
    let mut out: String = text
        .chars()
        .take(120)
        .map(|c| if c.is_control() { '·' } else { c })
        .collect();
    if text.chars().count() > 120 {
        out.push('…');
    }
    out
}
