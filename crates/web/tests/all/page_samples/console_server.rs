//! The console's rooms about logins, events, programs and the server itself.

use doorward_api as api;
use doorward_web::pages::console::{self, *};
use jiff::SignedDuration;
use serde_json::json;
use uuid::Uuid;

use super::{
    Sample,
    console::{Words, ago, now},
    console_upstreams::upstreams,
};

pub(super) fn samples(words: &Words<'_>, frame: &Frame<'_>, error: &api::ErrorBody) -> Vec<Sample> {
    let mut samples = traces(words, frame);
    samples.extend(events(words, frame, error));
    samples.extend(upstreams(words, frame, error));
    samples.extend(services(words, frame, error));
    samples.extend(server(words, frame, error));
    samples.extend(registration(words, frame, error));
    samples
}

fn traces(words: &Words<'_>, frame: &Frame<'_>) -> Vec<Sample> {
    let step = |check, outcome| api::TraceStep {
        at: ago(2),
        request: words.text("authorize"),
        check: words.text(check),
        outcome,
        detail: words.some("received https://netbox.example.com/oauth/complete/oidc"),
        remedy: words.some("doorward app edit netbox --add-redirect-uri …"),
        received: None,
    };
    let summary = |reference, outcome| api::TraceSummary {
        reference: words.text(reference),
        started: ago(2),
        updated: ago(1),
        app: words.some("netbox"),
        user: words.some("anna"),
        address: words.some("192.0.2.17"),
        outcome,
        last: Some(step("redirect_uri.is_registered", api::StepOutcome::Refused)),
    };
    let found = api::List {
        items: vec![
            summary("7K3Q-9FZM", api::TraceOutcome::Refused),
            summary("8QAX-22KM", api::TraceOutcome::Ok),
            summary("1Z0P-PPQA", api::TraceOutcome::InProgress),
        ],
        next: words.some("1Z0P-PPQA"),
    };
    let view = Traces {
        found: &found,
        app: words.0("netbox"),
        user: words.0("anna"),
        refused: true,
        is_later: false,
    };
    let none = api::List {
        items: Vec::new(),
        next: None,
    };
    let whole = api::Trace {
        summary: summary("7K3Q-9FZM", api::TraceOutcome::Refused),
        steps: vec![
            step("client.is_known", api::StepOutcome::Ok),
            step("redirect_uri.is_registered", api::StepOutcome::Refused),
            step("note", api::StepOutcome::Info),
        ],
        conclusion: api::Conclusion {
            code: words.text("redirect_uri_mismatch"),
            verdict: "bad".to_owned(),
            sentence: words.text("The application asked for another way back than it has registered."),
            remedy: words.some("doorward app edit netbox --add-redirect-uri …"),
        },
    };
    vec![
        ("console-traces", console::traces(&view, frame)),
        (
            "console-traces-none",
            console::traces(
                &Traces {
                    found: &none,
                    app: "",
                    user: "",
                    refused: false,
                    is_later: true,
                },
                frame,
            ),
        ),
        ("console-trace", console::trace(&whole, frame)),
    ]
}

fn events(words: &Words<'_>, frame: &Frame<'_>, error: &api::ErrorBody) -> Vec<Sample> {
    let event = |action, kind: Option<&'static str>, reason: Option<&'static str>| api::Event {
        id: Uuid::nil(),
        at: ago(3),
        action: words.text(action),
        actor: api::EventActor {
            id: None,
            name: words.text("ada"),
            via: words.text("session"),
        },
        subject: kind.map(|kind| api::EventSubject {
            kind: kind.to_owned(),
            id: None,
            name: words.text("netbox"),
        }),
        outcome: if reason.is_some() {
            api::EventOutcome::Refused
        } else {
            api::EventOutcome::Ok
        },
        reason: reason.map(|reason| words.text(reason)),
        address: words.some("2001:db8:4e:1c07:93f2:11ff:fe8a:7d10"),
        trace: words.some("7K3Q-9FZM"),
        data: json!({"title": words.text("NetBox")}),
    };
    let found = api::List {
        items: vec![
            event("app.add", Some("app"), None),
            event("login", None, Some("wrong_credentials")),
            event("session.end", Some("session"), None),
        ],
        next: words.some("0199"),
    };
    let view = Events {
        found: &found,
        action: words.0("app"),
        actor: words.0("ada"),
        subject: words.0("netbox"),
        person: words.0("anna"),
        trace: words.0("7K3Q-9FZM"),
        refused: true,
        is_later: true,
        error: None,
    };
    let none = api::List {
        items: Vec::new(),
        next: None,
    };
    vec![
        ("console-events", console::events(&view, frame)),
        (
            "console-events-refused",
            console::events(
                &Events {
                    found: &none,
                    error: Some(error),
                    ..view
                },
                frame,
            ),
        ),
    ]
}

