//! A refusal is a value: what failed, what the person may read, what the operator must know, and the remedy.

/// Where a refusal may be delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// As a page of ours only: the redirect URI is not known to be good (RFC 6749 §4.1.2.1).
    Page,
    /// To the client through its redirect URI.
    Redirect,
    /// As the response of an endpoint that a program called.
    Response,
}

/// Whose turn it is to act on a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// The person who logs in.
    Person,
    /// The administrator of this server.
    Administrator,
    /// Whoever configures the application.
    Application,
    /// Whoever runs the upstream that people log in through.
    Upstream,
}

/// One kind of refusal, with all of it that does not depend on the case at hand. Each crate that refuses lists
/// its kinds in a `pub const REFUSALS: &[&RefusalKind]`; the documentation is generated from these lists.
#[derive(Debug, PartialEq, Eq)]
pub struct RefusalKind {
    /// Stable code, snake case, never reused: `redirect_uri_mismatch`.
    pub code: &'static str,
    /// The OAuth or OpenID Connect error code for the wire: `invalid_request`.
    pub oauth: &'static str,
    /// One sentence that any person may read; discloses nothing.
    pub public: &'static str,
    /// What the check protects and where it comes from, for the generated documentation.
    pub meaning: &'static str,
    /// Who has to act.
    pub turn: Turn,
}

/// A refused request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {detail}", kind.code)]
pub struct Refusal {
    /// The kind, from the catalogue.
    pub kind: &'static RefusalKind,
    /// For the operator: expected, received, first difference. Never holds a secret.
    pub detail: String,
    /// The command to type or the setting to change, and on which side.
    pub remedy: Option<String>,
    /// What came, byte by byte, where whoever mends it goes on with it: a redirect URI. A stranger may have made it up.
    pub received: Option<String>,
    /// Where it may be shown.
    pub delivery: Delivery,
}

impl Refusal {
    /// A refusal answered to the calling program.
    pub fn response(kind: &'static RefusalKind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
            remedy: None,
            received: None,
            delivery: Delivery::Response,
        }
    }

    /// A refusal that must stay a page of ours.
    pub fn page(kind: &'static RefusalKind, detail: impl Into<String>) -> Self {
        Self {
            delivery: Delivery::Page,
            ..Self::response(kind, detail)
        }
    }

    /// A refusal that goes back to the client through its redirect URI.
    pub fn redirect(kind: &'static RefusalKind, detail: impl Into<String>) -> Self {
        Self {
            delivery: Delivery::Redirect,
            ..Self::response(kind, detail)
        }
    }

    /// Adds what came, for whoever goes on with it.
    pub fn with_received(mut self, received: impl Into<String>) -> Self {
        self.received = Some(received.into());
        self
    }

    /// Adds what to type or change.
    pub fn with_remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }
}
