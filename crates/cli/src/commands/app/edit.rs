//! The settings of an application as flags, the same for `app add` and `app edit`.

use std::{path::PathBuf, str::FromStr};

use clap::Args;
use doorward_api::{
    AppChange, AppKind, Authentication, ClaimRule, Consent, Edit, IssuerStyle, LifetimesChange, Pkce, SigningAlg,
    Usernames,
};

use super::edit_requests::RequestFlags;
use super::grants::GrantFlags;
use super::logout::LogoutFlags;
use crate::{failure::Failure, span};

#[derive(Debug, Args)]
#[command(next_help_heading = "Settings")]
pub(crate) struct Settings {
    /// Name that people see
    #[arg(long, value_name = "NAME")]
    title: Option<String>,
    /// Another address; redirect URIs stay as they are
    #[arg(long, value_name = "URL")]
    new_url: Option<String>,
    /// Where the start page's tile leads; empty for the address
    #[arg(long, value_name = "URL")]
    start_url: Option<String>,
    /// Redirect URI to add, exactly as the application sends it; several times for several
    #[arg(long, value_name = "URI")]
    add_redirect_uri: Vec<String>,
    /// Redirect URI to remove
    #[arg(long, value_name = "URI")]
    remove_redirect_uri: Vec<String>,
    /// Forget the redirect URIs with a wildcard that an import left as suggestions
    #[arg(long)]
    forget_redirect_suggestions: bool,
    /// Address to add where a logout may end
    #[arg(long, value_name = "URI")]
    add_post_logout_uri: Vec<String>,
    /// Address to remove where a logout may end
    #[arg(long, value_name = "URI")]
    remove_post_logout_uri: Vec<String>,
    /// confidential (has a secret or keys) or public (has none)
    #[arg(long, value_name = "KIND", value_parser = word::<AppKind>)]
    kind: Option<AppKind>,
    /// client_secret, private_key_jwt, tls_client_auth, self_signed_tls_client_auth or none
    #[arg(long, value_name = "METHOD", value_parser = word::<Authentication>)]
    authentication: Option<Authentication>,
    /// File with the application's public keys (a JWK set), for private_key_jwt and self_signed_tls_client_auth; empty to forget them
    #[arg(long, value_name = "FILE")]
    jwks: Option<PathBuf>,
    /// required: a login without PKCE is refused
    #[arg(long, value_name = "POLICY", value_parser = pkce, conflicts_with = "weaken_pkce_if_sent")]
    pkce: Option<Pkce>,
    /// Accept logins without PKCE: weaker, for an application that cannot send it
    #[arg(long)]
    weaken_pkce_if_sent: bool,
    /// What ID tokens are signed with: RS256, PS256, ES256 or EdDSA
    #[arg(long, value_name = "ALG", value_parser = word::<SigningAlg>)]
    id_token_alg: Option<SigningAlg>,
    /// What access tokens are signed with
    #[arg(long, value_name = "ALG", value_parser = word::<SigningAlg>)]
    access_token_alg: Option<SigningAlg>,
    /// What userinfo is signed with; `none` for plain JSON
    #[arg(long, value_name = "ALG", value_parser = alg_or_none)]
    userinfo_alg: Option<Edit<SigningAlg>>,
    /// Audience of access tokens to add
    #[arg(long, value_name = "AUDIENCE")]
    add_audience: Vec<String>,
    /// Audience of access tokens to remove
    #[arg(long, value_name = "AUDIENCE")]
    remove_audience: Vec<String>,
    /// Whether the client id is an audience of access tokens
    #[arg(long, value_name = "BOOL")]
    audience_client_id: Option<bool>,
    /// Lifetime of code, id_token, access_token or refresh_token: access_token=15m, or =preset
    #[arg(long, value_name = "WHAT=SPAN", value_parser = lifetime)]
    lifetime: Vec<(Lifetime, Edit<i64>)>,
    /// Scopes that the application asks for: openid,profile,email
    #[arg(long = "request-scopes", value_name = "SCOPE", value_delimiter = ',')]
    scopes: Option<Vec<String>>,
    /// Whether it may log in as itself (client credentials)
    #[arg(long, value_name = "BOOL")]
    client_credentials: Option<bool>,
    /// ask people once, or skip asking
    #[arg(long, value_name = "HOW", value_parser = word::<Consent>)]
    consent: Option<Consent>,
    /// Form of the user name: short (alice) or full (alice@id.example.com)
    #[arg(long, value_name = "FORM", value_parser = word::<Usernames>)]
    usernames: Option<Usernames>,
    /// Claim to add: roles=groups:netbox-*, dept=attribute:department, tenant=constant:acme,
    /// role=by-group:admins:superuser,staff:viewer, or a whole rule as JSON
    #[arg(long, value_name = "CLAIM=SOURCE", value_parser = ClaimRule::from_str)]
    claim: Vec<ClaimRule>,
    /// Claim to remove
    #[arg(long, value_name = "CLAIM")]
    remove_claim: Vec<String>,
    /// Origin to add whose scripts may call the token endpoint: https://spa.example.com
    #[arg(long, value_name = "ORIGIN")]
    add_cors_origin: Vec<String>,
    /// Origin to remove
    #[arg(long, value_name = "ORIGIN")]
    remove_cors_origin: Vec<String>,
    /// Whether it gets a refresh token without asking for offline_access
    #[arg(long, value_name = "BOOL")]
    expects_refresh: Option<bool>,
    /// Whether it calls userinfo after each login; traces then say when it did not
    #[arg(long, value_name = "BOOL")]
    expects_userinfo: Option<bool>,
    /// Issuer its tokens name: server (the public URL), own (the public URL/apps/its id), or an alias's address
    #[arg(long, value_name = "ISSUER", value_parser = issuer)]
    issuer: Option<IssuerStyle>,
    #[command(flatten)]
    requests: RequestFlags,
    #[command(flatten)]
    sender: super::sender::Sender,
    #[command(flatten)]
    keys: super::keys::KeyFlags,
    #[command(flatten)]
    logout: LogoutFlags,
    #[command(flatten)]
    grants: GrantFlags,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lifetime {
    Code,
    IdToken,
    AccessToken,
    RefreshToken,
}

impl Settings {
    /// The change that these flags ask for.
    pub(super) fn change(self) -> Result<AppChange, Failure> {
        let mut lifetimes = LifetimesChange::default();
        for (which, span) in self.lifetime {
            *match which {
                Lifetime::Code => &mut lifetimes.code,
                Lifetime::IdToken => &mut lifetimes.id_token,
                Lifetime::AccessToken => &mut lifetimes.access_token,
                Lifetime::RefreshToken => &mut lifetimes.refresh_token,
            } = span;
        }
        Ok(AppChange {
            name: self.title,
            url: self.new_url,
            start_url: Edit::from_given(self.start_url, String::is_empty),
            add_redirect_uris: self.add_redirect_uri,
            remove_redirect_uris: self.remove_redirect_uri,
            add_post_logout_redirect_uris: self.add_post_logout_uri,
            remove_post_logout_redirect_uris: self.remove_post_logout_uri,
            kind: self.kind,
            authentication: self.authentication,
            jwks: jwks(self.jwks)?,
            pkce: if self.weaken_pkce_if_sent {
                Some(Pkce::WeakenIfSent)
            } else {
                self.pkce
            },
            id_token_alg: self.id_token_alg,
            access_token_alg: self.access_token_alg,
            userinfo_signed_alg: self.userinfo_alg.unwrap_or_default(),
            add_audiences: self.add_audience,
            remove_audiences: self.remove_audience,
            audience_client_id: self.audience_client_id,
            lifetimes: (lifetimes != LifetimesChange::default()).then_some(lifetimes),
            scopes: self.scopes,
            client_credentials: self.client_credentials,
            consent: self.consent,
            usernames: self.usernames,
            add_claims: self.claim,
            remove_claims: self.remove_claim,
            add_cors_origins: self.add_cors_origin,
            remove_cors_origins: self.remove_cors_origin,
            expects_refresh: self.expects_refresh,
            expects_userinfo: self.expects_userinfo,
            issuer_style: self.issuer,
            requests: self.requests.change(),
            sender: self.sender.change()?,
            keys: self.keys.change(),
            logout: self.logout.change(),
            grants: self.grants.change(),
            redirect_suggestions: self.forget_redirect_suggestions.then(Vec::new),
            ..AppChange::default()
        })
    }
}

pub(super) fn jwks(file: Option<PathBuf>) -> Result<Edit<serde_json::Value>, Failure> {
    let Some(file) = file else { return Ok(Edit::Keep) };
    if file.as_os_str().is_empty() {
        return Ok(Edit::Clear);
    }
    let text = std::fs::read(&file)
        .map_err(|error| Failure::usage(format!("cannot read the keys in {}: {error}", file.display())))?;
    let keys = serde_json::from_slice(&text)
        .map_err(|error| Failure::usage(format!("expected a JWK set in JSON in {}: {error}", file.display())))?;
    Ok(Edit::Set(keys))
}

/// One of the words of the API, which names them all when it is none.
pub(crate) fn word<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).map_err(|error| error.to_string())
}

