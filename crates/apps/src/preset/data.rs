//! What a preset file says. The format is described in `docs/presets.md`.

use doorward_claims::Rule;
use doorward_jose::Algorithm;
use doorward_oidc::ScopeSet;
use serde::{Deserialize, Serialize};

use super::knowledge::{Expectations, KnownError, Pairing, Proof, WrongSetting};
use super::{keys, template};
use crate::{AppKind, ClientAuthentication, Consent, Lifetimes, Pkce, UsernameForm};

/// What Doorward knows of one application before it is added.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// What `app add` takes: the file's name. Also the default client id.
    #[serde(default)]
    pub id: String,
    /// The name that people read.
    pub title: String,
    /// Other names that `app add` takes.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// One sentence for the list of presets.
    pub summary: String,
    /// Where the facts are from: versions whose source or documentation was read, or that were run.
    pub evidence: String,
    /// How sure they are.
    pub proof: Proof,
    /// Addresses where the facts can be looked up.
    #[serde(default)]
    pub sources: Vec<String>,
    /// Confidential or public.
    #[serde(default = "confidential")]
    pub kind: AppKind,
    /// How the application authenticates.
    #[serde(default = "client_secret")]
    pub authentication: ClientAuthentication,
    /// Whether PKCE is demanded, and where the application turns it on.
    pub pkce: PkcePolicy,
    /// What its ID tokens are signed with.
    #[serde(default = "rs256")]
    pub id_token_alg: Algorithm,
    /// What its access tokens are signed with. The application does not look into them, unless the preset says so.
    #[serde(default = "es256")]
    pub access_token_alg: Algorithm,
    /// Redirect URIs, with `{app_url}` for the base URL.
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    /// Where a logout may end, with `{app_url}`.
    #[serde(default)]
    pub post_logout_redirect_uris: Vec<String>,
    /// Where it takes logout tokens, with `{app_url}`.
    pub backchannel_logout_uri: Option<String>,
    /// Where the start page's tile leads, with `{app_url}`.
    pub start_url: Option<String>,
    /// Scopes that the printed configuration requests; what a scope map grants when it names none.
    pub scopes: ScopeSet,
    /// Whether people are asked. `skip` in the presets of applications that an administrator installs and adds.
    pub consent: Consent,
    /// The form of `preferred_username`.
    #[serde(default = "short")]
    pub usernames: UsernameForm,
    /// Lifetimes that differ from the usual ones.
    #[serde(default)]
    pub lifetimes: Lifetimes,
    /// The application uses refresh tokens without asking for `offline_access`.
    #[serde(default)]
    pub expects_refresh: bool,
    /// The application calls userinfo after each login.
    #[serde(default)]
    pub expects_userinfo: bool,
    /// Claims of its own.
    #[serde(default, rename = "claim_rule")]
    pub claim_rules: Vec<Rule>,
    /// What a logout does.
    pub logout: Logout,
    /// What the application does at a login and demands of tokens.
    #[serde(default)]
    pub doctor: Expectations,
    /// How a redirect URI that nobody knows yet becomes known.
    pub pairing: Option<Pairing>,
    /// Settings that guides name and that do nothing, or harm.
    #[serde(default, rename = "wrong")]
    pub wrong: Vec<WrongSetting>,
    /// Messages of the application, and what they mean.
    #[serde(default, rename = "error")]
    pub errors: Vec<KnownError>,
    /// What to do when this server's certificate comes from a private CA.
    pub private_ca: String,
    /// What differs between versions, and what else to know.
    #[serde(default, rename = "note")]
    pub notes: Vec<Note>,
    /// The configuration to paste, in the order in which it is to be done.
    #[serde(default, rename = "snippet")]
    pub snippets: Vec<Snippet>,
}

/// The application's side of PKCE.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PkcePolicy {
    /// Required, or verified if sent.
    pub policy: Pkce,
    /// The application's own setting that turns PKCE on: `SOCIAL_AUTH_OIDC_USE_PKCE = True`.
    pub setting: Option<String>,
    /// Why it is not required. Present exactly when the policy is `if-sent`.
    pub reason: Option<String>,
}

/// What a logout in the application does, and how it is connected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Logout {
    /// The application sends people to our end_session endpoint when the printed configuration is used.
    pub rp_initiated: bool,
    /// What to expect, in words.
    pub text: String,
}

/// Something to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// Versions of the application that it is about: `4.7 and later`. For all when absent.
    pub versions: Option<String>,
    /// The text.
    pub text: String,
}

