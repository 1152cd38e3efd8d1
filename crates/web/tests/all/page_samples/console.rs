//! The console of those who administer.

use doorward_api as api;
use doorward_web::pages::console::{self, *};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use uuid::Uuid;

use super::{Sample, Scene};

/// Turns a sample's text into what the test wants, owned.
pub(super) struct Words<'a>(pub(super) super::Words<'a>);

impl Words<'_> {
    pub(super) fn text(&self, text: &'static str) -> String {
        (self.0)(text).to_owned()
    }

    #[expect(clippy::unnecessary_wraps, reason = "what samples need")]
    pub(super) fn some(&self, text: &'static str) -> Option<String> {
        Some(self.text(text))
    }

    pub(super) fn texts(&self, texts: &[&'static str]) -> Vec<String> {
        texts.iter().map(|text| self.text(text)).collect()
    }
}

pub(super) fn now() -> Timestamp {
    "2026-11-22T02:30:00Z".parse().unwrap()
}

pub(super) fn ago(minutes: i64) -> Timestamp {
    now() - SignedDuration::from_mins(minutes)
}

pub(super) fn samples(scene: &Scene<'_>) -> Vec<Sample> {
    let words = Words(scene.w);
    let csrf = words.text("c5f2");
    let frame = Frame {
        chrome: scene.within,
        csrf: &csrf,
        now: now(),
        rooms: &Room::ALL,
        done: None,
    };
    let error = api::ErrorBody {
        code: "not_found".to_owned(),
        message: words.text("There is no such thing."),
        detail: words.some("there is no group \"netbox_usr\""),
        remedy: words.some("did you mean netbox_users?"),
        reference: words.some("7K3Q-9FZM"),
    };
    let mut samples = vec![("console-refused", console::refused(&error, &frame))];
    samples.extend(overview(&words, &frame));
    samples.extend(people(&words, &frame, &error));
    samples.extend(groups(&words, &frame, &error));
    samples.extend(super::console_apps::samples(&words, &frame, &error));
    samples.extend(super::console_registration::samples(&words, &frame, &error));
    samples.extend(super::console_server::samples(&words, &frame, &error));
    samples.extend(super::imports::samples(&words, &frame, &error));
    samples.extend(super::terms::of_the_console(&words, &frame, &error));
    samples.extend(super::console_logins::samples(&words, &frame, &error));
    samples
}

fn overview(words: &Words<'_>, frame: &Frame<'_>) -> Vec<Sample> {
    let reason = |code: &'static str, count| api::Reason {
        code: words.text(code),
        count,
    };
    let attention = |code: &str, subject, sentence, remedy| api::Attention {
        code: code.to_owned(),
        subject: words.some(subject),
        sentence: words.text(sentence),
        remedy: words.some(remedy),
        urgent: code.is_empty(),
    };
    let view = api::Overview {
        since: ago(1_440),
        people: Some(100_213),
        groups: Some(312),
        sessions: Some(4_821),
        apps: Some(23),
        logins: Some(api::Logins {
            good: 9_120,
            refused: 211,
            reasons: vec![
                reason("wrong_credentials", 180),
                reason("upstream_refused_the_login_of_somebody", 24),
                reason("user_disabled", 7),
            ],
            capped: false,
        }),
        attention: vec![
            attention(
                "",
                "corp",
                "Its key set has not been reached since yesterday.",
                "doorward upstream probe corp",
            ),
            attention(
                "app_for_nobody",
                "grafana",
                "Nobody may use it.",
                "doorward app allow grafana GROUP",
            ),
            attention(
                "one_administrator",
                "admin",
                "Only this account.",
                "doorward admin grant full USER",
            ),
        ],
    };
    let nothing = api::Overview {
        since: ago(1_440),
        people: Some(1),
        groups: None,
        sessions: None,
        apps: None,
        logins: Some(api::Logins::default()),
        attention: Vec::new(),
    };
    let few = Frame {
        rooms: &[Room::Overview, Room::People],
        ..*frame
    };
    vec![
        ("console-overview", console::overview(&view, frame)),
        ("console-overview-quiet", console::overview(&nothing, &few)),
    ]
}

