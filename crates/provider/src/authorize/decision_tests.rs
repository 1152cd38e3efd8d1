//! Every decision, and the promise that no person is asked the same thing twice.

use doorward_apps::{App, Consent};
use doorward_directory::{Demand, Facts, Level, UserKind};
use doorward_oidc::{ClaimsRequest, Delivery, Prompt, PromptSet, ResponseMode, ScopeSet};
use proptest::prelude::*;
use uuid::Uuid;

use super::{
    Accepted, CONSENT_REQUIRED, Decision, LoginReason, Progress, ReplyTo, SessionFacts, Situation, Strength, decide,
};
use crate::testing::{self, NOW, scope};
use crate::{Extent, Outcome, Server, Steps, subject};

fn accepted() -> Accepted {
    Accepted {
        client_id: "netbox".to_owned(),
        reply_to: ReplyTo {
            redirect_uri: "https://netbox.example.com/oauth/complete/oidc/".to_owned(),
            mode: ResponseMode::Query,
            signed: false,
            state: None,
            issuer: "https://sso.example.com".to_owned(),
        },
        redirect_uri_sent: true,
        scope: scope("openid profile"),
        nonce: Some("n".to_owned()),
        code_challenge: None,
        prompt: PromptSet::default(),
        max_age: None,
        claims: ClaimsRequest::default(),
        login_hint: Some("alice".to_owned()),
        expected_subject: None,
        acr_values: Vec::new(),
        ui_locales: Vec::new(),
        display: None,
        extent: Extent::default(),
        pushed: None,
        dpop_jkt: None,
    }
}

fn session() -> SessionFacts {
    SessionFacts {
        id: Uuid::from_u128(9),
        user_id: testing::facts().user.id,
        auth_time: NOW - 100,
        amr: vec!["pwd".to_owned()],
        acr: Some("urn:example:password".to_owned()),
    }
}

/// A browser with everything that can be in its way.
struct Browser {
    app: App,
    session: Option<SessionFacts>,
    facts: Facts,
    open_terms: Option<u32>,
    consented: Option<ScopeSet>,
    progress: Progress,
    strength: Strength,
}

impl Browser {
    fn logged_in() -> Self {
        Self {
            app: testing::app(),
            session: Some(session()),
            facts: testing::facts(),
            open_terms: None,
            consented: None,
            progress: Progress::default(),
            strength: Strength::default(),
        }
    }

    fn decide(&self, request: &Accepted) -> Decision {
        let mut steps = Steps::new();
        let server = Server::new("https://sso.example.com");
        let situation = Situation {
            server: &server,
            app: &self.app,
            session: self.session.as_ref(),
            facts: self.session.as_ref().map(|_| &self.facts),
            open_terms: self.open_terms,
            consented: self.consented.as_ref(),
            progress: &self.progress,
            strength: self.strength,
            now: NOW,
        };
        let decision = decide(request, situation, &mut steps);
        let refused = steps.as_slice().iter().any(|step| step.outcome == Outcome::Refused);
        assert_eq!(
            refused,
            matches!(decision, Decision::Refuse(_)),
            "a refusal is a step, and only a refusal"
        );
        decision
    }

    /// What the web layer does after a login page.
    fn log_in(&mut self) {
        self.session = Some(SessionFacts {
            id: Uuid::from_u128(10),
            auth_time: NOW,
            ..session()
        });
        self.progress.authenticated = Some(Uuid::from_u128(10));
    }
}

fn with_prompt(list: &str) -> Accepted {
    Accepted {
        prompt: PromptSet::parse(list),
        ..accepted()
    }
}

