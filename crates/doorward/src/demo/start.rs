//! Sets a demonstration up: a server in a temporary directory, people, groups, and an application to log in to.

use std::{net::SocketAddr, path::PathBuf};

use anyhow::{Context, Result};
use doorward_apps::{Edit, NewApp};
use doorward_directory::{Actor, Directory, NewGroup, NewUser};
use doorward_jose::{Random, Secret, SystemRandom};
use doorward_login::Login;
use doorward_web::clock::{Clock, SystemClock};
use jiff::Timestamp;

use super::app;
use crate::{
    config::Config,
    serve::{self, Opened, Plan},
};

/// The client id of the demo application.
const CLIENT_ID: &str = "demo";
/// Who may use it.
pub(super) const GROUP: &str = "demo-users";

/// A person of the demonstration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Person {
    pub(super) name: &'static str,
    pub(super) full_name: &'static str,
    pub(super) password: String,
}

/// A running demonstration.
pub(super) struct Demo {
    pub(super) server: String,
    pub(super) app: String,
    pub(super) data: PathBuf,
    /// Alice may use the application, Bob may not.
    pub(super) alice: Person,
    pub(super) bob: Person,
    pub(super) shutdown: doorward_web::server::Shutdown,
    serving: tokio::task::JoinHandle<Result<()>>,
    app_serving: tokio::task::JoinHandle<()>,
}

impl Demo {
    /// Starts both on loopback; port 0 chooses a free one.
    pub(super) async fn start(port: u16, app_port: u16) -> Result<Self> {
        let data = std::env::temp_dir().join(format!("doorward-demo-{}", name(8)));
        let app_listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], app_port)))
            .await
            .with_context(|| {
                format!("cannot listen on port {app_port} for the demo application; --app-port chooses another")
            })?;
        let app = format!("http://localhost:{}", app_listener.local_addr()?.port());
        let port = free_port(port)?;
        let server = format!("http://localhost:{port}");
        let plan = Plan::new(Config {
            data: Some(data.clone()),
            listen: Some(SocketAddr::from(([127, 0, 0, 1], port))),
            public_url: Some(server.clone()),
            ..Config::default()
        })?;
        let opened = serve::open(plan).await?;
        let alice = Person {
            name: "alice",
            full_name: "Alice Example",
            password: name(16),
        };
        let bob = Person {
            name: "bob",
            full_name: "Bob Example",
            password: name(16),
        };
        let login = furnish(&opened, &app, [&alice, &bob]).await?;
        let (_, listeners) = opened.listen().await?;
        let shutdown = opened.shutdown.clone();
        let serving = tokio::spawn(opened.run(listeners));
        let stop = shutdown.clone();
        let app_serving = tokio::spawn(async move {
            let served = axum::serve(app_listener, app::router(login)).with_graceful_shutdown(async move {
                stop.requested().await;
            });
            if let Err(error) = served.await {
                tracing::error!(%error, "the demo application ended");
            }
        });
        Ok(Self {
            server,
            app,
            data,
            alice,
            bob,
            shutdown,
            serving,
            app_serving,
        })
    }

    /// Waits until it was told to stop, and removes what it made.
    pub(super) async fn finish(self) -> Result<()> {
        let served = self.serving.await.context("the server's task failed")?;
        let _ = self.app_serving.await;
        let removed = std::fs::remove_dir_all(&self.data);
        served?;
        removed.with_context(|| format!("cannot remove {}", self.data.display()))
    }
}

/// A port that is free now, so that the URL is known before the server listens.
fn free_port(port: u16) -> Result<u16> {
    let listener = std::net::TcpListener::bind(("127.0.0.1", port))
        .with_context(|| format!("cannot listen on port {port}; --port chooses another"))?;
    Ok(listener.local_addr()?.port())
}

/// Letters and digits without those that look alike.
fn name(length: usize) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = vec![0; length];
    SystemRandom.fill(&mut bytes);
    bytes
        .iter()
        .filter_map(|byte| LETTERS.get(usize::from(byte % 32)))
        .map(|letter| char::from(*letter))
        .collect()
}

/// People, groups and the application, through the same services that the API uses.
async fn furnish(opened: &Opened, app_url: &str, people: [&Person; 2]) -> Result<Login> {
    let (door, actor, now) = (&opened.door, Actor::server(), SystemClock.now());
    for (group, description) in [(GROUP, "May use the demo application"), ("team", "Everybody")] {
        let new = NewGroup {
            name: group.to_owned(),
            description: description.to_owned(),
        };
        door.directory.add_group(&actor, new, now).await?;
    }
    for (person, groups) in people.iter().zip([vec![GROUP, "team"], vec!["team"]]) {
        add(&door.directory, &actor, person, &groups, now).await?;
    }
    let builder = |secret: &str| -> Result<Login> {
        let builder = Login::builder(door.server.public_url(), CLIENT_ID)
            .secret(secret)
            .base_url(app_url);
        Ok(builder.scopes("profile email groups")?.build()?)
    };
    let draft = builder("not known yet")?;
    let new = NewApp {
        preset: "generic".to_owned(),
        url: app_url.to_owned(),
        client_id: Some(CLIENT_ID.to_owned()),
        name: Some("Demo application".to_owned()),
        edits: vec![
            Edit::AddRedirectUri(draft.redirect_uri()),
            Edit::AddPostLogoutRedirectUri(draft.post_logout_redirect_uri()),
        ],
        scope_maps: vec![(GROUP.to_owned(), None)],
    };
    let by = doorward_audit::Actor::system();
    let created = door.apps.add(&by, new, now).await?;
    let secret = created.secret.context("the demo application has no secret")?;
    builder(secret.expose())
}

async fn add(directory: &Directory, actor: &Actor, person: &Person, groups: &[&str], now: Timestamp) -> Result<()> {
    let new = NewUser {
        name: person.name.to_owned(),
        display_name: Some(person.full_name.to_owned()),
        email: Some(format!("{}@example.com", person.name)),
        email_verified: true,
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        ..NewUser::default()
    };
    let user = directory.add_user(actor, new, now).await?;
    directory
        .set_password(actor, user.id, Secret::new(person.password.clone()), now)
        .await?;
    Ok(())
}
