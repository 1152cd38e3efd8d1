//! The console's room about providers.

use doorward_api as api;
use doorward_web::pages::console::{self, *};
use serde_json::json;
use uuid::Uuid;

use super::{
    Sample,
    console::{Words, ago},
};

fn provider(words: &Words<'_>) -> api::Upstream {
    api::Upstream {
        id: Uuid::nil(),
        name: words.text("corp"),
        title: words.text("Company account"),
        button: true,
        enabled: true,
        preset: words.text("keycloak"),
        issuer: words.text("https://login.example.com/realms/corp"),
        tenants: Vec::new(),
        client_id: words.text("doorward"),
        has_secret: true,
        authentication: api::UpstreamAuthentication::ClientSecretBasic,
        scopes: words.texts(&["openid", "profile", "email"]),
        algorithms: Vec::new(),
        parameters: [("hd".to_owned(), words.text("example.com"))].into(),
        response_mode: api::UpstreamResponseMode::Query,
        leeway_seconds: 30,
        userinfo: false,
        lookup: api::UpstreamLookup::None,
        lookup_url: None,
        lookup_failure: api::LookupFailure::Deny,
        rules: json!({"email": {"claim": "email"}, "groups": {"claim": "groups", "map": [{"group": "/corp/ops", "groups": [words.text("ops")]}]}}),
        create_users: true,
        link: api::LinkRule::VerifiedEmail,
        trusted_amr: false,
        trusted_email: false,
        domains: words.texts(&["example.com"]),
        groups: words.texts(&["staff"]),
        session_bound: false,
        ca_pem: None,
        allow_private: false,
        timeout_seconds: 10,
        redirect_uri: words.text("https://id.example.com/upstream/corp/callback"),
        post_logout_redirect_uri: words.text("https://id.example.com/upstream/logged-out"),
        jwks_uri: None,
        backchannel_logout_uri: words.text("https://id.example.com/upstream/corp/backchannel-logout"),
        frontchannel_logout_uri: words.text("https://id.example.com/upstream/corp/frontchannel-logout"),
        preview_uri: words.text("https://id.example.com/upstream/corp/preview"),
        weakened: vec![api::Weakened {
            name: words.text("weaken-link-by-email"),
            meaning: words.text("whoever has the address there has the account here"),
            undo: words.text("doorward upstream edit corp --link never"),
        }],
        created: ago(4_000),
        changed: ago(40),
    }
}

pub(super) fn upstreams(words: &Words<'_>, frame: &Frame<'_>, error: &api::ErrorBody) -> Vec<Sample> {
    let provider = provider(words);
    let summary = |name, enabled| api::UpstreamSummary {
        name: words.text(name),
        title: words.text("Company account"),
        preset: words.text("keycloak"),
        issuer: words.text("https://login.example.com/realms/corp"),
        enabled,
    };
    let preset = api::UpstreamPreset {
        id: words.text("keycloak"),
        name: words.text("Keycloak"),
        summary: words.text("Keycloak 26, a realm of it."),
        issuer: words.text("https://HOST/realms/REALM"),
        scopes: "openid".to_owned(),
        steps: words.texts(&["Make a client.", "Give it the redirect URI."]),
        notes: words.texts(&["A realm's key set turns without notice."]),
        rules: json!({}),
        evidence: words.text("Seen on the wire."),
    };
    let finding = |subject, severity| api::ProbeFinding {
        subject: words.text(subject),
        severity,
        detail: words.text("the clock is 3 s behind"),
        remedy: words.some("chronyc makestep"),
    };
    let probe = api::UpstreamProbe {
        good: false,
        clock_offset_ms: Some(-3_000),
        claims: Vec::new(),
        findings: vec![
            finding("discovery", api::ProbeSeverity::Good),
            finding("clock", api::ProbeSeverity::Warning),
            finding("keys", api::ProbeSeverity::Failure),
        ],
    };
    let identities = api::List {
        items: vec![api::Identity {
            id: Uuid::nil(),
            issuer: words.text("https://login.example.com/realms/corp"),
            subject: words.text("0c7e9f4a-3d21-4c5e"),
            user_id: Uuid::nil(),
            user: words.text("anna"),
            origin: words.text("created"),
            claims: serde_json::Map::new(),
            created: ago(400),
            last_login: Some(ago(4)),
        }],
        next: None,
    };
    let would = [api::WouldBe {
        subject: words.some("0c7e9f4a"),
        email: words.some("anna@example.com"),
        outcome: words.text("linked"),
        user: words.some("anna"),
        why: words.some("the address is verified"),
    }];
    let view = Upstream {
        upstream: &provider,
        identities: Some(&identities),
        may_change: true,
        error: None,
    };
    let typed = AddUpstream {
        preset: &preset,
        name: words.0("corp"),
        issuer: words.0("https://login.example.com/realms/corp"),
        client_id: words.0("doorward"),
        error: Some(error),
    };
    let known = std::slice::from_ref(&preset);
    let corp = words.0("corp");
    vec![
        (
            "console-upstreams",
            console::upstreams(&[summary("corp", true), summary("old", false)], true, frame),
        ),
        ("console-upstreams-none", console::upstreams(&[], false, frame)),
        ("console-upstream-choose", console::choose_upstream(known, frame)),
        ("console-upstream-add", console::add_upstream(&typed, frame)),
        ("console-upstream", console::upstream(&view, frame)),
        (
            "console-upstream-read-only",
            console::upstream(
                &Upstream {
                    may_change: false,
                    identities: None,
                    error: Some(error),
                    ..view
                },
                frame,
            ),
        ),
        (
            "console-upstream-probed",
            console::probed_upstream(corp, &probe, &preset.steps, frame),
        ),
        (
            "console-upstream-dry-run",
            console::upstream_dry_run(corp, &would, frame),
        ),
        ("console-upstream-remove", console::remove_upstream(&provider, frame)),
        (
            "console-upstream-settings",
            console::upstream_settings(
                &UpstreamSettings {
                    upstream: &provider,
                    typed: &std::collections::BTreeMap::new(),
                    may_change: true,
                    error: Some(error),
                },
                frame,
            ),
        ),
        (
            "console-upstream-settings-read-only",
            console::upstream_settings(
                &UpstreamSettings {
                    upstream: &provider,
                    typed: &std::collections::BTreeMap::new(),
                    may_change: false,
                    error: None,
                },
                frame,
            ),
        ),
    ]
}
