//! The table of traces: one row per login, one line of JSON in it per request.

use std::borrow::Cow;

use doorward_store::{Row, StoreError, Tx, Value};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::events::Conditions;
use crate::{Reference, Step, StepOutcome, Trace, TraceFilter, TraceOutcome, TraceSummary, redacted};

/// Entries of a page at most.
const LONGEST_PAGE: u32 = 1000;
/// A login that makes more than this many characters of steps is a loop; what comes after is not kept.
pub(crate) const LONGEST_STEPS: usize = 64 * 1024;
const COLUMNS: &str = "id, started, updated, app, person, address, outcome, steps";

/// What one flush adds to one login.
#[derive(Debug, Default)]
pub(crate) struct Addition {
    pub(crate) id: i64,
    pub(crate) started: Timestamp,
    pub(crate) updated: Timestamp,
    pub(crate) app: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) address: Option<String>,
    pub(crate) outcome: TraceOutcome,
    pub(crate) lines: String,
}

/// One request of a login, as it is kept.
#[derive(Serialize, Deserialize)]
struct Line<'a> {
    /// Milliseconds since the epoch.
    t: i64,
    /// The request.
    r: Cow<'a, str>,
    s: Vec<Kept<'a>>,
}

/// Check, outcome, detail, remedy, what was received; traces of earlier versions end with the remedy.
#[derive(Serialize, Deserialize)]
struct Kept<'a>(
    Cow<'a, str>,
    StepOutcome,
    Cow<'a, str>,
    Option<Cow<'a, str>>,
    #[serde(default)] Option<Cow<'a, str>>,
);

/// The line of one request, with its line break.
pub(crate) fn line(at: Timestamp, request: &str, steps: &[Step], out: &mut String) {
    let steps = steps.iter().map(|step| {
        // Nobody could go on with what was left out of it.
        let whole = step
            .received
            .as_deref()
            .filter(|received| redacted(received) == *received);
        Kept(
            Cow::Borrowed(step.check.as_ref()),
            step.outcome,
            redacted(&step.detail),
            step.remedy.as_deref().map(redacted),
            whole.map(Cow::Borrowed),
        )
    });
    let line = Line {
        t: at.as_millisecond(),
        r: Cow::Borrowed(request),
        s: steps.collect(),
    };
    // Text, numbers and names only: nothing that JSON could not hold.
    out.push_str(&serde_json::to_string(&line).unwrap_or_default());
    out.push('\n');
}

/// Adds to a trace, or begins it: one statement.
pub(crate) fn add(tx: &mut Tx<'_>, addition: &Addition) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO traces (id, started, updated, app, person, address, outcome, steps)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (id) DO UPDATE SET
            updated = excluded.updated,
            app = COALESCE(excluded.app, traces.app),
            person = COALESCE(excluded.person, traces.person),
            address = COALESCE(traces.address, excluded.address),
            outcome = CASE excluded.outcome WHEN 0 THEN traces.outcome ELSE excluded.outcome END,
            steps = CASE WHEN length(traces.steps) < $9 THEN traces.steps || excluded.steps ELSE traces.steps END",
        &[
            addition.id.into(),
            addition.started.into(),
            addition.updated.into(),
            addition.app.as_deref().into(),
            addition.user.as_deref().map(redacted).as_deref().into(),
            addition.address.as_deref().into(),
            addition.outcome.number().into(),
            addition.lines.as_str().into(),
            i64::try_from(LONGEST_STEPS).unwrap_or(i64::MAX).into(),
        ],
    )?;
    Ok(())
}

/// The trace of a row.
pub(crate) fn find(tx: &mut Tx<'_>, id: i64) -> Result<Option<Trace>, StoreError> {
    let found = tx.one(
        &format!("SELECT {COLUMNS} FROM traces WHERE id = $1"),
        &[id.into()],
        from_row,
    )?;
    Ok(found.map(|mut trace| {
        // Each node adds its lines when it flushes, which need not be the order in which things happened.
        trace.steps.sort_by_key(|step| step.at);
        trace
    }))
}

