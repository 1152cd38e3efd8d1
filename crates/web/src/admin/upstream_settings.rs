//! The rarer settings of a provider.

use axum::{Router, extract::Path, routing::get};
use doorward_api::{self as api, Edit};
use doorward_directory::Right;
use http::StatusCode;

use super::{
    Console,
    desk::{Desk, Shown, Turned},
    form::Signed,
    typed::Typed,
    upstreams::finished,
};
use crate::pages::console::{self, UpstreamSettings, segment};

/// The routes below a provider's.
pub(super) fn routes() -> Router<Console> {
    Router::new().route("/admin/upstreams/{upstream}/settings", get(show).post(edit))
}

/// GET `/admin/upstreams/{upstream}/settings`.
async fn show(desk: Desk, Path(name): Path<String>) -> Shown {
    respond(&desk, &name, &Typed::default(), None).await
}

async fn respond(desk: &Desk, name: &str, typed: &Typed, problem: Option<(StatusCode, &api::ErrorBody)>) -> Shown {
    let upstream: api::Upstream = desk.get("/upstreams/{upstream}", &[name]).await?;
    let view = UpstreamSettings {
        upstream: &upstream,
        typed: &typed.0,
        may_change: desk.may(Right::Full),
        error: problem.map(|(_, error)| error),
    };
    let status = problem.map_or(StatusCode::OK, |(status, _)| status);
    Ok(desk.show_with(status, |frame| console::upstream_settings(&view, frame)))
}

/// POST `/admin/upstreams/{upstream}/settings`: what differs is changed, once the provider was asked whether it would work.
async fn edit(Path(name): Path<String>, Signed(desk, typed): Signed<Typed>) -> Shown {
    desk.fresh(&format!("/admin/upstreams/{}/settings", segment(&name)))
        .await?;
    let known: api::Upstream = desk.get("/upstreams/{upstream}", &[&name]).await?;
    let change = match change(&known, &typed) {
        Ok(change) => change,
        Err(error) => return respond(&desk, &name, &typed, Some((StatusCode::BAD_REQUEST, &error))).await,
    };
    match desk
        .patch::<api::UpstreamSaved>("/upstreams/{upstream}", &[&name], &change)
        .await
    {
        Ok(saved) => Ok(finished(&desk, StatusCode::OK, &saved)),
        Err(Turned::Denied { status, error, .. }) => respond(&desk, &name, &typed, Some((status, &error))).await,
        Err(turned) => Err(turned),
    }
}

fn change(known: &api::Upstream, typed: &Typed) -> Result<api::UpstreamChange, Box<api::ErrorBody>> {
    let rules = match typed.json("rules", Some(&known.rules))? {
        Edit::Keep => None,
        // Nothing typed is no rules at all.
        Edit::Clear => Some(serde_json::json!({})),
        Edit::Set(rules) => Some(rules),
    };
    Ok(api::UpstreamChange {
        no_probe: typed.flag("no_probe", false).unwrap_or(false),
        issuer: typed.text("issuer", &known.issuer),
        client_id: typed.text("client_id", &known.client_id),
        tenants: typed.list("tenants", &known.tenants),
        authentication: typed.word("authentication", &known.authentication)?,
        scopes: typed.list("scopes", &known.scopes),
        algorithms: typed.words("algorithms", &known.algorithms)?,
        parameters: typed.pairs("parameters", &known.parameters)?,
        response_mode: typed.word("response_mode", &known.response_mode)?,
        leeway_seconds: typed.number("leeway_seconds", known.leeway_seconds)?,
        userinfo: typed.flag("userinfo", known.userinfo),
        lookup: typed.word("lookup", &known.lookup)?,
        lookup_url: typed.text("lookup_url", known.lookup_url.as_deref().unwrap_or_default()),
        lookup_failure: typed.word("lookup_failure", &known.lookup_failure)?,
        rules,
        trusted_email: typed.flag("trusted_email", known.trusted_email),
        trusted_amr: typed.flag("trusted_amr", known.trusted_amr),
        groups: typed.list("groups", &known.groups),
        session_bound: typed.flag("session_bound", known.session_bound),
        ca_pem: typed.block("ca_pem", known.ca_pem.as_deref().unwrap_or_default()),
        allow_private: typed.flag("allow_private", known.allow_private),
        timeout_seconds: typed.number("timeout_seconds", known.timeout_seconds)?,
        ..api::UpstreamChange::default()
    })
}
