//! The application's clock, by the `Date` headers that it sends.

use doorward_apps::{App, Preset};
use doorward_login::{ClockOffset, SystemClock, measure_clock};
use url::Url;

use crate::{Cause, Finding, Ways};

/// Questions; each takes up to a second.
const QUESTIONS: usize = 3;
/// Below this no clock is worth a word.
const QUIET_MS: i64 = 1_000;

/// Asks for the time there.
pub(crate) async fn measure(ways: &Ways, app: &App, url: &Url) -> Option<ClockOffset> {
    let way = ways.to(app, url).http;
    measure_clock(url.as_str(), way, &SystemClock, QUESTIONS).await
}

/// What that means for the application's tokens.
pub(crate) fn judge(measured: Option<ClockOffset>, app: &App, preset: Option<&Preset>) -> Finding {
    let Some(ClockOffset { offset_ms, accuracy_ms }) = measured else {
        return Finding::advice(
            Cause::Clock,
            "a `Date` header in its answers",
            "none that can be used, so its clock is not known",
        )
        .there("on its machine: timedatectl");
    };
    let name = &app.name;
    let leeway = preset.and_then(|preset| preset.doctor.leeway);
    let words = words(offset_ms);
    // Both a token from the future and one that has ended are refused.
    let behind = offset_ms.saturating_neg().saturating_sub(accuracy_ms);
    let allowed = i64::from(leeway.unwrap_or_default()).saturating_mul(1_000);
    let lives = app.lifetimes.id_token.saturating_mul(1_000);
    let remedy = format!(
        "on {name}'s machine (or that of the proxy in front of it, whose clock this may be): chronyc makestep, or \
         timedatectl set-ntp true"
    );
    if behind > allowed.max(QUIET_MS) {
        let expected = match leeway {
            Some(leeway) => format!("at most {leeway} s behind, which is what {name} allows for"),
            None => "not behind this server's".to_owned(),
        };
        let received = format!("{words}: a token seems to come from the future, and is refused");
        let finding = Finding::problem(Cause::Clock, expected, received).there(remedy);
        return with_leeway(finding, preset);
    }
    if offset_ms.saturating_sub(accuracy_ms) > lives {
        let received = format!("{words}: a token has ended when it arrives");
        let expected = format!(
            "at most {} s ahead, which is how long an ID token lasts",
            app.lifetimes.id_token
        );
        return Finding::problem(Cause::Clock, expected, received).there(remedy);
    }
    if offset_ms.saturating_abs().saturating_sub(accuracy_ms) > QUIET_MS {
        let expected = match leeway {
            Some(leeway) => format!("the same time; {leeway} s are allowed for if the printed configuration is used"),
            None => "the same time".to_owned(),
        };
        return with_leeway(Finding::advice(Cause::Clock, expected, words).there(remedy), preset);
    }
    Finding::good(Cause::Clock, words)
}

fn with_leeway(finding: Finding, preset: Option<&Preset>) -> Finding {
    match preset.and_then(|preset| preset.doctor.leeway) {
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
