//! What went wrong, whose turn it is, and the reference to tell the administrator.

use askama::Template;
use doorward_oidc::{Refusal, Turn};

use super::link::link;
use super::render::render;
use super::text::Text;
use super::{AppRef, Chrome};

/// A login that cannot go on.
#[derive(Debug, Clone, Copy)]
pub struct Refused<'a> {
    /// What was refused.
    pub refusal: &'a Refusal,
    /// The application concerned, when its client id is known.
    pub app: Option<AppRef<'a>>,
    /// The trace's reference: `7K3Q-9FZM`.
    pub reference: Option<&'a str>,
    /// The viewer may read detail and remedy: an administrator's session, or a server in development.
    pub operator: bool,
    /// For a redirect URI that is not registered: what to compare. Shown to operators only.
    pub difference: Option<Difference<'a>>,
    /// Where to begin again, when that can help.
    pub retry: Option<&'a str>,
    /// The upstream that beginning again leads to, as its button calls it.
    pub retry_with: Option<&'a str>,
    /// The application's start page, when it is known to be safe.
    pub back: Option<&'a str>,
}

/// A received value beside the one that was expected.
#[derive(Debug, Clone, Copy)]
pub struct Difference<'a> {
    /// What came.
    pub received: &'a str,
    /// What is registered, the closest first.
    pub registered: &'a [&'a str],
}

/// Renders the refusal.
pub fn refused(view: &Refused<'_>, chrome: &Chrome<'_>) -> String {
    let t = Text::of(chrome.lang);
    let code = view.refusal.kind.code;
    let app = view
        .app
        .map_or_else(|| t.say("refused-some-app"), |app| app.name.to_owned());
    let marked = view.difference.filter(|_| view.operator).map(Marked::of);
    render(&RefusedPage {
        view,
        chrome,
        t,
        title: t
            .find(&format!("refused-of-{code}-title"))
            .unwrap_or_else(|| match view.refusal.kind.turn {
                Turn::Person => t.say("refused-title-person"),
                Turn::Administrator => t.say("refused-title-administrator"),
                Turn::Application => t.say("refused-title-application"),
                Turn::Upstream => t.say("refused-title-upstream"),
            }),
        // English sentences live beside their definitions; the catalogue holds translations only.
        what: t
            .find(&format!("refused-of-{code}"))
            .unwrap_or_else(|| view.refusal.kind.public.to_owned()),
        whose: match view.refusal.kind.turn {
            Turn::Person if view.retry.is_some() => t.say("refused-turn-retry"),
            Turn::Person => t.say("refused-turn-person"),
            Turn::Administrator => t.say("refused-turn-administrator"),
            Turn::Application => t.with("refused-turn-application", "app", &app),
            Turn::Upstream => t.say("refused-turn-upstream"),
        },
        marked,
        retry: view.retry.and_then(link),
        back: view.back.and_then(link),
    })
}

#[derive(Template)]
#[template(path = "refused.html")]
struct RefusedPage<'a> {
    view: &'a Refused<'a>,
    chrome: &'a Chrome<'a>,
    t: Text,
    title: String,
    what: String,
    whose: String,
    marked: Option<Marked<'a>>,
    retry: Option<&'a str>,
    back: Option<&'a str>,
}

/// A difference, ready to be marked.
struct Marked<'a> {
    received: Parts,
    /// The closest, cut at the same places; `None` when nothing is registered.
    closest: Option<Parts>,
    others: &'a [&'a str],
    /// Counted in characters from 1.
    position: usize,
}

/// A value cut into what is the same, what differs, and what is the same again.
#[derive(Debug, PartialEq, Eq)]
struct Parts {
    before: String,
    differs: String,
    after: String,
}

impl<'a> Marked<'a> {
    fn of(difference: Difference<'a>) -> Self {
        let Some((closest, others)) = difference.registered.split_first() else {
            return Marked {
                received: Parts {
                    before: difference.received.to_owned(),
                    differs: String::new(),
                    after: String::new(),
                },
                closest: None,
                others: &[],
                position: 0,
            };
        };
        let (received, closest, position) = cut(difference.received, closest);
        Marked {
            received,
            closest: Some(closest),
            others,
            position,
        }
    }
}

/// Cuts both at their common beginning and common end; also the position of the first difference, from 1.
fn cut(received: &str, registered: &str) -> (Parts, Parts, usize) {
    let (a, b): (Vec<char>, Vec<char>) = (received.chars().collect(), registered.chars().collect());
    let same = |(x, y): &(&char, &char)| x == y;
    let head = a.iter().zip(&b).take_while(same).count();
    let shorter = a.len().min(b.len());
    let tail = a
        .iter()
        .rev()
        .zip(b.iter().rev())
        .take(shorter - head)
        .take_while(same)
        .count();
    let parts = |chars: &[char]| Parts {
        before: chars.iter().take(head).collect(),
        differs: chars
            .iter()
            .take(chars.len() - tail)
            .skip(head)
            .copied()
            .map(visible)
            .collect(),
        after: chars.iter().skip(chars.len() - tail).collect(),
    };
    (parts(&a), parts(&b), head + 1)
}

/// A blank that differs would otherwise look like nothing.
const fn visible(c: char) -> char {
    match c {
        ' ' => '\u{2420}',
        '\0'..='\u{1f}' | '\u{7f}' => '\u{fffd}',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(before: &str, differs: &str, after: &str) -> Parts {
        Parts {
            before: before.into(),
            differs: differs.into(),
            after: after.into(),
        }
    }

    #[test]
    fn a_missing_slash_is_found_at_the_end() {
        let (received, registered, position) = cut("https://n.example/oidc", "https://n.example/oidc/");
        assert_eq!(received, parts("https://n.example/oidc", "", ""));
        assert_eq!(registered, parts("https://n.example/oidc", "/", ""));
        assert_eq!(position, 23);
    }

    #[test]
    fn another_scheme_is_marked_alone() {
        let (received, registered, position) = cut("http://n.example/", "https://n.example/");
        assert_eq!(received, parts("http", "", "://n.example/"));
        assert_eq!(registered, parts("http", "s", "://n.example/"));
        assert_eq!(position, 5);
    }

    #[test]
    fn blanks_and_letters_beyond_ascii_are_cut_at_their_borders() {
        let (received, registered, _) = cut("https://n.example/ü ", "https://n.example/ö");
        assert_eq!(received, parts("https://n.example/", "ü\u{2420}", ""));
        assert_eq!(registered, parts("https://n.example/", "ö", ""));
    }

    #[test]
    fn equal_and_empty_values_differ_nowhere() {
        assert_eq!(cut("abab", "abab").0, parts("abab", "", ""));
        assert_eq!(cut("", "").0, parts("", "", ""));
        assert_eq!(cut("aa", "a").0, parts("a", "a", ""));
    }
}
