//! What is asked of logins.

use axum::{
    Router,
    extract::{Path, Query},
    routing::get,
};
use doorward_api::{self as api, Edit, List};
use doorward_directory::Right;
use http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;

use super::{
    Console,
    apps::group_names,
    desk::{Desk, Shown, Turned},
    form::{Signed, given, misread, number},
    typed::unread,
};
use crate::{
    answer::see_other,
    pages::console::{self, Done, Place, Policies, Policy, PolicyForm},
};

const LIST: &str = "/admin/policies";
/// Applications that a form proposes.
const PROPOSED: u32 = 500;

/// The routes of this room.
pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/admin/policies", get(list))
        .route("/admin/policies/find", get(find))
        .route("/admin/policies/check", get(check))
        .route("/admin/policies/default", get(show_default).post(edit_default))
        .route("/admin/policies/group/{group}", get(show_group).post(edit_group))
        .route("/admin/policies/app/{app}", get(show_app).post(edit_app))
}

/// GET `/admin/policies`.
async fn list(desk: Desk) -> Shown {
    all(&desk, None).await
}

async fn all(desk: &Desk, problem: Option<(StatusCode, &api::ErrorBody)>) -> Shown {
    let policies: api::Policies = desk.get("/policies", &[]).await?;
    let groups = group_names(desk).await?;
    let apps = app_names(desk).await?;
    let view = Policies {
        policies: &policies,
        groups: &groups,
        apps: &apps,
        may_change: desk.may(Right::Full),
        may_see_people: desk.may(Right::ReadPeople),
        error: problem.map(|(_, error)| error),
    };
    let status = problem.map_or(StatusCode::OK, |(status, _)| status);
    Ok(desk.show_with(status, |frame| console::policies(&view, frame)))
}

async fn app_names(desk: &Desk) -> Result<Vec<String>, Turned> {
    if !desk.may(Right::ReadApps) {
        return Ok(Vec::new());
    }
    let query = api::PageQuery {
        limit: Some(PROPOSED),
        cursor: None,
    };
    let apps: List<api::AppSummary> = desk.query("/apps", &[], &query).await?;
    Ok(apps.items.into_iter().map(|app| app.client_id).collect())
}

/// Whose policy is wanted.
#[derive(Debug, Default, Deserialize)]
struct Wanted {
    #[serde(default)]
    group: String,
    #[serde(default)]
    app: String,
}

/// GET `/admin/policies/find`: to the policy of a group or an application.
async fn find(_: Desk, Query(wanted): Query<Wanted>) -> Shown {
    Ok(see_other(&match (given(&wanted.group), given(&wanted.app)) {
        (Some(group), _) => Place::Group(&group).path(),
        (None, Some(app)) => Place::App(&app).path(),
        (None, None) => LIST.to_owned(),
    }))
}

/// Whose login is asked about.
#[derive(Debug, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    user: String,
    #[serde(default)]
    app: String,
}

/// GET `/admin/policies/check`.
async fn check(desk: Desk, Query(asked): Query<Asked>) -> Shown {
    let user = asked.user.trim();
    let query = api::DemandQuery { app: given(&asked.app) };
    match desk
        .query::<api::LoginDemand>("/users/{user}/policy", &[user], &query)
        .await
    {
        Ok(demand) => Ok(desk.show(|frame| console::demand(user, query.app.as_deref(), &demand, frame))),
        Err(Turned::Denied { status, error, .. }) => all(&desk, Some((status, &error))).await,
        Err(turned) => Err(turned),
    }
}

/// GET `/admin/policies/default`.
async fn show_default(desk: Desk) -> Shown {
    respond(&desk, Place::Everybody, None).await
}

/// GET `/admin/policies/group/{group}`.
async fn show_group(desk: Desk, Path(group): Path<String>) -> Shown {
    respond(&desk, Place::Group(&group), None).await
}

/// GET `/admin/policies/app/{app}`.
async fn show_app(desk: Desk, Path(app): Path<String>) -> Shown {
    respond(&desk, Place::App(&app), None).await
}

/// What was typed, and why it was not taken.
type Refused<'a> = (&'a PolicyForm, StatusCode, &'a api::ErrorBody);

async fn respond(desk: &Desk, place: Place<'_>, refused: Option<Refused<'_>>) -> Shown {
    let policy = stored(desk, place).await?;
    let known = PolicyForm::of(&policy);
    let view = Policy {
        place,
        policy: &policy,
        typed: refused.map_or(&known, |(typed, ..)| typed),
        may_change: desk.may(Right::Full),
        error: refused.map(|(_, _, error)| error),
    };
    let status = refused.map_or(StatusCode::OK, |(_, status, _)| status);
    Ok(desk.show_with(status, |frame| console::policy(&view, frame)))
}

/// The policy of a place that exists; one that asks nothing when none was set.
async fn stored(desk: &Desk, place: Place<'_>) -> Result<api::LoginPolicy, Turned> {
    let policies: api::Policies = desk.get("/policies", &[]).await?;
    let of = |list: Vec<api::NamedPolicy>, name: &str| {
        let found = list.into_iter().find(|named| named.name == name);
        found.map(|named| named.policy).unwrap_or_default()
    };
    Ok(match place {
        Place::Everybody => policies.default,
        Place::Group(name) => {
            let group: api::Group = desk.get("/groups/{group}", &[name]).await?;
            of(policies.groups, &group.name)
        }
        Place::App(id) => {
            let app: api::App = desk.get("/apps/{app}", &[id]).await?;
            of(policies.apps, &app.client_id)
        }
    })
}

