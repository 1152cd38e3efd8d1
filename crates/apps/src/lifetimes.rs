//! How long what is issued to an application is valid, with bounds that keep a typing mistake from becoming a policy.

use doorward_oidc::Refusal;
use serde::{Deserialize, Serialize};

use crate::refusals;

/// Lifetimes in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Lifetimes {
    /// Authorization code (RFC 6749 §4.1.2 recommends at most ten minutes).
    pub code: i64,
    /// ID token.
    pub id_token: i64,
    /// Access token.
    pub access_token: i64,
    /// Refresh token that is not used.
    pub refresh_token: i64,
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self {
            code: 60,
            id_token: 3_600,
            access_token: 900,
            refresh_token: 30 * 86_400,
        }
    }
}

/// Names one of the lifetimes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lifetime {
    /// [`Lifetimes::code`]
    Code,
    /// [`Lifetimes::id_token`]
    IdToken,
    /// [`Lifetimes::access_token`]
    AccessToken,
    /// [`Lifetimes::refresh_token`]
    RefreshToken,
}

impl Lifetime {
    /// All of them, in the order of their use in a login.
    pub const ALL: [Self; 4] = [Self::Code, Self::IdToken, Self::AccessToken, Self::RefreshToken];

    /// Its name on the command line and in the API: `access_token`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::IdToken => "id_token",
            Self::AccessToken => "access_token",
            Self::RefreshToken => "refresh_token",
        }
    }

    /// The shortest and the longest value in seconds.
    pub fn bounds(self) -> (i64, i64) {
        match self {
            Self::Code => (10, 600),
            Self::IdToken | Self::AccessToken => (60, 86_400),
            Self::RefreshToken => (3_600, 366 * 86_400),
        }
    }

    /// Refuses a value outside of the bounds.
    pub fn check(self, seconds: i64) -> Result<i64, Refusal> {
        let (least, most) = self.bounds();
        if (least..=most).contains(&seconds) {
            return Ok(seconds);
        }
        let name = self.name();
        Err(Refusal::response(
            &refusals::LIFETIME_OUT_OF_BOUNDS,
            format!("lifetime {name}: expected {least} to {most} seconds, received {seconds}"),
        )
        .with_remedy(format!("choose a value between {least} and {most} seconds")))
    }
}

impl Lifetimes {
    /// One of them, by its name.
    pub fn seconds(&self, which: Lifetime) -> i64 {
        match which {
            Lifetime::Code => self.code,
            Lifetime::IdToken => self.id_token,
            Lifetime::AccessToken => self.access_token,
            Lifetime::RefreshToken => self.refresh_token,
        }
    }

    /// Sets one of them within its bounds.
    pub fn set(&mut self, which: Lifetime, seconds: i64) -> Result<(), Refusal> {
        let seconds = which.check(seconds)?;
        *match which {
            Lifetime::Code => &mut self.code,
            Lifetime::IdToken => &mut self.id_token,
            Lifetime::AccessToken => &mut self.access_token,
            Lifetime::RefreshToken => &mut self.refresh_token,
        } = seconds;
        Ok(())
    }

    /// Refuses the first lifetime that is outside of its bounds.
    pub fn check(&self) -> Result<(), Refusal> {
        Lifetime::ALL
            .iter()
            .try_for_each(|which| which.check(self.seconds(*which)).map(|_| ()))
    }
}
