//! Which provider a person's address belongs to (OpenID Connect Discovery §2, RFC 7033).

use doorward_jose::parse_object;
use doorward_oidc::encode;
use serde_json::Value;
use url::Url;

use crate::config::{setting, web_url};
use crate::error::{Step, shown};
use crate::probe::{ProbeOptions, ask, network};
use crate::{Login, LoginError};

const ISSUER: &str = "http://openid.net/specs/connect/1.0/issuer";

impl Login {
    /// Asks the host of `identifier` (`joe@example.com`, `acct:joe@example.com` or a web address) which issuer its people log
    /// in at. What it says is a proposal: whoever runs the host chooses it, so let only those be used that are known.
    ///
    /// # Errors
    /// That is no identifier, or its host does not say.
    pub async fn issuer_of(identifier: &str, options: &ProbeOptions) -> Result<String, LoginError> {
        let (resource, origin) = normalised(identifier)?;
        let query = encode([("resource", resource.as_str()), ("rel", ISSUER)]);
        let at = format!("{origin}/.well-known/webfinger?{query}");
        let url = web_url("identifier", &at)?;
        let http = network(options, &url)?;
        let answer = ask(http.as_ref(), Step::Metadata, &at).await?;
        let unexpected = |received: String| LoginError::Answer {
            step: Step::Metadata,
            url: at.clone(),
            expected: "a link to an issuer",
            received,
        };
        let members = parse_object(&answer.body, "webfinger").map_err(|error| unexpected(error.to_string()))?;
        let links = members.get("links").and_then(Value::as_array);
        let mut issuers = links.into_iter().flatten().filter(|link| link["rel"] == ISSUER);
        let issuer = issuers.next().and_then(|link| link["href"].as_str());
        let issuer = issuer.ok_or_else(|| unexpected("none".to_owned()))?;
        web_url("issuer", issuer).map_err(|_| unexpected(format!("`{}`", shown(issuer))))?;
        Ok(issuer.to_owned())
    }
}

/// The resource and the origin that knows it (Discovery §2.1).
fn normalised(identifier: &str) -> Result<(String, String), LoginError> {
    let wrong = || {
        let detail = format!("expected `name@host` or a web address, got `{}`", shown(identifier));
        setting("identifier", detail)
    };
    let account = identifier.strip_prefix("acct:");
    let is_account = account.is_some() || (identifier.contains('@') && !identifier.contains('/'));
    if is_account {
        let account = account.unwrap_or(identifier);
        let (name, host) = account.rsplit_once('@').ok_or_else(wrong)?;
        let url = Url::parse(&format!("https://{host}")).map_err(|_| wrong())?;
        if name.is_empty() || url.path() != "/" || url.query().is_some() {
            return Err(wrong());
        }
        return Ok((format!("acct:{account}"), url.origin().ascii_serialization()));
    }
    let with_scheme = if identifier.contains("://") {
        identifier.to_owned()
    } else {
        format!("https://{identifier}")
    };
    let mut url = Url::parse(&with_scheme).map_err(|_| wrong())?;
    url.set_fragment(None);
    if url.host_str().is_none() || !identifier.contains('.') {
        return Err(wrong());
    }
    let origin = url.origin().ascii_serialization();
    Ok((url.into(), origin))
}