/// POST `/admin/policies/default`.
async fn edit_default(Signed(desk, typed): Signed<PolicyForm>) -> Shown {
    edit(&desk, Place::Everybody, &typed).await
}

/// POST `/admin/policies/group/{group}`.
async fn edit_group(Path(group): Path<String>, Signed(desk, typed): Signed<PolicyForm>) -> Shown {
    edit(&desk, Place::Group(&group), &typed).await
}

/// POST `/admin/policies/app/{app}`.
async fn edit_app(Path(app): Path<String>, Signed(desk, typed): Signed<PolicyForm>) -> Shown {
    edit(&desk, Place::App(&app), &typed).await
}

/// What differs is changed.
async fn edit(desk: &Desk, place: Place<'_>, typed: &PolicyForm) -> Shown {
    let page = place.path();
    desk.fresh(&page).await?;
    let change = match change(&stored(desk, place).await?, typed) {
        Ok(change) => change,
        Err(error) => return respond(desk, place, Some((typed, StatusCode::BAD_REQUEST, &error))).await,
    };
    let changed = match place {
        Place::Everybody => desk.patch::<api::LoginPolicy>("/policies/default", &[], &change).await,
        Place::Group(name) => {
            desk.patch::<api::LoginPolicy>("/groups/{group}/policy", &[name], &change)
                .await
        }
        Place::App(id) => {
            desk.patch::<api::LoginPolicy>("/apps/{app}/policy", &[id], &change)
                .await
        }
    };
    match changed {
        Ok(_) => Ok(Desk::onward(&page, Done::Saved)),
        Err(Turned::Denied { status, error, .. }) => respond(desk, place, Some((typed, status, &error))).await,
        Err(turned) => Err(turned),
    }
}

fn change(known: &api::LoginPolicy, typed: &PolicyForm) -> Result<api::PolicyChange, Box<api::ErrorBody>> {
    let factors = match typed.factors.as_str() {
        "" | "any" => None,
        "second" => Some(api::LoginLevel::Second),
        "passkey" => Some(api::LoginLevel::Passkey),
        other => return Err(misread("factors", "any, second or passkey", other)),
    };
    // A form says minutes where the command says seconds: what was not touched stays to the second.
    let fresh = if typed.fresh_minutes == PolicyForm::of(known).fresh_minutes {
        known.fresh_seconds
    } else {
        number::<u32>("fresh_minutes", &typed.fresh_minutes)?.map(|minutes| minutes.saturating_mul(60))
    };
    Ok(api::PolicyChange {
        factors: differing(known.factors, factors),
        postpone_until: differing(known.postpone_until, day(&typed.postpone_until)?),
        fresh_seconds: differing(known.fresh_seconds, fresh),
        remember_days: differing(known.remember_days, number("remember_days", &typed.remember_days)?),
        password_min: differing(known.password_min, number("password_min", &typed.password_min)?),
        password_strength: differing(
            known.password_strength,
            number("password_strength", &typed.password_strength)?,
        ),
    })
}

fn differing<T: PartialEq + Copy>(known: Option<T>, typed: Option<T>) -> Edit<T> {
    match typed {
        typed if typed == known => Edit::Keep,
        None => Edit::Clear,
        Some(value) => Edit::Set(value),
    }
}

fn day(text: &str) -> Result<Option<Timestamp>, Box<api::ErrorBody>> {
    given(text)
        .map(|text| api::day::beginning_of(&text).map_err(|expected| unread("postpone_until", &expected)))
        .transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> api::LoginPolicy {
        api::LoginPolicy {
            factors: Some(api::LoginLevel::Second),
            fresh_seconds: Some(90),
            ..api::LoginPolicy::default()
        }
    }

    #[test]
    fn what_was_not_touched_stays_to_the_second() {
        let known = known();
        assert_eq!(
            change(&known, &PolicyForm::of(&known)).unwrap(),
            api::PolicyChange::default()
        );
    }

    #[test]
    fn what_is_emptied_is_asked_no_more() {
        let typed = PolicyForm {
            factors: "any".to_owned(),
            password_min: "14".to_owned(),
            ..PolicyForm::default()
        };
        let change = change(&known(), &typed).unwrap();
        assert_eq!(change.factors, Edit::Clear);
        assert_eq!(change.fresh_seconds, Edit::Clear);
        assert_eq!(change.password_min, Edit::Set(14));
        assert_eq!(change.remember_days, Edit::Keep);
    }

    #[test]
    fn what_is_no_number_and_no_day_is_said() {
        for (typed, said) in [
            (
                PolicyForm {
                    remember_days: "many".to_owned(),
                    ..PolicyForm::default()
                },
                "remember_days: expected a number, received \"many\"",
            ),
            (
                PolicyForm {
                    postpone_until: "soon".to_owned(),
                    ..PolicyForm::default()
                },
                "postpone_until: expected a day like 2027-01-31 or a time like 2027-01-31T18:00:00Z, received \"soon\"",
            ),
            (
                PolicyForm {
                    factors: "three".to_owned(),
                    ..PolicyForm::default()
                },
                "factors: expected any, second or passkey, received \"three\"",
            ),
        ] {
            let error = change(&known(), &typed).unwrap_err();
            assert_eq!(error.detail.as_deref(), Some(said));
        }
    }
}
