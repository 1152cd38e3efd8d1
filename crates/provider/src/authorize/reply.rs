//! The authorization response: parameters back to the redirect URI, by query or by a posted form
//! (RFC 6749 §4.1.2, OAuth 2.0 Form Post Response Mode, RFC 9207).

use doorward_apps::App;
use doorward_jose::JoseError;
use doorward_oidc::{AuthorizationResponse, Refusal, ResponseMode, append_query};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::KeyRing;

/// How long a signed answer counts, in seconds (JARM §2.1: at most ten minutes).
const SIGNED_LIFETIME: i64 = 300;

/// Where an authorization response goes: a redirect URI that is known to be registered, and what the response
/// repeats.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyTo {
    /// The redirect URI, byte for byte as registered (or with the loopback port of the request).
    pub redirect_uri: String,
    /// How the parameters travel.
    pub mode: ResponseMode,
    /// Whether they travel in one signed token (JARM §2.3).
    #[serde(default)]
    pub signed: bool,
    /// The client's `state`, returned as it came.
    pub state: Option<String>,
    /// The issuer that answers (RFC 9207).
    pub issuer: String,
}

/// A response ready to be sent to the browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// `303 See Other` to this URL.
    Redirect(String),
    /// A page that posts these fields to `action` by itself, with a button for browsers without scripts.
    FormPost {
        /// The redirect URI.
        action: String,
        /// Field names and values, in order; the page escapes them.
        fields: Vec<(&'static str, String)>,
    },
    /// The client asked for a signed answer: to be signed and then sent.
    Unsigned(Unsigned),
}

/// An answer that has yet to be signed (JARM §2.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsigned {
    claims: Map<String, Value>,
    redirect_uri: String,
    mode: ResponseMode,
}

impl Unsigned {
    /// Signs it for the application, with the algorithm of its ID tokens (JARM §3), and has it sent as it asked.
    ///
    /// # Errors
    /// There is no active key for that algorithm, or the library failed: the machine's fault.
    pub fn sign(mut self, app: &App, keys: &KeyRing, now: i64) -> Result<Reply, JoseError> {
        self.claims
            .insert("aud".to_owned(), Value::from(app.client_id.as_str()));
        self.claims
            .insert("exp".to_owned(), Value::from(now.saturating_add(SIGNED_LIFETIME)));
        // A type of its own: this token passes as no other (RFC 8725 §3.11).
        let token = keys
            .active(app.id_token_alg)?
            .sign(Some("oauth-authz-resp+jwt"), &self.claims)?;
        Ok(match self.mode {
            ResponseMode::Query => Reply::Redirect(append_query(&self.redirect_uri, [("response", token.as_str())])),
            ResponseMode::FormPost => Reply::FormPost {
                action: self.redirect_uri,
                fields: vec![("response", token)],
            },
        })
    }
}

impl ReplyTo {
    /// The successful response with its `code`, and for applications whose pages ask for the session its `session_state` (OpenID
    /// Connect Session Management 1.0 §2).
    pub fn code(&self, code: &str, session_state: Option<&str>) -> Reply {
        let response = AuthorizationResponse::Code {
            code: code.to_owned(),
            state: self.state.clone(),
            iss: Some(self.issuer.clone()),
        };
        self.reply(&response, session_state)
    }

    /// An error response. It carries the public sentence, not the operator's detail: it passes through the browser.
    pub fn error(&self, refusal: &Refusal) -> Reply {
        let response = AuthorizationResponse::refused(refusal, self.state.clone(), self.issuer.as_str());
        self.reply(&response, None)
    }

