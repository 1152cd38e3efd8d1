//! A request object: the parameters of an authorization request, signed by the application (RFC 9101, OpenID Connect Core
//! §6, FAPI 2.0 Message Signing §5.3).

use doorward_apps::{App, Profile};
use doorward_jose::{JoseError, TimeRules, Typ, UnknownMembers, VerificationPolicy, verify};
use doorward_oidc::{Parameters, Refusal};
use serde_json::{Map, Value};

use crate::authorize::request_object::{invalid, without_keys};
use crate::text::shown;
use crate::{Keyed, Server};

/// Longest request object in bytes.
pub const MAX_BYTES: usize = 16 * 1024;
/// How far the application's clock may differ, in seconds (FAPI 2.0 Security Profile §5.3.2.1: at least ten).
const LEEWAY: i64 = 30;
/// How long a request object may live under FAPI, in seconds, and how old it may be (Message Signing §5.3.1).
const FAPI_LIFETIME: i64 = 3600;
/// Members that speak of the object and not of the request.
const OF_THE_OBJECT: &[&str] = &["iss", "aud", "exp", "nbf", "iat", "jti", "sub"];

/// The parameters in a request object. They are the whole request: what stands beside the object counts for nothing
/// (RFC 9101 §6.3).
///
/// # Errors
/// `invalid_request_object`, or `request_not_supported` for an application without keys.
pub fn open(object: &str, Keyed { app, keys }: Keyed<'_>, server: &Server, now: i64) -> Result<Parameters, Refusal> {
    let keys = keys.ok_or_else(|| without_keys(app))?;
    let is_fapi = app.requests.profile.is_some_and(Profile::is_fapi);
    let policy = VerificationPolicy::new(Typ::Optional(&["oauth-authz-req+jwt", "JWT"]), app.client_algorithms())
        .with_max_bytes(MAX_BYTES)
        .with_unknown_members(UnknownMembers::Ignored);
    let verified = verify(object, keys, &policy).map_err(|error| invalid(error.to_string()))?;
    let claims = verified.into_claims();
    is_by_and_for(&claims, app, server, is_fapi)?;
    is_in_time(&claims, now, is_fapi)?;
    parameters(claims, app)
}

fn is_by_and_for(claims: &Map<String, Value>, app: &App, server: &Server, is_fapi: bool) -> Result<(), Refusal> {
    for claim in ["client_id", "iss"] {
        let named = claims.get(claim);
        if named.is_some_and(|named| named.as_str() != Some(&app.client_id)) {
            return Err(invalid(format!(
                "{claim}: expected {}, received another",
                app.client_id
            )));
        }
    }
    let issuer = server.issuer(app);
    let ours = |audience: &Value| {
        let audience = audience.as_str().unwrap_or_default();
        audience == issuer || audience == server.public_url()
    };
    let is_for_us = match claims.get("aud") {
        None => !is_fapi,
        Some(Value::Array(many)) => many.iter().any(ours),
        Some(one) => ours(one),
    };
    if is_for_us {
        return Ok(());
    }
    let received = claims.get("aud").map_or_else(|| "none".to_owned(), Value::to_string);
    Err(invalid(format!(
        "aud: expected {issuer}, received {}",
        shown(&received)
    )))
}

/// Core asks for no times at all; what is there counts. FAPI asks for both, and for short lives.
fn is_in_time(claims: &Map<String, Value>, now: i64, is_fapi: bool) -> Result<(), Refusal> {
    let rules = TimeRules {
        require_exp: is_fapi,
        ..TimeRules::new(now, LEEWAY)
    };
    rules
        .check(claims)
        .map_err(|error: JoseError| invalid(error.to_string()))?;
    if !is_fapi {
        return Ok(());
    }
    let at = |name: &str| claims.get(name).and_then(Value::as_i64);
    let (Some(begins), Some(ends)) = (at("nbf"), at("exp")) else {
        return Err(invalid("nbf: expected the second from which it counts, received none"));
    };
    if now.saturating_sub(begins) > FAPI_LIFETIME {
        return Err(invalid(format!(
            "nbf: expected at most {FAPI_LIFETIME} seconds ago, received {begins}, the clock here says {now}"
        )));
    }
    if ends.saturating_sub(begins) > FAPI_LIFETIME {
        return Err(invalid(format!(
            "exp: expected at most {FAPI_LIFETIME} seconds after nbf, received {}",
            ends.saturating_sub(begins)
        )));
    }
    Ok(())
}

fn parameters(claims: Map<String, Value>, app: &App) -> Result<Parameters, Refusal> {
    let mut pairs = Vec::with_capacity(claims.len() + 1);
    if !claims.contains_key("client_id") {
        pairs.push(("client_id".to_owned(), app.client_id.clone()));
    }
    for (name, value) in claims {
        if OF_THE_OBJECT.contains(&name.as_str()) {
            continue;
        }
        if matches!(name.as_str(), "request" | "request_uri") {
            return Err(invalid(format!(
                "expected no `{name}` inside of a request object (RFC 9101 §4)"
            )));
        }
        match value {
            Value::Null => {}
            Value::String(text) => pairs.push((name, text)),
            Value::Array(many) if name == "resource" => {
                let texts = many.into_iter().map(|one| match one {
                    Value::String(text) => Ok(("resource".to_owned(), text)),
                    _ => Err(invalid("resource: expected a text or an array of texts")),
                });
                pairs.extend(texts.collect::<Result<Vec<_>, _>>()?);
            }
            other => pairs.push((name, other.to_string())),
        }
    }
    Parameters::from_pairs(pairs).map_err(|refusal| invalid(refusal.detail))
}

