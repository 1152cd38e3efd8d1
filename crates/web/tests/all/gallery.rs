//! Writes every page in each language to `gallery/` below the target directory, to be looked at.

use std::fs;
use std::path::PathBuf;

use doorward_web::assets;
use doorward_web::pages::{Brand, Lang, Logo, LogoType};

use crate::page_samples::every_page;

const LOGO: &[u8] = br##"<svg xmlns="http://www.w3.org/2000/svg" width="220" height="60"><rect width="60" height="60" rx="30" fill="#e0457b"/><path d="M76 14h140v10H76zm0 22h96v10H76z" fill="#8a8f98"/></svg>"##;

#[test]
fn the_gallery_of_all_pages_is_written() {
    let root = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("gallery");
    let ours = Brand::default().with_contact("it@example.com");
    let logo = Logo {
        bytes: LOGO.to_vec(),
        kind: LogoType::Svg,
    };
    let theirs =
        Brand::new("Sonnenhof Energie eG", "#ffc400".parse().unwrap(), Some(logo)).with_contact("extension 4711");
    let red = Brand::new("Rotwerk", "#d0342c".parse().unwrap(), None);
    let mut names = Vec::new();
    for (directory, lang, brand) in [
        ("en", Lang::En, &ours),
        ("de", Lang::De, &ours),
        ("branded", Lang::De, &theirs),
        ("red", Lang::En, &red),
    ] {
        fs::create_dir_all(root.join(directory)).unwrap();
        for (name, document) in every_page(lang, brand, &|text| text) {
            fs::write(root.join(directory).join(format!("{name}.html")), document).unwrap();
            names.push(format!("{directory}/{name}.html"));
        }
    }
    fs::create_dir_all(root.join("assets")).unwrap();
    for asset in [&ours, &theirs, &red].into_iter().flat_map(assets::all) {
        fs::write(root.join("assets").join(asset.file()), asset.bytes()).unwrap();
    }
    fs::write(root.join("pages.txt"), names.join("\n")).unwrap();
    assert!(names.len() >= 4 * 39);
}
