//! What a login through an upstream would come to, for administrators.

use askama::Template;
use doorward_oidc::Refusal;

use super::render::render;
use super::text::Text;
use super::{Chrome, path};

/// The preview of one login.
#[derive(Debug, Clone, Copy)]
pub struct UpstreamPreview<'a> {
    /// The upstream's title.
    pub upstream: &'a str,
    /// The subject, when it could be read.
    pub subject: Option<&'a str>,
    /// Who it would be.
    pub judgement: Judgement<'a>,
    /// What each rule said.
    pub reasons: &'a [String],
    /// What would change here, as JSON; `None` when nobody gets in.
    pub changes: Option<&'a str>,
    /// The claims, as JSON.
    pub claims: &'a str,
}

/// Who a login would be.
#[derive(Debug, Clone, Copy)]
pub enum Judgement<'a> {
    /// This user, who is `known`, would be `linked` or `created`.
    In {
        /// `known`, `linked`, `created`.
        how: &'a str,
        /// The user's name.
        user: &'a str,
    },
    /// Nobody.
    Out(&'a Refusal),
}

/// Renders the preview.
pub fn upstream_preview(view: &UpstreamPreview<'_>, chrome: &Chrome<'_>) -> String {
    let t = Text::of(chrome.lang);
    let (result, refusal) = match view.judgement {
        Judgement::In { how: "created", user } => (t.with("preview-created", "user", user), None),
        Judgement::In { how: "linked", user } => (t.with("preview-linked", "user", user), None),
        Judgement::In { user, .. } => (t.with("preview-known", "user", user), None),
        Judgement::Out(refusal) => (t.say("preview-refused"), Some(refusal)),
    };
    render(&PreviewPage {
        view,
        chrome,
        t,
        result,
        refusal,
    })
}

#[derive(Template)]
#[template(path = "upstream_preview.html")]
struct PreviewPage<'a> {
    view: &'a UpstreamPreview<'a>,
    chrome: &'a Chrome<'a>,
    t: Text,
    result: String,
    refusal: Option<&'a Refusal>,
}
