//! The console's rooms about applications.

use doorward_api as api;
use doorward_web::pages::console::{self, *};
use jiff::SignedDuration;
use serde_json::json;
use uuid::Uuid;

use super::{
    Sample,
    console::{Words, ago, now},
};

fn requests(words: &Words<'_>) -> api::RequestSettings {
    let requirement = |what, remedy: Option<&'static str>| api::ProfileRequirement {
        what: words.text(what),
        holds: remedy.is_none(),
        remedy: remedy.map(|remedy| words.text(remedy)),
    };
    api::RequestSettings {
        profile: Some(api::AppProfile::Oauth21),
        profile_requirements: vec![
            requirement(
                "PKCE with every request",
                Some("doorward app edit netbox --pkce required"),
            ),
            requirement("redirect URIs over https", None),
        ],
        require_pushed: true,
        resources: words.texts(&["https://api.example.com"]),
        detail_types: words.texts(&["payment_initiation"]),
        initiate_login_uri: words.some("https://netbox.example.com/login/start"),
        ..api::RequestSettings::default()
    }
}

fn refused_logins(words: &Words<'_>) -> [api::TraceSummary; 2] {
    [
        "https://netbox.example.com/login/0b8c/callback",
        "https://evil.example/x",
    ]
    .map(|uri| api::TraceSummary {
        reference: words.text("7K3Q-9FZM"),
        started: ago(2),
        updated: ago(1),
        app: words.some("netbox"),
        user: None,
        address: words.some("192.0.2.17"),
        outcome: api::TraceOutcome::Refused,
        last: Some(api::TraceStep {
            at: ago(1),
            request: words.text("authorize"),
            check: "authorize.redirect_uri".to_owned(),
            outcome: api::StepOutcome::Refused,
            detail: None,
            remedy: None,
            received: words.some(uri),
        }),
    })
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
        sender: api::SenderSettings::default(),
        keys: api::KeySettings::default(),
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
            groups: words.some("netbox-*"),
            ..api::ClaimRule::default()
        }],
        cors_origins: Vec::new(),
        requests: requests(words),
        expects_refresh: false,
        expects_userinfo: true,
        logout: api::AppLogout {
            backchannel_uri: words.some("https://netbox.example.com/backchannel-logout"),
            frontchannel_uri: words.some("https://netbox.example.com/frontchannel-logout"),
            session_management: true,
            weaken_private_address: false,
        },
        redirect_suggestions: words.texts(&["https://netbox.example.com/*"]),
        grants: api::GrantTypes {
            device: true,
            exchange: vec!["delegate:grafana:https://api.example.com".parse().unwrap()],
            ..api::GrantTypes::default()
        },
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

fn logouts(words: &Words<'_>) -> api::Logouts {
    let logout = |state, tries, due, problem| api::Logout {
        session: Uuid::nil(),
        subject: words.text("0199d3c1-7a3e-7cc1-9a52-5d7f4e1b2a90"),
        state,
        cause: api::LogoutCause::Ended,
        ended: ago(2),
        tries,
        due,
        problem,
        trace: words.some("7K3Q-9FZM"),
    };
    api::Logouts {
        waiting: 1,
        told: 12,
        given_up: 1,
        items: vec![
            logout(
                api::LogoutState::Waiting,
                2,
                now() + SignedDuration::from_secs(40),
                words.some("could not resolve netbox.lan from this host"),
            ),
            logout(
                api::LogoutState::GivenUp,
                9,
                ago(200),
                words.some("the certificate of netbox.lan is not trusted here: expired"),
            ),
            logout(api::LogoutState::Told, 1, ago(3), None),
        ],
    }
}

