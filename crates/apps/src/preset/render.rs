//! Prints the configuration to paste into an application. Pure: the same values give the same text.

use doorward_oidc::{Refusal, shown};

use super::{Preset, SnippetWay, template};
use crate::{App, ClientAuthentication, refusals};

/// This server as one application sees it: with an issuer of its own, or the server's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// The issuer, exactly as it is in tokens.
    pub issuer: String,
    /// The discovery document.
    pub discovery: String,
    /// RFC 6749 §3.1.
    pub authorization_endpoint: String,
    /// RFC 6749 §3.2.
    pub token_endpoint: String,
    /// OpenID Connect Core §5.3.
    pub userinfo_endpoint: String,
    /// Public keys.
    pub jwks_uri: String,
    /// RP-initiated logout.
    pub end_session_endpoint: String,
    /// The address that people open.
    pub public_url: String,
}

/// What a rendering is made from.
#[derive(Debug, Clone, Copy)]
pub struct Rendering<'a> {
    /// This server.
    pub endpoints: &'a Endpoints,
    /// The application.
    pub app: &'a App,
    /// Its secret; without one the text says how to have it shown.
    pub secret: Option<&'a str>,
    /// Path of the private CA's certificate on the application's machine, when there is one.
    pub ca_file: Option<&'a str>,
}

/// A preset, filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedPreset {
    /// The configuration, in the order in which it is to be done.
    pub snippets: Vec<RenderedSnippet>,
    /// What to do about a private CA.
    pub private_ca: String,
    /// What a logout does.
    pub logout: String,
    /// What else to know.
    pub notes: Vec<RenderedNote>,
}

/// One piece of configuration, filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedSnippet {
    /// What it is.
    pub title: String,
    /// How it gets into the application.
    pub way: SnippetWay,
    /// Where it goes.
    pub place: Option<String>,
    /// What it is written in.
    pub language: String,
    /// One of this and the snippet before is enough.
    pub alternative: bool,
    /// The text to paste.
    pub text: String,
}

/// Something to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedNote {
    /// The application's versions that it is about; all when absent.
    pub versions: Option<String>,
    /// The text.
    pub text: String,
}

impl Preset {
    /// The configuration for this application. Refuses a CA path that would not survive the quoting of a snippet.
    pub fn render(&self, with: &Rendering<'_>) -> Result<RenderedPreset, Refusal> {
        if let Some(path) = with.ca_file {
            check_ca_file(path)?;
        }
        let scopes = with.app.scopes.to_string();
        let instead = format!("<doorward app secret show {}>", with.app.client_id);
        let value = |name: &str| with.value(name, &instead, &scopes);
        let fill = |text: &str| template::fill(text, value);
        Ok(RenderedPreset {
            snippets: self
                .snippets
                .iter()
                .map(|snippet| RenderedSnippet {
                    title: snippet.title.clone(),
                    way: snippet.way,
                    place: snippet.place.as_deref().map(fill),
                    language: snippet.language.clone(),
                    alternative: snippet.alternative,
                    text: fill(&snippet.text),
                })
                .collect(),
            private_ca: fill(self.private_ca.trim_end()),
            logout: fill(self.logout.text.trim_end()),
            notes: self
                .pairing
                .iter()
                .map(|pairing| RenderedNote {
                    versions: None,
                    text: fill(pairing.text.trim_end()),
                })
                .chain(self.notes.iter().map(|note| RenderedNote {
                    versions: note.versions.clone(),
                    text: fill(note.text.trim_end()),
                }))
                .collect(),
        })
    }

    /// Why PKCE is not demanded of an application with this client id; `None` when it is.
    pub fn pkce_reason(&self, client_id: &str) -> Option<String> {
        let reason = self.pkce.reason.as_deref()?;
        Some(template::fill(reason.trim_end(), |name| {
            (name == "client_id").then_some(client_id)
        }))
    }

    /// A redirect URI or address of this preset at a base URL.
    pub fn at(template: &str, app_url: &str) -> String {
        template::fill(template, |name| (name == "app_url").then_some(app_url))
    }
}

impl<'a> Rendering<'a> {
    fn value(&self, name: &str, instead_of_secret: &'a str, scopes: &'a str) -> Option<&'a str> {
        let endpoints = self.endpoints;
        Some(match name {
            "issuer" => &endpoints.issuer,
            "discovery" => &endpoints.discovery,
            "client_id" => &self.app.client_id,
            "secret" => match self.app.authentication {
                ClientAuthentication::ClientSecret => self.secret.unwrap_or(instead_of_secret),
                ClientAuthentication::PrivateKeyJwt => "<none: it signs with a key of its own>",
                ClientAuthentication::TlsClientAuth | ClientAuthentication::SelfSignedTlsClientAuth => {
                    "<none: it has a certificate>"
                }
                ClientAuthentication::None => "<none: it is a public client>",
            },
            "authentication" => match self.app.authentication {
                ClientAuthentication::ClientSecret => "client_secret_basic or client_secret_post",
                ClientAuthentication::PrivateKeyJwt => "private_key_jwt",
                ClientAuthentication::TlsClientAuth => "tls_client_auth",
                ClientAuthentication::SelfSignedTlsClientAuth => "self_signed_tls_client_auth",
                ClientAuthentication::None => "none",
            },
            "id_token_alg" => self.app.id_token_alg.name(),
            "scopes" => scopes,
            "authorization_endpoint" => &endpoints.authorization_endpoint,
            "token_endpoint" => &endpoints.token_endpoint,
            "userinfo_endpoint" => &endpoints.userinfo_endpoint,
            "jwks_uri" => &endpoints.jwks_uri,
            "end_session_endpoint" => &endpoints.end_session_endpoint,
            "public_url" => &endpoints.public_url,
            "app_url" => &self.app.url,
            "app_is_https" => return self.app.url.starts_with("https://").then_some(""),
            "ca_file" => return self.ca_file,
            _ => return None,
        })
    }
}

/// Refuses a CA path that would not survive the quoting of a snippet.
///
/// # Errors
/// `setting_invalid`, with what is expected.
pub fn check_ca_file(path: &str) -> Result<(), Refusal> {
    let harmless = |c: char| c.is_alphanumeric() || "/._-: +@".contains(c);
    if !path.is_empty() && path.len() <= 500 && path.chars().all(harmless) {
        return Ok(());
    }
    Err(Refusal::response(
        &refusals::SETTING_INVALID,
        format!(
            "expected the path of a PEM file on the application's machine, received `{}`",
            shown(path)
        ),
    )
    .with_remedy("use a path without quotes and other special characters, for example /etc/ssl/certs/company-ca.pem"))
}
