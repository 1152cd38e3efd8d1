//! The person who is logged in, as a handler sees them.

use doorward_claims::ClaimPath;
use doorward_jose::Secret;
use http::HeaderMap;
use serde_json::{Map, Value};

use crate::cookies::{self, Cookies};
use crate::sessions::{Found, Vault};
use crate::{Login, LoginError, Session};

/// The person who is logged in. As an axum extractor it sends whoever is not to the login; `Option<User>` lets strangers in
/// too.
#[derive(Clone)]
pub struct User {
    login: Login,
    found: Found,
}

impl Login {
    /// The person behind a request's session cookie, with tokens and claims that are kept fresh.
    ///
    /// # Errors
    /// The store fails, or the session is bound to its tokens, these are over, and the provider does not answer. The
    /// session is still there then.
    pub async fn user(&self, headers: &HeaderMap) -> Result<Option<User>, LoginError> {
        let config = self.config();
        let Some(token) = cookies::find(headers, &Cookies(config).session_name()) else {
            return Ok(None);
        };
        let vault = Vault(config);
        let Some(found) = vault.find(token).await? else {
            return Ok(None);
        };
        let Some(found) = self.kept_fresh(found).await? else {
            return Ok(None);
        };
        if let Err(error) = vault.extend(&found).await {
            tracing::warn!(%error, "a session that is in use was not extended");
        }
        Ok(Some(User {
            login: self.clone(),
            found,
        }))
    }
}

impl User {
    /// The identifier that never changes at this issuer: what to key data by.
    pub fn sub(&self) -> &str {
        self.session().sub()
    }

    /// The full name, or else the user name, or else the identifier: something to greet with.
    pub fn display_name(&self) -> &str {
        self.text("name")
            .or_else(|| self.username())
            .unwrap_or_else(|| self.sub())
    }

    /// `preferred_username`. It can change and be given to somebody else: show it, do not key by it.
    pub fn username(&self) -> Option<&str> {
        self.text("preferred_username")
    }

    /// `email`.
    pub fn email(&self) -> Option<&str> {
        self.text("email")
    }

    /// Whether the provider says that the address is the person's own.
    pub fn is_email_verified(&self) -> bool {
        self.claims().get("email_verified") == Some(&Value::Bool(true))
    }

    /// The names in `groups`, a list or a single name.
    pub fn groups(&self) -> Vec<&str> {
        match self.claims().get("groups") {
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(name)) => vec![name],
            _ => Vec::new(),
        }
    }

    /// Whether the person is in this group.
    pub fn is_in(&self, group: &str) -> bool {
        self.groups().contains(&group)
    }

    /// A claim anywhere in the token.
    pub fn claim(&self, path: &ClaimPath) -> Option<&Value> {
        path.find(self.claims())
    }

    /// All claims of ID token and userinfo, as they were when the tokens were last refreshed.
    pub fn claims(&self) -> &Map<String, Value> {
        &self.session().claims
    }

    /// The session.
    pub fn session(&self) -> &Session {
        &self.found.session
    }

    /// An access token that is valid for a while, to ask something of the provider or of an API as this person. Over, it is
    /// refreshed first, in one request however many handlers wait.
    ///
    /// # Errors
    /// [`LoginError::AccessToken`] when it is over and the provider gave no refresh token (the scope `offline_access`);
    /// [`LoginError::Ended`] when the provider ended the session; whatever keeps the provider from answering.
    pub async fn access_token(&self) -> Result<Secret<String>, LoginError> {
        self.login.access_token_of(&self.found).await
    }

    fn text(&self, claim: &str) -> Option<&str> {
        self.claims()
            .get(claim)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    }
}
