//! The claims of an access token (RFC 9068 §2.2).

use doorward_apps::App;
use doorward_claims::ClaimSet;
use doorward_oidc::{AuthorizationDetails, ScopeSet};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::{BACKDATED, GrantFacts, Mint, token_id};
use crate::Confirmation;
use crate::Extent;

/// Claims of an access token, written without a detour through a JSON tree: a service may fetch thousands a second.
#[derive(Debug, Clone)]
pub struct AccessTokenClaims {
    /// Issuer.
    pub iss: String,
    /// The person, or the application itself.
    pub sub: String,
    /// Who it is for: one string when there is one.
    pub aud: Audience,
    /// The application it was issued to.
    pub client_id: String,
    /// Unique.
    pub jti: String,
    /// Issued at, a little in the past.
    pub iat: i64,
    /// Ends.
    pub exp: i64,
    /// What was granted, separated by spaces.
    pub scope: String,
    /// The grant, for a person's token.
    pub grant: Option<Uuid>,
    /// The session.
    pub sid: Option<Uuid>,
    /// When the person authenticated.
    pub auth_time: Option<i64>,
    /// The context that was reached.
    pub acr: Option<String>,
    /// How the person authenticated.
    pub amr: Vec<String>,
    /// It is for resource servers alone, and not for our own userinfo.
    pub elsewhere: bool,
    /// What may be done with it (RFC 9396 §9.1).
    pub details: AuthorizationDetails,
    /// The keys that whoever uses it has to prove (RFC 7800 §3.1).
    pub cnf: Confirmation,
    /// Who acts for the person (RFC 8693 §4.1).
    pub act: Option<Value>,
    /// It came of an exchange: it is for its audience, and opens nothing here.
    pub exchanged: bool,
    /// What the application's claim rules add.
    pub more: ClaimSet,
}

/// `aud`: a string when there is one, else a list (RFC 7519 §4.1.3); some libraries only understand the string.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    /// The only one.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl Audience {
    /// Whether `who` is among them.
    pub fn contains(&self, who: &str) -> bool {
        match self {
            Self::One(one) => one == who,
            Self::Many(many) => many.iter().any(|one| one == who),
        }
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let (one, many) = match self {
            Self::One(one) => (Some(one.as_str()), &[][..]),
            Self::Many(many) => (None, many.as_slice()),
        };
        one.into_iter().chain(many.iter().map(String::as_str))
    }

    /// The resources that the token request named and nobody else (RFC 8707 §2.2), or whoever the application's settings
    /// name and the resources of the grant.
    fn of(app: &App, issuer: &str, extent: &Extent) -> Self {
        if extent.narrowed {
            return Self::all(extent.resources.clone(), issuer);
        }
        let own = app.audiences.client_id.then_some(app.client_id.as_str());
        let extra = app
            .audiences
            .extra
            .iter()
            .map(String::as_str)
            .filter(|extra| Some(*extra) != own);
        let mut all: Vec<String> = own.into_iter().chain(extra).map(str::to_owned).collect();
        for resource in &extent.resources {
            if !all.contains(resource) {
                all.push(resource.clone());
            }
        }
        Self::all(all, issuer)
    }

    fn all(mut all: Vec<String>, issuer: &str) -> Self {
        match (all.pop(), all.is_empty()) {
            (Some(last), false) => {
                all.push(last);
                Self::Many(all)
            }
            (Some(only), true) => Self::One(only),
            // RFC 9068 §2.2 demands an audience; ours is the only one that remains.
            (None, _) => Self::One(issuer.to_owned()),
        }
    }
}

/// Whether nobody but resource servers is named.
fn is_elsewhere(app: &App, extent: &Extent) -> bool {
    let has_own = app.audiences.client_id || !app.audiences.extra.is_empty();
    extent.narrowed || (!extent.resources.is_empty() && !has_own)
}

