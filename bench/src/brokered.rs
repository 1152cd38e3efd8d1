//! Whole logins through another provider: application, this server, the upstream, and back with a code for tokens. The upstream
//! is a second Doorward where the browser is logged in already; the peer is npm oidc-provider, which goes there with npm
//! openid-client.

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::{
    browser::{Person, between, path_of},
    client::Client,
    load::{Figures, run},
    place::Place,
    process::free_port,
    scenarios::{Effort, VERIFIER, authorize_path, data_encoding_percent, text},
    table::Row,
    target::{Credentials, Home, REDIRECT_URI, Target, doorward, peer_at},
};

/// The upstream's name here, and the application's there.
const NAME: &str = "corp";
const SCOPES: &str = "openid,profile,email,groups";

/// People of the upstream's group `bench` are in the one here.
const RULES: &str = r#"
username = { claim = "preferred_username" }
name = { claim = "name" }

[groups]
claim = "groups"

[[groups.map]]
group = "bench"
groups = ["bench"]
"#;

/// The row of the table.
pub(crate) async fn row(home: &Home, ours: &Target, effort: Effort) -> Result<Row> {
    let upstream_home = Home::new()?;
    let upstream = doorward(&upstream_home).await?;
    let peer_port = free_port()?;
    let registered = register(
        &upstream_home,
        &[
            &format!("http://{}/upstream/{NAME}/callback", ours.authority),
            &format!("http://127.0.0.1:{peer_port}/upstream/callback"),
        ],
    )?;
    let issuer = format!("http://{}", upstream.authority);
    add_upstream(home, &issuer, &registered)?;
    let there = json!({ "issuer": issuer, "client": registered.id, "secret": registered.secret });
    let peer = peer_at(peer_port, Some(&there)).await?;
    Ok(Row::new("brokered login ES256", logins(ours, &upstream, effort).await?)
        .peer(logins(&peer, &upstream, effort).await?))
}

fn register(home: &Home, redirect_uris: &[&str]) -> Result<Credentials> {
    let add = ["app", "add", "generic", "http://127.0.0.1:9", "--name", NAME];
    home.ask(&[&add[..], &["--group", "bench"]].concat())?;
    let mut edit = vec!["app", "edit", NAME, "--consent", "skip", "--request-scopes", SCOPES];
    for uri in redirect_uris {
        edit.extend(["--add-redirect-uri", uri]);
    }
    home.ask(&edit)?;
    let scopes: Vec<&str> = SCOPES.split(',').collect();
    home.ask(&[&["app", "allow", NAME, "bench"][..], &scopes].concat())?;
    home.secret(NAME)
}

fn add_upstream(home: &Home, issuer: &str, registered: &Credentials) -> Result<()> {
    let file = |name: &str, content: &str| -> Result<String> {
        let path = home.data().join(name);
        std::fs::write(&path, content)?;
        Ok(path.to_string_lossy().into_owned())
    };
    let (secret, rules) = (
        file("corp.secret", &registered.secret)?,
        file("corp-rules.toml", RULES)?,
    );
    let scopes = SCOPES.replace(',', " ");
    let who = ["upstream", "add", "generic", NAME, "--issuer", issuer];
    let what = ["--client-id", &registered.id, "--secret-file", &secret];
    let how = ["--rules-file", &rules, "--scopes", &scopes];
    home.ask(&[&who[..], &what, &how].concat()).map(|_| ())
}

async fn logins(broker: &Target, upstream: &Target, effort: Effort) -> Result<Figures> {
    // One session there serves all workers: what is measured is the server between.
    let mut first = Walker::new(broker, upstream).await?;
    first.log_in().await?;
    let jar = first.upstream.jar;
    run(
        &broker.server,
        effort.workers,
        effort.time,
        async |_| {
            let mut walker = Walker::new(broker, upstream).await?;
            walker.upstream.jar.clone_from(&jar);
            Ok(walker)
        },
        |walker| {
            Box::pin(async move {
                let tokens = walker.log_in().await?;
                text(&tokens, "id_token").map(|_| ())
            })
        },
    )
    .await
}

/// A browser that walks between the two, and the application behind it.
struct Walker {
    broker: Place,
    upstream: Place,
    application: Client,
    authorize: String,
    token: String,
    basic: String,
    person: Person,
}

impl Walker {
    async fn new(broker: &Target, upstream: &Target) -> Result<Self> {
        Ok(Self {
            broker: Place::of(broker).await?,
            upstream: Place::of(upstream).await?,
            application: Client::connect(&broker.authority).await?,
            authorize: authorize_path(broker, &broker.es256, "openid%20profile%20email"),
            token: broker.endpoints.token.clone(),
            basic: broker.es256.basic(),
            person: upstream.person.clone(),
        })
    }

    /// A login of somebody whom the broker's browser cookies do not know.
    async fn log_in(&mut self) -> Result<Value> {
        self.broker.jar.clear();
        let code = self.code().await?;
        let form = format!(
            "grant_type=authorization_code&code={code}&redirect_uri={}&code_verifier={VERIFIER}",
            data_encoding_percent(REDIRECT_URI)
        );
        self.application
            .post(&self.token, &[("authorization", &self.basic)], &form)
            .await?
            .expect(200)?
            .json()
    }

    async fn code(&mut self) -> Result<String> {
        let (mut is_there, mut next, mut form) = (false, self.authorize.clone(), None);
        for _ in 0..20 {
            let place = if is_there { &mut self.upstream } else { &mut self.broker };
            let answer = place.open(&next, form.take()).await?;
            if answer.status == 200 {
                let page = String::from_utf8_lossy(&answer.body).into_owned();
                (next, form) = self.answer(&page, is_there)?;
                continue;
            }
            let location = answer.expect_redirect()?;
            if let Some(query) = location.strip_prefix(REDIRECT_URI) {
                let code = between(query, "code=", "&").with_context(|| format!("no code in {location}"))?;
                return Ok(code.to_owned());
            }
            if location.starts_with("http") {
                is_there = location.starts_with(&format!("http://{}", self.upstream.authority));
            }
            path_of(&location).clone_into(&mut next);
        }
        bail!("the login never ended")
    }

    /// What a person does on a page: press the upstream's button here, type name and password there.
    fn answer(&self, page: &str, is_there: bool) -> Result<(String, Option<String>)> {
        if !is_there {
            let href = between(page, "href=\"/login/upstream?", "\"").context("the page has no button")?;
            return Ok((format!("/login/upstream?{}", href.replace("&#38;", "&")), None));
        }
        let attempt = between(page, "name=\"attempt\" value=\"", "\"").context("the page has no login form")?;
        let Person { name, password } = &self.person;
        let filled = format!("attempt={attempt}&username={name}&password={password}");
        Ok(("/login".to_owned(), Some(filled)))
    }
}
