//! What is noted of a login is found again.

use doorward_audit::{Reference, Step, StepOutcome, TraceFilter, TraceOutcome, Tracer, Visit};
use doorward_jose::{Random, SystemRandom};
use doorward_store::testing::engines;

use crate::at;

fn visit(request: &'static str, steps: Vec<Step>) -> Visit {
    Visit {
        steps,
        ..Visit::new(request)
    }
}

fn shown(trace: &doorward_audit::Trace) -> Vec<String> {
    let steps = trace.steps.iter();
    steps
        .map(|step| format!("{} {} {:?} {}", step.request, step.check, step.outcome, step.detail))
        .collect()
}

#[tokio::test]
async fn a_login_is_read_back_step_by_step() {
    for store in engines().await {
        let tracer = Tracer::new(store.clone(), &SystemRandom);
        let reference = tracer.begin(at(0));
        assert_eq!(tracer.find(reference, at(0)).await.unwrap(), None);

        let mut authorize = visit(
            "authorize",
            vec![Step::ok("client", "netbox"), Step::info("session", "none")],
        );
        authorize.app = Some("netbox".into());
        authorize.address = Some("192.0.2.7".into());
        tracer.note(reference, at(0), authorize);
        let mut login = visit(
            "login",
            vec![Step::refused("password", "wrong").with_remedy(Some("reset it".into()))],
        );
        login.address = Some("198.51.100.1".into());
        tracer.note(reference, at(3000), login);

        let trace = tracer.find(reference, at(3000)).await.unwrap().unwrap();
        assert_eq!(
            shown(&trace),
            [
                "authorize client Ok netbox",
                "authorize session Info none",
                "login password Refused wrong"
            ]
        );
        assert_eq!((trace.steps[0].at, trace.steps[2].at), (at(0), at(3000)));
        assert_eq!(trace.steps[2].remedy.as_deref(), Some("reset it"));
        let summary = &trace.summary;
        assert_eq!(
            (summary.reference, summary.started, summary.updated),
            (reference, at(0), at(3000))
        );
        assert_eq!(
            (summary.app.as_deref(), summary.user.as_deref()),
            (Some("netbox"), None)
        );
        assert_eq!(summary.address.as_deref(), Some("192.0.2.7"), "the first address stays");
        assert_eq!(summary.outcome, TraceOutcome::InProgress);
        assert_eq!(summary.last.as_ref().unwrap().check, "password");

        let mut token = visit("token", vec![Step::ok("pkce", "")]);
        token.user = Some("ada".into());
        token.outcome = TraceOutcome::Ok;
        tracer.note(reference, at(4000), token);
        tracer.note(reference, at(4100), visit("userinfo", vec![Step::ok("token", "")]));
        let trace = tracer.find(reference, at(4100)).await.unwrap().unwrap();
        assert_eq!(trace.steps.len(), 5, "{}", store.engine);
        assert_eq!(
            trace.summary.outcome,
            TraceOutcome::Ok,
            "what leaves the outcome open does not change it"
        );
        assert_eq!(trace.summary.user.as_deref(), Some("ada"));
        assert_eq!(trace.summary.app.as_deref(), Some("netbox"));
    }
}

#[tokio::test]
async fn nodes_add_to_one_trace() {
    for store in engines().await {
        let (one, two) = (
            Tracer::new(store.clone(), &SystemRandom),
            Tracer::new(store.clone(), &SystemRandom),
        );
        let reference = one.begin(at(0));
        one.note(reference, at(0), visit("authorize", vec![Step::ok("a", "")]));
        one.flush(at(0)).await.unwrap();
        two.note(reference, at(100), visit("token", vec![Step::ok("b", "")]));
        let trace = two.find(reference, at(200)).await.unwrap().unwrap();
        assert_eq!(shown(&trace), ["authorize a Ok ", "token b Ok "], "{}", store.engine);
    }
}

/// Where a counter begins.
struct Beginning(u8);

impl Random for Beginning {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0);
    }
}

#[tokio::test]
async fn logins_of_one_second_are_listed_in_the_order_in_which_they_began() {
    for store in engines().await {
        // Two nodes, whose references follow counters of their own; begun by chance, they would meet now and then.
        let nodes = [Beginning(0), Beginning(0x80)].map(|random| Tracer::new(store.clone(), &random));
        let mut begun = Vec::new();
        for milliseconds in 0..40 {
            let node = &nodes[usize::try_from(milliseconds % 2).unwrap()];
            let reference = node.begin(at(milliseconds));
            node.note(
                reference,
                at(milliseconds),
                visit("authorize", vec![Step::ok("client", "")]),
            );
            begun.push(reference);
        }
        begun.reverse();
        for node in &nodes {
            node.flush(at(50)).await.unwrap();
        }
        let mut listed: Vec<Reference> = Vec::new();
        loop {
            let before = listed.last().copied();
            let page = nodes[0]
                .recent(TraceFilter::default(), before, 7, at(60))
                .await
                .unwrap();
            if page.is_empty() {
                break;
            }
            listed.extend(page.iter().map(|summary| summary.reference));
        }
        assert_eq!(listed, begun, "page by page, each once");
    }
}

#[tokio::test]
async fn the_steps_of_a_login_are_in_their_order_whichever_node_wrote_first() {
    for store in engines().await {
        let nodes = [
            Tracer::new(store.clone(), &SystemRandom),
            Tracer::new(store.clone(), &SystemRandom),
        ];
        let reference = nodes[0].begin(at(0));
        nodes[0].note(reference, at(0), visit("authorize", vec![Step::ok("client", "")]));
        nodes[1].note(reference, at(30), visit("token", vec![Step::ok("token.code", "")]));
        nodes[1].flush(at(40)).await.unwrap();
        nodes[0].flush(at(50)).await.unwrap();
        let trace = nodes[1].find(reference, at(60)).await.unwrap().unwrap();
        assert_eq!(shown(&trace), ["authorize client Ok ", "token token.code Ok "]);
    }
}

