//! Who may administer what.

use axum::Json;
use axum::extract::State;
use doorward_api as api;
use doorward_directory::{Right, Role, RoleHolder, UserKind};
use http::StatusCode;

use super::{
    caller::Caller,
    error::{ApiError, ApiResult},
    input::Body,
    lookup,
    state::ApiState,
};

/// List who has which role.
#[utoipa::path(get, path = "/api/v1/admins", tag = "admins",
    responses((status = 200, body = api::List<api::Admin>, description = "All granted roles.")))]
pub(super) async fn list_admins(
    State(state): State<ApiState>,
    caller: Caller,
) -> ApiResult<Json<api::List<api::Admin>>> {
    caller.require(Right::ReadPeople)?;
    let mut items = Vec::new();
    for grant in state.directory.roles().await? {
        let kind = match grant.holder {
            RoleHolder::Group(_) => api::MemberKind::Group,
            RoleHolder::User(id) => match state.directory.user(id).await?.map(|user| user.kind) {
                Some(UserKind::Service) => api::MemberKind::Service,
                _ => api::MemberKind::Person,
            },
        };
        items.push(api::Admin {
            kind,
            name: grant.holder_name,
            role: shown(grant.role),
            manages: grant.group_name,
        });
    }
    Ok(Json(api::List { items, next: None }))
}

/// Grant a role.
#[utoipa::path(post, path = "/api/v1/admins", tag = "admins", request_body = api::AdminGrant,
    responses((status = 201, body = api::Admin, description = "The role as granted.")))]
pub(super) async fn grant_admin(
    State(state): State<ApiState>,
    caller: Caller,
    Body(grant): Body<api::AdminGrant>,
) -> ApiResult<(StatusCode, Json<api::Admin>)> {
    caller.require(Right::Full)?;
    let grant = Grant::find(&state, grant).await?;
    state
        .directory
        .grant_role(&caller.0, grant.role, grant.holder, state.now())
        .await?;
    Ok((StatusCode::CREATED, Json(grant.admin)))
}

/// Revoke a role.
#[utoipa::path(post, path = "/api/v1/admins/revoke", tag = "admins", request_body = api::AdminGrant,
    responses((status = 200, body = api::Admin, description = "The role that was revoked.")))]
pub(super) async fn revoke_admin(
    State(state): State<ApiState>,
    caller: Caller,
    Body(grant): Body<api::AdminGrant>,
) -> ApiResult<Json<api::Admin>> {
    caller.require(Right::Full)?;
    let grant = Grant::find(&state, grant).await?;
    state
        .directory
        .withdraw_role(&caller.0, grant.role, grant.holder, state.now())
        .await?;
    Ok(Json(grant.admin))
}

/// A grant with its names found.
struct Grant {
    role: Role,
    holder: RoleHolder,
    admin: api::Admin,
}

impl Grant {
    async fn find(state: &ApiState, asked: api::AdminGrant) -> ApiResult<Self> {
        let (holder, kind, name) = match (&asked.user, &asked.group) {
            (Some(user), None) => {
                let user = lookup::account(state, user).await?;
                let kind = match user.kind {
                    UserKind::Person => api::MemberKind::Person,
                    UserKind::Service => api::MemberKind::Service,
                };
                (RoleHolder::User(user.id), kind, user.name.to_string())
            }
            (None, Some(group)) => {
                let group = lookup::group(state, group).await?;
                (
                    RoleHolder::Group(group.id),
                    api::MemberKind::Group,
                    group.name.to_string(),
                )
            }
            _ => return Err(ApiError::invalid("expected exactly one of `user` and `group`")),
        };
        let managed = match &asked.manages {
            Some(group) => Some(lookup::group(state, group).await?),
            None => None,
        };
        let role = Role::from_parts(asked.role.as_str(), managed.as_ref().map(|group| group.id)).ok_or_else(|| {
            ApiError::invalid("`manages` names the group of a group-manager, and belongs to no other role")
        })?;
        let manages = managed.map(|group| group.name.to_string());
        Ok(Self {
            role,
            holder,
            admin: api::Admin {
                kind,
                name,
                role: asked.role,
                manages,
            },
        })
    }
}

fn shown(role: Role) -> api::Role {
    match role {
        Role::Full => api::Role::Full,
        Role::Apps => api::Role::Apps,
        Role::People => api::Role::People,
        Role::ReadOnly => api::Role::ReadOnly,
        Role::GroupManager(_) => api::Role::GroupManager,
    }
}
