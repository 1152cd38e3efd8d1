//! What an application's authorization requests may look like, and what they may ask for beside scopes.

use doorward_oidc::{AuthorizationDetails, Refusal, shown};
use serde::{Deserialize, Serialize};

use crate::{App, Profile, edit, profile, values};

/// Longest registered address in bytes.
const LONGEST: usize = 2_000;

/// The settings of an application that its authorization requests are judged by. Empty is what every application may do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RequestSettings {
    /// The profile whose rules it keeps.
    pub profile: Option<Profile>,
    /// A request that was not pushed is refused (RFC 9126 §6).
    pub require_pushed: bool,
    /// A request without a signed request object is refused (RFC 9101 §10.5).
    pub require_signed: bool,
    /// A request that does not ask for a signed answer is refused (JARM).
    pub require_signed_response: bool,
    /// Addresses that request objects are fetched from (OpenID Connect Core §6.2), compared as bytes.
    pub request_uris: Vec<String>,
    /// Resource servers that it may name (RFC 8707), beside its audiences.
    pub resources: Vec<String>,
    /// Types of authorization details that it may ask for (RFC 9396).
    pub detail_types: Vec<String>,
    /// Where the start page's tile begins a login (OpenID Connect Core §4).
    pub initiate_login_uri: Option<String>,
}

impl RequestSettings {
    /// Whether the application may name this resource.
    pub fn is_resource_of(&self, app: &App, resource: &str) -> bool {
        let known = self.resources.iter().chain(&app.audiences.extra);
        known.into_iter().any(|one| one == resource)
    }
}

/// A change of a list: all of it, then what goes, then what comes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListChange {
    /// The whole list.
    pub all: Option<Vec<String>>,
    /// Entries to remove.
    pub remove: Vec<String>,
    /// Entries to add.
    pub add: Vec<String>,
}

/// A change of [`RequestSettings`]; what is `None` or empty stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestsEdit {
    /// The profile. One switches on all that it requires; `None` inside forgets the profile and keeps the settings.
    pub profile: Option<Option<Profile>>,
    /// See [`RequestSettings::require_pushed`].
    pub require_pushed: Option<bool>,
    /// See [`RequestSettings::require_signed`].
    pub require_signed: Option<bool>,
    /// See [`RequestSettings::require_signed_response`].
    pub require_signed_response: Option<bool>,
    /// See [`RequestSettings::request_uris`].
    pub request_uris: ListChange,
    /// See [`RequestSettings::resources`].
    pub resources: ListChange,
    /// See [`RequestSettings::detail_types`].
    pub detail_types: ListChange,
    /// See [`RequestSettings::initiate_login_uri`].
    pub initiate_login_uri: Option<Option<String>>,
}

impl RequestsEdit {
    pub(crate) fn apply(&self, app: &mut App) -> Result<(), Refusal> {
        let mut settings = std::mem::take(&mut app.requests);
        change(
            app,
            "request URI",
            &mut settings.request_uris,
            &self.request_uris,
            |uri| own_address("a request URI", uri),
        )?;
        change(app, "resource", &mut settings.resources, &self.resources, resource)?;
        change(
            app,
            "type of authorization details",
            &mut settings.detail_types,
            &self.detail_types,
            detail_type,
        )?;
        let flags = [
            (&mut settings.require_pushed, self.require_pushed),
            (&mut settings.require_signed, self.require_signed),
            (&mut settings.require_signed_response, self.require_signed_response),
        ];
        for (setting, wanted) in flags {
            *setting = wanted.unwrap_or(*setting);
        }
        if let Some(uri) = &self.initiate_login_uri {
            let checked = uri.as_deref().map(|uri| own_address("the start of a login", uri));
            settings.initiate_login_uri = checked.transpose()?;
        }
        app.requests = settings;
        if let Some(wanted) = self.profile {
            app.requests.profile = wanted;
            if let Some(wanted) = wanted {
                profile::switch_on(wanted, app);
            }
        }
        Ok(())
    }
}

/// Refuses settings that contradict each other.
pub(crate) fn check(app: &App) -> Result<(), Refusal> {
    let settings = &app.requests;
    let id = &app.client_id;
    let needs_keys = settings.require_signed || !settings.request_uris.is_empty();
    if needs_keys && !app.has_keys() {
        return Err(
            values::invalid("signed requests need the application's public keys, by which they are verified")
                .with_remedy(format!("doorward app edit {id} --jwks FILE")),
        );
    }
    Ok(())
}

fn change(
    app: &App,
    what: &str,
    list: &mut Vec<String>,
    change: &ListChange,
    read: impl Fn(&str) -> Result<String, Refusal>,
) -> Result<(), Refusal> {
    if let Some(all) = &change.all {
        list.clear();
        for one in all {
            edit::add(list, read(one)?);
        }
    }
    for one in &change.remove {
        *list = edit::without(app, what, std::mem::take(list), one)?;
    }
    for one in &change.add {
        edit::add(list, read(one)?);
    }
    Ok(())
}

/// An address of the application's own that people or we are sent to: https, or plain on this very machine.
pub(crate) fn own_address(what: &str, text: &str) -> Result<String, Refusal> {
    let refuse = || {
        values::invalid(format!(
            "expected {what} that begins with https:// and has no fragment, received `{}`",
            shown(text)
        ))
    };
    let url = url::Url::parse(text).map_err(|_| refuse())?;
    let is_secret = match url.scheme() {
        "https" => true,
        "http" => matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]")),
        _ => false,
    };
    let is_plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    if is_secret && is_plain && text.len() <= LONGEST {
        return Ok(text.to_owned());
    }
    Err(refuse())
}

/// An absolute URI without a fragment (RFC 8707 §2).
fn resource(text: &str) -> Result<String, Refusal> {
    let fits = text.len() <= LONGEST
        && text.bytes().all(|byte| byte.is_ascii_graphic())
        && url::Url::parse(text).is_ok_and(|url| url.fragment().is_none());
    if fits {
        return Ok(text.to_owned());
    }
    Err(values::invalid(format!(
        "expected a resource as an absolute URI without a fragment, received `{}`",
        shown(text)
    )))
}

fn detail_type(text: &str) -> Result<String, Refusal> {
    let fits = (1..=AuthorizationDetails::MAX_TYPE).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',');
    if fits {
        return Ok(text.to_owned());
    }
    Err(values::invalid(format!(
        "expected a type of 1 to {} printable characters without spaces and commas, received `{}`",
        AuthorizationDetails::MAX_TYPE,
        shown(text)
    )))
}
