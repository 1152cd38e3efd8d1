//! The rarer settings of a provider.

use std::{collections::BTreeMap, fmt::Write as _};

use doorward_api as api;

use super::{
    Frame, Room,
    app_settings::{json, spelled},
    long_form::LongForm,
    sheet::{Anchor, Block, Panel, Sheet},
    trouble,
    upstreams::here,
    words::word,
};

/// A provider, and what was typed about it.
#[derive(Debug, Clone, Copy)]
pub struct UpstreamSettings<'a> {
    /// As it is.
    pub upstream: &'a api::Upstream,
    /// What was typed and not taken, by the name of its field.
    pub typed: &'a BTreeMap<String, String>,
    /// The viewer may change it.
    pub may_change: bool,
    /// Why the last change did not work.
    pub error: Option<&'a api::ErrorBody>,
}

/// Renders the rarer settings.
pub fn upstream_settings(view: &UpstreamSettings<'_>, frame: &Frame<'_>) -> String {
    let (t, upstream) = (frame.text(), view.upstream);
    let sheet = Sheet {
        title: t.with("console-more-title", "name", &upstream.title),
        lead: Some(t.say("console-more-upstream-lead")),
        up: Some(Anchor::new(here(frame, &upstream.name, ""), &*upstream.title)),
        trouble: view.error.map(|error| trouble(t, error)),
        panels: vec![protocol(view, frame), network(view, frame), people(view, frame)],
        ..Sheet::default()
    };
    frame.draw(Some(Room::Upstreams), sheet)
}

fn finished(
    mut form: LongForm<'_>,
    title: String,
    command: String,
    view: &UpstreamSettings<'_>,
    frame: &Frame<'_>,
) -> Panel {
    let t = frame.text();
    if view.may_change {
        form.flag("no_probe", t.say("console-more-no-probe"), false)
            .rule(t.say("console-more-no-probe-rule"));
    }
    Panel::new(title)
        .with(form.finished(here(frame, &view.upstream.name, "/settings"), view.may_change))
        .with(Block::Command(command))
}

fn protocol(view: &UpstreamSettings<'_>, frame: &Frame<'_>) -> Panel {
    let (t, upstream) = (frame.text(), view.upstream);
    let mut form = LongForm::new("protocol", view.typed, frame);
    form.line("issuer", t.say("console-issuer"), upstream.issuer.clone())
        .rule(t.say("console-upstream-issuer-rule"));
    form.line(
        "client_id",
        t.say("console-upstream-client-id"),
        upstream.client_id.clone(),
    );
    form.list("tenants", t.say("console-more-tenants"), &upstream.tenants)
        .rule(t.say("console-more-tenants-rule"));
    form.words(
        "authentication",
        t.say("console-authentication"),
        &upstream.authentication,
        &[
            api::UpstreamAuthentication::Auto,
            api::UpstreamAuthentication::ClientSecretBasic,
            api::UpstreamAuthentication::ClientSecretPost,
            api::UpstreamAuthentication::PrivateKeyJwt,
            api::UpstreamAuthentication::None,
        ],
    );
    form.list("scopes", t.say("console-scopes"), &upstream.scopes)
        .rule(t.say("console-names-rule"));
    let algorithms: Vec<String> = upstream.algorithms.iter().map(spelled).collect();
    form.list("algorithms", t.say("console-id-token-alg"), &algorithms)
        .rule(t.say("console-more-algorithms-rule"));
    let parameters: Vec<String> = upstream
        .parameters
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    form.lines("parameters", t.say("console-more-parameters"), parameters.join("\n"))
        .rule(t.say("console-more-parameters-rule"));
    form.words(
        "response_mode",
        t.say("console-more-response-mode"),
        &upstream.response_mode,
        &[api::UpstreamResponseMode::Query, api::UpstreamResponseMode::FormPost],
    );
    let mut command = edit(upstream);
    say(&mut command, "issuer", &upstream.issuer);
    say(&mut command, "authentication", &spelled(&upstream.authentication));
    say(&mut command, "scopes", &upstream.scopes.join(" "));
    say(&mut command, "response-mode", &spelled(&upstream.response_mode));
    finished(form, t.say("console-more-protocol"), command, view, frame)
}

