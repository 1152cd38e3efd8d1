//! The terms and conditions: to read, and to say yes or no to.

use askama::Template;
use jiff::Timestamp;

use super::link::link;
use super::moment::Moment;
use super::render::render;
use super::text::Text;
use super::{AppRef, Chrome, field};

/// A version of the terms, in one language.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// Its number.
    pub version: u32,
    /// The language that it is in: `en`.
    pub language: &'a str,
    /// What it says, paragraphs parted by empty lines.
    pub text: Option<&'a str>,
    /// Where it can be read, if not here.
    pub url: Option<&'a str>,
    /// Since when it holds.
    pub published: Timestamp,
    /// When the person accepted it.
    pub accepted: Option<Timestamp>,
    /// The question, for somebody on the way in.
    pub ask: Option<AskedTerms<'a>>,
    /// Now.
    pub now: Timestamp,
}

/// The question whether somebody accepts them.
#[derive(Debug, Clone, Copy)]
pub struct AskedTerms<'a> {
    /// Where they are on the way to.
    pub app: Option<AppRef<'a>>,
    /// Where the form is posted: `attempt`, `csrf`, `shown` (the version), `decision` (`allow` or `deny`).
    pub action: &'a str,
    /// The login attempt.
    pub attempt: &'a str,
    /// The session's form token.
    pub csrf: &'a str,
    /// They accepted an older version.
    pub changed: bool,
}

/// Renders the terms.
pub fn terms(view: &Terms<'_>, chrome: &Chrome<'_>) -> String {
    let t = Text::of(chrome.lang);
    render(&TermsPage {
        view,
        chrome,
        t,
        version: view.version.to_string(),
        published: Moment::ago(t, view.published, view.now),
        accepted: view.accepted.map(|at| Moment::ago(t, at, view.now)),
        // Only https is published; a row that says otherwise leads nowhere.
        url: view.url.and_then(link),
        paragraphs: view.text.map(paragraphs).unwrap_or_default(),
    })
}

/// What stands between empty lines.
fn paragraphs(text: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    for line in text.lines().map(str::trim_end) {
        match all.last_mut() {
            Some(last) if line.is_empty() && !last.is_empty() => all.push(String::new()),
            Some(last) => {
                if !last.is_empty() {
                    last.push('\n');
                }
                last.push_str(line);
            }
            None => {}
        }
    }
    all.retain(|paragraph| !paragraph.is_empty());
    all
}

#[derive(Template)]
#[template(path = "terms.html")]
struct TermsPage<'a> {
    view: &'a Terms<'a>,
    chrome: &'a Chrome<'a>,
    t: Text,
    version: String,
    published: Moment,
    accepted: Option<Moment>,
    url: Option<&'a str>,
    paragraphs: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_lines_part_paragraphs_and_line_ends_stay() {
        let parted = paragraphs("\r\nOne\r\ngoes on \r\n \r\n\r\nTwo\n");
        assert_eq!(parted, ["One\ngoes on", "Two"]);
        assert!(paragraphs(" \n\n").is_empty());
    }
}
