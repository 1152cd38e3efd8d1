//! The authorization request that the application really makes, judged by the very checks that a login meets, and compared with
//! what is registered.

use doorward_apps::{App, AppKind, Preset};
use doorward_login::is_this_machine;
use doorward_oidc::{
    AuthorizationRequest, CodeChallenge, CodeVerifier, Parameters, RedirectUri, Refusal, ResponseType, Scope, shown,
};
use doorward_provider::{KeyRing, Server, Steps, authorize};
use url::Url;

use crate::{Cause, Finding, Fix, word::word};

/// What was sent, for people; no secret and nothing that belongs to one login.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sent {
    /// The authorization endpoint that it was sent to.
    pub endpoint: String,
    /// `client_id`.
    pub client_id: Option<String>,
    /// `redirect_uri`.
    pub redirect_uri: Option<String>,
    /// `response_type`.
    pub response_type: Option<String>,
    /// `response_mode`.
    pub response_mode: Option<String>,
    /// `scope`.
    pub scope: Option<String>,
    /// `code_challenge_method`, when there is a challenge; `plain` without one (RFC 7636 §4.3).
    pub pkce: Option<String>,
    /// Whether there is a `state`.
    pub state: bool,
    /// Whether there is a `nonce`.
    pub nonce: bool,
    /// Whether the parameters were pushed beforehand or are in a request object, so that the rest is not to be seen.
    pub elsewhere: bool,
}

/// What it is compared with.
pub struct Known<'a> {
    /// The application.
    pub app: &'a App,
    /// Its preset.
    pub preset: Option<&'a Preset>,
    /// Who we are.
    pub server: &'a Server,
    /// Our keys.
    pub keys: &'a KeyRing,
    /// Addresses of our authorization endpoint.
    pub authorize: &'a [String],
    /// The name of another application that has this client id.
    pub other: &'a (dyn Fn(&str) -> Option<String> + Send + Sync),
}

/// Reads the request at `url` and says what is wrong with it.
pub fn compare(url: &Url, known: &Known<'_>) -> (Sent, Vec<Finding>) {
    let sent = read(url);
    let mut found = Vec::new();
    let is_ours = known.authorize.contains(&sent.endpoint);
    if !is_ours {
        found.push(another_provider(&sent, known));
        // Client id and scopes are what that one knows it by; nothing more can be said.
        return (sent, found);
    }
    found.push(Finding::good(Cause::Issuer, sent.endpoint.clone()));
    found.push(client_id(&sent, known));
    if sent.elsewhere {
        found.push(Finding::good(
            Cause::RequestElsewhere,
            "its parameters were pushed or are in a request object, and are judged when they arrive",
        ));
        return (sent, found);
    }
    found.extend(checked(url, &sent, known));
    found.extend(scope(&sent, known));
    // PKCE keeps out codes of somebody else's login as `nonce` does (RFC 9700 §2.1.1); one of them is enough.
    let is_bound = sent.nonce || sent.pkce.as_deref() == Some("S256");
    for (is_there, name, cause) in [
        (sent.state, "state", Cause::RequestUnbound),
        (is_bound, "nonce", Cause::RequestUnboundNonce),
    ] {
        if !is_there {
            let finding = Finding::advice(cause, format!("a `{name}`"), "none");
            found.push(finding.there(format!(
                "without `{name}` an answer of somebody else's login can be slipped in (RFC 9700 §2.1); look for a setting in {}",
                known.app.name
            )));
        }
    }
    (sent, found)
}

fn read(url: &Url) -> Sent {
    let find = |wanted: &str| {
        let found = url
            .query_pairs()
            .find(|(name, value)| name == wanted && !value.is_empty());
        found.map(|(_, value)| value.into_owned())
    };
    let mut endpoint = url.clone();
    endpoint.set_query(None);
    endpoint.set_fragment(None);
    let method = find("code_challenge_method");
    Sent {
        endpoint: endpoint.to_string(),
        client_id: find("client_id"),
        redirect_uri: find("redirect_uri"),
        response_type: find("response_type"),
        response_mode: find("response_mode"),
        scope: find("scope"),
        pkce: find("code_challenge").map(|_| method.unwrap_or_else(|| "plain".to_owned())),
        state: find("state").is_some(),
        nonce: find("nonce").is_some(),
        elsewhere: find("request_uri").is_some() || find("request").is_some(),
    }
}

