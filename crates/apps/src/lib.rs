//! Applications: OpenID Connect clients, their presets, scope maps and secrets. Touches the world through `store` alone.
//!
//! [`Apps`] is the service that adds, edits and removes; [`Snapshots`] hands the rules an immutable [`Snapshot`] of all
//! applications, so that a token request makes no read query; [`access()`] decides who may use an application at all;
//! a [`Preset`] is a data file that knows one application and prints its configuration.

mod access;
mod alias;
mod app;
mod app_url;
mod changes;
mod consistency;
pub mod declared;
mod edit;
mod error;
mod grant_settings;
mod keys;
mod lifetimes;
mod logout;
mod new_app;
mod preset;
mod profile;
mod refusals;
mod registration;
mod requests;
mod rows;
mod scope_maps;
mod secret;
mod secrets;
mod sender;
mod service;
mod snapshot;
mod taken_over;
mod values;
mod weakened;
mod within;

pub use access::{EVERYONE, access};
pub use alias::{AliasAddress, AliasForm, IssuerAlias, put_alias};
pub use app::{
    AccessTokenAudiences, App, AppKind, ClientAuthentication, Consent, IssuerStyle, Pkce, ScopeMap, UsernameForm,
};
pub use app_url::{AppUrl, is_at_home};
pub use edit::{Edit, apply};
pub use error::AppsError;
pub use grant_settings::{Ciba, ExchangeKind, ExchangeRule, GrantEdit, GrantSettings};
pub use keys::{KeySettings, KeysEdit, RefreshTokens};
pub use lifetimes::{Lifetime, Lifetimes};
pub use logout::{LogoutEdit, LogoutSettings};
pub use new_app::{NewApp, check_client_id};
pub use preset::{
    Endpoints, Expectations, Explanation, KnownError, Logout, Note, Pairing, PkcePolicy, Preset, PresetError, Presets,
    Proof, Reads, RenderedNote, RenderedPreset, RenderedSnippet, Rendering, Snippet, SnippetWay, Unchecked,
    WrongSetting, add_own_presets, check_ca_file, explain, mentions, presets,
};
pub use profile::{Profile, Requirement, requirements};
pub use refusals::*;
pub use registration::{
    ClientMetadata, ClientRegistration, ClientRegistrationEdit, InitialAccessToken, NewInitialAccessToken, Registered,
    RegistrationMode, RegistrationSweep, RegistrationUse,
};
pub use requests::{ListChange, RequestSettings, RequestsEdit};
pub use secret::{ClientSecret, SecretHash, SecretMatch, secret_matches};
pub use sender::{Dpop, Encrypted, SenderEdit, SenderSettings};
pub use service::{Apps, Created, SecretInfo};
pub use snapshot::{Snapshot, Snapshots};
pub use taken_over::{TakenOver, TakenOverEdit};
pub use weakened::{Weakened, weakened};
pub use within::{InUnit, ScopeMaps};