fn services(words: &Words<'_>, frame: &Frame<'_>, error: &api::ErrorBody) -> Vec<Sample> {
    let robot = api::Service {
        id: Uuid::nil(),
        name: words.text("ansible"),
        display_name: words.text("Sets up machines"),
        disabled: false,
        expires: Some(now() + SignedDuration::from_hours(24 * 90)),
        effective_groups: words.texts(&["machines"]),
        created: ago(400),
    };
    let token = api::ApiToken {
        id: Uuid::nil(),
        label: words.text("made by ada"),
        created: ago(400),
        expires: Some(now() + SignedDuration::from_hours(900)),
        last_used: Some(ago(4)),
    };
    let found = api::List {
        items: vec![robot.clone()],
        next: None,
    };
    let shown = api::TokenShown {
        about: token.clone(),
        token: words.text("dwt_0r3fAy5mS1eQ8JkPpWcU2xV7bN4tZ6hD9gL"),
    };
    let key = api::ServiceKey {
        id: Uuid::nil(),
        label: words.text("build machine"),
        kid: words.some("2026"),
        thumbprint: words.text("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"),
        created: ago(400),
        expires: None,
    };
    let view = Service {
        keys: std::slice::from_ref(&key),
        service: &robot,
        tokens: std::slice::from_ref(&token),
        may_change: true,
        error: Some(error),
    };
    vec![
        ("console-services", console::services(&found, true, Some(error), frame)),
        ("console-service", console::service(&view, frame)),
        (
            "console-service-token",
            console::service_token(words.0("ansible"), &shown, frame),
        ),
        ("console-service-delete", console::remove_service(&robot, frame)),
    ]
}