#[tokio::test]
async fn recent_logins_are_listed_filtered_and_paged() {
    for store in engines().await {
        let tracer = Tracer::new(store.clone(), &SystemRandom);
        let mut references = Vec::new();
        for number in 0..6 {
            let reference = tracer.begin(at(number * 1000));
            let mut visit = visit("authorize", vec![Step::ok("client", "")]);
            visit.app = Some(if number % 2 == 0 { "netbox" } else { "grafana" }.into());
            visit.user = Some(format!("user{number}"));
            visit.outcome = if number < 2 {
                TraceOutcome::Refused
            } else {
                TraceOutcome::Ok
            };
            tracer.note(reference, at(number * 1000), visit);
            references.push(reference);
        }
        let now = at(10_000);
        let names = async |filter: TraceFilter, before: Option<Reference>, limit| {
            let found = tracer.recent(filter, before, limit, now).await.unwrap();
            found
                .into_iter()
                .map(|summary| summary.user.unwrap())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            names(TraceFilter::default(), None, 3).await,
            ["user5", "user4", "user3"],
            "{}",
            store.engine
        );
        assert_eq!(
            names(TraceFilter::default(), Some(references[3]), 9).await,
            ["user2", "user1", "user0"]
        );
        let netbox = TraceFilter {
            app: Some("netbox".into()),
            ..Default::default()
        };
        assert_eq!(names(netbox, None, 9).await, ["user4", "user2", "user0"]);
        let refused = TraceFilter {
            refused_only: true,
            ..Default::default()
        };
        assert_eq!(names(refused, None, 9).await, ["user1", "user0"]);
        let user3 = TraceFilter {
            user: Some("user3".into()),
            ..Default::default()
        };
        assert_eq!(names(user3, None, 9).await, ["user3"]);
    }
}

#[tokio::test]
async fn a_reference_finds_its_trace_although_references_come_round_again() {
    for store in engines().await {
        let tracer = Tracer::new(store.clone(), &SystemRandom);
        let reference = tracer.begin(at(0));
        tracer.note(reference, at(0), visit("authorize", vec![Step::ok("then", "")]));
        tracer.flush(at(0)).await.unwrap();
        let day = 24 * 3600 * 1000;
        for days in [0, 1, 100, 190, 250, 380] {
            let found = tracer.find(reference, at(days * day)).await.unwrap();
            assert_eq!(
                found.unwrap().steps[0].check,
                "then",
                "{} after {days} days",
                store.engine
            );
        }
        // 2^24 seconds later the same reference is given again: the newer one is meant.
        let round = (1 << 24) * 1000;
        tracer.note(reference, at(round), visit("authorize", vec![Step::ok("now", "")]));
        let found = tracer.find(reference, at(round)).await.unwrap().unwrap();
        assert_eq!(
            (found.steps[0].check.as_ref(), found.summary.reference),
            ("now", reference)
        );
        assert_eq!(
            tracer
                .recent(TraceFilter::default(), None, 10, at(round))
                .await
                .unwrap()
                .len(),
            2
        );
    }
}

#[tokio::test]
async fn a_loop_of_requests_does_not_grow_without_end() {
    for store in engines().await {
        let tracer = Tracer::new(store.clone(), &SystemRandom);
        let reference = tracer.begin(at(0));
        for millis in 0..3000 {
            let steps = vec![Step::ok("check", "x".repeat(30)); 100];
            tracer.note(reference, at(millis), visit("authorize", steps));
            if millis % 50 == 0 {
                tracer.flush(at(millis)).await.unwrap();
            }
        }
        let trace = tracer.find(reference, at(3000)).await.unwrap().unwrap();
        let kept = trace.steps.len();
        assert!((500..8000).contains(&kept), "{}: {kept} steps", store.engine);
        assert_eq!(
            trace.steps.iter().filter(|step| step.at == at(0)).count(),
            64,
            "of each request the first 64"
        );
    }
}

#[tokio::test]
async fn steps_wait_while_the_store_fails() {
    for store in engines().await {
        let tracer = Tracer::new(store.clone(), &SystemRandom);
        let reference = tracer.begin(at(0));
        tracer.note(reference, at(0), visit("authorize", vec![Step::ok("one", "")]));
        let elsewhere = engines().await;
        drop(elsewhere);
        store.close().await;
        assert!(tracer.flush(at(1)).await.is_err());
        // It is still there for the next try, and does not grow when tried again.
        assert!(tracer.flush(at(2)).await.is_err());
        assert!(tracer.find(reference, at(3)).await.is_err());
    }
}

#[tokio::test]
async fn details_are_redacted_before_they_are_written() {
    for store in engines().await {
        let tracer = Tracer::new(store.clone(), &SystemRandom);
        let reference = tracer.begin(at(0));
        let secret = "Ab9_".repeat(16);
        let step = Step::new("code", StepOutcome::Refused, format!("unknown code {secret}"));
        tracer.note(
            reference,
            at(0),
            visit("token", vec![step.with_remedy(Some(format!("try {secret}")))]),
        );
        let trace = tracer.find(reference, at(0)).await.unwrap().unwrap();
        assert_eq!(
            trace.steps[0].detail, "unknown code Ab9_Ab9_…[redacted]",
            "{}",
            store.engine
        );
        assert!(!format!("{trace:?}").contains(&secret));
    }
}
