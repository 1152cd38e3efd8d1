//! A client's certificate and what a registered client expects of it (RFC 8705 §2).

use std::net::IpAddr;

use doorward_jose::Jwk;
use serde::{Deserialize, Serialize};

use crate::shown;

/// A certificate that a client presented and whose private half it has proved to hold.
#[derive(Debug, Clone)]
pub struct ClientCertificate {
    /// SHA-256 of the whole, base64url: `x5t#S256` (RFC 8705 §3.1).
    pub thumbprint: String,
    /// The subject as RFC 4514 writes it, in the form of [`DistinguishedName`].
    pub subject: String,
    /// The alternative names.
    pub names: Vec<AlternativeName>,
    /// Its public key, if it is of a kind that we know.
    pub key: Option<Jwk>,
    /// Whether it is within its time.
    pub is_current: bool,
    /// Whether one of the configured authorities vouches for it now, for authenticating clients.
    pub is_vouched_for: bool,
}

/// One subject alternative name (RFC 5280 §4.2.1.6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlternativeName {
    /// dNSName, in lower case.
    Dns(String),
    /// uniformResourceIdentifier.
    Uri(String),
    /// iPAddress.
    Ip(IpAddr),
    /// rfc822Name.
    Email(String),
}

/// What names the certificate of a client whose authority is trusted (RFC 8705 §2.1.2): exactly one of these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CertificateName {
    /// `tls_client_auth_subject_dn`.
    SubjectDn(String),
    /// `tls_client_auth_san_dns`.
    SanDns(String),
    /// `tls_client_auth_san_uri`.
    SanUri(String),
    /// `tls_client_auth_san_ip`.
    SanIp(IpAddr),
    /// `tls_client_auth_san_email`.
    SanEmail(String),
}

impl CertificateName {
    /// Reads `subject_dn=CN=client,O=Example`, `san_dns=client.example.com` and so on.
    ///
    /// # Errors
    /// What was expected and what came.
    pub fn parse(text: &str) -> Result<Self, String> {
        let expected = || {
            format!(
                "expected subject_dn=, san_dns=, san_uri=, san_ip= or san_email= and a value of at most 500 characters, \
                 received `{}`",
                shown(text)
            )
        };
        let (kind, value) = text.split_once('=').ok_or_else(expected)?;
        let value = value.trim();
        if value.is_empty() || value.len() > 500 || value.chars().any(char::is_control) {
            return Err(expected());
        }
        match kind.trim() {
            "subject_dn" => DistinguishedName::parse(value).map(|name| Self::SubjectDn(name.0)),
            "san_dns" => Ok(Self::SanDns(value.to_ascii_lowercase())),
            "san_uri" => Ok(Self::SanUri(value.to_owned())),
            "san_ip" => value
                .parse()
                .map(Self::SanIp)
                .map_err(|_| format!("expected an IP address after san_ip=, received `{}`", shown(value))),
            "san_email" => Ok(Self::SanEmail(value.to_owned())),
            _ => Err(expected()),
        }
    }

    /// Whether the certificate has this name. Wildcards mean nothing here.
    pub fn is_in(&self, certificate: &ClientCertificate) -> bool {
        let has = |wanted: &dyn Fn(&AlternativeName) -> bool| certificate.names.iter().any(wanted);
        match self {
            Self::SubjectDn(name) => *name == certificate.subject,
            Self::SanDns(name) => has(&|one| matches!(one, AlternativeName::Dns(dns) if dns == name)),
            Self::SanUri(name) => has(&|one| matches!(one, AlternativeName::Uri(uri) if uri == name)),
            Self::SanIp(address) => has(&|one| matches!(one, AlternativeName::Ip(ip) if ip == address)),
            Self::SanEmail(name) => has(&|one| matches!(one, AlternativeName::Email(email) if email == name)),
        }
    }
}

impl std::fmt::Display for CertificateName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::SubjectDn(name) => write!(f, "subject_dn={name}"),
            Self::SanDns(name) => write!(f, "san_dns={name}"),
            Self::SanUri(name) => write!(f, "san_uri={name}"),
            Self::SanIp(address) => write!(f, "san_ip={address}"),
            Self::SanEmail(name) => write!(f, "san_email={name}"),
        }
    }
}

/// A distinguished name in one form: RFC 4514, most specific part first, types in upper case, no spaces around separators.
/// Two names are the same if their forms are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DistinguishedName(pub String);

impl DistinguishedName {
    /// From its parts: the relative names, most specific first, each with its type and value.
    pub fn of(parts: impl IntoIterator<Item = Vec<(String, String)>>) -> Self {
        let relative = parts.into_iter().map(|mut attributes| {
            attributes.sort();
            let attributes: Vec<String> = attributes
                .iter()
                .map(|(kind, value)| format!("{}={}", kind.to_ascii_uppercase(), escaped(value)))
                .collect();
            attributes.join("+")
        });
        Self(relative.collect::<Vec<_>>().join(","))
    }