fn server(words: &Words<'_>, frame: &Frame<'_>, error: &api::ErrorBody) -> Vec<Sample> {
    let admin = |kind, name, role, manages: Option<&'static str>| api::Admin {
        kind,
        name: words.text(name),
        role,
        manages: manages.map(|group| words.text(group)),
    };
    let admins = [
        admin(api::MemberKind::Person, "ada", api::Role::Full, None),
        admin(api::MemberKind::Service, "ansible", api::Role::Apps, None),
        admin(api::MemberKind::Group, "leads", api::Role::GroupManager, Some("staff")),
    ];
    let sessions = api::List {
        items: vec![api::Session {
            id: Uuid::nil(),
            user: words.text("anna"),
            created: ago(130),
            last_seen: ago(3),
            expires: now() + SignedDuration::from_hours(9),
            address: words.some("192.0.2.17"),
            user_agent: words.some("an agent nobody has heard of"),
            methods: words.texts(&["pwd"]),
        }],
        next: words.some("0199"),
    };
    let key = |kid, state, hours: i64| api::Key {
        kid: words.text(kid),
        alg: words.text("ES256"),
        state,
        created: ago(4_000),
        activates_at: now() + SignedDuration::from_hours(hours),
        retires_at: Some(now() + SignedDuration::from_hours(-hours)),
    };
    let status = api::Status {
        version: words.text("0.1.0"),
        issuer: words.text("https://id.example.com"),
        now: now(),
        actor: api::ActorView {
            name: words.text("ada"),
            via: words.text("session"),
            rights: words.texts(&["full", "change-apps"]),
        },
        apps: Some(3),
    };
    let settings = api::Settings {
        event_retention_days: 730,
        trace_retention_days: 30,
        attestation_roots: words.some("-----BEGIN CERTIFICATE-----"),
        own_profile: vec![api::OwnField::Name, api::OwnField::Email],
        deletion_grace_days: 14,
        own_deletion: true,
        key_rotation_days: Some(90),
    };
    let keys = [
        key("k1", api::KeyState::Retiring, -40),
        key("k2", api::KeyState::Active, -4),
        key("k3", api::KeyState::Next, 30),
        key("k0", api::KeyState::Retired, -90),
    ];
    let master_key = |id, current, needed| api::MasterKey { id, current, needed };
    let master = api::Master {
        source: words.text("the file ./data/master.key"),
        keys: vec![
            master_key(17, true, true),
            master_key(4, false, true),
            master_key(201, false, false),
        ],
    };
    let of_keys = |may_change, error| {
        let view = console::Keys {
            keys: &keys,
            master: &master,
            may_change,
            error,
        };
        console::keys(&view, frame)
    };
    let mut samples = certificates(words, frame, error);
    samples.extend(vec![
        (
            "console-admins",
            console::admins(
                &Admins {
                    admins: &admins,
                    may_change: true,
                    error: Some(error),
                },
                frame,
            ),
        ),
        (
            "console-sessions",
            console::sessions(&sessions, words.0("anna"), true, Some(error), frame),
        ),
        ("console-keys", of_keys(true, Some(error))),
        ("console-keys-read-only", of_keys(false, None)),
        ("console-key-retire", console::retire_key(words.0("k2"), frame)),
        (
            "console-settings",
            console::settings(&status, &settings, true, Some(error), frame),
        ),
        (
            "console-settings-read-only",
            console::settings(&status, &settings, false, None, frame),
        ),
    ]);
    samples.extend(files(words, frame, error));
    samples
}

fn files(words: &Words<'_>, frame: &Frame<'_>, error: &api::ErrorBody) -> Vec<Sample> {
    let setting = |from, to, shown| api::StateSetting {
        name: words.text("lifetimes.code"),
        from,
        to,
        shown,
    };
    let shown = api::StateShown {
        name: words.text("lifetimes.code"),
        ..api::StateShown::default()
    };
    let change = |what| api::StateChange {
        file: words.text("applications/netbox.toml"),
        what,
        settings: vec![
            setting(
                None,
                Some(json!(30)),
                api::StateShown {
                    to: words.some("30"),
                    ..shown.clone()
                },
            ),
            setting(
                Some(json!([words.text("ask")])),
                Some(json!([words.text("skip")])),
                api::StateShown {
                    goes: words.texts(&["ask"]),
                    comes: words.texts(&["skip"]),
                    ..shown.clone()
                },
            ),
        ],
        weakens: vec![api::StateWeaker {
            name: words.text("weaken-pkce-if-sent"),
            meaning: words.text("requests without PKCE are accepted"),
        }],
    };
    let plan = api::StatePlan {
        digest: words.text("e3b0c442"),
        changes: vec![
            change(api::StateWhat::Add),
            change(api::StateWhat::Change),
            change(api::StateWhat::Remove),
        ],
        only_here: Vec::new(),
        unread: words.texts(&["applications/netbox.toml"]),
    };
    let same = api::StatePlan {
        changes: Vec::new(),
        ..plan.clone()
    };
    let paths = [words.0("applications/netbox.toml"), words.0("groups/staff.toml")];
    let view = StateView {
        files: &paths,
        path: words.0("applications/netbox.toml"),
        text: words.0("preset = \"netbox\""),
        plan: None,
        may_change: true,
        error: None,
    };
    let planned = StateView {
        plan: Some((&plan, words.0("{}"))),
        ..view
    };
    let unchanged = StateView {
        plan: Some((&same, words.0("{}"))),
        error: Some(error),
        ..view
    };
    let looked = StateView {
        may_change: false,
        ..view
    };
    let none = StateView {
        files: &[],
        path: "",
        may_change: false,
        ..view
    };
    vec![
        ("console-files", console::state_files(&view, frame)),
        ("console-files-planned", console::state_files(&planned, frame)),
        ("console-files-same", console::state_files(&unchanged, frame)),
        ("console-files-read-only", console::state_files(&looked, frame)),
        ("console-files-none", console::state_files(&none, frame)),
    ]
}

