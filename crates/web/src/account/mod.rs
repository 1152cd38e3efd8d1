//! The person's own pages: start, grants, sessions, passkeys, password, and the link that begins an account.

pub(crate) mod grants;
pub(crate) mod link;
pub(crate) mod passkeys;
pub(crate) mod password;
pub(crate) mod sessions;
pub(crate) mod start;

use axum::response::Response;

use crate::{
    Door,
    answer::{see_other, with_header},
    login::OpenAttempt,
    visit::Visit,
};

/// Sends somebody who is not logged in through the login page and back to `path`.
pub(crate) fn log_in_first(door: &Door, visit: &Visit, path: &str) -> Response {
    let (attempt, cookie) = OpenAttempt::for_page(door, visit, path);
    let response = see_other(&format!("/login?attempt={}", attempt.value()));
    match cookie {
        Some(cookie) => with_header(response, http::header::SET_COOKIE, cookie),
        None => response,
    }
}
