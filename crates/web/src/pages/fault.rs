//! Errors that belong to no login: not found, broken, busy.

use super::Chrome;

/// An error of the server or of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault<'a> {
    /// 404
    NotFound,
    /// 405, or a form that cannot be read (400).
    BadRequest,
    /// 403: the form did not come from our page, or its time was up.
    ForeignForm,
    /// 429
    TooManyRequests {
        /// As in `Retry-After`.
        seconds: u64,
    },
    /// 500
    Internal {
        /// What to tell the administrator.
        reference: Option<&'a str>,
    },
    /// 503
    Busy {
        /// As in `Retry-After`.
        seconds: u64,
    },
}

/// Renders the error.
pub fn fault(_view: &Fault<'_>, _chrome: &Chrome<'_>) -> String {
    unimplemented!("error page")
}
