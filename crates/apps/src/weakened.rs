//! Every setting of an application that is weaker than the default, by its loud name.

use crate::{App, AppKind, Consent, ExchangeKind, Lifetime, Lifetimes, Pkce, presets};

/// One weakened setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weakened {
    /// The loud name: `weaken-pkce-if-sent`.
    pub name: &'static str,
    /// What it costs.
    pub meaning: String,
    /// What to type to have the strict setting back.
    pub undo: String,
}

/// Lists the application's weakened settings; empty for one that is strict throughout.
pub fn weakened(app: &App) -> Vec<Weakened> {
    let edit = |flags: &str| format!("doorward app edit {} {flags}", app.client_id);
    let mut list = Vec::new();
    if app.pkce == Pkce::IfSent {
        list.push(Weakened {
            name: "weaken-pkce-if-sent",
            meaning: format!(
                "an authorization request without PKCE is accepted; a stolen code is protected by the client secret and \
                 the nonce alone (RFC 9700 §2.1.1){}",
                reason(app).map(|reason| format!(". {reason}")).unwrap_or_default()
            ),
            undo: edit("--pkce required"),
        });
    }
    if app.kind == AppKind::Public && app.consent == Consent::Skip {
        list.push(Weakened {
            name: "weaken-consent-skip-public",
            meaning: "another program on the person's machine can pose as this public client, and nobody is asked \
                      (RFC 8252 §8.6)"
                .to_owned(),
            undo: edit("--consent ask"),
        });
    }
    for uri in app.redirect_uris.iter() {
        if is_plain_http(uri.as_str()) {
            list.push(Weakened {
                name: "weaken-redirect-http",
                meaning: format!("codes travel unencrypted to {} (RFC 9700 §2.6)", uri.as_str()),
                undo: edit(&format!("--remove-redirect-uri {}", uri.as_str())),
            });
        }
    }
    for origin in app.cors_origins.iter().filter(|origin| is_plain_http(origin)) {
        list.push(Weakened {
            name: "weaken-cors-http",
            meaning: format!("browser code of the unencrypted origin {origin} may read tokens"),
            undo: edit(&format!("--remove-cors-origin {origin}")),
        });
    }
    if app.keys.weaken_private_address {
        let own = app.keys.uri.iter().chain(&app.requests.request_uris);
        let own: Vec<&str> = own.map(String::as_str).collect();
        let fetches = if own.is_empty() {
            String::new()
        } else {
            format!("this server fetches keys and requests from {}, and ", own.join(", "))
        };
        list.push(Weakened {
            name: "weaken-jwks-private-address",
            meaning: format!(
                "{fetches}the doctor goes to the application's addresses, wherever in a private network their names lead, this machine \
                 included"
            ),
            undo: edit("--weaken-jwks-private-address false"),
        });
    }
    if app.logout.weaken_private_address {
        let uri = app.logout.backchannel_uri.as_deref().unwrap_or(&app.url);
        list.push(Weakened {
            name: "weaken-logout-private-address",
            meaning: format!(
                "this server posts logouts to {uri}, and the doctor goes to the application's addresses, wherever in a private network \
                 their names lead, this machine included"
            ),
            undo: edit("--weaken-logout-private-address false"),
        });
    }
    weakened_logout(app, &edit, &mut list);
    for rule in app
        .grants
        .exchange
        .iter()
        .filter(|rule| rule.kind == ExchangeKind::Impersonate)
    {
        list.push(Weakened {
            name: "weaken-exchange-impersonate",
            meaning: format!(
                "tokens of people of {} become tokens for {} that do not say who acts (RFC 8693 §1.1)",
                rule.from, rule.audience
            ),
            undo: edit(&format!("--remove-exchange {rule}")),
        });
    }
    let usual = Lifetimes::default();
    for (which, limit) in [
        (Lifetime::Code, usual.code),
        (Lifetime::IdToken, usual.id_token),
        (Lifetime::AccessToken, usual.id_token),
        (Lifetime::RefreshToken, 90 * 86_400),
    ] {
        let seconds = app.lifetimes.seconds(which);
        if seconds > limit {
            list.push(Weakened {
                name: "weaken-long-lifetime",
                meaning: format!("the {} is valid for {seconds} seconds", which.name().replace('_', " ")),
                undo: edit(&format!("--lifetime {}={}s", which.name(), usual.seconds(which))),
            });
        }
    }
    list
}

fn weakened_logout(app: &App, edit: &impl Fn(&str) -> String, list: &mut Vec<Weakened>) {
    let Some(uri) = &app.logout.backchannel_uri else { return };
    if is_plain_http(uri) {
        list.push(Weakened {
            name: "weaken-logout-http",
            meaning: format!(
                "logout tokens travel unencrypted to {uri}, and nothing proves that the application gets them (Back-Channel \
                 Logout §2.2)"
            ),
            undo: edit("--backchannel-logout-uri https://…"),
        });
    }
}

/// Why the application's preset does not demand PKCE.
fn reason(app: &App) -> Option<String> {
    presets().find(&app.preset)?.pkce_reason(&app.client_id)
}

/// Plain HTTP that leaves the machine: loopback is what RFC 8252 §7.3 has native applications use.
pub(crate) fn is_plain_http(uri: &str) -> bool {
    let Ok(url) = url::Url::parse(uri) else { return false };
    let loopback = match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => true,
    };
    url.scheme() == "http" && !loopback
}
