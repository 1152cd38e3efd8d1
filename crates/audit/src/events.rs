//! The table of events.

use std::sync::atomic::{AtomicU32, Ordering};

use doorward_jose::{Random, SystemRandom};
use doorward_store::{Row, StoreError, Tx, Value};
use jiff::Timestamp;
use uuid::Uuid;

use crate::redact::redacted_json;
use crate::{Actor, Event, EventFilter, Outcome, RecordedEvent, Subject, redacted};

/// Entries of a page at most.
const LONGEST_PAGE: u32 = 1000;
const COLUMNS: &str = "id, action, actor, actor_id, via, subject_kind, subject_name, subject_id, refused, reason, \
    address, trace, data";

/// Records an event in the unit of work that does the thing; its id is returned.
///
/// # Errors
/// What the store says.
pub fn record(tx: &mut Tx<'_>, event: &Event) -> Result<Uuid, StoreError> {
    let id = next_id(tx.now());
    let data = (!event.data.is_null()).then(|| redacted_json(&event.data).to_string());
    let trace = event.trace.map(|trace| trace.to_string());
    let subject = event.subject.as_ref();
    let reason = event.reason.as_deref().map(redacted);
    tx.execute(
        "INSERT INTO events (id, action, actor, actor_id, via, subject_kind, subject_name, subject_id, refused, \
            reason, address, trace, data)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        &[
            id.into(),
            event.action.as_ref().into(),
            redacted(&event.actor.name).as_ref().into(),
            event.actor.id.into(),
            event.actor.via.as_ref().into(),
            subject.map(|subject| subject.kind.as_ref()).into(),
            subject.map(|subject| redacted(&subject.name)).as_deref().into(),
            subject.and_then(|subject| subject.id).into(),
            (event.outcome == Outcome::Refused).into(),
            reason.as_deref().into(),
            event.address.as_deref().into(),
            trace.as_deref().into(),
            data.as_deref().into(),
        ],
    )?;
    Ok(id)
}

/// A page of events, the latest first, older than `before` when given; at most 1000.
///
/// # Errors
/// What the store says.
pub fn list(
    tx: &mut Tx<'_>,
    filter: &EventFilter,
    before: Option<Uuid>,
    limit: u32,
) -> Result<Vec<RecordedEvent>, StoreError> {
    select(tx, filter, before.map(|id| ("id <", id)), "DESC", limit)
}

/// Events later than `after`, the earliest first; at most 1000. To follow without a gap use [`crate::EventFollower`].
///
/// # Errors
/// What the store says.
pub fn list_after(
    tx: &mut Tx<'_>,
    filter: &EventFilter,
    after: Option<Uuid>,
    limit: u32,
) -> Result<Vec<RecordedEvent>, StoreError> {
    select(tx, filter, after.map(|id| ("id >", id)), "ASC", limit)
}

/// Deletes events from before `before`, at most `limit` of them; how many.
///
/// # Errors
/// What the store says.
pub fn sweep(tx: &mut Tx<'_>, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM events WHERE id IN (SELECT id FROM events WHERE id < $1 ORDER BY id LIMIT $2)",
        &[first_id_at(before).into(), limit.into()],
    )
}

