//! What the bench needs in a fresh Doorward, made by its command line and its pages.

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{browser::Person, client::Client, target::REDIRECT_URI};

/// Adds the person and the applications: one with ES256 throughout, one whose ID tokens are signed with RS256.
pub(crate) async fn doorward(cli: &dyn Fn(&[&str]) -> Result<Value>, authority: &str, person: &Person) -> Result<()> {
    cli(&["group", "add", "bench"])?;
    let added = cli(&[
        "user",
        "add",
        &person.name,
        "--name",
        "Alice Bench",
        "--email",
        "alice@example.com",
        "--group",
        "bench",
    ])?;
    choose_password(authority, &added, person).await?;
    for (id, id_token, access_token) in [
        ("bench-es256", "ES256", "ES256"),
        ("bench-rs256", "RS256", "RS256"),
        ("bench-mixed", "RS256", "ES256"),
    ] {
        application(cli, id, id_token, access_token)?;
    }
    Ok(())
}

/// Adds an application of the bench's group whose tokens are signed with these.
pub(crate) fn application(
    cli: &dyn Fn(&[&str]) -> Result<Value>,
    id: &str,
    id_token: &str,
    access_token: &str,
) -> Result<()> {
    cli(&[
        "app",
        "add",
        "generic",
        "http://127.0.0.1:9",
        "--name",
        id,
        "--group",
        "bench",
    ])?;
    cli(&[
        "app",
        "edit",
        id,
        "--add-redirect-uri",
        REDIRECT_URI,
        "--id-token-alg",
        id_token,
        "--access-token-alg",
        access_token,
        "--consent",
        "skip",
        "--client-credentials",
        "true",
        "--request-scopes",
        "openid,profile,email,offline_access,api",
    ])?;
    cli(&[
        "app",
        "allow",
        id,
        "bench",
        "openid",
        "profile",
        "email",
        "offline_access",
    ])?;
    Ok(())
}

/// Redeems the enrolment link through its page.
async fn choose_password(authority: &str, added: &Value, person: &Person) -> Result<()> {
    let url = added
        .pointer("/enrolment/url")
        .and_then(Value::as_str)
        .context("no enrolment link")?;
    let path = url::Url::parse(url)?.path().to_owned();
    let token = path.rsplit('/').next().unwrap_or_default();
    let form = format!("token={token}&new_password={0}&repeat_password={0}", person.password);
    Client::connect(authority)
        .await?
        .post(&path, &[], &form)
        .await?
        .expect(303)?;
    Ok(())
}
