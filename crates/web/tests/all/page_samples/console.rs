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
    samples.extend(apps(&words, &frame, &error));
    samples.extend(super::console_server::samples(&words, &frame, &error));
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
    let view = Person {
        user: &user,
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
                    error: Some(error),
                    ..view
                },
                frame,
            ),
        ),
        ("console-group-delete", console::remove_group(&group, frame)),
    ]
}

fn application(words: &Words<'_>) -> api::App {
    let entry = |group, scopes: &[&'static str]| api::ScopeMapEntry {
        group: words.text(group),
        scopes: words.texts(scopes),
    };
    api::App {
        id: Uuid::nil(),
        client_id: words.text("netbox"),
        name: words.text("NetBox"),
        preset: words.text("netbox"),
        url: words.text("https://netbox.example.com"),
        start_url: words.some("https://netbox.example.com/login/"),
        issuer: words.text("https://id.example.com"),
        issuer_style: api::IssuerStyle::Server,
        redirect_uris: words.texts(&["https://netbox.example.com/oauth/complete/oidc/"]),
        post_logout_redirect_uris: words.texts(&["https://netbox.example.com/", "https://netbox.example.com/login/"]),
        kind: api::AppKind::Confidential,
        authentication: api::Authentication::ClientSecret,
        jwks: None,
        pkce: api::Pkce::WeakenIfSent,
        id_token_alg: api::SigningAlg::RS256,
        access_token_alg: api::SigningAlg::ES256,
        userinfo_signed_alg: None,
        audiences: words.texts(&["netbox"]),
        lifetimes: api::Lifetimes {
            code: 60,
            id_token: 300,
            access_token: 300,
            refresh_token: 86_400,
        },
        scopes: words.texts(&["openid", "profile", "email", "groups"]),
        client_credentials: false,
        scope_map: vec![
            entry("netbox_users", &["openid", "profile", "email", "groups"]),
            api::ScopeMapEntry {
                group: "everyone".to_owned(),
                scopes: words.texts(&["openid"]),
            },
        ],
        consent: api::Consent::Skip,
        usernames: api::Usernames::Short,
        claims: vec![api::ClaimRule {
            claim: words.text("roles"),
            ..api::ClaimRule::default()
        }],
        cors_origins: Vec::new(),
        expects_refresh: false,
        expects_userinfo: true,
        disabled: false,
        created: ago(4_000),
        updated: ago(40),
        weakened: vec![api::Weakened {
            name: words.text("weaken-pkce-if-sent"),
            meaning: words.text("an authorization request without PKCE is accepted"),
            undo: words.text("doorward app edit netbox --pkce required"),
        }],
    }
}

fn snippet(words: &Words<'_>) -> api::Snippet {
    let part = |title, alternative, text| api::SnippetPart {
        title: words.text(title),
        way: api::SnippetWay::File,
        place: words.some("/opt/netbox/netbox/netbox/configuration.py"),
        language: "python".to_owned(),
        alternative,
        text: words.text(text),
    };
    api::Snippet {
        parts: vec![
            part(
                "configuration.py",
                false,
                "REMOTE_AUTH_BACKEND = 'social_core.backends.open_id_connect.OpenIdConnectAuth'\nSOCIAL_AUTH_OIDC_KEY = 'netbox'",
            ),
            part("Groups", true, "SOCIAL_AUTH_PIPELINE = (…)"),
        ],
        private_ca: words.text("NetBox does not read the system's certificate store."),
        logout: words.text("NetBox ends its own session."),
        notes: vec![api::SnippetNote {
            versions: words.some("4.7 and later"),
            text: words.text("Link to /login/."),
        }],
    }
}

