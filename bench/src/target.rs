//! The servers that are measured: Doorward and npm oidc-provider, set up for the same work.

use std::{ffi::OsStr, path::PathBuf, process::Command};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{
    browser::Person,
    client::Client,
    process::{Measured, free_port},
};

/// Where both are told to send codes; nothing listens there.
pub(crate) const REDIRECT_URI: &str = "http://127.0.0.1:9/callback";

const PASSWORD: &str = "correct-horse-battery";

/// A running server and what a client must know of it.
pub(crate) struct Target {
    pub(crate) server: Measured,
    pub(crate) authority: String,
    pub(crate) endpoints: Endpoints,
    /// An application with ES256 throughout.
    pub(crate) es256: Credentials,
    /// An application with RS256 throughout.
    pub(crate) rs256: Credentials,
    /// An application with RS256 ID tokens and ES256 access tokens.
    pub(crate) mixed: Credentials,
    pub(crate) person: Person,
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
        Self::of(authority, "").await
    }

    /// Those of the issuer at this path.
    pub(crate) async fn of(authority: &str, issuer: &str) -> Result<Self> {
        let mut client = Client::connect(authority).await?;
        let metadata = client
            .get(&format!("{issuer}/.well-known/openid-configuration"), &[])
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

/// A data directory and where its server listens; both stay the same when the server starts again.
pub(crate) struct Home {
    binary: PathBuf,
    /// A program, with its arguments, that runs the server and watches it; mostly none.
    under: Vec<String>,
    data: tempfile::TempDir,
    listen: String,
    pub(crate) authority: String,
}

impl Home {
    /// An empty one.
    pub(crate) fn new() -> Result<Self> {
        Self::at("127.0.0.1")
    }

    /// The same, whose public URL has this name of the machine itself.
    pub(crate) fn at(host: &str) -> Result<Self> {
        let port = free_port()?;
        Ok(Self {
            binary: from_environment("DOORWARD_BIN")?,
            under: Vec::new(),
            data: tempfile::tempdir()?,
            listen: format!("127.0.0.1:{port}"),
            authority: format!("{host}:{port}"),
        })
    }

    /// The same, whose server is run by another program.
    pub(crate) fn under(self, program: Vec<String>) -> Self {
        Self { under: program, ..self }
    }

    /// The server's program.
    pub(crate) fn program(&self) -> &std::path::Path {
        &self.binary
    }

    /// Where the database is.
    pub(crate) fn data(&self) -> &std::path::Path {
        self.data.path()
    }

    /// The command that serves it.
    pub(crate) fn serve(&self) -> Command {
        let mut words = self.under.iter().map(OsStr::new).chain([self.binary.as_os_str()]);
        let mut serve = Command::new(words.next().unwrap_or(self.binary.as_os_str()));
        serve
            .args(words)
            .arg("serve")
            .arg("--data")
            .arg(self.data())
            .args(["--listen", &self.listen])
            .args(["--public-url", &format!("http://{}", self.authority)])
            .stderr(std::process::Stdio::null());
        serve
    }

    /// What a command of the command line answers.
    pub(crate) fn ask(&self, arguments: &[&str]) -> Result<Value> {
        let output = Command::new(&self.binary)
            .args(arguments)
            .arg("--json")
            .arg("--data")
            .arg(self.data())
            .output()?;
        if !output.status.success() {
            bail!(
                "doorward {}: {}",
                arguments.join(" "),
                String::from_utf8_lossy(&output.stderr)
            );
        }
        Ok(serde_json::from_slice(&output.stdout).unwrap_or(Value::Null))
    }

    pub(crate) fn secret(&self, id: &str) -> Result<Credentials> {
        let shown = self.ask(&["app", "secret", "show", id])?;
        let secret = shown.get("secret").and_then(Value::as_str).context("no secret shown")?;
        Ok(Credentials {
            id: id.to_owned(),
            secret: secret.to_owned(),
        })
    }
}

fn alice(password: &str) -> Person {
    Person {
        name: "alice".into(),
        password: password.into(),
    }
}

/// A Doorward with one person and three applications, all made by its command line.
pub(crate) async fn doorward(home: &Home) -> Result<Target> {
    let server = Measured::start(home.serve(), &home.authority).await?;
    let person = alice(PASSWORD);
    crate::setup::doorward(&|arguments| home.ask(arguments), &home.authority, &person).await?;
    running(home, server, person).await
}

/// The same server started again.
pub(crate) async fn doorward_again(home: &Home) -> Result<Target> {
    let server = Measured::start(home.serve(), &home.authority).await?;
    running(home, server, alice(PASSWORD)).await
}

async fn running(home: &Home, server: Measured, person: Person) -> Result<Target> {
    Ok(Target {
        server,
        authority: home.authority.clone(),
        endpoints: Endpoints::discover(&home.authority).await?,
        es256: home.secret("bench-es256")?,
        rs256: home.secret("bench-rs256")?,
        mixed: home.secret("bench-mixed")?,
        person,
    })
}

/// npm oidc-provider with its in-memory adapter.
pub(crate) async fn peer() -> Result<Target> {
    peer_at(free_port()?, None).await
}

/// The same at this port; with an upstream (`issuer`, `client` and `secret`), where people then log in.
pub(crate) async fn peer_at(port: u16, upstream: Option<&Value>) -> Result<Target> {
    let home = from_environment("DOORWARD_NODE_HOME")?;
    let authority = format!("127.0.0.1:{port}");
    // Node looks for packages beside the script, so the script runs from beside the packages.
    let script = home.join("bench-peer.mjs");
    std::fs::write(&script, include_str!("../peer/server.mjs"))?;
    let mut node = Command::new("node");
    node.arg(&script)
        .arg(port.to_string())
        .args(upstream.map(Value::to_string))
        .env("NODE_ENV", "production")
        .stderr(std::process::Stdio::null());
    let server = Measured::start(node, &authority).await?;
    let credentials = |id: &str| Credentials {
        id: id.into(),
        secret: "bench-secret-bench-secret-bench-secret".into(),
    };
    let endpoints = Endpoints::discover(&authority).await?;
    Ok(Target {
        server,
        authority,
        endpoints,
        es256: credentials("bench-es256"),
        rs256: credentials("bench-rs256"),
        mixed: credentials("bench-rs256"),
        person: alice("unused"),
    })
}
