//! The whole of what is said about logins that come from a provider.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::admission::Admission;
use crate::evaluation::{Evaluation, Local, Run};
use crate::groups::GroupRules;
use crate::identity::{EmailRule, NameRule, UsernameRule, read_user};
use crate::leeway::Leeway;
use crate::mapping::AttributeRule;
use crate::{ClaimError, ClaimPath};

/// Who may come in with which claims, and what the claims change here.
///
/// The default reads the person from `sub` and keeps its hands off everything else. The same document is TOML in files and
/// JSON in the API; unknown fields are errors in both. docs/claims.md explains each with examples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LoginRules {
    /// The claim that identifies the person at the provider.
    #[serde(skip_serializing_if = "is_sub")]
    pub user: ClaimPath,
    /// Oldest proof of identity that is accepted, in seconds: `auth_time` is then required (OpenID Connect Core 3.1.2.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_age: Option<u32>,
    /// Where the short name comes from; without it, it is left alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<UsernameRule>,
    /// Where the e-mail address comes from; without it, it is left alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<EmailRule>,
    /// Where the full name comes from; without it, it is left alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<NameRule>,
    /// How far the clocks may be apart.
    #[serde(skip_serializing_if = "Leeway::is_default")]
    pub leeway: Leeway,
    /// What must hold for anybody to come in.
    #[serde(skip_serializing_if = "Admission::is_empty")]
    pub admission: Admission,
    /// Claims that become attributes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<AttributeRule>,
    /// What the provider's groups mean here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<GroupRules>,
}

fn sub() -> ClaimPath {
    ClaimPath::fixed("sub")
}

fn is_sub(path: &ClaimPath) -> bool {
    *path == sub()
}

impl Default for LoginRules {
    fn default() -> Self {
        Self {
            user: sub(),
            max_age: None,
            username: None,
            email: None,
            name: None,
            leeway: Leeway::default(),
            admission: Admission::default(),
            attributes: Vec::new(),
            groups: None,
        }
    }
}

impl LoginRules {
    /// Most rows in each list of the rules.
    pub const MAX_ROWS: usize = 500;
    /// Longest text in the rules, in bytes.
    pub const MAX_TEXT: usize = 512;

    /// Judges verified claims: ID token and userinfo merged. Times are the verifier's business; see
    /// [`LoginRules::evaluate_at`].
    ///
    /// It never fails and its cost is bounded by the size of the claims times that of the rules.
    pub fn evaluate(&self, claims: &Map<String, Value>, local: &Local<'_>) -> Evaluation {
        self.judge(Run::new(claims, local))
    }

    /// The same, with `exp`, `nbf`, `iat` and `auth_time` judged first against `now` (seconds since 1970).
    pub fn evaluate_at(&self, claims: &Map<String, Value>, local: &Local<'_>, now: i64) -> Evaluation {
        let mut run = Run::new(claims, local);
        self.leeway.judge(self.max_age, now, &mut run);
        self.judge(run)
    }

    fn judge(&self, mut run: Run<'_>) -> Evaluation {
        self.admission.judge(&mut run);
        read_user(&self.user, &mut run);
        if let Some(rule) = &self.username {
            rule.read(&mut run);
        }
        if let Some(rule) = &self.email {
            rule.read(&mut run);
        }
        if let Some(rule) = &self.name {
            rule.read(&mut run);
        }
        for (row, rule) in self.attributes.iter().enumerate() {
            rule.read(row, &mut run);
        }
        if let Some(groups) = &self.groups {
            groups.read(&mut run);
        }
        run.finish()
    }

    /// Whether the rules make sense: nothing that can never apply, that contradicts itself, or that is beyond the limits.
    ///
    /// # Errors
    /// [`ClaimError::LoginRule`] with the rule, what was expected and what is there.
    pub fn check(&self) -> Result<(), ClaimError> {
        self.leeway.check()?;
        self.admission.check()?;
        if let Some(rule) = &self.username {
            rule.check()?;
        }
        if let Some(rule) = &self.email {
            rule.check()?;
        }
        if let Some(rule) = &self.name {
            rule.check()?;
        }
        crate::mapping::check_attributes(&self.attributes, self.groups.as_ref())?;
        if let Some(groups) = &self.groups {
            groups.check()?;
        }
        Ok(())
    }

    /// The claims that the rules read, by their outermost names: what the provider must offer (`claims_supported`).
    pub fn claims_read(&self) -> BTreeSet<&str> {
        let mut claims = BTreeSet::from([self.user.claim()]);
        claims.extend(self.max_age.map(|_| "auth_time"));
        claims.extend(self.username.as_ref().map(|rule| rule.claim.claim()));
        if let Some(email) = &self.email {
            claims.extend([email.claim.claim(), email.verified.claim()]);
        }
        claims.extend(self.name.as_ref().map(|rule| rule.claim.claim()));
        claims.extend(self.admission.claims.iter().map(|bound| bound.claim.claim()));
        claims.extend(self.attributes.iter().map(|rule| rule.claim.claim()));
        claims.extend(self.groups.as_ref().map(|groups| groups.claim.claim()));
        claims
    }
}

/// A rule that makes no sense.
pub(crate) fn wrong(rule: impl Into<String>, expected: impl Into<String>, received: impl Into<String>) -> ClaimError {
    ClaimError::LoginRule {
        rule: rule.into(),
        expected: expected.into(),
        received: received.into(),
    }
}

/// A text of the rules: neither empty nor beyond the limit.
pub(crate) fn check_text(rule: &str, text: &str) -> Result<(), ClaimError> {
    if text.is_empty() || text.len() > LoginRules::MAX_TEXT {
        return Err(wrong(
            rule,
            format!("1 to {} bytes", LoginRules::MAX_TEXT),
            format!("{} bytes", text.len()),
        ));
    }
    Ok(())
}

/// A list of the rules within the limit.
pub(crate) fn check_rows(rule: &str, rows: usize) -> Result<(), ClaimError> {
    if rows > LoginRules::MAX_ROWS {
        return Err(wrong(
            rule,
            format!("at most {} entries", LoginRules::MAX_ROWS),
            rows.to_string(),
        ));
    }
    Ok(())
}
