//! The three ways into the network, and which of them leads to an address: what is public is asked by one that reaches nothing
//! private, whatever its name leads to, and what is private by one that reaches no loopback address. The rule is that of everything
//! that goes to an application ([`Reach::to_application`]), but that what is written as this machine's address is not asked either.
//!
//! Who says that an application is in a private network is its setting with the loud name, as for its logouts and keys. Without it
//! only names that look private lead there, and of an answer no more is told than that it came: a list of hosts, ports and states of
//! a network is not for whoever may register addresses.

use std::time::Duration;

use doorward_apps::App;
use doorward_login::{Guarded, Http, LoginError, Reach, is_this_machine};
use url::Url;

/// How long until there is a connection.
const CONNECT: Duration = Duration::from_secs(4);
/// How long for one answer.
const WHOLE: Duration = Duration::from_secs(8);

/// The ways into the network.
pub struct Ways(Guarded);

/// The way to one address.
pub(crate) struct Way<'a> {
    pub(crate) http: &'a dyn Http,
    /// Whether statuses and failures there are told, or only whether anything answered.
    pub(crate) tells: bool,
}

/// Whether somebody has said that the application's addresses may be in a private network although their names do not look like that.
pub(crate) fn may_be_private(app: &App) -> bool {
    app.logout.weaken_private_address || app.keys.weaken_private_address
}

/// An address that is none of the application's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotOurs {
    /// Scheme, host and port.
    pub origin: String,
}

impl Ways {
    /// `ca_pem` are certificates that are trusted besides the machine's.
    ///
    /// # Errors
    /// Certificates that are none.
    pub fn new(ca_pem: Option<&[u8]>) -> Result<Self, LoginError> {
        Ok(Self(Guarded::new(ca_pem, CONNECT, WHOLE)?))
    }

    /// The way to an address of the application.
    pub(crate) fn to(&self, app: &App, url: &Url) -> Way<'_> {
        let is_said = may_be_private(app);
        Way {
            http: self.at(url, is_said),
            tells: is_said || reach(url, is_said) == Reach::Public,
        }
    }

    /// The way to an address: where its name looks private into private networks, and where somebody has said so to loopback too.
    pub(crate) fn at(&self, url: &Url, is_said: bool) -> &dyn Http {
        self.0.within(reach(url, is_said))
    }

    /// To ourselves, wherever that is.
    pub(crate) fn own(&self) -> &dyn Http {
        self.0.within(Reach::Loopback)
    }
}

/// Whoever asks the doctor is told more than whoever names an address for logouts, so that even what is written as this machine's is
/// asked only where somebody has said so.
fn reach(url: &Url, is_said: bool) -> Reach {
    let most = if is_said {
        Reach::Loopback
    } else {
        Reach::PrivateNetworks
    };
    Reach::to_application(url.as_str(), is_said).min(most)
}

/// Host and port of everything that is registered for the application: nothing else is asked in its name.
///
/// A loopback address is the machine of whoever uses it, as command lines register it (RFC 8252 §7.3). Seen from here it is this
/// server's own, at which an application has no business: only where the application itself is at home there, at its very port,
/// and when somebody has said so.
pub(crate) struct Own(Vec<(String, u16)>);

impl Own {
    pub(crate) fn of(app: &App) -> Self {
        let home = Url::parse(&app.url)
            .ok()
            .filter(|url| may_be_private(app) && is_this_machine(url));
        let home = home.and_then(|url| url.port_or_known_default());
        let uris = app.redirect_uris.iter().chain(app.post_logout_redirect_uris.iter());
        let addresses = std::iter::once(app.url.as_str())
            .chain(app.start_url.as_deref())
            .chain(uris.map(doorward_oidc::RedirectUri::as_str));
        let urls = addresses.filter_map(|text| Url::parse(text).ok());
        let asked = urls.filter(|url| !is_this_machine(url) || (home.is_some() && url.port_or_known_default() == home));
        Self(asked.filter_map(|url| place(&url)).collect())
    }

    /// Whether `url` is at one of them; the usual ports of the web are of the same host, since many lead from one to the other.
    pub(crate) fn has(&self, url: &Url) -> bool {
        let Some((host, port)) = place(url) else { return false };
        let is_usual = matches!(port, 80 | 443) && !is_this_machine(url);
        self.0.iter().any(|(own, at)| *own == host && (*at == port || is_usual))
    }
}

fn place(url: &Url) -> Option<(String, u16)> {
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    Some((url.host_str()?.to_owned(), url.port_or_known_default()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_somebody_has_said_leads_to_loopback() {
        for (url, is_said, expected) in [
            ("https://netbox.example", false, Reach::Public),
            ("http://netbox", false, Reach::PrivateNetworks),
            ("http://netbox.internal", false, Reach::PrivateNetworks),
            ("http://10.0.0.5", false, Reach::PrivateNetworks),
            ("http://localhost:8000", false, Reach::PrivateNetworks),
            ("http://netbox", true, Reach::Loopback),
            ("https://netbox.example", true, Reach::Loopback),
        ] {
            assert_eq!(reach(&Url::parse(url).unwrap(), is_said), expected, "{url} {is_said}");
        }
    }
}
