//! Log people in through an OpenID Connect provider: six routes, a few extractors, one layer. For any axum application, and
//! for any tower service behind one.
//!
//! # Add it
//!
//! ```toml
//! [dependencies]
//! doorward-login = { path = "…", features = ["sqlite"] }   # or "postgres", or neither
//! axum = "0.8"
//! tokio = { version = "1", features = ["full"] }
//! ```
//!
//! # Run it
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
//! [`Login::routes`] brings `/auth/login`, `/auth/callback` and the routes of logging out. The provider is asked at the first
//! login only, so the application starts while it is down; [`Login::check`] asks it earlier.
//!
//! The extractors find the [`Login`] in the router's state. An application with a state of its own says where it is:
//!
//! ```
//! # use doorward_login::Login;
//! #[derive(Clone)]
//! struct App {
//!     login: Login,
//!     // and whatever else
//! }
//!
//! impl axum::extract::FromRef<App> for Login {
//!     fn from_ref(app: &App) -> Self {
//!         app.login.clone()
//!     }
//! }
//! ```
//!
//! # Protect something
//!
//! A handler that takes [`User`] is for people who are logged in; [`Claims`] gives their claims as a type of your own. A
//! whole router is guarded by [`LoginLayer`]:
//!
//! ```
//! # use axum::{Router, routing::get};
//! # use doorward_claims::ClaimPath;
//! # use doorward_login::{Login, LoginLayer};
//! # fn app(login: &Login) -> Result<Router, Box<dyn std::error::Error>> {
//! let everybody = LoginLayer::new(login).require_login();
//! let admins = LoginLayer::new(login).require_group("admins");
//! let it = LoginLayer::new(login).require_claim(ClaimPath::name("department")?, "it");
//! # let routes = || Router::new().route("/", get(|| async { "" }));
//! # Ok(Router::new().merge(routes().layer(everybody)).merge(routes().layer(admins)).merge(routes().layer(it)))
//! # }
//! ```
//!
//! A person in a browser who is not logged in is sent to the login and comes back. A script that asks in the background gets
//! status 401 and `{"error": "login_required", "login_url": "/auth/login"}`, and no login is begun for it. Whoever is logged
//! in and has not what is required gets status 403, which names what is missing.
//!
//! # Log out
//!
//! A form that posts to [`Login::logout_path`] ends the session here, then the provider's: the browser goes there with the ID
//! token as a hint, and comes back to [`Builder::after_logout`]. Register [`Login::post_logout_redirect_uri`] for that. A
//! Content-Security-Policy of the application must allow the redirect: `form-action 'self'` and the provider's origin.
//!
//! The provider ends sessions too, when it is given these addresses, and the session is gone at the next request:
//!
//! | setting at the provider | address |
//! |---|---|
//! | back-channel logout URI | `{base URL}/auth/backchannel-logout` |
//! | front-channel logout URI | `{base URL}/auth/frontchannel-logout`, with the session (`iss` and `sid`) required |
//!
//! [`Login::end_all_of`] ends every session of a person, for instance one whom the application locks out.
//!
//! # Keep sessions in a database
//!
//! In memory, a restart logs everybody out. With the feature `sqlite` or `postgres`:
//!
//! ```no_run
//! # async fn build() -> Result<doorward_login::Login, Box<dyn std::error::Error>> {
//! # use doorward_login::Login;
//! use std::time::Duration;
//!
//! let login = Login::builder("https://sso.example.org", "my-app")
//!     .base_url("https://app.example.org")
//! # ;
//! # #[cfg(feature = "sqlite")]
//! # let login = login
//!     .sessions(doorward_login::open_sqlite("/var/lib/my-app/sessions.db").await?)
//! # ;
//! # let login = login
//!     .session_lifetime(Duration::from_hours(12))
//!     .idle_lifetime(Duration::from_hours(1))
//!     .build()?;
//! # Ok(login)
//! # }
//! ```
//!
//! `connect_postgres("postgres://…")` shares them between machines. Another database is an implementation of
//! [`SessionStore`], whose rows are opaque.
//!
//! A session lasts for [`Builder::session_lifetime`] at most, ends early when nobody uses it for
//! [`Builder::idle_lifetime`], and with [`Builder::bound_to_tokens`] lives only as long as the provider keeps renewing its
//! tokens.
//!
//! # Ask something as the person
//!
//! With the scope `offline_access` most providers give a refresh token. The library then renews the tokens by itself when
//! four fifths of their life are over, in the background, once however many requests wait and however many processes share
//! the store, and with them what the provider says of the person. [`User::access_token`] always gives one that is good:
//!
//! ```
//! # use doorward_login::{LoginError, User};
//! async fn bearer(user: User) -> Result<String, LoginError> {
//!     Ok(format!("Bearer {}", user.access_token().await?.expose()))
//! }
//! ```
//!
//! A provider that does not answer logs nobody out. One that answers `invalid_grant` has ended the session, and so has one
//! whose new ID token is about somebody else.
//!
//! # What a stolen database tells
//!
//! How many sessions and logins there are, when they end, and which belong to the same person: not who that is. Rows are named
//! by hashes. What is in a row, tokens and claims, is sealed with AES-256-GCM under a key that is derived from the cookie's
//! value, which is 256 random bits and stands in no database. Whoever has the database alone can be nobody and read nothing;
//! whoever has a cookie alone is that person until the session ends. A thief who knows issuer, client and `sub` of somebody
//! can tell whether they have a session.
//!
//! # Errors
//!
//! Every failed login is a [`LoginError`] with a stable [`LoginError::code`] and a sentence that says what was expected and
//! what came. People see a plain page with both; [`Login::with_error_page`] puts the application's own in its place:
//!
//! ```
//! # use axum::response::IntoResponse;
//! # fn with_page(login: doorward_login::Login) -> doorward_login::Login {
//! login.with_error_page(|error| format!("That did not work ({})", error.code()).into_response())
//! # }
//! ```
//!
//! A store that fails is status 503, and the cookie stays: an outage logs nobody out.
//!
//! # What is checked
//!
//! The code flow with PKCE S256; `state` and `nonce` of 256 random bits, kept on this side and bound to the browser, one per
//! login, so that parallel tabs all succeed; the issuer byte for byte in metadata, answer (RFC 9207) and ID token; the ID
//! token's signature with an asymmetric algorithm that the provider advertises, its audience, authorized party, times
//! (30 seconds leeway), nonce and `at_hash`; the subject of the userinfo answer; of a refreshed ID token that it is about the
//! same login (OpenID Connect Core §12.2); of a logout token everything in Back-Channel Logout §2.6, and that it comes once.
//! Answers of the provider are bounded in time and size, and redirects are not followed. The session cookie has a constant
//! size and holds nothing but a random value; over https its name begins with `__Host-`.
//!
//! A server with sessions of its own uses [`Login::begin_with`], [`Login::finish`], [`Login::end_session_url`] and
//! [`LogoutToken::verify`], and no routes.

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
mod guarded;
mod id_token;
mod layer;
mod logout;
mod network;
mod probe;
mod provider;
mod refresh;
mod register;
mod remedy;
mod resource;
mod sessions;
mod settings;
mod signed;
mod third_party;
mod token_endpoint;
mod user;
mod userinfo;
mod verified;
mod web;
mod webfinger;

use std::sync::Arc;

use axum::response::Response;

pub use begin::{BeginOptions, Begun, RESERVED_PARAMETERS};
pub use clock::{Clock, SystemClock};
pub use complete::Completed;
pub use config::Builder;
pub use error::{LoginError, Step};
pub use extract::Claims;
pub use guarded::{Guarded, Reach, is_private_name, is_this_machine};
pub use layer::{LoginLayer, LoginService};
pub use logout::{LoggedOut, LogoutToken};
pub use network::{Http, HttpAnswer, HttpRequest, Pending};
pub use probe::{ClockOffset, Finding, Offered, ProbeOptions, Report, Weight, measure_clock};
pub use register::{Registered, Registration};
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

    /// The back-channel logout URI to register at the provider.
    pub fn back_channel_logout_uri(&self) -> String {
        let config = self.config();
        format!("{}{}/backchannel-logout", config.base_url, config.prefix)
    }

    /// The front-channel logout URI to register at the provider, with the session (`iss` and `sid`) required.
    pub fn front_channel_logout_uri(&self) -> String {
        let config = self.config();
        format!("{}{}/frontchannel-logout", config.base_url, config.prefix)
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
