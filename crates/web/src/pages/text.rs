//! The message catalogue: Fluent files under `locales/`, embedded; English is the fallback.

use std::borrow::{Borrow, Cow};
use std::collections::HashMap;

use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::loader::langid;
use fluent_templates::{LanguageIdentifier, Loader};

use super::Lang;

fluent_templates::static_loader! {
    static CATALOGUE = {
        locales: "./locales",
        fallback_language: "en",
        // Values are escaped and marked up by the templates; invisible marks around them would end up in what people copy.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

static ENGLISH: LanguageIdentifier = langid!("en");
static GERMAN: LanguageIdentifier = langid!("de");

/// Stands for a value while a message is cut in two around it. A private-use character, so no message contains it.
const CUT: char = '\u{E000}';

/// The messages of one language.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text {
    lang: Lang,
}

impl Text {
    pub(super) const fn of(lang: Lang) -> Self {
        Self { lang }
    }

    /// A message without values.
    pub(super) fn say(self, key: &str) -> String {
        CATALOGUE.lookup(self.id(), key)
    }

    /// A message with one value.
    pub(super) fn with(self, key: &str, name: &'static str, value: &str) -> String {
        self.fill(key, [(name, FluentValue::from(value))])
    }

    /// A message with a number, which may choose between singular and plural.
    pub(super) fn count(self, key: &str, name: &'static str, number: impl Borrow<usize>) -> String {
        self.fill(key, [(name, FluentValue::from(*number.borrow()))])
    }

    /// A message with two values.
    pub(super) fn with_two(self, key: &str, first: (&'static str, &str), second: (&'static str, &str)) -> String {
        self.fill(
            key,
            [first, second].map(|(name, value)| (name, FluentValue::from(value))),
        )
    }

    /// A message that may not exist.
    pub(super) fn find(self, key: &str) -> Option<String> {
        // The loader falls back to English by itself, which would hide that this language has none.
        CATALOGUE.lookup_single_language::<&str>(self.id(), key, None).ok()
    }

    /// A message cut in two where its value `name` goes, for a value that needs markup of its own.
    pub(super) fn around(self, key: &str, name: &'static str) -> Around {
        let whole = self.with(key, name, CUT.encode_utf8(&mut [0; 4]));
        match whole.split_once(CUT) {
            Some((before, after)) => Around {
                before: before.to_owned(),
                after: after.to_owned(),
            },
            None => Around {
                before: whole,
                after: String::new(),
            },
        }
    }

    /// "30 seconds", "5 minutes": rounded up, because trying too early costs another wait.
    pub(super) fn wait(self, seconds: u64) -> String {
        match seconds {
            0..=90 => self.duration("duration-seconds", seconds.max(1)),
            91..=5_400 => self.duration("duration-minutes", seconds.div_ceil(60)),
            5_401..=129_600 => self.duration("duration-hours", seconds.div_ceil(3_600)),
            _ => self.duration("duration-days", seconds.div_ceil(86_400)),
        }
    }

    /// An amount of time that has gone by or is left, rounded down.
    pub(super) fn span(self, seconds: u64) -> String {
        match seconds {
            0..=59 => self.duration("duration-seconds", seconds),
            60..=3_599 => self.duration("duration-minutes", seconds / 60),
            3_600..=86_399 => self.duration("duration-hours", seconds / 3_600),
            _ => self.duration("duration-days", seconds / 86_400),
        }
    }

    fn duration(self, key: &str, count: u64) -> String {
        self.fill(key, [("count", FluentValue::from(count))])
    }

    fn fill<const N: usize>(self, key: &str, values: [(&'static str, FluentValue<'_>); N]) -> String {
        let values = values.map(|(name, value)| (Cow::Borrowed(name), value));
        CATALOGUE.lookup_with_args(self.id(), key, &HashMap::from(values))
    }

    fn id(self) -> &'static LanguageIdentifier {
        match self.lang {
            Lang::En => &ENGLISH,
            Lang::De => &GERMAN,
        }
    }
}

/// What stands before and after a value in a message.
pub(super) struct Around {
    pub(super) before: String,
    pub(super) after: String,
}
