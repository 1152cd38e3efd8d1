//! `doorward demo --check`: performs the login itself over HTTP, as a browser would, and gives an account of each step.

use anyhow::{Context, Result, bail, ensure};
use reqwest::{Client, Response, StatusCode, header, redirect::Policy};

use super::start::{Demo, GROUP, Person};

/// A browser: cookies by origin, redirects followed by hand so that each can be told.
struct Browser {
    http: Client,
    jar: Vec<(String, String, String)>,
    account: Vec<String>,
}

/// A page where the browser came to rest.
struct Page {
    url: String,
    status: StatusCode,
    text: String,
}

impl Browser {
    fn new() -> Result<Self> {
        let http = Client::builder()
            .redirect(Policy::none())
            .timeout(std::time::Duration::from_secs(20))
            .build()?;
        Ok(Self {
            http,
            jar: Vec::new(),
            account: Vec::new(),
        })
    }

    fn tell(&mut self, what: impl Into<String>) {
        self.account.push(what.into());
    }

    async fn open(&mut self, url: &str) -> Result<Page> {
        self.request(url.to_owned(), None).await
    }

    async fn submit(&mut self, url: String, form: &[(&str, &str)]) -> Result<Page> {
        self.request(url, Some(form)).await
    }

    async fn request(&mut self, mut url: String, mut form: Option<&[(&str, &str)]>) -> Result<Page> {
        for _ in 0..12 {
            let parsed = url::Url::parse(&url).with_context(|| format!("not a URL: {url}"))?;
            let origin = parsed.origin().ascii_serialization();
            let mut request = match form.take() {
                None => self.http.get(parsed.clone()),
                Some(form) => self
                    .http
                    .post(parsed.clone())
                    .form(form)
                    .header(header::ORIGIN, &origin),
            };
            let cookies: Vec<String> = self
                .jar
                .iter()
                .filter(|(of, _, _)| *of == origin)
                .map(|(_, name, value)| format!("{name}={value}"))
                .collect();
            if !cookies.is_empty() {
                request = request.header(header::COOKIE, cookies.join("; "));
            }
            let response = request.header(header::ACCEPT, "text/html").send().await?;
            self.keep_cookies(&origin, &response);
            let status = response.status();
            self.tell(format!("{} {}", status.as_u16(), shortened(&url)));
            if !status.is_redirection() {
                return Ok(Page {
                    url,
                    status,
                    text: response.text().await?,
                });
            }
            let location = response
                .headers()
                .get(header::LOCATION)
                .context("a redirect to nowhere")?
                .to_str()?;
            url = parsed.join(location)?.to_string();
        }
        bail!("the redirects never ended")
    }

    fn keep_cookies(&mut self, origin: &str, response: &Response) {
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let pair = cookie
                .to_str()
                .ok()
                .and_then(|text| text.split(';').next()?.split_once('='));
            let Some((name, value)) = pair else { continue };
            self.jar.retain(|(of, kept, _)| of != origin || kept != name);
            if !value.is_empty() {
                self.jar.push((origin.to_owned(), name.to_owned(), value.to_owned()));
            }
        }
    }

    /// Fills the login page in.
    async fn log_in(&mut self, page: &Page, person: &Person) -> Result<Page> {
        let attempt = field(&page.text, "attempt").context("expected the login page with its form")?;
        self.tell(format!("    {} types name and password", person.full_name));
        let url = url::Url::parse(&page.url)?.join("/login")?.to_string();
        let form = [
            ("attempt", attempt.as_str()),
            ("username", person.name),
            ("password", &person.password),
        ];
        self.submit(url, &form).await
    }
}

/// The value of a hidden field.
fn field(html: &str, name: &str) -> Option<String> {
    let rest = html.split_once(&format!("name=\"{name}\" value=\""))?.1;
    Some(rest.split_once('"')?.0.to_owned())
}

/// Every hidden field of a page. Ours hold nothing that would have to be unescaped.
fn hidden_fields(html: &str) -> Vec<(&str, &str)> {
    let fields = html.split("<input type=\"hidden\" name=\"").skip(1);
    fields
        .filter_map(|rest| {
            let (name, rest) = rest.split_once('"')?;
            Some((name, rest.split_once("value=\"")?.1.split_once('"')?.0))
        })
        .collect()
}

/// Without codes, states and tickets, which nobody needs on a terminal.
fn shortened(url: &str) -> &str {
    url.split_once('?').map_or(url, |(before, _)| before)
}

/// Logs Alice in through the application, then Bob, who may not; returns the account.
pub(super) async fn run(demo: &Demo) -> Result<Vec<String>> {
    let mut account = alice(demo).await.context("Alice's login")?;
    account.extend(bob(demo).await.context("Bob's login")?);
    Ok(account)
}

async fn alice(demo: &Demo) -> Result<Vec<String>> {
    let mut browser = Browser::new()?;
    browser.tell("Alice opens a protected page of the demo application and is sent to log in:");
    let page = browser.open(&format!("{}/profile", demo.app)).await?;
    ensure!(
        page.url.starts_with(&demo.server),
        "expected the server's login page, came to {}",
        page.url
    );
    let mut page = browser.log_in(&page, &demo.alice).await?;
    if page.url.contains("/consent") {
        browser.tell("    Alice allows the application to see her data");
        let url = url::Url::parse(&page.url)?.join("/consent")?.to_string();
        let mut form = hidden_fields(&page.text);
        form.push(("decision", "allow"));
        page = browser.submit(url, &form).await?;
    }
    ensure!(
        page.url == format!("{}/profile", demo.app),
        "expected the protected page, came to {}",
        page.url
    );
    for expected in [demo.alice.full_name, "alice@example.com", GROUP] {
        ensure!(
            page.text.contains(expected),
            "the application does not show {expected:?}"
        );
    }
    browser.tell(format!(
        "    the application shows {}, alice@example.com and the group {GROUP}",
        demo.alice.full_name
    ));
    browser.tell("Alice comes again in the same browser and is not asked:");
    browser.jar.retain(|(origin, _, _)| *origin == demo.server);
    let page = browser.open(&format!("{}/profile", demo.app)).await?;
    ensure!(
        page.text.contains(demo.alice.full_name),
        "expected single sign-on, came to {}",
        page.url
    );
    Ok(browser.account)
}

async fn bob(demo: &Demo) -> Result<Vec<String>> {
    let mut browser = Browser::new()?;
    browser.tell("Bob, who is in no group that the application lets in:");
    let page = browser.open(&format!("{}/profile", demo.app)).await?;
    let page = browser.log_in(&page, &demo.bob).await?;
    ensure!(
        page.status == StatusCode::FORBIDDEN,
        "expected 403, received {} at {}",
        page.status,
        page.url
    );
    ensure!(
        page.text.contains(GROUP),
        "the page does not name the missing group {GROUP}"
    );
    browser.tell(format!("    the page names the missing group {GROUP} and a reference"));
    Ok(browser.account)
}
