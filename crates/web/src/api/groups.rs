//! Groups and who is in them.

use axum::Json;
use axum::extract::State;
use doorward_api as api;
use doorward_directory::{Group, GroupEdit, GroupQuery, NewGroup, Right, UserKind, UserQuery};
use http::StatusCode;
use uuid::Uuid;

use super::{
    caller::Caller,
    error::{ApiError, ApiResult},
    input::{Body, Names, Query, limit},
    lookup,
    state::ApiState,
};

/// Names in one request: each is a unit of work of its own.
const MOST_CHANGES: usize = 1000;
/// Members that are shown with a group.
const SHOWN: u32 = 500;

/// List groups, by name.
#[utoipa::path(get, path = "/api/v1/groups", tag = "groups", params(api::PageQuery),
    responses((status = 200, body = api::List<api::GroupSummary>, description = "A page of groups.")))]
pub(super) async fn list_groups(
    State(state): State<ApiState>,
    caller: Caller,
    Query(query): Query<api::PageQuery>,
) -> ApiResult<Json<api::List<api::GroupSummary>>> {
    caller.require(Right::ReadPeople)?;
    let query = GroupQuery {
        search: None,
        after: query.cursor,
        limit: limit(query.limit)?,
    };
    let page = state.directory.list_groups(query).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for group in page.items {
        let members = state.directory.group_members(group.id).await?;
        items.push(api::GroupSummary {
            id: group.id,
            name: group.name.to_string(),
            description: described(group.description),
            member_count: members.direct_users + len(&members.groups),
        });
    }
    Ok(Json(api::List { items, next: page.next }))
}

/// Add a group, with members if wanted.
#[utoipa::path(post, path = "/api/v1/groups", tag = "groups", request_body = api::NewGroup,
    responses((status = 201, body = api::Group, description = "The group.")))]
pub(super) async fn add_group(
    State(state): State<ApiState>,
    caller: Caller,
    Body(new): Body<api::NewGroup>,
) -> ApiResult<(StatusCode, Json<api::Group>)> {
    caller.require(Right::ChangePeople)?;
    let members = Members::find(&state, new.users, new.groups).await?;
    let group = NewGroup {
        name: new.name,
        description: new.description.unwrap_or_default(),
    };
    let group = state.directory.add_group(&caller.0, group, state.now()).await?;
    members.add_to(&state, &caller, group.id).await?;
    Ok((StatusCode::CREATED, Json(view(&state, group).await?)))
}

/// Show a group with its direct members.
#[utoipa::path(get, path = "/api/v1/groups/{group}", tag = "groups", params(("group" = String, Path, description = "Name or id.")),
    responses((status = 200, body = api::Group, description = "The group.")))]
pub(super) async fn show_group(
    State(state): State<ApiState>,
    caller: Caller,
    Names(name): Names<String>,
) -> ApiResult<Json<api::Group>> {
    caller.require(Right::ReadPeople)?;
    let group = lookup::group(&state, &name).await?;
    Ok(Json(view(&state, group).await?))
}

/// Change a group's name or description.
#[utoipa::path(patch, path = "/api/v1/groups/{group}", tag = "groups", params(("group" = String, Path, description = "Name or id.")),
    request_body = api::GroupChange, responses((status = 200, body = api::Group, description = "The group as changed.")))]
pub(super) async fn edit_group(
    State(state): State<ApiState>,
    caller: Caller,
    Names(name): Names<String>,
    Body(change): Body<api::GroupChange>,
) -> ApiResult<Json<api::Group>> {
    caller.require(Right::ChangePeople)?;
    let group = lookup::group(&state, &name).await?;
    let edit = GroupEdit {
        name: change.name,
        description: match change.description {
            api::Edit::Keep => None,
            api::Edit::Clear => Some(String::new()),
            api::Edit::Set(text) => Some(text),
        },
    };
    let group = state
        .directory
        .edit_group(&caller.0, group.id, edit, state.now())
        .await?;
    Ok(Json(view(&state, group).await?))
}

/// Delete a group; its members stay, without what they had through it.
#[utoipa::path(delete, path = "/api/v1/groups/{group}", tag = "groups", params(("group" = String, Path, description = "Name or id.")),
    responses((status = 204, description = "It is gone.")))]
