//! How far the provider's clock is from ours. Its `Date` header has whole seconds only, but the moment at which a second
//! begins there is exact: each answer narrows the offset down, and each question is timed to come when the next second is
//! expected to begin, which halves what is left.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::report::{Report, Weight};
use super::{MAX_BYTES, ProbeOptions};
use crate::clock::Clock;
use crate::network::{Http, HttpAnswer, HttpRequest};

/// Questions; each takes up to a second of waiting.
const ROUNDS: usize = 6;
/// Below this no clock is worth a word: answers and `Date` headers are not more exact.
const QUIET_MS: i64 = 1_000;

/// How far another machine's clock is from this one's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockOffset {
    /// Its clock minus ours, in milliseconds: below zero it is behind.
    pub offset_ms: i64,
    /// How exact that is, in milliseconds.
    pub accuracy_ms: i64,
}

/// Measures the clock of whoever answers at `url` by its `Date` headers, with so many questions; each takes up to a second.
/// `None` where there is no such header, or where several machines answer. In front of an application it is the proxy's.
pub async fn measure_clock(url: &str, http: &dyn Http, clock: &dyn Clock, questions: usize) -> Option<ClockOffset> {
    let between = measure(url, http, clock, questions).await?;
    let offset_ms = i64::midpoint(between.low, between.high);
    Some(ClockOffset {
        offset_ms,
        accuracy_ms: between.high.saturating_sub(offset_ms),
    })
}

/// The other clock minus ours is within these, in milliseconds.
struct Between {
    low: i64,
    high: i64,
}

pub(super) async fn check(report: &mut Report, url: &str, http: &dyn Http, options: &ProbeOptions) {
    let Some(measured) = measure_clock(url, http, options.clock.as_ref(), ROUNDS).await else {
        let remedy = Some("compare the clocks by hand".to_owned());
        report.add(
            "clock_unknown",
            Weight::Advice,
            "a `Date` header",
            "none that can be used",
            remedy,
        );
        return;
    };
    let offset = measured.offset_ms;
    report.clock_offset_ms = Some(offset);
    report.clock_accuracy_ms = Some(measured.accuracy_ms);
    let leeway = i64::try_from(options.leeway.as_millis()).unwrap_or(i64::MAX);
    let received = match offset {
        0.. => format!("the provider's clock is {offset} ms ahead"),
        _ => format!("the provider's clock is {} ms behind", offset.saturating_neg()),
    };
    let (code, weight, remedy) = match offset.saturating_abs() {
        far if far > leeway => (
            "clock_skew",
            Weight::Problem,
            Some("let both machines set their clocks by NTP (`timedatectl` shows whether this one does)".to_owned()),
        ),
        far if far > QUIET_MS => (
            "clock_offset",
            Weight::Advice,
            Some("let both machines set their clocks by NTP: other applications tolerate less".to_owned()),
        ),
        _ => ("clock_offset", Weight::Good, None),
    };
    report.add(code, weight, format!("at most {leeway} ms"), received, remedy);
}

async fn measure(url: &str, http: &dyn Http, clock: &dyn Clock, questions: usize) -> Option<Between> {
    let mut between: Option<Between> = None;
    for _ in 0..questions {
        if let Some(between) = &between {
            wait_for_second(between, clock).await;
        }
        let request = HttpRequest {
            url: url.to_owned(),
            max_bytes: MAX_BYTES,
            redirects: true,
            ..HttpRequest::default()
        };
        let sent = clock.now_ms();
        let answer = http.send(request).await;
        let received = clock.now_ms();
        let date = answer.ok().as_ref().and_then(date_ms)?;
        let low = date.saturating_sub(received);
        let high = date.saturating_add(1_000).saturating_sub(sent);
        let narrowed = match between {
            None => Between { low, high },
            Some(before) => Between {
                low: before.low.max(low),
                high: before.high.min(high),
            },
        };
        // Several machines behind one name, or a cache: there is no one clock.
        if narrowed.low > narrowed.high {
            return None;
        }
        between = Some(narrowed);
    }
    between
}

async fn wait_for_second(between: &Between, clock: &dyn Clock) {
    let there = clock.now_ms().saturating_add(i64::midpoint(between.low, between.high));
    let left = 1_000 - there.rem_euclid(1_000);
    tokio::time::sleep(Duration::from_millis(u64::try_from(left).unwrap_or_default())).await;
}

/// When the answer was made; a cache says how many seconds ago that was.
fn date_ms(answer: &HttpAnswer) -> Option<i64> {
    let date: SystemTime = httpdate::parse_http_date(answer.header("date")?).ok()?;
    let age: u64 = answer
        .header("age")
        .and_then(|age| age.parse().ok())
        .unwrap_or_default();
    let since = date.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis())
        .ok()?
        .checked_add(i64::try_from(age).ok()?.checked_mul(1_000)?)
}
