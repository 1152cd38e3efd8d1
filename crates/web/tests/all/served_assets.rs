//! Stylesheet, pictures, font and script as they are served.

use doorward_web::assets;
use doorward_web::pages::{Brand, Colour, Logo, LogoType};

fn header<'r>(response: &'r axum::response::Response, name: &str) -> &'r str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

fn brand() -> Brand {
    let logo = Logo {
        bytes: b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(),
        kind: LogoType::Svg,
    };
    Brand::new("Example Ltd", "#ffd400".parse().unwrap(), Some(logo))
}

#[test]
fn a_file_under_its_hashed_name_is_kept_for_a_year() {
    let brand = brand();
    for asset in assets::all(&brand) {
        let response = assets::respond(asset.file(), &brand).unwrap();
        assert_eq!(
            header(&response, "cache-control"),
            "public, max-age=31536000, immutable",
            "{}",
            asset.file()
        );
        assert_eq!(header(&response, "x-content-type-options"), "nosniff");
        assert_ne!(
            header(&response, "content-type"),
            "application/octet-stream",
            "{}",
            asset.file()
        );
    }
}

#[test]
fn a_plain_name_or_the_hash_of_another_version_is_answered_but_asked_for_again() {
    for name in ["doorward.css", "brand.css", "doorward-0123456789.css"] {
        let response = assets::respond(name, &brand()).unwrap();
        assert_eq!(header(&response, "cache-control"), "no-cache", "{name}");
    }
}

#[test]
fn there_is_nothing_else() {
    for name in [
        "",
        "..",
        "../lib.rs",
        "doorward.cssx",
        "doorward-.css",
        "doorward-zzzzzzzzzz.css",
        "x.css",
        ".css",
        "logo.svg",
    ] {
        assert!(assets::respond(name, &Brand::default()).is_none(), "{name:?}");
    }
}

#[test]
fn a_picture_opened_by_itself_cannot_run_anything() {
    let response = assets::respond("logo.svg", &brand()).unwrap();
    assert!(header(&response, "content-security-policy").contains("default-src 'none'"));
    assert!(header(&response, "content-security-policy").contains("sandbox"));
}

#[test]
fn the_stylesheet_names_its_files_by_their_hashes_and_nothing_from_elsewhere() {
    let brand = brand();
    let stylesheet = assets::all(&brand)
        .find(|asset| asset.file().starts_with("doorward-"))
        .unwrap();
    let text = std::str::from_utf8(stylesheet.bytes()).unwrap();
    let urls: Vec<&str> = text
        .split("url(")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .collect();
    assert!(urls.len() >= 4);
    for url in urls {
        assert!(assets::all(&brand).any(|asset| asset.file() == url), "{url}");
    }
    assert!(!text.contains("http"));
}

#[test]
fn another_accent_is_another_stylesheet() {
    let ours = Brand::new("A", Colour::DOOR, None);
    assert_ne!(ours.stylesheet().file(), brand().stylesheet().file());
}
