//! Whole logins with what FAPI 2.0 asks for: the request pushed, code and token bound to a key by proofs. What that costs over
//! a plain login is the difference to `code login ES256`.

use anyhow::{Context, Result};
use doorward_jose::{Algorithm, SigningKey};
use serde_json::{Value, json};

use crate::{
    browser::Browser,
    client::Client,
    load::{Figures, run},
    scenarios::{Effort, VERIFIER, authorize_path, data_encoding_percent, text},
    target::{Credentials, REDIRECT_URI, Target},
};

/// Where requests are pushed.
const PUSHED: &str = "/par";

/// Logins with a live session.
pub(crate) async fn logins(target: &Target, client: &Credentials, effort: Effort) -> Result<Figures> {
    run(
        &target.server,
        effort.workers,
        effort.time,
        async |number| Worker::new(target, client, &number.to_string()).await,
        |worker| Box::pin(worker.log_in()),
    )
    .await
}

struct Worker {
    browser: Browser,
    application: Client,
    key: SigningKey,
    name: String,
    made: u64,
    base: String,
    authorize: String,
    request: String,
    token: String,
    basic: String,
    client_id: String,
    person: crate::browser::Person,
}

impl Worker {
    async fn new(target: &Target, client: &Credentials, name: &str) -> Result<Self> {
        let plain = authorize_path(target, client, "openid%20profile%20email");
        let (authorize, request) = plain.split_once('?').context("an authorization request has a query")?;
        Ok(Self {
            browser: Browser::connect(&target.authority).await?,
            application: Client::connect(&target.authority).await?,
            key: SigningKey::generate(Algorithm::ES256)?.key,
            name: name.to_owned(),
            made: 0,
            base: format!("http://{}", target.authority),
            authorize: authorize.to_owned(),
            request: request.to_owned(),
            token: target.endpoints.token.clone(),
            basic: client.basic(),
            client_id: client.id.clone(),
            person: target.person.clone(),
        })
    }

    async fn log_in(&mut self) -> Result<()> {
        let request = self.request.clone();
        let pushed = self.post(PUSHED, &request, 201).await?;
        let path = format!(
            "{}?client_id={}&request_uri={}",
            self.authorize,
            self.client_id,
            data_encoding_percent(text(&pushed, "request_uri")?)
        );
        let code = self.browser.authorize(&path, REDIRECT_URI, &self.person).await?;
        let form = format!(
            "grant_type=authorization_code&code={code}&redirect_uri={}&code_verifier={VERIFIER}",
            data_encoding_percent(REDIRECT_URI)
        );
        let token = self.token.clone();
        let tokens = self.post(&token, &form, 200).await?;
        anyhow::ensure!(text(&tokens, "token_type")? == "DPoP", "the token is not bound");
        text(&tokens, "id_token").map(|_| ())
    }

    async fn post(&mut self, path: &str, form: &str, status: u16) -> Result<Value> {
        let proof = self.proof(path)?;
        let headers = [("authorization", self.basic.as_str()), ("dpop", proof.as_str())];
        let answer = self.application.post(path, &headers, form).await?;
        answer.expect(status)?.json()
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the bench is the edge: its proofs say when they were made"
    )]
    fn proof(&mut self, path: &str) -> Result<String> {
        self.made += 1;
        let header = json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": self.key.public_jwk()});
        let claims = json!({
            "jti": format!("{}-{}", self.name, self.made),
            "htm": "POST",
            "htu": format!("{}{path}", self.base),
            "iat": jiff::Timestamp::now().as_second(),
        });
        Ok(self
            .key
            .sign_raw(header.to_string().as_bytes(), claims.to_string().as_bytes())?)
    }
}
