//! Addresses of a client: where browsers go, and whose pages may read its tokens.

use doorward_apps::{Edit, LogoutEdit, TakenOverEdit};
use doorward_oidc::RedirectUri;
use url::Url;

use super::Draft;
use crate::keycloak::export::Client;

/// What can be registered; what holds a wildcard is kept apart.
pub(super) fn redirect_uris(draft: &mut Draft<'_>) -> Vec<String> {
    let client = draft.client;
    let (mut good, mut patterns) = (Vec::new(), Vec::new());
    // Whoever could not log people in with a browser there cannot here.
    let is_off = client.standard_flow_enabled == Some(false);
    for uri in &client.redirect_uris {
        let uri = absolute(client, uri);
        if is_off || uri.contains('*') {
            patterns.push(uri);
        } else if let Err(refusal) = RedirectUri::register(&uri) {
            let what = format!(
                "a redirect URI cannot be registered: {}",
                refusal.detail.chars().take(200).collect::<String>()
            );
            draft.left(&what, refusal.remedy.as_deref().unwrap_or_default());
        } else {
            good.push(uri);
        }
    }
    draft.edits.push(Edit::RedirectUris(good.clone()));
    if !patterns.is_empty() {
        let what = "redirect URIs with a wildcard are not registered: any page that fits would get codes (RFC 9700 §4.1); they are \
                    kept as suggestions";
        let remedy = "doorward app show NAME lists them; doorward app pair NAME registers what it really sends at its next login";
        draft.left(what, remedy);
        patterns.retain(|pattern| !pattern.chars().any(char::is_control) && pattern.len() <= 2048);
        patterns.truncate(100);
        draft
            .edits
            .push(Edit::TakenOver(TakenOverEdit::RedirectSuggestions(patterns)));
    }
    good
}

/// A URI below the root URL when it begins with a slash.
fn absolute(client: &Client, uri: &str) -> String {
    if uri.starts_with('/') {
        format!("{}{uri}", client.root_url.trim_end_matches('/'))
    } else {
        uri.to_owned()
    }
}

pub(super) fn after_logout(draft: &mut Draft<'_>, redirects: &[String]) {
    let Some(list) = draft.text("post.logout.redirect.uris") else {
        return;
    };
    let (mut good, mut is_pattern) = (Vec::new(), false);
    for uri in list.split("##") {
        match uri {
            "-" | "" => {}
            "+" => good.extend(redirects.iter().cloned()),
            other => {
                let uri = absolute(draft.client, other);
                if uri.contains('*') {
                    is_pattern = true;
                } else if RedirectUri::register(&uri).is_ok() {
                    good.push(uri);
                } else {
                    draft.left(
                        "a place where a logout ended cannot be registered",
                        "doorward app edit NAME --add-post-logout-uri URI",
                    );
                }
            }
        }
    }
    if is_pattern {
        draft.left(
            "places where a logout ended do not come with a wildcard",
            "doorward app edit NAME --add-post-logout-uri URI",
        );
    }
    draft.edits.push(Edit::PostLogoutRedirectUris(good));
}

pub(super) fn origins(draft: &mut Draft<'_>, redirects: &[String]) {
    let mut origins: Vec<String> = Vec::new();
    for origin in &draft.client.web_origins.clone() {
        match origin.as_str() {
            "*" => draft.left(
                "pages of every origin could read its tokens (`*`), which does not come",
                "doorward app edit NAME --add-cors-origin https://…",
            ),
            "+" => origins.extend(redirects.iter().filter_map(|uri| origin_of(uri))),
            other => match origin_of(other) {
                Some(origin) => origins.push(origin),
                None => draft.left(
                    "an origin of its pages cannot be read",
                    "doorward app edit NAME --add-cors-origin https://…",
                ),
            },
        }
    }
    origins.sort();
    origins.dedup();
    if !origins.is_empty() {
        draft.edits.push(Edit::CorsOrigins(origins));
    }
}

fn origin_of(uri: &str) -> Option<String> {
    let url = Url::parse(uri).ok()?;
    let is_plain = matches!(url.scheme(), "http" | "https") && !uri.contains('*');
    is_plain.then(|| url.origin().ascii_serialization())
}

/// Where people open it: the root URL, the home URL, the origin of its first redirect URI.
pub(super) fn address(client: &Client, redirects: &[String]) -> String {
    let bases = [client.root_url.clone(), client.base_url.clone()];
    let first = redirects.iter().find_map(|uri| origin_of(uri));
    let pattern = client
        .redirect_uris
        .iter()
        .find_map(|uri| origin_of(uri.trim_end_matches('*')));
    let mut all = bases.into_iter().chain(first).chain(pattern);
    all.find(|url| doorward_apps::AppUrl::parse(url).is_ok())
        .unwrap_or_else(|| "https://client.invalid".to_owned())
}

pub(super) fn start_url(client: &Client) -> Option<String> {
    let start = absolute(client, &client.base_url);
    let fits = start.len() <= 2000 && Url::parse(&start).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    fits.then_some(start)
}

pub(super) fn logout(draft: &mut Draft<'_>, redirects: &[String]) {
    if let Some(uri) = draft.text("backchannel.logout.url") {
        let uri = absolute(draft.client, &uri);
        let fits = Url::parse(&uri).is_ok_and(|url| url.scheme() == "https" || !draft.client.public_client);
        if fits {
            draft.edits.push(Edit::Logout(LogoutEdit::BackchannelUri(Some(uri))));
        } else {
            draft.left(
                "where it takes logout tokens cannot come",
                "doorward app edit NAME --backchannel-logout-uri URI",
            );
        }
    }
    if draft.client.frontchannel_logout
        && let Some(uri) = draft.text("frontchannel.logout.url")
    {
        let uri = absolute(draft.client, &uri);
        let origin = origin_of(&uri);
        if origin.is_some() && redirects.iter().any(|redirect| origin_of(redirect) == origin) {
            draft.edits.push(Edit::Logout(LogoutEdit::FrontchannelUri(Some(uri))));
        } else {
            draft.left(
                "the page that ends its session in a frame is of another origin than its redirect URIs",
                "doorward app edit NAME --frontchannel-logout-uri URI",
            );
        }
    }
}
