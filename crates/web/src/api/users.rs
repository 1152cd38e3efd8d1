//! People.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use doorward_api as api;
use doorward_directory::{
    Deletion, ExpiryEdit, Link, LinkKind, NewUser, Right, Theme, User, UserEdit, UserKind, UserQuery,
};
use http::StatusCode;
use jiff::Timestamp;

use super::{
    caller::Caller,
    error::ApiResult,
    input::{Body, Names, Query, limit},
    lookup,
    state::ApiState,
};

/// The page behind an enrolment or reset link is `<public URL><LINK_PATH><ticket>`.
pub const LINK_PATH: &str = "/link/";

const ENROLMENT: Duration = Duration::from_hours(72);
const RESET: Duration = Duration::from_hours(1);

/// List people, by name.
#[utoipa::path(get, path = "/api/v1/users", tag = "users", params(api::UserQuery),
    responses((status = 200, body = api::List<api::UserSummary>, description = "A page of people.")))]
pub(super) async fn list_users(
    State(state): State<ApiState>,
    caller: Caller,
    Query(query): Query<api::UserQuery>,
) -> ApiResult<Json<api::List<api::UserSummary>>> {
    caller.require(Right::ReadPeople)?;
    let query = UserQuery {
        search: query.search,
        kind: Some(UserKind::Person),
        after: query.cursor,
        limit: limit(query.limit)?,
        ..UserQuery::default()
    };
    let page = state.directory.list_users(query).await?;
    Ok(Json(api::List {
        items: page.items.into_iter().map(summary).collect(),
        next: page.next,
    }))
}

/// Add a person, and make the link with which they choose a password.
#[utoipa::path(post, path = "/api/v1/users", tag = "users", request_body = api::NewUser,
    responses((status = 201, body = api::UserAdded, description = "The person, and their enrolment link.")))]
pub(super) async fn add_user(
    State(state): State<ApiState>,
    caller: Caller,
    Body(new): Body<api::NewUser>,
) -> ApiResult<(StatusCode, Json<api::UserAdded>)> {
    let now = state.now();
    let lifetime = new.link_seconds.map_or(ENROLMENT, seconds);
    let mail = new.mail;
    let new = NewUser {
        name: new.name,
        kind: UserKind::Person,
        display_name: new.display_name,
        email_verified: new.email_verified.unwrap_or(new.email.is_some()),
        email: new.email,
        attributes: super::attributes::read(new.attributes)?,
        groups: new.groups,
        expires: new.expires,
    };
    let (user, link) = if mail {
        state.directory.invite_person(&caller.0, new, lifetime, now).await?
    } else {
        state.directory.add_person(&caller.0, new, lifetime, now).await?
    };
    let enrolment = shown_link(&state, &link, user.email.clone().filter(|_| mail));
    let user = view(&state, user).await?;
    Ok((StatusCode::CREATED, Json(api::UserAdded { user, enrolment })))
}

/// Show a person.
#[utoipa::path(get, path = "/api/v1/users/{user}", tag = "users", params(("user" = String, Path, description = "Name or id.")),
    responses((status = 200, body = api::User, description = "The person.")))]
pub(super) async fn show_user(
    State(state): State<ApiState>,
    caller: Caller,
    Names(name): Names<String>,
) -> ApiResult<Json<api::User>> {
    caller.require(Right::ReadPeople)?;
    let user = lookup::person(&state, &name).await?;
    Ok(Json(view(&state, user).await?))
}

/// Change a person, or disable or enable them.
#[utoipa::path(patch, path = "/api/v1/users/{user}", tag = "users", params(("user" = String, Path, description = "Name or id.")),
    request_body = api::UserChange, responses((status = 200, body = api::User, description = "The person as changed.")))]
pub(super) async fn edit_user(
    State(state): State<ApiState>,
    caller: Caller,
    Names(name): Names<String>,
    Body(change): Body<api::UserChange>,
) -> ApiResult<Json<api::User>> {
    caller.require(Right::ChangePeople)?;
    let user = lookup::person(&state, &name).await?;
    let edit = UserEdit {
        name: change.name,
        display_name: change.display_name,
        email: match change.email {
            api::Edit::Keep => None,
            api::Edit::Clear => Some(String::new()),
            api::Edit::Set(email) => Some(email),
        },
        email_verified: change.email_verified,
        disabled: change.disabled,
        expires: expiry(change.expires),
        theme: change.theme.map(|theme| match theme {
            api::Theme::Browser => Theme::Browser,
            api::Theme::Light => Theme::Light,
            api::Theme::Dark => Theme::Dark,
        }),
        attributes: change.attributes,
    };
    let user = state.directory.edit_user(&caller.0, user.id, edit, state.now()).await?;
    Ok(Json(view(&state, user).await?))
}

/// The end of an account, of a person or a program, as the directory has it.
pub(super) fn expiry(change: api::Edit<Timestamp>) -> ExpiryEdit {
    match change {
        api::Edit::Keep => ExpiryEdit::Keep,
        api::Edit::Clear => ExpiryEdit::Never,
        api::Edit::Set(at) => ExpiryEdit::At(at),
    }
}

/// Delete a person: sessions, grants and links end at once, and after the days of grace everything is gone for good.
#[utoipa::path(delete, path = "/api/v1/users/{user}", tag = "users",
    params(("user" = String, Path, description = "Name or id."), api::DeleteQuery),
    responses((status = 200, body = api::UserDeleted, description = "When they are gone for good.")))]
