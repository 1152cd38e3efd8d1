//! One login from the authorization request to the logout, with nothing but values in between.

use doorward_apps::App;
use doorward_jose::{Algorithm, TimeRules, Typ, VerificationPolicy, verify};
use doorward_oidc::{
    AuthorizationRequest, CodeVerifier, EndSessionRequest, Parameters, Prompt, ScopeSet, TokenRequest,
};
use doorward_provider::authorize::{
    self, Decision, GrantPlan, Origin, Progress, Reply, SessionFacts, Situation, Strength,
};
use doorward_provider::token::{self, CodeFacts, Redemption};
use doorward_provider::userinfo::{Bearer, Userinfo};
use doorward_provider::{GrantFacts, Issued, Steps, access_token, introspection, issue, logout, userinfo};
use uuid::Uuid;

use crate::testing::{self, NOW, World};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

fn query(more: &str) -> AuthorizationRequest {
    let challenge = CodeVerifier::parse(VERIFIER).unwrap().challenge();
    let query = format!(
        "client_id=netbox&redirect_uri=https%3A%2F%2Fnetbox.example.com%2Foauth%2Fcomplete%2Foidc%2F&response_type=code\
         &scope=openid+profile+email+groups+offline_access&state=s%7B1%7D&nonce=n-1&code_challenge={}\
         &code_challenge_method=S256{more}",
        challenge.as_str()
    );
    AuthorizationRequest::parse(&Parameters::parse(query.as_bytes()).unwrap()).unwrap()
}

fn session() -> SessionFacts {
    SessionFacts {
        id: Uuid::from_u128(9),
        user_id: testing::facts().user.id,
        auth_time: NOW - 30,
        amr: vec!["pwd".to_owned()],
        acr: None,
    }
}

/// From the request to what the web layer stores, and the steps of the trace.
fn granted(world: &World, app: &App, request: &AuthorizationRequest) -> (GrantPlan, Reply, Steps) {
    let mut steps = Steps::new();
    let accepted = authorize::check(
        request,
        &Origin::default(),
        Some(app),
        &world.server,
        &world.keys,
        &mut steps,
    )
    .unwrap();
    let (session, facts, progress) = (session(), testing::facts(), Progress::default());
    let situation = Situation {
        server: &world.server,
        open_terms: None,
        app,
        session: Some(&session),
        facts: Some(&facts),
        consented: None,
        progress: &progress,
        strength: Strength::default(),
        now: NOW,
    };
    match authorize::decide(&accepted, situation, &mut steps) {
        Decision::Issue(plan) => (*plan, accepted.reply_to.code("the-code", None), steps),
        other => panic!("expected a code, got {other:?}"),
    }
}

/// What the web layer reads back from the store.
fn stored(plan: &GrantPlan) -> (CodeFacts, GrantFacts) {
    let code = CodeFacts {
        app_id: plan.app_id,
        redirect_uri: plan.redirect_uri.clone(),
        code_challenge: plan.code_challenge.clone(),
        dpop_jkt: plan.dpop_jkt.clone(),
    };
    let grant = GrantFacts {
        id: Uuid::from_u128(5),
        session_id: Some(plan.session_id),
        scope: plan.scope.clone(),
        claims: plan.claims.clone(),
        auth_time: plan.auth_time,
        amr: plan.amr.clone(),
        acr: plan.acr.clone(),
        nonce: plan.nonce.clone(),
        extent: plan.extent.clone(),
    };
    (code, grant)
}

fn redeemed(world: &World, app: &App, code: &CodeFacts, grant: &GrantFacts, steps: &mut Steps) -> Issued {
    let form = format!(
        "grant_type=authorization_code&code=the-code&code_verifier={VERIFIER}\
         &redirect_uri=https%3A%2F%2Fnetbox.example.com%2Foauth%2Fcomplete%2Foidc%2F"
    );
    let request = TokenRequest::parse(&Parameters::parse(form.as_bytes()).unwrap()).unwrap();
    let TokenRequest::AuthorizationCode {
        redirect_uri,
        code_verifier,
        ..
    } = request
    else {
        panic!("a code grant")
    };
    let redemption = Redemption {
        app,
        code,
        redirect_uri: redirect_uri.as_deref(),
        verifier: code_verifier.as_ref(),
        shown: doorward_provider::Confirmation::NONE,
    };
    token::redeem(redemption, steps).unwrap();
    let scope = token::current_scope(app, &testing::facts(), &grant.scope, testing::NOW, steps).unwrap();
    issue::issue(world.mint(), app, &testing::facts(), grant, scope).unwrap()
}

