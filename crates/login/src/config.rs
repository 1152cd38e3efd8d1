//! What a relying party is told about itself and its provider.

use std::sync::Arc;
use std::time::Duration;

use doorward_jose::{Random, Secret, SystemRandom};
use doorward_oidc::{Scope, ScopeSet};
use url::{Host, Url};

use crate::addresses::{Reach, is_public};
use crate::clock::{Clock, SystemClock};
use crate::error::shown;
use crate::network::{Http, Limits, Network};
use crate::sessions::{Memory, SessionStore};
use crate::settings::Protocol;
use crate::{Login, LoginError};

/// Settings of a relying party. Start with [`Login::builder`], end with [`Builder::build`].
pub struct Builder {
    issuer: String,
    client_id: String,
    secret: Option<Secret<String>>,
    base_url: String,
    prefix: String,
    scopes: ScopeSet,
    ca_pem: Option<Vec<u8>>,
    userinfo: bool,
    session_lifetime: Duration,
    idle_lifetime: Option<Duration>,
    bound_to_tokens: bool,
    after_logout: String,
    timeout: Duration,
    sessions: Option<Arc<dyn SessionStore>>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    http: Option<Arc<dyn Http>>,
    pub(crate) protocol: Protocol,
}

/// The checked settings.
pub(crate) struct Config {
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    pub(crate) secret: Option<Secret<String>>,
    /// Without a slash at the end.
    pub(crate) base_url: String,
    pub(crate) prefix: String,
    pub(crate) scopes: ScopeSet,
    pub(crate) userinfo: bool,
    pub(crate) session_lifetime: Duration,
    pub(crate) idle_lifetime: Option<Duration>,
    pub(crate) bound_to_tokens: bool,
    pub(crate) after_logout: String,
    pub(crate) is_https: bool,
    /// For one answer of the provider.
    pub(crate) timeout: Duration,
    pub(crate) sessions: Arc<dyn SessionStore>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) http: Arc<dyn Http>,
    pub(crate) protocol: Protocol,
}

impl Config {
    pub(crate) fn redirect_uri(&self) -> String {
        format!("{}{}/callback", self.base_url, self.prefix)
    }

    pub(crate) fn post_logout_redirect_uri(&self) -> String {
        format!("{}{}/logged-out", self.base_url, self.prefix)
    }

    /// Seconds by which the provider's clock may differ from ours.
    pub(crate) fn leeway(&self) -> i64 {
        i64::try_from(self.protocol.leeway.as_secs()).unwrap_or(i64::MAX)
    }
}

impl Builder {
    pub(crate) fn new(issuer: String, client_id: String) -> Self {
        Self {
            issuer,
            client_id,
            secret: None,
            base_url: String::new(),
            prefix: "/auth".to_owned(),
            scopes: ["openid", "profile", "email"]
                .into_iter()
                .filter_map(|scope| Scope::parse(scope).ok())
                .collect(),
            ca_pem: None,
            userinfo: true,
            session_lifetime: Duration::from_hours(8),
            idle_lifetime: None,
            bound_to_tokens: false,
            after_logout: "/".to_owned(),
            timeout: Duration::from_secs(5),
            sessions: None,
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            http: None,
            protocol: Protocol::default(),
        }
    }

    /// The client secret. Without one the application is a public client, and PKCE alone protects the code.
    pub fn secret(mut self, secret: impl Into<String>) -> Self {
        self.secret = Some(Secret::new(secret.into()));
        self
    }

