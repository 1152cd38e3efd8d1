//! Logins, check by check.

use axum::extract::{Path, Query};
use doorward_api as api;
use serde::Deserialize;

use super::{
    desk::{Desk, Shown},
    form::given,
    people::PER_PAGE,
};
use crate::{
    answer::see_other,
    pages::console::{self, Traces, segment},
};

/// What the list is asked for.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    app: String,
    #[serde(default)]
    user: String,
    #[serde(default)]
    refused: String,
    cursor: Option<String>,
}

/// GET `/admin/traces`.
pub(super) async fn list(desk: Desk, Query(asked): Query<Asked>) -> Shown {
    let refused = asked.refused == "true";
    let is_later = asked.cursor.is_some();
    let query = api::TraceQuery {
        app: given(&asked.app),
        user: given(&asked.user),
        refused: refused.then_some(true),
        cursor: asked.cursor,
        limit: Some(PER_PAGE),
    };
    let found = desk.query("/traces", &[], &query).await?;
    let view = Traces {
        found: &found,
        app: asked.app.trim(),
        user: asked.user.trim(),
        refused,
        is_later,
    };
    Ok(desk.show_live(|frame| console::traces(&view, frame)))
}

/// What the search is asked for.
#[derive(Debug, Deserialize)]
pub(super) struct Find {
    #[serde(default)]
    reference: String,
}

/// GET `/admin/traces/find`: to the login of a reference.
pub(super) async fn find(_desk: Desk, Query(asked): Query<Find>) -> Shown {
    Ok(see_other(&format!("/admin/traces/{}", segment(asked.reference.trim()))))
}

/// GET `/admin/traces/{reference}`.
pub(super) async fn show(desk: Desk, Path(reference): Path<String>) -> Shown {
    let trace: api::Trace = desk.get("/traces/{reference}", &[&reference]).await?;
    Ok(desk.show(|frame| console::trace(&trace, frame)))
}
