//! A login by way of the browser, from this terminal (RFC 8252): the words that say how, and the walk.

use std::{path::PathBuf, time::Duration};

use anyhow::anyhow;
use clap::Args;
use doorward_api::Status;
use doorward_login::{BeginOptions, Begun, Login, LoginError, Verified};
use http::StatusCode;
use serde_json::Value;
use tokio::sync::mpsc;

use crate::{
    browser::{self, NoBrowser},
    caller::Caller,
    connection::Connection,
    failure::Failure,
    loopback::{Host, Loopback, Page, Visit},
    output::Output,
    span,
};

/// The client id that the preset `doorward-cli` registers.
const CLIENT_ID: &str = "doorward-cli";

/// How to log in.
#[derive(Debug, Args)]
pub(super) struct Walk {
    /// The client id there
    #[arg(long, value_name = "ID", default_value = CLIENT_ID)]
    pub(super) client_id: String,
    /// File with the client's secret, for a provider that has no public clients
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// Scopes to ask for, separated by spaces
    #[arg(long, value_name = "SCOPES", default_value = "openid profile email")]
    scopes: String,
    /// Port to come back to, where the provider knows one only, or one is forwarded [default: any that is free]
    #[arg(long, value_name = "N")]
    port: Option<u16>,
    /// Name of this machine in the redirect URI
    #[arg(long, value_enum, default_value_t)]
    host: Host,
    /// Path of the redirect URI
    #[arg(long, value_name = "PATH", default_value = "/callback", value_parser = path)]
    path: String,
    /// PEM file of a private certificate authority
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// Only say which address to open
    #[arg(long)]
    no_browser: bool,
    /// How long to wait for the person
    #[arg(long, value_name = "SPAN", default_value = "5m", value_parser = span::parse)]
    timeout: u32,
}

/// Where to log in.
pub(super) struct Provider {
    pub(super) issuer: String,
    pub(super) ca_file: Option<PathBuf>,
}

impl Provider {
    /// The issuer that was typed, or the server that commands go to.
    pub(super) async fn choose(
        issuer: Option<&str>,
        connection: impl FnOnce() -> Result<Connection, Failure>,
        output: &Output,
    ) -> Result<Self, Failure> {
        let (issuer, ca_file) = match issuer {
            Some(issuer) => (issuer.to_owned(), None),
            None => match connection()? {
                Connection::Remote { remote, .. } => (remote.url.clone(), remote.ca_file.clone()),
                connection @ Connection::Socket(_) => {
                    let caller = Caller { connection, output };
                    (caller.get::<Status>(&["status"]).await?.value.issuer, None)
                }
            },
        };
        Ok(Self { issuer, ca_file })
    }
}

impl Walk {
    /// Logs in at a provider. `hint` says who is expected.
    pub(super) async fn log_in(
        &self,
        provider: &Provider,
        hint: Option<&str>,
        output: &Output,
    ) -> Result<(Login, Verified), Failure> {
        let ca_pem = self.ca_pem(provider)?;
        let loopback = Loopback::listen(self.host, self.port, &self.path).await?;
        let login = self.relying_party(&provider.issuer, ca_pem, &loopback)?;
        let mut options = BeginOptions::new("");
        options.redirect_uri = Some(loopback.redirect_uri());
        options.login_hint = hint.map(str::to_owned);
        let begun = login.begin_with(options).await.map_err(not_begun)?;
        self.invite(&begun.location, &loopback, output)?;
        let visits = loopback.serve();
        let wait = Duration::from_secs(self.timeout.into());
        match tokio::time::timeout(wait, come_back(&login, &begun, visits)).await {
            Ok(verified) => Ok((login, verified?)),
            Err(_) => Err(self.nobody_came()),
        }
    }

    fn ca_pem(&self, provider: &Provider) -> Result<Option<Vec<u8>>, Failure> {
        let ca_file = self.ca_file.as_ref().or(provider.ca_file.as_ref());
        ca_file
            .map(|file| {
                std::fs::read(file)
                    .map_err(|error| Failure::usage(format!("cannot read the CA file {}: {error}", file.display())))
            })
            .transpose()
    }

    fn relying_party(&self, issuer: &str, ca_pem: Option<Vec<u8>>, loopback: &Loopback) -> Result<Login, Failure> {
        let wrong = |error: LoginError| Failure::usage(error.to_string());
        let mut builder = Login::builder(issuer, &self.client_id)
            .base_url(loopback.origin())
            // Whoever types the address of a provider means the one in their own network too.
            .allow_private(true)
            .scopes(&self.scopes)
            .map_err(wrong)?;
        if let Some(pem) = ca_pem {
            builder = builder.ca_pem(pem);
        }
        if let Some(file) = &self.secret_file {
            let secret = std::fs::read_to_string(file)
                .map_err(|error| Failure::usage(format!("cannot read the secret file {}: {error}", file.display())))?;
            builder = builder.secret(secret.trim());
        }
        builder.build().map_err(wrong)
    }

