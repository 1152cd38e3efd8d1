//! The token endpoint (RFC 6749 §3.2).

use std::sync::Arc;

use axum::{body::Bytes, extract::State, response::Response};
use doorward_apps::App;
use doorward_audit::{Reference, TraceOutcome};
use doorward_oidc::{AuthorizationDetails, Parameters, Refusal, TokenRequest, TokenResponse};
use doorward_provider::{
    Extent, KeyRing, Mint, Steps,
    decoupled::{AUTHORIZATION_PENDING, SLOW_DOWN},
    issue, path,
    token::client_credentials,
};
use doorward_store::decoupled::Kind;
use http::StatusCode;

use super::{
    client, cors,
    error::{Trouble, refused},
    possession::{self, Call, Shown},
    token_assertion, token_code, token_decoupled, token_exchange, token_refresh,
};
use crate::{Door, answer, failure::Answer, telemetry, trail::Trail, visit::Visit};

/// POST.
pub(crate) async fn post(State(door): State<Arc<Door>>, visit: Visit, body: Bytes) -> Answer {
    let mut exchange = Exchange {
        door: &door,
        visit: &visit,
        app: None,
        trace: None,
        steps: Steps::new(),
        shown: Shown::default(),
    };
    let form = match Parameters::parse(&body) {
        Ok(form) => form,
        Err(refusal) => return Ok(exchange.refuse(&refusal)),
    };
    match exchange.answer(&form).await {
        Ok((tokens, grant_type)) => {
            metrics::counter!(telemetry::TOKENS, "grant_type" => grant_type).increment(1);
            Ok(exchange.succeed(&tokens))
        }
        Err(Trouble::Refused(refusal)) => {
            exchange.find_trace(&form).await?;
            Ok(exchange.refuse(&refusal))
        }
        Err(Trouble::Failed(failure)) => Err(failure),
    }
}

/// What of its grant a token request names.
pub(super) struct Part {
    pub(super) resources: Vec<String>,
    pub(super) details: Option<AuthorizationDetails>,
}

impl Part {
    /// The extent of the tokens that come of it.
    pub(super) fn of(&self, app: &App, extent: &Extent, steps: &mut Steps) -> Result<Extent, Refusal> {
        steps.record(
            "token.resource",
            extent.of_token(app, &self.resources, self.details.as_ref()),
        )
    }
}

/// One request to the token endpoint.
pub(super) struct Exchange<'a> {
    pub(super) door: &'a Door,
    pub(super) visit: &'a Visit,
    pub(super) app: Option<Arc<App>>,
    /// The login that the request belongs to, once known.
    pub(super) trace: Option<Reference>,
    pub(super) steps: Steps,
    /// The keys that the request shows, which its tokens are bound to.
    pub(super) shown: Shown,
}

impl Exchange<'_> {
    async fn answer(&mut self, form: &Parameters) -> Result<(TokenResponse, &'static str), Trouble> {
        let snapshot = self.door.snapshots.current().await?;
        let app = client::authenticated(self.door, self.visit, &snapshot, form, &mut self.steps).await?;
        self.app = Some(Arc::clone(&app));
        let call = Call {
            method: "POST",
            path: path::TOKEN,
            access_token: None,
            is_demanded: true,
        };
        self.shown = possession::shown(self.door, self.visit, Some(&app), call, &mut self.steps)?;
        let request = self.steps.record("token.request", TokenRequest::parse(form))?;
        let keys = self.door.keys.current().await?;
        let name = request.grant_type().as_str();
        let tokens = match request {
            TokenRequest::AuthorizationCode {
                code,
                redirect_uri,
                code_verifier,
                resources,
                details,
            } => {
                let presented = token_code::Presented {
                    code,
                    redirect_uri,
                    code_verifier,
                    part: Part { resources, details },
                };
                token_code::redeem(self, &app, &keys, presented).await?
            }
            TokenRequest::RefreshToken {
                refresh_token,
                scope,
                resources,
                details,
            } => {
                let part = Part { resources, details };
                token_refresh::refresh(self, &app, &keys, &refresh_token, scope, &part).await?
            }
            TokenRequest::DeviceCode { device_code } => {
                token_decoupled::fetch(self, &app, &keys, Kind::Device, &device_code).await?
            }
            TokenRequest::Ciba { auth_req_id } => {
                token_decoupled::fetch(self, &app, &keys, Kind::Ciba, &auth_req_id).await?
            }
            TokenRequest::TokenExchange(request) => {
                token_exchange::exchange(self, &app, &snapshot, &keys, &request).await?
            }
            TokenRequest::JwtBearer { assertion, scope } => {
                token_assertion::redeem(self, &app, &keys, &assertion, scope.as_ref()).await?
            }
            TokenRequest::ClientCredentials { scope, resources } => {
                let scope = client_credentials::scope(&app, scope.as_ref(), &mut self.steps)?;
                let extent = self
                    .steps
                    .record("token.resource", Extent::of_client(&app, resources))?;
                // A code and a refresh token are spent in a unit of work that claims the proof too; here there is none.
                let shown = self.shown.clone();
                shown.claim_alone(self.door, self.visit, &mut self.steps).await?;
                issue::issue_to_client_for(self.mint(&keys), &app, scope, &extent)?.into_response(None)
            }
        };
        Ok((tokens, name))
    }

    pub(super) fn mint<'m>(&'m self, keys: &'m KeyRing) -> Mint<'m> {
        Mint {
            server: &self.door.server,
            keys,
            now: self.visit.seconds(),
            random: &*self.door.random,
            confirmation: &self.shown.confirmation,
        }
    }

    /// A refused exchange belongs into the trace of its login, even when the client could not prove who it is: that is
    /// where the administrator looks.
    async fn find_trace(&mut self, form: &Parameters) -> Result<(), crate::failure::Failure> {
        if self.trace.is_none()
            && let Some(code) = form.find("code")
        {
            self.trace = token_code::trace_of(self.door, code).await?;
        }
        Ok(())
    }

    fn succeed(self, tokens: &TokenResponse) -> Response {
        let response = answer::json(StatusCode::OK, tokens);
        let response = possession::with_nonce(self.door, self.visit, response);
        let response = cors::allow(response, self.visit, self.app.as_deref());
        if let Some(reference) = self.trace {
            let (door, visit) = (self.door, self.visit);
            self.into_trail(reference).close(door, visit, TraceOutcome::Ok);
        }
        response
    }

    fn refuse(self, refusal: &Refusal) -> Response {
        let response = refused(refusal, client::used_header(self.visit));
        let mut response = possession::with_nonce(self.door, self.visit, response);
        // `access_denied` is of the authorization endpoint and of resources; here it is said as RFC 6749 §5.2 says all.
        if response.status() == StatusCode::FORBIDDEN {
            *response.status_mut() = StatusCode::BAD_REQUEST;
        }
        let response = cors::allow(response, self.visit, self.app.as_deref());
        // That a person has not answered yet is nothing to look up: it would bury what is.
        if [&AUTHORIZATION_PENDING, &SLOW_DOWN].contains(&refusal.kind) {
            return response;
        }
        let reference = self.trace.unwrap_or_else(|| self.door.tracer.begin(self.visit.now));
        let (door, visit) = (self.door, self.visit);
        let mut trail = self.into_trail(reference);
        trail.conclude(refusal);
        trail.close(door, visit, TraceOutcome::Refused);
        response
    }

    fn into_trail(self, reference: Reference) -> Trail {
        let mut trail = Trail::resume(reference, "token");
        if let Some(app) = &self.app {
            trail.app(&app.client_id);
        }
        trail.steps = self.steps;
        trail
    }
}
