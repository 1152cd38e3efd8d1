//! The servers that are measured: Doorward and npm oidc-provider, set up for the same work.

use std::{path::PathBuf, process::Command, time::Duration};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{
    browser::Person,
    client::Client,
    process::{Measured, free_port},
};

/// Where both are told to send codes; nothing listens there.
pub(crate) const REDIRECT_URI: &str = "http://127.0.0.1:9/callback";

/// A running server and what a client must know of it.
pub(crate) struct Target {
    pub(crate) server: Measured,
    pub(crate) authority: String,
    pub(crate) started_in: Duration,
    pub(crate) endpoints: Endpoints,
    /// An application with ES256 throughout.
    pub(crate) es256: Credentials,
    /// An application with RS256 throughout.
    pub(crate) rs256: Credentials,
    /// An application with RS256 ID tokens and ES256 access tokens.
    pub(crate) mixed: Credentials,
    pub(crate) person: Person,
    /// Keeps the data directory until the end.
    pub(crate) data: Option<tempfile::TempDir>,
}

/// Paths from the discovery document.
#[derive(Debug, Clone)]
pub(crate) struct Endpoints {
    pub(crate) authorize: String,
    pub(crate) token: String,
    pub(crate) userinfo: String,
    pub(crate) introspect: String,
    pub(crate) jwks: String,
}

/// A client id and its secret.
#[derive(Debug, Clone)]
pub(crate) struct Credentials {
    pub(crate) id: String,
    pub(crate) secret: String,
}

impl Credentials {
    /// The `Authorization` header (RFC 6749 §2.3.1).
    pub(crate) fn basic(&self) -> String {
        let pair = format!("{}:{}", self.id, self.secret);
        format!("Basic {}", data_encoding::BASE64.encode(pair.as_bytes()))
    }
}

impl Endpoints {
    async fn discover(authority: &str) -> Result<Self> {
        let mut client = Client::connect(authority).await?;
        let metadata = client
            .get("/.well-known/openid-configuration", &[])
            .await?
            .expect(200)?
            .json()?;
        let path = |name: &str| -> Result<String> {
            let url = metadata
                .get(name)
                .and_then(Value::as_str)
                .with_context(|| format!("discovery has no {name}"))?;
            Ok(url::Url::parse(url)?.path().to_owned())
        };
        Ok(Self {
            authorize: path("authorization_endpoint")?,
            token: path("token_endpoint")?,
            userinfo: path("userinfo_endpoint")?,
            introspect: path("introspection_endpoint")?,
            jwks: path("jwks_uri")?,
        })
    }
}

fn from_environment(name: &str) -> Result<PathBuf> {
    std::env::var_os(name)
        .map(PathBuf::from)
        .with_context(|| format!("{name} is not set: run `cargo xtask bench`"))
}

/// A Doorward in a temporary directory with one person and two applications, all made by its command line.
pub(crate) async fn doorward() -> Result<Target> {
    let binary = from_environment("DOORWARD_BIN")?;
    let data = tempfile::tempdir()?;
    let authority = format!("127.0.0.1:{}", free_port()?);
    let mut serve = Command::new(&binary);
    serve
        .arg("serve")
        .arg("--data")
        .arg(data.path())
        .args(["--listen", &authority]);
    serve
        .args(["--public-url", &format!("http://{authority}")])
        .stderr(std::process::Stdio::null());
    let (server, started_in) = Measured::start(serve, &authority).await?;
    let doorward = |arguments: &[&str]| -> Result<Value> {
        let output = Command::new(&binary)
            .args(arguments)
            .arg("--json")
            .arg("--data")
            .arg(data.path())
            .output()?;
        if !output.status.success() {
            bail!(
                "doorward {}: {}",
                arguments.join(" "),
                String::from_utf8_lossy(&output.stderr)
            );
        }
        Ok(serde_json::from_slice(&output.stdout).unwrap_or(Value::Null))
    };
    let person = Person {
        name: "alice".into(),
        password: "correct-horse-battery".into(),
    };
    crate::setup::doorward(&doorward, &authority, &person).await?;
    let secret = |id: &str| -> Result<Credentials> {
        let shown = doorward(&["app", "secret", "show", id])?;
        let secret = shown.get("secret").and_then(Value::as_str).context("no secret shown")?;
        Ok(Credentials {
            id: id.to_owned(),
            secret: secret.to_owned(),
        })
    };
    let (es256, rs256, mixed) = (secret("bench-es256")?, secret("bench-rs256")?, secret("bench-mixed")?);
    let endpoints = Endpoints::discover(&authority).await?;
    Ok(Target {
        server,
        authority,
        started_in,
        endpoints,
        es256,
        rs256,
        mixed,
        person,
        data: Some(data),
    })
}

/// npm oidc-provider with its in-memory adapter.
pub(crate) async fn peer() -> Result<Target> {
    let home = from_environment("DOORWARD_NODE_HOME")?;
    let port = free_port()?;
    let authority = format!("127.0.0.1:{port}");
    // Node looks for packages beside the script, so the script runs from beside the packages.
    let script = home.join("bench-peer.mjs");
    std::fs::write(&script, include_str!("../peer/server.mjs"))?;
    let mut node = Command::new("node");
    node.arg(&script)
        .arg(port.to_string())
        .env("NODE_ENV", "production")
        .stderr(std::process::Stdio::null());
    let (server, started_in) = Measured::start(node, &authority).await?;
    let credentials = |id: &str| Credentials {
        id: id.into(),
        secret: "bench-secret-bench-secret-bench-secret".into(),
    };
    let endpoints = Endpoints::discover(&authority).await?;
    let person = Person {
        name: "alice".into(),
        password: "unused".into(),
    };
    Ok(Target {
        server,
        authority,
        started_in,
        endpoints,
        es256: credentials("bench-es256"),
        rs256: credentials("bench-rs256"),
        mixed: credentials("bench-rs256"),
        person,
        data: None,
    })
}
