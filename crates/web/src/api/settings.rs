//! Settings of the whole server that are state, not configuration.

use axum::Json;
use axum::extract::State;
use doorward_api as api;
use doorward_audit::{Event, Retention, events};
use doorward_directory::{
    MAX_DELETION_GRACE_DAYS, OwnField, Right, attestation_roots, deletion_grace_days, may_delete_own, own_fields,
    set_attestation_roots, set_deletion_grace_days, set_may_delete_own, set_own_fields,
};
use doorward_passkeys::TrustAnchors;
use doorward_store::{Store, StoreError, Tx, settings};
use jiff::SignedDuration;

use super::{
    caller::Caller,
    error::{ApiError, ApiResult},
    input::Body,
    state::ApiState,
};
use crate::keys;

/// How many days events are kept unless set otherwise.
pub const DEFAULT_EVENT_DAYS: u32 = 730;
/// How many days traces are kept unless set otherwise.
pub const DEFAULT_TRACE_DAYS: u32 = 30;

const EVENT_DAYS: &str = "event_retention_days";
const TRACE_DAYS: &str = "trace_retention_days";

/// How long events and traces are kept: what the sweeper asks.
///
/// # Errors
/// What the store says.
pub async fn retention(store: &Store) -> Result<Retention, StoreError> {
    let settings = store.read(read).await?;
    let days = |days: u32| SignedDuration::from_hours(i64::from(days).saturating_mul(24));
    Ok(Retention {
        events: days(settings.event_retention_days),
        traces: days(settings.trace_retention_days),
    })
}

/// Show the settings.
#[utoipa::path(get, path = "/api/v1/settings", tag = "server",
    responses((status = 200, body = api::Settings, description = "The settings in force.")))]
pub(super) async fn show_settings(State(state): State<ApiState>, caller: Caller) -> ApiResult<Json<api::Settings>> {
    caller.require(Right::ReadSettings)?;
    let settings: Result<api::Settings, StoreError> = state.store.read(read).await;
    Ok(Json(settings?))
}

/// Change settings.
#[utoipa::path(patch, path = "/api/v1/settings", tag = "server", request_body = api::SettingsChange,
    responses((status = 200, body = api::Settings, description = "The settings in force.")))]
pub(super) async fn edit_settings(
    State(state): State<ApiState>,
    caller: Caller,
    Body(change): Body<api::SettingsChange>,
) -> ApiResult<Json<api::Settings>> {
    caller.require(Right::Full)?;
    let event_days = within("event_retention_days", change.event_retention_days, 36_500)?;
    let trace_days = within("trace_retention_days", change.trace_retention_days, 3_650)?;
    let own: Option<Vec<OwnField>> = change
        .own_profile
        .as_ref()
        .map(|fields| fields.iter().copied().map(read_field).collect());
    let grace = match change.deletion_grace_days {
        Some(days) if days > MAX_DELETION_GRACE_DAYS => {
            return Err(ApiError::invalid(format!(
                "deletion_grace_days: expected 0 to {MAX_DELETION_GRACE_DAYS} days, received {days}"
            )));
        }
        days => days,
    };
    let own_deletion = change.own_deletion;
    let turning = match change.key_rotation_days {
        api::Edit::Set(days) if !(keys::LEAST_DAYS..=keys::MOST_DAYS).contains(&days) => {
            return Err(ApiError::invalid(format!(
                "key_rotation_days: expected {} to {} days, received {days}",
                keys::LEAST_DAYS,
                keys::MOST_DAYS
            )));
        }
        turning => turning,
    };
    let mut chosen = 0;
    let roots = match &change.attestation_roots {
        api::Edit::Keep => None,
        api::Edit::Clear => Some(None),
        api::Edit::Set(pem) => {
            let refused = |error| ApiError::invalid(format!("attestation_roots: {error}"));
            chosen = TrustAnchors::parse(pem).map_err(refused)?.count();
            Some(Some(pem.clone()))
        }
    };
    let mut data = serde_json::to_value(&change).unwrap_or_default();
    if let (Some(_), Some(members)) = (&roots, data.as_object_mut()) {
        // How many; which they are stands in the settings.
        members.insert("attestation_roots".to_owned(), chosen.into());
    }
    let event = Event::new("settings.edit", caller.author()).with_data(data);
    let changed: Result<api::Settings, StoreError> = state
        .store
        .write(state.now(), move |tx| {
            for (name, days) in [(EVENT_DAYS, event_days), (TRACE_DAYS, trace_days)] {
                if let Some(days) = days {
                    settings::set(tx, name, &days.to_string())?;
                }
            }
            if let Some(fields) = &own {
                set_own_fields(tx, fields)?;
            }
            if let Some(days) = grace {
                set_deletion_grace_days(tx, days)?;
            }
            if let Some(may) = own_deletion {
                set_may_delete_own(tx, may)?;
            }
            match turning {
                api::Edit::Keep => {}
                api::Edit::Clear => keys::set_rotation_days(tx, None)?,
                api::Edit::Set(days) => keys::set_rotation_days(tx, Some(days))?,
            }
            if let Some(roots) = &roots {
                set_attestation_roots(tx, roots.as_deref())?;
            }
            events::record(tx, &event)?;
            read(tx)
        })
        .await;
    Ok(Json(changed?))
}

fn within(name: &str, days: Option<u32>, most: u32) -> ApiResult<Option<u32>> {
    match days {
        Some(days) if !(1..=most).contains(&days) => Err(ApiError::invalid(format!(
            "{name}: expected 1 to {most} days, received {days}"
        ))),
        days => Ok(days),
    }
}

fn read(tx: &mut Tx<'_>) -> Result<api::Settings, StoreError> {
    let mut days = |name, usual| -> Result<u32, StoreError> {
        match settings::get(tx, name)? {
            Some(text) => text
                .parse()
                .map_err(|_| StoreError::Damaged(format!("the setting {name}: {text:?} is no number of days"))),
            None => Ok(usual),
        }
    };
    Ok(api::Settings {
        event_retention_days: days(EVENT_DAYS, DEFAULT_EVENT_DAYS)?,
        trace_retention_days: days(TRACE_DAYS, DEFAULT_TRACE_DAYS)?,
        attestation_roots: attestation_roots(tx)?,
        own_profile: own_fields(tx)?.into_iter().map(shown_field).collect(),
        deletion_grace_days: deletion_grace_days(tx)?,
        own_deletion: may_delete_own(tx)?,
        key_rotation_days: keys::rotation_days(tx)?,
    })
}

fn read_field(field: api::OwnField) -> OwnField {
    match field {
        api::OwnField::Name => OwnField::Name,
        api::OwnField::Email => OwnField::Email,
        api::OwnField::Language => OwnField::Language,
    }
}

fn shown_field(field: OwnField) -> api::OwnField {
    match field {
        OwnField::Name => api::OwnField::Name,
        OwnField::Email => api::OwnField::Email,
        OwnField::Language => api::OwnField::Language,
    }
}