    fn reply(&self, response: &AuthorizationResponse, session_state: Option<&str>) -> Reply {
        let mut pairs = response.to_pairs();
        pairs.extend(session_state.map(|state| ("session_state", state)));
        if self.signed {
            return Reply::Unsigned(Unsigned {
                claims: pairs
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), Value::from(value)))
                    .collect(),
                redirect_uri: self.redirect_uri.clone(),
                mode: self.mode,
            });
        }
        match self.mode {
            ResponseMode::Query => Reply::Redirect(append_query(&self.redirect_uri, pairs)),
            ResponseMode::FormPost => Reply::FormPost {
                action: self.redirect_uri.clone(),
                fields: pairs
                    .into_iter()
                    .map(|(name, value)| (name, value.to_owned()))
                    .collect(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authorize::LOGIN_REQUIRED;

    fn reply_to(redirect_uri: &str, state: Option<&str>) -> ReplyTo {
        ReplyTo {
            redirect_uri: redirect_uri.to_owned(),
            mode: ResponseMode::Query,
            signed: false,
            state: state.map(str::to_owned),
            issuer: "https://sso.example.com".to_owned(),
        }
    }

    fn location(reply: Reply) -> String {
        match reply {
            Reply::Redirect(location) => location,
            _ => panic!("expected a redirect"),
        }
    }

    #[test]
    fn the_state_comes_back_byte_for_byte() {
        for state in ["{\"mode\":\"openid\"}", "a b+c%20d&e=f#g", "ümläut/✓", "\"'<>\\", "  "] {
            let url = location(reply_to("https://pve.example:8006", Some(state)).code("c", None));
            let query = url.split_once('?').unwrap().1;
            let found = url::form_urlencoded::parse(query.as_bytes())
                .find(|(name, _)| name == "state")
                .unwrap()
                .1;
            assert_eq!(found, state);
        }
    }

    #[test]
    fn an_existing_query_is_kept_untouched() {
        let url = location(reply_to("https://a.example/cb?x=%7Ey&z", None).code("c", None));
        assert_eq!(
            url,
            "https://a.example/cb?x=%7Ey&z&code=c&iss=https%3A%2F%2Fsso.example.com"
        );
    }

    #[test]
    fn an_error_names_code_state_and_issuer_and_not_the_detail() {
        let refusal = Refusal::redirect(&LOGIN_REQUIRED, "alice's secret detail");
        let url = location(reply_to("https://a.example/", Some("s")).error(&refusal));
        assert!(url.contains("error=login_required"), "{url}");
        assert!(url.contains("state=s") && url.contains("iss="), "{url}");
        assert!(!url.contains("secret"), "{url}");
    }

    #[test]
    fn a_form_post_leaves_the_redirect_uri_bare() {
        let reply_to = ReplyTo {
            mode: ResponseMode::FormPost,
            ..reply_to("https://a.example/cb?x=1", Some("s"))
        };
        let Reply::FormPost { action, fields } = reply_to.code("c", None) else {
            panic!("expected a form")
        };
        assert_eq!(action, "https://a.example/cb?x=1");
        let names: Vec<_> = fields.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["code", "state", "iss"]);
    }

    #[test]
    fn a_signed_answer_names_issuer_audience_and_end_and_nothing_travels_beside_it() {
        let world = crate::testing::World::new();
        let (app, now) = (crate::testing::app(), crate::testing::NOW);
        for (mode, refusal) in [
            (ResponseMode::Query, None),
            (ResponseMode::FormPost, Some(&LOGIN_REQUIRED)),
        ] {
            let reply_to = ReplyTo {
                mode,
                signed: true,
                ..reply_to("https://a.example/cb?x=1", Some("s"))
            };
            let reply = match refusal {
                None => reply_to.code("c", None),
                Some(kind) => reply_to.error(&Refusal::redirect(kind, "hush")),
            };
            let Reply::Unsigned(unsigned) = reply else {
                panic!("expected one to sign")
            };
            let token = match unsigned.sign(&app, &world.keys, now).unwrap() {
                Reply::Redirect(url) => url
                    .strip_prefix("https://a.example/cb?x=1&response=")
                    .unwrap()
                    .to_owned(),
                Reply::FormPost { mut fields, .. } => fields.remove(0).1,
                Reply::Unsigned(_) => panic!("still unsigned"),
            };
            let (header, claims) = doorward_jose::peek_unverified(&token, 4096).unwrap();
            assert_eq!(header.typ.as_deref(), Some("oauth-authz-resp+jwt"));
            assert_eq!(claims["iss"], "https://sso.example.com");
            assert_eq!(claims["aud"], "netbox");
            assert_eq!(claims["exp"], now + SIGNED_LIFETIME);
            assert_eq!(claims["state"], "s");
            assert_eq!(claims.contains_key("code"), refusal.is_none());
            assert_eq!(claims.contains_key("error"), refusal.is_some());
            assert!(!token.contains("hush"));
        }
    }

    #[test]
    fn the_state_of_the_session_goes_with_the_code_by_every_way() {
        let plain = reply_to("https://a.example/cb", None);
        assert!(location(plain.code("c", Some("h.s"))).ends_with("&session_state=h.s"));
        let Reply::Unsigned(unsigned) = (ReplyTo { signed: true, ..plain }).code("c", Some("h.s")) else {
            panic!("expected one to sign")
        };
        assert_eq!(unsigned.claims["session_state"], "h.s");
    }
}