fn code_of(decision: Decision) -> &'static str {
    match decision {
        Decision::Refuse(refusal) => refusal.kind.code,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

fn reason_of(decision: Decision) -> LoginReason {
    match decision {
        Decision::Login { reason, .. } => reason,
        other => panic!("expected a login, got {other:?}"),
    }
}

#[test]
fn a_session_with_access_gets_a_code_that_is_true_to_the_session() {
    let Decision::Issue(plan) = Browser::logged_in().decide(&accepted()) else {
        panic!("expected a code")
    };
    assert_eq!(plan.auth_time, NOW - 100);
    assert_eq!(plan.amr, ["pwd"]);
    assert_eq!(plan.acr.as_deref(), Some("urn:example:password"));
    assert_eq!(plan.subject, "00000000-0000-0000-0000-000000000007");
    assert_eq!(plan.scope.to_string(), "openid profile");
    assert_eq!(
        plan.redirect_uri.as_deref(),
        Some("https://netbox.example.com/oauth/complete/oidc/")
    );
    assert_eq!(plan.code_expires, NOW + 60);
    assert!(!plan.offline);
}

#[test]
fn unknown_and_unmapped_scopes_fall_out_of_the_grant() {
    let request = Accepted {
        scope: scope("openid user:email phone offline_access"),
        ..accepted()
    };
    let Decision::Issue(plan) = Browser::logged_in().decide(&request) else {
        panic!("expected a code")
    };
    assert_eq!(plan.scope.to_string(), "openid offline_access");
    assert!(plan.offline);
}

#[test]
fn without_a_session_the_person_logs_in_and_with_prompt_none_the_client_learns_it() {
    let nobody = Browser {
        session: None,
        ..Browser::logged_in()
    };
    let Decision::Login {
        reason,
        login_hint,
        force,
    } = nobody.decide(&accepted())
    else {
        panic!("expected a login")
    };
    assert_eq!((reason, force), (LoginReason::NoSession, false));
    assert_eq!(login_hint.as_deref(), Some("alice"));
    let Decision::Refuse(refusal) = nobody.decide(&with_prompt("none")) else {
        panic!("expected a refusal")
    };
    assert_eq!(
        (refusal.kind.oauth, refusal.delivery),
        ("login_required", Delivery::Redirect)
    );
}

#[test]
fn a_disabled_user_and_a_service_account_have_no_session() {
    let mut disabled = Browser::logged_in();
    disabled.facts.user.disabled = true;
    assert_eq!(reason_of(disabled.decide(&accepted())), LoginReason::NoSession);
    let mut service = Browser::logged_in();
    service.facts.user.kind = UserKind::Service;
    assert_eq!(reason_of(service.decide(&accepted())), LoginReason::NoSession);
}

#[test]
fn facts_of_somebody_else_than_the_sessions_user_count_for_nothing() {
    let mut mixed = Browser::logged_in();
    mixed.facts.user.id = Uuid::from_u128(99);
    assert_eq!(reason_of(mixed.decide(&accepted())), LoginReason::NoSession);
}

#[test]
fn prompt_login_forces_exactly_one_authentication() {
    let mut browser = Browser::logged_in();
    let request = with_prompt("login");
    let Decision::Login { reason, force, .. } = browser.decide(&request) else {
        panic!("expected a login")
    };
    assert_eq!((reason, force), (LoginReason::PromptLogin, true));
    browser.log_in();
    assert!(matches!(browser.decide(&request), Decision::Issue(_)));
}

#[test]
fn an_authentication_for_another_session_satisfies_nothing() {
    let mut browser = Browser::logged_in();
    browser.progress.authenticated = Some(Uuid::from_u128(1234));
    assert_eq!(
        reason_of(browser.decide(&with_prompt("login"))),
        LoginReason::PromptLogin
    );
}

#[test]
fn max_age_forces_a_login_only_when_the_last_one_is_older() {
    let mut browser = Browser::logged_in();
    let aged = |max_age| Accepted {
        max_age: Some(max_age),
        ..accepted()
    };
    assert!(matches!(browser.decide(&aged(102)), Decision::Issue(_)));
    assert_eq!(reason_of(browser.decide(&aged(101))), LoginReason::MaxAge);
    let silent = Accepted {
        prompt: PromptSet::parse("none"),
        ..aged(101)
    };
    assert_eq!(code_of(browser.decide(&silent)), "login_required");
    browser.log_in();
    assert!(
        matches!(browser.decide(&aged(0)), Decision::Issue(_)),
        "max_age=0 is met by the login it asked for"
    );
}

#[test]
fn select_account_is_asked_once_and_the_choice_counts_for_that_user_only() {
    let mut browser = Browser::logged_in();
    let request = with_prompt("select_account");
    assert_eq!(browser.decide(&request), Decision::SelectAccount);
    browser.progress.account_chosen = Some(Uuid::from_u128(1234));
    assert_eq!(browser.decide(&request), Decision::SelectAccount);
    browser.progress.account_chosen = Some(testing::facts().user.id);
    assert!(matches!(browser.decide(&request), Decision::Issue(_)));
}

#[test]
fn another_person_is_asked_to_log_in_once_and_then_refused() {
    let mut browser = Browser::logged_in();
    let request = Accepted {
        expected_subject: Some("somebody-else".to_owned()),
        ..accepted()
    };
    assert_eq!(reason_of(browser.decide(&request)), LoginReason::OtherPerson);
    let silent = Accepted {
        prompt: PromptSet::parse("none"),
        ..request.clone()
    };
    assert_eq!(code_of(browser.decide(&silent)), "login_required");
    browser.log_in();
    assert_eq!(code_of(browser.decide(&request)), "other_person");
    let ours = Accepted {
        expected_subject: Some(subject(
            &Server::new("https://sso.example.com"),
            &browser.app,
            &browser.facts,
        )),
        ..accepted()
    };
    assert!(matches!(browser.decide(&ours), Decision::Issue(_)));
}

#[test]
fn an_essential_context_that_was_not_reached_fails_and_a_voluntary_one_does_not() {
    let browser = Browser::logged_in();
    let asking = |json: &str| Accepted {
        claims: ClaimsRequest::parse(json).unwrap(),
        ..accepted()
    };
    let strong = r#"{"id_token":{"acr":{"essential":true,"values":["urn:example:strong"]}}}"#;
    assert_eq!(
        code_of(browser.decide(&asking(strong))),
        "authentication_context_not_reached"
    );
    let reached = r#"{"id_token":{"acr":{"essential":true,"values":["urn:example:strong","urn:example:password"]}}}"#;
    assert!(matches!(browser.decide(&asking(reached)), Decision::Issue(_)));
    let voluntary = r#"{"id_token":{"acr":{"values":["urn:example:strong"]}}}"#;
    assert!(matches!(browser.decide(&asking(voluntary)), Decision::Issue(_)));
}

fn stronger(decision: &Decision) -> bool {
    matches!(
        decision,
        Decision::Login {
            reason: LoginReason::Stronger,
            force: true,
            ..
        }
    )
}

/// The same login with a code of an app.
fn with_a_code(browser: &mut Browser) {
    if let Some(session) = &mut browser.session {
        session.amr = ["pwd", "otp", "mfa"].map(str::to_owned).to_vec();
        session.acr = Some(Level::Second.acr().to_owned());
    }
}

#[test]
fn what_policy_demands_is_asked_for_once_unless_the_browser_is_remembered() {
    let mut browser = Browser::logged_in();
    browser.strength.demand = Demand {
        now: Level::Second,
        soon: Level::Second,
        ..Demand::default()
    };
    assert!(stronger(&browser.decide(&accepted())));
    assert_eq!(code_of(browser.decide(&with_prompt("none"))), "login_required");
    browser.strength.is_remembered = true;
    let Decision::Issue(plan) = browser.decide(&accepted()) else {
        panic!("a remembered browser is enough for policy")
    };
    assert_eq!(
        plan.acr.as_deref(),
        Some("urn:example:password"),
        "and says what it was"
    );
    browser.strength.is_remembered = false;
    browser.log_in();
    assert_eq!(
        code_of(browser.decide(&accepted())),
        "authentication_context_not_reached",
        "a policy that became stricter during the login is no loop"
    );
    with_a_code(&mut browser);
    let Decision::Issue(plan) = browser.decide(&accepted()) else {
        panic!("two factors are what is demanded")
    };
    assert_eq!(plan.acr.as_deref(), Some(Level::Second.acr()));
    browser.strength.demand.now = Level::Passkey;
    browser.progress = Progress::default();
    assert!(stronger(&browser.decide(&accepted())), "a code is no passkey");
}

#[test]
fn a_login_older_than_policy_allows_is_proved_again() {
    let mut browser = Browser::logged_in();
    browser.strength.demand.fresh_seconds = Some(60);
    assert!(matches!(
        browser.decide(&accepted()),
        Decision::Login {
            reason: LoginReason::PolicyAge,
            ..
        }
    ));
    browser.strength.demand.fresh_seconds = Some(3_600);
    assert!(matches!(browser.decide(&accepted()), Decision::Issue(_)));
}

#[test]
fn an_essential_context_that_can_be_reached_is_asked_for_and_stated() {
    let mut browser = Browser::logged_in();
    let asking = |json: String| Accepted {
        claims: ClaimsRequest::parse(&json).unwrap(),
        ..accepted()
    };
    let acr = Level::Second.acr();
    let request = asking(format!(
        r#"{{"id_token":{{"acr":{{"essential":true,"values":["urn:example:gold","{acr}"]}}}}}}"#
    ));
    assert!(stronger(&browser.decide(&request)));
    browser.strength.is_remembered = true;
    assert!(
        stronger(&browser.decide(&request)),
        "what an application asks is not remembered"
    );
    browser.log_in();
    assert_eq!(code_of(browser.decide(&request)), "authentication_context_not_reached");
    with_a_code(&mut browser);
    let Decision::Issue(plan) = browser.decide(&request) else {
        panic!("the context was reached")
    };
    assert_eq!(plan.acr.as_deref(), Some(acr));
}

#[test]
fn a_wished_context_is_asked_of_people_who_can_and_a_stronger_login_satisfies_a_weaker_wish() {
    let mut browser = Browser::logged_in();
    let request = Accepted {
        acr_values: vec![Level::Second.acr().to_owned()],
        ..accepted()
    };
    assert!(
        matches!(browser.decide(&request), Decision::Issue(_)),
        "who cannot is let in"
    );
    browser.strength.within_reach = Level::Second;
    assert!(stronger(&browser.decide(&request)));
    let silent = Accepted {
        prompt: PromptSet::parse("none"),
        ..request.clone()
    };
    assert!(
        matches!(browser.decide(&silent), Decision::Issue(_)),
        "a wish is no reason to refuse"
    );
    if let Some(session) = &mut browser.session {
        session.amr = ["swk", "user", "mfa"].map(str::to_owned).to_vec();
        session.acr = Some(Level::Passkey.acr().to_owned());
    }
    let Decision::Issue(plan) = browser.decide(&request) else {
        panic!("a passkey is two factors")
    };
    assert_eq!(plan.acr.as_deref(), Some(Level::Second.acr()));
}

#[test]
fn without_a_scope_map_the_person_reads_why_and_a_silent_request_is_answered_by_redirect() {
    let mut browser = Browser::logged_in();
    browser.facts.groups = vec!["kitchen".to_owned()];
    let Decision::Refuse(refusal) = browser.decide(&accepted()) else {
        panic!("expected a refusal")
    };
    assert_eq!((refusal.kind.code, refusal.delivery), ("no_scope_map", Delivery::Page));
    assert!(
        refusal.detail.contains("netbox_users") && refusal.detail.contains("kitchen"),
        "{}",
        refusal.detail
    );
    let Decision::Refuse(refusal) = browser.decide(&with_prompt("none")) else {
        panic!("expected a refusal")
    };
    assert_eq!(
        (refusal.kind.oauth, refusal.delivery),
        ("access_denied", Delivery::Redirect)
    );
}

#[test]
fn terms_are_asked_for_before_consent_and_of_nobody_who_may_not_come_in() {
    let mut browser = Browser::logged_in();
    browser.app.consent = Consent::Ask;
    browser.open_terms = Some(3);
    assert_eq!(browser.decide(&accepted()), Decision::Terms(3));
    assert_eq!(code_of(browser.decide(&with_prompt("none"))), "terms_required");
    let again = reason_of(browser.decide(&with_prompt("login")));
    assert_eq!(again, LoginReason::PromptLogin, "who proves anew does that first");
    browser.open_terms = None;
    assert!(matches!(browser.decide(&accepted()), Decision::Consent { .. }));
    browser.open_terms = Some(3);
    browser.facts.groups.clear();
    assert_eq!(code_of(browser.decide(&accepted())), "no_scope_map");
}

#[test]
fn consent_is_asked_for_what_is_new_and_then_remembered() {
    let mut browser = Browser::logged_in();
    browser.app.consent = Consent::Ask;
    let Decision::Consent { scopes, new } = browser.decide(&accepted()) else {
        panic!("expected the question")
    };
    assert_eq!(
        (scopes.to_string().as_str(), new.to_string().as_str()),
        ("openid profile", "openid profile")
    );
    assert_eq!(code_of(browser.decide(&with_prompt("none"))), "consent_required");
    browser.consented = Some(scope("openid"));
    let Decision::Consent { scopes, new } = browser.decide(&accepted()) else {
        panic!("expected the question")
    };
    assert_eq!(
        (scopes.to_string().as_str(), new.to_string().as_str()),
        ("openid profile", "profile")
    );
    browser.consented = Some(scope("profile openid email"));
    assert!(matches!(browser.decide(&accepted()), Decision::Issue(_)));
}

#[test]
fn prompt_consent_asks_again_once_unless_the_administrator_decided_for_all() {
    let mut browser = Browser::logged_in();
    browser.app.consent = Consent::Ask;
    browser.consented = Some(scope("openid profile"));
    let request = with_prompt("consent");
    assert!(matches!(browser.decide(&request), Decision::Consent { .. }));
    browser.progress.consented = Some(testing::facts().user.id);
    assert!(matches!(browser.decide(&request), Decision::Issue(_)));
    browser.progress.consented = Some(Uuid::from_u128(1234));
    assert!(matches!(browser.decide(&request), Decision::Consent { .. }));
    browser.app.consent = Consent::Skip;
    assert!(matches!(browser.decide(&request), Decision::Issue(_)));
}

#[test]
fn single_claims_are_no_way_around_consent() {
    let mut browser = Browser::logged_in();
    browser.app.consent = Consent::Ask;
    browser.consented = Some(scope("openid profile"));
    let claims = ClaimsRequest::parse(r#"{"userinfo":{"email":null,"phone_number":null}}"#).unwrap();
    let Decision::Consent { new, .. } = browser.decide(&Accepted { claims, ..accepted() }) else {
        panic!("expected the question")
    };
    assert_eq!(
        new.to_string(),
        "email",
        "phone is not in the scope map, so it is not given and not asked for"
    );
}

#[test]
fn an_application_that_asks_for_nothing_is_still_consented_to_once() {
    let mut browser = Browser::logged_in();
    browser.app.consent = Consent::Ask;
    let request = Accepted {
        scope: scope(""),
        ..accepted()
    };
    assert!(matches!(browser.decide(&request), Decision::Consent { .. }));
    browser.consented = Some(scope(""));
    assert!(matches!(browser.decide(&request), Decision::Issue(_)));
}

proptest! {
    /// Whatever an application demands, a willing person is asked each thing at most once, and then it ends.
    #[test]
    fn no_request_loops(
        prompts in proptest::sample::subsequence(vec![Prompt::Login, Prompt::Consent, Prompt::SelectAccount], 0..=3),
        max_age in proptest::option::of(0_i64..200),
        ask in any::<bool>(),
        terms in any::<bool>(),
        has_session in any::<bool>(),
        expected in proptest::option::of(any::<bool>()),
        names in proptest::sample::subsequence(vec!["openid", "profile", "email", "groups", "phone", "x"], 0..=6),
    ) {
        let mut browser = Browser::logged_in();
        browser.open_terms = terms.then_some(1);
        browser.app.consent = if ask { Consent::Ask } else { Consent::Skip };
        if !has_session {
            browser.session = None;
        }
        let right = subject(&Server::new("https://sso.example.com"), &browser.app, &browser.facts);
        let request = Accepted {
            prompt: prompts.into_iter().collect(),
            max_age,
            expected_subject: expected.map(|is_right| if is_right { right } else { "else".to_owned() }),
            scope: scope(&names.join(" ")),
            ..accepted()
        };
        let (mut logins, mut choices, mut questions, mut papers) = (0, 0, 0, 0);
        let end = loop {
            match browser.decide(&request) {
                Decision::Login { .. } => { logins += 1; browser.log_in(); }
                Decision::SelectAccount => { choices += 1; browser.progress.account_chosen = Some(browser.facts.user.id); }
                Decision::Terms(_) => { papers += 1; browser.open_terms = None; }
                Decision::Consent { scopes, .. } => {
                    questions += 1;
                    browser.consented = Some(scopes);
                    browser.progress.consented = Some(browser.facts.user.id);
                }
                end => break end,
            }
            prop_assert!(logins <= 1 && choices <= 1 && questions <= 1 && papers <= 1);
        };
        let refused = matches!(end, Decision::Refuse(_));
        prop_assert_eq!(refused, expected == Some(false));
    }

    /// With prompt=none no page is ever shown.
    #[test]
    fn a_silent_request_never_shows_a_page(
        max_age in proptest::option::of(0_i64..200),
        ask in any::<bool>(),
        terms in any::<bool>(),
        has_session in any::<bool>(),
        groups in proptest::sample::subsequence(vec!["netbox_users", "kitchen"], 0..=2),
    ) {
        let mut browser = Browser::logged_in();
        browser.open_terms = terms.then_some(1);
        browser.app.consent = if ask { Consent::Ask } else { Consent::Skip };
        browser.facts.groups = groups.into_iter().map(str::to_owned).collect();
        if !has_session {
            browser.session = None;
        }
        match browser.decide(&Accepted { max_age, ..with_prompt("none") }) {
            Decision::Issue(_) => {}
            Decision::Refuse(refusal) => prop_assert_eq!(refusal.delivery, Delivery::Redirect),
            page => prop_assert!(false, "{:?}", page),
        }
    }
}

#[test]
fn details_are_approved_each_time_whatever_was_said_of_scopes() {
    let details = doorward_oidc::AuthorizationDetails::parse(r#"[{"type":"payment","amount":5}]"#).unwrap();
    let asking = |prompt: &str| Accepted {
        extent: Extent {
            details: details.clone(),
            ..Extent::default()
        },
        ..with_prompt(prompt)
    };
    for consent in [Consent::Skip, Consent::Ask] {
        let mut browser = Browser::logged_in();
        browser.app.consent = consent;
        browser.consented = Some(scope("openid profile"));
        let Decision::Consent { .. } = browser.decide(&asking("")) else {
            panic!("the person has to be asked")
        };
        let Decision::Refuse(refusal) = browser.decide(&asking("none")) else {
            panic!("no page may be shown")
        };
        assert_eq!(refusal.kind, &CONSENT_REQUIRED);
        browser.progress.consented = Some(testing::facts().user.id);
        let Decision::Issue(plan) = browser.decide(&asking("")) else {
            panic!("the person has approved")
        };
        assert_eq!(plan.extent.details, details);
    }
}
