//! Logins that a script begins: what can be read of them without running it.
//!
//! Nothing is interpreted: a page, or a script or settings file of its own, is searched for what single-page applications call
//! their client id and their provider.

use doorward_apps::App;
use doorward_oidc::shown;
use doorward_provider::Server;
use html5gum::{Token, Tokenizer};

use crate::{Cause, Finding, page, registration::by_hand};

/// Most names of one kind that are kept.
const MOST: usize = 10;
/// Longest value that is kept.
const LONGEST: usize = 300;
/// Most scripts of a page that are named.
const MOST_SCRIPTS: usize = 60;

/// What pages and their scripts say of the provider that they will ask.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Configured {
    /// Values of what is called a client id.
    pub client_ids: Vec<String>,
    /// Values of what is called an issuer or authority; the well-known path behind it is left out.
    pub issuers: Vec<String>,
}

impl Configured {
    /// Reads a text: HTML, JavaScript or JSON.
    pub fn read(&mut self, text: &[u8]) {
        let text = String::from_utf8_lossy(text.get(..page::LARGEST).unwrap_or(text));
        let bytes = text.as_bytes();
        for (at, _) in text.match_indices([':', '=']) {
            let (Some(name), Some(value)) = (name_before(bytes, at), value_after(&text, at + 1)) else {
                continue;
            };
            if name.ends_with("clientid") && is_id(&value) {
                keep(&mut self.client_ids, value);
            } else if ISSUERS.iter().any(|end| name.ends_with(end)) && is_address(&value) {
                let issuer = value.split("/.well-known/").next().unwrap_or_default();
                keep(&mut self.issuers, issuer.to_owned());
            }
        }
    }
}

/// What is said of a login that a script begins at `url`.
///
/// A page may be set up for several things: only what names this server as its provider is taken for the login here.
pub(crate) fn judge(url: &str, configured: &Configured, app: &App, server: &Server) -> Vec<Finding> {
    let mut finding = Finding::advice(
        Cause::Login,
        "a page or redirect that leads to this server",
        format!("{url} begins logins in a script, if at all, and no script is run here"),
    )
    .there(by_hand(app));
    if app.redirect_uris.is_empty() {
        finding = finding.here(format!(
            "doorward app pair {} waits for the redirect URI that it sends then",
            app.client_id
        ));
    }
    let mut found = vec![finding];
    let issuer = server.issuer(app);
    let host = |text: &str| url::Url::parse(text).ok().map(|url| url.origin());
    let ours: Vec<&String> = configured
        .issuers
        .iter()
        .filter(|one| host(one) == host(&issuer))
        .collect();
    if let Some(equal) = ours.iter().find(|one| **one == &issuer) {
        found.push(Finding::good(Cause::Issuer, format!("{equal}, in its page's settings")));
    } else if let Some(near) = ours.first().or(configured.issuers.first().as_ref()) {
        let received = format!("{} in its page's settings", shown(near));
        let remedy = format!(
            "in {}, set the issuer to {issuer} exactly: doorward app show {} --snippet prints its configuration",
            app.name, app.client_id
        );
        found.push(Finding::advice(Cause::Issuer, &*issuer, received).there(remedy));
    }
    match configured.client_ids.as_slice() {
        [] => {}
        ids if ids.contains(&app.client_id) => {
            found.push(Finding::good(
                Cause::ClientId,
                format!("{}, in its page's settings", app.client_id),
            ));
        }
        ids => {
            let ids: Vec<String> = ids.iter().map(|id| shown(id)).collect();
            let received = format!("{} in its page's settings", ids.join(", "));
            let remedy = format!("in {}, set the client id to {} exactly", app.name, app.client_id);
            let finding = if ours.is_empty() {
                Finding::advice(Cause::ClientId, app.client_id.as_str(), received)
            } else {
                Finding::problem(Cause::ClientId, app.client_id.as_str(), received)
            };
            found.push(finding.there(remedy));
        }
    }
    found
}

/// What providers are called in settings of libraries, without capitals and dashes.
const ISSUERS: [&str; 6] = [
    "authority",
    "issuer",
    "issueruri",
    "issuerurl",
    "metadataurl",
    "discoveryurl",
];

/// A page's own scripts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scripts {
    /// Whether there is any.
    pub any: bool,
    /// Addresses of those in files, as they stand in the page, the likeliest to hold settings first.
    pub files: Vec<String>,
}

