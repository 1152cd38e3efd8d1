//! Whole logins by passkey alone: authorization request, the ceremony with a software authenticator, the code for tokens.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use doorward_passkeys::testing::SoftwareAuthenticator;
use serde_json::Value;

use crate::{
    browser::{between, path_of},
    client::Client,
    load::{Figures, run},
    place::{Place, hidden},
    scenarios::{Effort, VERIFIER, authorize_path, data_encoding_percent, text},
    target::{Home, REDIRECT_URI, Target, doorward},
};

/// Measured against a server of its own, since passkeys belong to a name and the others are reached by an address.
pub(crate) async fn logins(effort: Effort) -> Result<Figures> {
    let home = Home::at("localhost")?;
    let server = doorward(&home).await?;
    let authenticator = Arc::new(register(&server).await?);
    run(
        &server.server,
        effort.workers,
        effort.time,
        async |_| Worker::new(&server, Arc::clone(&authenticator)).await,
        |worker| Box::pin(worker.log_in()),
    )
    .await
}

/// Registers a passkey on the person's own page.
async fn register(server: &Target) -> Result<SoftwareAuthenticator> {
    let mut browser = Place::of(server).await?;
    browser.log_in(&server.person).await?;
    let page = browser.page("/account/passkeys", None).await?;
    let csrf = hidden(&page, "csrf")?.to_owned();
    let mut authenticator = SoftwareAuthenticator::new(&format!("http://{}", server.authority), "localhost");
    let asked = browser
        .open("/account/passkeys/options", Some(format!("csrf={csrf}")))
        .await?
        .expect(200)?
        .json()?;
    let answer = encoded(&authenticator.create(&asked));
    let form = format!("csrf={csrf}&name=bench&answer={answer}");
    // The first passkey is answered with the page of recovery codes.
    browser.open("/account/passkeys/add", Some(form)).await?.expect(200)?;
    Ok(authenticator)
}

fn encoded(answer: &Value) -> String {
    url::form_urlencoded::byte_serialize(answer.to_string().as_bytes()).collect()
}

struct Worker {
    browser: Place,
    application: Client,
    authenticator: Arc<SoftwareAuthenticator>,
    authorize: String,
    token: String,
    basic: String,
}

impl Worker {
    async fn new(server: &Target, authenticator: Arc<SoftwareAuthenticator>) -> Result<Self> {
        Ok(Self {
            browser: Place::of(server).await?,
            application: Client::connect(&server.authority).await?,
            authenticator,
            authorize: authorize_path(server, &server.es256, "openid%20profile%20email"),
            token: server.endpoints.token.clone(),
            basic: server.es256.basic(),
        })
    }

    /// A login in a browser that nobody has logged in with.
    async fn log_in(&mut self) -> Result<()> {
        self.browser.jar.clear();
        let page = self.browser.page(&self.authorize, None).await?;
        let attempt = hidden(&page, "attempt")?;
        let asked = self
            .browser
            .open("/login/passkey/options", Some(format!("attempt={attempt}")))
            .await?
            .expect(200)?
            .json()?;
        let answer = encoded(&self.authenticator.get(&asked));
        let form = format!("attempt={attempt}&answer={answer}");
        let entered = self.browser.open("/login/passkey", Some(form)).await?;
        let code = self.code(entered.expect_redirect()?).await?;
        let form = format!(
            "grant_type=authorization_code&code={code}&redirect_uri={}&code_verifier={VERIFIER}",
            data_encoding_percent(REDIRECT_URI)
        );
        let tokens = self
            .application
            .post(&self.token, &[("authorization", &self.basic)], &form)
            .await?
            .expect(200)?
            .json()?;
        text(&tokens, "id_token").map(|_| ())
    }

    async fn code(&mut self, mut location: String) -> Result<String> {
        for _ in 0..5 {
            if let Some(query) = location.strip_prefix(REDIRECT_URI) {
                let code = between(query, "code=", "&").with_context(|| format!("no code in {location}"))?;
                return Ok(code.to_owned());
            }
            let answer = self.browser.open(path_of(&location), None).await?;
            location = answer.expect_redirect()?;
        }
        bail!("the login never ended")
    }
}
