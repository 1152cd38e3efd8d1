//! The configuration file: what one process needs. Everything else is state, changed through the API.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, anyhow, bail};
use ipnet::IpNet;
use jiff::SignedDuration;
use serde::Deserialize;

/// The file's content; every key is optional, an unknown one is an error.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// Address and port to listen on.
    pub(crate) listen: Option<SocketAddr>,
    /// The URL that people and applications use: the issuer. Immutable after the first start.
    pub(crate) public_url: Option<String>,
    /// Data directory: database, master key, socket.
    pub(crate) data: Option<PathBuf>,
    /// A PostgreSQL URL; without it the database is a file in the data directory.
    pub(crate) database: Option<String>,
    /// File that holds the master key; default `master.key` in the data directory.
    pub(crate) master_key: Option<PathBuf>,
    /// Certificate and key; without them plain HTTP.
    pub(crate) tls: Option<Tls>,
    /// Clients that prove themselves by certificate.
    pub(crate) mtls: Option<Mtls>,
    /// Reverse proxies in front.
    pub(crate) proxies: Proxies,
    /// Copies of the database.
    pub(crate) backup: Backup,
    /// What the pages show.
    pub(crate) brand: Brand,
    /// How long people stay logged in.
    pub(crate) sessions: Sessions,
    /// What may be a password.
    pub(crate) passwords: Passwords,
    /// The mail server; without it nothing is mailed and links are handed over.
    pub(crate) mail: Option<doorward_mail::Settings>,
    /// How the addresses of applications are asked.
    pub(crate) applications: Applications,
    /// What is known of applications besides what is built in.
    pub(crate) presets: PresetFiles,
    /// Where events go besides.
    pub(crate) audit: Audit,
    /// The process's own log.
    pub(crate) log: Log,
}

/// Where the certificate comes from: files, an ACME authority, or the private authority of this server.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Tls {
    /// Chain in PEM, leaf first; read again when it changes.
    pub(crate) certificate: Option<PathBuf>,
    /// Private key in PEM.
    pub(crate) key: Option<PathBuf>,
    /// The e-mail address of an account at an ACME authority, which then gives the certificate.
    pub(crate) acme: Option<String>,
    /// The ACME directory; Let's Encrypt unless set.
    pub(crate) acme_directory: Option<String>,
    /// A file with the CA, PEM, of the directory's own certificate.
    pub(crate) acme_ca: Option<PathBuf>,
    /// The certificate is from the private authority, which the first start makes.
    pub(crate) ca: bool,
    /// Address and port on which plain HTTP is sent on to the public URL, and answered to ACME authorities.
    pub(crate) http: Option<SocketAddr>,
}

/// Mutual TLS with applications (RFC 8705).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Mtls {
    /// Address and port of a second listener that asks clients for a certificate; it needs `[tls]`.
    pub(crate) listen: Option<SocketAddr>,
    /// Under which applications reach that listener, or the proxy that asks for certificates in its place.
    pub(crate) url: Option<String>,
    /// A file with the authorities, PEM, whose certificates applications may authenticate with.
    pub(crate) authorities: Option<PathBuf>,
    /// The header in which the listed proxies pass a client's certificate on.
    pub(crate) header: Option<String>,
}

/// Whose forwarded headers count.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Proxies {
    /// Addresses or networks: `["10.0.0.5", "192.168.7.0/24"]`.
    #[serde(deserialize_with = "networks")]
    pub(crate) trusted: Vec<IpNet>,
}

/// Copies of the database, which somebody else makes.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Backup {
    /// Where they are: the doctor looks how old the newest is.
    pub(crate) folder: Option<PathBuf>,
}

/// Name, logo and colour of the pages.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Brand {
    /// Shown in titles and the header.
    pub(crate) name: String,
    /// An SVG, PNG, WebP or JPEG file; without it Doorward's own.
    pub(crate) logo: Option<PathBuf>,
    /// `#rrggbb`.
    pub(crate) accent: Option<String>,
    /// Whom people ask: an e-mail address, an https:// address, or words.
    pub(crate) contact: Option<String>,
}

impl Default for Brand {
    fn default() -> Self {
        Self {
            name: "Doorward".into(),
            logo: None,
            accent: None,
            contact: None,
        }
    }
}

/// How the addresses of applications are asked: those that are told of logouts, and those of request objects and of keys.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Applications {
    /// A file with the CA, PEM, of applications whose certificates the machine does not trust.
    pub(crate) ca: Option<PathBuf>,
}