/// A page, the latest beginning first, to the millisecond.
pub(crate) fn list(
    tx: &mut Tx<'_>,
    filter: &TraceFilter,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<Trace>, StoreError> {
    let mut conditions = Conditions::default();
    if let Some(before) = before {
        let sql = "SELECT started FROM traces WHERE id = $1";
        // What is gone was the oldest: nothing comes before it.
        let started: Timestamp = tx
            .one(sql, &[before.into()], |row| row.get(0))?
            .unwrap_or(Timestamp::UNIX_EPOCH);
        conditions.add("(started, id) < ($?, $?)", [started.into(), before.into()]);
    }
    by_filter(filter, &mut conditions);
    let (clause, values) = conditions.finish(limit.clamp(1, LONGEST_PAGE).into());
    let last = values.len();
    tx.all(
        &format!("SELECT {COLUMNS} FROM traces {clause} ORDER BY started DESC, id DESC LIMIT ${last}"),
        &values,
        from_row,
    )
}

/// What began at or after `started` and was changed at or after `updated`, in the order of change.
pub(crate) fn changed(
    tx: &mut Tx<'_>,
    filter: &TraceFilter,
    started: Timestamp,
    updated: Timestamp,
    limit: u32,
) -> Result<Vec<Trace>, StoreError> {
    let mut conditions = Conditions::default();
    conditions.add("id >= $?", [Reference::first_row_at(started).into()]);
    conditions.add("updated >= $?", [updated.into()]);
    by_filter(filter, &mut conditions);
    let (clause, values) = conditions.finish(Value::from(limit));
    let last = values.len();
    tx.all(
        &format!("SELECT {COLUMNS} FROM traces {clause} ORDER BY updated, id LIMIT ${last}"),
        &values,
        from_row,
    )
}

/// How many there are.
pub(crate) fn count(tx: &mut Tx<'_>) -> Result<u64, StoreError> {
    let counted = tx.one("SELECT COUNT(*) FROM traces", &[], |row| row.get::<i64>(0))?;
    Ok(u64::try_from(counted.unwrap_or_default()).unwrap_or_default())
}

/// Deletes traces that began before `before`, at most `limit`; how many.
pub(crate) fn sweep(tx: &mut Tx<'_>, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM traces WHERE id IN (SELECT id FROM traces WHERE id < $1 ORDER BY id LIMIT $2)",
        &[Reference::first_row_at(before).into(), limit.into()],
    )
}

fn by_filter<'a>(filter: &'a TraceFilter, conditions: &mut Conditions<'a>) {
    if let Some(app) = &filter.app {
        conditions.add("app = $?", [app.into()]);
    }
    if let Some(user) = &filter.user {
        conditions.add("person = $?", [user.into()]);
    }
    if filter.refused_only {
        conditions.add("outcome = $?", [TraceOutcome::Refused.number().into()]);
    }
}

fn from_row(row: &Row<'_>) -> Result<Trace, StoreError> {
    let reference = Reference::of_row(row.get(0)?);
    let damaged = |what: &str| StoreError::Damaged(format!("{what} of the trace {reference}"));
    let steps = steps(&row.get::<String>(7)?).ok_or_else(|| damaged("the steps"))?;
    Ok(Trace {
        summary: TraceSummary {
            reference,
            started: row.get(1)?,
            updated: row.get(2)?,
            app: row.get(3)?,
            user: row.get(4)?,
            address: row.get(5)?,
            outcome: TraceOutcome::from_number(row.get(6)?).ok_or_else(|| damaged("the outcome"))?,
            last: last(&steps).cloned(),
        },
        steps,
    })
}

fn steps(lines: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    for line in lines.lines() {
        let line: Line<'_> = serde_json::from_str(line).ok()?;
        let at = Timestamp::from_millisecond(line.t).ok()?;
        steps.extend(
            line.s
                .into_iter()
                .map(|Kept(check, outcome, detail, remedy, received)| Step {
                    at,
                    request: line.r.clone().into_owned().into(),
                    check: check.into_owned().into(),
                    outcome,
                    detail: detail.into_owned().into(),
                    remedy: remedy.map(Cow::into_owned),
                    received: received.map(Cow::into_owned),
                }),
        );
    }
    Some(steps)
}

/// What one wants to see of a login in a list: why it was refused, or else how far it came.
fn last(steps: &[Step]) -> Option<&Step> {
    let refusal = steps.iter().rev().find(|step| step.outcome == StepOutcome::Refused);
    refusal.or(steps.last())
}