fn network(view: &UpstreamSettings<'_>, frame: &Frame<'_>) -> Panel {
    let (t, upstream) = (frame.text(), view.upstream);
    let mut form = LongForm::new("network", view.typed, frame);
    form.number(
        "timeout_seconds",
        t.say("console-more-timeout"),
        upstream.timeout_seconds,
    )
    .rule(t.say("console-more-timeout-rule"));
    form.number("leeway_seconds", t.say("console-more-leeway"), upstream.leeway_seconds)
        .rule(t.say("console-more-leeway-rule"));
    form.flag(
        "allow_private",
        t.say("console-more-allow-private"),
        upstream.allow_private,
    );
    form.lines(
        "ca_pem",
        t.say("console-ca-file"),
        upstream.ca_pem.clone().unwrap_or_default(),
    )
    .rule(t.say("console-more-ca-rule"));
    let mut command = edit(upstream);
    say(&mut command, "timeout", &upstream.timeout_seconds.to_string());
    say(&mut command, "leeway", &upstream.leeway_seconds.to_string());
    say(&mut command, "allow-private", on(upstream.allow_private));
    finished(form, t.say("console-more-network"), command, view, frame)
}

fn people(view: &UpstreamSettings<'_>, frame: &Frame<'_>) -> Panel {
    let (t, upstream) = (frame.text(), view.upstream);
    let mut form = LongForm::new("people", view.typed, frame);
    form.lines("rules", t.say("console-more-rules"), json(Some(&upstream.rules)))
        .rule(t.say("console-more-rules-rule"));
    form.flag("userinfo", t.say("console-more-userinfo"), upstream.userinfo);
    form.words(
        "lookup",
        t.say("console-more-lookup"),
        &upstream.lookup,
        &[
            api::UpstreamLookup::None,
            api::UpstreamLookup::GraphGroups,
            api::UpstreamLookup::Github,
        ],
    );
    form.line(
        "lookup_url",
        t.say("console-more-lookup-url"),
        upstream.lookup_url.clone().unwrap_or_default(),
    );
    form.words(
        "lookup_failure",
        t.say("console-more-lookup-failure"),
        &upstream.lookup_failure,
        &[api::LookupFailure::Deny, api::LookupFailure::Keep],
    );
    form.flag(
        "trusted_email",
        t.say("console-more-trusted-email"),
        upstream.trusted_email,
    );
    form.flag("trusted_amr", t.say("console-more-trusted-amr"), upstream.trusted_amr);
    form.list("groups", t.say("console-more-groups"), &upstream.groups)
        .rule(t.say("console-names-rule"));
    form.flag(
        "session_bound",
        t.say("console-more-session-bound"),
        upstream.session_bound,
    );
    let mut command = edit(upstream);
    say(&mut command, "userinfo", on(upstream.userinfo));
    say(&mut command, "lookup", &spelled(&upstream.lookup));
    say(&mut command, "lookup-failure", &spelled(&upstream.lookup_failure));
    say(&mut command, "trusted-email", on(upstream.trusted_email));
    say(&mut command, "groups", &upstream.groups.join(","));
    say(&mut command, "session-bound", on(upstream.session_bound));
    finished(form, t.say("console-more-people"), command, view, frame)
}

fn edit(upstream: &api::Upstream) -> String {
    format!("doorward upstream edit {}", word(&upstream.name))
}

fn say(command: &mut String, flag: &str, value: &str) {
    let _ = write!(command, " --{flag} {}", word(value));
}

fn on(yes: bool) -> &'static str {
    if yes { "on" } else { "off" }
}
