//! Answering what began somewhere else: typing the code of a device, the question whether it is oneself who asks, and what came
//! of it.

use askama::Template;
use jiff::Timestamp;

use super::device::said;
use super::moment::Moment;
use super::render::render;
use super::scope::meaning;
use super::text::Text;
use super::{AppRef, Chrome, field, path};

/// The page on which the code of a device is typed.
#[derive(Debug, Clone, Copy)]
pub struct DeviceCode<'a> {
    /// Where the form leads, with `user_code` in the query.
    pub action: &'a str,
    /// What was typed before.
    pub typed: &'a str,
    /// What was wrong with it.
    pub problem: Option<DeviceCodeProblem>,
}

/// Why a code leads nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceCodeProblem {
    /// It cannot be a code.
    Unreadable,
    /// No device shows it, or not any more.
    Unknown,
    /// Too many wrong ones.
    Throttled {
        /// Until the next try.
        seconds: u64,
    },
}

/// Renders the page for the code.
pub fn device_code(view: &DeviceCode<'_>, chrome: &Chrome<'_>) -> String {
    let t = Text::of(chrome.lang);
    render(&DeviceCodePage {
        view,
        chrome,
        t,
        problem: view.problem.map(|problem| match problem {
            DeviceCodeProblem::Unreadable => t.say("device-code-unreadable"),
            DeviceCodeProblem::Unknown => t.say("device-code-unknown"),
            DeviceCodeProblem::Throttled { seconds } => t.with("throttled", "duration", &t.wait(seconds)),
        }),
    })
}

#[derive(Template)]
#[template(path = "device_code.html")]
struct DeviceCodePage<'a> {
    view: &'a DeviceCode<'a>,
    chrome: &'a Chrome<'a>,
    t: Text,
    problem: Option<String>,
}

/// The question whether it is the person who asks.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// Who asks.
    pub app: AppRef<'a>,
    /// How it began.
    pub kind: QuestionKind<'a>,
    /// The application registered itself: nobody here vouches for its name.
    pub is_unvouched: bool,
    /// What the application would get by it, on a device and where people are asked for consent; known scopes in plain words.
    pub scopes: &'a [&'a str],
    /// The address from which it was asked.
    pub address: &'a str,
    /// What the device calls itself.
    pub user_agent: &'a str,
    /// When.
    pub began: Timestamp,
    /// The time of rendering.
    pub now: Timestamp,
    /// Where the form is posted: `decision`, `csrf`, `request`, `shown`.
    pub action: &'a str,
    /// Which question.
    pub request: &'a str,
    /// The session's form token.
    pub csrf: &'a str,
    /// Comes back as `shown`.
    pub shown: &'a str,
}

/// How a question began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuestionKind<'a> {
    /// On a device that shows a code.
    Device {
        /// As it is shown there.
        code: &'a str,
    },
    /// In an application that named the person.
    Application {
        /// What it shows, too.
        message: Option<&'a str>,
    },
}

/// Renders the question.
pub fn question(view: &Question<'_>, chrome: &Chrome<'_>) -> String {
    let t = Text::of(chrome.lang);
    let (code, message) = match view.kind {
        QuestionKind::Device { code } => (Some(code), None),
        QuestionKind::Application { message } => (None, message),
    };
    render(&QuestionPage {
        view,
        chrome,
        t,
        code,
        message,
        device: said(t, view.user_agent),
        began: Moment::ago(t, view.began, view.now),
        scopes: view.scopes.iter().map(|scope| meaning(scope, t)).collect(),
    })
}

#[derive(Template)]
#[template(path = "question.html")]
struct QuestionPage<'a> {
    view: &'a Question<'a>,
    chrome: &'a Chrome<'a>,
    t: Text,
    code: Option<&'a str>,
    message: Option<&'a str>,
    device: String,
    began: Moment,
    scopes: Vec<String>,
}

/// What came of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The person said yes.
    Allowed,
    /// The person said no.
    Denied,
    /// It was answered before, has ended, or never was.
    Over,
}

/// Renders what came of it.
pub fn answered(outcome: Outcome, app: Option<AppRef<'_>>, chrome: &Chrome<'_>) -> String {
    let t = Text::of(chrome.lang);
    let app = app.map(|app| app.name).unwrap_or_default();
    let (title, lead) = match outcome {
        Outcome::Allowed => (t.say("question-allowed-title"), t.with("question-allowed", "app", app)),
        Outcome::Denied => (t.say("question-denied-title"), t.with("question-denied", "app", app)),
        Outcome::Over => (t.say("question-over-title"), t.say("question-over")),
    };
    render(&AnsweredPage { chrome, t, title, lead })
}

#[derive(Template)]
#[template(path = "answered.html")]
struct AnsweredPage<'a> {
    chrome: &'a Chrome<'a>,
    t: Text,
    title: String,
    lead: String,
}
