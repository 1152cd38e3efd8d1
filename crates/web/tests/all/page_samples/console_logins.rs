//! The console's rooms about what is asked of logins, and about letters.

use doorward_api as api;
use doorward_web::pages::console::{self, *};
use jiff::SignedDuration;
use uuid::Uuid;

use super::{
    Sample,
    console::{Words, ago, now},
};

pub(super) fn samples(words: &Words<'_>, frame: &Frame<'_>, error: &api::ErrorBody) -> Vec<Sample> {
    let mut samples = policies(words, frame, error);
    samples.extend(letters(words, frame, error));
    samples
}

fn policies(words: &Words<'_>, frame: &Frame<'_>, error: &api::ErrorBody) -> Vec<Sample> {
    let strict = api::LoginPolicy {
        factors: Some(api::LoginLevel::Second),
        postpone_until: "2027-01-31T00:00:00Z".parse().ok(),
        fresh_seconds: Some(900),
        remember_days: Some(30),
        password_min: Some(14),
        password_strength: Some(3),
    };
    let of_app = api::LoginPolicy {
        factors: Some(api::LoginLevel::Passkey),
        fresh_seconds: Some(28_800),
        ..api::LoginPolicy::default()
    };
    let named = |name, policy: &api::LoginPolicy| api::NamedPolicy {
        name: words.text(name),
        policy: policy.clone(),
    };
    let all = api::Policies {
        default: api::LoginPolicy {
            remember_days: Some(0),
            password_min: Some(12),
            ..api::LoginPolicy::default()
        },
        groups: vec![
            named("staff", &strict),
            named("everybody-in-the-northern-region", &of_app),
        ],
        apps: vec![named("netbox", &of_app)],
    };
    let (groups, apps) = (words.texts(&["netbox_users", "staff"]), words.texts(&["netbox"]));
    let view = Policies {
        policies: &all,
        groups: &groups,
        apps: &apps,
        may_change: true,
        may_see_people: true,
        error: None,
    };
    let typed = PolicyForm {
        remember_days: words.text("many"),
        ..PolicyForm::of(&strict)
    };
    let known = PolicyForm::of(&of_app);
    let of_group = Policy {
        place: Place::Group(words.0("staff")),
        policy: &strict,
        typed: &typed,
        may_change: true,
        error: Some(error),
    };
    let nothing = api::LoginPolicy::default();
    vec![
        ("console-policies", console::policies(&view, frame)),
        (
            "console-policies-read-only",
            console::policies(
                &Policies {
                    may_change: false,
                    error: Some(error),
                    ..view
                },
                frame,
            ),
        ),
        ("console-policy-group", console::policy(&of_group, frame)),
        (
            "console-policy-app",
            console::policy(
                &Policy {
                    place: Place::App(words.0("netbox")),
                    policy: &of_app,
                    typed: &known,
                    error: None,
                    ..of_group
                },
                frame,
            ),
        ),
        (
            "console-policy-read-only",
            console::policy(
                &Policy {
                    place: Place::Everybody,
                    policy: &nothing,
                    typed: &PolicyForm::of(&nothing),
                    may_change: false,
                    error: None,
                },
                frame,
            ),
        ),
    ]
}

fn letters(words: &Words<'_>, frame: &Frame<'_>, error: &api::ErrorBody) -> Vec<Sample> {
    let letter = |recipient, state, problem: Option<&'static str>| api::Letter {
        id: Uuid::nil(),
        kind: words.text("password-reset"),
        recipient: words.text(recipient),
        state,
        tries: 3,
        due: now() + SignedDuration::from_mins(4),
        problem: problem.map(|problem| words.text(problem)),
        created: ago(30),
    };
    let queue = api::List {
        items: vec![
            letter(
                "anna.berger@example.com",
                api::LetterState::Waiting,
                Some("the mail server said: 451 4.7.1 Greylisting in action, please come back later"),
            ),
            letter("ben@example.com", api::LetterState::GivenUp, None),
        ],
        next: words.some("0199"),
    };
    let none = api::List {
        items: Vec::new(),
        next: None,
    };
    let on = api::MailStatus {
        on: true,
        server: words.some("smtp.example.com:587"),
        waiting: 1,
        given_up: 1,
    };
    let off = api::MailStatus {
        on: false,
        server: None,
        waiting: 0,
        given_up: 0,
    };
    let view = Mail {
        status: &on,
        queue: Some(&queue),
        may_change: true,
        may_test: true,
        to: words.0("anna@example.com"),
        tested: Some(words.0("anna@example.com")),
        error: None,
    };
    vec![
        ("console-mail", console::mail(&view, frame)),
        (
            "console-mail-refused",
            console::mail(
                &Mail {
                    queue: None,
                    may_change: false,
                    tested: None,
                    error: Some(error),
                    ..view
                },
                frame,
            ),
        ),
        (
            "console-mail-off",
            console::mail(
                &Mail {
                    status: &off,
                    queue: Some(&none),
                    tested: None,
                    to: "",
                    ..view
                },
                frame,
            ),
        ),
    ]
}