impl AccessTokenClaims {
    pub(super) fn for_client(mint: Mint<'_>, app: &App, scope: &ScopeSet, extent: &Extent) -> Self {
        let iss = mint.server.issuer(app).into_owned();
        Self {
            sub: app.client_id.clone(),
            aud: Audience::of(app, &iss, extent),
            elsewhere: is_elsewhere(app, extent),
            iss,
            client_id: app.client_id.clone(),
            jti: token_id(mint.random),
            iat: mint.now.saturating_sub(BACKDATED),
            exp: mint.now.saturating_add(app.lifetimes.access_token),
            scope: scope.to_string(),
            grant: None,
            sid: None,
            auth_time: None,
            acr: None,
            amr: Vec::new(),
            details: AuthorizationDetails::default(),
            cnf: mint.confirmation.clone(),
            act: None,
            exchanged: false,
            more: ClaimSet::default(),
        }
    }

    pub(super) fn for_person(
        mint: Mint<'_>,
        app: &App,
        sub: String,
        grant: &GrantFacts,
        scope: &ScopeSet,
        more: ClaimSet,
    ) -> Self {
        Self {
            sub,
            grant: Some(grant.id),
            sid: grant.session_id,
            auth_time: Some(grant.auth_time.saturating_sub(BACKDATED)),
            acr: grant.acr.clone(),
            amr: grant.amr.clone(),
            details: grant.extent.details.clone(),
            more,
            ..Self::for_client(mint, app, scope, &grant.extent)
        }
    }
}

impl Serialize for AccessTokenClaims {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("iss", &self.iss)?;
        map.serialize_entry("sub", &self.sub)?;
        map.serialize_entry("aud", &self.aud)?;
        map.serialize_entry("client_id", &self.client_id)?;
        map.serialize_entry("jti", &self.jti)?;
        map.serialize_entry("iat", &self.iat)?;
        map.serialize_entry("exp", &self.exp)?;
        map.serialize_entry("scope", &self.scope)?;
        if let Some(grant) = &self.grant {
            map.serialize_entry(GRANT_CLAIM, grant)?;
        }
        if let Some(sid) = &self.sid {
            map.serialize_entry("sid", sid)?;
        }
        if let Some(auth_time) = &self.auth_time {
            map.serialize_entry("auth_time", auth_time)?;
        }
        if let Some(acr) = &self.acr {
            map.serialize_entry("acr", acr)?;
        }
        if !self.amr.is_empty() {
            map.serialize_entry("amr", &self.amr)?;
        }
        if self.elsewhere {
            map.serialize_entry(ELSEWHERE_CLAIM, &true)?;
        }
        if !self.details.is_empty() {
            map.serialize_entry(DETAILS_CLAIM, &self.details)?;
        }
        if !self.cnf.is_none() {
            map.serialize_entry("cnf", &self.cnf)?;
        }
        if let Some(act) = &self.act {
            map.serialize_entry(ACT_CLAIM, act)?;
        }
        if self.exchanged {
            map.serialize_entry(EXCHANGED_CLAIM, &true)?;
        }
        for (name, value) in self.more.as_map() {
            // A rule may not stand in for the grant, which revocation reads, nor for what the person approved or an exchange says, nor
            // keep a token away from us.
            if ![GRANT_CLAIM, DETAILS_CLAIM, ELSEWHERE_CLAIM, ACT_CLAIM, EXCHANGED_CLAIM].contains(&name.as_str()) {
                map.serialize_entry(name, value)?;
            }
        }
        map.end()
    }
}

/// The claim that names the grant of an access token.
pub(crate) const GRANT_CLAIM: &str = "doorward_grant";
/// The claim that keeps a token for resource servers away from our own userinfo: its audience alone does not say so, because what is
/// registered as an audience or a resource changes while it lives.
pub(crate) const ELSEWHERE_CLAIM: &str = "doorward_elsewhere";
/// The claim that says what may be done with it (RFC 9396 §9.1).
const DETAILS_CLAIM: &str = "authorization_details";

/// The claim that names who acts (RFC 8693 §4.1).
const ACT_CLAIM: &str = "act";

/// The claim of a token that came of an exchange.
const EXCHANGED_CLAIM: &str = "doorward_exchanged";
