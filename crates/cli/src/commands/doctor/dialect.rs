//! Whether a provider is good enough for one application: its preset says what it accepts, sends and needs.

use doorward_apps::{Pkce, Preset};
use doorward_login::{Report, Weight};

use super::finding::Finding;

pub(super) fn judge(report: &Report, preset: &Preset, found: &mut Vec<Finding>) {
    let Some(offered) = &report.offered else { return };
    let before = found.len();
    let name = &preset.title;
    let wants = &preset.doctor;
    let accepted: Vec<&str> = wants.id_token_algs.iter().map(|one| one.name()).collect();
    let has = |list: &[String], word: &str| list.iter().any(|one| one == word);
    if !accepted.is_empty()
        && !offered.algorithms.is_empty()
        && !accepted.iter().any(|one| has(&offered.algorithms, one))
    {
        found.push(Finding::bad(
            "app_algorithm",
            Weight::Problem,
            format!("{}, which is what {name} accepts", accepted.join(" or ")),
            offered.algorithms.join(", "),
            format!(
                "have the provider sign this client's ID tokens with {}",
                accepted.join(" or ")
            ),
        ));
    }
    if let Some(method) = &wants.authentication
        && method != "none"
        && !offered.auth_methods.is_empty()
        && !has(&offered.auth_methods, method)
    {
        found.push(Finding::bad(
            "app_authentication",
            Weight::Problem,
            format!("{method}, which is what {name} sends"),
            offered.auth_methods.join(", "),
            format!("allow {method} for this client at the provider"),
        ));
    }
    if preset.pkce.policy == Pkce::IfSent && !offered.pkce_methods.is_empty() {
        found.push(Finding::bad(
            "app_pkce",
            Weight::Advice,
            "PKCE in every request, if the provider demands it",
            format!("{name} may send none"),
            "a provider that demands PKCE of every client refuses it: exempt this client there",
        ));
    }
    clock(report, preset, found);
    let unnamed: Vec<&str> = wants
        .needs
        .iter()
        .map(String::as_str)
        .filter(|claim| !offered.claims.is_empty() && !has(&offered.claims, claim))
        .collect();
    if !unnamed.is_empty() {
        found.push(Finding::bad(
            "app_claims",
            Weight::Advice,
            format!("{}, which {name} refuses a login without", unnamed.join(", ")),
            offered.claims.join(", "),
            "see that the provider sends them to this client",
        ));
    }
    if found.len() == before {
        found.push(Finding::good("app", format!("nothing that {name} would refuse")));
    }
}

/// What is measured here is what the application sees when this runs on its machine.
fn clock(report: &Report, preset: &Preset, found: &mut Vec<Finding>) {
    let (Some(offset), Some(leeway)) = (report.clock_offset_ms, preset.doctor.leeway) else {
        return;
    };
    let exact = report.clock_accuracy_ms.unwrap_or_default();
    // The provider's clock ahead of ours: its tokens are from the future for whoever runs here.
    if offset.saturating_sub(exact) > i64::from(leeway).saturating_mul(1_000) {
        found.push(Finding::bad(
            "app_clock",
            Weight::Problem,
            format!("at most {leeway} s, which is what {} allows for", preset.title),
            format!("this machine is {offset} ms behind the provider"),
            "on the application's machine: chronyc makestep; a token that seems to come from the future is refused",
        ));
    }
}
