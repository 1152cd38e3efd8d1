//! The server's certificate, and the private authority.

use doorward_api as api;
use doorward_directory::Right;
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use super::{
    desk::{Desk, Shown, Turned},
    form::{Nothing, Signed, given, names},
};
use crate::pages::console::{self, Certificates, Done};

const PAGE: &str = "/admin/certificates";

/// GET `/admin/certificates`.
pub(super) async fn show(desk: Desk) -> Shown {
    respond(&desk, None).await
}

async fn respond(desk: &Desk, problem: Option<(StatusCode, &api::ErrorBody)>) -> Shown {
    let tls: api::Tls = desk.get("/tls", &[]).await?;
    let authority: Option<api::Authority> = match desk.get("/ca", &[]).await {
        Ok(authority) => Some(authority),
        Err(Turned::Denied { status, .. }) if status == StatusCode::NOT_FOUND => None,
        Err(turned) => return Err(turned),
    };
    let view = Certificates {
        tls: &tls,
        authority: authority.as_ref(),
        may_change: desk.may(Right::Full),
        error: problem.map(|(_, error)| error),
    };
    let status = problem.map_or(StatusCode::OK, |(status, _)| status);
    Ok(desk.show_with(status, |frame| console::certificates(&view, frame)))
}

async fn ended<T>(desk: &Desk, result: Result<T, Turned>, done: Done) -> Shown {
    match result {
        Ok(_) => Ok(Desk::onward(PAGE, done)),
        Err(Turned::Denied { status, error, .. }) => respond(desk, Some((status, &error))).await,
        Err(turned) => Err(turned),
    }
}

/// POST `/admin/certificates/renew`.
pub(super) async fn renew(Signed(desk, _): Signed<Nothing>) -> Shown {
    let result = desk.post::<()>("/tls/renew", &[], &json!(null)).await;
    ended(&desk, result, Done::Saved).await
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(super) struct NewAuthority {
    #[serde(default)]
    name: String,
    #[serde(default)]
    permit: String,
}

/// POST `/admin/certificates/authority`.
pub(super) async fn make(Signed(desk, form): Signed<NewAuthority>) -> Shown {
    desk.fresh(PAGE).await?;
    let new = api::NewAuthority {
        name: given(&form.name),
        permit: names(&form.permit),
        ..api::NewAuthority::default()
    };
    let result = desk.post::<api::Authority>("/ca", &[], &new).await;
    ended(&desk, result, Done::Added).await
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    names: String,
    #[serde(default)]
    days: String,
}

/// POST `/admin/certificates/issue`. Whoever has the key passes for these hosts.
pub(super) async fn issue(Signed(desk, form): Signed<Wanted>) -> Shown {
    desk.fresh(PAGE).await?;
    let new = api::NewCertificate {
        names: names(&form.names),
        days: form.days.trim().parse().ok(),
        csr: None,
    };
    match desk.post::<api::CertificateIssued>("/ca/certificates", &[], &new).await {
        Ok(issued) => Ok(desk.show_with(StatusCode::CREATED, |frame| console::issued_certificate(&issued, frame))),
        denied => ended(&desk, denied, Done::Added).await,
    }
}
