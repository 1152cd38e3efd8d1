//! Errors that belong to no login: not found, broken, busy.

use askama::Template;

use super::render::render;
use super::text::Text;
use super::{Chrome, path};

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
pub fn fault(view: &Fault<'_>, chrome: &Chrome<'_>) -> String {
    let t = Text::of(chrome.lang);
    let (title, lead) = match *view {
        Fault::NotFound => (t.say("fault-not-found-title"), t.say("fault-not-found")),
        Fault::BadRequest => (t.say("fault-bad-request-title"), t.say("fault-bad-request")),
        Fault::ForeignForm => (t.say("fault-foreign-form-title"), t.say("fault-foreign-form")),
        Fault::TooManyRequests { seconds } => (
            t.say("fault-too-many-title"),
            t.with("throttled", "duration", &t.wait(seconds)),
        ),
        Fault::Internal { .. } => (t.say("fault-internal-title"), t.say("fault-internal")),
        Fault::Busy { seconds } => (t.say("fault-busy-title"), t.with("busy", "duration", &t.wait(seconds))),
    };
    let reference = match *view {
        Fault::Internal { reference } => reference,
        _ => None,
    };
    render(&FaultPage {
        chrome,
        t,
        title,
        lead,
        reference,
    })
}

#[derive(Template)]
#[template(path = "fault.html")]
struct FaultPage<'a> {
    chrome: &'a Chrome<'a>,
    t: Text,
    title: String,
    lead: String,
    reference: Option<&'a str>,
}
