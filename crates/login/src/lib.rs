//! Log people in through an OpenID Connect provider: three routes, one extractor, nothing to get wrong.
//!
//! ```no_run
//! use axum::{Router, routing::get};
//! use doorward_login::{Login, User};
//!
//! async fn home(user: Option<User>) -> String {
//!     match user {
//!         Some(user) => format!("Hello {}", user.display_name()),
//!         None => "Hello stranger, log in at /auth/login".to_owned(),
//!     }
//! }
//!
//! // Whoever is not logged in is sent to the login and comes back here.
//! async fn private(user: User) -> String {
//!     format!("{} is in {:?}", user.sub(), user.groups())
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let login = Login::builder("https://sso.example.org", "my-app")
//!         .secret(std::env::var("CLIENT_SECRET")?)
//!         .base_url("http://localhost:8000")
//!         .scopes("profile email groups")?
//!         .build()?;
//!     println!("redirect URI to register: {}", login.redirect_uri());
//!     let app = Router::new()
//!         .route("/", get(home))
//!         .route("/private", get(private))
//!         .merge(login.routes())
//!         .with_state(login);
//!     let listener = tokio::net::TcpListener::bind("127.0.0.1:8000").await?;
//!     axum::serve(listener, app).await?;
//!     Ok(())
//! }
//! ```
//!
//! A whole router is protected with a layer: `router.layer(LoginLayer::new(&login).require_login())`.
//!
//! # What is checked
//!
//! The code flow with PKCE S256; `state` and `nonce` of 256 random bits, kept on this side and bound to the browser, one per
//! login, so that parallel tabs all succeed; the issuer byte for byte in metadata, answer (RFC 9207) and ID token; the ID
//! token's signature with an asymmetric algorithm that the provider advertises, its audience, authorized party, times
//! (30 seconds leeway), nonce and `at_hash`; the subject of the userinfo answer. Answers of the provider are bounded in
//! time and size, and redirects are not followed. The session cookie has a constant size and holds nothing but a random
//! value.

mod addresses;
mod answers;
mod attempt;
mod begin;
mod clock;
mod complete;
mod config;
mod cookies;
mod error;
mod extract;
mod flow;
mod id_token;
mod layer;
mod logout;
mod network;
mod probe;
mod provider;
mod refresh;
mod remedy;
mod resource;
mod sessions;
mod settings;
mod signed;
mod token_endpoint;
mod user;
mod userinfo;
mod verified;
mod web;

use std::sync::Arc;

use axum::response::Response;

pub use begin::{BeginOptions, Begun};
pub use clock::{Clock, SystemClock};
pub use complete::Completed;
pub use config::Builder;
pub use error::{LoginError, Step};
pub use extract::Claims;
pub use layer::{LoginLayer, LoginService};
pub use logout::{LoggedOut, LogoutToken};
pub use network::{Http, HttpAnswer, HttpRequest, Pending};
pub use probe::{Finding, Offered, ProbeOptions, Report, Weight};
pub use resource::Resource;
#[cfg(feature = "postgres")]
pub use sessions::connect_postgres;
#[cfg(feature = "sqlite")]
pub use sessions::open_sqlite;
pub use sessions::{Ending, Key, Memory, Session, SessionStore, Stored};
pub use settings::Endpoints;
pub use user::User;
pub use verified::{Tokens, Verified};

use config::Config;
use provider::Provider;
use refresh::Flights;

/// Makes the page for a login that failed; status and caching are set by the library.
pub type ErrorPage = dyn Fn(&LoginError) -> Response + Send + Sync;

/// A relying party: one application at one provider. Clones share everything.
#[derive(Clone)]
pub struct Login {
    inner: Arc<Inner>,
    error_page: Option<Arc<ErrorPage>>,
}

struct Inner {
    config: Config,
    provider: Provider,
    flights: Flights,
}

impl Login {
    /// Settings for the application `client_id` at `issuer`, whose metadata are at
    /// `{issuer}/.well-known/openid-configuration`.
    pub fn builder(issuer: impl Into<String>, client_id: impl Into<String>) -> Builder {
        Builder::new(issuer.into(), client_id.into())
    }

    /// Shows failed logins with a page of the application's own.
    pub fn with_error_page(mut self, page: impl Fn(&LoginError) -> Response + Send + Sync + 'static) -> Self {
        self.error_page = Some(Arc::new(page));
        self
    }

    /// Asks the provider for its metadata and keys, to find a wrong setting before a person does.
    ///
    /// # Errors
    /// What is wrong with them.
    pub async fn check(&self) -> Result<(), LoginError> {
        self.provider().known(self).await.map(|_| ())
    }

    /// The redirect URI to register at the provider.
    pub fn redirect_uri(&self) -> String {
        self.config().redirect_uri()
    }

    /// The post-logout redirect URI to register at the provider.
    pub fn post_logout_redirect_uri(&self) -> String {
        self.config().post_logout_redirect_uri()
    }

    /// The issuer.
    pub fn issuer(&self) -> &str {
        &self.config().issuer
    }

    /// Where a login begins: link to it, with `?return_to=/path` if need be.
    pub fn login_path(&self) -> String {
        format!("{}/login", self.config().prefix)
    }

    /// Where a form posts to log out. The answer redirects to the provider, which a Content-Security-Policy of the
    /// application must allow: `form-action 'self'` and the origin of the issuer.
    pub fn logout_path(&self) -> String {
        format!("{}/logout", self.config().prefix)
    }

    pub(crate) fn new(config: Config) -> Self {
        Self {
            inner: Arc::new(Inner {
                config,
                provider: Provider::default(),
                flights: Flights::default(),
            }),
            error_page: None,
        }
    }

    pub(crate) fn config(&self) -> &Config {
        &self.inner.config
    }

    pub(crate) fn provider(&self) -> &Provider {
        &self.inner.provider
    }

    pub(crate) fn flights(&self) -> &Flights {
        &self.inner.flights
    }

    pub(crate) fn error_page(&self) -> Option<&ErrorPage> {
        self.error_page.as_deref()
    }
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let config = self.config();
        f.debug_struct("Login")
            .field("issuer", &config.issuer)
            .field("client_id", &config.client_id)
            .finish_non_exhaustive()
    }
}
