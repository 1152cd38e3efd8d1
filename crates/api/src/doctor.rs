//! What the doctor says.

use serde::{Deserialize, Serialize};

use crate::{AppChange, ClientRegistrationChange};

/// What to look at an application with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DoctorRequest {
    /// Whose token is judged; whoever logged in to it last when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(examples("alice"))]
    pub user: Option<String>,
}

/// What the doctor found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Diagnosis {
    /// Whether nothing was found that a login fails with.
    pub usable: bool,
    /// What to do first, in a sentence; absent when nothing is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conclusion: Option<String>,
    /// Everything that was looked at: problems before advice before what is well, the likeliest cause first.
    pub findings: Vec<DoctorFinding>,
    /// What the application asks of this server, when its login was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<DoctorSent>,
    /// Each request that was made on the way to its login.
    #[serde(default)]
    pub visits: Vec<DoctorVisit>,
    /// Its clock minus this server's, in milliseconds: below zero it is behind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_offset_ms: Option<i64>,
    /// How exact that is, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_accuracy_ms: Option<i64>,
}

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DoctorWeight {
    /// A login fails with it.
    Problem,
    /// It works, and somebody should know.
    Advice,
    /// As it should be.
    Good,
}

/// Where something is to be typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DoctorSide {
    /// At this server.
    Here,
    /// In the application, or on its machine.
    Application,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DoctorFinding {
    /// Stable: `client_id`, `redirect_uri`, `pkce`, `scope`, `clock`, `algorithm`, …
    #[schema(examples("redirect_uri"))]
    pub code: String,
    /// How much it matters.
    pub weight: DoctorWeight,
    /// What a login needs.
    pub expected: String,
    /// What is there.
    pub received: String,
    /// What to do, the side that is probably wrong first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remedies: Vec<DoctorRemedy>,
    /// What may be changed at this server to mend it, by an ordinary operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<Box<DoctorFix>>,
}

/// What to do, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DoctorRemedy {
    /// Where.
    pub side: DoctorSide,
    /// What to type or change.
    pub text: String,
}

/// A change that would mend something. Nobody makes it but who is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DoctorFix {
    /// What it does, and what it costs.
    pub about: String,
    /// It opens something, or may keep somebody out: for somebody who has read it, never for `--yes`.
    #[serde(default)]
    pub needs_a_person: bool,
    /// The change.
    pub change: DoctorChange,
}

/// What a fix changes: the ordinary operation that does it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DoctorChange {
    /// A PATCH of an application.
    App(Box<DoctorAppChange>),
    /// A PATCH of the registration of clients.
    ClientRegistration(ClientRegistrationChange),
    /// A POST that gets a new certificate.
    RenewCertificate,
}

/// A change of an application.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DoctorAppChange {
    /// Its client id.
    pub client_id: String,
    /// The change.
    pub change: AppChange,
}

/// What the application asks of this server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DoctorSent {
    /// The authorization endpoint that it was sent to.
    pub endpoint: String,
    /// `client_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// `redirect_uri`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect_uri: Option<String>,
    /// `response_type`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_type: Option<String>,
    /// `response_mode`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_mode: Option<String>,
    /// `scope`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// `code_challenge_method`; absent without a challenge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pkce: Option<String>,
    /// Whether there is a `state`.
    pub state: bool,
    /// Whether there is a `nonce`.
    pub nonce: bool,
    /// Whether its parameters were pushed or are in a request object, and are not to be seen.
    pub elsewhere: bool,
}

/// One request to the application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DoctorVisit {
    /// Whether a form was sent.
    pub posted: bool,
    /// Where, without a query.
    pub url: String,
    /// The status of the answer; absent without one, and where the application is in a private network and nobody has said that it
    /// may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
}