    /// Opens the browser, or says what to do without one. On the error stream, where it does not mix with the token.
    fn invite(&self, location: &str, loopback: &Loopback, output: &Output) -> Result<(), Failure> {
        let opened = if self.no_browser {
            Err(NoBrowser::NoDesktop)
        } else {
            browser::open(location)
        };
        let text = match opened {
            Ok(()) => format!("Log in in the browser. If none opened, open this address:\n{location}"),
            Err(why) => {
                let why = match why {
                    NoBrowser::NoOpener(program) => format!("{program} is not there to open a browser. "),
                    NoBrowser::NoDesktop => String::new(),
                };
                let (host, port) = (hostname(), loopback.port);
                let from_elsewhere = if self.port.is_some() {
                    format!("forward the port from there first:\n  ssh -L {port}:127.0.0.1:{port} {host}")
                } else {
                    format!(
                        "choose a port and forward it from there first:\n  ssh -L 8250:127.0.0.1:8250 {host}\n  \
                         doorward login --no-browser --port 8250"
                    )
                };
                format!(
                    "{why}Open this address in a browser on this machine:\n{location}\n\
                     It comes back to port {port} of the machine where the browser runs. On another one, {from_elsewhere}"
                )
            }
        };
        output.error(crate::output::clean(&text).as_bytes())
    }

    fn nobody_came(&self) -> Failure {
        let minutes = span::show(self.timeout.into());
        Failure::Local(anyhow!(
            "nobody came back from the login within {minutes}\n→ if the provider's page refuses the application {:?}, it is \
             not registered there; for a Doorward: doorward app add doorward-cli http://localhost --group <group>",
            self.client_id
        ))
    }
}

/// Waits for the one whose login this is. What others send to the port changes nothing.
async fn come_back(login: &Login, begun: &Begun, mut visits: mpsc::Receiver<Visit>) -> Result<Verified, Failure> {
    loop {
        let Some(visit) = visits.recv().await else {
            return Err(Failure::Local(anyhow!("nobody listens for the browser any more")));
        };
        match login.finish(&visit.answer, Some(&begun.binding)).await {
            Ok(verified) => {
                let page = Page {
                    status: StatusCode::OK,
                    title: "You are logged in".to_owned(),
                    text: format!("As {}. Close this page and go back to the terminal.", who(&verified)),
                };
                visit.show(page).await;
                return Ok(verified);
            }
            Err(error) => {
                let is_ours = !matches!(error, LoginError::Attempt { .. });
                let page = Page {
                    status: StatusCode::BAD_REQUEST,
                    title: "The login failed".to_owned(),
                    text: format!("{error} ({}).", error.code()),
                };
                visit.show(page).await;
                if is_ours {
                    return Err(Failure::Local(anyhow!("the login failed: {error} ({})", error.code())));
                }
            }
        }
    }
}

/// Before the browser was asked anything.
fn not_begun(error: LoginError) -> Failure {
    let code = error.code();
    match error {
        LoginError::Setting { .. } => Failure::usage(error.to_string()),
        LoginError::Tls { .. } => {
            Failure::unreachable(format!("{error} ({code})"), "--ca-file ca.pem, for a private one")
        }
        LoginError::Issuer { received, .. } => Failure::unreachable(
            format!("what answers there calls itself {received} ({code})"),
            format!("--issuer {received}"),
        ),
        error => Failure::unreachable(
            format!("{error} ({code})"),
            "the issuer is the address before /.well-known/openid-configuration",
        ),
    }
}

/// What the provider calls them.
pub(super) fn who(verified: &Verified) -> String {
    let claim = |name: &str| verified.claims.get(name).and_then(Value::as_str);
    let name = claim("preferred_username")
        .or_else(|| claim("email"))
        .or_else(|| claim("name"));
    name.unwrap_or(&verified.sub).to_owned()
}

/// What this machine calls itself, for advice only.
fn hostname() -> String {
    let name = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
    let name = name.trim();
    if name.is_empty() {
        "this-machine".to_owned()
    } else {
        name.to_owned()
    }
}

fn path(text: &str) -> Result<String, String> {
    let fits = text.starts_with('/')
        && text.len() < 256
        && text.bytes().all(|b| b.is_ascii_graphic() && !b"?#%\\".contains(&b));
    fits.then(|| text.to_owned())
        .ok_or_else(|| format!("expected a path like /callback or /oidc/callback, received {text:?}"))
}
