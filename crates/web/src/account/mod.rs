//! The person's own pages: start, sessions, password, and the link that begins an account.

pub(crate) mod link;
pub(crate) mod password;
pub(crate) mod sessions;
pub(crate) mod start;

use axum::response::Response;

use crate::{
    Door,
    answer::{see_other, with_header},
    failure::Failure,
    login::{Errand, OpenAttempt},
    visit::Visit,
};

/// Sends somebody who is not logged in through the login page and back to `path`.
async fn log_in_first(door: &Door, visit: &Visit, path: &str) -> Result<Response, Failure> {
    let reference = door.tracer.begin(visit.now);
    let mut attempt = OpenAttempt::new(door, visit, Errand::Page(path.to_owned()), reference);
    let cookie = attempt.save(door, visit).await?;
    let response = see_other(&format!("/login?attempt={}", attempt.value()));
    Ok(match cookie {
        Some(cookie) => with_header(response, http::header::SET_COOKIE, cookie),
        None => response,
    })
}
