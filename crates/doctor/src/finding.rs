//! One thing that was looked at, and the order in which causes are named.

use doorward_jose::Algorithm;

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

/// What may be mended at this server: a change of the application's settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mend {
    /// Register this redirect URI too.
    AddRedirectUri(String),
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
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Stable, snake case.
    pub code: &'static str,
    /// How much it matters.
    pub weight: Weight,
    /// What stops a login earlier is named first; of equal ones the first that was found.
    pub rank: u8,
    /// What a login needs.
    pub expected: String,
    /// What is there.
    pub received: String,
    /// What to do, the side that is probably wrong first.
    pub remedies: Vec<Remedy>,
    /// What this server could change by itself, if somebody says so.
    pub mend: Option<Mend>,
}

impl Finding {
    /// Something that is as it should be.
    pub fn good(code: &'static str, received: impl Into<String>) -> Self {
        let received = received.into();
        Self {
            code,
            weight: Weight::Good,
            rank: u8::MAX,
            expected: received.clone(),
            received,
            remedies: Vec::new(),
            mend: None,
        }
    }

    /// Something that a login fails with.
    pub fn problem(code: &'static str, rank: u8, expected: impl Into<String>, received: impl Into<String>) -> Self {
        Self {
            weight: Weight::Problem,
            rank,
            expected: expected.into(),
            ..Self::good(code, received)
        }
    }

    /// Something that somebody should know.
    pub fn advice(code: &'static str, rank: u8, expected: impl Into<String>, received: impl Into<String>) -> Self {
        Self {
            weight: Weight::Advice,
            ..Self::problem(code, rank, expected, received)
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
    pub fn mend(mut self, mend: Mend) -> Self {
        self.mend = Some(mend);
        self
    }

    fn remedy(mut self, side: Side, text: String) -> Self {
        self.remedies.push(Remedy { side, text });
        self
    }
}

/// Problems before advice before what is well, each by likelihood. What is left is the conclusion's: the first is what to do first.
pub fn conclude(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by_key(|finding| (finding.weight, finding.rank));
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_likeliest_cause_comes_first_and_what_is_well_comes_last() {
        let order: Vec<&str> = conclude(vec![
            Finding::good("tls", "well"),
            Finding::advice("scope", 1, "a", "b"),
            Finding::problem("clock", 60, "a", "b"),
            Finding::problem("client_id", 10, "a", "b"),
        ])
        .iter()
        .map(|finding| finding.code)
        .collect();
        assert_eq!(order, ["client_id", "clock", "scope", "tls"]);
    }
}
