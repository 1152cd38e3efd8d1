//! How an application learns of a logout.

use doorward_oidc::{Refusal, shown};
use serde::{Deserialize, Serialize};

use crate::{App, AppKind, values};

/// How an application learns that a session is over. By default not at all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogoutSettings {
    /// Where it takes logout tokens (OpenID Connect Back-Channel Logout 1.0 §2.2).
    pub backchannel_uri: Option<String>,
    /// What the page after a logout loads in a frame (OpenID Connect Front-Channel Logout 1.0 §2): of the origin of one of its
    /// redirect URIs. Whether that ends anything is up to the browser.
    pub frontchannel_uri: Option<String>,
    /// Its pages ask a frame of ours whether the session goes on (OpenID Connect Session Management 1.0).
    pub session_management: bool,
    /// The address may be in a private network although its name does not look like that.
    pub weaken_private_address: bool,
}

/// One change of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogoutEdit {
    /// Where it takes logout tokens; `None` is nowhere.
    BackchannelUri(Option<String>),
    /// What the page after a logout loads in a frame; `None` is nothing.
    FrontchannelUri(Option<String>),
    /// Whether its pages ask a frame of ours whether the session goes on.
    SessionManagement(bool),
    /// Whether the address may be in a private network although its name does not look like that.
    WeakenPrivateAddress(bool),
}

pub(crate) fn step(settings: &mut LogoutSettings, edit: &LogoutEdit) -> Result<(), Refusal> {
    match edit {
        LogoutEdit::BackchannelUri(uri) => {
            settings.backchannel_uri = uri.as_deref().map(address).transpose()?;
        }
        LogoutEdit::FrontchannelUri(uri) => {
            settings.frontchannel_uri = uri.as_deref().map(address).transpose()?;
        }
        LogoutEdit::SessionManagement(may) => settings.session_management = *may,
        LogoutEdit::WeakenPrivateAddress(may) => settings.weaken_private_address = *may,
    }
    Ok(())
}

/// What must hold of them together with the rest.
pub(crate) fn check(app: &App) -> Result<(), Refusal> {
    if let Some(uri) = &app.logout.backchannel_uri
        && app.kind == AppKind::Public
        && uri.starts_with("http:")
    {
        return Err(values::invalid(format!(
            "a public client takes logout tokens over https (Back-Channel Logout §2.2), received `{}`",
            shown(uri)
        )));
    }
    check_frames(app)
}

/// Frames are of the application's own origins, and a policy must be able to name them.
fn check_frames(app: &App) -> Result<(), Refusal> {
    let own: Vec<String> = app.frame_origins().collect();
    if let Some(uri) = &app.logout.frontchannel_uri
        && !frame_origin(uri).is_some_and(|origin| own.contains(&origin))
    {
        return Err(values::invalid(format!(
            "expected an address with scheme, host and port of a redirect URI (Front-Channel Logout §2): {}; received `{}`",
            if own.is_empty() {
                "none has a web address by name or IPv4".to_owned()
            } else {
                own.join(", ")
            },
            shown(uri)
        )));
    }
    if app.logout.session_management && own.is_empty() {
        return Err(values::invalid(
            "expected a redirect URI with a web address by name or IPv4, whose pages could ask for the session"
                .to_owned(),
        ));
    }
    Ok(())
}

impl App {
    /// Origins of its redirect URIs that a content security policy can name: web addresses by name or IPv4.
    pub fn frame_origins(&self) -> impl Iterator<Item = String> + '_ {
        self.redirect_uris.iter().filter_map(|uri| frame_origin(uri.as_str()))
    }
}

/// Scheme, host and port. A policy cannot name an IPv6 address, only its scheme, which would let in everybody's pages.
fn frame_origin(uri: &str) -> Option<String> {
    let url = url::Url::parse(uri).ok()?;
    let is_named = matches!(url.host(), Some(url::Host::Domain(_) | url::Host::Ipv4(_)));
    let is_web = matches!(url.scheme(), "http" | "https");
    (is_named && is_web).then(|| url.origin().ascii_serialization())
}

/// An address of the application's server: absolute, without a fragment (§2.2), and without a password in it.
fn address(text: &str) -> Result<String, Refusal> {
    let fits = |url: &url::Url| {
        matches!(url.scheme(), "http" | "https")
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none()
    };
    if text.len() <= 2_000 && url::Url::parse(text).is_ok_and(|url| fits(&url)) {
        return Ok(text.to_owned());
    }
    Err(values::invalid(format!(
        "expected an address like https://app.example.com/backchannel-logout, without a fragment or a password, received `{}`",
        shown(text)
    )))
}