    /// Reads what an administrator typed: `CN=client, O=Example`, with `\` before a character that separates.
    ///
    /// # Errors
    /// What was expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let expected = || {
            format!(
                "expected a subject like CN=client,O=Example, received `{}`",
                shown(text)
            )
        };
        let (mut parts, mut attributes) = (Vec::new(), Vec::new());
        let (mut kind, mut word) = (None::<String>, Word::default());
        let mut characters = text.chars();
        loop {
            let next = characters.next();
            match next {
                Some('\\') => word.escape(&mut characters).ok_or_else(expected)?,
                Some('=') if kind.is_none() => {
                    let found = std::mem::take(&mut word).trimmed();
                    let is_type = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
                    if found.is_empty() || !found.chars().all(is_type) {
                        return Err(expected());
                    }
                    kind = Some(found);
                }
                Some(',' | '+') | None => {
                    let kind = kind.take().ok_or_else(expected)?;
                    let value = std::mem::take(&mut word).trimmed();
                    if value.is_empty() {
                        return Err(expected());
                    }
                    attributes.push((kind, value));
                    if next != Some('+') {
                        parts.push(std::mem::take(&mut attributes));
                    }
                    if next.is_none() {
                        return Ok(Self::of(parts));
                    }
                }
                Some('"' | ';' | '<' | '>') => return Err(expected()),
                Some(c) => word.push(c),
            }
        }
    }
}

/// A word in the making: white space at its ends goes unless it was escaped.
#[derive(Default)]
struct Word {
    text: String,
    kept: usize,
}

impl Word {
    fn push(&mut self, c: char) {
        if !(c == ' ' && self.text.is_empty()) {
            self.text.push(c);
        }
        if c != ' ' {
            self.kept = self.text.len();
        }
    }

    /// What follows a backslash: a character, or two hexadecimal digits of an ASCII one (RFC 4514 §3).
    fn escape(&mut self, rest: &mut std::str::Chars<'_>) -> Option<()> {
        let first = rest.next()?;
        let c = match first.to_digit(16) {
            Some(high) => {
                let low = rest.next()?.to_digit(16)?;
                char::from_u32(high * 16 + low).filter(char::is_ascii)?
            }
            None => first,
        };
        self.text.push(c);
        self.kept = self.text.len();
        Some(())
    }

    fn trimmed(mut self) -> String {
        self.text.truncate(self.kept);
        self.text
    }
}

fn escaped(value: &str) -> String {
    let last = value.chars().count().saturating_sub(1);
    let mut out = String::with_capacity(value.len());
    for (index, c) in value.chars().enumerate() {
        let is_edge = (index == 0 && (c == ' ' || c == '#')) || (index == last && c == ' ');
        if is_edge || matches!(c, ',' | '+' | '"' | '\\' | '<' | '>' | ';' | '=') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(text: &str) -> Option<String> {
        DistinguishedName::parse(text).ok().map(|name| name.0)
    }

    #[test]
    fn a_subject_has_one_form_however_it_is_typed() {
        let same = Some("CN=client,O=Example\\, Inc.,C=DE".to_owned());
        for typed in [
            "CN=client,O=Example\\, Inc.,C=DE",
            "cn = client , o=Example\\2C Inc., c=DE ",
            "CN=client,O=Example\\, Inc.,C=\\44\\45",
        ] {
            assert_eq!(form(typed), same, "{typed}");
        }
        assert_eq!(form("OU=b+CN=a,O=x"), form("CN=a+OU=b, O=x"));
        assert_ne!(form("CN=a,O=x"), form("O=x,CN=a"), "the order says something");
        assert_ne!(form("CN=a"), form("CN=A"), "compared as they are");
        for bad in [
            "",
            "CN",
            "CN=",
            "=x",
            "CN=a,",
            "CN=a,,O=b",
            "CN=a\\",
            "CN=\"a\"",
            "C N=a",
            "CN=a;O=b",
            "CN=\\ff",
        ] {
            assert_eq!(form(bad), None, "{bad}");
        }
    }

    #[test]
    fn one_part_cannot_pose_as_two() {
        let one = DistinguishedName::of([vec![("CN".to_owned(), "a,O=Example".to_owned())]]);
        assert_ne!(Some(one.0.clone()), form("CN=a,O=Example"));
        assert_eq!(Some(one.0), form("CN=a\\,O\\=Example"));
    }

    #[test]
    fn a_name_is_found_in_its_own_place_only() {
        let certificate = ClientCertificate {
            thumbprint: String::new(),
            subject: "CN=client".to_owned(),
            names: vec![
                AlternativeName::Dns("client.example.com".to_owned()),
                AlternativeName::Uri("spiffe://example/client".to_owned()),
                AlternativeName::Ip("192.0.2.7".parse().unwrap()),
                AlternativeName::Email("client@example.com".to_owned()),
            ],
            key: None,
            is_current: true,
            is_vouched_for: true,
        };
        for (name, is_there) in [
            ("subject_dn=CN=client", true),
            ("subject_dn=CN=other", false),
            ("san_dns=Client.example.com", true),
            ("san_dns=*.example.com", false),
            ("san_dns=client@example.com", false),
            ("san_uri=spiffe://example/client", true),
            ("san_uri=client.example.com", false),
            ("san_ip=192.0.2.7", true),
            ("san_ip=192.0.2.8", false),
            ("san_email=client@example.com", true),
        ] {
            let parsed = CertificateName::parse(name).unwrap();
            assert_eq!(parsed.is_in(&certificate), is_there, "{name}");
            assert_eq!(CertificateName::parse(&parsed.to_string()).as_ref(), Ok(&parsed));
        }
        for bad in ["", "client", "san_ip=x", "dns=a", "san_dns=", "san_dns=\u{7}"] {
            assert!(CertificateName::parse(bad).is_err(), "{bad}");
        }
    }
}
