//! Requests that a person answers here although they began somewhere else: with a code on a device (RFC 8628), or on the start
//! page (OpenID Connect CIBA).
//!
//! `begin` stores one, `judge` asks the rules of logins whether this person may, `page` shows and answers it.

pub(crate) mod begin;
mod judge;
pub(crate) mod page;

use doorward_store::decoupled::Decoupled;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// What is asked, as the row keeps it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Asked {
    /// The scopes, separated by spaces.
    pub(crate) scope: String,
    /// Authentication contexts that the client would like.
    pub(crate) acr_values: Vec<String>,
    /// The code that the device shows.
    pub(crate) code: Option<String>,
    /// The binding message that the application shows.
    pub(crate) message: Option<String>,
    /// Where it began.
    pub(crate) address: String,
    /// What the device calls itself.
    pub(crate) user_agent: String,
    /// The reference of its trace.
    pub(crate) trace: String,
}

impl Asked {
    /// Of a stored request.
    pub(crate) fn of(stored: &Decoupled) -> Result<Self, Failure> {
        Ok(serde_json::from_str(&stored.request)?)
    }
}
