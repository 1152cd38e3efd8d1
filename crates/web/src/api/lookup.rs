//! From names to things, with the name that was meant when there is none.

use doorward_directory::{Group, GroupQuery, User, UserKind, UserQuery};
use doorward_oidc::closest_name;

use super::{
    error::{ApiError, ApiResult},
    state::ApiState,
};

/// Names that are looked at for one that was meant.
const CANDIDATES: u32 = 200;

/// The person of that name.
pub(super) async fn person(state: &ApiState, name: &str) -> ApiResult<User> {
    let user = account(state, name).await?;
    match user.kind {
        UserKind::Person => Ok(user),
        UserKind::Service => Err(
            ApiError::not_found(format!("{name} is a service account, not a person"))
                .remedy(format!("doorward service show {name}")),
        ),
    }
}

/// The service account of that name.
pub(super) async fn service(state: &ApiState, name: &str) -> ApiResult<User> {
    let user = account(state, name).await?;
    match user.kind {
        UserKind::Service => Ok(user),
        UserKind::Person => Err(
            ApiError::not_found(format!("{name} is a person, not a service account"))
                .remedy(format!("doorward user show {name}")),
        ),
    }
}

/// The person or service account of that name.
pub(super) async fn account(state: &ApiState, name: &str) -> ApiResult<User> {
    if let Some(user) = state.directory.find_user(name).await? {
        return Ok(user);
    }
    let refusal = ApiError::not_found(format!("there is no user {name:?}"));
    let Some(search) = beginning(name) else {
        return Err(refusal);
    };
    let query = UserQuery {
        search: Some(search),
        limit: CANDIDATES,
        ..UserQuery::default()
    };
    let users = state.directory.list_users(query).await?.items;
    Err(meant(
        refusal,
        name,
        users.iter().map(|user| user.name.as_str()),
        "doorward user list",
    ))
}

/// The group of that name.
pub(super) async fn group(state: &ApiState, name: &str) -> ApiResult<Group> {
    if let Some(group) = state.directory.find_group(name).await? {
        return Ok(group);
    }
    let refusal = ApiError::not_found(format!("there is no group {name:?}"));
    let Some(search) = beginning(name) else {
        return Err(refusal);
    };
    let query = GroupQuery {
        search: Some(search),
        limit: CANDIDATES,
        ..GroupQuery::default()
    };
    let groups = state.directory.list_groups(query).await?.items;
    let otherwise = format!("doorward group add {name}");
    Err(meant(
        refusal,
        name,
        groups.iter().map(|group| group.name.as_str()),
        &otherwise,
    ))
}

/// Whoever mistypes a name usually gets its first letter right, and the directory finds names by their beginning.
fn beginning(name: &str) -> Option<String> {
    name.chars()
        .next()
        .filter(char::is_ascii_alphanumeric)
        .map(String::from)
}

fn meant<'a>(refusal: ApiError, name: &str, known: impl Iterator<Item = &'a str>, otherwise: &str) -> ApiError {
    match closest_name(name, known) {
        Some(near) => refusal.remedy(format!("did you mean {near}?")),
        None => refusal.remedy(otherwise),
    }
}
