//! What holds for every page whatever it shows.

use std::collections::BTreeSet;

use doorward_web::pages::{Brand, Lang, csp};

use crate::page_samples::every_page;

#[test]
fn no_page_needs_more_than_the_policy_allows() {
    for (name, document) in every_page(Lang::En, &Brand::default(), &|text| text) {
        for forbidden in [
            " style=",
            "<style",
            " onclick",
            " onload",
            " onsubmit",
            "src=\"http",
            "href=\"//",
        ] {
            assert!(!document.contains(forbidden), "{name}: {forbidden}");
        }
        let scripts = document.matches("<script").count();
        // Nothing else needs one: no browser posts by itself, fills a page again, or asks an authenticator.
        let may = name == "form-post" || document.contains(" id=\"live\"") || document.contains("data-passkey");
        assert_eq!(scripts, usize::from(may), "{name}");
    }
    assert!(!csp(&[]).contains("unsafe"));
}

#[test]
fn every_page_says_its_language_and_has_one_heading_and_one_main() {
    for lang in Lang::ALL {
        for (name, document) in every_page(lang, &Brand::default(), &|text| text) {
            assert!(
                document.starts_with(&format!("<!DOCTYPE html>\n<html lang=\"{}\">", lang.tag())),
                "{name}"
            );
            for once in ["<h1", "<main", "<title>"] {
                assert_eq!(document.matches(once).count(), 1, "{name}: {once}");
            }
            let ids: Vec<&str> = document
                .split(" id=\"")
                .skip(1)
                .filter_map(|rest| rest.split('"').next())
                .collect();
            assert_eq!(
                ids.len(),
                ids.iter().collect::<BTreeSet<_>>().len(),
                "{name}: ids {ids:?}"
            );
        }
    }
}

#[test]
fn password_managers_are_told_which_password_is_meant() {
    let pages = every_page(Lang::En, &Brand::default(), &|text| text);
    let page = |wanted| {
        pages
            .iter()
            .find(|(name, _)| *name == wanted)
            .map(|(_, document)| document.as_str())
            .unwrap()
    };
    for (name, username, current, new) in [
        ("login", 1, 1, 0),
        ("login-again", 1, 1, 0),
        ("enrol", 1, 0, 2),
        ("enrol-first", 1, 0, 2),
        ("join", 1, 0, 2),
        ("change-password", 1, 1, 2),
    ] {
        let counts = ["username", "current-password", "new-password"]
            .map(|token| page(name).matches(&format!("autocomplete=\"{token}")).count());
        assert_eq!(counts, [username, current, new], "{name}");
    }
}

#[test]
fn what_is_for_operators_is_not_in_the_page_of_others() {
    let pages = every_page(Lang::En, &Brand::default(), &|text| text);
    let page = |wanted| {
        pages
            .iter()
            .find(|(name, _)| *name == wanted)
            .map(|(_, document)| document.as_str())
            .unwrap()
    };
    assert!(!page("refused").contains("/oauth/complete/oidc"));
    assert!(!page("refused").contains("doorward app edit"));
    assert!(page("refused").contains("7K3Q-9FZM"));
    let operator = page("refused-operator");
    assert!(operator.contains("<mark>/</mark>"), "the missing slash is marked");
    assert!(operator.contains("They differ from character 47 on."));
    assert!(operator.contains("doorward app edit netbox --add-redirect-uri"));
}
