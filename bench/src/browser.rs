//! As much of a browser as a login needs: redirects, cookies, one form.

use anyhow::{Context, Result, bail};

use crate::client::{Client, cookie_header};

/// A connection with cookies.
pub(crate) struct Browser {
    client: Client,
    jar: Vec<(String, String)>,
}

/// Who logs in.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) password: String,
}

impl Browser {
    pub(crate) async fn connect(authority: &str) -> Result<Self> {
        Ok(Self {
            client: Client::connect(authority).await?,
            jar: Vec::new(),
        })
    }

    /// Forgets the session but stays connected.
    pub(crate) fn forget(&mut self) {
        self.jar.clear();
    }

    /// Opens `path` and follows the server until it redirects to `redirect_uri`; fills in the login form on the way.
    /// Returns the code. With a live session this is a single request.
    pub(crate) async fn authorize(&mut self, path: &str, redirect_uri: &str, person: &Person) -> Result<String> {
        let mut next = path.to_owned();
        let mut form: Option<String> = None;
        for _ in 0..10 {
            let cookies = cookie_header(&self.jar);
            let headers = [("cookie", cookies.as_str()), ("accept", "text/html")];
            let answer = match form.take() {
                None => self.client.get(&next, &headers).await?,
                Some(form) => self.client.post(&next, &headers, &form).await?,
            };
            answer.keep_cookies(&mut self.jar);
            if answer.status == 200 {
                let page = String::from_utf8_lossy(&answer.body).into_owned();
                let attempt =
                    between(&page, "name=\"attempt\" value=\"", "\"").context("the page has no login form")?;
                "/login".clone_into(&mut next);
                let filled = format!(
                    "attempt={attempt}&username={}&password={}",
                    person.name, person.password
                );
                form = Some(filled);
                continue;
            }
            let location = answer.expect_redirect()?;
            if let Some(query) = location.strip_prefix(redirect_uri) {
                return Ok(between(query, "code=", "&")
                    .with_context(|| format!("no code in {location}"))?
                    .to_owned());
            }
            path_of(&location).clone_into(&mut next);
        }
        bail!("the login never ended")
    }
}

pub(crate) fn path_of(location: &str) -> &str {
    match location.find("://").and_then(|scheme| location.get(scheme + 3..)) {
        Some(rest) => rest.find('/').and_then(|slash| rest.get(slash..)).unwrap_or("/"),
        None => location,
    }
}

/// The text after `before` up to `after`, or to the end.
pub(crate) fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    let rest = text.split_once(before)?.1;
    Some(rest.split_once(after).map_or(rest, |(value, _)| value))
}
