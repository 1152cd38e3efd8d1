//! Settings of the whole server that are state, not configuration.

use axum::Json;
use axum::extract::State;
use doorward_api as api;
use doorward_audit::{Event, Retention, events};
use doorward_directory::{
    Actor, DEFAULT_DELETION_GRACE_DAYS, MAX_DELETION_GRACE_DAYS, OwnField, Right, attestation_roots,
    deletion_grace_days, may_delete_own, own_fields, set_attestation_roots, set_deletion_grace_days,
    set_may_delete_own, set_own_fields,
};
use doorward_oidc::Refusal;
use doorward_passkeys::TrustAnchors;
use doorward_state::{Form, Schema, ServerSettings};
use doorward_store::{Store, StoreError, Tx, settings};
use doorward_unit::UnitError;
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
    let checked = Checked::read(change).map_err(ApiError::invalid)?;
    let author = caller.author();
    let changed: Result<api::Settings, StoreError> = state
        .store
        .write(state.now(), move |tx| {
            checked.carry_out(tx, author)?;
            read(tx)
        })
        .await;
    Ok(Json(changed?))
}

/// A change of settings whose values fit.
struct Checked {
    change: api::SettingsChange,
    /// Certificates among the chosen roots.
    chosen: usize,
}

impl Checked {
    /// What does not fit is said in words.
    fn read(change: api::SettingsChange) -> Result<Self, String> {
        within("event_retention_days", change.event_retention_days, 36_500)?;
        within("trace_retention_days", change.trace_retention_days, 3_650)?;
        if let Some(days) = change
            .deletion_grace_days
            .filter(|days| *days > MAX_DELETION_GRACE_DAYS)
        {
            return Err(format!(
                "deletion_grace_days: expected 0 to {MAX_DELETION_GRACE_DAYS} days, received {days}"
            ));
        }
        if let api::Edit::Set(days) = change.key_rotation_days
            && !(keys::LEAST_DAYS..=keys::MOST_DAYS).contains(&days)
        {
            return Err(format!(
                "key_rotation_days: expected {} to {} days, received {days}",
                keys::LEAST_DAYS,
                keys::MOST_DAYS
            ));
        }
        let chosen = match &change.attestation_roots {
            api::Edit::Set(pem) => TrustAnchors::parse(pem)
                .map_err(|error| format!("attestation_roots: {error}"))?
                .count(),
            api::Edit::Keep | api::Edit::Clear => 0,
        };
        Ok(Self { change, chosen })
    }

    /// In a unit of work whose actor has the right.
    fn carry_out(&self, tx: &mut Tx<'_>, author: doorward_audit::Actor) -> Result<(), StoreError> {
        let api::SettingsChange {
            event_retention_days,
            trace_retention_days,
            own_profile,
            deletion_grace_days,
            own_deletion,
            key_rotation_days,
            attestation_roots,
        } = &self.change;
        for (name, days) in [(EVENT_DAYS, event_retention_days), (TRACE_DAYS, trace_retention_days)] {
            if let Some(days) = days {
                settings::set(tx, name, &days.to_string())?;
            }
        }
        if let Some(fields) = own_profile {
            let fields: Vec<OwnField> = fields.iter().copied().map(read_field).collect();
            set_own_fields(tx, &fields)?;
        }
        if let Some(days) = deletion_grace_days {
            set_deletion_grace_days(tx, *days)?;
        }
        if let Some(may) = own_deletion {
            set_may_delete_own(tx, *may)?;
        }
        match key_rotation_days {
            api::Edit::Keep => {}
            api::Edit::Clear => keys::set_rotation_days(tx, None)?,
            api::Edit::Set(days) => keys::set_rotation_days(tx, Some(*days))?,
        }
        match attestation_roots {
            api::Edit::Keep => {}
            api::Edit::Clear => set_attestation_roots(tx, None)?,
            api::Edit::Set(pem) => set_attestation_roots(tx, Some(pem))?,
        }
        let mut data = serde_json::to_value(&self.change).unwrap_or_default();
        if let (true, Some(members)) = (!attestation_roots.is_keep(), data.as_object_mut()) {
            // How many; which they are stands in the settings.
            members.insert("attestation_roots".to_owned(), self.chosen.into());
        }
        events::record(tx, &Event::new("settings.edit", author).with_data(data)).map(|_| ())
    }
}

/// The settings as files have them.
pub(super) struct Settings;

impl ServerSettings for Settings {
    fn usual(&self) -> Form {
        form(&api::Settings {
            event_retention_days: DEFAULT_EVENT_DAYS,
            trace_retention_days: DEFAULT_TRACE_DAYS,
            own_profile: OwnField::ALL.map(shown_field).to_vec(),
            deletion_grace_days: DEFAULT_DELETION_GRACE_DAYS,
            own_deletion: false,
            key_rotation_days: Some(keys::USUAL_DAYS),
            attestation_roots: None,
        })
    }

    fn schema(&self) -> Schema {
        Schema::of::<api::SettingsChange>()
    }

    fn read(&self, tx: &mut Tx<'_>) -> Result<Form, StoreError> {
        Ok(form(&read(tx)?))
    }

    fn write(&self, tx: &mut Tx<'_>, actor: &Actor, settings: &Form) -> Result<(), UnitError> {
        let refuse = |problem: String| {
            UnitError::Refused(Refusal::response(
                &doorward_state::STATE_FILE_INVALID,
                format!("settings.toml: {problem}"),
            ))
        };
        let change = serde_json::from_value(serde_json::Value::Object(settings.clone()));
        let checked = Checked::read(change.map_err(|error| refuse(error.to_string()))?).map_err(refuse)?;
        Ok(checked.carry_out(tx, actor.into())?)
    }
}

/// Every setting, those that are nothing included.
fn form(settings: &api::Settings) -> Form {
    let nothing = api::SettingsChange {
        key_rotation_days: api::Edit::Clear,
        attestation_roots: api::Edit::Clear,
        ..api::SettingsChange::default()
    };
    let mut form = Form::new();
    for value in [serde_json::to_value(nothing), serde_json::to_value(settings)] {
        form.extend(
            value
                .ok()
                .and_then(|value| value.as_object().cloned())
                .unwrap_or_default(),
        );
    }
    form
}

fn within(name: &str, days: Option<u32>, most: u32) -> Result<(), String> {
    match days {
        Some(days) if !(1..=most).contains(&days) => Err(format!("{name}: expected 1 to {most} days, received {days}")),
        _ => Ok(()),
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
