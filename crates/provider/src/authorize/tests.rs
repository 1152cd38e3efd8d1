//! The table as a whole, and what the tests of each check stand on.

use doorward_apps::App;
use doorward_oidc::{AuthorizationRequest, CodeVerifier, RedirectUris, ScopeSet};
use serde_json::{Map, Value};

use super::{Accepted, CHECKS, Origin, Refused, check};
use crate::testing::{self, World};
use crate::{Outcome, Steps};

/// A request that passes every check.
pub(super) fn request() -> AuthorizationRequest {
    let verifier = CodeVerifier::parse("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").unwrap();
    AuthorizationRequest {
        scope: ScopeSet::parse("openid profile").unwrap(),
        state: Some("s-1".to_owned()),
        nonce: Some("n-1".to_owned()),
        code_challenge: Some(verifier.challenge()),
        ..AuthorizationRequest::new("netbox", "https://netbox.example.com/oauth/complete/oidc/")
    }
}

/// One application on one server, and the steps of the last check.
pub(super) struct Case {
    world: World,
    app: Option<App>,
    origin: Origin,
    steps: Steps,
}

impl Case {
    pub(super) fn new() -> Self {
        Self {
            world: World::new(),
            app: Some(testing::app()),
            origin: Origin::default(),
            steps: Steps::new(),
        }
    }

    pub(super) fn without_app(mut self) -> Self {
        self.app = None;
        self
    }

    pub(super) fn app(mut self, change: impl FnOnce(&mut App)) -> Self {
        change(self.app.as_mut().unwrap());
        self
    }

    pub(super) fn origin(mut self, origin: Origin) -> Self {
        self.origin = origin;
        self
    }

    pub(super) fn redirect_uris(self, uris: &[&str]) -> Self {
        let uris = RedirectUris::register(uris.iter().copied()).unwrap();
        self.app(|app| app.redirect_uris = uris)
    }

    pub(super) fn signed(&self, claims: &Map<String, Value>) -> String {
        self.signed_as("JWT", claims)
    }

    pub(super) fn signed_as(&self, typ: &str, claims: &Map<String, Value>) -> String {
        let key = self.world.keys.active(doorward_jose::Algorithm::ES256).unwrap();
        key.sign(Some(typ), claims).unwrap()
    }

    pub(super) fn refused(&self, request: &AuthorizationRequest) -> Box<Refused> {
        let mut steps = Steps::new();
        let refused = check(
            request,
            &self.origin,
            self.app.as_ref(),
            &self.world.server,
            &self.world.keys,
            &mut steps,
        )
        .unwrap_err();
        let last = steps.as_slice().last().unwrap();
        assert_eq!(last.outcome, Outcome::Refused, "the last step is the refusal");
        assert!(last.detail.contains(refused.refusal.kind.code));
        refused
    }

    pub(super) fn accepted(&mut self, request: &AuthorizationRequest) -> Accepted {
        self.steps = Steps::new();
        check(
            request,
            &self.origin,
            self.app.as_ref(),
            &self.world.server,
            &self.world.keys,
            &mut self.steps,
        )
        .unwrap()
    }

    pub(super) fn detail_of(&self, name: &str) -> &str {
        &self
            .steps
            .as_slice()
            .iter()
            .find(|step| step.check == name)
            .unwrap()
            .detail
    }
}

#[test]
fn a_good_request_passes_every_check_in_the_tables_order() {
    let mut case = Case::new();
    let accepted = case.accepted(&request());
    let names: Vec<_> = case.steps.as_slice().iter().map(|step| step.check).collect();
    let table: Vec<_> = CHECKS.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, table);
    assert_eq!(accepted.reply_to.state.as_deref(), Some("s-1"));
    assert_eq!(accepted.reply_to.issuer, "https://sso.example.com");
}

#[test]
fn an_accepted_request_survives_being_stored_with_the_attempt() {
    let mut request = request();
    request.claims = doorward_oidc::ClaimsRequest::parse(r#"{"userinfo":{"email":{"essential":true}}}"#).unwrap();
    request.max_age = Some(5);
    let accepted = Case::new().accepted(&request);
    let stored = serde_json::to_string(&accepted).unwrap();
    assert_eq!(serde_json::from_str::<Accepted>(&stored).unwrap(), accepted);
}

#[test]
fn the_first_failing_check_of_the_table_wins() {
    let mut everything_wrong = request();
    everything_wrong.redirect_uri = Some("https://evil.example/".to_owned());
    everything_wrong.resources = vec!["https://nobody.example".to_owned()];
    everything_wrong.response_type = None;
    everything_wrong.code_challenge = None;
    let case = Case::new();
    assert_eq!(
        case.refused(&everything_wrong).refusal.kind.code,
        "redirect_uri_mismatch"
    );
    everything_wrong.redirect_uri = request().redirect_uri;
    assert_eq!(
        case.refused(&everything_wrong).refusal.kind.code,
        "response_type_missing"
    );
    everything_wrong.response_type = request().response_type;
    assert_eq!(case.refused(&everything_wrong).refusal.kind.code, "resource_unknown");
    everything_wrong.resources.clear();
    assert_eq!(case.refused(&everything_wrong).refusal.kind.code, "pkce_required");
}

#[test]
fn an_application_that_is_an_issuer_of_its_own_answers_as_that_issuer() {
    let mut case = Case::new().app(|app| app.issuer_style = doorward_apps::IssuerStyle::Own);
    assert_eq!(
        case.accepted(&request()).reply_to.issuer,
        "https://sso.example.com/apps/netbox"
    );
}
