//! The message catalogue is whole: same keys in both languages, all used, all there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use doorward_api::codes as api;
use doorward_oidc::{RefusalKind, Turn};

/// Messages whose keys are made from a refusal's code.
const OF_REFUSALS: &str = "refused-of-";

fn keys(lang: &str) -> BTreeSet<String> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("locales").join(lang);
    let mut keys = BTreeSet::new();
    for file in fs::read_dir(directory).unwrap() {
        for line in fs::read_to_string(file.unwrap().path()).unwrap().lines() {
            if let Some((key, _)) = line
                .split_once(" =")
                .filter(|_| line.starts_with(|c: char| c.is_ascii_lowercase()))
            {
                assert!(keys.insert(key.to_owned()), "{lang}: {key} is there twice");
            }
        }
    }
    keys
}

fn sources() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    ["templates", "src/pages"]
        .into_iter()
        .map(|directory| text_below(&root.join(directory)))
        .collect()
}

fn text_below(directory: &Path) -> String {
    fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            if path.is_dir() {
                text_below(&path)
            } else {
                fs::read_to_string(path).unwrap()
            }
        })
        .collect()
}

/// The keys that templates and code ask for, each a literal after one of the ways to ask.
fn asked(sources: &str) -> BTreeSet<String> {
    [
        "say(\"",
        "with(\"",
        "count(\"",
        "with_two(\"",
        "around(\"",
        "duration(\"",
    ]
    .into_iter()
    .flat_map(|way| sources.split(way).skip(1))
    .filter_map(|rest| rest.split_once('"'))
    .map(|(key, _)| key.to_owned())
    .filter(|key| key.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'))
    .collect()
}

#[test]
fn both_languages_have_the_same_messages() {
    let plain = |lang| {
        keys(lang)
            .into_iter()
            .filter(|key| !key.starts_with(OF_REFUSALS))
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(plain("en"), plain("de"));
}

#[test]
fn every_message_that_is_asked_for_exists_and_none_is_left_over() {
    let asked = asked(&sources().replace(char::is_whitespace, "").replace("(\n", "("));
    let there: BTreeSet<String> = keys("en")
        .into_iter()
        .filter(|key| !key.starts_with(OF_REFUSALS))
        .collect();
    assert_eq!(asked, there);
}

/// What a person may meet on a page: everything of the protocol, and of the subjects what the person can act on.
fn refusals_met_by_people() -> impl Iterator<Item = &'static RefusalKind> {
    let protocol = doorward_oidc::REFUSALS.iter().chain(doorward_provider::REFUSALS);
    let subjects = doorward_directory::REFUSALS
        .iter()
        .chain(doorward_apps::REFUSALS)
        .chain(doorward_upstreams::REFUSALS)
        .chain(doorward_mail::REFUSALS)
        .chain(doorward_certificates::REFUSALS);
    let of_people = subjects.filter(|kind| kind.turn == Turn::Person || kind.oauth == "access_denied");
    protocol.chain(of_people).copied()
}

fn codes(lang: &str, is_title: bool) -> BTreeSet<String> {
    keys(lang)
        .iter()
        .filter_map(|key| key.strip_prefix(OF_REFUSALS))
        .filter(|code| code.ends_with("-title") == is_title)
        .map(|code| code.trim_end_matches("-title").to_owned())
        .collect()
}

/// What the API refuses by itself, whose sentences the console shows.
const OF_THE_API: [&str; 7] = [
    api::UNAUTHENTICATED,
    api::FORBIDDEN,
    api::NOT_FOUND,
    api::INVALID,
    api::CONFLICT,
    api::BUSY,
    api::INTERNAL,
];

#[test]
fn every_refusal_that_people_meet_has_its_german_sentence() {
    let translated = codes("de", false);
    for kind in refusals_met_by_people() {
        assert!(
            translated.contains(kind.code),
            "locales/de/refusals.ftl lacks {OF_REFUSALS}{}: {}",
            kind.code,
            kind.public
        );
    }
    for code in OF_THE_API {
        assert!(
            translated.contains(code),
            "locales/de/refusals.ftl lacks {OF_REFUSALS}{code}"
        );
    }
    assert!(
        codes("en", false).is_empty(),
        "English sentences live beside the refusals"
    );
}

#[test]
fn no_translation_belongs_to_a_refusal_that_is_gone() {
    let known: BTreeSet<&str> = [
        doorward_oidc::REFUSALS,
        doorward_provider::REFUSALS,
        doorward_directory::REFUSALS,
        doorward_apps::REFUSALS,
        doorward_upstreams::REFUSALS,
        doorward_mail::REFUSALS,
        doorward_certificates::REFUSALS,
        doorward_state::REFUSALS,
    ]
    .into_iter()
    .flatten()
    .map(|kind| kind.code)
    .chain(OF_THE_API)
    .collect();
    assert_eq!(codes("en", true), codes("de", true));
    for code in codes("de", false).iter().chain(&codes("de", true)) {
        assert!(known.contains(code.as_str()), "{code}");
    }
}
