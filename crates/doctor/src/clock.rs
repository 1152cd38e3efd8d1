//! The application's clock, by the `Date` headers that it sends.

use doorward_apps::{App, Expectations, Preset, Unchecked};
use doorward_login::{ClockOffset, SystemClock, measure_clock};
use url::Url;

use crate::{Cause, Finding, Ways};

/// Questions; each takes up to a second.
const QUESTIONS: usize = 3;
/// Below this no clock is worth a word.
const QUIET_MS: i64 = 1_000;
/// Nor below this, where the application does not look at the clock for its logins.
const HARMLESS_MS: i64 = 60_000;

/// Asks for the time there.
pub(crate) async fn measure(ways: &Ways, app: &App, url: &Url) -> Option<ClockOffset> {
    let way = ways.to(app, url).http;
    measure_clock(url.as_str(), way, &SystemClock, QUESTIONS).await
}

/// What that means for the application's tokens.
pub(crate) fn judge(measured: Option<ClockOffset>, app: &App, preset: Option<&Preset>) -> Finding {
    let unknown = Expectations::default();
    let wants = preset.map_or(&unknown, |preset| &preset.doctor);
    match measured {
        Some(offset) => weigh(offset, &app.name, app.lifetimes.id_token, wants),
        None => Finding::advice(
            Cause::Clock,
            "a `Date` header in its answers",
            "none that can be used, so its clock is not known",
        )
        .there("on its machine: timedatectl"),
    }
}

/// `lasts` is how many seconds an ID token lasts, `wants` what the application makes of one.
fn weigh(measured: ClockOffset, name: &str, lasts: i64, wants: &Expectations) -> Finding {
    let ClockOffset { offset_ms, accuracy_ms } = measured;
    let leeway = wants.leeway;
    let words = words(offset_ms);
    // Both a token from the future and one that has ended are refused, where that is looked at.
    let looked_at = match offset_ms {
        ..0 => Unchecked::Iat,
        _ => Unchecked::Exp,
    };
    let remedy = format!(
        "on {name}'s machine (or that of the proxy in front of it, whose clock this may be): chronyc makestep, or \
         timedatectl set-ntp true"
    );
    if wants.unchecked.contains(&looked_at) {
        if offset_ms.saturating_abs().saturating_sub(accuracy_ms) <= HARMLESS_MS {
            return Finding::good(Cause::Clock, words);
        }
        let expected = "the same time: its ID tokens do not mind, but certificates and sessions do";
        return Finding::advice(Cause::Clock, expected, words).there(remedy);
    }
    let behind = offset_ms.saturating_neg().saturating_sub(accuracy_ms);
    let allowed = i64::from(leeway.unwrap_or_default()).saturating_mul(1_000);
    if behind > allowed.max(QUIET_MS) {
        let expected = match leeway {
            Some(leeway) => format!("at most {leeway} s behind, which is what {name} allows for"),
            None => "not behind this server's".to_owned(),
        };
        let received = format!("{words}: a token seems to come from the future, and is refused");
        let finding = Finding::problem(Cause::Clock, expected, received).there(remedy);
        return with_leeway(finding, leeway);
    }
    if offset_ms.saturating_sub(accuracy_ms) > lasts.saturating_mul(1_000) {
        let received = format!("{words}: a token has ended when it arrives");
        let expected = format!("at most {lasts} s ahead, which is how long an ID token lasts");
        return Finding::problem(Cause::Clock, expected, received).there(remedy);
    }
    if offset_ms.saturating_abs().saturating_sub(accuracy_ms) > QUIET_MS {
        let expected = match leeway {
            Some(leeway) => format!("the same time; {leeway} s are allowed for if the printed configuration is used"),
            None => "the same time".to_owned(),
        };
        return with_leeway(Finding::advice(Cause::Clock, expected, words).there(remedy), leeway);
    }
    Finding::good(Cause::Clock, words)
}

fn with_leeway(finding: Finding, leeway: Option<u32>) -> Finding {
    match leeway {
        Some(leeway) if leeway > 0 => finding.there(format!(
            "see that its configuration has the leeway that is printed for it, which allows for {leeway} s"
        )),
        _ => finding,
    }
}

/// `its clock is 4.2 s behind`.
pub(crate) fn words(offset_ms: i64) -> String {
    let tenths = offset_ms.saturating_abs().saturating_add(50) / 100;
    match (offset_ms.saturating_abs() < QUIET_MS, offset_ms < 0) {
        (true, _) => format!("its clock is right to {} ms", offset_ms.saturating_abs()),
        (false, true) => format!("its clock is {}.{} s behind", tenths / 10, tenths % 10),
        (false, false) => format!("its clock is {}.{} s ahead", tenths / 10, tenths % 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Weight;

    fn weight(offset_ms: i64, unchecked: &[Unchecked]) -> Weight {
        let measured = ClockOffset {
            offset_ms,
            accuracy_ms: 20,
        };
        let wants = Expectations {
            unchecked: unchecked.to_vec(),
            ..Expectations::default()
        };
        weigh(measured, "Miniflux", 3_600, &wants).weight
    }

    #[test]
    fn a_clock_is_wrong_only_where_the_application_looks_at_it() {
        let (behind, ahead) = (-5_000, 3_605_000);
        assert_eq!(weight(behind, &[]), Weight::Problem);
        assert_eq!(weight(ahead, &[]), Weight::Problem);
        assert_eq!(weight(5_000, &[]), Weight::Advice);
        assert_eq!(weight(300, &[]), Weight::Good);
        // An application in Go reads when a token ends and not when it was made.
        assert_eq!(weight(behind, &[Unchecked::Iat]), Weight::Good);
        assert_eq!(weight(ahead, &[Unchecked::Iat]), Weight::Problem);
        assert_eq!(weight(behind, &[Unchecked::Exp]), Weight::Problem);
        assert_eq!(weight(30_000, &[Unchecked::Exp]), Weight::Good);
        // A clock that is an hour off does harm elsewhere.
        assert_eq!(weight(ahead, &[Unchecked::Iat, Unchecked::Exp]), Weight::Advice);
    }
}
