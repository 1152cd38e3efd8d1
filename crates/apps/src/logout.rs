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
    /// The address may be in a private network although its name does not look like that.
    pub weaken_private_address: bool,
}

/// One change of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogoutEdit {
    /// Where it takes logout tokens; `None` is nowhere.
    BackchannelUri(Option<String>),
    /// Whether the address may be in a private network although its name does not look like that.
    WeakenPrivateAddress(bool),
}

pub(crate) fn step(settings: &mut LogoutSettings, edit: &LogoutEdit) -> Result<(), Refusal> {
    match edit {
        LogoutEdit::BackchannelUri(uri) => {
            settings.backchannel_uri = uri.as_deref().map(address).transpose()?;
        }
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
    Ok(())
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
