//! API tokens of service accounts: opaque bearer values `dwt_…`.

use doorward_jose::Secret;
use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

/// What is known of an API token after its creation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApiToken {
    /// Identifies the token; also its first half, so it can be found in a leaked value.
    pub id: Uuid,
    /// The service account it acts as.
    pub user_id: Uuid,
    /// What it is for, as the administrator typed it.
    pub label: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends by itself.
    pub expires: Option<Timestamp>,
    /// When it was last used, to the hour.
    pub last_used: Option<Timestamp>,
}

/// A token just made: the only time its value is known.
#[derive(Debug)]
pub struct NewApiToken {
    /// The value to give to the program.
    pub value: Secret<String>,
    /// The rest.
    pub token: ApiToken,
}