fn another_provider(sent: &Sent, known: &Known<'_>) -> Finding {
    let (app, issuer) = (known.app, known.server.issuer(known.app));
    let expected = known.authorize.first().cloned().unwrap_or_default();
    let is_near = Url::parse(&sent.endpoint).is_ok_and(|url| {
        let ours = Url::parse(&expected).ok();
        ours.is_some_and(|ours| ours.host_str() == url.host_str())
    });
    let why = if is_near {
        "the host is right and the rest is not: a wrong path, port, or http for https"
    } else {
        "another provider, or another name of this one"
    };
    Finding::problem(Cause::Issuer, expected, format!("{} ({why})", shown(&sent.endpoint))).there(format!(
        "in {}, set the issuer to {issuer}, and take every address of the other provider out: doorward app show {} --snippet \
         prints the whole configuration",
        app.name, app.client_id
    ))
}

fn client_id(sent: &Sent, known: &Known<'_>) -> Finding {
    let app = known.app;
    let received = match &sent.client_id {
        Some(id) if *id == app.client_id => return Finding::good(Cause::ClientId, id.clone()),
        Some(id) => shown(id),
        None => "none".to_owned(),
    };
    let other = sent.client_id.as_deref().and_then(known.other);
    let received = match other {
        Some(other) => format!("{received}, which is {other}"),
        None => format!("{received}, which nobody has here"),
    };
    Finding::problem(Cause::ClientId, app.client_id.clone(), received).there(format!(
        "in {}, set the client id to {} exactly: upper and lower case count",
        app.name, app.client_id
    ))
}

/// The checks of the authorization endpoint, each as if those before had held.
fn checked(url: &Url, sent: &Sent, known: &Known<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    let parameters = Parameters::parse(url.query().unwrap_or_default().as_bytes());
    let request = parameters.and_then(|parameters| AuthorizationRequest::parse(&parameters));
    let mut request = match request {
        Ok(request) => request,
        Err(refusal) => {
            found.push(refused(&refusal, sent, known));
            return found;
        }
    };
    // Whose client id it is has been said.
    request.client_id.clone_from(&known.app.client_id);
    let mut good = vec!["redirect_uri", "response_type", "pkce"];
    // As many as can be wrong at once; each round puts one right.
    for _ in 0..4 {
        let result = authorize::check(
            &request,
            &authorize::Origin::default(),
            Some(known.app),
            known.server,
            known.keys,
            &mut Steps::off(),
        );
        let Err(refused_by) = result else { break };
        let refusal = refused_by.refusal;
        let code = refusal.kind.code;
        good.retain(|name| !code.starts_with(name));
        found.push(refused(&refusal, sent, known));
        match code {
            "redirect_uri_mismatch" | "redirect_uri_missing" => {
                let Some(registered) = known.app.redirect_uris.iter().next() else {
                    break;
                };
                request.redirect_uri = Some(registered.as_str().to_owned());
            }
            "response_type_missing" | "response_type_unsupported" => request.response_type = Some(ResponseType::Code),
            "pkce_required" => {
                let Some(challenge) = some_challenge() else { break };
                request.code_challenge = Some(challenge);
            }
            _ => {
                // What else is wrong is hidden behind it.
                good.clear();
                break;
            }
        }
    }
    for name in good {
        found.push(match name {
            "redirect_uri" => Finding::good(Cause::RedirectUri, request.redirect_uri.clone().unwrap_or_default()),
            "response_type" => Finding::good(Cause::ResponseType, "code"),
            _ if request.code_challenge.is_some() => Finding::good(Cause::Pkce, "S256"),
            _ => Finding::advice(
                Cause::Pkce,
                "PKCE (S256)",
                "none, which this application is exempted to leave out",
            )
            .there(switch_pkce_on(known)),
        });
    }
    found
}

