//! Identifiers that sort by time.

use doorward_jose::Random;
use jiff::Timestamp;
use uuid::Uuid;

/// A new UUIDv7 (RFC 9562 §5.7): 48 bits of milliseconds, then 74 random bits. Rows keyed by it are appended, which
/// is worth a factor of five against random keys.
pub fn new_id(now: Timestamp, random: &dyn Random) -> Uuid {
    let mut bytes = [0; 10];
    random.fill(&mut bytes);
    let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
}
