//! The terms and conditions: on the way in, to be read, and in the console.

use doorward_api as api;
use doorward_web::pages::{
    self, AskedTerms, Terms,
    console::{self, Frame, PublishTerms},
};
use uuid::Uuid;

use super::{
    Sample, Scene,
    console::{Words, ago, now},
};

const TEXT: &str = "Use what is here for your work.\n\nTell us when something is wrong:\nsecurity@example.com";

pub(super) fn samples(scene: &Scene<'_>) -> Vec<Sample> {
    let Scene { out, within, netbox, w } = *scene;
    let asked = AskedTerms {
        app: Some(netbox),
        action: "/terms",
        attempt: w("AZ3kq1c"),
        csrf: w("c3JmLXRva2Vu"),
        changed: false,
    };
    let terms = Terms {
        version: 3,
        language: "en",
        text: Some(w(TEXT)),
        url: None,
        published: ago(3_000),
        accepted: None,
        ask: None,
        now: now(),
    };
    let read = Terms {
        accepted: Some(ago(2_000)),
        text: None,
        url: Some(w("https://example.com/terms/3")),
        ..terms
    };
    let asks = |ask| Terms {
        ask: Some(ask),
        ..terms
    };
    let changed = AskedTerms { changed: true, ..asked };
    let at_home = AskedTerms { app: None, ..asked };
    vec![
        ("terms-asked", pages::terms(&asks(asked), &within)),
        ("terms-changed", pages::terms(&asks(changed), &within)),
        ("terms-asked-at-home", pages::terms(&asks(at_home), &within)),
        ("terms-read", pages::terms(&read, &out)),
    ]
}

pub(super) fn of_the_console(words: &Words<'_>, frame: &Frame<'_>, error: &api::ErrorBody) -> Vec<Sample> {
    let summary = |version, in_force, withdrawn| api::TermsSummary {
        version,
        in_force,
        languages: words.texts(&["en", "de"]),
        published: ago(3_000),
        published_by: words.text("admin"),
        withdrawn,
        accepted: 100_213,
    };
    let said = |language: &str, text, url| api::TermsText {
        language: language.to_owned(),
        text,
        url,
    };
    let all = [
        summary(3, true, None),
        summary(2, false, Some(ago(9_000))),
        summary(1, false, None),
    ];
    let one = api::Terms {
        about: summary(3, true, None),
        texts: vec![
            said("en", words.some(TEXT), None),
            said("de", None, words.some("https://example.com/de/terms/3")),
        ],
    };
    let accepted = api::List {
        items: vec![api::TermsAcceptance {
            user: words.text("anna"),
            user_id: Uuid::from_u128(7),
            version: 3,
            accepted: ago(20),
            language: words.text("de"),
            address: words.text("192.0.2.17"),
        }],
        next: words.some("AZ3kq1c"),
    };
    let view = console::Terms {
        terms: &one,
        accepted: Some(&accepted),
        user: words.0("anna"),
        may_change: true,
        error: Some(error),
    };
    let old = api::Terms {
        about: summary(2, false, Some(ago(9_000))),
        ..one.clone()
    };
    let withdrawn = console::Terms {
        terms: &old,
        accepted: None,
        may_change: false,
        error: None,
        ..view
    };
    let empty = PublishTerms {
        english: ("", ""),
        german: ("", ""),
        error: None,
    };
    let refused = PublishTerms {
        english: (words.0("Be kind."), ""),
        german: ("", words.0("http://example.com")),
        error: Some(error),
    };
    vec![
        ("console-terms", console::all_terms(&all, true, frame)),
        ("console-terms-none", console::all_terms(&[], false, frame)),
        ("console-terms-publish", console::publish_terms(&empty, frame)),
        ("console-terms-refused", console::publish_terms(&refused, frame)),
        ("console-terms-one", console::terms(&view, frame)),
        ("console-terms-withdrawn", console::terms(&withdrawn, frame)),
    ]
}
