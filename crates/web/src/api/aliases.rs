//! Issuers of earlier providers at which this server answers too.

use axum::Json;
use axum::extract::State;
use doorward_api as api;
use doorward_apps::{AliasAddress, AliasForm, AppsError, IssuerAlias, Snapshot};
use doorward_directory::{Actor, Right, within};
use doorward_store::Tx;
use http::StatusCode;
use uuid::Uuid;

use super::{
    caller::Caller,
    error::{ApiError, ApiResult},
    input::{Body, Names},
    state::ApiState,
};

/// Asked again in the unit of work that makes the change: a role may be taken away while the request is on its way.
fn still_may(actor: Actor) -> impl FnOnce(&mut Tx<'_>) -> Result<(), AppsError> + Send + 'static {
    move |tx: &mut Tx<'_>| Ok(within::current(tx, &actor)?.require(Right::Full)?)
}

/// List the issuers of earlier providers at which this server answers.
#[utoipa::path(get, path = "/api/v1/aliases", tag = "aliases",
    responses((status = 200, body = api::List<api::IssuerAlias>, description = "The aliases, by address.")))]
pub(super) async fn list_aliases(
    State(state): State<ApiState>,
    caller: Caller,
) -> ApiResult<Json<api::List<api::IssuerAlias>>> {
    caller.require(Right::ReadSettings)?;
    let aliases = state.apps.aliases().await?;
    let snapshot = state.apps.snapshot().await?;
    Ok(Json(api::List {
        items: aliases.into_iter().map(|alias| shown(&snapshot, alias)).collect(),
        next: None,
    }))
}

/// Answer at the issuer of an earlier provider too.
#[utoipa::path(post, path = "/api/v1/aliases", tag = "aliases",
    request_body = api::NewIssuerAlias,
    responses((status = 201, body = api::IssuerAlias, description = "The alias; applications can be given it from now on.")))]
pub(super) async fn add_alias(
    State(state): State<ApiState>,
    caller: Caller,
    Body(new): Body<api::NewIssuerAlias>,
) -> ApiResult<(StatusCode, Json<api::IssuerAlias>)> {
    caller.require(Right::Full)?;
    let address = AliasAddress::parse(new.address.trim())?;
    let added = state
        .apps
        .add_alias(&caller.author(), address, state.now(), still_may(caller.0.clone()))
        .await?;
    let snapshot = state.apps.snapshot().await?;
    Ok((StatusCode::CREATED, Json(shown(&snapshot, added))))
}

/// Do not answer there any more.
#[utoipa::path(delete, path = "/api/v1/aliases/{alias}", tag = "aliases",
    params(("alias" = String, Path, description = "Its id.")),
    responses((status = 204, description = "It is gone.")))]
pub(super) async fn remove_alias(
    State(state): State<ApiState>,
    caller: Caller,
    Names(id): Names<String>,
) -> ApiResult<StatusCode> {
    caller.require(Right::Full)?;
    let id: Uuid = id
        .parse()
        .map_err(|_| ApiError::not_found(format!("no alias has the id {id:?}")).remedy("doorward alias list"))?;
    state
        .apps
        .remove_alias(&caller.author(), id, state.now(), still_may(caller.0.clone()))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

fn shown(snapshot: &Snapshot, alias: IssuerAlias) -> api::IssuerAlias {
    let apps = snapshot.at_alias(&alias.address);
    api::IssuerAlias {
        id: alias.id,
        form: match alias.address.form() {
            AliasForm::Keycloak => api::AliasForm::Keycloak,
            AliasForm::Kanidm => api::AliasForm::Kanidm,
        },
        apps: apps.into_iter().map(|app| app.client_id.clone()).collect(),
        address: alias.address.into(),
        created_by: alias.created_by,
        created: alias.created,
    }
}