pub(super) async fn delete_group(
    State(state): State<ApiState>,
    caller: Caller,
    Names(name): Names<String>,
) -> ApiResult<StatusCode> {
    caller.require(Right::ChangePeople)?;
    let group = lookup::group(&state, &name).await?;
    state.directory.remove_group(&caller.0, group.id, state.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Put members into a group and take members out.
#[utoipa::path(patch, path = "/api/v1/groups/{group}/members", tag = "groups",
    params(("group" = String, Path, description = "Name or id.")), request_body = api::MembershipChange,
    responses((status = 200, body = api::Group, description = "The group as changed.")))]
pub(super) async fn change_members(
    State(state): State<ApiState>,
    caller: Caller,
    Names(name): Names<String>,
    Body(change): Body<api::MembershipChange>,
) -> ApiResult<Json<api::Group>> {
    caller.require(Right::ReadPeople)?;
    let group = lookup::group(&state, &name).await?;
    caller.require(Right::ChangeMembers(group.id))?;
    // Every name is looked up before the first membership changes.
    let add = Members::find(&state, change.add_users, change.add_groups).await?;
    let remove = Members::find(&state, change.remove_users, change.remove_groups).await?;
    add.add_to(&state, &caller, group.id).await?;
    remove.remove_from(&state, &caller, group.id).await?;
    Ok(Json(view(&state, group).await?))
}

/// Users and groups that are to be members, found.
struct Members {
    users: Vec<Uuid>,
    groups: Vec<Uuid>,
}

impl Members {
    async fn find(state: &ApiState, users: Vec<String>, groups: Vec<String>) -> ApiResult<Self> {
        if users.len() + groups.len() > MOST_CHANGES {
            let count = users.len() + groups.len();
            return Err(ApiError::invalid(format!(
                "expected at most {MOST_CHANGES} names, received {count}"
            )));
        }
        let mut found = Self {
            users: Vec::new(),
            groups: Vec::new(),
        };
        for name in users {
            found.users.push(lookup::account(state, &name).await?.id);
        }
        for name in groups {
            found.groups.push(lookup::group(state, &name).await?.id);
        }
        Ok(found)
    }

    async fn add_to(&self, state: &ApiState, caller: &Caller, group: Uuid) -> ApiResult<()> {
        let now = state.now();
        for user in &self.users {
            state.directory.add_member(&caller.0, group, *user, now).await?;
        }
        for child in &self.groups {
            state.directory.nest_group(&caller.0, group, *child, now).await?;
        }
        Ok(())
    }

    async fn remove_from(&self, state: &ApiState, caller: &Caller, group: Uuid) -> ApiResult<()> {
        let now = state.now();
        for user in &self.users {
            state.directory.remove_member(&caller.0, group, *user, now).await?;
        }
        for child in &self.groups {
            state.directory.unnest_group(&caller.0, group, *child, now).await?;
        }
        Ok(())
    }
}

async fn view(state: &ApiState, group: Group) -> ApiResult<api::Group> {
    let links = state.directory.group_members(group.id).await?;
    let query = UserQuery {
        group: Some(group.id),
        limit: SHOWN,
        ..UserQuery::default()
    };
    let users = state.directory.list_users(query).await?.items;
    let member_count = links.direct_users + len(&links.groups);
    let mut members: Vec<api::GroupMember> = links
        .groups
        .into_iter()
        .map(|group| api::GroupMember {
            kind: api::MemberKind::Group,
            id: group.id,
            name: group.name.to_string(),
        })
        .collect();
    members.extend(users.into_iter().map(|user| api::GroupMember {
        kind: match user.kind {
            UserKind::Person => api::MemberKind::Person,
            UserKind::Service => api::MemberKind::Service,
        },
        id: user.id,
        name: user.name.to_string(),
    }));
    Ok(api::Group {
        id: group.id,
        name: group.name.to_string(),
        description: described(group.description),
        members,
        member_count,
        member_of: links.parents.iter().map(|parent| parent.name.to_string()).collect(),
        created: group.created,
    })
}

fn described(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

fn len<T>(list: &[T]) -> u64 {
    u64::try_from(list.len()).unwrap_or(u64::MAX)
}
