//! Whatever a person, an application or an administrator wrote stays text.

use doorward_web::pages::{Brand, Lang};

use crate::page_samples::every_page;

const HOSTILE: &str = "\"><script>alert(1)</script><img src=x onerror='alert(2)' \u{202e}&{{7*7}}";
const HOSTILE_ADDRESS: &str = "https://x.example/\"><script>alert(1)</script><img src=x onerror='alert(2)' &{{7*7}}";

#[test]
fn no_field_of_any_page_can_bring_markup_in() {
    let brand = Brand::new(HOSTILE, doorward_web::pages::Colour::DOOR, None).with_contact(HOSTILE);
    let mut reached = 0;
    for lang in Lang::ALL {
        for (name, document) in every_page(lang, &brand, &|text| {
            if text.starts_with("http") {
                HOSTILE_ADDRESS
            } else {
                HOSTILE
            }
        }) {
            assert!(!document.contains("<script>"), "{name}: a script came in");
            assert!(!document.contains("<img src=x"), "{name}: an element came in");
            assert!(!document.contains("\">&#60;"), "{name}: an attribute was closed");
            reached += document.matches("&#60;script&#62;alert(1)").count();
        }
    }
    assert!(reached > 400, "the hostile text reached only {reached} places");
}

#[test]
fn an_address_that_would_run_something_is_never_a_link() {
    let brand = Brand::default();
    for lang in Lang::ALL {
        for (name, document) in every_page(lang, &brand, &|text| {
            if text.starts_with("http") {
                "javascript:alert(1)"
            } else {
                text
            }
        }) {
            for attribute in ["href", "action", "src"] {
                assert!(
                    !document.contains(&format!("{attribute}=\"javascript")),
                    "{name}: {attribute}"
                );
            }
        }
    }
}
