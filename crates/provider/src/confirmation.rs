//! What a token is bound to: whoever uses it has to prove that they hold the key (RFC 7800 §3.1, RFC 9449 §6, RFC 8705 §3.1).

use doorward_jose::constant_time_eq;
use doorward_oidc::{Refusal, RefusalKind, Turn};
use serde::{Deserialize, Serialize};

/// A bound token came without proof of its key.
pub static TOKEN_KEY_NOT_SHOWN: RefusalKind = RefusalKind {
    code: "token_key_not_shown",
    oauth: "invalid_token",
    public: "This access token is bound to a key, and the request does not prove possession of it.",
    meaning: "A token that is bound to a key is worth nothing without it: whoever stole the token alone is refused \
              (RFC 9449 §7.1, RFC 8705 §3).",
    turn: Turn::Application,
};

/// No certificate where tokens are to be bound to one.
pub static CERTIFICATE_MISSING: RefusalKind = RefusalKind {
    code: "certificate_missing",
    oauth: "invalid_request",
    public: "The request came without the client certificate that its tokens are to be bound to.",
    meaning: "An application that is set up for tokens bound to its certificate gets no others (RFC 8705 §3.4).",
    turn: Turn::Application,
};

/// The refusal for a token request without a certificate.
pub fn certificate_missing(client_id: &str) -> Refusal {
    Refusal::response(
        &CERTIFICATE_MISSING,
        format!("{client_id} is set up for tokens bound to its certificate, and the request came without one"),
    )
    .with_remedy(format!(
        "send the application to the addresses under mtls_endpoint_aliases of the metadata; or: doorward app edit {client_id} \
         --certificate-bound false"
    ))
}

/// The confirmation of a token, as its `cnf` claim has it; or what a request has shown. Empty: nothing, anybody may use it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// The thumbprint of the key of DPoP proofs (RFC 9449 §6.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jkt: Option<String>,
    /// The SHA-256 of the client's certificate, base64url (RFC 8705 §3.1).
    #[serde(rename = "x5t#S256", default, skip_serializing_if = "Option::is_none")]
    pub x5t: Option<String>,
}

impl Confirmation {
    /// Bound to nothing.
    pub const NONE: &'static Self = &Self { jkt: None, x5t: None };

    /// Whether it binds to nothing.
    pub fn is_none(&self) -> bool {
        self.jkt.is_none() && self.x5t.is_none()
    }

    /// The type of a token that is bound like this (RFC 9449 §5; RFC 8705 §3 keeps `Bearer`).
    pub fn token_type(&self) -> &'static str {
        if self.jkt.is_some() { "DPoP" } else { "Bearer" }
    }

    /// Whether everything that this demands was shown.
    pub fn is_met_by(&self, shown: &Self) -> bool {
        let met = |wanted: Option<&String>, shown: Option<&String>| match (wanted, shown) {
            (None, _) => true,
            (Some(wanted), Some(shown)) => constant_time_eq(wanted.as_bytes(), shown.as_bytes()),
            (Some(_), None) => false,
        };
        met(self.jkt.as_ref(), shown.jkt.as_ref()) && met(self.x5t.as_ref(), shown.x5t.as_ref())
    }

    /// As the store keeps it; `None` when it binds to nothing.
    pub fn to_stored(&self) -> Option<String> {
        // Two texts: it always has a JSON form.
        (!self.is_none()).then(|| serde_json::to_string(self).unwrap_or_default())
    }

    /// From the store. What cannot be read is met by nobody.
    pub fn from_stored(stored: Option<&str>) -> Self {
        let unreadable = || Self {
            jkt: Some(String::new()),
            x5t: Some(String::new()),
        };
        stored.map_or_else(Self::default, |text| {
            serde_json::from_str::<Self>(text)
                .ok()
                .filter(|read| !read.is_none())
                .unwrap_or_else(unreadable)
        })
    }
}

/// What a resource of ours demands of a request with an access token: the scheme that belongs to the token, and its key.
///
/// # Errors
/// [`TOKEN_KEY_NOT_SHOWN`]; also for a token that is bound to nothing and comes with the scheme `DPoP` (RFC 9449 §7.1).
pub fn is_shown(bound: &Confirmation, shown: &Confirmation, uses_dpop: bool) -> Result<(), Refusal> {
    let refuse = |detail: &str| Err(Refusal::response(&TOKEN_KEY_NOT_SHOWN, detail));
    match (bound.jkt.is_some(), uses_dpop) {
        (true, false) => return refuse("the token is bound to a key by DPoP and came with the scheme Bearer"),
        (false, true) => return refuse("the token is not bound by DPoP and came with the scheme DPoP"),
        _ => {}
    }
    if bound.is_met_by(shown) {
        return Ok(());
    }
    match (&bound.x5t, &shown.x5t) {
        (Some(_), None) => refuse("the token is bound to a client certificate, and none was presented"),
        (Some(_), Some(_)) => {
            refuse("the token is bound to another client certificate (or another key) than was presented")
        }
        (None, _) => refuse("the DPoP proof was made with another key than the one that the token is bound to"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(jkt: Option<&str>, x5t: Option<&str>) -> Confirmation {
        Confirmation {
            jkt: jkt.map(str::to_owned),
            x5t: x5t.map(str::to_owned),
        }
    }

    #[test]
    fn a_bound_token_needs_its_own_key_and_its_own_scheme() {
        let (key, other, none) = (bound(Some("a"), None), bound(Some("b"), None), bound(None, None));
        assert!(is_shown(&key, &key, true).is_ok());
        assert!(is_shown(&none, &none, false).is_ok());
        assert!(
            is_shown(&key, &key, false).is_err(),
            "a proof beside the scheme Bearer is a downgrade"
        );
        assert!(is_shown(&key, &none, true).is_err());
        assert!(is_shown(&key, &other, true).is_err());
        assert!(is_shown(&none, &key, true).is_err());
        let certificate = bound(None, Some("c"));
        assert!(is_shown(&certificate, &certificate, false).is_ok());
        assert!(is_shown(&certificate, &none, false).is_err());
        assert!(is_shown(&certificate, &bound(None, Some("d")), false).is_err());
        let both = bound(Some("a"), Some("c"));
        assert!(is_shown(&both, &both, true).is_ok());
        assert!(is_shown(&both, &key, true).is_err());
    }

    #[test]
    fn what_was_stored_comes_back_and_what_cannot_be_read_is_met_by_nobody() {
        for one in [
            bound(Some("a"), None),
            bound(None, Some("c")),
            bound(Some("a"), Some("c")),
        ] {
            assert_eq!(Confirmation::from_stored(one.to_stored().as_deref()), one);
        }
        assert_eq!(Confirmation::NONE.to_stored(), None);
        assert!(Confirmation::from_stored(None).is_none());
        for damaged in ["", "{}", "{\"jkt\":1}", "null"] {
            let read = Confirmation::from_stored(Some(damaged));
            assert!(
                !read.is_met_by(Confirmation::NONE) && !read.is_met_by(&bound(Some("a"), Some("c"))),
                "{damaged}"
            );
        }
    }
}