fn person(words: &Words<'_>) -> api::User {
    api::User {
        id: Uuid::nil(),
        name: words.text("anna"),
        display_name: words.text("Anna Berger"),
        email: words.some("anna.berger@example.com"),
        email_verified: false,
        attributes: [
            (words.text("zoneinfo"), json!(words.text("Europe/Berlin"))),
            (words.text("badges"), json!([1, words.text("blue")])),
        ]
        .into(),
        groups: words.texts(&["netbox_users", "staff"]),
        effective_groups: words.texts(&["netbox_users", "staff", "everybody-in-the-northern-region"]),
        disabled: false,
        expires: Some(now() + SignedDuration::from_hours(24 * 90)),
        deletion: None,
        theme: api::Theme::Dark,
        has_password: true,
        created: ago(60 * 24 * 30),
        updated: ago(60),
        last_login: Some(ago(12)),
        logins: Vec::new(),
    }
}

fn people(words: &Words<'_>, frame: &Frame<'_>, error: &api::ErrorBody) -> Vec<Sample> {
    let summary = |name, display_name, email: Option<&'static str>, disabled, has_password| api::UserSummary {
        id: Uuid::nil(),
        name: words.text(name),
        display_name: words.text(display_name),
        email: email.map(|email| words.text(email)),
        disabled,
        expires: None,
        deletion: None,
        has_password,
    };
    let found = api::List {
        items: vec![
            summary("anna", "Anna Berger", Some("anna.berger@example.com"), false, true),
            summary("ben", "Benedikt Freiherr von Hohenstein-Waldburg", None, false, false),
            summary(
                "a.very.long.user.name.of.a.service",
                "",
                Some("x@example.com"),
                true,
                true,
            ),
        ],
        next: words.some("a.very.long"),
    };
    let none = api::List {
        items: Vec::new(),
        next: None,
    };
    let user = person(words);
    let sessions = [api::Session {
        id: Uuid::nil(),
        user: words.text("anna"),
        created: ago(130),
        last_seen: ago(3),
        expires: now() + SignedDuration::from_hours(9),
        address: words.some("2001:db8:4e:1c07:93f2:11ff:fe8a:7d10"),
        user_agent: words.some("Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"),
        methods: words.texts(&["pwd", "otp"]),
    }];
    let passkeys = [api::Passkey {
        id: uuid::Uuid::nil(),
        name: words.text("Firefox on Linux"),
        created: ago(9_000),
        last_used: Some(ago(3)),
        synced: false,
        backed_up: false,
        verifies_user: true,
        discoverable: Some(true),
        algorithm: "ES256".to_owned(),
        model: None,
        transports: Vec::new(),
        copied: Some(ago(2)),
    }];
    let grants = [api::AppGrants {
        app: words.text("netbox"),
        app_name: words.text("NetBox"),
        scopes: words.texts(&["openid", "profile", "groups"]),
        since: ago(9_000),
        last_login: Some(ago(12)),
        grants: 2,
        consented: None,
    }];
    let factors = api::UserFactors {
        totp: Some(ago(9_000)),
        passkeys: 1,
        recovery_codes: 9,
        remembered_browsers: 2,
    };
    let demand = api::LoginDemand {
        factors: api::LoginLevel::Any,
        later: api::LoginLevel::Second,
        postponed_until: Some(now() + SignedDuration::from_hours(240)),
        fresh_seconds: Some(900),
        remember_days: 30,
        password_min: 14,
        password_strength: 3,
    };
    let view = Person {
        user: &user,
        factors: &factors,
        demand: &demand,
        sessions: &sessions,
        passkeys: &passkeys,
        grants: &grants,
        may_change: true,
        error: None,
    };
    let disabled = api::User {
        disabled: true,
        has_password: false,
        email: None,
        groups: Vec::new(),
        effective_groups: Vec::new(),
        last_login: None,
        ..user.clone()
    };
    let deleted = api::User {
        deletion: Some(now() + SignedDuration::from_hours(24 * 9)),
        ..user.clone()
    };
    let ended = api::User {
        expires: Some(ago(5_000)),
        ..user.clone()
    };
    let link = api::Link {
        purpose: api::LinkPurpose::Enrolment,
        url: words.text("https://id.example.com/link/0r3fAy5mS1eQ8JkPpWcU2xV7bN4tZ6hD9gL"),
        mailed_to: None,
        expires: now() + SignedDuration::from_hours(72),
    };
    let added = api::UserAdded {
        user: user.clone(),
        enrolment: link.clone(),
    };
    let typed = AddPerson {
        name: words.0("anna"),
        display_name: words.0("Anna Berger"),
        email: words.0("anna@example.com"),
        groups: words.0("netbox_usr"),
        error: Some(error),
    };
    let list = |found, search| People {
        found,
        search,
        may_add: true,
    };
    let saved = Frame {
        done: Some(Done::Saved),
        ..*frame
    };
    vec![
        ("console-people", console::people(&list(&found, words.0("an")), frame)),
        ("console-people-none", console::people(&list(&none, ""), frame)),
        ("console-person-add", console::add_person(&AddPerson::default(), frame)),
        ("console-person-add-refused", console::add_person(&typed, frame)),
        ("console-person-added", console::added_person(&added, frame)),
        ("console-person", console::person(&view, &saved)),
        (
            "console-person-disabled",
            console::person(
                &Person {
                    user: &disabled,
                    sessions: &[],
                    passkeys: &[],
                    factors: &api::UserFactors::default(),
                    grants: &[],
                    error: Some(error),
                    ..view
                },
                frame,
            ),
        ),
        (
            "console-person-link",
            console::shown_link(words.0("anna"), &link, frame),
        ),
        ("console-person-delete", console::remove_person(&user, frame)),
        (
            "console-person-deleted",
            console::person(&Person { user: &deleted, ..view }, frame),
        ),
        ("console-person-delete-now", console::remove_person(&deleted, frame)),
        (
            "console-person-ended",
            console::person(
                &Person {
                    user: &ended,
                    may_change: false,
                    ..view
                },
                frame,
            ),
        ),
        ("console-person-reset-factors", console::reset_factors(&user, frame)),
        (
            "console-person-passkey",
            console::passkey(words.0("anna"), &passkeys[0], true, Some(error), frame),
        ),
        (
            "console-person-demand",
            console::demand(words.0("anna"), Some(words.0("netbox")), &demand, frame),
        ),
    ]
}

