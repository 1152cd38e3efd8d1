//! The person's applications.

use super::Chrome;

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
pub fn start(_view: &Start<'_>, _chrome: &Chrome<'_>) -> String {
    unimplemented!("start page")
}
