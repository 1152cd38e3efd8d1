//! What a redirect URI must be before it is registered (RFC 6749 §3.1.2, RFC 8252 §7, RFC 9700 §2.1).

use url::Url;

use super::{Loopback, RedirectUri};
use crate::{Refusal, catalogue};

pub(super) fn check(uri: &str) -> Result<(), Refusal> {
    if uri.len() > RedirectUri::MAX_BYTES {
        let (max, got) = (RedirectUri::MAX_BYTES, uri.len());
        return Err(unsuitable(uri, &format!("expected at most {max} bytes, got {got}")));
    }
    if let Some(bad) = uri.chars().find(|c| !c.is_ascii_graphic()) {
        return Err(unsuitable(
            uri,
            &format!("expected printable ASCII, got `{}`", bad.escape_debug()),
        ));
    }
    if uri.contains('*') {
        return Err(unsuitable(
            uri,
            "expected no wildcard: each redirect URI is registered in full",
        ));
    }
    if uri.contains('\\') {
        return Err(unsuitable(uri, "expected no backslash: browsers read it as a slash"));
    }
    if uri.contains('#') {
        return Err(unsuitable(uri, "expected no fragment (`#`)"));
    }
    let url = Url::parse(uri).map_err(|error| unsuitable(uri, &format!("expected an absolute URI: {error}")))?;
    if !url.username().is_empty() || url.password().is_some() || authority(uri).is_some_and(|part| part.contains('@')) {
        return Err(unsuitable(uri, "expected no user information before the host"));
    }
    match url.scheme() {
        "https" | "http" if authority(uri).is_none_or(str::is_empty) => {
            Err(unsuitable(uri, "expected `//` and a host after the scheme"))
        }
        "https" => Ok(()),
        "http" if Loopback::parse(uri).is_some() => Ok(()),
        "http" => Err(unsuitable(
            uri,
            "expected https: plain http is for 127.0.0.1, [::1] and localhost only",
        )),
        scheme if scheme.contains('.') => Ok(()),
        scheme => Err(unsuitable(
            uri,
            &format!(
                "expected https, loopback http, or a private-use scheme with a dot such as com.example.app, got `{scheme}`"
            ),
        )),
    }
}

/// What stands between `//` and the path as it was written, before any normalisation.
fn authority(uri: &str) -> Option<&str> {
    let (_, after) = uri.split_once("://")?;
    after.split(['/', '?', '#']).next()
}

fn unsuitable(uri: &str, rule: &str) -> Refusal {
    let shown: String = uri.chars().take(200).flat_map(char::escape_debug).collect();
    Refusal::response(&catalogue::REDIRECT_URI_UNSUITABLE, format!("`{shown}`: {rule}"))
}
