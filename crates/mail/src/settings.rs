//! Which mail server, as the configuration file says it.

use std::net::IpAddr;
use std::path::PathBuf;

use serde::Deserialize;

/// `[mail]` of the configuration file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Name or address of the mail server.
    pub host: String,
    /// Its port; 587 for `starttls`, 465 for `implicit`, 25 without TLS.
    pub port: Option<u16>,
    /// Whether and how the connection is encrypted.
    #[serde(default)]
    pub tls: Tls,
    /// A file with certificates in PEM that the server's may come from, besides the system's.
    pub ca: Option<PathBuf>,
    /// The name to log in with; without it nobody logs in.
    pub user: Option<String>,
    /// A file that holds the password and nothing else.
    pub password_file: Option<PathBuf>,
    /// Whom letters are from: `sso@example.com` or `Single sign-on <sso@example.com>`.
    pub from: String,
}

/// How the connection is encrypted. Never "if possible": who can take TLS away would read every link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tls {
    /// Plain until STARTTLS, which the server must offer (RFC 3207).
    #[default]
    Starttls,
    /// From the first byte (RFC 8314).
    Implicit,
    /// Not at all: for a relay on this host. Elsewhere everybody on the way reads links that open accounts.
    NoneInsecure,
}

impl Settings {
    /// The port that is meant.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match self.tls {
            Tls::Starttls => 587,
            Tls::Implicit => 465,
            Tls::NoneInsecure => 25,
        })
    }

    /// What cannot be meant, as a sentence that names the setting.
    pub fn check(&self) -> Result<(), String> {
        if self.host.trim().is_empty() {
            return Err("mail.host: expected the name of a mail server, found nothing".to_owned());
        }
        if self.user.is_some() != self.password_file.is_some() {
            return Err("mail.user and mail.password_file: expected both or neither".to_owned());
        }
        if self.tls == Tls::NoneInsecure && self.user.is_some() && !is_this_host(&self.host) {
            return Err(format!(
                "mail.tls: \"none-insecure\" would send mail.user's password to {} in the clear; use \"starttls\" or \
                 \"implicit\"",
                self.host
            ));
        }
        if self.tls == Tls::NoneInsecure && self.ca.is_some() {
            return Err("mail.ca: no certificate is looked at with mail.tls = \"none-insecure\"".to_owned());
        }
        Ok(())
    }
}

fn is_this_host(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
