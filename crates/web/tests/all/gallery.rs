//! Writes every page in each language to `gallery/` below the target directory, to be looked at.

use std::fs;
use std::path::PathBuf;

use doorward_web::assets;
use doorward_web::pages::{Brand, Lang};

use crate::page_samples::every_page;

#[test]
fn the_gallery_of_all_pages_is_written() {
    let root = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("gallery");
    let brand = Brand::default().with_contact("it@example.com");
    let mut names = Vec::new();
    for lang in Lang::ALL {
        let directory = root.join(lang.tag());
        fs::create_dir_all(&directory).unwrap();
        for (name, document) in every_page(lang, &brand, &|text| text) {
            fs::write(directory.join(format!("{name}.html")), document).unwrap();
            names.push(format!("{}/{name}.html", lang.tag()));
        }
    }
    let directory = root.join("assets");
    fs::create_dir_all(&directory).unwrap();
    for asset in assets::all(&brand) {
        fs::write(directory.join(asset.file()), asset.bytes()).unwrap();
    }
    fs::write(root.join("pages.txt"), names.join("\n")).unwrap();
    assert!(names.len() >= 2 * 36);
}
