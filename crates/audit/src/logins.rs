//! How logins went, counted from the events.

use doorward_store::{StoreError, Tx};
use jiff::Timestamp;

use crate::events;

/// Events that are looked at: a busy day has more, and the latest say enough.
const MOST: u32 = 50_000;

/// Logins in a span of time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoginCounts {
    /// Sessions that began.
    pub good: u64,
    /// Logins that were refused.
    pub refused: u64,
    /// Codes of the refusals, the most frequent first.
    pub reasons: Vec<(String, u64)>,
    /// There were more events than are looked at; the counts are of the latest.
    pub capped: bool,
}

/// Counts logins since a moment.
///
/// # Errors
/// What the store says.
pub fn count(tx: &mut Tx<'_>, since: Timestamp) -> Result<LoginCounts, StoreError> {
    let rows = tx.all(
        "SELECT action, refused, reason, COUNT(*) FROM \
            (SELECT action, refused, reason FROM events WHERE id >= $1 ORDER BY id DESC LIMIT $2) AS latest \
         GROUP BY action, refused, reason",
        &[events::first_id_at(since).into(), MOST.into()],
        |row| {
            Ok((
                row.get::<String>(0)?,
                row.get::<bool>(1)?,
                row.get::<Option<String>>(2)?,
                u64::try_from(row.get::<i64>(3)?).unwrap_or(0),
            ))
        },
    )?;
    let mut counts = LoginCounts {
        capped: rows.iter().map(|row| row.3).sum::<u64>() >= u64::from(MOST),
        ..LoginCounts::default()
    };
    for (action, refused, reason, count) in rows {
        match (action.as_str(), refused) {
            ("session.begin", false) => counts.good += count,
            ("login" | "upstream.login", true) => {
                counts.refused += count;
                counts.reasons.push((reason.unwrap_or_default(), count));
            }
            _ => {}
        }
    }
    counts
        .reasons
        .sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    Ok(counts)
}
