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

fn says(trace: &Trace, expected: Expectations, millis: i64) -> (&'static str, Verdict, String) {
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

const USERINFO: Expectations = Expectations { userinfo: true };
const NOTHING: Expectations = Expectations { userinfo: false };

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
    assert_eq!(says(&trace, USERINFO, 1000).0, "waiting_for_userinfo");
    let conclusion = conclude(&trace, USERINFO, at(6000));
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
    let (code, verdict, sentence) = says(&until_token(), NOTHING, 600_000);
    assert_eq!((code, verdict), ("complete", Verdict::Good));
    assert_eq!(sentence, "netbox has its tokens: the login is complete here");
}

#[test]
fn userinfo_completes_the_login() {
    let mut whole = until_token();
    whole
        .steps
        .extend(trace(&[(600, "userinfo", &[ok("token")])], TraceOutcome::Ok).steps);
    assert_eq!(says(&whole, USERINFO, 600_000).0, "complete");
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
    assert_eq!(says(&sent, NOTHING, 2000).0, "waiting_for_token_request");
    let (code, verdict, sentence) = says(&sent, NOTHING, 6000);
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
    let conclusion = conclude(&refused, USERINFO, at(60_000));
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
    assert_eq!(says(&tried, NOTHING, 200).0, "refused");
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
    assert_eq!(says(&tried, NOTHING, 600).0, "complete");
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
    assert_eq!(says(&ended, NOTHING, 200).0, "refused");
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
    assert_eq!(says(&left, NOTHING, 60_000).0, "in_progress");
    let (code, verdict, sentence) = says(&left, NOTHING, 700_000);
    assert_eq!((code, verdict), ("abandoned", Verdict::Open));
    assert_eq!(sentence, "the person did not go on after the login page");
}

#[test]
fn an_empty_trace_says_so() {
    assert_eq!(says(&trace(&[], TraceOutcome::InProgress), NOTHING, 0).0, "empty");
}