#[test]
fn a_code_login_from_the_request_to_the_logout() {
    let (world, app) = (World::new(), testing::app());
    let (plan, reply, mut steps) = granted(&world, &app, &query(""));
    let Reply::Redirect(location) = reply else {
        panic!("expected a redirect")
    };
    assert_eq!(
        location,
        "https://netbox.example.com/oauth/complete/oidc/?code=the-code&state=s%7B1%7D&iss=https%3A%2F%2Fsso.example.com"
    );

    let (code, grant) = stored(&plan);
    let issued = redeemed(&world, &app, &code, &grant, &mut steps);
    assert!(token::refresh::is_due(&app, &issued.scope));
    let policy = VerificationPolicy::new(Typ::PLAIN, &[Algorithm::ES256]);
    let id_token = issued.id_token.clone().unwrap();
    let claims = verify(&id_token, world.keys.verification(), &policy)
        .unwrap()
        .into_claims();
    TimeRules {
        require_iat: true,
        max_age: Some(600),
        ..TimeRules::new(NOW, 0)
    }
    .check(&claims)
    .unwrap();
    assert_eq!(
        (&claims["nonce"], &claims["auth_time"]),
        (&"n-1".into(), &(NOW - 32).into())
    );

    let bearer = access_token::verify(&issued.access_token, &world.server, &world.keys, |_| None).unwrap();
    let facts = testing::facts();
    let lookups = Bearer {
        token: &bearer,
        app: Some(&app),
        grant: Some(&grant),
        facts: Some(&facts),
    };
    let Userinfo::Json(userinfo) = userinfo::respond(world.mint(), lookups, &mut steps).unwrap() else {
        panic!("expected JSON")
    };
    assert_eq!(
        userinfo["sub"], claims["sub"],
        "userinfo and ID token speak of the same person"
    );
    assert_eq!(userinfo["groups"], claims["groups"]);
    assert!(introspection::of_access_token(&app, &bearer, true, None, NOW).active);

    let request = EndSessionRequest {
        id_token_hint: Some(id_token),
        ..EndSessionRequest::default()
    };
    let session = session();
    let current = logout::Current {
        id: session.id,
        subject: &plan.subject,
    };
    let find = |id: &str| (id == app.client_id).then_some(&app);
    let farewell = logout::plan(&request, Some(current), find, &world.server, &world.keys, &mut steps);
    assert!(!farewell.confirm);
    assert!(
        steps.as_slice().iter().all(|step| step.remedy.is_none()),
        "nothing to mend in a good login"
    );
}

#[test]
fn a_refreshed_id_token_has_the_old_auth_time_and_no_nonce() {
    let (world, app) = (World::new(), testing::app());
    let (plan, _, mut steps) = granted(&world, &app, &query(""));
    let (_, grant) = stored(&plan);
    let scope = token::current_scope(&app, &testing::facts(), &grant.scope, testing::NOW, &mut steps).unwrap();
    let repeated = ScopeSet::parse("openid profile email groups offline_access never_granted").unwrap();
    let scope = token::refresh::narrowed(&scope, Some(&repeated), &mut steps).unwrap();
    let grant = GrantFacts { nonce: None, ..grant };
    let mint = doorward_provider::Mint {
        now: NOW + 86_400,
        ..world.mint()
    };
    let issued = issue::issue(mint, &app, &testing::facts(), &grant, scope).unwrap();
    let policy = VerificationPolicy::new(Typ::PLAIN, &[Algorithm::ES256]);
    let claims = verify(&issued.id_token.unwrap(), world.keys.verification(), &policy)
        .unwrap()
        .into_claims();
    assert_eq!(
        (&claims["auth_time"], &claims["iat"]),
        (&(NOW - 32).into(), &(NOW + 86_398).into())
    );
    assert!(!claims.contains_key("nonce"));
}

#[test]
fn form_post_carries_the_same_answer_in_fields() {
    let (world, app) = (World::new(), testing::app());
    let (_, reply, _) = granted(&world, &app, &query("&response_mode=form_post"));
    let Reply::FormPost { action, fields } = reply else {
        panic!("expected a form")
    };
    assert_eq!(action, "https://netbox.example.com/oauth/complete/oidc/");
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(
        fields,
        [
            ("code", "the-code"),
            ("state", "s{1}"),
            ("iss", "https://sso.example.com")
        ]
    );
}

#[test]
fn unknown_parameters_and_prompts_are_ignored() {
    let (world, app) = (World::new(), testing::app());
    let request = query("&foo=bar&prompt=create&display=hologram&ui_locales=de-AT+de");
    assert!(!request.prompt.contains(Prompt::None));
    let (plan, _, _) = granted(&world, &app, &request);
    assert!(plan.offline);
}
