//! Which authority, under which account, and how the name is proven.

use doorward_oidc::{Refusal, shown};
use url::Url;

use crate::{Name, refusals};

/// The directory of Let's Encrypt.
pub const LETS_ENCRYPT: &str = "https://acme-v02.api.letsencrypt.org/directory";

/// How an authority sees that the name is ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// It comes to port 443 with `acme-tls/1` (RFC 8737).
    TlsAlpn,
    /// It comes to port 80 and asks for a path (RFC 8555 §8.3).
    Http,
}

/// What is set for an ACME authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcmeSettings {
    /// Whom the authority tells of trouble: an e-mail address.
    pub contact: String,
    /// The address of the directory.
    pub directory: String,
    /// A CA, PEM, that may vouch for the directory beside those that this machine trusts.
    pub ca: Option<Vec<u8>>,
    /// How the name is proven.
    pub proof: Proof,
}

impl AcmeSettings {
    /// Checks what can be checked before anybody is asked.
    ///
    /// # Errors
    /// [`refusals::ACME_ACCOUNT_REFUSED`], [`refusals::ACME_UNREACHABLE`], [`refusals::ACME_NAME_REFUSED`].
    pub fn checked(self, host: &Name) -> Result<Self, Refusal> {
        let is_contact = self.contact.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty() && domain.contains('.') && !self.contact.contains(char::is_whitespace)
        });
        if !is_contact {
            let detail = format!("expected an e-mail address, received `{}`", shown(&self.contact));
            return Err(Refusal::response(&refusals::ACME_ACCOUNT_REFUSED, detail)
                .with_remedy("[tls] acme = \"you@example.com\": the authority writes there when something is wrong"));
        }
        if !Url::parse(&self.directory).is_ok_and(|url| url.scheme() == "https") {
            let detail = format!(
                "expected the https address of a directory, received `{}`",
                shown(&self.directory)
            );
            return Err(Refusal::response(&refusals::ACME_UNREACHABLE, detail)
                .with_remedy(format!("[tls] acme_directory = \"{LETS_ENCRYPT}\"")));
        }
        let is_public = self.directory == LETS_ENCRYPT;
        if matches!(host, Name::Address(_)) || is_public && host.is_private() {
            let detail = format!("no public authority knows {host}, the host of the public URL");
            return Err(Refusal::response(&refusals::ACME_NAME_REFUSED, detail).with_remedy(
                "[tls] ca = true instead makes a private authority; or set acme_directory to one of yours",
            ));
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(contact: &str, directory: &str, host: &str) -> Result<AcmeSettings, Refusal> {
        let settings = AcmeSettings {
            contact: contact.to_owned(),
            directory: directory.to_owned(),
            ca: None,
            proof: Proof::TlsAlpn,
        };
        settings.checked(&Name::parse(host).unwrap())
    }

    #[test]
    fn public_authorities_are_not_asked_for_private_names() {
        assert!(checked("you@example.com", LETS_ENCRYPT, "sso.example.com").is_ok());
        for host in ["sso.lan", "sso", "sso.home.arpa", "192.0.2.1"] {
            let refusal = checked("you@example.com", LETS_ENCRYPT, host).unwrap_err();
            assert_eq!(refusal.kind.code, "acme_name_refused", "{host}");
            assert!(refusal.remedy.unwrap().contains("ca = true"));
        }
        assert!(checked("you@example.com", "https://ca.lan/acme/directory", "sso.lan").is_ok());
    }

    #[test]
    fn contacts_and_directories_have_a_form() {
        assert_eq!(
            checked("you", LETS_ENCRYPT, "a.example").unwrap_err().kind.code,
            "acme_account_refused"
        );
        let plain = checked("you@example.com", "http://ca.lan/directory", "a.example").unwrap_err();
        assert_eq!(plain.kind.code, "acme_unreachable");
    }
}
