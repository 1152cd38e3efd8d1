//! Deleting a person, and bringing them back.

use axum::{extract::Path, response::Response};
use doorward_api as api;
use serde::Deserialize;
use serde_json::json;

use super::{
    desk::{Desk, Shown, Turned},
    form::{Nothing, Signed},
    person::{ended, page},
};
use crate::pages::console::{self, Done};

/// GET `/admin/people/{user}/delete`.
pub(super) async fn confirm(desk: Desk, Path(name): Path<String>) -> Shown {
    let user: api::User = desk.get("/users/{user}", &[&name]).await?;
    desk.fresh(&format!("{}/delete", page(&name))).await?;
    Ok(desk.show(|frame| console::remove_person(&user, frame)))
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(super) struct How {
    #[serde(default)]
    at_once: String,
}

/// POST `/admin/people/{user}/delete`.
pub(super) async fn delete(Path(name): Path<String>, Signed(desk, form): Signed<How>) -> Result<Response, Turned> {
    desk.fresh(&format!("{}/delete", page(&name))).await?;
    let query = api::DeleteQuery {
        at_once: (form.at_once == "true").then_some(true),
    };
    let deleted = desk
        .delete_with::<api::UserDeleted>("/users/{user}", &[&name], &query)
        .await;
    match deleted {
        Ok(api::UserDeleted { deletion: None }) => Ok(Desk::onward("/admin/people", Done::Removed)),
        result => ended(&desk, &name, result, Done::Closed).await,
    }
}

/// POST `/admin/people/{user}/restore`. Whoever could log in before can again, so it is asked as a link to the account would be.
pub(super) async fn restore(Path(name): Path<String>, Signed(desk, _): Signed<Nothing>) -> Shown {
    desk.fresh(&page(&name)).await?;
    let result = desk
        .post::<api::User>("/users/{user}/restore", &[&name], &json!({}))
        .await;
    ended(&desk, &name, result, Done::Restored).await
}
