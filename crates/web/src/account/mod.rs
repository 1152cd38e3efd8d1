//! The person's own pages: start, grants, sessions, passkeys, password, activity, and those with which an account begins and
//! ends.

pub(crate) mod activity;
pub(crate) mod deletion;
pub(crate) mod export;
pub(crate) mod factors;
pub(crate) mod grants;
pub(crate) mod link;
pub(crate) mod passkeys;
pub(crate) mod password;
pub(crate) mod profile;
pub(crate) mod register;
pub(crate) mod sessions;
pub(crate) mod start;

use axum::response::Response;
use doorward_directory::Level;
use http::HeaderValue;

use crate::{
    Door,
    answer::{see_other, with_header},
    failure::Failure,
    login::OpenAttempt,
    session::{self, LoggedIn},
    visit::Visit,
};

/// Where the person has to go before they may do what a borrowed browser must not be enough for: to the login and back to
/// `path`, unless they proved who they are in the last minutes, and as strongly as `needs`. Whoever lacks such a factor sets
/// it up on the way. To be asked by every handler that changes ways in, roles, or what cannot be undone.
pub(crate) fn step_up(door: &Door, visit: &Visit, who: &LoggedIn, needs: Level, path: &str) -> Option<Response> {
    let reached = Level::of_amr(&who.session.amr);
    if session::is_fresh(&who.session, visit.now) && reached >= needs {
        return None;
    }
    let (attempt, cookie) = OpenAttempt::for_strong_page(door, visit, path, needs);
    Some(to_login(&attempt, cookie))
}

/// The same with what everybody is to prove before they change a way in: whoever has a second factor, with that.
pub(crate) async fn proved_first(
    door: &Door,
    visit: &Visit,
    who: &LoggedIn,
    path: &str,
) -> Result<Option<Response>, Failure> {
    let has = door.directory.enrolled(who.session.user_id).await?;
    Ok(step_up(door, visit, who, factors::needs(&has), path))
}

/// Sends somebody who is not logged in through the login page and back to `path`.
pub(crate) fn log_in_first(door: &Door, visit: &Visit, path: &str) -> Response {
    let (attempt, cookie) = OpenAttempt::for_page(door, visit, path);
    to_login(&attempt, cookie)
}

fn to_login(attempt: &OpenAttempt, cookie: Option<HeaderValue>) -> Response {
    let response = see_other(&format!("/login?attempt={}", attempt.value()));
    match cookie {
        Some(cookie) => with_header(response, http::header::SET_COOKIE, cookie),
        None => response,
    }
}
