//! Clients, as applications.
//!
//! Source: Keycloak's Server Administration Guide, "Managing OpenID Connect clients", and the attributes that an export holds.

mod addresses;
mod secrets;
mod tokens;

use std::collections::HashMap;

use doorward_apps::{Consent, Edit, NewApp, check_client_id};
use uuid::Uuid;

use addresses::{address, after_logout, logout, origins, redirect_uris, start_url};
use secrets::{authentication, secret};
use tokens::{algorithms, binding, grants, lifetimes, scopes};

use super::{
    export::{Client, Realm, flag, text},
    groups::{BUILT_IN, Structure},
    mappers::Reader,
    users::Known,
};
use crate::{Application, Kind, Outcome, Report};

pub(super) fn read(realm: &Realm, structure: &Structure, known: &Known, report: &mut Report) -> Vec<Application> {
    let mut apps = Vec::new();
    let mut seen: HashMap<String, String> = HashMap::new();
    for client in &realm.clients {
        if BUILT_IN.contains(&client.client_id.as_str()) {
            continue;
        }
        if let Some(other) = seen.insert(client.client_id.to_lowercase(), client.client_id.clone()) {
            let what = format!(
                "the client id differs from {} in capitals only",
                crate::report::bounded(&other)
            );
            report.note(Outcome::Left, Kind::App, what, None, &client.client_id);
            continue;
        }
        if let Some(app) = application(realm, structure, known, client, report) {
            apps.push(app);
        }
    }
    apps
}

/// Collects the edits of one client.
struct Draft<'a> {
    client: &'a Client,
    edits: Vec<Edit>,
    report: &'a mut Report,
}

impl Draft<'_> {
    fn left(&mut self, what: &str, remedy: &str) {
        let remedy = Some(remedy).filter(|text| !text.is_empty());
        self.report
            .note(Outcome::Left, Kind::App, what, remedy, &self.client.client_id);
    }

    fn translated(&mut self, what: &str, remedy: &str) {
        let remedy = Some(remedy).filter(|text| !text.is_empty());
        self.report
            .note(Outcome::Translated, Kind::App, what, remedy, &self.client.client_id);
    }

    fn text(&self, name: &str) -> Option<String> {
        text(&self.client.attributes, name)
    }

    fn flag(&self, name: &str) -> bool {
        flag(&self.client.attributes, name)
    }
}

fn application(
    realm: &Realm,
    structure: &Structure,
    known: &Known,
    client: &Client,
    report: &mut Report,
) -> Option<Application> {
    let mut draft = Draft {
        client,
        edits: Vec::new(),
        report,
    };
    if !matches!(client.protocol.as_str(), "" | "openid-connect") {
        draft.left(
            "clients that speak SAML cannot come: it is not spoken here",
            "If it speaks OpenID Connect too: doorward app add",
        );
        return None;
    }
    if check_client_id(&client.client_id).is_err() {
        let remedy = "Give it a client id of up to 64 letters, digits, `-` and `_` there, in its own configuration too, and import \
                      again; or doorward app add";
        draft.left("the client id has characters that it cannot have here", remedy);
        return None;
    }
    if client.bearer_only {
        let what =
            "a client that only checks tokens (bearer-only) needs no registration: it can be the audience of others";
        draft.translated(
            what,
            "If it asks the introspection endpoint, it needs one: doorward app add generic URL",
        );
        return None;
    }
    let what = "it lets in the people of the realm, who are a group here, and nobody else";
    draft.translated(
        what,
        "Whoever comes later: doorward group edit, or doorward app allow NAME GROUP",
    );
    let mapped = Reader::new(realm, structure, known, client, draft.report).read();
    authentication(&mut draft);
    let redirects = redirect_uris(&mut draft);
    after_logout(&mut draft, &redirects);
    origins(&mut draft, &redirects);
    lifetimes(realm, &mut draft);
    algorithms(realm, &mut draft);
    grants(&mut draft);
    binding(&mut draft);
    logout(&mut draft, &redirects);
    draft.edits.push(Edit::ClaimRules(mapped.rules));
    draft.edits.extend(mapped.edits);
    let consent = if client.consent_required {
        Consent::Ask
    } else {
        Consent::Skip
    };
    if client.public_client && consent == Consent::Skip {
        let what = "nobody is asked before another program can pose as this public client, as before, which is weaker (RFC 8252 §8.6)";
        draft.translated(what, "doorward app edit NAME --consent ask");
    }
    draft.edits.push(Edit::Consent(consent));
    if client.enabled == Some(false) || client.standard_flow_enabled == Some(false) || mapped.is_pairwise {
        draft
            .edits
            .push(Edit::Disabled(client.enabled == Some(false) || mapped.is_pairwise));
    }
    let scopes = scopes(client);
    draft.edits.push(Edit::Scopes(scopes));
    let url = address(client, &redirects);
    if let Some(start) = start_url(client) {
        draft.edits.push(Edit::StartUrl(Some(start)));
    }
    let name: String = client
        .name
        .trim()
        .chars()
        .filter(|c| !c.is_control())
        .take(100)
        .collect();
    // `${client_account}` and the like are keys of translations.
    let name = Some(name).filter(|name| !name.is_empty() && !name.starts_with("${"));
    let secret = secret(&mut draft);
    let edits = draft.edits;
    Some(Application {
        id: Uuid::parse_str(&client.id).ok(),
        new: NewApp {
            preset: "generic".to_owned(),
            url,
            client_id: Some(client.client_id.clone()),
            name: Some(name.unwrap_or_else(|| client.client_id.clone())),
            edits,
            scope_maps: vec![(structure.everybody.clone(), None)],
        },
        secret,
    })
}