/// Presets of the installation.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PresetFiles {
    /// A directory of files like `wekan.toml`, read at the start.
    pub(crate) directory: Option<PathBuf>,
}

/// Limits of a session.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Sessions {
    /// Ends after this long without use.
    pub(crate) idle: SignedDuration,
    /// Ends after this long in any case.
    pub(crate) absolute: SignedDuration,
}

impl Default for Sessions {
    fn default() -> Self {
        Self {
            idle: SignedDuration::from_hours(10),
            absolute: SignedDuration::from_hours(24 * 7),
        }
    }
}

/// What may be a password.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Passwords {
    /// A file of common passwords, one a line, instead of the list that comes with Doorward.
    pub(crate) common: Option<PathBuf>,
}

/// Where events go besides the database.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Audit {
    /// `udp://host:514`, `tcp://host:601` or `unix:///dev/log`.
    pub(crate) syslog: Option<String>,
}

/// Format and level of the log on standard error.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Log {
    /// `text` or `json`.
    pub(crate) format: LogFormat,
    /// A `tracing` filter such as `info` or `doorward_web=debug`; `RUST_LOG` wins.
    pub(crate) level: Option<String>,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

impl Config {
    /// Reads and checks a file. Errors name the line, what was expected and, for a misspelt key, the nearest one.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let config = Self::parse(&text).with_context(|| format!("in {}", path.display()))?;
        Ok(config)
    }

    fn parse(text: &str) -> Result<Self> {
        let config: Self = toml::from_str(text).map_err(|error| with_suggestion(&error))?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<()> {
        for (name, value, most) in [
            ("sessions.idle", self.sessions.idle, 24 * 90),
            ("sessions.absolute", self.sessions.absolute, 24 * 365),
        ] {
            if value < SignedDuration::from_mins(1) || value > SignedDuration::from_hours(most) {
                bail!("{name}: expected between 1m and {most}h, found {value:#}");
            }
        }
        if let Some(mail) = &self.mail {
            mail.check().map_err(|problem| anyhow!(problem))?;
        }
        if let Some(accent) = &self.brand.accent {
            let hex = accent.strip_prefix('#').unwrap_or_default();
            if hex.len() != 6 || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                bail!("brand.accent: expected a colour like #2f6f5e, found {accent:?}");
            }
        }
        if let Some(tls) = &self.tls {
            tls.check()?;
        }
        if let Some(mtls) = &self.mtls {
            mtls.check(self)?;
        }
        Ok(())
    }
}

impl Mtls {
    /// There is a place where certificates come in, and applications can learn of it.
    fn check(&self, config: &Config) -> Result<()> {
        match (&self.listen, &self.header) {
            (None, None) => {
                bail!("[mtls]: expected listen, or header for a proxy that passes certificates on; found neither")
            }
            (Some(_), Some(_)) => bail!("[mtls]: listen and header are two ways to the same; expected one"),
            (Some(_), None) if config.tls.is_none() => bail!("[mtls]: listen needs [tls], which is missing"),
            (Some(_), None) if self.url.is_none() => {
                bail!("[mtls]: listen needs url, the https:// address under which applications reach it")
            }
            (None, Some(_)) if config.proxies.trusted.is_empty() => bail!(
                "[mtls]: header needs the proxies that may send it under [proxies] trusted; anybody else could name a \
                 certificate that is not theirs"
            ),
            _ => {}
        }
        if let Some(url) = &self.url {
            let parsed = url::Url::parse(url)
                .ok()
                .filter(|url| url.scheme() == "https" && url.path() == "/");
            if parsed.is_none() {
                bail!("mtls.url: expected https://host[:port], found {url:?}");
            }
        }
        Ok(())
    }
}

impl Tls {
    /// There is exactly one place where the certificate comes from.
    fn check(&self) -> Result<()> {
        let places = [
            ("certificate and key", self.certificate.is_some() || self.key.is_some()),
            ("acme", self.acme.is_some()),
            ("ca = true", self.ca),
        ];
        let named: Vec<&str> = places
            .iter()
            .filter(|(_, is_set)| *is_set)
            .map(|(name, _)| *name)
            .collect();
        match named.as_slice() {
            [] => bail!(
                "[tls]: expected one of certificate and key, acme = \"you@example.com\", or ca = true; found none"
            ),
            [_] => {}
            several => bail!(
                "[tls]: expected one place where the certificate comes from, found {}",
                several.join(" and ")
            ),
        }
        if self.certificate.is_some() != self.key.is_some() {
            bail!("[tls]: certificate and key are files that belong together; expected both");
        }
        if self.acme.is_none() && (self.acme_directory.is_some() || self.acme_ca.is_some()) {
            bail!("[tls]: acme_directory and acme_ca go with acme = \"you@example.com\", which is missing");
        }
        Ok(())
    }
}

