//! What the rules of logins say of somebody who is to answer such a request.

use axum::response::Response;
use doorward_apps::{App, Consent};
use doorward_audit::TraceOutcome;
use doorward_directory::Level;
use doorward_oidc::ScopeSet;
use doorward_provider::{
    authorize::{Decision, GrantPlan, Progress, Situation, decide, wished},
    decoupled::as_login,
};

use super::Asked;
use crate::{
    Door,
    account::{log_in_first, step_up},
    failure::Failure,
    login::{flow, refused_page, strength},
    session::LoggedIn,
    trail::Trail,
    visit::Visit,
};

/// What comes next.
pub(super) enum Judged {
    /// The person may say yes to this.
    MayAllow(Box<GrantPlan>),
    /// The browser has to go somewhere else first, or it ends here.
    Instead(Response),
}

/// Asks the rules; `back` is where to come back to after another login.
pub(super) async fn judge(
    door: &Door,
    visit: &Visit,
    who: &LoggedIn,
    app: &App,
    asked: &Asked,
    back: &str,
) -> Result<Judged, Failure> {
    let scope = ScopeSet::parse(&asked.scope).map_err(|refusal| refusal.to_string())?;
    let request = as_login(app, scope, asked.acr_values.clone());
    let session = who.session_facts();
    let strength = strength::of(door, visit, Some(who), app, &request).await?;
    // The page that this leads to is the question, whatever the application's setting.
    let progress = Progress {
        consented: Some(who.session.user_id),
        ..Progress::default()
    };
    let situation = Situation {
        server: &door.server,
        app,
        session: Some(&session),
        facts: Some(&who.facts),
        open_terms: crate::session::open_terms(door, who).await?,
        consented: None,
        progress: &progress,
        strength,
        now: visit.seconds(),
    };
    let mut trail = trail(asked, door, visit);
    trail.app(&app.client_id);
    trail.user(&who.facts.user.name);
    Ok(match decide(&request, situation, &mut trail.steps) {
        Decision::Issue(plan) => Judged::MayAllow(plan),
        Decision::Login { .. } => {
            let wish = wished(&request);
            let needs = strength
                .demand
                .now
                .max(wish.essential)
                .max(wish.voluntary.min(strength.within_reach));
            let stronger = (Level::of_amr(&who.session.amr) < needs)
                .then(|| step_up(door, visit, who, needs, back))
                .flatten();
            Judged::Instead(stronger.unwrap_or_else(|| log_in_first(door, visit, back)))
        }
        Decision::Terms(_) | Decision::SelectAccount | Decision::Consent { .. } => {
            Judged::Instead(log_in_first(door, visit, back))
        }
        Decision::Refuse(refusal) => {
            trail.count(&refusal);
            flow::record_refusal(door, visit, app, Some(who), &refusal, &trail).await?;
            let reference = trail.reference;
            trail.close(door, visit, TraceOutcome::Refused);
            Judged::Instead(refused_page(
                door,
                visit,
                &refusal,
                Some(app),
                reference,
                Some(who),
                None,
            ))
        }
    })
}

/// The request's own trace.
pub(super) fn trail(asked: &Asked, door: &Door, visit: &Visit) -> Trail {
    match asked.trace.parse() {
        Ok(reference) => Trail::resume(reference, "decoupled"),
        Err(_) => Trail::begin(door, visit, "decoupled"),
    }
}

/// Whether what the person says is remembered as their consent.
pub(super) fn is_consent(app: &App) -> bool {
    app.consent == Consent::Ask
}
