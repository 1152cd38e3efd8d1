//! The languages of the pages and how one is chosen.

/// A language that every page speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// German.
    De,
}

impl Lang {
    /// All of them.
    pub const ALL: [Lang; 2] = [Lang::En, Lang::De];

    /// The BCP 47 tag, as in `<html lang>` and `Content-Language`.
    pub const fn tag(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::De => "de",
        }
    }

    /// The first of `ui_locales` (space-separated, best first; OpenID Connect Core §3.1.2.1) that we speak, else the best of
    /// `Accept-Language` (RFC 9110 §12.5.4), else English. Anything unreadable counts as absent.
    pub fn choose(ui_locales: Option<&str>, accept_language: Option<&str>) -> Lang {
        ui_locales
            .and_then(|tags| tags.split(' ').take(MOST_TAGS).find_map(Lang::from_tag))
            .or_else(|| accept_language.and_then(best_accepted))
            .unwrap_or_default()
    }

    /// The language of a tag such as `de-AT`, by its first part.
    pub fn from_tag(tag: &str) -> Option<Lang> {
        let primary = tag.trim().split(['-', '_']).next()?;
        Lang::ALL
            .into_iter()
            .find(|lang| lang.tag().eq_ignore_ascii_case(primary))
    }
}

/// Enough for any real browser, and a bound on what a stranger can make us read.
const MOST_TAGS: usize = 32;

fn best_accepted(header: &str) -> Option<Lang> {
    let mut best: Option<(Lang, f32)> = None;
    for item in header.split(',').take(MOST_TAGS) {
        let mut parts = item.split(';');
        let Some(lang) = parts.next().and_then(Lang::from_tag) else {
            continue;
        };
        let quality = parts
            .find_map(|parameter| parameter.trim().strip_prefix("q="))
            .map_or(1.0, |q| q.parse::<f32>().unwrap_or(0.0));
        if quality > best.map_or(0.0, |(_, q)| q) {
            best = Some((lang, quality));
        }
    }
    best.map(|(lang, _)| lang)
}
