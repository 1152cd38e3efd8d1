//! Who asks: the RP ID and the origin that passkeys of this server are bound to, both from its public URL.

use doorward_jose::sha256;
use url::{Host, Url};

/// Why there can be no passkeys at an address. Browsers decide this, not we.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoRelyingParty {
    /// An RP ID is a domain (Web Authentication §5.1.2); an address is none.
    #[error("passkeys are bound to a name, and {host} is an address")]
    Address {
        /// The host of the public URL.
        host: String,
    },
    /// Outside of `localhost`, browsers know WebAuthn in secure contexts only.
    #[error("passkeys need https, and the public URL begins with {scheme}")]
    Insecure {
        /// The scheme of the public URL.
        scheme: String,
    },
}

/// This server, as browsers and authenticators know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelyingParty {
    id: String,
    id_hash: [u8; 32],
    origin: String,
    name: String,
}

impl RelyingParty {
    /// From the public URL. The RP ID is its whole host: no other host of the domain can use the passkeys, nor can we
    /// theirs. `name` is what the browser may show.
    ///
    /// # Errors
    /// [`NoRelyingParty`] when browsers would refuse every ceremony there.
    pub fn at(public_url: &Url, name: impl Into<String>) -> Result<Self, NoRelyingParty> {
        let id = match public_url.host() {
            Some(Host::Domain(domain)) => domain.to_owned(),
            host => {
                let host = host.map(|host| host.to_string()).unwrap_or_default();
                return Err(NoRelyingParty::Address { host });
            }
        };
        let is_local = id == "localhost" || id.ends_with(".localhost");
        if public_url.scheme() != "https" && !is_local {
            let scheme = public_url.scheme().to_owned();
            return Err(NoRelyingParty::Insecure { scheme });
        }
        Ok(Self {
            id_hash: sha256(id.as_bytes()),
            id,
            origin: public_url.origin().ascii_serialization(),
            name: name.into(),
        })
    }

    /// The RP ID.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its SHA-256, as it stands in authenticator data.
    pub fn id_hash(&self) -> &[u8; 32] {
        &self.id_hash
    }

    /// The one origin whose pages may hold ceremonies.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// What the browser may show.
    pub fn name(&self) -> &str {
        &self.name
    }
}