/// Finds the scripts of a page.
pub fn scripts(page: &[u8]) -> Scripts {
    let mut found = Scripts::default();
    for Ok(token) in Tokenizer::new(page.get(..page::LARGEST).unwrap_or(page)) {
        let Token::StartTag(tag) = token else { continue };
        let name: &[u8] = &tag.name;
        if name != b"script" {
            continue;
        }
        found.any = true;
        if let Some(file) = page::attribute(&tag, b"src").filter(|_| found.files.len() < MOST_SCRIPTS) {
            found.files.push(file);
        }
    }
    found.files.sort_by_key(|file| !has_settings(file));
    found
}

fn has_settings(file: &str) -> bool {
    const NAMES: [&str; 6] = ["config", "setting", "env", "oidc", "auth", "runtime"];
    let file = file.to_lowercase();
    NAMES.iter().any(|name| file.contains(name))
}

/// The word that ends right before `at`, quoted or not, in small letters and without what joins words.
fn name_before(bytes: &[u8], at: usize) -> Option<String> {
    const LONGEST_NAME: usize = 60;
    let before = bytes.get(..at)?.trim_ascii_end();
    let before = before
        .strip_suffix(b"\"")
        .or_else(|| before.strip_suffix(b"'"))
        .unwrap_or(before);
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let from = before.iter().rposition(|byte| !is_part(byte)).map_or(0, |at| at + 1);
    let word = before.get(from..)?;
    if word.is_empty() || word.len() > LONGEST_NAME {
        return None;
    }
    let letters = word.iter().filter(|byte| byte.is_ascii_alphanumeric());
    Some(letters.map(|byte| char::from(byte.to_ascii_lowercase())).collect())
}

/// The quoted text that begins at `from`.
fn value_after(text: &str, from: usize) -> Option<String> {
    let rest = text.get(from..)?.trim_start_matches([' ', '\t']);
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
    let inner = rest.get(1..)?;
    let window: String = inner.chars().take(LONGEST + 1).collect();
    let value = window.split_once(quote)?.0.replace("\\/", "/");
    (!value.is_empty() && !value.contains(['\n', '\\'])).then_some(value)
}

fn is_id(value: &str) -> bool {
    value.chars().all(|c| c.is_ascii_graphic()) && !value.contains(['{', '<', '$', '"', '\''])
}

fn is_address(value: &str) -> bool {
    url::Url::parse(value).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

fn keep(list: &mut Vec<String>, value: String) {
    if list.len() < MOST && !list.contains(&value) {
        list.push(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Configured {
        let mut found = Configured::default();
        found.read(text.as_bytes());
        found
    }

    #[test]
    fn settings_of_libraries_are_found_however_they_are_written() {
        for text in [
            r#"new UserManager({authority:"https://sso.example.com",client_id:"wiki"})"#,
            r#"{"oidc":{"issuer": "https:\/\/sso.example.com", "clientId": "wiki"}}"#,
            "window.env = { OIDC_AUTHORITY: 'https://sso.example.com/.well-known/openid-configuration', OIDC_CLIENT_ID: 'wiki' }",
            "<app-root data-issuer-url=\"https://sso.example.com\" data-client-id=\"wiki\"></app-root>",
            "const issuer = `https://sso.example.com`; const clientID=`wiki`",
        ] {
            let found = read(text);
            assert_eq!(found.issuers, ["https://sso.example.com"], "{text}");
            assert_eq!(found.client_ids, ["wiki"], "{text}");
        }
    }

    #[test]
    fn what_is_no_value_is_none() {
        for text in [
            "clientId: process.env.CLIENT_ID",
            "client_id=${id}",
            "issuer: \"sso.example.com\"",
            "authority: 'urn:x'",
            "clientId: \"${CLIENT_ID}\"",
            "clientId: \"a\nb\"",
            "clientId=\"",
            ":\"x\"",
            "ä:\"x\"",
        ] {
            assert_eq!(read(text), Configured::default(), "{text}");
        }
        let long = format!("clientId: \"{}\"", "x".repeat(LONGEST + 1));
        assert_eq!(read(&long), Configured::default());
    }

    #[test]
    fn a_text_full_of_them_is_read_to_a_limit() {
        let many: Vec<String> = (0..50_000).map(|nth| format!("clientId:'c{nth}',")).collect();
        assert_eq!(read(&many.concat()).client_ids.len(), MOST);
    }

    #[test]
    fn files_with_settings_come_first() {
        let page = b"<script src=/main.js></script><script src='/assets/config.js'></script><script>x()</script>";
        let found = scripts(page);
        assert!(found.any);
        assert_eq!(found.files, ["/assets/config.js", "/main.js"]);
        assert_eq!(scripts(b"<p>No script here</p>"), Scripts::default());
    }
}
