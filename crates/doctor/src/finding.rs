//! One thing that was looked at, and the order in which causes are named.

use doorward_jose::Algorithm;

use crate::Cause;

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// A login fails with it.
    Problem,
    /// It works, and somebody should know.
    Advice,
    /// As it should be.
    Good,
}

/// Where something is to be typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// At this server.
    Here,
    /// In the application, or on its machine.
    Application,
}

/// What to do, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remedy {
    /// Where.
    pub side: Side,
    /// What to type or change.
    pub text: String,
}

/// A change of the application's settings that this server can make by itself, when somebody says so. What is to be typed is a
/// [`Remedy`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fix {
    /// Register this redirect URI too.
    AddRedirectUri {
        /// It.
        uri: String,
        /// The preset gives it for the application's address; any other came over the network.
        is_usual: bool,
    },
    /// Accept requests without a code challenge.
    WeakenPkce,
    /// Sign ID tokens so.
    SignWith(Algorithm),
    /// Answer userinfo with plain JSON.
    PlainUserinfo,
    /// Put the client id among the audiences of access tokens.
    ClientIdAudience,
    /// Let people log in again.
    Enable,
    /// Let applications register themselves with a token only.
    CloseRegistration,
    /// Get the next certificate.
    RenewCertificate,
    /// The strict setting of an application in the place of a weakened one, by its loud name.
    Strict {
        /// Its client id.
        client_id: String,
        /// The loud name.
        name: &'static str,
    },
    /// Go to its addresses wherever in a private network their names lead.
    WeakenPrivateAddress,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at: the order of what is named.
    pub cause: Cause,
    /// Its stable name, snake case: the cause's, or that of the check that refused.
    pub code: &'static str,
    /// How much it matters.
    pub weight: Weight,
    /// What a login needs.
    pub expected: String,
    /// What is there.
    pub received: String,
    /// What to do, the side that is probably wrong first.
    pub remedies: Vec<Remedy>,
    /// What this server could change by itself, if somebody says so.
    pub fix: Option<Fix>,
}

impl Finding {
    /// Something that is as it should be.
    pub fn good(cause: Cause, received: impl Into<String>) -> Self {
        let received = received.into();
        Self {
            cause,
            code: cause.code(),
            weight: Weight::Good,
            expected: received.clone(),
            received,
            remedies: Vec::new(),
            fix: None,
        }
    }

    /// Something that a login fails with.
    pub fn problem(cause: Cause, expected: impl Into<String>, received: impl Into<String>) -> Self {
        Self {
            weight: Weight::Problem,
            expected: expected.into(),
            ..Self::good(cause, received)
        }
    }

    /// Something that somebody should know.
    pub fn advice(cause: Cause, expected: impl Into<String>, received: impl Into<String>) -> Self {
        Self {
            weight: Weight::Advice,
            ..Self::problem(cause, expected, received)
        }
    }

    /// What to do at this server.
    #[must_use]
    pub fn here(self, text: impl Into<String>) -> Self {
        self.remedy(Side::Here, text.into())
    }

    /// What to do in the application or on its machine.
    #[must_use]
    pub fn there(self, text: impl Into<String>) -> Self {
        self.remedy(Side::Application, text.into())
    }

    /// What this server could change by itself.
    #[must_use]
    pub fn fix(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }

    fn remedy(mut self, side: Side, text: String) -> Self {
        self.remedies.push(Remedy { side, text });
        self
    }
}

/// Problems before advice before what is well, each in the order of their causes, and of one cause what was found first. The first is
/// what to do first.
pub fn conclude(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by_key(|finding| (finding.weight, finding.cause));
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_likeliest_cause_comes_first_and_what_is_well_comes_last() {
        let order: Vec<&str> = conclude(vec![
            Finding::good(Cause::Issuer, "well"),
            Finding::advice(Cause::Scope, "a", "b"),
            Finding::problem(Cause::Clock, "a", "b"),
            Finding::problem(Cause::ClientId, "a", "b"),
        ])
        .iter()
        .map(|finding| finding.code)
        .collect();
        assert_eq!(order, ["client_id", "clock", "scope", "issuer"]);
    }
}
