//! The name of a trace that people see, type and read out.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Crockford's base 32: no I, L, O or U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 8;
const BITS: u32 = 40;
const MASK: u64 = (1 << BITS) - 1;
/// Of the 40 bits, the low 16 tell apart what began in the same second.
const COUNTER_BITS: u32 = 16;
/// How far ahead of ours the clock of the node that began the trace may be.
const CLOCK_SLACK_SECONDS: i64 = 3600;

/// Eight characters, shown as `7K3Q-9FZM`. Read in any case, with or without the dash, and with `O` for `0` and `I` or `L`
/// for `1`, because that is how people write them down.
///
/// It is a name, not a secret: 24 bits of the second in which the login began and 16 of a counter, so that rows in the
/// order of their beginning have their references in order too (it repeats after 194 days).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reference(u64);

impl Reference {
    /// The reference of the login that begins at `now` as the `counter`th of this process.
    pub(crate) fn new(now: Timestamp, counter: u16) -> Self {
        let seconds = u64::try_from(now.as_second()).unwrap_or(0);
        // An odd factor moves neighbours apart without making two counters meet: 7K3Q-9FZM is not followed by 7K3Q-9FZN.
        let scattered = counter.wrapping_mul(0x9E37);
        Self((seconds << COUNTER_BITS | u64::from(scattered)) & MASK)
    }

    /// The key of the row: the latest one with these 40 bits that can exist at `now`.
    pub(crate) fn row_id(self, now: Timestamp) -> i64 {
        let horizon = now.as_second().saturating_add(CLOCK_SLACK_SECONDS).max(0);
        let latest = (u64::try_from(horizon).unwrap_or(0) << COUNTER_BITS) | ((1 << COUNTER_BITS) - 1);
        let this_window = (latest & !MASK) | self.0;
        let id = if this_window > latest {
            this_window.saturating_sub(1 << BITS)
        } else {
            this_window
        };
        i64::try_from(id).unwrap_or(0)
    }

    /// The key that the same reference had one period earlier.
    pub(crate) fn row_id_before(self, now: Timestamp) -> i64 {
        self.row_id(now).saturating_sub(1 << BITS)
    }

    pub(crate) fn of_row(id: i64) -> Self {
        Self(id.unsigned_abs() & MASK)
    }

    /// The smallest key of a trace that began at `at`.
    pub(crate) fn first_row_at(at: Timestamp) -> i64 {
        at.as_second().max(0).saturating_mul(1 << COUNTER_BITS)
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for place in (0..LENGTH).rev() {
            let digit = usize::try_from(self.0 >> (5 * place) & 31).unwrap_or(0);
            let letter = ALPHABET.get(digit).copied().unwrap_or(b'0');
            write!(f, "{}", char::from(letter))?;
            if place == LENGTH / 2 {
                f.write_str("-")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// What was typed is no reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    /// Another number of characters than eight.
    #[error("a reference has 8 characters, like 7K3Q-9FZM; received {0}")]
    Length(usize),
    /// A character that none has.
    #[error("a reference has digits and letters without U, like 7K3Q-9FZM; received {0:?}")]
    Character(char),
}

impl FromStr for Reference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut value = 0_u64;
        let mut length = 0;
        for letter in text.chars().filter(|letter| !matches!(letter, '-' | ' ')) {
            let canonical = match letter.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let digit = ALPHABET.iter().position(|known| char::from(*known) == canonical);
            let digit = digit.ok_or(ReferenceError::Character(letter))?;
            length += 1;
            if length <= LENGTH {
                value = value << 5 | u64::try_from(digit).unwrap_or(0);
            }
        }
        if length == LENGTH {
            Ok(Self(value))
        } else {
            Err(ReferenceError::Length(length))
        }
    }
}

impl Serialize for Reference {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Reference {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}
