//! The consent page: may this application know this of you (OpenID Connect Core §3.1.2.4).

use std::sync::Arc;

use axum::{
    Form,
    extract::{Query, State},
};
use doorward_apps::RegistrationUse;
use doorward_audit::TraceOutcome;
use doorward_oidc::{AuthorizationDetail, Refusal, Scope, ScopeSet};
use doorward_provider::authorize::{Accepted, CONSENT_DENIED, Decision, Progress, Situation, decide};
use doorward_store::StoreError;
use http::StatusCode;
use serde::Deserialize;

use super::{
    Errand, OpenAttempt,
    flow::{app_ref, consented, origin_of, proceed, reply},
    grant::NewConsent,
    strength,
};
use crate::{
    Door, answer,
    answer::see_other,
    failure::Answer,
    pages::{self, Consent, DetailItem, ScopeItem, field},
    session::{self, LoggedIn},
    visit::Visit,
};

/// What the page's address carries.
#[derive(Debug, Deserialize)]
pub(crate) struct ConsentQuery {
    #[serde(default)]
    attempt: String,
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(crate) struct ConsentForm {
    #[serde(default)]
    attempt: String,
    #[serde(default)]
    decision: String,
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    shown: String,
}

/// GET `/consent`.
pub(crate) async fn ask(State(door): State<Arc<Door>>, visit: Visit, Query(query): Query<ConsentQuery>) -> Answer {
    let Some(attempt) = OpenAttempt::find(&door, &visit, &query.attempt).await? else {
        return Ok(see_other("/login"));
    };
    let logged_in = session::of_browser(&door, &visit).await?;
    let Some((who, scopes)) = open_question(&door, &visit, &attempt, logged_in).await? else {
        return again(&door, &visit, attempt).await;
    };
    let Errand::App { request, .. } = &attempt.errand else {
        return Ok(see_other("/"));
    };
    let details = details(request);
    let snapshot = door.snapshots.current().await?;
    let Some(app) = snapshot.find(&request.client_id) else {
        return Ok(see_other("/"));
    };
    let values: Vec<Vec<&str>> = scopes.iter().map(|scope| shown(scope, &who)).collect();
    let items: Vec<ScopeItem<'_>> = scopes
        .iter()
        .zip(&values)
        .map(|(scope, values)| ScopeItem { name: scope, values })
        .collect();
    let value = attempt.value();
    let (csrf, digest) = (
        session::form_token(&door, &who.session),
        question(request, &who, &scopes),
    );
    let origin = origin_of(&request.reply_to.redirect_uri);
    let view = Consent {
        app: app_ref(app),
        unvouched: app.grants.registered.then_some(origin.as_str()),
        scopes: &items,
        details: &details,
        action: "/consent",
        attempt: &value,
        csrf: &csrf,
        shown: &digest,
    };
    let html = pages::consent(&view, &visit.chrome(&door, Some(who.viewer())));
    Ok(answer::page(
        StatusCode::OK,
        html,
        &[&origin_of(&request.reply_to.redirect_uri)],
    ))
}

/// What the application will read by a scope, so that the person sees it and not only its name.
fn shown<'w>(scope: &str, who: &'w LoggedIn) -> Vec<&'w str> {
    let user = &who.facts.user;
    match scope {
        Scope::PROFILE => vec![user.display_name.as_str(), user.name.as_str()],
        Scope::EMAIL => user.email.as_deref().into_iter().collect(),
        Scope::GROUPS => who.facts.groups.iter().map(String::as_str).collect(),
        _ => Vec::new(),
    }
}

/// What the application wants to do, each member of it as text.
fn details(request: &Accepted) -> Vec<DetailItem> {
    let of = |detail: &AuthorizationDetail| DetailItem {
        kind: legible(detail.kind()),
        members: detail
            .members()
            .map(|(name, value)| {
                // A text that could be taken for an object is shown as the text that it is.
                let text = value.as_str().filter(|text| !text.starts_with(['{', '[', '"']));
                let text = text.map_or_else(|| value.to_string(), str::to_owned);
                (legible(name), legible(&text))
            })
            .collect(),
    };
    request.extent.details.iter().map(of).collect()
}