pub(super) async fn delete_user(
    State(state): State<ApiState>,
    caller: Caller,
    Names(name): Names<String>,
    Query(query): Query<api::DeleteQuery>,
) -> ApiResult<Json<api::UserDeleted>> {
    caller.require(Right::ChangePeople)?;
    let user = lookup::person(&state, &name).await?;
    let at_once = query.at_once.unwrap_or(false);
    let deletion = state
        .directory
        .delete_user(&caller.0, user.id, at_once, state.now())
        .await?;
    Ok(Json(api::UserDeleted {
        deletion: match deletion {
            Deletion::Planned(at) => Some(at),
            Deletion::Done => None,
        },
    }))
}

/// Bring a person back who was deleted and is not gone for good yet.
#[utoipa::path(post, path = "/api/v1/users/{user}/restore", tag = "users",
    params(("user" = String, Path, description = "Name or id.")),
    responses((status = 200, body = api::User, description = "The person, who may log in again.")))]
pub(super) async fn restore_user(
    State(state): State<ApiState>,
    caller: Caller,
    Names(name): Names<String>,
) -> ApiResult<Json<api::User>> {
    caller.require(Right::ChangePeople)?;
    let user = lookup::person(&state, &name).await?;
    let user = state.directory.restore_user(&caller.0, user.id, state.now()).await?;
    Ok(Json(view(&state, user).await?))
}

/// Make an enrolment or reset link; earlier ones of the person end.
#[utoipa::path(post, path = "/api/v1/users/{user}/links", tag = "users", params(("user" = String, Path, description = "Name or id.")),
    request_body = api::LinkRequest, responses((status = 201, body = api::Link, description = "The link, shown only now.")))]
pub(super) async fn make_link(
    State(state): State<ApiState>,
    caller: Caller,
    Names(name): Names<String>,
    Body(request): Body<api::LinkRequest>,
) -> ApiResult<(StatusCode, Json<api::Link>)> {
    caller.require(Right::ChangePeople)?;
    let user = lookup::person(&state, &name).await?;
    let usual = if user.has_password {
        LinkKind::Reset
    } else {
        LinkKind::Enrol
    };
    let kind = request.purpose.map_or(usual, |purpose| match purpose {
        api::LinkPurpose::Enrolment => LinkKind::Enrol,
        api::LinkPurpose::Reset => LinkKind::Reset,
    });
    let usual = if kind == LinkKind::Reset { RESET } else { ENROLMENT };
    let lifetime = request.link_seconds.map_or(usual, seconds);
    let (directory, now) = (&state.directory, state.now());
    let made = if request.mail {
        directory.mail_link(&caller.0, user.id, kind, lifetime, now).await?
    } else {
        directory.create_link(&caller.0, user.id, kind, lifetime, now).await?
    };
    let mailed_to = user.email.filter(|_| request.mail);
    Ok((StatusCode::CREATED, Json(shown_link(&state, &made, mailed_to))))
}

fn shown_link(state: &ApiState, link: &Link, mailed_to: Option<String>) -> api::Link {
    api::Link {
        purpose: match link.kind {
            LinkKind::Reset => api::LinkPurpose::Reset,
            LinkKind::Enrol | LinkKind::FirstAdmin => api::LinkPurpose::Enrolment,
        },
        url: state.server.url(&format!("{LINK_PATH}{}", link.ticket.expose())),
        mailed_to,
        expires: link.expires,
    }
}

fn seconds(seconds: u32) -> Duration {
    Duration::from_secs(seconds.into())
}

fn summary(user: User) -> api::UserSummary {
    api::UserSummary {
        id: user.id,
        name: user.name.to_string(),
        display_name: user.display_name,
        email: user.email,
        disabled: user.disabled,
        expires: user.expires,
        deletion: user.deletion,
        has_password: user.has_password,
    }
}

async fn view(state: &ApiState, user: User) -> ApiResult<api::User> {
    let direct = state.directory.direct_groups(user.id).await?;
    let facts = state.directory.facts(user.id).await?;
    let upstreams = state.upstreams.snapshot().await?;
    let identities = state.upstreams.identities_of(user.id).await?;
    let logins = identities.iter().filter_map(|identity| {
        let upstream = upstreams.by_id(identity.upstream)?.name.clone();
        Some(api::UserLogin {
            shown_name: identity.shown_name().to_owned(),
            unlink: identity.unlink_command(&upstream),
            last_login: identity.last_login,
            upstream,
        })
    });
    Ok(api::User {
        logins: logins.collect(),
        id: user.id,
        name: user.name.to_string(),
        display_name: user.display_name,
        email: user.email,
        email_verified: user.email_verified,
        attributes: super::attributes::show(&user.attributes),
        groups: direct.iter().map(|group| group.name.to_string()).collect(),
        effective_groups: facts.map(|facts| facts.groups.clone()).unwrap_or_default(),
        disabled: user.disabled,
        expires: user.expires,
        deletion: user.deletion,
        theme: match user.theme {
            Theme::Browser => api::Theme::Browser,
            Theme::Light => api::Theme::Light,
            Theme::Dark => api::Theme::Dark,
        },
        has_password: user.has_password,
        created: user.created,
        updated: user.updated,
        last_login: user.last_login,
    })
}
