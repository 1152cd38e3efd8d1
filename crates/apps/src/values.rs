//! Values of settings that an administrator types.

use doorward_oidc::{Refusal, shown};

use crate::refusals;

/// A name that people read.
pub(crate) fn display_name(name: &str) -> Result<String, Refusal> {
    let name = name.trim();
    if (1..=100).contains(&name.chars().count()) && !name.chars().any(char::is_control) {
        return Ok(name.to_owned());
    }
    Err(invalid(format!(
        "expected a name of 1 to 100 characters, received `{}`",
        shown(name)
    )))
}

/// An http(s) URL, kept as it was typed.
pub(crate) fn web_address(text: &str) -> Result<String, Refusal> {
    let fits = text.len() <= 2_000 && url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    if fits {
        return Ok(text.to_owned());
    }
    Err(invalid(format!(
        "expected an address that begins with https://, received `{}`",
        shown(text)
    )))
}

/// `scheme://host[:port]`, as browsers send it in `Origin`.
pub(crate) fn origin(text: &str) -> Result<String, Refusal> {
    let refuse = || {
        invalid(format!(
            "expected an origin https://host[:port] without a path, received `{}`",
            shown(text)
        ))
        .with_remedy("name each origin; `*` would let every page on the web read this application's tokens")
    };
    let url = url::Url::parse(text).map_err(|_| refuse())?;
    let bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
    let plain = url.username().is_empty() && url.password().is_none();
    if matches!(url.scheme(), "http" | "https") && bare && plain && !text.contains('*') {
        Ok(url.origin().ascii_serialization())
    } else {
        Err(refuse())
    }
}

/// One audience of an access token.
pub(crate) fn audience(text: &str) -> Result<String, Refusal> {
    let fits = (1..=500).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if fits {
        return Ok(text.to_owned());
    }
    Err(invalid(format!(
        "expected an audience of 1 to 500 printable characters without spaces, received `{}`",
        shown(text)
    )))
}

/// A setting with a value that does not fit.
pub(crate) fn invalid(detail: impl Into<String>) -> Refusal {
    Refusal::response(&refusals::SETTING_INVALID, detail)
}
