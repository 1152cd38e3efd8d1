//! Challenges that say themselves what they are for: random bytes, an end, and a keyed hash over both, the purpose and
//! the browser. Nothing is stored before somebody has answered, so that strangers who open the login page write nothing;
//! the unit of work that accepts an answer takes the challenge, so that it is good once.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::Door;

/// How long a person may take in the browser's dialog.
const LIFETIME: SignedDuration = SignedDuration::from_mins(5);
const PURPOSE: &str = "passkey challenge";
const RANDOM: usize = 16;
const TIME: usize = 8;

/// What a challenge is for, and in whose browser.
pub(crate) enum Purpose<'a> {
    /// Registering, in this session.
    Register { session: Uuid },
    /// Logging in by the passkey alone, in the browser of this binding.
    Login { binding: &'a str },
    /// Beside a first factor of this person, in the browser of this binding.
    Second { binding: &'a str, user: Uuid },
    /// Registering on the way in, for this person, in the browser of this binding.
    Enrol { binding: &'a str, user: Uuid },
}

impl Purpose<'_> {
    fn says(&self) -> String {
        match self {
            Self::Register { session } => format!("register\n{session}"),
            Self::Login { binding } => format!("login\n{binding}"),
            Self::Second { binding, user } => format!("second\n{user}\n{binding}"),
            Self::Enrol { binding, user } => format!("enrol\n{user}\n{binding}"),
        }
    }
}

/// A new one.
pub(crate) fn make(door: &Door, purpose: &Purpose<'_>, now: Timestamp) -> Vec<u8> {
    let mut random = [0; RANDOM];
    door.random.fill(&mut random);
    let ends = now.checked_add(LIFETIME).unwrap_or(Timestamp::MAX);
    let mut challenge = random.to_vec();
    challenge.extend_from_slice(&ends.as_millisecond().to_be_bytes());
    let mac = door.master.mac(PURPOSE, &bound(purpose, &challenge));
    challenge.extend_from_slice(&mac);
    challenge
}

/// When it ends, if it is ours, of this purpose and browser, and lives.
pub(crate) fn ends(door: &Door, purpose: &Purpose<'_>, challenge: &[u8], now: Timestamp) -> Option<Timestamp> {
    let (said, given) = challenge.split_at_checked(RANDOM + TIME)?;
    if !door.master.is_mac(PURPOSE, &bound(purpose, said), given) {
        return None;
    }
    let (_, time) = said.split_last_chunk::<TIME>()?;
    let ends = Timestamp::from_millisecond(i64::from_be_bytes(*time)).ok()?;
    (now < ends).then_some(ends)
}

fn bound(purpose: &Purpose<'_>, said: &[u8]) -> Vec<u8> {
    [said, purpose.says().as_bytes()].concat()
}