#[cfg(test)]
mod tests {
    use doorward_jose::{Algorithm, JwkSet, SigningKey};
    use serde_json::json;

    use super::*;
    use crate::authorize::request_object::{REQUEST_NOT_SUPPORTED, REQUEST_OBJECT_INVALID};
    use crate::testing::{self, NOW};

    struct Signer {
        key: SigningKey,
        app: App,
        server: Server,
    }

    impl Signer {
        fn new(algorithm: Algorithm) -> Self {
            let key = SigningKey::generate(algorithm).unwrap().key;
            let app = App {
                jwks: Some(JwkSet::new([key.public_jwk().clone()]).unwrap()),
                ..testing::app()
            };
            Self {
                key,
                app,
                server: Server::new("https://sso.example.com"),
            }
        }

        fn fapi(mut self) -> Self {
            self.app.requests.profile = Some(Profile::Fapi2Signing);
            self
        }

        fn open(&self, claims: &Value) -> Result<Parameters, Refusal> {
            let object = self.key.sign(Some("oauth-authz-req+jwt"), claims).unwrap();
            open(&object, (&self.app).into(), &self.server, NOW)
        }

        fn refused(&self, change: impl FnOnce(&mut Map<String, Value>)) -> String {
            let mut claims = good();
            change(claims.as_object_mut().unwrap());
            let refusal = self.open(&claims).unwrap_err();
            assert_eq!(refusal.kind, &REQUEST_OBJECT_INVALID);
            refusal.detail
        }
    }

    fn good() -> Value {
        json!({
            "iss": "netbox", "aud": "https://sso.example.com", "client_id": "netbox", "nbf": NOW - 5, "exp": NOW + 60,
            "response_type": "code", "scope": "openid", "max_age": 300, "claims": {"id_token": {"email": null}},
            "resource": ["https://a.example", "https://b.example"],
        })
    }

    #[test]
    fn members_become_parameters_and_those_of_the_object_do_not() {
        let read = Signer::new(Algorithm::ES256).open(&good()).unwrap();
        assert_eq!(read.find("max_age"), Some("300"));
        assert_eq!(read.find("claims"), Some(r#"{"id_token":{"email":null}}"#));
        assert_eq!(read.all("resource").count(), 2);
        for gone in ["iss", "aud", "exp", "nbf"] {
            assert_eq!(read.find(gone), None, "{gone}");
        }
    }

    #[test]
    fn only_a_registered_key_of_the_application_signs() {
        let signer = Signer::new(Algorithm::ES256);
        let stranger = Signer::new(Algorithm::ES256);
        let object = stranger.key.sign(Some("JWT"), &good()).unwrap();
        assert!(open(&object, (&signer.app).into(), &signer.server, NOW).is_err());
        let payload = object.split('.').nth(1).unwrap();
        // {"alg":"none"}
        let unsigned = format!("eyJhbGciOiJub25lIn0.{payload}.");
        let refused = open(&unsigned, (&signer.app).into(), &signer.server, NOW).unwrap_err();
        assert_eq!(refused.kind, &REQUEST_OBJECT_INVALID);
        let refused = open(&unsigned, (&testing::app()).into(), &signer.server, NOW).unwrap_err();
        assert_eq!(refused.kind, &REQUEST_NOT_SUPPORTED);
    }

    #[test]
    fn an_object_for_or_by_somebody_else_is_none() {
        let signer = Signer::new(Algorithm::ES256);
        for (claim, value) in [
            ("aud", json!("https://other.example")),
            ("iss", json!("gitea")),
            ("client_id", json!("gitea")),
            ("exp", json!(NOW - 60)),
            ("nbf", json!(NOW + 60)),
            ("request_uri", json!("https://a.example")),
            ("resource", json!([1])),
        ] {
            let detail = signer.refused(|claims| {
                claims.insert(claim.to_owned(), value.clone());
            });
            assert!(detail.contains(claim), "{detail}");
        }
        let mut many = good();
        many["aud"] = json!(["https://other.example", "https://sso.example.com"]);
        assert!(signer.open(&many).is_ok(), "several audiences, one of them us");
    }

    #[test]
    fn fapi_asks_for_times_audience_and_a_strong_algorithm() {
        let signer = Signer::new(Algorithm::ES256).fapi();
        assert!(signer.open(&good()).is_ok());
        for missing in ["exp", "nbf", "aud"] {
            let detail = signer.refused(|claims| {
                claims.remove(missing);
            });
            assert!(detail.contains(missing), "{detail}");
        }
        let long = signer.refused(|claims| {
            claims.insert("exp".to_owned(), json!(NOW + 3601));
        });
        assert!(long.contains("exp"), "{long}");
        let old = signer.refused(|claims| {
            claims.insert("nbf".to_owned(), json!(NOW - 3601));
        });
        assert!(old.contains("nbf"), "{old}");
        let rsa = Signer::new(Algorithm::RS256).fapi();
        assert!(rsa.refused(|_| {}).contains("RS256"));
    }
}
