//! The person who is logged in, as a handler sees them.

use std::sync::Arc;

use doorward_claims::ClaimPath;
use serde_json::{Map, Value};

use crate::Session;

/// The person who is logged in. As an axum extractor it sends whoever is not to the login.
#[derive(Clone)]
pub struct User(Arc<Session>);

impl User {
    pub(crate) fn new(session: Arc<Session>) -> Self {
        Self(session)
    }

    /// The identifier that never changes at this issuer: what to key data by.
    pub fn sub(&self) -> &str {
        self.0.sub()
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

    /// All claims of ID token and userinfo.
    pub fn claims(&self) -> &Map<String, Value> {
        &self.0.claims
    }

    /// The session.
    pub fn session(&self) -> &Session {
        &self.0
    }

    fn text(&self, claim: &str) -> Option<&str> {
        self.claims()
            .get(claim)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    }
}
