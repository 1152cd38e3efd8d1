//! The person's applications.

use askama::Template;

use super::link::link;
use super::render::render;
use super::text::Text;
use super::{Chrome, path};

/// The start page. [`Chrome::viewer`] says whose.
#[derive(Debug, Clone, Copy)]
pub struct Start<'a> {
    /// What applications ask of the person and wait for, oldest first.
    pub questions: &'a [OpenQuestion<'a>],
    /// What the person may use, by name.
    pub apps: &'a [Tile<'a>],
    /// The viewer administers this server: an empty page says how to add an application.
    pub administrator: bool,
}

/// A question of an application that waits for the person.
#[derive(Debug, Clone, Copy)]
pub struct OpenQuestion<'a> {
    /// Who asks.
    pub app: &'a str,
    /// What the application shows, too.
    pub message: Option<&'a str>,
    /// Where it is answered.
    pub href: &'a str,
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
                host: parts(app.host),
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
    /// The host in parts, between which a line may end.
    host: Vec<&'a str>,
    initial: String,
}

/// Cut after dots and before the port, where a host that is too long for its door reads best.
fn parts(host: &str) -> Vec<&str> {
    let (name, port) = host.find(':').map_or((host, ""), |at| host.split_at(at));
    let labels = name.split_inclusive('.');
    labels.chain([port]).filter(|part| !part.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn a_host_is_cut_after_dots_and_before_its_port() {
        assert_eq!(parts("vault.example.com:8200"), ["vault.", "example.", "com", ":8200"]);
        assert_eq!(parts("wiki"), ["wiki"]);
        assert!(parts("").is_empty());
    }
}