fn apps(words: &Words<'_>, frame: &Frame<'_>, error: &api::ErrorBody) -> Vec<Sample> {
    let app = application(words);
    let summary = |client_id, name, groups: &[&'static str], disabled| api::AppSummary {
        id: Uuid::nil(),
        client_id: words.text(client_id),
        name: words.text(name),
        preset: words.text("netbox"),
        url: words.text("https://netbox.example.com"),
        groups: words.texts(groups),
        disabled,
    };
    let found = api::List {
        items: vec![
            summary("netbox", "NetBox", &["netbox_users", "staff"], false),
            summary("klima", "Überwachung der Rechenzentrumsklimatisierung", &[], true),
        ],
        next: None,
    };
    let presets = [
        (
            "netbox",
            "NetBox",
            "NetBox 4, with social-auth's generic OpenID Connect backend.",
        ),
        ("generic", "Any other", "An application that is not in this list."),
    ]
    .map(|(id, name, summary)| api::PresetSummary {
        id: words.text(id),
        name: words.text(name),
        summary: words.text(summary),
    });
    let groups = words.texts(&["netbox_users", "staff"]);
    let snippet = snippet(words);
    let view = App {
        app: &app,
        groups: &groups,
        may_change: true,
        may_preview: true,
        error: None,
    };
    let typed = AddApp {
        preset: &presets[0],
        url: words.0("https://netbox.example.com"),
        client_id: words.0("netbox"),
        name: words.0("NetBox"),
        group: words.0("netbox_usr"),
        ca_file: words.0("/etc/ssl/ca.pem"),
        groups: &groups,
        error: Some(error),
    };
    let step = |check, outcome| api::PreviewStep {
        check: words.text(check),
        outcome,
        detail: words.some("anna is let in through netbox_users (brings openid profile)"),
        remedy: words.some("doorward group member add netbox_users anna"),
    };
    let preview = api::Preview {
        allowed: true,
        scopes: words.texts(&["openid"]),
        refresh_token: false,
        steps: vec![
            step("access", api::StepOutcome::Ok),
            step("claim_rule", api::StepOutcome::Info),
        ],
        id_token: Some(json!({"sub": words.text("0199"), "name": words.text("Anna Berger")})),
        access_token: Some(json!({"aud": words.text("netbox")})),
        userinfo: None,
    };
    let refused = api::Preview {
        allowed: false,
        steps: vec![step("no_access", api::StepOutcome::Refused)],
        id_token: None,
        access_token: None,
        ..preview.clone()
    };
    let secret = api::SecretShown {
        client_id: words.text("netbox"),
        secret: words.text("dws_mQb8…"),
        created: ago(3),
        previous_until: Some(now() + SignedDuration::from_hours(24)),
    };
    let anna = words.0("anna");
    vec![
        (
            "console-apps",
            console::apps(
                &Apps {
                    found: &found,
                    may_add: true,
                },
                frame,
            ),
        ),
        ("console-app-choose", console::choose_preset(&presets, frame)),
        (
            "console-app-add",
            console::add_app(
                &AddApp {
                    url: "",
                    client_id: "",
                    name: "",
                    group: "",
                    ca_file: "",
                    error: None,
                    ..typed
                },
                frame,
            ),
        ),
        ("console-app-add-refused", console::add_app(&typed, frame)),
        (
            "console-app-added",
            console::added_app(
                &api::AppAdded {
                    app: app.clone(),
                    snippet: snippet.clone(),
                },
                frame,
            ),
        ),
        ("console-app", console::app(&view, frame)),
        (
            "console-app-read-only",
            console::app(
                &App {
                    app: &api::App {
                        disabled: true,
                        scope_map: Vec::new(),
                        ..app.clone()
                    },
                    may_change: false,
                    ..view
                },
                frame,
            ),
        ),
        (
            "console-app-snippet",
            console::app_snippet(words.0("netbox"), &snippet, false, frame),
        ),
        ("console-app-secret", console::app_secret(&secret, frame)),
        (
            "console-app-preview",
            console::app_preview(words.0("netbox"), anna, &preview, frame),
        ),
        (
            "console-app-preview-refused",
            console::app_preview(words.0("netbox"), anna, &refused, frame),
        ),
        ("console-app-remove", console::remove_app(&app, frame)),
    ]
}