/// Adds "did you mean" to serde's message about an unknown key.
fn with_suggestion(error: &toml::de::Error) -> anyhow::Error {
    let text = error.to_string();
    let mut quoted = text.split('`').skip(1).step_by(2);
    let nearest = text
        .contains("unknown field")
        .then(|| quoted.next())
        .flatten()
        .and_then(|unknown| {
            quoted
                .map(|known| (strsim::jaro_winkler(unknown, known), known))
                .filter(|(score, _)| *score > 0.7)
                .max_by(|a, b| a.0.total_cmp(&b.0))
                .map(|(_, known)| known.to_owned())
        });
    match nearest {
        Some(nearest) => anyhow!("{}\nDid you mean `{nearest}`?", text.trim_end()),
        None => anyhow!("{}", text.trim_end()),
    }
}

fn networks<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    Vec::<String>::deserialize(deserializer)?
        .into_iter()
        .map(|text| {
            text.parse::<IpNet>()
                .or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from))
                .map_err(|_| {
                    serde::de::Error::custom(format!(
                        "expected an address or a network like 10.0.0.0/8, found {text:?}"
                    ))
                })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_key_names_the_line_and_the_nearest_key() {
        let error = Config::parse("listen = \"127.0.0.1:80\"\npublic_ulr = \"https://sso.example.com\"")
            .unwrap_err()
            .to_string();
        assert!(error.contains("line 2"), "{error}");
        assert!(error.contains("Did you mean `public_url`?"), "{error}");
        let error = Config::parse("[sessions]\nidel = \"1h\"").unwrap_err().to_string();
        assert!(error.contains("Did you mean `idle`?"), "{error}");
    }

    #[test]
    fn proxies_are_addresses_or_networks() {
        let config = Config::parse("[proxies]\ntrusted = [\"10.0.0.5\", \"192.168.7.0/24\"]").unwrap();
        assert_eq!(config.proxies.trusted.len(), 2);
        let error = Config::parse("[proxies]\ntrusted = [\"nginx\"]")
            .unwrap_err()
            .to_string();
        assert!(error.contains("expected an address or a network"), "{error}");
    }

    #[test]
    fn a_mail_server_is_never_given_a_password_in_the_clear() {
        let server = "[mail]\nhost = \"smtp.example.com\"\nfrom = \"sso@example.com\"\n";
        assert!(Config::parse(server).unwrap().mail.is_some());
        let login = "user = \"sso\"\npassword_file = \"/etc/doorward/smtp\"\n";
        assert!(Config::parse(&format!("{server}{login}")).is_ok());
        let error = Config::parse(&format!("{server}{login}tls = \"none-insecure\""))
            .unwrap_err()
            .to_string();
        assert!(error.contains("in the clear"), "{error}");
        let error = Config::parse(&format!("{server}user = \"sso\""))
            .unwrap_err()
            .to_string();
        assert!(error.contains("expected both or neither"), "{error}");
        let error = Config::parse(&format!("{server}tls = \"opportunistic\""))
            .unwrap_err()
            .to_string();
        assert!(error.contains("starttls"), "{error}");
    }

    #[test]
    fn durations_have_bounds() {
        let config = Config::parse("[sessions]\nidle = \"8h\"\nabsolute = \"24h\"").unwrap();
        assert_eq!(config.sessions.idle, SignedDuration::from_hours(8));
        let error = Config::parse("[sessions]\nidle = \"1s\"").unwrap_err().to_string();
        assert!(error.contains("sessions.idle: expected between"), "{error}");
    }

    #[test]
    fn a_certificate_comes_from_one_place() {
        assert!(Config::parse("[tls]\nacme = \"you@example.com\"").is_ok());
        assert!(Config::parse("[tls]\nca = true\nhttp = \"0.0.0.0:80\"").is_ok());
        for (text, said) in [
            (
                "[tls]\nca = true\nacme = \"you@example.com\"",
                "found acme and ca = true",
            ),
            ("[tls]\nhttp = \"0.0.0.0:80\"", "found none"),
            ("[tls]\nkey = \"a\"", "expected both"),
            (
                "[tls]\nca = true\nacme_directory = \"https://ca.lan\"",
                "which is missing",
            ),
        ] {
            let error = Config::parse(text).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
