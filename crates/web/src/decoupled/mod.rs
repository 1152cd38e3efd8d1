//! Requests that a person answers here although they began somewhere else: with a code on a device (RFC 8628), or on the start
//! page (OpenID Connect CIBA).
//!
//! `begin` stores one, `judge` asks the rules of logins whether this person may, `page` shows and answers it.

pub(crate) mod begin;
mod judge;
pub(crate) mod page;

use doorward_jose::base64url;
use doorward_store::decoupled::Decoupled;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Door, failure::Failure};

/// What is asked, as the row keeps it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Asked {
    /// The scopes, separated by spaces.
    pub(crate) scope: String,
    /// Authentication contexts that the client would like.
    pub(crate) acr_values: Vec<String>,
    /// The code that the device shows, sealed for this row: whoever reads the database could type it for somebody else.
    code: Option<String>,
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

    /// Keeps the code of a device in the row with this id.
    pub(crate) fn keep_code(&mut self, door: &Door, id: Uuid, code: &str) {
        let sealed = door.master.seal(&*door.random, &purpose(id), code.as_bytes());
        self.code = Some(base64url::encode(sealed));
    }

    /// The code that the device shows.
    pub(crate) fn code(&self, door: &Door, id: Uuid) -> Result<Option<String>, Failure> {
        let Some(sealed) = &self.code else { return Ok(None) };
        let code = door.master.open(&purpose(id), &base64url::decode(sealed)?)?;
        Ok(Some(String::from_utf8(code.expose().clone())?))
    }
}

fn purpose(id: Uuid) -> Vec<u8> {
    [b"code of a device".as_slice(), id.as_bytes()].concat()
}
