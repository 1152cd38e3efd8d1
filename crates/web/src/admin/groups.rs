//! Groups, and who is in them.

use axum::extract::{Path, Query};
use doorward_api::{self as api, Edit};
use doorward_directory::Right;
use http::StatusCode;
use serde::Deserialize;

use super::{
    desk::{Desk, Shown, Turned},
    form::{Nothing, Signed, given, names},
    people::{Asked, PER_PAGE},
};
use crate::pages::console::{self, AddGroup, Done, Group, Groups, segment};

const LIST: &str = "/admin/groups";

fn page(name: &str) -> String {
    format!("{LIST}/{}", segment(name))
}

/// GET `/admin/groups`.
pub(super) async fn list(desk: Desk, Query(asked): Query<Asked>) -> Shown {
    let query = api::GroupQuery {
        search: given(&asked.search),
        cursor: asked.cursor,
        limit: Some(PER_PAGE),
    };
    let found = desk.query("/groups", &[], &query).await?;
    let view = Groups {
        found: &found,
        search: asked.search.trim(),
        may_add: desk.may(Right::ChangePeople),
    };
    Ok(desk.show(|frame| console::groups(&view, frame)))
}

/// GET `/admin/groups/add`.
pub(super) async fn begin(desk: Desk) -> Shown {
    Ok(desk.show(|frame| console::add_group(&AddGroup::default(), frame)))
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(super) struct NewGroup {
    #[serde(default)]
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    users: String,
}

/// POST `/admin/groups/add`.
pub(super) async fn add(Signed(desk, form): Signed<NewGroup>) -> Shown {
    let new = api::NewGroup {
        name: form.name.trim().to_owned(),
        description: given(&form.description),
        users: names(&form.users),
        groups: Vec::new(),
    };
    match desk.post::<api::Group>("/groups", &[], &new).await {
        Ok(group) => Ok(Desk::onward(&page(&group.name), Done::Added)),
        Err(Turned::Denied { status, error, .. }) => {
            let view = AddGroup {
                name: &form.name,
                description: &form.description,
                users: &form.users,
                error: Some(&error),
            };
            Ok(desk.show_with(status, |frame| console::add_group(&view, frame)))
        }
        Err(turned) => Err(turned),
    }
}

/// GET `/admin/groups/{group}`.
pub(super) async fn show(desk: Desk, Path(name): Path<String>) -> Shown {
    respond(&desk, &name, None).await
}

async fn respond(desk: &Desk, name: &str, problem: Option<(StatusCode, &api::ErrorBody)>) -> Shown {
    let group: api::Group = desk.get("/groups/{group}", &[name]).await?;
    let view = Group {
        group: &group,
        may_change: desk.may(Right::ChangePeople),
        may_change_members: desk.may(Right::ChangeMembers(group.id)),
        may_see_policy: desk.may(Right::ReadSettings),
        error: problem.map(|(_, error)| error),
    };
    let status = problem.map_or(StatusCode::OK, |(status, _)| status);
    Ok(desk.show_with(status, |frame| console::group(&view, frame)))
}

async fn ended(desk: &Desk, name: &str, result: Result<api::Group, Turned>) -> Shown {
    match result {
        Ok(group) => Ok(Desk::onward(&page(&group.name), Done::Saved)),
        Err(Turned::Denied { status, error, .. }) => respond(desk, name, Some((status, &error))).await,
        Err(turned) => Err(turned),
    }
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(super) struct Change {
    #[serde(default)]
    name: String,
    #[serde(default)]
    description: String,
}

/// POST `/admin/groups/{group}/edit`.
pub(super) async fn edit(Path(name): Path<String>, Signed(desk, form): Signed<Change>) -> Shown {
    let change = api::GroupChange {
        name: given(&form.name).filter(|new| *new != name),
        description: match given(&form.description) {
            Some(text) => Edit::Set(text),
            None => Edit::Clear,
        },
    };
    let result = desk.patch("/groups/{group}", &[&name], &change).await;
    ended(&desk, &name, result).await
}

/// What the forms send.
#[derive(Debug, Deserialize)]
pub(super) struct Members {
    #[serde(default)]
    users: String,
    #[serde(default)]
    groups: String,
}

/// POST `/admin/groups/{group}/add-member`.
pub(super) async fn add_member(Path(name): Path<String>, Signed(desk, form): Signed<Members>) -> Shown {
    // A group may carry a role.
    desk.fresh(&page(&name)).await?;
    let change = api::MembershipChange {
        add_users: names(&form.users),
        add_groups: names(&form.groups),
        ..api::MembershipChange::default()
    };
    let result = desk.patch("/groups/{group}/members", &[&name], &change).await;
    ended(&desk, &name, result).await
}

/// What the button sends.
#[derive(Debug, Deserialize)]
pub(super) struct Member {
    user: Option<String>,
    group: Option<String>,
}

/// POST `/admin/groups/{group}/remove-member`.
pub(super) async fn remove_member(Path(name): Path<String>, Signed(desk, form): Signed<Member>) -> Shown {
    let change = api::MembershipChange {
        remove_users: form.user.into_iter().collect(),
        remove_groups: form.group.into_iter().collect(),
        ..api::MembershipChange::default()
    };
    let result = desk.patch("/groups/{group}/members", &[&name], &change).await;
    ended(&desk, &name, result).await
}

/// GET `/admin/groups/{group}/delete`.
pub(super) async fn confirm_delete(desk: Desk, Path(name): Path<String>) -> Shown {
    let group: api::Group = desk.get("/groups/{group}", &[&name]).await?;
    desk.fresh(&format!("{}/delete", page(&name))).await?;
    Ok(desk.show(|frame| console::remove_group(&group, frame)))
}

/// POST `/admin/groups/{group}/delete`.
pub(super) async fn delete(Path(name): Path<String>, Signed(desk, _): Signed<Nothing>) -> Shown {
    desk.fresh(&format!("{}/delete", page(&name))).await?;
    match desk.delete::<()>("/groups/{group}", &[&name]).await {
        Ok(()) => Ok(Desk::onward(LIST, Done::Removed)),
        Err(Turned::Denied { status, error, .. }) => respond(&desk, &name, Some((status, &error))).await,
        Err(turned) => Err(turned),
    }
}
