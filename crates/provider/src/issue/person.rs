//! The claims about a person: one source for ID token, userinfo, access token and preview.

use doorward_apps::{App, UsernameForm};
use doorward_claims::{ClaimSet, Destination, Facts as RuleFacts, Skipped};
use doorward_directory::Facts;
use doorward_oidc::{RequestedClaims, ScopeSet, claims_of_scope, scope_of_claim};
use serde_json::{Map, Value};

use crate::Server;

/// What may be said of a person to one application.
///
/// The claims of the granted scopes go into ID token and userinfo alike: OpenID Connect Core §5.4 only speaks of
/// userinfo, but half of the applications read one and half the other.
#[derive(Debug, Clone, Copy)]
pub struct PersonClaims<'a> {
    server: &'a Server,
    app: &'a App,
    facts: &'a Facts,
    scope: &'a ScopeSet,
}

impl<'a> PersonClaims<'a> {
    /// For one person, one application and what was granted.
    pub fn new(server: &'a Server, app: &'a App, facts: &'a Facts, scope: &'a ScopeSet) -> Self {
        Self {
            server,
            app,
            facts,
            scope,
        }
    }

    /// Claims for the ID token, and the rules that put nothing.
    pub fn id_token(&self, requested: &RequestedClaims) -> (ClaimSet, Vec<Skipped>) {
        self.scoped(requested, Destination::IdToken)
    }

    /// Claims for the userinfo response, and the rules that put nothing.
    pub fn userinfo(&self, requested: &RequestedClaims) -> (ClaimSet, Vec<Skipped>) {
        self.scoped(requested, Destination::Userinfo)
    }

    /// Claims for the access token: only what rules put there (RFC 9068 §6: it travels to resource servers).
    pub fn access_token(&self) -> (ClaimSet, Vec<Skipped>) {
        let mut claims = ClaimSet::default();
        let skipped = self.apply_rules(Destination::AccessToken, &mut claims);
        (claims, skipped)
    }

    fn scoped(&self, requested: &RequestedClaims, destination: Destination) -> (ClaimSet, Vec<Skipped>) {
        let mut claims = ClaimSet::default();
        for name in self.scope.iter().flat_map(claims_of_scope) {
            self.put(name, &mut claims);
        }
        if !requested.is_empty() {
            // A single claim is no way around the scope maps: what the person's groups do not allow stays out (§5.5).
            let allowed = doorward_apps::access(self.app, &self.facts.groups).unwrap_or_default();
            for (name, _) in requested.iter() {
                if scope_of_claim(name).is_some_and(|scope| allowed.contains(scope)) {
                    self.put(name, &mut claims);
                }
            }
        }
        let skipped = self.apply_rules(destination, &mut claims);
        (claims, skipped)
    }

    fn put(&self, name: &str, claims: &mut ClaimSet) {
        if let Some(value) = self.value(name) {
            // Standard claims are no protocol claims, and a name is always a path: there is nothing to fail.
            let _ = claims.set(name, value);
        }
    }

    /// The value of a standard claim, if there is one.
    fn value(&self, name: &str) -> Option<Value> {
        let user = &self.facts.user;
        match name {
            "name" => Some(Value::from(user.display_name.as_str())),
            "preferred_username" => Some(Value::from(self.username())),
            "email" => user.email.as_deref().map(Value::from),
            // True or absent: several applications read `false` as a reason to refuse, or "false" as true.
            "email_verified" => (user.email.is_some() && user.email_verified).then_some(Value::Bool(true)),
            "updated_at" => Some(Value::from(user.updated.as_second())),
            "groups" => Some(Value::from(self.facts.groups.clone())),
            _ => user.attributes.get(name).cloned(),
        }
    }

    fn username(&self) -> String {
        let name = self.facts.user.name.as_str();
        match self.app.usernames {
            UsernameForm::Short => name.to_owned(),
            UsernameForm::Full => format!("{name}@{}", self.server.domain()),
        }
    }

    fn apply_rules(&self, destination: Destination, claims: &mut ClaimSet) -> Vec<Skipped> {
        if self.app.claim_rules.is_empty() {
            return Vec::new();
        }
        let attributes = self.attributes();
        let facts = RuleFacts {
            attributes: &attributes,
            groups: &self.facts.groups,
            direct_groups: &self.facts.direct_groups,
        };
        doorward_claims::apply(&self.app.claim_rules, &facts, destination, claims)
    }

    /// Everything that a rule can take, whatever was granted: a rule is the administrator's own decision.
    fn attributes(&self) -> Map<String, Value> {
        let user = &self.facts.user;
        let mut all: Map<String, Value> = user
            .attributes
            .iter()
            .map(|(name, value)| (name.to_owned(), value.clone()))
            .collect();
        for name in [
            "name",
            "preferred_username",
            "email",
            "email_verified",
            "updated_at",
            "groups",
        ] {
            if let Some(value) = self.value(name) {
                all.insert(name.to_owned(), value);
            }
        }
        all.insert("id".to_owned(), Value::from(user.id.hyphenated().to_string()));
        all.insert("username".to_owned(), Value::from(user.name.as_str()));
        all
    }
}
