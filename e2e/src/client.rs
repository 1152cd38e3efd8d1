//! An application that speaks the protocol by hand, for what real libraries never do: sending a code twice, late, or with
//! the wrong secret.

use reqwest::StatusCode;
use serde_json::Value;
use url::Url;

use crate::{
    browser::{Browser, Page},
    server::{Person, Server},
};

/// The pair of RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// One application. Nobody listens at its redirect URI: the browser stops there.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    issuer: String,
    /// Its client id.
    pub id: String,
    /// Its secret.
    pub secret: String,
    /// Where it wants its answers.
    pub redirect_uri: String,
    /// The scopes it asks for.
    pub scope: String,
}

/// What the token endpoint answered.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// Its status.
    pub status: StatusCode,
    /// Its body.
    pub body: Value,
}

impl Tokens {
    /// A member of the body as text; empty when it is not there.
    pub fn text(&self, name: &str) -> &str {
        self.body[name].as_str().unwrap_or_default()
    }

    /// Panics unless the request succeeded.
    #[allow(
        clippy::must_use_candidate,
        clippy::return_self_not_must_use,
        reason = "often only that it succeeds matters"
    )]
    #[track_caller]
    pub fn granted(self) -> Self {
        assert_eq!(self.status, StatusCode::OK, "{}", self.body);
        self
    }

    /// Panics unless it was refused with that error.
    #[track_caller]
    pub fn refused(&self, error: &str) {
        assert!(self.status.is_client_error(), "{} {}", self.status, self.body);
        assert_eq!(self.text("error"), error, "{}", self.body);
    }
}

impl Client {
    /// Adds a generic application for members of `group` and takes its role. `settings` are further words of `app add`.
    pub async fn add(server: &Server, id: &str, group: &str, settings: &[&str]) -> Self {
        let redirect_uri = format!("http://127.0.0.1:9/{id}/callback");
        let mut command = vec!["app", "add", "generic", "http://127.0.0.1:9/", "--name", id];
        command.extend(["--add-redirect-uri", &redirect_uri, "--group", group]);
        command.extend(settings);
        server.json(&command).await;
        Self::impersonate(server, id, &redirect_uri).await
    }

    /// Takes the role of an application that is there already, with its secret.
    pub async fn impersonate(server: &Server, id: &str, redirect_uri: &str) -> Self {
        let secret = server.json(&["app", "secret", "show", id]).await;
        Self {
            http: reqwest::Client::builder().no_proxy().build().expect("an HTTP client"),
            issuer: server.url.clone(),
            id: id.to_owned(),
            secret: secret["secret"].as_str().expect("a secret").to_owned(),
            redirect_uri: redirect_uri.to_owned(),
            scope: "openid profile email".to_owned(),
        }
    }

    /// The same application on a machine that trusts that certificate.
    #[must_use]
    pub fn trusting(mut self, ca: &reqwest::Certificate) -> Self {
        let client = reqwest::Client::builder().no_proxy().tls_certs_only([ca.clone()]);
        self.http = client.build().expect("an HTTP client");
        self
    }

    /// Where it sends the browser, with PKCE; `more` is added to the query.
    pub fn authorize_url(&self, more: &[(&str, &str)]) -> String {
        let pkce = [("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];
        self.authorize_url_without_pkce(&[&pkce, more].concat())
    }

    /// The same without PKCE.
    pub fn authorize_url_without_pkce(&self, more: &[(&str, &str)]) -> String {
        let mut url = Url::parse(&format!("{}/authorize", self.issuer)).expect("an issuer is a URL");
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.id)
            .append_pair("redirect_uri", &self.redirect_uri)
            .append_pair("scope", &self.scope)
            .append_pair("state", "the state")
            .extend_pairs(more);
        url.to_string()
    }

    /// A browser that stops at its redirect URI.
    pub fn browser(&self) -> Browser {
        Browser::new().stopping_at("http://127.0.0.1:9/")
    }

    /// Sends the browser through a login, with the password if it is asked for, and returns where it ends.
    pub async fn log_in(&self, browser: &mut Browser, person: &Person) -> Page {
        let mut page = browser.get(&self.authorize_url(&[])).await;
        if page.is_login() {
            page = browser.log_in(&page, person).await;
        }
        if page.url.path() == "/consent" {
            page = browser.submit(&page, "/consent", &[("decision", "allow")]).await;
        }
        page
    }

    /// A code of that person.
    pub async fn code(&self, browser: &mut Browser, person: &Person) -> String {
        let page = self.log_in(browser, person).await;
        page.parameter("code")
            .unwrap_or_else(|| panic!("no code in {}: {}", page.url, page.text()))
    }

    /// Sends a code to the token endpoint.
    pub async fn redeem(&self, code: &str) -> Tokens {
        self.try_redeem(code).await.expect("the token endpoint answers")
    }

    /// The same where the server may be gone.
    pub async fn try_redeem(&self, code: &str) -> Result<Tokens, reqwest::Error> {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.redirect_uri),
            ("code_verifier", VERIFIER),
        ];
        self.try_post("token", &form).await
    }

    /// Sends a refresh token.
    pub async fn refresh(&self, refresh_token: &str) -> Tokens {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", refresh_token)])
            .await
    }

    /// Any request to the token endpoint.
    pub async fn token(&self, form: &[(&str, &str)]) -> Tokens {
        self.try_post("token", form).await.expect("the token endpoint answers")
    }

    /// Whether a token is active.
    pub async fn is_active(&self, token: &str) -> bool {
        let answer = self.try_post("introspect", &[("token", token)]).await;
        let answer = answer.expect("introspection answers").granted();
        answer.body["active"].as_bool().expect("`active` is there")
    }

    /// The status of userinfo with an access token.
    pub async fn userinfo(&self, access_token: &str) -> StatusCode {
        let request = self
            .http
            .get(format!("{}/userinfo", self.issuer))
            .bearer_auth(access_token);
        request.send().await.expect("userinfo answers").status()
    }

    /// A POST as this application; an error when the server is gone.
    pub async fn try_post(&self, path: &str, form: &[(&str, &str)]) -> Result<Tokens, reqwest::Error> {
        let answer = self
            .http
            .post(format!("{}/{path}", self.issuer))
            .basic_auth(&self.id, Some(&self.secret))
            .form(form)
            .send()
            .await?;
        let status = answer.status();
        // An answer that breaks off was not given; one that is no JSON shows in what is asserted about it.
        let body = serde_json::from_slice(&answer.bytes().await?).unwrap_or(Value::Null);
        Ok(Tokens { status, body })
    }
}
