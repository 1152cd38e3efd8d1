//! The words of a letter: text and HTML, from one set of sentences in each language.

use std::borrow::Cow;
use std::collections::HashMap;

use askama::Template;
use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::loader::langid;
use fluent_templates::{LanguageIdentifier, Loader};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{House, Lang, Letter, Message, Notice};

fluent_templates::static_loader! {
    static CATALOGUE = {
        locales: "./locales",
        fallback_language: "en",
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

static ENGLISH: LanguageIdentifier = langid!("en");
static GERMAN: LanguageIdentifier = langid!("de");

/// The longest name that is greeted; a longer one is cut.
const LONGEST_NAME: usize = 64;

/// A letter in words, as it is stored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendered {
    /// The subject line.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
}

#[derive(Template)]
#[template(path = "letter.html")]
struct Page<'a> {
    lang: &'static str,
    subject: &'a str,
    greeting: &'a str,
    paragraphs: &'a [String],
    button: Option<(&'a str, &'a str)>,
    by_hand: &'a str,
    after: Option<&'a str>,
    footer: &'a str,
    contact: Option<&'a str>,
    house: &'a House,
}

pub(crate) fn render(letter: &Letter, house: &House) -> Rendered {
    let words = Words {
        lang: letter.to.lang,
        values: values(&letter.message, house),
    };
    let kind = letter.message.kind();
    let subject = words.say(&format!("{kind}-subject"));
    let greeting = match letter.to.name.as_deref().map(plain).filter(|name| !name.is_empty()) {
        Some(name) => words.with("greeting-named", "name", &name),
        None => words.say("greeting"),
    };
    let mut paragraphs = vec![words.say(&format!("{kind}-text"))];
    if let Message::Notice(_) = letter.message {
        paragraphs.push(words.say("notice-not-you"));
    }
    let label = words.find(&format!("{kind}-button"));
    let button = letter.message.link().and_then(|link| Some((label.as_deref()?, link)));
    let after = words.find(&format!("{kind}-after"));
    let footer = words.say("footer");
    let contact = house
        .contact
        .as_deref()
        .map(|contact| words.with("contact", "contact", contact));
    let by_hand = words.say("by-hand");
    let text = [
        Some(greeting.clone()),
        Some(paragraphs.join("\n\n")),
        button.map(|(label, link)| format!("{label}:\n{link}")),
        after.clone(),
        Some(format!("-- \n{footer}")),
    ];
    let mut text = text.into_iter().flatten().collect::<Vec<_>>().join("\n\n");
    if let Some(contact) = &contact {
        text.push('\n');
        text.push_str(contact);
    }
    text.push('\n');
    let page = Page {
        lang: letter.to.lang.tag(),
        subject: &subject,
        greeting: &greeting,
        paragraphs: &paragraphs,
        button,
        by_hand: &by_hand,
        after: after.as_deref(),
        footer: &footer,
        contact: contact.as_deref(),
        house,
    };
    Rendered {
        html: page.render().unwrap_or_default(),
        subject,
        text,
    }
}

/// What stands in the sentences.
fn values(message: &Message, house: &House) -> Vec<(&'static str, String)> {
    let mut values = vec![("house", house.name.clone()), ("url", house.url.clone())];
    match message {
        Message::Invitation { username, expires, .. } | Message::Approved { username, expires, .. } => {
            values.push(("username", username.clone()));
            values.push(("time", moment(*expires)));
        }
        Message::PasswordReset { expires, .. }
        | Message::ConfirmAddress { expires, .. }
        | Message::Register { expires, .. } => values.push(("time", moment(*expires))),
        Message::DeletionPlanned { at } | Message::AccountExpires { at } => values.push(("time", moment(*at))),
        Message::Notice(Notice::AddressChanged { new }) => values.push(("address", new.clone())),
        Message::Notice(Notice::RecoveryCodeUsed { left }) => values.push(("left", left.to_string())),
        Message::NotByMail { username } => values.push(("username", username.clone())),
        Message::LogInElsewhere { title, .. } => values.push(("title", title.clone())),
        Message::Test
        | Message::RegisteredAlready { .. }
        | Message::NotApproved
        | Message::AccountDeleted
        | Message::Notice(_) => {}
    }
    values
}

/// The same in every language and nobody's local time: the reader's is not known.
fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// A name as it may stand in a line.
fn plain(name: &str) -> String {
    name.chars()
        .filter(|letter| !letter.is_control())
        .take(LONGEST_NAME)
        .collect::<String>()
        .trim()
        .to_owned()
}

struct Words {
    lang: Lang,
    values: Vec<(&'static str, String)>,
}

impl Words {
    fn say(&self, key: &str) -> String {
        CATALOGUE.lookup_with_args(self.id(), key, &self.arguments())
    }

    fn with(&self, key: &str, name: &'static str, value: &str) -> String {
        let mut arguments = self.arguments();
        arguments.insert(Cow::Borrowed(name), FluentValue::from(value));
        CATALOGUE.lookup_with_args(self.id(), key, &arguments)
    }

    fn find(&self, key: &str) -> Option<String> {
        CATALOGUE
            .lookup_single_language(self.id(), key, Some(&self.arguments()))
            .ok()
    }

    fn arguments(&self) -> HashMap<Cow<'static, str>, FluentValue<'_>> {
        self.values
            .iter()
            .map(|(name, value)| (Cow::Borrowed(*name), FluentValue::from(value.as_str())))
            .collect()
    }

    fn id(&self) -> &'static LanguageIdentifier {
        match self.lang {
            Lang::En => &ENGLISH,
            Lang::De => &GERMAN,
        }
    }
}
