//! What comes of a decision for an application, whichever way the person gave it: the grant, and the consent that is remembered.

use doorward_apps::App;
use doorward_audit::{Event, events};
use doorward_oidc::ScopeSet;
use doorward_provider::authorize::GrantPlan;
use doorward_store::{StoreError, Tx, consents, grants::Grant, new_id};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{Door, failure::Failure, session::LoggedIn, visit::Visit};

/// A grant with refresh tokens ends after this many seconds (a year), however often it is refreshed.
const LONGEST_GRANT: i64 = 365 * 86_400;

/// The grant of this plan, from now on. `to_fetch` is for how many seconds its first tokens may be fetched; `trace` is the reference
/// of the login.
pub(crate) fn of_plan(
    door: &Door,
    visit: &Visit,
    (who, app): (&LoggedIn, &App),
    plan: &GrantPlan,
    to_fetch: i64,
    trace: Option<String>,
) -> Result<Grant, Failure> {
    let lasts = if plan.offline || app.expects_refresh {
        LONGEST_GRANT
    } else {
        to_fetch.saturating_add(app.lifetimes.access_token)
    };
    let longest = Timestamp::from_second(visit.seconds().saturating_add(lasts))?;
    let is_there = !plan.claims.is_empty();
    let claims = is_there.then(|| serde_json::to_string(&plan.claims)).transpose()?;
    let is_narrowed = !plan.extent.is_empty();
    let extent = is_narrowed.then(|| serde_json::to_string(&plan.extent)).transpose()?;
    Ok(Grant {
        id: new_id(visit.now, &*door.random),
        user_id: Some(plan.user_id),
        app_id: plan.app_id,
        session_id: Some(plan.session_id),
        scope: plan.scope.to_string(),
        claims,
        extent,
        auth_time: Some(Timestamp::from_second(plan.auth_time)?),
        amr: plan.amr.clone(),
        acr: plan.acr.clone(),
        nonce: plan.nonce.clone(),
        offline: plan.offline,
        trace,
        created: visit.now,
        expires: end_of_grant(longest, plan.offline, who.session.expires),
        revoked_at: None,
    })
}

/// Only what the person granted for their absence outlives the session (OpenID Connect Core §11).
fn end_of_grant(longest: Timestamp, offline: bool, session_expires: Timestamp) -> Timestamp {
    if offline { longest } else { longest.min(session_expires) }
}

/// What a person allows an application from now on, besides what they allowed before.
pub(crate) struct NewConsent {
    user: Uuid,
    app: Uuid,
    scopes: Vec<String>,
    event: Event,
}

impl NewConsent {
    /// To these scopes.
    pub(crate) fn to(scopes: &ScopeSet, visit: &Visit, who: &LoggedIn, app: &App) -> Self {
        let user = &who.facts.user;
        let actor = doorward_audit::Actor::new(user.id, user.name.to_string(), "session");
        Self {
            user: who.session.user_id,
            app: app.id,
            scopes: scopes.iter().map(str::to_owned).collect(),
            event: Event::new("consent.give", actor)
                .about("app", Some(app.id), app.client_id.as_str())
                .from_address(visit.client.address.to_string()),
        }
    }

    /// Remembers it, with its event.
    pub(crate) fn remember(self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let before = consents::find(tx, self.user, self.app)?;
        let mut all = before.map(|consent| consent.scopes).unwrap_or_default();
        all.extend(self.scopes);
        all.sort_unstable();
        all.dedup();
        consents::remember(tx, self.user, self.app, &all)?;
        let event = self.event.with_data(serde_json::json!({ "scopes": all }));
        events::record(tx, &event).map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_outlives_its_session_only_when_it_was_given_for_absence() {
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        assert_eq!(end_of_grant(at(100), false, at(50)), at(50));
        assert_eq!(end_of_grant(at(100), false, at(200)), at(100));
        assert_eq!(end_of_grant(at(100), true, at(50)), at(100));
    }
}
