//! The person's applications.

use askama::Template;

use super::link::link;
use super::render::render;
use super::text::Text;
use super::{Chrome, path};

/// The start page. [`Chrome::viewer`] says whose.
#[derive(Debug, Clone, Copy)]
pub struct Start<'a> {
    /// What the person may use, by name.
    pub apps: &'a [Tile<'a>],
    /// The viewer administers this server: an empty page says how to add an application.
    pub administrator: bool,
}

/// One application.
#[derive(Debug, Clone, Copy)]
pub struct Tile<'a> {
    /// `NetBox`
    pub name: &'a str,
    /// Where it starts, complete (`https://…`).
    pub url: &'a str,
    /// `netbox.example.com`
    pub host: &'a str,
}

/// Renders the start page.
pub fn start(view: &Start<'_>, chrome: &Chrome<'_>) -> String {
    let doors = view
        .apps
        .iter()
        .filter_map(|app| {
            link(app.url).map(|url| Door {
                app,
                url,
                initial: app
                    .name
                    .chars()
                    .find(|c| c.is_alphanumeric())
                    .map_or_else(|| "\u{2022}".to_owned(), |initial| initial.to_uppercase().to_string()),
            })
        })
        .collect();
    render(&StartPage {
        view,
        chrome,
        t: Text::of(chrome.lang),
        doors,
    })
}

#[derive(Template)]
#[template(path = "start.html")]
struct StartPage<'a> {
    view: &'a Start<'a>,
    chrome: &'a Chrome<'a>,
    t: Text,
    doors: Vec<Door<'a>>,
}

struct Door<'a> {
    app: &'a Tile<'a>,
    url: &'a str,
    initial: String,
}