fn certificates(words: &Words<'_>, frame: &Frame<'_>, error: &api::ErrorBody) -> Vec<Sample> {
    let tls = api::Tls {
        source: words.text("acme"),
        directory: words.some("https://acme.example.com/directory"),
        host: words.text("id.example.com"),
        certificate: Some(api::TlsCertificate {
            names: words.texts(&["id.example.com"]),
            issuer: words.text("CN=Example Authority"),
            not_before: ago(4_000),
            not_after: now() + SignedDuration::from_hours(900),
            renews_at: now() + SignedDuration::from_hours(300),
            fingerprint: words.text("5f2b0c9e1d7a"),
        }),
        problem: Some(api::TlsProblem {
            code: words.text("acme_unreachable"),
            detail: words.text("the directory did not answer"),
            remedy: words.some("curl https://acme.example.com/directory"),
            at: ago(30),
            next_try: now(),
        }),
    };
    let authority = api::Authority {
        name: words.text("Example internal"),
        certificate: words.text("-----BEGIN CERTIFICATE-----"),
        fingerprint: words.text("5f2b0c9e1d7a"),
        permitted: words.texts(&["example.com"]),
        created: ago(4_000),
        not_after: now() + SignedDuration::from_hours(9_000),
        install: vec![api::AuthorityInstall {
            name: words.text("debian"),
            title: words.text("Debian and Ubuntu"),
            text: words.text("update-ca-certificates"),
        }],
    };
    let issued = api::CertificateIssued {
        names: words.texts(&["netbox.example.com"]),
        certificate: words.text("-----BEGIN CERTIFICATE-----"),
        key: words.some("-----BEGIN PRIVATE KEY-----"),
        fingerprint: words.text("5f2b0c9e1d7a"),
        not_after: now() + SignedDuration::from_hours(9_000),
    };
    let view = Certificates {
        tls: &tls,
        authority: Some(&authority),
        may_change: true,
        error: Some(error),
    };
    vec![
        ("console-certificates", console::certificates(&view, frame)),
        (
            "console-certificates-none",
            console::certificates(
                &Certificates {
                    authority: None,
                    ..view
                },
                frame,
            ),
        ),
        (
            "console-certificate-issued",
            console::issued_certificate(&issued, frame),
        ),
    ]
}

fn registration(words: &Words<'_>, frame: &Frame<'_>, error: &api::ErrorBody) -> Vec<Sample> {
    let waiting = api::List {
        items: vec![api::RegistrationRequest {
            id: Uuid::from_u128(7),
            email: words.text("anna@example.com"),
            name: words.text("anna"),
            display_name: words.text("Anna Berger"),
            address: words.text("192.0.2.17"),
            created: ago(90),
            expires: now() + SignedDuration::from_hours(700),
        }],
        next: words.some("0198"),
    };
    let policy = api::Registration {
        open: true,
        domains: words.texts(&["example.com", "example.org"]),
        approval: true,
        groups: words.texts(&["newcomers"]),
    };
    let view = Registration {
        policy: Some(&policy),
        waiting: &waiting,
        may_change: true,
        may_decide: true,
        error: Some(error),
    };
    let none = api::List {
        items: Vec::new(),
        next: None,
    };
    let closed = api::Registration::default();
    let reads = Registration {
        policy: Some(&closed),
        waiting: &none,
        may_change: false,
        may_decide: false,
        error: None,
    };
    let decides = Registration { policy: None, ..view };
    vec![
        ("console-registration", console::registration(&view, frame)),
        ("console-registration-read-only", console::registration(&reads, frame)),
        ("console-registration-people", console::registration(&decides, frame)),
    ]
}
