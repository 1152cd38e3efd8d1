//! What a trace means.

use doorward_audit::{
    CODE_ISSUED, Conclusion, Expectations, Reference, Step, StepOutcome, Trace, TraceOutcome, TraceSummary, Verdict,
    conclude,
};

use crate::at;

/// Requests at their milliseconds, each with its steps; the outcome as the faces would note it.
fn trace(visits: &[(i64, &'static str, &[Step])], outcome: TraceOutcome) -> Trace {
    let steps: Vec<Step> = visits
        .iter()
        .flat_map(|(millis, request, steps)| {
            steps.iter().map(|step| Step {
                at: at(*millis),
                request: (*request).into(),
                ..step.clone()
            })
        })
        .collect();
    Trace {
        summary: TraceSummary {
            reference: "7K3Q-9FZM".parse::<Reference>().unwrap(),
            started: at(0),
            updated: steps.last().map_or(at(0), |step| step.at),
            app: Some("netbox".into()),
            user: None,
            address: None,
            outcome,
            last: None,
        },
        steps,
    }
}

fn says(trace: &Trace, expected: &Expectations, millis: i64) -> (&'static str, Verdict, String) {
    let Conclusion {
        code,
        verdict,
        sentence,
        ..
    } = conclude(trace, expected, at(millis));
    (code, verdict, sentence)
}

fn ok(check: &'static str) -> Step {
    Step::ok(check, "")
}

/// It calls userinfo, and nothing else is known.
fn userinfo() -> Expectations {
    Expectations {
        userinfo: true,
        ..Expectations::default()
    }
}

fn nothing() -> Expectations {
    Expectations::default()
}

fn until_token() -> Trace {
    trace(
        &[
            (0, "authorize", &[ok("client"), ok(CODE_ISSUED)]),
            (400, "token", &[ok("client"), ok("pkce")]),
        ],
        TraceOutcome::Ok,
    )
}

#[test]
fn a_token_without_the_promised_userinfo_is_an_id_token_that_was_rejected() {
    let trace = until_token();
    assert_eq!(says(&trace, &userinfo(), 1000).0, "waiting_for_userinfo");
    let conclusion = conclude(&trace, &userinfo(), at(6000));
    assert_eq!(conclusion.code, "userinfo_missing");
    assert_eq!(conclusion.verdict, Verdict::Bad);
    assert_eq!(
        conclusion.sentence,
        "netbox took a token and never asked for userinfo, although its preset says that it does: \
         it probably rejected the ID token (algorithm or clock)"
    );
    assert!(
        conclusion
            .remedy
            .unwrap()
            .contains("doorward app edit netbox --id-token-alg RS256")
    );
}

#[test]
fn a_token_is_the_end_where_userinfo_is_not_expected() {
    let (code, verdict, sentence) = says(&until_token(), &nothing(), 600_000);
    assert_eq!((code, verdict), ("complete", Verdict::Good));
    assert_eq!(sentence, "netbox has its tokens: the login is complete here");
}

#[test]
fn userinfo_completes_the_login() {
    let mut whole = until_token();
    whole
        .steps
        .extend(trace(&[(600, "userinfo", &[ok("token")])], TraceOutcome::Ok).steps);
    assert_eq!(says(&whole, &userinfo(), 600_000).0, "complete");
}

#[test]
fn an_application_with_rules_of_its_own_may_have_refused_the_person() {
    let expected = Expectations {
        ignores_iat: true,
        refuses_by: vec!["oidc.allowed_groups".to_owned(), "oidc.allowed_users".to_owned()],
        ..looked_at(0)
    };
    let (code, _, sentence) = says(&until_token(), &expected, 20_000);
    assert_eq!(code, "refused_there");
    assert!(
        sentence.contains("a rule of its own (oidc.allowed_groups, oidc.allowed_users), or it rejected the ID token"),
        "{sentence}"
    );
    let unmeasured = Expectations {
        ignores_iat: false,
        clock: None,
        ..expected.clone()
    };
    let (code, _, sentence) = says(&until_token(), &unmeasured, 20_000);
    assert_eq!(code, "userinfo_missing");
    assert!(
        sentence.ends_with("a rule of its own (oidc.allowed_groups, oidc.allowed_users)"),
        "{sentence}"
    );
    // What is known to be wrong with the token comes first.
    let edited = Expectations {
        algorithm: Some("EdDSA".to_owned()),
        ..expected
    };
    assert_eq!(says(&until_token(), &edited, 20_000).0, "id_token_algorithm");
}

#[test]
fn a_code_that_nobody_redeems_is_a_back_channel_that_does_not_work() {
    let sent = trace(
        &[
            (0, "authorize", &[ok("client")]),
            (100, "login", &[ok("password"), ok(CODE_ISSUED)]),
        ],
        TraceOutcome::InProgress,
    );
    assert_eq!(says(&sent, &nothing(), 2000).0, "waiting_for_token_request");
    let (code, verdict, sentence) = says(&sent, &nothing(), 6000);
    assert_eq!((code, verdict), ("token_request_missing", Verdict::Bad));
    assert!(
        sentence.starts_with("the browser was sent back to netbox with a code, and netbox never came to redeem it")
    );
}

#[test]
fn a_refusal_is_told_with_its_remedy() {
    let refusal =
        Step::refused("token.redirect_uri", "expected …/oidc/, received …/oidc").with_remedy(Some("add the /".into()));
    let refused = trace(
        &[
            (0, "authorize", &[ok("client"), ok(CODE_ISSUED)]),
            (400, "token", &[ok("client"), refusal]),
        ],
        TraceOutcome::Refused,
    );
    let conclusion = conclude(&refused, &userinfo(), at(60_000));
    assert_eq!(
        conclusion.sentence,
        "refused at the token request by token.redirect_uri: expected …/oidc/, received …/oidc"
    );
    assert_eq!(
        (conclusion.verdict, conclusion.remedy.as_deref()),
        (Verdict::Bad, Some("add the /"))
    );
}

#[test]
fn a_wrong_password_before_the_right_one_is_no_conclusion() {
    let mut tried = trace(
        &[
            (0, "authorize", &[ok("client")]),
            (100, "login", &[Step::refused("password", "wrong")]),
        ],
        TraceOutcome::InProgress,
    );
    assert_eq!(says(&tried, &nothing(), 200).0, "refused");
    tried.steps.extend(
        trace(
            &[
                (300, "login", &[ok("password"), ok(CODE_ISSUED)]),
                (500, "token", &[ok("pkce")]),
            ],
            TraceOutcome::Ok,
        )
        .steps,
    );
    tried.summary.outcome = TraceOutcome::Ok;
    assert_eq!(says(&tried, &nothing(), 600).0, "complete");
}

#[test]
fn a_refusal_that_ended_the_login_counts_also_when_something_came_after_it() {
    let ended = trace(
        &[
            (0, "authorize", &[Step::refused("authorize.access", "no scope map")]),
            (100, "authorize", &[Step::info("page", "")]),
        ],
        TraceOutcome::Refused,
    );
    assert_eq!(says(&ended, &nothing(), 200).0, "refused");
}

#[test]
fn a_page_that_was_left_is_open_and_then_abandoned() {
    let left = trace(
        &[
            (0, "authorize", &[ok("client")]),
            (100, "login", &[Step::new("page", StepOutcome::Info, "")]),
        ],
        TraceOutcome::InProgress,
    );
    assert_eq!(says(&left, &nothing(), 60_000).0, "in_progress");
    let (code, verdict, sentence) = says(&left, &nothing(), 700_000);
    assert_eq!((code, verdict), ("abandoned", Verdict::Open));
    assert_eq!(sentence, "the person did not go on after the login page");
}

#[test]
fn an_empty_trace_says_so() {
    assert_eq!(says(&trace(&[], TraceOutcome::InProgress), &nothing(), 0).0, "empty");
}

/// What is known once the doctor has looked at it.
fn looked_at(offset_ms: i64) -> Expectations {
    Expectations {
        clock: Some((offset_ms, 100)),
        leeway: Some(30),
        algorithm: Some("RS256".to_owned()),
        accepts: vec!["RS256".to_owned()],
        ..userinfo()
    }
}

#[test]
fn a_rejected_id_token_is_the_clocks_fault_when_that_is_behind() {
    let (code, verdict, sentence) = says(&until_token(), &looked_at(-4_200), 20_000);
    assert_eq!((code, verdict), ("id_token_clock", Verdict::Bad));
    assert!(
        sentence.contains("its clock is 4.2 s behind; it tolerates 30 s only"),
        "{sentence}"
    );
    let (_, _, sentence) = says(&until_token(), &looked_at(-31_500), 20_000);
    assert!(sentence.contains("31.5 s behind and it tolerates 30 s"), "{sentence}");
}

#[test]
fn with_a_right_clock_it_is_the_algorithm_and_with_a_usual_one_the_audience() {
    let edited = Expectations {
        algorithm: Some("EdDSA".to_owned()),
        ..looked_at(40)
    };
    let (code, _, sentence) = says(&until_token(), &edited, 20_000);
    assert_eq!(code, "id_token_algorithm");
    assert!(sentence.contains("signed with EdDSA, where RS256"), "{sentence}");
    let (code, _, sentence) = says(&until_token(), &looked_at(40), 20_000);
    assert_eq!(code, "id_token_audience");
    assert!(sentence.contains("another audience"), "{sentence}");
    // A clock that is ahead rejects nothing as being from the future.
    assert_eq!(says(&until_token(), &looked_at(9_000), 20_000).0, "id_token_audience");
}

#[test]
fn a_clock_that_does_not_matter_is_neither_blamed_nor_called_right() {
    for offset in [-4_200, 0] {
        let expected = Expectations {
            ignores_iat: true,
            ..looked_at(offset)
        };
        let (code, _, sentence) = says(&until_token(), &expected, 20_000);
        assert_eq!(code, "id_token_audience");
        assert!(
            sentence.contains("Its clock does not matter and it takes the algorithm RS256"),
            "{sentence}"
        );
    }
    // It need not be measured either, and where any signature will do that is not the reason.
    let expected = Expectations {
        ignores_iat: true,
        clock: None,
        algorithm: Some("EdDSA".to_owned()),
        accepts: Vec::new(),
        ..looked_at(0)
    };
    assert_eq!(says(&until_token(), &expected, 20_000).0, "id_token_audience");
}

#[test]
fn a_code_that_nobody_redeems_is_the_private_authoritys_fault_where_there_is_one() {
    let code_only = trace(
        &[(0, "authorize", &[ok("client"), ok(CODE_ISSUED)])],
        TraceOutcome::InProgress,
    );
    let private = Expectations {
        private_authority: true,
        ..Expectations::default()
    };
    assert_eq!(says(&code_only, &private, 20_000).0, "private_ca");
    assert_eq!(says(&code_only, &nothing(), 20_000).0, "token_request_missing");
}
