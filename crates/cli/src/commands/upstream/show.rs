//! Upstreams for people's eyes.

use doorward_api::{ProbeSeverity, Upstream, UpstreamProbe};

use crate::{
    failure::Failure,
    output::{Output, instant, mark, value, wrap},
};

pub(super) fn upstream(upstream: &Upstream, output: &Output) -> Result<(), Failure> {
    let word = |word: &serde_json::Value| word.as_str().unwrap_or_default().to_owned();
    let word_of = |value: serde_json::Result<serde_json::Value>| value.map(|value| word(&value)).unwrap_or_default();
    let parameters: Vec<String> = upstream
        .parameters
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    output.fields(&[
        ("name", upstream.name.clone()),
        ("title", upstream.title.clone()),
        (
            "state",
            if upstream.enabled {
                "on".to_owned()
            } else {
                "off".to_owned()
            },
        ),
        ("preset", upstream.preset.clone()),
        ("issuer", upstream.issuer.clone()),
        ("tenants", upstream.tenants.join(", ")),
        ("client id", upstream.client_id.clone()),
        ("secret", mark(upstream.has_secret, "set")),
        ("authentication", word_of(serde_json::to_value(upstream.authentication))),
        ("scopes", upstream.scopes.join(" ")),
        ("parameters", parameters.join(" ")),
        (
            "new people",
            if upstream.create_users {
                "get an account"
            } else {
                "are refused"
            }
            .to_owned(),
        ),
        ("link accounts", word_of(serde_json::to_value(upstream.link))),
        ("trusted e-mail", mark(upstream.trusted_email, "yes")),
        ("trusted amr", mark(upstream.trusted_amr, "yes")),
        ("Microsoft Graph", upstream.lookup_url.clone().unwrap_or_default()),
        ("e-mail domains", upstream.domains.join(", ")),
        ("always for groups", upstream.groups.join(", ")),
        (
            "session",
            mark(upstream.session_bound, "ends with the upstream's token"),
        ),
        ("button", mark(!upstream.button, "none")),
        ("private CA", mark(upstream.ca_pem.is_some(), "set")),
        ("rules", value(&upstream.rules)),
        ("redirect URI", upstream.redirect_uri.clone()),
        ("post-logout redirect URI", upstream.post_logout_redirect_uri.clone()),
        ("key set (JWKS) URI", upstream.jwks_uri.clone().unwrap_or_default()),
        ("back-channel logout URI", upstream.backchannel_logout_uri.clone()),
        ("front-channel logout URI", upstream.frontchannel_logout_uri.clone()),
        ("preview", upstream.preview_uri.clone()),
        ("added", instant(upstream.created)),
        ("changed", instant(upstream.changed)),
    ])?;
    for one in &upstream.weakened {
        output.line(format!(
            "\nWEAKENED {}: {}\n  undo: {}",
            one.name,
            wrap(&one.meaning),
            one.undo
        ))?;
    }
    Ok(())
}

/// The address alone on standard output, so that a script can open it.
pub(super) fn preview(upstream: &Upstream, output: &Output) -> Result<(), Failure> {
    output.aside(wrap(&format!(
        "Open this in a browser where you are logged in here as an administrator who may read people. You log in at {} as whom \
         you want to see; then the page shows the claims, what every rule says of them, and who it would be here. Nothing is \
         created or changed.",
        upstream.title
    )))?;
    if !upstream.enabled {
        output.aside(format!(
            "It is switched off: doorward upstream edit {} --enabled on",
            upstream.name
        ))?;
    }
    output.line(&upstream.preview_uri)
}

pub(super) fn probe(probe: &UpstreamProbe, output: &Output) -> Result<(), Failure> {
    let rows = probe
        .findings
        .iter()
        .map(|finding| {
            let severity = match finding.severity {
                ProbeSeverity::Good => "good",
                ProbeSeverity::Warning => "look",
                ProbeSeverity::Failure => "FAILS",
            };
            let detail = match &finding.remedy {
                Some(remedy) => format!("{}. {remedy}", finding.detail),
                None => finding.detail.clone(),
            };
            vec![severity.to_owned(), finding.subject.clone(), detail]
        })
        .collect();
    output.table(&["", "WHAT", "FOUND"], rows, "Nothing was looked at.")?;
    if let Some(offset) = probe.clock_offset_ms {
        output.line(format!("\nIts clock is {offset} ms from this server's."))?;
    }
    if !probe.claims.is_empty() {
        output.line(format!("It offers the claims {}.", probe.claims.join(", ")))?;
    }
    Ok(())
}

/// What a probe found that did not hinder it.
pub(super) fn warnings(probe: &UpstreamProbe, output: &Output) -> Result<(), Failure> {
    for finding in &probe.findings {
        if finding.severity == ProbeSeverity::Warning {
            let remedy = finding.remedy.as_deref().unwrap_or_default();
            output.aside(wrap(&format!("{}: {}. {remedy}", finding.subject, finding.detail)))?;
        }
    }
    Ok(())
}

/// What to do at the provider.
pub(super) fn steps(steps: &[String], output: &Output) -> Result<(), Failure> {
    if steps.is_empty() {
        return Ok(());
    }
    output.line("\nThere:")?;
    for (number, step) in (1..).zip(steps) {
        output.line(format!("  {number}. {step}"))?;
    }
    Ok(())
}
