//! Values of settings that an administrator types.

use doorward_oidc::{Refusal, shown};
use url::Url;

use crate::refusals;

/// A setting with a value that does not fit.
pub(crate) fn invalid(detail: impl Into<String>) -> Refusal {
    Refusal::response(&refusals::UPSTREAM_SETTING_INVALID, detail)
}

/// The name of an upstream: part of its redirect URI.
pub(crate) fn name(text: &str) -> Result<String, Refusal> {
    let fits = (1..=40).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if fits {
        return Ok(text.to_owned());
    }
    let offer: String = text
        .to_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .skip_while(|c| !c.is_ascii_lowercase())
        .take(40)
        .collect();
    let refusal = Refusal::response(
        &refusals::UPSTREAM_NAME_INVALID,
        format!(
            "expected 1 to 40 characters of [a-z0-9-], beginning with a letter, received `{}`",
            shown(text)
        ),
    );
    Err(match offer.trim_end_matches('-') {
        "" => refusal.with_remedy("for example: corp"),
        offer => refusal.with_remedy(format!("for example: {offer}")),
    })
}

/// A name that people read.
pub(crate) fn title(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if (1..=60).contains(&text.chars().count()) && !text.chars().any(char::is_control) {
        return Ok(text.to_owned());
    }
    Err(invalid(format!(
        "expected a title of 1 to 60 characters for the button, received `{}`",
        shown(text)
    )))
}

/// An issuer or endpoint: https, or http on the own machine.
pub(crate) fn web_address(what: &str, text: &str) -> Result<String, Refusal> {
    let expected = format!("expected {what} that begins with https:// (http on loopback only)");
    if text.len() > 1_000 {
        return Err(invalid(format!("{expected}, received more than 1000 characters")));
    }
    let url = Url::parse(text).map_err(|error| invalid(format!("{expected}, received `{}`: {error}", shown(text))))?;
    let loopback = match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    };
    let safe = url.scheme() == "https" || (url.scheme() == "http" && loopback);
    if safe && url.fragment().is_none() && url.username().is_empty() && url.password().is_none() {
        return Ok(text.to_owned());
    }
    Err(invalid(format!(
        "{expected}, without user and fragment, received `{}`",
        shown(text)
    )))
}

/// An issuer as it is written; what surely is not one is named, with the right value.
pub(crate) fn issuer(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if let Some(issuer) = text.strip_suffix(doorward_oidc::OPENID_CONFIGURATION) {
        return Err(invalid(format!(
            "expected an issuer, received the address of its metadata: `{}`",
            shown(text)
        ))
        .with_remedy(format!("--issuer {issuer}")));
    }
    let text = web_address("an issuer", text)?;
    if text.contains('?') {
        return Err(invalid(format!(
            "expected an issuer without a query, received `{}`",
            shown(&text)
        )));
    }
    Ok(text)
}

/// A client id as the upstream gave it.
pub(crate) fn client_id(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if (1..=512).contains(&text.len()) && text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        return Ok(text.to_owned());
    }
    Err(invalid(format!(
        "expected a client id of 1 to 512 printable characters, received `{}`",
        shown(text)
    )))
}

/// An e-mail domain, in lower case.
pub(crate) fn domain(text: &str) -> Result<String, Refusal> {
    let text = text.trim().trim_start_matches('@').to_lowercase();
    let label = |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-');
    if text.len() <= 253 && text.contains('.') && text.split('.').all(label) {
        return Ok(text);
    }
    Err(invalid(format!(
        "expected an e-mail domain like example.com, received `{}`",
        shown(&text)
    )))
}

/// A tenant of Entra: a GUID or one of its domains, as tokens name it: GUIDs only.
pub(crate) fn tenant(text: &str) -> Result<String, Refusal> {
    let text = text.trim().to_ascii_lowercase();
    if uuid::Uuid::try_parse(&text).is_ok() {
        return Ok(text);
    }
    Err(invalid(format!(
        "expected the id of a tenant (a GUID), as tokens carry it in `tid`, received `{}`",
        shown(&text)
    )))
}

/// A secret as its file holds it: a newline at the end belongs to the file.
pub(crate) fn secret(text: &str) -> Result<String, Refusal> {
    let text = text.trim_end_matches(['\n', '\r']);
    if (1..=16_384).contains(&text.len()) {
        return Ok(text.to_owned());
    }
    Err(invalid(format!(
        "expected a secret of 1 to 16384 bytes, received {} bytes",
        text.len()
    )))
}
