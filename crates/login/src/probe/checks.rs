//! What metadata must offer for a login, each with what to do where it does not.

use doorward_oidc::ProviderMetadata;
use serde_json::{Map, Value};
use url::Url;

use super::report::{Offered, Report, Weight};
use super::{ProbeOptions, ask};
use crate::LoginError;
use crate::error::{Step, shown};
use crate::network::{Http, HttpAnswer};
use crate::provider::{endpoints_of, has_safe_endpoints, key_set, ours};

/// Metadata as they came, and read.
pub(crate) struct Seen {
    pub(crate) metadata: ProviderMetadata,
    members: Map<String, Value>,
}

impl Seen {
    /// A member that is not among those that are read.
    pub(crate) fn member(&self, name: &str) -> Option<&Value> {
        self.members.get(name)
    }
}

pub(crate) fn metadata(url: &str, answer: &HttpAnswer) -> Result<Seen, LoginError> {
    let unexpected = |received: String| LoginError::Answer {
        step: Step::Metadata,
        url: url.to_owned(),
        expected: "provider metadata",
        received,
    };
    let members = doorward_jose::parse_object(&answer.body, "metadata").map_err(|error| {
        let media_type = answer.content_type();
        unexpected(format!("`{}`: {error}", shown(&media_type)))
    })?;
    let metadata = serde_json::from_value(Value::Object(members.clone()))
        .map_err(|error| unexpected(shown(&error.to_string())))?;
    Ok(Seen { metadata, members })
}

pub(super) fn all(report: &mut Report, seen: &Seen, options: &ProbeOptions) {
    report.offered = Some(offered(seen));
    algorithms(report, &seen.metadata);
    pkce(report, &seen.metadata);
    names_itself(report, &seen.metadata);
    authentication(report, &seen.metadata);
    scopes(report, &seen.metadata, options);
    endpoints(report, &seen.metadata);
}

fn offered(seen: &Seen) -> Offered {
    let metadata = &seen.metadata;
    let is_true = |name: &str| seen.members.get(name) == Some(&Value::Bool(true));
    let named = endpoints_of(metadata).map(|(name, url)| (name.to_owned(), shown(url)));
    Offered {
        issuer: shown(&metadata.issuer),
        endpoints: named.collect(),
        algorithms: metadata.id_token_signing_alg_values_supported.clone(),
        userinfo_algorithms: metadata.userinfo_signing_alg_values_supported.clone(),
        auth_methods: metadata.token_endpoint_auth_methods_supported.clone(),
        pkce_methods: metadata.code_challenge_methods_supported.clone(),
        scopes: metadata.scopes_supported.clone(),
        claims: metadata.claims_supported.clone(),
        response_modes: metadata.response_modes_supported.clone(),
        names_itself: metadata.authorization_response_iss_parameter_supported,
        back_channel_logout: is_true("backchannel_logout_supported"),
        front_channel_logout: is_true("frontchannel_logout_supported"),
        keys: 0,
    }
}

fn algorithms(report: &mut Report, metadata: &ProviderMetadata) {
    let advertised = &metadata.id_token_signing_alg_values_supported;
    let usable: Vec<_> = ours(advertised).iter().map(|one| one.name()).collect();
    let expected = "one of RS256, PS256, ES256, EdDSA for ID tokens";
    if advertised.is_empty() {
        let remedy = Some("RS256 is assumed; set the algorithm if it is another".to_owned());
        report.add("algorithms", Weight::Advice, expected, "none advertised", remedy);
    } else if usable.is_empty() {
        let remedy = Some("choose another signing algorithm for this client at the provider".to_owned());
        report.add(
            "algorithm_not_allowed",
            Weight::Problem,
            expected,
            listed(advertised),
            remedy,
        );
    } else {
        report.add("algorithms", Weight::Good, expected, usable.join(", "), None);
    }
}

fn pkce(report: &mut Report, metadata: &ProviderMetadata) {
    let methods = &metadata.code_challenge_methods_supported;
    let expected = "PKCE with S256";
    if methods.iter().any(|method| method == "S256") {
        report.add("pkce", Weight::Good, expected, listed(methods), None);
    } else if methods.is_empty() {
        let remedy = Some("it is sent all the same; `nonce` protects the code where it is ignored".to_owned());
        report.add("pkce", Weight::Advice, expected, "not advertised", remedy);
    } else {
        let remedy = Some("enable S256 for this client at the provider".to_owned());
        report.add("pkce", Weight::Advice, expected, listed(methods), remedy);
    }
}