/// One piece of configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snippet {
    /// What it is.
    pub title: String,
    /// How it gets into the application.
    pub way: SnippetWay,
    /// Where it goes: a path or a page of the application.
    pub place: Option<String>,
    /// What it is written in: `python`, `sh`, `ini`, `json`, `text`.
    pub language: String,
    /// Another way of doing the same as the snippet before: one of them is enough.
    #[serde(default)]
    pub alternative: bool,
    /// The text, with placeholders.
    pub text: String,
}

/// How a snippet gets into the application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SnippetWay {
    /// Into a file.
    File,
    /// Into the environment.
    Env,
    /// Typed into a shell.
    Cli,
    /// Into a form of the application.
    Ui,
    /// Into the file of a Compose project.
    Compose,
    /// Into the values of a Helm chart.
    Helm,
}

/// A preset file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("preset {preset}: {problem}")]
pub struct PresetError {
    /// The file's name, without `.toml`.
    pub preset: String,
    /// What is wrong, with a suggestion.
    pub problem: String,
}

impl Preset {
    /// Reads a preset file. Unknown keys, unknown placeholders and missing explanations are errors.
    pub fn parse(id: &str, text: &str) -> Result<Self, PresetError> {
        let error = |problem: String| PresetError {
            preset: id.to_owned(),
            problem,
        };
        let table: toml::Table = text.parse().map_err(|e: toml::de::Error| error(e.to_string()))?;
        keys::check(&table).map_err(error)?;
        let mut preset: Self = toml::from_str(text).map_err(|e| error(e.to_string()))?;
        id.clone_into(&mut preset.id);
        preset.check().map_err(error)?;
        Ok(preset)
    }

    fn check(&self) -> Result<(), String> {
        crate::check_client_id(&self.id).map_err(|refusal| refusal.detail)?;
        self.lifetimes.check().map_err(|refusal| refusal.detail)?;
        match (self.pkce.policy, &self.pkce.reason) {
            (Pkce::IfSent, None) => return Err("pkce.policy is if-sent, so pkce.reason must say why".to_owned()),
            (Pkce::Required, Some(_)) => return Err("pkce.reason explains if-sent, but PKCE is required".to_owned()),
            _ => {}
        }
        if self.kind == AppKind::Public && self.authentication != ClientAuthentication::None {
            return Err("a public client has authentication = \"none\"".to_owned());
        }
        if self.proof == Proof::Documentation && self.sources.is_empty() {
            return Err("proof is documentation, so sources must say where it is".to_owned());
        }
        if let Some(source) = self.sources.iter().find(|source| !source.starts_with("https://")) {
            return Err(format!(
                "a source is an address that begins with https://, found `{source}`"
            ));
        }
        for address in self.addresses() {
            template::check(address, &["app_url"])?;
        }
        for text in self.texts() {
            template::check(text, &template::PLACEHOLDERS)?;
        }
        if let Some(reason) = &self.pkce.reason {
            template::check(reason, &["client_id"])?;
        }
        Ok(())
    }

    /// Everything that is an address at the application.
    fn addresses(&self) -> impl Iterator<Item = &String> {
        self.redirect_uris
            .iter()
            .chain(&self.post_logout_redirect_uris)
            .chain(&self.backchannel_logout_uri)
            .chain(&self.start_url)
            .chain(&self.doctor.login_url)
            .chain(&self.doctor.login_form)
            .chain(self.pairing.as_ref().map(|pairing| &pairing.form))
    }

    /// Everything that is printed with placeholders filled in.
    fn texts(&self) -> impl Iterator<Item = &String> {
        let snippets = self.snippets.iter();
        let errors = self.errors.iter();
        let wrong = self.wrong.iter();
        [&self.private_ca, &self.logout.text]
            .into_iter()
            .chain(self.notes.iter().map(|note| &note.text))
            .chain(snippets.flat_map(|snippet| snippet.place.iter().chain([&snippet.text])))
            .chain(errors.flat_map(|error| [&error.cause, &error.remedy]))
            .chain(wrong.flat_map(|wrong| wrong.instead.iter().chain([&wrong.why])))
            .chain(self.pairing.as_ref().map(|pairing| &pairing.text))
            .chain(&self.doctor.look_at)
    }
}

fn confidential() -> AppKind {
    AppKind::Confidential
}

fn client_secret() -> ClientAuthentication {
    ClientAuthentication::ClientSecret
}

fn rs256() -> Algorithm {
    Algorithm::RS256
}

fn es256() -> Algorithm {
    Algorithm::ES256
}

fn short() -> UsernameForm {
    UsernameForm::Short
}
