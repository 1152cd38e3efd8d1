//! The two kinds of cookie: one for the session, and one per login under way, so that logins in parallel tabs do not
//! overwrite each other.

use std::time::Duration;

use cookie::{Cookie, SameSite};
use doorward_oidc::ResponseMode;
use http::HeaderMap;
use http::header::COOKIE;

use crate::attempt::ATTEMPT_KEPT;
use crate::config::Config;

/// Logins under way of one browser before the cookies of older ones are cleared.
const MAX_ATTEMPTS: usize = 10;

const LOGOUT_LIFETIME: Duration = Duration::from_mins(10);

/// Writes the names and attributes of an application's cookies.
pub(crate) struct Cookies<'a>(pub(crate) &'a Config);

impl Cookies<'_> {
    /// `__Host-` binds a cookie to this host and to https; plain http on loopback can not have that. The client id keeps
    /// applications apart that share `localhost`.
    pub(crate) fn session_name(&self) -> String {
        let prefix = if self.0.is_https { "__Host-" } else { "" };
        let allowed = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let client: String = self.0.client_id.chars().filter(allowed).take(40).collect();
        format!("{prefix}login-{client}")
    }

    /// `None` when that can not be a `state` of ours.
    pub(crate) fn attempt_name(&self, state: &str) -> Option<String> {
        let is_ours = state.len() == 43
            && state
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        let start = state.get(..12).filter(|_| is_ours)?;
        Some(format!("{}.{start}", self.session_name()))
    }

    pub(crate) fn session(&self, token: &str) -> String {
        self.set(self.session_name(), token, self.0.session_lifetime)
    }

    pub(crate) fn attempt(&self, name: String, binding: &str) -> String {
        // A form that the provider's page posts brings along only what says so; elsewhere the browser comes by a link.
        let same_site = match self.0.protocol.response_mode {
            Some(ResponseMode::FormPost) => SameSite::None,
            _ => SameSite::Lax,
        };
        self.set_for(same_site, name, binding, ATTEMPT_KEPT)
    }

    /// Remembers the `state` of a logout while the browser is at the provider.
    pub(crate) fn logout(&self, state: &str) -> String {
        self.set(self.logout_name(), state, LOGOUT_LIFETIME)
    }

    pub(crate) fn logout_name(&self) -> String {
        format!("{}-logout", self.session_name())
    }

    pub(crate) fn clear(&self, name: String) -> String {
        self.set(name, "", Duration::ZERO)
    }

    /// Clears what abandoned logins left behind, before a request's header grows too large for servers to accept.
    pub(crate) fn clear_abandoned(&self, headers: &HeaderMap) -> Vec<String> {
        let start = format!("{}.", self.session_name());
        let names: Vec<_> = all(headers).filter(|(name, _)| name.starts_with(&start)).collect();
        let surplus = names.len().saturating_sub(MAX_ATTEMPTS - 1);
        names
            .iter()
            .take(surplus)
            .map(|(name, _)| self.clear((*name).to_owned()))
            .collect()
    }

    fn set(&self, name: String, value: &str, lifetime: Duration) -> String {
        self.set_for(SameSite::Lax, name, value, lifetime)
    }

    fn set_for(&self, same_site: SameSite, name: String, value: &str, lifetime: Duration) -> String {
        let seconds = i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX);
        Cookie::build((name, value))
            .path("/")
            .http_only(true)
            .secure(self.0.is_https)
            .same_site(same_site)
            .max_age(cookie::time::Duration::seconds(seconds))
            .build()
            .to_string()
    }
}

/// The value of a cookie of the request. Two of one name are not believed: one of them was put there by a neighbour on the
/// same site, and nothing tells which.
pub(crate) fn find<'h>(headers: &'h HeaderMap, wanted: &str) -> Option<&'h str> {
    let mut found = all(headers).filter_map(|(name, value)| (name == wanted).then_some(value));
    found.next().filter(|_| found.next().is_none())
}

/// Cookies of others may hold any bytes, and hide none of ours.
fn all(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let lines = headers.get_all(COOKIE).iter();
    lines
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b';'))
        .filter_map(|pair| std::str::from_utf8(pair).ok()?.trim().split_once('='))
}
