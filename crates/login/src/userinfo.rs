//! The userinfo answer (OpenID Connect Core §5.3).

use doorward_claims::is_protocol_claim;
use serde_json::{Map, Value};

use crate::LoginError;
use crate::config::Config;
use crate::error::{Step, claimed, shown};
use crate::network::HttpRequest;

const MAX_BYTES: usize = 64 * 1024;

pub(crate) async fn fetch(url: &str, access_token: &str, config: &Config) -> Result<Map<String, Value>, LoginError> {
    let request = HttpRequest {
        url: url.to_owned(),
        authorization: Some(format!("Bearer {access_token}")),
        form: None,
        max_bytes: MAX_BYTES,
    };
    let answer = config.http.send(request).await?;
    let unexpected = |received: String| LoginError::Answer {
        step: Step::Userinfo,
        url: url.to_owned(),
        expected: "userinfo as application/json with status 200",
        received,
    };
    if answer.status != 200 {
        return Err(unexpected(format!("status {}", answer.status)));
    }
    if answer.content_type != "application/json" {
        return Err(unexpected(format!("`{}`", shown(&answer.content_type))));
    }
    doorward_jose::parse_object(&answer.body, "userinfo").map_err(|error| unexpected(error.to_string()))
}

/// Userinfo about the same person adds to the ID token and is newer where both speak; what belongs to the protocol stays
/// as it was signed (OpenID Connect Core §5.3.2).
pub(crate) fn merge(claims: &mut Map<String, Value>, userinfo: Map<String, Value>) -> Result<(), LoginError> {
    let sub = |claims: &Map<String, Value>| claims.get("sub").and_then(Value::as_str).map(str::to_owned);
    if sub(claims).is_none() || sub(claims) != sub(&userinfo) {
        return Err(LoginError::UserinfoSubject {
            expected: claimed(claims.get("sub")),
            received: claimed(userinfo.get("sub")),
        });
    }
    claims.extend(userinfo.into_iter().filter(|(name, _)| !is_protocol_claim(name)));
    Ok(())
}