/// The smallest id that an event of this time can have.
pub(crate) fn first_id_at(at: Timestamp) -> Uuid {
    let millis = u64::try_from(at.as_millisecond()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid()
}

/// UUIDv7 with a counter where RFC 9562 §6.2 allows one: events of one unit have one time and keep their order.
fn next_id(now: Timestamp) -> Uuid {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    let count = u128::from(COUNTER.fetch_add(1, Ordering::Relaxed));
    let mut random = [0; 16];
    SystemRandom.fill(&mut random);
    let random = u128::from_be_bytes(random) & ((1 << 42) - 1);
    let millis = u128::try_from(now.as_millisecond()).unwrap_or(0) & ((1 << 48) - 1);
    let (high, low) = (count >> 20, count & 0xf_ffff);
    // Time, version 7, 12 bits of the counter, variant 2, its other 20 bits, randomness.
    Uuid::from_u128(millis << 80 | 7 << 76 | high << 64 | 2 << 62 | low << 42 | random)
}

fn select(
    tx: &mut Tx<'_>,
    filter: &EventFilter,
    bound: Option<(&str, Uuid)>,
    order: &str,
    limit: u32,
) -> Result<Vec<RecordedEvent>, StoreError> {
    let trace = filter.trace.map(|trace| trace.to_string());
    let action = filter.action.as_deref().map(|action| (action, format!("{action}.")));
    let action_length = action
        .as_ref()
        .map(|(_, prefix)| i64::try_from(prefix.chars().count()).unwrap_or(i64::MAX));

    let mut conditions = Conditions::default();
    if let Some((comparison, id)) = bound {
        conditions.add(&format!("{comparison} $?"), [id.into()]);
    }
    if let (Some((action, prefix)), Some(length)) = (&action, action_length) {
        conditions.add(
            "(action = $? OR substr(action, 1, CAST($? AS INTEGER)) = $?)",
            [(*action).into(), length.into(), prefix.into()],
        );
    }
    if let Some(actor) = &filter.actor {
        conditions.add("actor = $?", [actor.into()]);
    }
    if let Some(subject) = &filter.subject {
        conditions.add("subject_name = $?", [subject.into()]);
    }
    if let Some(trace) = &trace {
        conditions.add("trace = $?", [trace.into()]);
    }
    if filter.refused_only {
        conditions.add("refused = 1", []);
    }
    let limit = Value::from(limit.clamp(1, LONGEST_PAGE));
    let sql = match filter.person {
        Some(person) => of_person(&mut conditions, person, order),
        None => format!(
            "SELECT {COLUMNS} FROM events {} ORDER BY id {order} LIMIT ${}",
            conditions.clause(),
            conditions.values.len() + 1
        ),
    };
    tx.all(&sql, &conditions.values_and(limit), from_row)
}

/// What somebody did, and what was done to their account: each by its own index, a page of either, and of both the first page. So
/// it costs as much as the page is long, however many events there are.
fn of_person(conditions: &mut Conditions<'_>, person: Uuid, order: &str) -> String {
    let also = conditions.and();
    let (who, limit) = (conditions.values.len() + 1, conditions.values.len() + 2);
    conditions.values.push(person.into());
    let half =
        |whose: &str| format!("SELECT id FROM events WHERE {whose} = ${who}{also} ORDER BY id {order} LIMIT ${limit}");
    format!(
        "SELECT {COLUMNS} FROM events WHERE id IN (SELECT id FROM ({}) AS theirs UNION SELECT id FROM ({}) AS about) \
         ORDER BY id {order} LIMIT ${limit}",
        half("actor_id"),
        half("subject_kind = 'user' AND subject_id")
    )
}

/// Builds a WHERE clause with numbered parameters; few texts, so that they stay prepared.
#[derive(Default)]
pub(crate) struct Conditions<'a> {
    texts: Vec<String>,
    values: Vec<Value<'a>>,
}

impl<'a> Conditions<'a> {
    /// Adds a condition; each `$?` takes the next of the values.
    pub(crate) fn add<const N: usize>(&mut self, condition: &str, values: [Value<'a>; N]) {
        let mut text = String::new();
        for (index, part) in condition.split("$?").enumerate() {
            if index > 0 {
                text.push('$');
                text.push_str(&(self.values.len() + index).to_string());
            }
            text.push_str(part);
        }
        self.texts.push(text);
        self.values.extend(values);
    }

    /// The clause, and all values with `last` at the end.
    pub(crate) fn finish(self, last: Value<'a>) -> (String, Vec<Value<'a>>) {
        (self.clause(), self.values_and(last))
    }

    fn clause(&self) -> String {
        if self.texts.is_empty() {
            String::new()
        } else {
            format!("WHERE {}", self.texts.join(" AND "))
        }
    }

    /// To follow another condition.
    fn and(&self) -> String {
        let texts = self.texts.iter().map(String::as_str);
        texts.flat_map(|text| [" AND ", text]).collect()
    }

    fn values_and(mut self, last: Value<'a>) -> Vec<Value<'a>> {
        self.values.push(last);
        self.values
    }
}

fn from_row(row: &Row<'_>) -> Result<RecordedEvent, StoreError> {
    let id: Uuid = row.get(0)?;
    let damaged = |what: &str| StoreError::Damaged(format!("{what} of the event {id}"));
    let subject = match (row.get::<Option<String>>(5)?, row.get::<Option<String>>(6)?) {
        (Some(kind), Some(name)) => Some(Subject {
            kind: kind.into(),
            id: row.get(7)?,
            name,
        }),
        _ => None,
    };
    let trace = row.get::<Option<String>>(11)?.map(|text| text.parse()).transpose();
    let data = row
        .get::<Option<String>>(12)?
        .map(|text| serde_json::from_str(&text))
        .transpose();
    Ok(RecordedEvent {
        id,
        at: time_of(id).ok_or_else(|| damaged("the time"))?,
        event: Event {
            action: row.get::<String>(1)?.into(),
            actor: Actor {
                name: row.get(2)?,
                id: row.get(3)?,
                via: row.get::<String>(4)?.into(),
            },
            subject,
            outcome: if row.get(8)? { Outcome::Refused } else { Outcome::Ok },
            reason: row.get(9)?,
            address: row.get(10)?,
            trace: trace.map_err(|_| damaged("the trace"))?,
            data: data.map_err(|_| damaged("the data"))?.unwrap_or_default(),
        },
    })
}

/// The time in a UUIDv7.
fn time_of(id: Uuid) -> Option<Timestamp> {
    let millis = id.as_u128() >> 80;
    Timestamp::from_millisecond(i64::try_from(millis).ok()?).ok()
}