/// Nothing that cannot be seen: an application's text does not turn round or hide what is approved.
fn legible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_invisible(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// Control and format characters, separators of lines, and fillers that look like nothing.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// What exactly the page asks: who is told what of whom, and may do what. An answer counts for the question that was shown.
fn question(request: &Accepted, who: &LoggedIn, scopes: &ScopeSet) -> String {
    let told: Vec<_> = scopes.iter().map(|scope| (scope, shown(scope, who))).collect();
    let details = &request.extent.details;
    let asked = serde_json::json!([request.client_id, who.session.user_id, told, details]).to_string();
    data_encoding::BASE64URL_NOPAD.encode(&doorward_jose::sha256(asked.as_bytes()))
}

/// The scopes in question, as the rules see it now; `None` when there is no such question (any more).
async fn open_question(
    door: &Door,
    visit: &Visit,
    attempt: &OpenAttempt,
    logged_in: Option<LoggedIn>,
) -> Result<Option<(LoggedIn, ScopeSet)>, crate::failure::Failure> {
    let (Errand::App { request, progress }, Some(who)) = (&attempt.errand, logged_in) else {
        return Ok(None);
    };
    let snapshot = door.snapshots.current().await?;
    let Some(app) = snapshot.find(&request.client_id) else {
        return Ok(None);
    };
    let known = consented(door, &who, app).await?;
    let session = who.session_facts();
    let strength = strength::of(door, visit, Some(&who), app, request).await?;
    let open_terms = session::open_terms(door, &who).await?;
    let situation = Situation {
        server: &door.server,
        app,
        session: Some(&session),
        facts: Some(&who.facts),
        open_terms,
        consented: known.as_ref(),
        progress,
        strength,
        now: visit.seconds(),
    };
    match decide(request, situation, &mut doorward_provider::Steps::off()) {
        Decision::Consent { scopes, .. } => Ok(Some((who, scopes))),
        _ => Ok(None),
    }
}

/// Lets the rules decide anew: something changed while the page was open.
async fn again(door: &Door, visit: &Visit, attempt: OpenAttempt) -> Answer {
    let logged_in = session::of_browser(door, visit).await?;
    let trail = attempt.trail("consent");
    proceed(door, visit, attempt, logged_in, trail).await
}

/// POST `/consent`.
pub(crate) async fn answer(State(door): State<Arc<Door>>, visit: Visit, Form(form): Form<ConsentForm>) -> Answer {
    let found = if visit.is_same_origin(&door) {
        OpenAttempt::find(&door, &visit, &form.attempt).await?
    } else {
        None
    };
    let Some(mut attempt) = found else {
        return Ok(see_other("/login"));
    };
    let logged_in = session::of_browser(&door, &visit).await?;
    let Some((who, scopes)) = open_question(&door, &visit, &attempt, logged_in).await? else {
        return again(&door, &visit, attempt).await;
    };
    let Errand::App { request, progress } = &mut attempt.errand else {
        return Ok(see_other("/"));
    };
    // Another person has logged in in this browser since, or another set of data is asked for: the page again.
    let is_of_this = session::form_is_ours(&door, &visit, &who.session, &form.csrf);
    if !is_of_this || form.shown != question(request, &who, &scopes) {
        return again(&door, &visit, attempt).await;
    }
    if form.decision != field::ALLOW {
        let request = request.clone();
        return deny(&door, &visit, &attempt, &request, &who).await;
    }
    remember(&door, &visit, request, &who, &scopes).await?;
    *progress = Progress {
        consented: Some(who.session.user_id),
        ..progress.clone()
    };
    let mut trail = attempt.trail("consent");
    trail.steps.ok("consent.given", "the person allowed it");
    proceed(&door, &visit, attempt, Some(who), trail).await
}

async fn remember(
    door: &Door,
    visit: &Visit,
    request: &Accepted,
    who: &LoggedIn,
    scopes: &ScopeSet,
) -> Result<(), crate::failure::Failure> {
    let snapshot = door.snapshots.current().await?;
    let Some(app) = snapshot.find(&request.client_id) else {
        return Ok(());
    };
    let (used, consent) = (RegistrationUse::of(app), NewConsent::to(scopes, visit, who, app));
    door.store
        .write::<_, StoreError>(visit.now, move |tx| {
            used.note(tx)?;
            consent.remember(tx)
        })
        .await?;
    Ok(())
}

async fn deny(door: &Door, visit: &Visit, attempt: &OpenAttempt, request: &Accepted, who: &LoggedIn) -> Answer {
    let snapshot = door.snapshots.current().await?;
    let Some(app) = snapshot.find(&request.client_id) else {
        return Ok(see_other("/"));
    };
    let refusal = Refusal::redirect(&CONSENT_DENIED, "the person said no on the consent page");
    let mut trail = attempt.trail("consent");
    trail.app(&app.client_id);
    trail.user(&who.facts.user.name);
    trail.refused("consent.given", &refusal);
    super::flow::record_refusal(door, visit, app, Some(who), &refusal, &trail).await?;
    trail.close(door, visit, TraceOutcome::Refused);
    reply(door, visit, app, request.reply_to.error(&refusal)).await
}

#[cfg(test)]
mod tests {
    use super::legible;

    #[test]
    fn what_cannot_be_seen_is_written_out() {
        assert_eq!(legible("Harbour Office, 1 €"), "Harbour Office, 1 €");
        assert_eq!(legible("A\u{202e}1 :tnuoma"), "A\\u{202e}1 :tnuoma");
        for hidden in [
            '\u{0}',
            '\n',
            '\u{ad}',
            '\u{200b}',
            '\u{2066}',
            '\u{2069}',
            '\u{feff}',
            '\u{e0041}',
        ] {
            assert!(legible(&format!("a{hidden}b")).contains("\\u{"), "{hidden:?}");
        }
    }
}