fn issuer(text: &str) -> Result<IssuerStyle, String> {
    match word::<IssuerStyle>(text)? {
        IssuerStyle::Alias(address) if !address.contains("://") => Err(format!(
            "expected server, own, or an address of doorward alias list, received {text:?}"
        )),
        style => Ok(style),
    }
}

fn pkce(text: &str) -> Result<Pkce, String> {
    match text {
        "required" => Ok(Pkce::Required),
        "if-sent" | "weaken-if-sent" => {
            Err("accepting logins without PKCE is spelled --weaken-pkce-if-sent".to_owned())
        }
        _ => Err(format!(
            "expected `required`, received {text:?}; the weaker setting is --weaken-pkce-if-sent"
        )),
    }
}

pub(super) fn alg_or_none(text: &str) -> Result<Edit<SigningAlg>, String> {
    if text == "none" {
        Ok(Edit::Clear)
    } else {
        word(text).map(Edit::Set)
    }
}

fn lifetime(text: &str) -> Result<(Lifetime, Edit<i64>), String> {
    let expected =
        || format!("expected code, id_token, access_token or refresh_token, as in access_token=15m, received {text:?}");
    let (name, value) = text.split_once('=').ok_or_else(expected)?;
    let which = match name.replace('-', "_").as_str() {
        "code" => Lifetime::Code,
        "id_token" => Lifetime::IdToken,
        "access_token" => Lifetime::AccessToken,
        "refresh_token" => Lifetime::RefreshToken,
        _ => return Err(expected()),
    };
    if value == "preset" {
        return Ok((which, Edit::Clear));
    }
    // Bare seconds too: that is how the server names them.
    let seconds = match value.parse::<i64>() {
        Ok(seconds) => seconds,
        Err(_) => i64::from(span::parse(value)?),
    };
    Ok((which, Edit::Set(seconds)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_is_a_span_bare_seconds_or_the_presets() {
        assert_eq!(
            lifetime("access_token=15m"),
            Ok((Lifetime::AccessToken, Edit::Set(900)))
        );
        assert_eq!(
            lifetime("access-token=900"),
            Ok((Lifetime::AccessToken, Edit::Set(900)))
        );
        assert_eq!(lifetime("code=preset"), Ok((Lifetime::Code, Edit::Clear)));
        assert!(lifetime("token=15m").unwrap_err().contains("access_token=15m"));
        assert!(lifetime("code").is_err());
        assert!(lifetime("code=soon").unwrap_err().contains("like 30m"));
    }

    #[test]
    fn a_word_that_is_none_is_answered_with_those_that_are() {
        assert_eq!(word::<SigningAlg>("ES256"), Ok(SigningAlg::ES256));
        let refused = word::<SigningAlg>("HS256").unwrap_err();
        assert!(
            refused.contains("HS256") && refused.contains("RS256") && refused.contains("EdDSA"),
            "{refused}"
        );
    }

    #[test]
    fn pkce_is_weakened_by_its_loud_name_only() {
        assert!(pkce("if-sent").unwrap_err().contains("--weaken-pkce-if-sent"));
        assert!(pkce("off").unwrap_err().contains("--weaken-pkce-if-sent"));
    }
}