/// The challenge of RFC 7636 appendix B, for a request that is only looked at.
fn some_challenge() -> Option<CodeChallenge> {
    CodeVerifier::parse("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        .ok()
        .map(|verifier| verifier.challenge())
}

/// How PKCE is switched on there, as its preset knows.
fn switch_pkce_on(known: &Known<'_>) -> String {
    let name = &known.app.name;
    match known.preset.and_then(|preset| preset.pkce.setting.as_deref()) {
        Some(setting) => format!("in {name}, set {setting}"),
        None => format!("switch PKCE with S256 on in {name} if it can"),
    }
}

fn refused(refusal: &Refusal, sent: &Sent, known: &Known<'_>) -> Finding {
    let code = refusal.kind.code;
    let app = known.app;
    let with_remedy = |finding: Finding| match &refusal.remedy {
        Some(remedy) => finding.there(remedy.clone()),
        None => finding,
    };
    match code {
        "redirect_uri_mismatch" => redirect_uri(refusal, sent, known),
        "redirect_uri_missing" => Finding::problem(Cause::RedirectUri, "a redirect_uri", "none")
            .there(format!("in {}, set its own address or the redirect URI", app.name)),
        "pkce_required" => {
            let finding = with_remedy(Finding::problem(Cause::Pkce, "a code_challenge with S256", "none"));
            if app.kind == AppKind::Confidential {
                finding.fix(Fix::WeakenPkce)
            } else {
                finding
            }
        }
        // The plain method proves nothing to whoever reads the address (RFC 7636 §7.2).
        "pkce_method_unsupported" => {
            Finding::problem(Cause::Pkce, "a code_challenge with S256", refusal.detail.clone())
                .there(switch_pkce_on(known))
        }
        "app_disabled" => Finding::problem(Cause::Disabled, "an application that is switched on", "it is disabled")
            .here(format!("doorward app enable {}", app.client_id))
            .fix(Fix::Enable),
        "response_type_missing" | "response_type_unsupported" => {
            with_remedy(Finding::problem(Cause::ResponseType, "code", refusal.detail.clone()))
        }
        _ => {
            let finding = Finding::problem(
                Cause::Request,
                "a request that this server accepts",
                refusal.detail.clone(),
            );
            with_remedy(Finding { code, ..finding })
        }
    }
}

/// Neither side is known to be the wrong one; what the preset expects decides which is named first.
fn redirect_uri(refusal: &Refusal, sent: &Sent, known: &Known<'_>) -> Finding {
    let (app, name) = (known.app, &known.app.name);
    let uri = sent.redirect_uri.as_deref().unwrap_or_default();
    let registered: Vec<&str> = app.redirect_uris.iter().map(RedirectUri::as_str).collect();
    let expected = match registered.as_slice() {
        [] => "a registered redirect URI, and none is registered".to_owned(),
        [one] => (*one).to_owned(),
        many => format!("one of {}", many.join(", ")),
    };
    let finding = Finding::problem(Cause::RedirectUri, expected, refusal.detail.clone());
    let nearest = app
        .redirect_uris
        .closest(uri)
        .map(|(registered, _)| registered.as_str().to_owned());
    let swapped = |to: &str| uri.split_once("://").map(|(_, rest)| format!("{to}://{rest}"));
    let is_scheme = nearest.is_some() && (swapped("https") == nearest || swapped("http") == nearest);
    let templates = known
        .preset
        .map(|preset| preset.redirect_uris.as_slice())
        .unwrap_or_default();
    let is_usual = templates.iter().any(|template| Preset::at(template, &app.url) == uri);
    let there = match (&nearest, is_scheme) {
        (Some(_), true) => format!(
            "{name} does not know that it is reached over https: let the proxy in front send X-Forwarded-Proto, and tell {name} to \
             trust it; or correct its own address in its settings"
        ),
        (Some(nearest), false) => {
            format!("in {name}, correct its own address or its redirect URI, so that it sends {nearest}")
        }
        (None, _) => format!("in {name}, see that its own address is right"),
    };
    // What cannot be registered, or what a shell would read, is nothing to type.
    let typed = word(uri).filter(|_| RedirectUri::register(uri).is_ok());
    let here = typed.map(|uri| format!("doorward app edit {} --add-redirect-uri {uri}", app.client_id));
    let finding = match here {
        Some(here) if is_usual => finding.here(here).there(there),
        Some(here) => finding.there(there).here(here),
        None => finding.there(there),
    };
    if may_be_added(app, uri, is_usual) {
        let uri = uri.to_owned();
        finding.fix(Fix::AddRedirectUri { uri, is_usual })
    } else {
        finding
    }
}

/// What this server may offer to register by itself: what the preset gives for the application's address, or another path where
/// https is registered already. All else came over the network from whoever sits there, and is for a person to decide.
fn may_be_added(app: &App, uri: &str, is_usual: bool) -> bool {
    let Ok(url) = Url::parse(uri) else { return false };
    let registered: Vec<Url> = app
        .redirect_uris
        .iter()
        .filter_map(|registered| Url::parse(registered.as_str()).ok())
        .collect();
    let is_safe = url.scheme() == "https" || is_this_machine(&url);
    let is_weaker = !is_safe && registered.iter().any(|registered| registered.scheme() == "https");
    let is_of_origin = registered.iter().any(|registered| registered.origin() == url.origin());
    RedirectUri::register(uri).is_ok() && ((is_usual && !is_weaker) || (is_safe && is_of_origin))
}

fn scope(sent: &Sent, known: &Known<'_>) -> Vec<Finding> {
    let app = known.app;
    let words: Vec<&str> = sent.scope.as_deref().unwrap_or_default().split_whitespace().collect();
    let said = if words.is_empty() {
        "none".to_owned()
    } else {
        shown(&words.join(" "))
    };
    if !words.contains(&Scope::OPENID) {
        let finding = Finding::problem(Cause::Scope, format!("openid among {}", app.scopes), said);
        return vec![finding.there(format!(
            "in {}, let it ask for: {}. Without openid there is no ID token",
            app.name, app.scopes
        ))];
    }
    let missing: Vec<&str> = app.scopes.iter().filter(|scope| !words.contains(scope)).collect();
    if missing.is_empty() {
        return vec![Finding::good(Cause::Scope, said)];
    }
    let needs = known.preset.map(|preset| &preset.doctor);
    let is_needed = needs.is_some_and(|needs| {
        let needs_groups = needs.groups_claim.is_some() && missing.contains(&"groups");
        let needs_email = needs.needs.iter().any(|claim| claim == "email") && missing.contains(&"email");
        needs_groups || needs_email
    });
    let what = format!("it does not ask for {}, so their claims never come", missing.join(" "));
    let finding = if is_needed {
        Finding::problem(Cause::Scope, app.scopes.to_string(), format!("{said}: {what}"))
    } else {
        Finding::advice(Cause::Scope, app.scopes.to_string(), format!("{said}: {what}"))
    };
    let finding = finding.there(format!("in {}, let it ask for: {}", app.name, app.scopes));
    vec![match scope_list(&words) {
        Some(list) => finding.here(format!(
            "if it needs them not: doorward app edit {} --scopes {list}",
            app.client_id
        )),
        None => finding,
    }]
}

/// What it asks for, to be typed; `None` when one of them is nothing that anybody should paste.
fn scope_list(words: &[&str]) -> Option<String> {
    let is_plain = |scope: &str| scope.chars().all(|c| c.is_ascii_alphanumeric() || "._:/-".contains(c));
    let are_scopes = words.iter().all(|scope| Scope::parse(scope).is_ok() && is_plain(scope));
    word(&words.join(",")).filter(|_| are_scopes)
}
