//! Upstreams as files say them. What a file says goes through the same edits as what an administrator types.

use doorward_oidc::Refusal;
use jiff::Timestamp;
use uuid::Uuid;

use crate::{Edit, NewUpstream, Upstream, apply, presets, values};

/// The upstream that a preset gives for an issuer: what a file that says nothing else means.
pub fn base_of(preset: &str, name: &str, issuer: Option<&str>, client_id: &str) -> Result<Upstream, Refusal> {
    let new = NewUpstream {
        preset: preset.to_owned(),
        name: name.to_owned(),
        issuer: issuer.map(str::to_owned),
        client_id: client_id.to_owned(),
        // So that presets for every tenant are not refused before the tenants are read.
        edits: Vec::new(),
        ..NewUpstream::default()
    };
    new.base(Uuid::nil(), Timestamp::UNIX_EPOCH)
}

/// What the preset gives for what `wanted` says of its issuer.
pub(crate) fn base(wanted: &Upstream) -> Result<Upstream, Refusal> {
    base_of(&wanted.preset, &wanted.name, Some(&wanted.issuer), &wanted.client_id)
}

/// `before`, made what `wanted` says.
pub(crate) fn declared(before: &Upstream, wanted: &Upstream, groups: &[String]) -> Result<Upstream, Refusal> {
    if before.preset != wanted.preset {
        presets().require(&wanted.preset)?;
        return Err(values::invalid(format!(
            "{} was added from the preset {}; expected that one, received {}",
            before.name, before.preset, wanted.preset
        ))
        .with_remedy("remove it and add it again: what it is follows from its preset"));
    }
    let mut edits: Vec<Edit> = before
        .parameters
        .keys()
        .map(|name| Edit::Parameter(name.clone(), None))
        .collect();
    // Taken apart without a rest: a setting that is new does not compile until it is here.
    let Upstream {
        id: _,
        name: _,
        created: _,
        changed: _,
        version: _,
        enabled,
        secret: _,
        groups: _,
        title,
        button,
        preset: _,
        issuer,
        tenants,
        issuer_aliases,
        endpoints,
        client_id,
        authentication,
        scopes,
        algorithms,
        parameters,
        response_mode,
        leeway,
        userinfo,
        lookup,
        lookup_url,
        lookup_failure,
        rules,
        create_users,
        link,
        trusted_email,
        trusted_amr,
        domains,
        session_bound,
        ca_pem,
        allow_private,
        timeout,
    } = wanted.clone();
    if issuer != before.issuer {
        edits.push(Edit::Issuer(issuer));
    }
    edits.extend([Edit::Title(title), Edit::Button(button), Edit::Lookup(lookup)]);
    edits.extend(lookup_url.map(Edit::LookupUrl));
    edits.extend([
        Edit::Tenants(tenants),
        Edit::ClientId(client_id),
        Edit::Authentication(authentication),
        // After the address of a lookup, which moves scopes along.
        Edit::Scopes(scopes),
        Edit::Algorithms(algorithms),
        Edit::ResponseMode(response_mode),
        Edit::Leeway(leeway),
        Edit::Userinfo(userinfo),
        Edit::LookupFailure(lookup_failure),
        Edit::Rules(Box::new(rules)),
        Edit::CreateUsers(create_users),
        Edit::Link(link),
        Edit::TrustedEmail(trusted_email),
        Edit::TrustedAmr(trusted_amr),
        Edit::Domains(domains),
        Edit::Groups(groups.to_vec()),
        Edit::SessionBound(session_bound),
        Edit::Ca(ca_pem),
        Edit::AllowPrivate(allow_private),
        Edit::Timeout(timeout),
        Edit::Enabled(enabled),
    ]);
    edits.extend(
        parameters
            .into_iter()
            .map(|(name, value)| Edit::Parameter(name, Some(value))),
    );
    let after = apply(before, &edits)?;
    // Nobody can type these: they follow from preset and issuer, and a file says what is there or nothing.
    if (&issuer_aliases, &endpoints) != (&after.issuer_aliases, &after.endpoints) {
        return Err(values::invalid(format!(
            "issuer_aliases and endpoints of {} follow from its preset {}; leave them out",
            before.name, before.preset
        )));
    }
    Ok(after)
}
