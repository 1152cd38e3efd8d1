//! How an application learns of a logout, for the API, and whether it has.

use axum::Json;
use axum::extract::State;
use doorward_api as api;
use doorward_apps::{App, Edit, LogoutEdit};
use doorward_audit::{Event, events};
use doorward_directory::{Right, within};
use doorward_store::StoreError;
use doorward_store::app_sessions::Cause;
use doorward_store::logouts::{self, Delivery};
use serde_json::json;

use super::change::nullable;
use crate::api::{
    caller::Caller,
    error::{ApiError, ApiResult},
    input::Names,
    state::ApiState,
};

/// Single logouts that are shown at once.
const MOST_SHOWN: u32 = 100;

/// Show which logouts an application was told of, and why it was not.
#[utoipa::path(get, path = "/api/v1/apps/{app}/logouts", tag = "apps", params(("app" = String, Path, description = "Client id.")),
    responses((status = 200, body = api::Logouts, description = "How its logouts stand.")))]
pub(in crate::api) async fn show_logouts(
    State(state): State<ApiState>,
    caller: Caller,
    Names(client_id): Names<String>,
) -> ApiResult<Json<api::Logouts>> {
    caller.require(Right::ReadApps)?;
    let app_id = state.apps.snapshot().await?.require(&client_id)?.id;
    let (counts, items) = state
        .store
        .read(move |tx| Ok::<_, StoreError>((logouts::count(tx, app_id)?, logouts::of_app(tx, app_id, MOST_SHOWN)?)))
        .await?;
    Ok(Json(api::Logouts {
        waiting: counts.waiting,
        told: counts.told,
        given_up: counts.given_up,
        items: items.into_iter().filter_map(shown).collect(),
    }))
}

/// Tell an application now of every logout that it does not know of, also of those that were given up.
#[utoipa::path(post, path = "/api/v1/apps/{app}/logouts/retry", tag = "apps", params(("app" = String, Path, description = "Client id.")),
    responses((status = 200, body = api::LogoutsRetried, description = "How many are tried at once.")))]
pub(in crate::api) async fn retry_logouts(
    State(state): State<ApiState>,
    caller: Caller,
    Names(client_id): Names<String>,
) -> ApiResult<Json<api::LogoutsRetried>> {
    caller.require(Right::ChangeApps)?;
    let app_id = state.apps.snapshot().await?.require(&client_id)?.id;
    let (actor, author) = (caller.0.clone(), caller.author());
    let retried = state
        .store
        .write::<_, ApiError>(state.now(), move |tx| {
            within::current(tx, &actor)?.require(Right::ChangeApps)?;
            let retried = logouts::retry(tx, app_id)?;
            let event = Event::new("logout.retry", author)
                .about("app", Some(app_id), client_id)
                .with_data(json!({ "logouts": retried }));
            events::record(tx, &event)?;
            Ok(retried)
        })
        .await?;
    Ok(Json(api::LogoutsRetried { retried }))
}

fn shown(delivery: Delivery) -> Option<api::Logout> {
    Some(api::Logout {
        session: delivery.session_id,
        subject: delivery.subject,
        state: match delivery.state {
            logouts::State::Waiting => api::LogoutState::Waiting,
            logouts::State::Told => api::LogoutState::Told,
            logouts::State::GivenUp => api::LogoutState::GivenUp,
            logouts::State::Untold => return None,
        },
        cause: match delivery.cause {
            Cause::Ended => api::LogoutCause::Ended,
            Cause::Expired => api::LogoutCause::Expired,
            Cause::Revoked => api::LogoutCause::Revoked,
            Cause::NoAccess => api::LogoutCause::NoAccess,
            Cause::Stolen => api::LogoutCause::Stolen,
            Cause::NoApp => api::LogoutCause::NoApp,
        },
        ended: delivery.ended,
        tries: delivery.tries,
        due: delivery.due,
        problem: delivery.problem,
        trace: delivery.trace,
    })
}

/// The settings as the API shows them.
pub(super) fn settings(app: &App) -> api::AppLogout {
    let logout = &app.logout;
    api::AppLogout {
        backchannel_uri: logout.backchannel_uri.clone(),
        frontchannel_uri: logout.frontchannel_uri.clone(),
        session_management: logout.session_management,
        weaken_private_address: logout.weaken_private_address,
    }
}

/// What is to be changed, as edits.
pub(super) fn edits(change: api::AppLogoutChange) -> impl Iterator<Item = Edit> {
    let edits = [
        nullable(change.backchannel_uri).map(LogoutEdit::BackchannelUri),
        nullable(change.frontchannel_uri).map(LogoutEdit::FrontchannelUri),
        change.session_management.map(LogoutEdit::SessionManagement),
        change.weaken_private_address.map(LogoutEdit::WeakenPrivateAddress),
    ];
    edits.into_iter().flatten().map(Edit::Logout)
}
