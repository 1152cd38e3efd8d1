//! What a login still lacks, after what has been proved.

use doorward_directory::{Facts, Level, factors, policy};
use doorward_provider::authorize::Wish;
use doorward_store::{StoreError, Tx};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What is asked besides policy, and where the person is.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// The application they are on the way to.
    pub(crate) app: Option<Uuid>,
    /// What it asks for.
    pub(crate) wish: Wish,
    /// The first factor was the word of an upstream. What people set up for themselves guards their password; behind an
    /// upstream only policy asks for it.
    pub(crate) by_upstream: bool,
    /// The browser's cookie.
    pub(crate) cookie: Option<String>,
    pub(crate) now: Timestamp,
}

/// What happens next with a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Verdict {
    /// All is proved.
    In,
    /// A second factor that the person has is to be proved.
    Prove {
        /// What must be reached; a factor that does not lead there is not offered.
        needs: Level,
        /// For how many days this browser may be remembered; 0 for not at all.
        remember_days: u32,
    },
    /// The person has no such factor and sets one up now.
    Enrol {
        /// What must be reached.
        needs: Level,
        /// Until then it may be put off.
        may_wait_until: Option<Timestamp>,
    },
}

impl Verdict {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::In => "all that is asked for is proved",
            Self::Prove { .. } => "a second factor is asked for",
            Self::Enrol {
                may_wait_until: None, ..
            } => "policy demands a factor that this person has not set up yet",
            Self::Enrol { .. } => "a factor is offered that policy will demand",
        }
    }
}

/// Looks at policy, at what the person has, and at the browser.
pub(crate) fn judge(tx: &mut Tx<'_>, facts: &Facts, asked: &Asked, amr: &[String]) -> Result<Verdict, StoreError> {
    let demand = policy::demand(tx, facts, asked.app, asked.now)?;
    let has = factors::enrolled(tx, facts.user.id)?;
    let reached = Level::of_amr(amr);
    // A passkey may be there for logging in without a password; an app is there for nothing but to be asked for.
    let own = if has.totp.is_some() && !asked.by_upstream {
        Level::Second
    } else {
        Level::Any
    };
    // What policy asks may be answered by a browser that is remembered; what an application asks may not.
    let house = demand.now.max(own);
    let wished = asked.wish.essential.max(asked.wish.voluntary.min(has.reaches()));
    let needs = house.max(wished);
    if reached < needs {
        let cookie = asked.cookie.as_deref();
        let is_remembered = reached >= wished
            && factors::is_remembered(tx, cookie, facts.user.id, demand.remember_days, house, asked.now)?;
        if is_remembered {
            return Ok(Verdict::In);
        }
        // Whoever has a factor proves it before they get another one: a stolen password sets up nothing.
        let is_to_be_proved = if reached < Level::Second {
            has.is_any()
        } else {
            has.reaches() >= needs
        };
        return Ok(if is_to_be_proved {
            Verdict::Prove {
                needs: needs.min(has.reaches()),
                remember_days: demand.remember_days,
            }
        } else {
            Verdict::Enrol {
                needs,
                may_wait_until: None,
            }
        });
    }
    Ok(match demand.postponed_until {
        Some(until) if has.reaches() < demand.soon => Verdict::Enrol {
            needs: demand.soon,
            may_wait_until: Some(until),
        },
        _ => Verdict::In,
    })
}
