//! People: the list with its search, and adding one.

use axum::extract::Query;
use doorward_api as api;
use doorward_directory::Right;
use http::StatusCode;
use serde::Deserialize;

use super::{
    desk::{Desk, Shown, Turned},
    form::{Signed, given, names},
};
use crate::pages::console::{self, AddPerson, People};

/// Entries of a page.
pub(super) const PER_PAGE: u32 = 50;

/// What a list is asked for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    pub(super) search: String,
    pub(super) cursor: Option<String>,
}

/// GET `/admin/people`.
pub(super) async fn list(desk: Desk, Query(asked): Query<Asked>) -> Shown {
    let query = api::UserQuery {
        search: given(&asked.search),
        cursor: asked.cursor,
        limit: Some(PER_PAGE),
    };
    let found = desk.query("/users", &[], &query).await?;
    let view = People {
        found: &found,
        search: asked.search.trim(),
        may_add: desk.may(Right::ChangePeople),
    };
    Ok(desk.show(|frame| console::people(&view, frame)))
}

/// GET `/admin/people/add`.
pub(super) async fn begin(desk: Desk) -> Shown {
    desk.fresh("/admin/people/add").await?;
    Ok(desk.show(|frame| console::add_person(&AddPerson::default(), frame)))
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(super) struct NewPerson {
    #[serde(default)]
    name: String,
    #[serde(default)]
    display_name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    groups: String,
    #[serde(default)]
    mail: String,
}

/// POST `/admin/people/add`: the person, and the link to hand over.
pub(super) async fn add(Signed(desk, form): Signed<NewPerson>) -> Shown {
    desk.fresh("/admin/people/add").await?;
    let new = api::NewUser {
        name: form.name.trim().to_owned(),
        display_name: given(&form.display_name),
        email: given(&form.email),
        groups: names(&form.groups),
        mail: form.mail == "true",
        ..api::NewUser::default()
    };
    match desk.post::<api::UserAdded>("/users", &[], &new).await {
        Ok(added) => Ok(desk.show_with(StatusCode::CREATED, |frame| console::added_person(&added, frame))),
        Err(Turned::Denied { status, error, .. }) => {
            let view = AddPerson {
                name: &form.name,
                display_name: &form.display_name,
                email: &form.email,
                groups: &form.groups,
                error: Some(&error),
            };
            Ok(desk.show_with(status, |frame| console::add_person(&view, frame)))
        }
        Err(turned) => Err(turned),
    }
}
