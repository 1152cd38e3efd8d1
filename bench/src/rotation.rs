//! Tokens while the signing keys turn: every worker verifies what it gets with the keys that it has, and fetches them again when a
//! token names one that it does not know, as relying parties do. A token that fails then fails the run.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use doorward_jose::{Algorithm, JwkSet, Typ, VerificationPolicy, verify};

use crate::{
    client::Client,
    load::run,
    scenarios::{Effort, text},
    table::Row,
    target::{Credentials, Home, Target},
};

/// Between two turns: many more than anybody ever makes.
const PAUSE: Duration = Duration::from_millis(250);

struct Worker {
    client: Client,
    token: String,
    jwks: String,
    basic: String,
    keys: JwkSet,
}

impl Worker {
    async fn new(target: &Target, client: &Credentials) -> Result<Self> {
        let mut http = Client::connect(&target.authority).await?;
        let keys = fetch(&mut http, &target.endpoints.jwks).await?;
        Ok(Self {
            client: http,
            token: target.endpoints.token.clone(),
            jwks: target.endpoints.jwks.clone(),
            basic: client.basic(),
            keys,
        })
    }

    async fn token(&mut self) -> Result<()> {
        let form = "grant_type=client_credentials&scope=api";
        let answer = self
            .client
            .post(&self.token, &[("authorization", &self.basic)], form)
            .await?;
        let answer = answer.expect(200)?.json()?;
        let token = text(&answer, "access_token")?;
        let policy = VerificationPolicy::new(Typ::Required(&["at+jwt"]), &[Algorithm::ES256]);
        if verify(token, &self.keys, &policy).is_err() {
            self.keys = fetch(&mut self.client, &self.jwks).await?;
            verify(token, &self.keys, &policy).context("a token that the published keys do not verify")?;
        }
        Ok(())
    }
}

async fn fetch(client: &mut Client, path: &str) -> Result<JwkSet> {
    let answer = client.get(path, &[]).await?.expect(200)?.json()?;
    Ok(serde_json::from_value(answer)?)
}

/// The row of the table: `client_credentials`, verified, while a key turns several times a second.
pub(crate) async fn row(home: &Home, ours: &Target, effort: Effort) -> Result<Row> {
    let turning = async {
        let (mut turns, ends) = (0, Instant::now() + effort.time);
        while Instant::now() < ends {
            home.ask(&["key", "rotate", "--algorithm", "ES256", "--at-once"])?;
            turns += 1;
            tokio::time::sleep(PAUSE).await;
        }
        anyhow::Ok(turns)
    };
    let tokens = run(
        &ours.server,
        effort.workers,
        effort.time,
        async |_| Worker::new(ours, &ours.es256).await,
        |worker: &mut Worker| Box::pin(worker.token()),
    );
    let (figures, turned) = tokio::join!(tokens, turning);
    let (figures, turned) = (figures?, turned?);
    ensure!(turned > 3, "the keys turned {turned} times");
    println!(
        "Rotation: {turned} turns, {} tokens, none failed to verify.\n",
        figures.operations
    );
    Ok(Row::new("tokens verified over rotations", figures))
}
