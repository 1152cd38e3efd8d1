//! Which issuer may be meant by an address that is none: what people paste, and where well-known servers keep theirs.

use doorward_oidc::OPENID_CONFIGURATION;
use url::Url;

/// Most addresses that are tried.
const MAX: usize = 16;
/// Most segments that are taken off the end of a path: an endpoint is at most so deep below its issuer.
const MAX_PARENTS: usize = 4;

/// Candidates in the order in which they are worth trying, none of them with the metadata address of `issuer`.
pub(super) fn of(issuer: &str, client_id: Option<&str>) -> Vec<String> {
    let text = issuer.trim();
    let text = if text.contains("://") {
        text.to_owned()
    } else {
        format!("https://{text}")
    };
    let Ok(mut url) = Url::parse(&text) else {
        return Vec::new();
    };
    url.set_query(None);
    url.set_fragment(None);
    let _ = url.set_username("");
    let _ = url.set_password(None);
    let origin = url.origin().ascii_serialization();
    let path = url.path();
    let mut candidates = Candidates {
        origin,
        tried: vec![address(issuer)],
        found: Vec::new(),
    };
    for suffix in [
        OPENID_CONFIGURATION,
        "/.well-known/oauth-authorization-server",
        "/.well-known",
    ] {
        if let Some((before, _)) = path.split_once(suffix) {
            candidates.add(before);
        }
    }
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    candidates.add_segments(&segments);
    candidates.add_segments(&without_doubles(&segments));
    if let Some((&"auth", rest)) = segments.split_first() {
        candidates.add_segments(rest);
    } else if segments.first() == Some(&"realms") {
        candidates.add(&format!("/auth{path}"));
    }
    let base = path.trim_end_matches('/');
    for known in ["/oauth2/default", "/v2.0"] {
        candidates.add(&format!("{base}{known}"));
    }
    if let Some(client_id) = client_id {
        for known in ["/oauth2/openid/", "/application/o/"] {
            candidates.add(&format!("{base}{known}{client_id}"));
        }
    }
    for parents in 1..=segments.len().min(MAX_PARENTS) {
        let (upper, _) = segments.split_at(segments.len() - parents);
        candidates.add_segments(upper);
    }
    candidates.found.truncate(MAX);
    candidates.found
}

struct Candidates {
    origin: String,
    tried: Vec<String>,
    found: Vec<String>,
}

impl Candidates {
    fn add(&mut self, path: &str) {
        let candidate = format!("{}{}", self.origin, path.trim_end_matches('/'));
        let address = address(&candidate);
        if !self.tried.contains(&address) {
            self.tried.push(address);
            self.found.push(candidate);
        }
    }

    fn add_segments(&mut self, segments: &[&str]) {
        self.add(&format!("/{}", segments.join("/")));
    }
}

fn address(issuer: &str) -> String {
    crate::provider::discovery_url(issuer)
}

/// `a/b/a/b/c` becomes `a/b/c`: a path that was put behind one that had it already.
fn without_doubles<'p>(segments: &[&'p str]) -> Vec<&'p str> {
    for length in (1..=segments.len() / 2).rev() {
        for start in 0..=segments.len() - 2 * length {
            let (before, rest) = segments.split_at(start);
            let (one, rest) = rest.split_at(length);
            if rest.starts_with(one) {
                return [before, rest].concat();
            }
        }
    }
    segments.to_vec()
}

#[cfg(test)]
mod tests {
    use super::of;

    fn has(issuer: &str, candidate: &str) {
        let all = of(issuer, Some("app"));
        assert!(all.iter().any(|one| one == candidate), "{issuer}: {all:?}");
    }

    #[test]
    fn what_people_paste_leads_to_the_issuer() {
        has(
            "https://sso.example/.well-known/openid-configuration",
            "https://sso.example",
        );
        has(
            "https://sso.example/realms/x/.well-known/openid-configuration",
            "https://sso.example/realms/x",
        );
        has("https://sso.example/realms/x/realms/x", "https://sso.example/realms/x");
        has("https://sso.example//realms//x/", "https://sso.example/realms/x");
        has(
            "https://sso.example/realms/x/protocol/openid-connect/token",
            "https://sso.example/realms/x",
        );
        has("https://sso.example/auth/realms/x", "https://sso.example/realms/x");
        has("https://sso.example/realms/x", "https://sso.example/auth/realms/x");
        has("https://org.okta.example", "https://org.okta.example/oauth2/default");
        has("https://login.example/tenant", "https://login.example/tenant/v2.0");
        has("https://idm.example", "https://idm.example/oauth2/openid/app");
        has("sso.example/realms/x?tab=1", "https://sso.example/realms/x");
    }

    #[test]
    fn nothing_is_tried_twice_or_without_end() {
        let all = of(&format!("https://sso.example/{}", "a/".repeat(200)), Some("app"));
        assert!(all.len() <= 16);
        let mut unique = all.clone();
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), all.len());
        assert!(
            of("https://sso.example", None)
                .iter()
                .all(|one| one != "https://sso.example")
        );
        assert!(of("::", None).is_empty());
    }
}
