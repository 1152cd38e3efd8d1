//! The server itself: who administers it, who is logged in, its settings.

use axum::extract::Query;
use doorward_api::{self as api, List};
use doorward_directory::Right;
use http::StatusCode;
use serde::Deserialize;

use super::{
    desk::{Desk, Shown, Turned},
    form::{Signed, given},
    people::PER_PAGE,
};
use crate::pages::console::{self, Admins, Done};

const ADMINS: &str = "/admin/admins";
const SESSIONS: &str = "/admin/sessions";
const SETTINGS: &str = "/admin/settings";

/// GET `/admin/admins`.
pub(super) async fn admins(desk: Desk) -> Shown {
    all_admins(&desk, None).await
}

async fn all_admins(desk: &Desk, problem: Option<(StatusCode, &api::ErrorBody)>) -> Shown {
    let admins: List<api::Admin> = desk.get("/admins", &[]).await?;
    let view = Admins {
        admins: &admins.items,
        may_change: desk.may(Right::Full),
        error: problem.map(|(_, error)| error),
    };
    let status = problem.map_or(StatusCode::OK, |(status, _)| status);
    Ok(desk.show_with(status, |frame| console::admins(&view, frame)))
}

/// What the forms send.
#[derive(Debug, Deserialize)]
pub(super) struct Grant {
    role: api::Role,
    #[serde(default)]
    user: String,
    #[serde(default)]
    group: String,
    #[serde(default)]
    manages: String,
}

impl Grant {
    fn asked(self) -> api::AdminGrant {
        api::AdminGrant {
            role: self.role,
            user: given(&self.user),
            group: given(&self.group),
            manages: given(&self.manages),
        }
    }
}

/// POST `/admin/admins/grant`.
pub(super) async fn grant(Signed(desk, form): Signed<Grant>) -> Shown {
    desk.fresh(ADMINS).await?;
    let granted = desk.post::<api::Admin>("/admins", &[], &form.asked()).await;
    ended_admins(&desk, granted, Done::Added).await
}

/// POST `/admin/admins/revoke`.
pub(super) async fn revoke(Signed(desk, form): Signed<Grant>) -> Shown {
    desk.fresh(ADMINS).await?;
    let revoked = desk.post::<api::Admin>("/admins/revoke", &[], &form.asked()).await;
    ended_admins(&desk, revoked, Done::Removed).await
}

async fn ended_admins(desk: &Desk, result: Result<api::Admin, Turned>, done: Done) -> Shown {
    match result {
        Ok(_) => Ok(Desk::onward(ADMINS, done)),
        Err(Turned::Denied { status, error, .. }) => all_admins(desk, Some((status, &error))).await,
        Err(turned) => Err(turned),
    }
}

/// What the list of sessions is asked for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct AskedSessions {
    #[serde(default)]
    user: String,
    cursor: Option<String>,
}

/// GET `/admin/sessions`.
pub(super) async fn sessions(desk: Desk, Query(asked): Query<AskedSessions>) -> Shown {
    let query = |user: Option<String>| api::SessionQuery {
        user,
        cursor: asked.cursor.clone(),
        limit: Some(PER_PAGE),
    };
    let may_end = desk.may(Right::ChangePeople);
    let user = asked.user.trim();
    let found = desk
        .query::<List<api::Session>>("/sessions", &[], &query(given(user)))
        .await;
    match found {
        Ok(found) => Ok(desk.show(|frame| console::sessions(&found, user, may_end, None, frame))),
        // Nobody has that name: what was typed stays, with the name that was meant.
        Err(Turned::Denied { status, error, .. }) if status == StatusCode::NOT_FOUND => {
            let none = List {
                items: Vec::new(),
                next: None,
            };
            Ok(desk.show_with(status, |frame| {
                console::sessions(&none, user, may_end, Some(&error), frame)
            }))
        }
        Err(turned) => Err(turned),
    }
}

/// What the button sends.
#[derive(Debug, Deserialize)]
pub(super) struct OfSession {
    #[serde(default)]
    session: String,
}

/// POST `/admin/sessions/end`.
pub(super) async fn end_session(Signed(desk, form): Signed<OfSession>) -> Shown {
    desk.delete::<()>("/sessions/{session}", &[&form.session]).await?;
    Ok(Desk::onward(SESSIONS, Done::Ended))
}

/// GET `/admin/settings`.
pub(super) async fn settings(desk: Desk) -> Shown {
    all_settings(&desk, None).await
}

async fn all_settings(desk: &Desk, problem: Option<(StatusCode, &api::ErrorBody)>) -> Shown {
    let status: api::Status = desk.get("/status", &[]).await?;
    let settings: api::Settings = desk.get("/settings", &[]).await?;
    let may_change = desk.may(Right::Full);
    let code = problem.map_or(StatusCode::OK, |(code, _)| code);
    let error = problem.map(|(_, error)| error);
    Ok(desk.show_with(code, |frame| {
        console::settings(&status, &settings, may_change, error, frame)
    }))
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(super) struct Change {
    #[serde(default)]
    event_retention_days: String,
    #[serde(default)]
    trace_retention_days: String,
    #[serde(default)]
    deletion_grace_days: String,
    #[serde(default)]
    own_deletion: String,
    /// Absent where the form has no such field, as the next.
    key_rotation_days: Option<String>,
    attestation_roots: Option<String>,
}

/// POST `/admin/settings`. What is kept for a shorter time is gone after the next sweep.
pub(super) async fn edit_settings(Signed(desk, form): Signed<Change>) -> Shown {
    desk.fresh(SETTINGS).await?;
    // What is no number is none that the API lets through, which says so. A form that has no such field changes nothing of it.
    let days = |text: &str, wrong| given(text).map(|text| text.parse().unwrap_or(wrong));
    let change = api::SettingsChange {
        event_retention_days: days(&form.event_retention_days, 0),
        trace_retention_days: days(&form.trace_retention_days, 0),
        deletion_grace_days: days(&form.deletion_grace_days, u32::MAX),
        own_deletion: given(&form.own_deletion).map(|word| word == "on"),
        key_rotation_days: match form.key_rotation_days.as_deref().map(str::trim) {
            None => api::Edit::Keep,
            Some("") => api::Edit::Clear,
            Some(days) => api::Edit::Set(days.parse().unwrap_or(0)),
        },
        attestation_roots: api::Edit::from_given(form.attestation_roots, |pem| pem.trim().is_empty()),
        ..api::SettingsChange::default()
    };
    save(&desk, &change).await
}

async fn save(desk: &Desk, change: &api::SettingsChange) -> Shown {
    match desk.patch::<api::Settings>("/settings", &[], change).await {
        Ok(_) => Ok(Desk::onward(SETTINGS, Done::Saved)),
        Err(Turned::Denied { status, error, .. }) => all_settings(desk, Some((status, &error))).await,
        Err(turned) => Err(turned),
    }
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(super) struct OwnProfile {
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    language: String,
}

/// POST `/admin/settings/own-profile`: what people may change of themselves.
pub(super) async fn edit_own_profile(Signed(desk, form): Signed<OwnProfile>) -> Shown {
    desk.fresh(SETTINGS).await?;
    let fields = [
        (form.name, api::OwnField::Name),
        (form.email, api::OwnField::Email),
        (form.language, api::OwnField::Language),
    ];
    let own = fields
        .into_iter()
        .filter(|(on, _)| on == "true")
        .map(|(_, field)| field);
    let change = api::SettingsChange {
        own_profile: Some(own.collect()),
        ..api::SettingsChange::default()
    };
    save(&desk, &change).await
}
