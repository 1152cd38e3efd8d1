//! How an authorization request came: in plain parameters, pushed beforehand, signed, or not at all as it should.

use doorward_oidc::Refusal;
use uuid::Uuid;

/// Found out before the request is judged; the default is plain parameters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The pushed request that it is (RFC 9126), by the key of its row.
    pub pushed: Option<Uuid>,
    /// The parameters come from a request object whose signature holds (RFC 9101).
    pub signed: bool,
    /// Why what `request` or `request_uri` named could not be had; then the parameters are those beside it.
    pub refused: Option<Refusal>,
}

impl Origin {
    /// Parameters that stand for a request which could not be had.
    pub fn refused(refusal: Refusal) -> Self {
        Self {
            refused: Some(refusal),
            ..Self::default()
        }
    }

    /// What to say of it in a trace.
    pub(super) fn describe(&self) -> &'static str {
        match (self.pushed.is_some(), self.signed) {
            (false, false) => "",
            (false, true) => "signed",
            (true, false) => "pushed",
            (true, true) => "pushed and signed",
        }
    }
}
