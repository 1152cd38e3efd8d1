//! Upstreams as the API shows them.

use std::collections::BTreeSet;

use doorward_api as api;
use doorward_jose::Algorithm;
use doorward_oidc::ResponseMode;
use doorward_upstreams::{
    Authentication, Candidate, Identity, LinkRule, Lookup, LookupFailure, Preset, Probed, Prospect, Public, Severity,
    Upstream, WouldBe, weakened,
};

pub(super) fn summary(upstream: &Upstream) -> api::UpstreamSummary {
    api::UpstreamSummary {
        name: upstream.name.clone(),
        title: upstream.title.clone(),
        preset: upstream.preset.clone(),
        issuer: upstream.issuer.clone(),
        enabled: upstream.enabled,
    }
}

pub(super) fn whole(upstream: &Upstream, public: &Public, role_groups: &BTreeSet<String>) -> api::Upstream {
    let weakened = weakened(upstream, role_groups).into_iter().map(|one| api::Weakened {
        name: one.name.to_owned(),
        meaning: one.meaning,
        undo: one.undo,
    });
    api::Upstream {
        id: upstream.id,
        name: upstream.name.clone(),
        title: upstream.title.clone(),
        button: upstream.button,
        enabled: upstream.enabled,
        preset: upstream.preset.clone(),
        issuer: upstream.issuer.clone(),
        tenants: upstream.tenants.clone(),
        client_id: upstream.client_id.clone(),
        has_secret: upstream.secret.is_some(),
        authentication: match upstream.authentication {
            Authentication::Auto => api::UpstreamAuthentication::Auto,
            Authentication::ClientSecretBasic => api::UpstreamAuthentication::ClientSecretBasic,
            Authentication::ClientSecretPost => api::UpstreamAuthentication::ClientSecretPost,
            Authentication::PrivateKeyJwt => api::UpstreamAuthentication::PrivateKeyJwt,
            Authentication::None => api::UpstreamAuthentication::None,
        },
        scopes: upstream.scopes.iter().map(str::to_owned).collect(),
        algorithms: upstream.algorithms.iter().map(|one| algorithm(*one)).collect(),
        parameters: upstream.parameters.clone(),
        response_mode: match upstream.response_mode {
            ResponseMode::Query => api::UpstreamResponseMode::Query,
            ResponseMode::FormPost => api::UpstreamResponseMode::FormPost,
        },
        leeway_seconds: upstream.leeway,
        userinfo: upstream.userinfo,
        lookup: match upstream.lookup {
            Lookup::None => api::UpstreamLookup::None,
            Lookup::GraphGroups => api::UpstreamLookup::GraphGroups,
            Lookup::Github => api::UpstreamLookup::Github,
        },
        lookup_url: upstream.lookup_url.clone(),
        lookup_failure: match upstream.lookup_failure {
            LookupFailure::Deny => api::LookupFailure::Deny,
            LookupFailure::Keep => api::LookupFailure::Keep,
        },
        rules: serde_json::to_value(&upstream.rules).unwrap_or_default(),
        create_users: upstream.create_users,
        link: match upstream.link {
            LinkRule::Never => api::LinkRule::Never,
            LinkRule::VerifiedEmail => api::LinkRule::VerifiedEmail,
            LinkRule::Confirmed => api::LinkRule::Confirmed,
        },
        trusted_email: upstream.trusted_email,
        trusted_amr: upstream.trusted_amr,
        domains: upstream.domains.clone(),
        groups: upstream.groups.iter().map(|group| group.name.clone()).collect(),
        session_bound: upstream.session_bound,
        ca_pem: upstream.ca_pem.clone(),
        allow_private: upstream.allow_private,
        timeout_seconds: upstream.timeout,
        redirect_uri: public.redirect_uri(&upstream.name),
        post_logout_redirect_uri: public.post_logout_redirect_uri(),
        jwks_uri: (upstream.authentication == Authentication::PrivateKeyJwt).then(|| public.jwks_uri(&upstream.name)),
        backchannel_logout_uri: public.backchannel_logout_uri(&upstream.name),
        frontchannel_logout_uri: public.frontchannel_logout_uri(&upstream.name),
        preview_uri: public.preview_uri(&upstream.name),
        weakened: weakened.collect(),
        created: upstream.created,
        changed: upstream.changed,
    }
}

fn algorithm(algorithm: Algorithm) -> api::SigningAlg {
    match algorithm {
        Algorithm::RS256 => api::SigningAlg::RS256,
        Algorithm::PS256 => api::SigningAlg::PS256,
        Algorithm::ES256 => api::SigningAlg::ES256,
        Algorithm::EdDSA => api::SigningAlg::EdDSA,
    }
}

pub(super) fn probe(probed: Probed) -> api::UpstreamProbe {
    api::UpstreamProbe {
        good: probed.is_good(),
        clock_offset_ms: probed.clock_offset_ms,
        claims: probed.claims,
        findings: probed
            .findings
            .into_iter()
            .map(|finding| api::ProbeFinding {
                subject: finding.subject,
                severity: match finding.severity {
                    Severity::Good => api::ProbeSeverity::Good,
                    Severity::Warning => api::ProbeSeverity::Warning,
                    Severity::Failure => api::ProbeSeverity::Failure,
                },
                detail: finding.detail,
                remedy: finding.remedy,
            })
            .collect(),
    }
}

pub(super) fn identity(identity: Identity) -> api::Identity {
    api::Identity {
        id: identity.id,
        issuer: identity.issuer,
        subject: identity.subject,
        user_id: identity.user,
        user: identity.user_name,
        origin: identity.origin.as_str().to_owned(),
        claims: identity.claims,
        created: identity.created,
        last_login: identity.last_login,
    }
}

pub(super) fn prospect(prospect: Prospect) -> api::WouldBe {
    let outcome = match (&prospect.linked, &prospect.obstacle) {
        (Some(_), _) => "known",
        (None, None) => "linked",
        (None, Some(_)) => "refused",
    };
    api::WouldBe {
        subject: prospect.linked,
        email: Some(prospect.email),
        outcome: outcome.to_owned(),
        user: Some(prospect.name),
        why: prospect.obstacle,
    }
}

pub(super) fn candidate(candidate: Candidate) -> api::WouldBe {
    let (outcome, user, why) = match candidate.outcome {
        WouldBe::Known(user) => ("known", Some(user), None),
        WouldBe::Linked(user) => ("linked", Some(user), None),
        WouldBe::Created(user) => ("created", Some(user), None),
        WouldBe::Refused(why) => ("refused", None, Some(why)),
    };
    api::WouldBe {
        subject: candidate.subject,
        email: candidate.email,
        outcome: outcome.to_owned(),
        user,
        why,
    }
}

pub(super) fn preset(preset: &Preset, public: &Public) -> api::UpstreamPreset {
    let issuer = preset.issuer.clone().or_else(|| preset.issuer_form.clone());
    api::UpstreamPreset {
        id: preset.id.clone(),
        name: preset.title.clone(),
        summary: preset.summary.clone(),
        issuer: issuer.unwrap_or_default(),
        scopes: preset.scopes.clone(),
        steps: preset.steps_for(public, "NAME"),
        notes: preset.notes.clone(),
        rules: serde_json::to_value(&preset.rules).unwrap_or_default(),
        evidence: preset.evidence.clone(),
    }
}
