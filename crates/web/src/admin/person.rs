//! One person.

use std::collections::BTreeMap;

use axum::extract::Path;
use doorward_api::{self as api, Edit, List};
use doorward_directory::Right;
use http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::{
    desk::{Desk, Shown, Turned},
    form::{Nothing, Signed, given, misread},
};
use crate::pages::console::{self, Done, Person, segment};

/// Sessions that are shown with a person.
const SESSIONS: u32 = 20;

pub(super) fn page(name: &str) -> String {
    format!("/admin/people/{}", segment(name))
}

/// GET `/admin/people/{user}`.
pub(super) async fn show(desk: Desk, Path(name): Path<String>) -> Shown {
    respond(&desk, &name, None).await
}

async fn respond(desk: &Desk, name: &str, problem: Option<(StatusCode, &api::ErrorBody)>) -> Shown {
    let user: api::User = desk.get("/users/{user}", &[name]).await?;
    let query = api::SessionQuery {
        user: Some(user.name.clone()),
        limit: Some(SESSIONS),
        cursor: None,
    };
    let sessions: List<api::Session> = desk.query("/sessions", &[], &query).await?;
    let grants: List<api::AppGrants> = desk.get("/users/{user}/grants", &[name]).await?;
    let passkeys: List<api::Passkey> = desk.get("/users/{user}/passkeys", &[name]).await?;
    let factors: api::UserFactors = desk.get("/users/{user}/factors", &[name]).await?;
    let demand: api::LoginDemand = desk.get("/users/{user}/policy", &[name]).await?;
    let view = Person {
        user: &user,
        factors: &factors,
        demand: &demand,
        passkeys: &passkeys.items,
        sessions: &sessions.items,
        grants: &grants.items,
        may_change: desk.may(Right::ChangePeople),
        error: problem.map(|(_, error)| error),
    };
    let status = problem.map_or(StatusCode::OK, |(status, _)| status);
    Ok(desk.show_with(status, |frame| console::person(&view, frame)))
}

