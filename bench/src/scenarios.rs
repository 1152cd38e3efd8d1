//! What is measured, the same requests to each server.

use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{
    browser::Browser,
    client::Client,
    load::{Figures, run},
    target::{Credentials, REDIRECT_URI, Target},
};

/// RFC 7636 appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// How hard and how long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Effort {
    pub(crate) workers: usize,
    pub(crate) time: Duration,
}

pub(crate) fn authorize_path(target: &Target, client: &Credentials, scope: &str) -> String {
    format!(
        "{}?response_type=code&client_id={}&redirect_uri={}&scope={scope}&state=s&nonce=n&code_challenge={CHALLENGE}&code_challenge_method=S256",
        target.endpoints.authorize,
        client.id,
        data_encoding_percent(REDIRECT_URI),
    )
}

/// The redirect URI's characters that a query value may not hold as they are.
pub(crate) fn data_encoding_percent(text: &str) -> String {
    text.replace(':', "%3A").replace('/', "%2F")
}

pub(crate) fn text<'v>(json: &'v Value, name: &str) -> Result<&'v str> {
    json.get(name)
        .and_then(Value::as_str)
        .with_context(|| format!("the answer has no {name}: {json}"))
}

/// GET of a public document.
pub(crate) async fn document(target: &Target, path: &str, effort: Effort) -> Result<Figures> {
    let (authority, path) = (target.authority.clone(), path.to_owned());
    run(
        &target.server,
        effort.workers,
        effort.time,
        async |_| Ok((Client::connect(&authority).await?, path.clone())),
        |(client, path)| {
            Box::pin(async move {
                client.get(path, &[]).await?.expect(200)?;
                Ok(())
            })
        },
    )
    .await
}

/// `client_credentials` at the token endpoint.
pub(crate) async fn client_credentials(target: &Target, client: &Credentials, effort: Effort) -> Result<Figures> {
    let basic = client.basic();
    run(
        &target.server,
        effort.workers,
        effort.time,
        async |_| {
            Ok((
                Client::connect(&target.authority).await?,
                target.endpoints.token.clone(),
                basic.clone(),
            ))
        },
        |(client, path, basic)| {
            Box::pin(async move {
                let form = "grant_type=client_credentials&scope=api";
                client
                    .post(path, &[("authorization", basic)], form)
                    .await?
                    .expect(200)?;
                Ok(())
            })
        },
    )
    .await
}

struct LoginWorker {
    browser: Browser,
    client: Client,
    authorize: String,
    token: String,
    basic: String,
    person: crate::browser::Person,
    forget: bool,
}

impl LoginWorker {
    async fn new(target: &Target, client: &Credentials, scope: &str, forget: bool) -> Result<Self> {
        Ok(Self {
            browser: Browser::connect(&target.authority).await?,
            client: Client::connect(&target.authority).await?,
            authorize: authorize_path(target, client, scope),
            token: target.endpoints.token.clone(),
            basic: client.basic(),
            person: target.person.clone(),
            forget,
        })
    }

    async fn log_in(&mut self) -> Result<Value> {
        if self.forget {
            self.browser.forget();
        }
        let code = self
            .browser
            .authorize(&self.authorize, REDIRECT_URI, &self.person)
            .await?;
        let form = format!(
            "grant_type=authorization_code&code={code}&redirect_uri={}&code_verifier={VERIFIER}",
            data_encoding_percent(REDIRECT_URI)
        );
        self.client
            .post(&self.token, &[("authorization", &self.basic)], &form)
            .await?
            .expect(200)?
            .json()
    }
}

/// A whole code login: authorization request with a live session, then the code for tokens.
pub(crate) async fn code_login(target: &Target, client: &Credentials, effort: Effort) -> Result<Figures> {
    logins(target, client, effort, false).await
}

/// A whole login of a person whom this browser has never seen, password included.
pub(crate) async fn password_login(target: &Target, client: &Credentials, effort: Effort) -> Result<Figures> {
    logins(target, client, effort, true).await
}

async fn logins(target: &Target, client: &Credentials, effort: Effort, forget: bool) -> Result<Figures> {
    run(
        &target.server,
        effort.workers,
        effort.time,
        async |_| LoginWorker::new(target, client, "openid%20profile%20email", forget).await,
        |worker| {
            Box::pin(async move {
                let tokens = worker.log_in().await?;
                text(&tokens, "id_token").map(|_| ())
            })
        },
    )
    .await
}

/// Rotating refresh.
pub(crate) async fn refresh(target: &Target, client: &Credentials, effort: Effort) -> Result<Figures> {
    run(
        &target.server,
        effort.workers,
        effort.time,
        async |_| {
            let mut worker = LoginWorker::new(target, client, "openid%20offline_access&prompt=consent", false).await?;
            worker.authorize = worker.authorize.replace("&prompt=consent", "");
            let tokens = worker.log_in().await?;
            let token = text(&tokens, "refresh_token")?.to_owned();
            Ok((worker, token))
        },
        |(worker, token)| {
            Box::pin(async move {
                let form = format!("grant_type=refresh_token&refresh_token={token}");
                let headers = [("authorization", worker.basic.as_str())];
                let tokens = worker
                    .client
                    .post(&worker.token, &headers, &form)
                    .await?
                    .expect(200)?
                    .json()?;
                text(&tokens, "refresh_token")?.clone_into(token);
                Ok(())
            })
        },
    )
    .await
}

/// Userinfo with an access token of a person.
pub(crate) async fn userinfo(target: &Target, client: &Credentials, effort: Effort) -> Result<Figures> {
    run(
        &target.server,
        effort.workers,
        effort.time,
        async |_| {
            let mut worker = LoginWorker::new(target, client, "openid%20profile%20email", false).await?;
            let tokens = worker.log_in().await?;
            let bearer = format!("Bearer {}", text(&tokens, "access_token")?);
            Ok((worker.client, target.endpoints.userinfo.clone(), bearer))
        },
        |(client, path, bearer)| {
            Box::pin(async move {
                client.get(path, &[("authorization", bearer)]).await?.expect(200)?;
                Ok(())
            })
        },
    )
    .await
}

/// Introspection of such a token by the application that got it.
pub(crate) async fn introspection(target: &Target, client: &Credentials, effort: Effort) -> Result<Figures> {
    run(
        &target.server,
        effort.workers,
        effort.time,
        async |_| {
            let mut worker = LoginWorker::new(target, client, "openid%20profile%20email", false).await?;
            let tokens = worker.log_in().await?;
            let form = format!("token={}", text(&tokens, "access_token")?);
            Ok((worker.client, target.endpoints.introspect.clone(), worker.basic, form))
        },
        |(client, path, basic, form)| {
            Box::pin(async move {
                let answer = client
                    .post(path, &[("authorization", basic)], form)
                    .await?
                    .expect(200)?;
                anyhow::ensure!(
                    answer.body.windows(13).any(|w| w == b"\"active\":true"),
                    "the token is not active"
                );
                Ok(())
            })
        },
    )
    .await
}