fn groups(words: &Words<'_>, frame: &Frame<'_>, error: &api::ErrorBody) -> Vec<Sample> {
    let found = api::List {
        items: vec![api::GroupSummary {
            id: Uuid::nil(),
            name: words.text("netbox_users"),
            description: words.some("People who look things up"),
            member_count: 1_204,
        }],
        next: None,
    };
    let member = |kind, name| api::GroupMember {
        kind,
        id: Uuid::nil(),
        name: words.text(name),
    };
    let group = api::Group {
        id: Uuid::nil(),
        name: words.text("netbox_users"),
        description: words.some("People who look things up"),
        members: vec![
            member(api::MemberKind::Group, "staff"),
            member(api::MemberKind::Person, "anna"),
            member(api::MemberKind::Service, "ansible"),
        ],
        member_count: 1_204,
        member_of: words.texts(&["everybody"]),
        created: ago(4_000),
    };
    let view = Group {
        group: &group,
        may_change: true,
        may_change_members: true,
        may_see_policy: true,
        error: None,
    };
    let typed = AddGroup {
        name: words.0("netbox_users"),
        description: words.0("People"),
        users: words.0("anna ben"),
        error: Some(error),
    };
    vec![
        (
            "console-groups",
            console::groups(
                &Groups {
                    found: &found,
                    search: words.0("net"),
                    may_add: true,
                },
                frame,
            ),
        ),
        ("console-group-add", console::add_group(&typed, frame)),
        ("console-group", console::group(&view, frame)),
        (
            "console-group-managed",
            console::group(
                &Group {
                    may_change: false,
                    may_see_policy: false,
                    error: Some(error),
                    ..view
                },
                frame,
            ),
        ),
        ("console-group-delete", console::remove_group(&group, frame)),
    ]
}