/// To the person's page when it worked; there too, with the reason, when it was refused.
pub(super) async fn ended<T>(desk: &Desk, name: &str, result: Result<T, Turned>, done: Done) -> Shown {
    match result {
        Ok(_) => Ok(Desk::onward(&page(name), done)),
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
    display_name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    email_verified: String,
    /// Absent from a form of somebody's own making: the date stays.
    expires: Option<String>,
    theme: Option<api::Theme>,
}

/// POST `/admin/people/{user}/edit`: what differs is changed.
pub(super) async fn edit(Path(name): Path<String>, Signed(desk, form): Signed<Change>) -> Shown {
    desk.fresh(&page(&name)).await?;
    let user: api::User = desk.get("/users/{user}", &[&name]).await?;
    let email = form.email.trim();
    let email_verified = form.email_verified == "true";
    let change = api::UserChange {
        name: given(&form.name).filter(|name| *name != user.name),
        display_name: Some(form.display_name.trim().to_owned()).filter(|text| *text != user.display_name),
        email: match (email, user.email.as_deref()) {
            ("", Some(_)) => Edit::Clear,
            (email, known) if email == known.unwrap_or_default() => Edit::Keep,
            (email, _) => Edit::Set(email.to_owned()),
        },
        email_verified: (!email.is_empty() && email_verified != user.email_verified).then_some(email_verified),
        expires: match end_of(form.expires.as_deref(), user.expires) {
            Ok(expires) => expires,
            Err(error) => return respond(&desk, &name, Some((StatusCode::BAD_REQUEST, &error))).await,
        },
        theme: form.theme.filter(|theme| *theme != user.theme),
        ..api::UserChange::default()
    };
    let result = desk.patch::<api::User>("/users/{user}", &[&name], &change).await;
    let now = result.as_ref().map_or_else(|_| name.clone(), |user| user.name.clone());
    ended(&desk, &now, result, Done::Saved).await
}

/// What a form makes of the date at which an account ends: without the field it stays.
pub(super) fn end_of(typed: Option<&str>, known: Option<Timestamp>) -> Result<Edit<Timestamp>, api::ErrorBody> {
    typed.map_or(Ok(Edit::Keep), |typed| last_day(typed, known))
}

/// What the field for the last day makes of the date at which the account ends: a day counts to its end, in UTC.
pub(super) fn last_day(typed: &str, known: Option<Timestamp>) -> Result<Edit<Timestamp>, api::ErrorBody> {
    let typed = typed.trim();
    let shown = known.map(|at| at.strftime("%Y-%m-%d").to_string());
    // The exact time that somebody has set stays when the day does.
    if shown.as_deref().unwrap_or_default() == typed {
        return Ok(Edit::Keep);
    }
    if typed.is_empty() {
        return Ok(Edit::Clear);
    }
    let end = api::day::end_of(typed).map_err(|expected| api::ErrorBody {
        code: api::codes::INVALID.to_owned(),
        message: "This is not a day.".to_owned(),
        detail: Some(expected),
        remedy: None,
        reference: None,
    });
    end.map(Edit::Set)
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(super) struct Attributes {
    #[serde(default)]
    attributes: String,
}

/// POST `/admin/people/{user}/attributes`: what differs is changed, what is gone is taken away.
pub(super) async fn attributes(Path(name): Path<String>, Signed(desk, form): Signed<Attributes>) -> Shown {
    desk.fresh(&page(&name)).await?;
    let user: api::User = desk.get("/users/{user}", &[&name]).await?;
    let mut attributes: BTreeMap<String, Value> =
        user.attributes.keys().map(|key| (key.clone(), Value::Null)).collect();
    for line in form.attributes.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let Some((key, value)) = line.split_once('=').filter(|(key, _)| !key.trim().is_empty()) else {
            let error = misread("attributes", "NAME=VALUE on each line", line);
            return respond(&desk, &name, Some((StatusCode::BAD_REQUEST, &error))).await;
        };
        let value = value.trim();
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
        attributes.insert(key.trim().to_owned(), value);
    }
    attributes.retain(|key, value| user.attributes.get(key) != Some(value));
    let change = api::UserChange {
        attributes,
        ..api::UserChange::default()
    };
    let result = desk.patch::<api::User>("/users/{user}", &[&name], &change).await;
    ended(&desk, &name, result, Done::Saved).await
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(super) struct NewLink {
    #[serde(default)]
    mail: String,
}

/// POST `/admin/people/{user}/link`. Whoever has the link has the account.
pub(super) async fn link(Path(name): Path<String>, Signed(desk, form): Signed<NewLink>) -> Shown {
    desk.fresh(&page(&name)).await?;
    let request = api::LinkRequest {
        mail: form.mail == "true",
        ..api::LinkRequest::default()
    };
    let made: Result<api::Link, Turned> = desk.post("/users/{user}/links", &[&name], &request).await;
    match made {
        Ok(link) => Ok(desk.show_with(StatusCode::CREATED, |frame| console::shown_link(&name, &link, frame))),
        denied => ended(&desk, &name, denied, Done::Added).await,
    }
}

/// POST `/admin/people/{user}/disable`.
pub(super) async fn disable(Path(name): Path<String>, Signed(desk, _): Signed<Nothing>) -> Shown {
    switch(&desk, &name, true).await
}

/// POST `/admin/people/{user}/enable`.
pub(super) async fn enable(Path(name): Path<String>, Signed(desk, _): Signed<Nothing>) -> Shown {
    switch(&desk, &name, false).await
}

async fn switch(desk: &Desk, name: &str, disabled: bool) -> Shown {
    let change = api::UserChange {
        disabled: Some(disabled),
        ..api::UserChange::default()
    };
    let result = desk.patch::<api::User>("/users/{user}", &[name], &change).await;
    ended(desk, name, result, Done::Saved).await
}

/// POST `/admin/people/{user}/end-sessions`.
pub(super) async fn end_sessions(Path(name): Path<String>, Signed(desk, _): Signed<Nothing>) -> Shown {
    let result = desk.delete::<api::Ended>("/users/{user}/sessions", &[&name]).await;
    ended(&desk, &name, result, Done::Ended).await
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(super) struct OfApp {
    #[serde(default)]
    app: String,
}

/// POST `/admin/people/{user}/revoke`.
pub(super) async fn revoke(Path(name): Path<String>, Signed(desk, form): Signed<OfApp>) -> Shown {
    let names = [name.as_str(), form.app.as_str()];
    let result = desk
        .delete::<api::GrantsRevoked>("/users/{user}/grants/{app}", &names)
        .await;
    ended(&desk, &name, result, Done::Removed).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_without_the_date_keeps_it_and_an_empty_field_takes_it_away() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let known = Some(at("2030-01-31T12:00:00Z"));
        assert_eq!(end_of(None, known), Ok(Edit::Keep));
        assert_eq!(
            end_of(Some("2030-01-31"), known),
            Ok(Edit::Keep),
            "the exact time stays"
        );
        assert_eq!(end_of(Some(" "), known), Ok(Edit::Clear));
        let later = Edit::Set(at("2030-02-28T23:59:59Z"));
        assert_eq!(end_of(Some("2030-02-28"), known), Ok(later));
        assert!(
            end_of(Some("soon"), known)
                .unwrap_err()
                .detail
                .unwrap()
                .contains("soon")
        );
        let form = |text: &str| serde_urlencoded::from_str::<Change>(text).unwrap().expires;
        assert_eq!(form("name=alice"), None);
        assert_eq!(form("name=alice&expires="), Some(String::new()));
    }
}
