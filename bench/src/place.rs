//! A server as one browser knows it: a connection, its cookies, and pages with forms.

use anyhow::{Context, Result, bail};

use crate::{
    browser::{Person, between, path_of},
    client::{Answer, Client, cookie_header},
    target::Target,
};

/// Redirects that one step may take.
const MOST_REDIRECTS: usize = 10;

/// The connection and the cookies.
pub(crate) struct Place {
    pub(crate) authority: String,
    pub(crate) client: Client,
    pub(crate) jar: Vec<(String, String)>,
}

impl Place {
    /// A browser without a cookie.
    pub(crate) async fn of(server: &Target) -> Result<Self> {
        Ok(Self {
            authority: server.authority.clone(),
            client: Client::connect(&server.authority).await?,
            jar: Vec::new(),
        })
    }

    /// One request.
    pub(crate) async fn open(&mut self, path: &str, form: Option<String>) -> Result<Answer> {
        let cookies = cookie_header(&self.jar);
        let headers = [("cookie", cookies.as_str()), ("accept", "text/html")];
        let answer = match form {
            None => self.client.get(path, &headers).await?,
            Some(form) => self.client.post(path, &headers, &form).await?,
        };
        answer.keep_cookies(&mut self.jar);
        Ok(answer)
    }

    /// The same, and what the server redirects to, until there is a page.
    pub(crate) async fn page(&mut self, path: &str, form: Option<String>) -> Result<String> {
        let mut answer = self.open(path, form).await?;
        for _ in 0..MOST_REDIRECTS {
            if answer.status == 200 {
                return Ok(String::from_utf8_lossy(&answer.body).into_owned());
            }
            let next = answer.expect_redirect()?;
            answer = self.open(path_of(&next), None).await?;
        }
        bail!("{path} redirects without end")
    }

    /// Logs in by password at the server's own page.
    pub(crate) async fn log_in(&mut self, person: &Person) -> Result<()> {
        let page = self.page("/login", None).await?;
        let form = format!(
            "attempt={}&username={}&password={}",
            hidden(&page, "attempt")?,
            person.name,
            person.password
        );
        self.open("/login", Some(form)).await?.expect(303)?;
        Ok(())
    }
}

/// The value of a hidden field.
pub(crate) fn hidden<'p>(page: &'p str, name: &str) -> Result<&'p str> {
    between(page, &format!("name=\"{name}\" value=\""), "\"").with_context(|| format!("the page has no field {name}"))
}