fn diagnosis(words: &Words<'_>) -> api::Diagnosis {
    let slash = "https://netbox.example.com/oauth/complete/oidc";
    let remedy = |side, text| api::DoctorRemedy {
        side,
        text: words.text(text),
    };
    api::Diagnosis {
        usable: false,
        conclusion: words
            .some("redirect_uri: a missing `/` at character 47. On the side of NetBox: correct its own address"),
        findings: vec![
            api::DoctorFinding {
                code: words.text("redirect_uri"),
                weight: api::DoctorWeight::Problem,
                expected: words.text("https://netbox.example.com/oauth/complete/oidc/"),
                received: words.text(slash),
                remedies: vec![
                    remedy(api::DoctorSide::Application, "in NetBox, correct its own address"),
                    remedy(api::DoctorSide::Here, "doorward app edit netbox --add-redirect-uri URI"),
                ],
                fix: Some(Box::new(api::DoctorFix {
                    about: words.text("register the redirect URI without the slash"),
                    needs_a_person: false,
                    change: api::DoctorChange::App(Box::new(api::DoctorAppChange {
                        client_id: words.text("netbox"),
                        change: api::AppChange {
                            add_redirect_uris: words.texts(&[slash]),
                            ..api::AppChange::default()
                        },
                    })),
                })),
            },
            api::DoctorFinding {
                code: words.text("clock"),
                weight: api::DoctorWeight::Good,
                expected: words.text("its clock is right to 12 ms"),
                received: words.text("its clock is right to 12 ms"),
                remedies: Vec::new(),
                fix: None,
            },
        ],
        sent: Some(api::DoctorSent {
            endpoint: words.text("https://id.example.com/authorize"),
            client_id: words.some("netbox"),
            redirect_uri: words.some(slash),
            response_type: words.some("code"),
            response_mode: None,
            scope: words.some("openid profile email"),
            pkce: words.some("S256"),
            state: true,
            nonce: true,
            elsewhere: false,
        }),
        visits: vec![api::DoctorVisit {
            posted: true,
            url: words.text("https://netbox.example.com/oauth/login/oidc/"),
            status: Some(302),
        }],
        clock_offset_ms: Some(12),
        clock_accuracy_ms: Some(40),
    }
}

pub(super) fn samples(words: &Words<'_>, frame: &Frame<'_>, error: &api::ErrorBody) -> Vec<Sample> {
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
        aliases: Vec::new(),
        proof: words.text("library"),
    });
    let groups = words.texts(&["netbox_users", "staff"]);
    let snippet = snippet(words);
    let view = App {
        app: &app,
        groups: &groups,
        may_change: true,
        may_preview: true,
        may_see_policy: true,
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
                    may_see_registration: true,
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
        (
            "console-app-pairing",
            console::app_pairing(
                &AppPairing {
                    app: &app,
                    refused: &refused_logins(words),
                    may_change: true,
                    error: None,
                },
                frame,
            ),
        ),
        (
            "console-installation",
            console::installation(
                Some(&api::Diagnosis {
                    sent: None,
                    visits: Vec::new(),
                    ..diagnosis(words)
                }),
                None,
                frame,
            ),
        ),
        (
            "console-installation-before",
            console::installation(None, Some(error), frame),
        ),
        (
            "console-app-doctor",
            console::app_doctor(
                &AppDoctor {
                    app: &app,
                    diagnosis: Some(&diagnosis(words)),
                    user: words.0("anna"),
                    may_change: true,
                    error: None,
                },
                frame,
            ),
        ),
        (
            "console-app-doctor-before",
            console::app_doctor(
                &AppDoctor {
                    app: &app,
                    diagnosis: None,
                    user: "",
                    may_change: false,
                    error: Some(error),
                },
                frame,
            ),
        ),
        (
            "console-app-logouts",
            console::app_logouts(
                &AppLogouts {
                    app: &app,
                    logouts: &logouts(words),
                    may_change: true,
                    error: None,
                },
                frame,
            ),
        ),
        (
            "console-app-logouts-nowhere",
            console::app_logouts(
                &AppLogouts {
                    app: &api::App {
                        logout: api::AppLogout::default(),
                        ..app.clone()
                    },
                    logouts: &api::Logouts::default(),
                    may_change: true,
                    error: None,
                },
                frame,
            ),
        ),
        (
            "console-app-settings",
            console::app_settings(
                &AppSettings {
                    app: &app,
                    typed: &[("code".to_owned(), words.text("soon"))].into(),
                    may_change: true,
                    error: Some(error),
                },
                frame,
            ),
        ),
        (
            "console-app-settings-read-only",
            console::app_settings(
                &AppSettings {
                    app: &app,
                    typed: &std::collections::BTreeMap::new(),
                    may_change: false,
                    error: None,
                },
                frame,
            ),
        ),
    ]
}
