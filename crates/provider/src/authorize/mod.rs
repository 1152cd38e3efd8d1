//! The authorization endpoint: what must hold before a person is asked anything, and what happens then
//! (OpenID Connect Core §3.1.2, RFC 6749 §4.1.1, RFC 9700 §2).

mod accepted;
pub mod client;
mod decide;
#[cfg(test)]
mod decision_tests;
mod grant_plan;
pub mod id_token_hint;
pub mod max_age;
mod origin;
mod outcome;
pub mod pkce;
pub mod prompt;
pub mod protection;
pub mod readable;
pub mod redirect_uri;
mod reply;
pub mod request_object;
pub mod resource;
pub mod response_type;
pub mod scope;
mod strength;
#[cfg(test)]
mod tests;

use doorward_apps::App;
use doorward_oidc::{AuthorizationRequest, Delivery, Refusal, ResponseMode};

pub use accepted::{Accepted, Progress};
pub use decide::{Decision, LoginReason, SessionFacts, Situation, Strength, decide};
pub use grant_plan::GrantPlan;
pub use origin::Origin;
pub use outcome::{
    CONSENT_DENIED, CONSENT_REQUIRED, CONTEXT_NOT_REACHED, LOGIN_REQUIRED, OTHER_PERSON, TERMS_DECLINED, TERMS_REQUIRED,
};
pub use reply::{Reply, ReplyTo, Unsigned};
pub use strength::{Wish, wished};

use crate::{Extent, KeyRing, Server, Steps};

/// One check: its name in traces, and what it does with a request.
pub type Check = (&'static str, fn(&mut Pending<'_>) -> Result<(), Refusal>);

/// What must hold before a person is asked anything (OpenID Connect Core §3.1.2.2, RFC 9700 §2).
///
/// In this order: until the redirect URI is known good, a refusal is a page, never a redirect.
pub const CHECKS: &[Check] = &[
    ("authorize.client", client::is_known),
    ("authorize.request_object", request_object::is_sound),
    ("authorize.redirect_uri", redirect_uri::is_registered),
    ("authorize.protection", protection::is_sufficient),
    ("authorize.readable", readable::is_readable),
    ("authorize.response_type", response_type::is_code),
    ("authorize.scope", scope::is_sensible),
    ("authorize.resource", resource::is_of_the_app),
    ("authorize.details", resource::details_are_registered),
    ("authorize.pkce", pkce::is_sufficient),
    ("authorize.prompt", prompt::is_consistent),
    ("authorize.max_age", max_age::is_plausible),
    ("authorize.id_token_hint", id_token_hint::is_ours),
];

/// A request on its way through the checks.
#[derive(Debug)]
pub struct Pending<'a> {
    /// The request as it was read.
    pub request: &'a AuthorizationRequest,
    /// How it came.
    pub origin: &'a Origin,
    /// The application with this client id, if there is one.
    pub app: Option<&'a App>,
    /// Who we are.
    pub server: &'a Server,
    /// Our keys, for hints that we signed.
    pub keys: &'a KeyRing,
    /// What a passed check has to say, for the trace.
    pub found: String,
    /// The redirect URI, once it is known good.
    pub redirect_uri: Option<String>,
    /// The `sub` that has to be logged in.
    pub expected_subject: Option<String>,
}

impl<'a> Pending<'a> {
    /// The application, or the refusal that there is none.
    pub fn app(&self) -> Result<&'a App, Refusal> {
        self.app.ok_or_else(|| client::unknown(self.request))
    }
}

/// A request that was refused before anybody was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Why.
    pub refusal: Refusal,
    /// Where the refusal goes; `None` means that it must stay a page of ours.
    pub reply_to: Option<ReplyTo>,
}

/// Runs [`CHECKS`] over a request that came by `origin`. `app` is what the snapshot has under the request's client id.
pub fn check(
    request: &AuthorizationRequest,
    origin: &Origin,
    app: Option<&App>,
    server: &Server,
    keys: &KeyRing,
    steps: &mut Steps,
) -> Result<Accepted, Box<Refused>> {
    let mut pending = Pending {
        request,
        origin,
        app,
        server,
        keys,
        found: String::new(),
        redirect_uri: None,
        expected_subject: None,
    };
    for (name, run) in CHECKS {
        match run(&mut pending) {
            Ok(()) => steps.ok(name, std::mem::take(&mut pending.found)),
            Err(refusal) => {
                steps.refused(name, &refusal);
                return Err(Box::new(refused(&pending, refusal)));
            }
        }
    }
    accept(pending).map_err(|refusal| {
        Box::new(Refused {
            refusal,
            reply_to: None,
        })
    })
}

fn refused(pending: &Pending<'_>, refusal: Refusal) -> Refused {
    let reply_to = match refusal.delivery {
        Delivery::Redirect => reply_to(pending).ok(),
        Delivery::Page | Delivery::Response => None,
    };
    Refused { refusal, reply_to }
}

fn reply_to(pending: &Pending<'_>) -> Result<ReplyTo, Refusal> {
    let app = pending.app()?;
    let redirect_uri = pending.redirect_uri.clone().ok_or_else(|| redirect_uri::missing(app))?;
    Ok(ReplyTo {
        redirect_uri,
        mode: pending.request.response_mode.unwrap_or(ResponseMode::Query),
        signed: pending.request.signed_response,
        state: pending.request.state.clone(),
        issuer: pending.server.issuer(app).into_owned(),
    })
}

fn accept(pending: Pending<'_>) -> Result<Accepted, Refusal> {
    let reply_to = reply_to(&pending)?;
    let request = pending.request;
    Ok(Accepted {
        client_id: request.client_id.clone(),
        reply_to,
        redirect_uri_sent: request.redirect_uri.is_some(),
        scope: request.scope.clone(),
        nonce: request.nonce.clone(),
        code_challenge: request.code_challenge.clone(),
        prompt: request.prompt.clone(),
        max_age: request.max_age.map(i64::from),
        claims: request.claims.clone(),
        login_hint: request.login_hint.clone(),
        expected_subject: pending.expected_subject,
        acr_values: request.acr_values.clone(),
        ui_locales: request.ui_locales.clone(),
        display: request.display,
        extent: Extent {
            resources: request.resources.clone(),
            narrowed: false,
            details: request.authorization_details.clone(),
        },
        pushed: pending.origin.pushed,
        dpop_jkt: request.dpop_jkt.clone(),
    })
}