fn names_itself(report: &mut Report, metadata: &ProviderMetadata) {
    let expected = "answers that name the issuer (RFC 9207)";
    if metadata.authorization_response_iss_parameter_supported {
        report.add("response_issuer", Weight::Good, expected, "promised", None);
    } else {
        let remedy =
            Some("give this provider a redirect URI of its own, which tells its answers from others'".to_owned());
        report.add("response_issuer", Weight::Advice, expected, "not promised", remedy);
    }
}

fn authentication(report: &mut Report, metadata: &ProviderMetadata) {
    let methods = &metadata.token_endpoint_auth_methods_supported;
    let known = ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"];
    let expected = "a way to prove who the client is that is known here";
    if methods.is_empty() || methods.iter().any(|method| known.contains(&method.as_str())) {
        report.add("client_authentication", Weight::Good, expected, listed(methods), None);
        return;
    }
    let remedy = Some(format!(
        "allow one of {} for this client at the provider",
        known.join(", ")
    ));
    report.add(
        "token_exchange_failed",
        Weight::Problem,
        expected,
        listed(methods),
        remedy,
    );
}

fn scopes(report: &mut Report, metadata: &ProviderMetadata, options: &ProbeOptions) {
    let offered = &metadata.scopes_supported;
    let Some(wanted) = options.scopes.as_ref().filter(|_| !offered.is_empty()) else {
        return;
    };
    let is_offered = |scope: &&str| offered.iter().any(|one| one == scope);
    let missing: Vec<_> = wanted.iter().filter(|scope| !is_offered(scope)).collect();
    if missing.is_empty() {
        report.add("scopes", Weight::Good, wanted.to_string(), listed(offered), None);
        return;
    }
    let remedy = Some(format!(
        "leave out {}, or offer it at the provider: some refuse a login for a scope that they do not know",
        missing.join(", ")
    ));
    report.add("scopes", Weight::Advice, wanted.to_string(), listed(offered), remedy);
}

fn endpoints(report: &mut Report, metadata: &ProviderMetadata) {
    if let Err(error) = has_safe_endpoints(metadata) {
        report.failed(&error);
    }
    let host = |text: &str| Url::parse(text).ok().and_then(|url| url.host_str().map(str::to_owned));
    let home = host(&metadata.issuer);
    for (name, url) in endpoints_of(metadata) {
        let there = host(url);
        if there.is_some() && there != home {
            let remedy = Some("see that this is the provider's own, and that it can be reached from here".to_owned());
            let expected = format!("`{name}` at the host of the issuer");
            report.add("endpoint_elsewhere", Weight::Advice, expected, shown(url), remedy);
        }
    }
    if metadata.userinfo_endpoint.is_none() {
        let remedy = Some("have the provider put what is needed into the ID token".to_owned());
        report.add("no_userinfo", Weight::Advice, "a userinfo endpoint", "none", remedy);
    }
}

/// The key set can be had and has a key for an algorithm that the provider advertises.
pub(super) async fn keys(report: &mut Report, seen: &Seen, http: &dyn Http) {
    let url = seen.metadata.jwks_uri.as_str();
    let keys = match ask(http, Step::Keys, url).await {
        Ok(answer) => key_set(url, &answer.body),
        Err(error) => Err(error),
    };
    let keys = match keys {
        Ok(keys) => keys,
        Err(error) => return report.failed(&error),
    };
    let usable = keys.keys().len();
    if let Some(offered) = &mut report.offered {
        offered.keys = usable;
    }
    let expected = "a signing key that is usable here";
    let skipped: Vec<_> = keys
        .skipped()
        .iter()
        .map(|key| format!("{}: {}", shown(key.kid.as_deref().unwrap_or("no kid")), key.reason))
        .collect();
    if usable == 0 {
        let remedy =
            Some("add a signing key (RSA with 2048 bits or more, P-256 or Ed25519) at the provider".to_owned());
        report.add("key_not_found", Weight::Problem, expected, listed(&skipped), remedy);
        return;
    }
    let received = format!("{usable} usable, {} not: {}", skipped.len(), listed(&skipped));
    report.add("keys", Weight::Good, expected, received, None);
}

fn listed(words: &[String]) -> String {
    if words.is_empty() {
        return "none".to_owned();
    }
    shown(&words.join(", "))
}