    /// Where people reach the application, `https://app.example` or `http://localhost:8000`. The redirect URI to register
    /// is this, then the prefix, then `/callback`: see [`Login::redirect_uri`].
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into();
        self
    }

    /// The path under which [`Login::routes`] answers; `/auth` unless set.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// The scopes to ask for, separated by spaces; `openid` is always among them. `openid profile email` unless set.
    ///
    /// # Errors
    /// [`LoginError::Setting`] when that is no list of scopes.
    pub fn scopes(mut self, scopes: &str) -> Result<Self, LoginError> {
        let asked = ScopeSet::parse(scopes).map_err(|refusal| setting("scopes", refusal.detail))?;
        let openid = Scope::parse(Scope::OPENID).map_err(|refusal| setting("scopes", refusal.detail))?;
        self.scopes = [openid].into_iter().collect::<ScopeSet>().union(&asked);
        Ok(self)
    }

    /// Certificates of a private CA in PEM, trusted in addition to the machine's own.
    pub fn ca_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.ca_pem = Some(pem.into());
        self
    }

    /// Leaves the userinfo endpoint alone: the ID token says all.
    pub fn without_userinfo(mut self) -> Self {
        self.userinfo = false;
        self
    }

    /// How long a session lasts at most; eight hours unless set.
    pub fn session_lifetime(mut self, lifetime: Duration) -> Self {
        self.session_lifetime = lifetime;
        self
    }

    /// Ends a session early when nobody asked for anything that long; unset, only [`Builder::session_lifetime`] counts.
    /// A request is written down when a sixteenth of it has passed since the last one that was.
    pub fn idle_lifetime(mut self, lifetime: Duration) -> Self {
        self.idle_lifetime = Some(lifetime);
        self
    }

    /// Binds sessions to the provider's tokens: when the access token is over and no refresh token brings another, the
    /// session is over too. Whatever the provider says of a person, a lock or a changed group, then holds here after the
    /// life of one access token.
    pub fn bound_to_tokens(mut self) -> Self {
        self.bound_to_tokens = true;
        self
    }

    /// The path where the browser ends up after logging out; `/` unless set.
    pub fn after_logout(mut self, path: impl Into<String>) -> Self {
        self.after_logout = path.into();
        self
    }

    /// How long the provider may take for one whole answer; five seconds unless set.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Where sessions and logins under way are kept; in memory unless set.
    pub fn sessions(mut self, sessions: Arc<dyn SessionStore>) -> Self {
        self.sessions = Some(sessions);
        self
    }

    /// Another clock, for tests.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Another source of randomness, for tests.
    pub fn random(mut self, random: Arc<dyn Random>) -> Self {
        self.random = random;
        self
    }

    /// Another way to the network.
    pub fn http(mut self, http: Arc<dyn Http>) -> Self {
        self.http = Some(http);
        self
    }

    /// Checks the settings. The provider is asked at the first login only, so an application starts while it is down.
    ///
    /// # Errors
    /// [`LoginError::Setting`] names the one that cannot work.
    pub fn build(self) -> Result<Login, LoginError> {
        let issuer = web_url("issuer", &self.issuer)?;
        let base = web_url("base_url", &self.base_url)?;
        if issuer.query().is_some() {
            return Err(setting("issuer", "expected no query".to_owned()));
        }
        if self.client_id.is_empty() {
            return Err(setting(
                "client_id",
                "expected the application's client id, got nothing".to_owned(),
            ));
        }
        if self.secret.as_ref().is_some_and(|secret| secret.expose().is_empty()) {
            return Err(setting(
                "secret",
                "expected a client secret, got an empty one".to_owned(),
            ));
        }
        if base.path() != "/" || base.query().is_some() {
            return Err(setting(
                "base_url",
                format!("expected no path, got `{}`", self.base_url),
            ));
        }
        for (name, path) in [("prefix", &self.prefix), ("after_logout", &self.after_logout)] {
            if !is_plain_path(path) {
                return Err(setting(name, format!("expected a path like `/auth`, got `{path}`")));
            }
        }
        self.protocol.check(self.secret.is_some(), base.scheme() == "https")?;
        let http = match self.http {
            Some(http) => http,
            None => Arc::new(Network::new(
                self.ca_pem.as_deref(),
                &Limits {
                    connect: self.protocol.connect_timeout,
                    answer: self.protocol.answer_timeout,
                    whole: self.timeout,
                    reach: Reach::of_provider(self.protocol.may_be_private(&issuer)),
                },
            )?),
        };
        Ok(Login::new(Config {
            is_https: base.scheme() == "https",
            issuer: self.issuer,
            client_id: self.client_id,
            secret: self.secret,
            base_url: self.base_url.trim_end_matches('/').to_owned(),
            prefix: self.prefix.trim_end_matches('/').to_owned(),
            scopes: self.scopes,
            userinfo: self.userinfo,
            session_lifetime: self.session_lifetime,
            idle_lifetime: self.idle_lifetime,
            bound_to_tokens: self.bound_to_tokens,
            after_logout: self.after_logout,
            timeout: self.timeout,
            sessions: self.sessions.unwrap_or_else(|| Arc::new(Memory::new())),
            clock: self.clock,
            random: self.random,
            http,
            protocol: self.protocol,
        }))
    }
}

/// An https address, or plain http on the own machine.
pub(crate) fn web_url(name: &'static str, text: &str) -> Result<Url, LoginError> {
    let expected = "expected an https address, or http on loopback";
    // RFC 3986 §2. The parser drops or replaces what no address may hold, which would then stand as it came in what is said of it.
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        let detail = format!("{expected}, of printable ASCII characters only, got `{}`", shown(text));
        return Err(setting(name, detail));
    }
    let url = Url::parse(text).map_err(|error| setting(name, format!("{expected}, got `{text}`: {error}")))?;
    let is_safe = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
    if !is_safe || url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
        return Err(setting(
            name,
            format!("{expected}, without user and fragment, got `{text}`"),
        ));
    }
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Whether an address is written as one of a private network or of this machine, which nobody does by accident.
pub fn is_private_name(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            // RFC 6761, RFC 6762, RFC 8375, and what ICANN keeps for private use.
            let reserved = [".localhost", ".local", ".internal", ".home.arpa"];
            // With the root's dot at its end it is the same name.
            let name = name.strip_suffix('.').unwrap_or(name);
            !name.contains('.') || reserved.iter().any(|end| name.ends_with(end))
        }
        Some(Host::Ipv4(address)) => !is_public(address.into()),
        Some(Host::Ipv6(address)) => !is_public(address.into()),
        None => false,
    }
}

fn is_plain_path(path: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    path.starts_with('/') && !path.contains("//") && path.bytes().all(plain)
}

pub(crate) fn setting(setting: &'static str, detail: String) -> LoginError {
    LoginError::Setting { setting, detail }
}
