//! Groups and who is in them.

use axum::Json;
use axum::extract::State;
use doorward_api as api;
use doorward_directory::{Group, GroupEdit, GroupQuery, MembershipChange, NewGroup, Right, UserKind, UserQuery};
use http::StatusCode;
use uuid::Uuid;

use super::{
    caller::Caller,
    error::{ApiError, ApiResult},
    input::{Body, Names, Query, limit},
    lookup,
    state::ApiState,
};

/// Names in one request, so that one unit of work stays short.
const MOST_CHANGES: usize = 1000;
/// Members that are shown with a group.
const SHOWN: u32 = 500;

/// List groups, by name.
#[utoipa::path(get, path = "/api/v1/groups", tag = "groups", params(api::GroupQuery),
    responses((status = 200, body = api::List<api::GroupSummary>, description = "A page of groups.")))]
pub(super) async fn list_groups(
    State(state): State<ApiState>,
    caller: Caller,
    Query(query): Query<api::GroupQuery>,
) -> ApiResult<Json<api::List<api::GroupSummary>>> {
    caller.require(Right::ReadPeople)?;
    let query = GroupQuery {
        search: query.search,
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
    let (add_users, add_groups) = members(&state, new.users, new.groups).await?;
    let members = MembershipChange {
        add_users,
        add_groups,
        ..MembershipChange::default()
    };
    let group = NewGroup {
        name: new.name,
        description: new.description.unwrap_or_default(),
    };
    let group = state
        .directory
        .add_group_with(&caller.0, group, members, state.now())
        .await?;
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
    let (add_users, add_groups) = members(&state, change.add_users, change.add_groups).await?;
    let (remove_users, remove_groups) = members(&state, change.remove_users, change.remove_groups).await?;
    let change = MembershipChange {
        add_users,
        add_groups,
        remove_users,
        remove_groups,
    };
    state
        .directory
        .change_members(&caller.0, group.id, change, state.now())
        .await?;
    Ok(Json(view(&state, group).await?))
}

/// The users and groups of these names.
async fn members(state: &ApiState, users: Vec<String>, groups: Vec<String>) -> ApiResult<(Vec<Uuid>, Vec<Uuid>)> {
    let count = users.len() + groups.len();
    if count > MOST_CHANGES {
        return Err(ApiError::invalid(format!(
            "expected at most {MOST_CHANGES} names, received {count}"
        )));
    }
    let (mut user_ids, mut group_ids) = (Vec::new(), Vec::new());
    for name in users {
        user_ids.push(lookup::account(state, &name).await?.id);
    }
    for name in groups {
        group_ids.push(lookup::group(state, &name).await?.id);
    }
    Ok((user_ids, group_ids))
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
