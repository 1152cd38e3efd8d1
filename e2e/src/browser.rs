//! A browser without a screen: cookies, redirects, forms. Chromium is for what needs eyes; this is for everything else,
//! because it is a hundred times faster.

use std::collections::BTreeMap;

use reqwest::{
    Method,
    header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE, COOKIE, HeaderMap, LOCATION, ORIGIN, SET_COOKIE},
};
use url::Url;

use crate::{
    html::{self, Form},
    server::Person,
};

/// No sensible login has more redirects.
const MOST_REDIRECTS: usize = 20;

/// One browser with its cookies, which belong to hosts and not to ports, as in real ones.
#[derive(Debug, Clone)]
pub struct Browser {
    client: reqwest::Client,
    cookies: BTreeMap<String, BTreeMap<Cookie, String>>,
    stops: Vec<String>,
    language: String,
}

/// What a cookie of a host is known by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Cookie {
    name: String,
    path: String,
}

impl Cookie {
    /// RFC 6265 §5.1.4.
    fn is_for(&self, path: &str) -> bool {
        let rest = path.strip_prefix(self.path.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || self.path.ends_with('/'))
    }
}

/// What the browser shows at the end of all redirects.
#[derive(Debug, Clone)]
pub struct Page {
    /// Its address.
    pub url: Url,
    /// Its status; 0 where a redirect led to an address at which the browser was told to stop.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its content.
    pub html: String,
}

impl Default for Browser {
    fn default() -> Self {
        Self::new()
    }
}

impl Browser {
    /// A fresh one, in English.
    pub fn new() -> Self {
        Self::made_of(reqwest::Client::builder())
    }

    /// A fresh one with a client of its own: another root certificate, another address, headers of a liar.
    pub fn made_of(client: reqwest::ClientBuilder) -> Self {
        let client = client
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(std::time::Duration::from_secs(40))
            .build()
            .expect("an HTTP client");
        Self {
            client,
            cookies: BTreeMap::new(),
            stops: Vec::new(),
            language: "en".to_owned(),
        }
    }

    /// Ends the walk at a redirect to an address that begins like this: an application that is not there.
    #[must_use]
    pub fn stopping_at(mut self, prefix: &str) -> Self {
        self.stops.push(prefix.to_owned());
        self
    }

    /// The same, for a browser that is under way.
    pub fn stop_at(&mut self, prefix: &str) {
        self.stops.push(prefix.to_owned());
    }

    /// Stops nowhere any more.
    pub fn stop_nowhere(&mut self) {
        self.stops.clear();
    }

    /// Whether it holds a cookie of that name for that host.
    pub fn has_cookie(&self, host: &str, name: &str) -> bool {
        let jar = self.cookies.get(host);
        jar.is_some_and(|jar| jar.keys().any(|cookie| cookie.name == name))
    }

    /// Takes over what another tab of the same browser was given.
    pub fn take_cookies_of(&mut self, tab: &Self) {
        for (host, jar) in &tab.cookies {
            self.cookies.entry(host.clone()).or_default().extend(jar.clone());
        }
    }

    /// Opens every frame of a page, as a browser does, and gives their addresses.
    pub async fn load_frames(&mut self, page: &Page) -> Vec<String> {
        let mut loaded = Vec::new();
        for source in html::frames(&page.html) {
            let url = page.url.join(&source).expect("a frame has an address");
            self.get(url.as_str()).await;
            loaded.push(url.to_string());
        }
        loaded
    }

    /// Opens an address.
    pub async fn get(&mut self, url: &str) -> Page {
        let page = self.try_get(url).await;
        page.unwrap_or_else(|error| panic!("{url}: {error:?}"))
    }

    /// The same where the server may be gone.
    pub async fn try_get(&mut self, url: &str) -> Result<Page, reqwest::Error> {
        let url = Url::parse(url).unwrap_or_else(|error| panic!("{url}: {error}"));
        self.walk(Method::GET, url, None, None).await
    }

    /// Follows the link on which a person reads `words`.
    pub async fn press(&mut self, page: &Page, words: &str) -> Page {
        let links = html::links(&page.html);
        let link = links.iter().find(|(_, text)| text.contains(words));
        let (href, _) = link.unwrap_or_else(|| panic!("no link {words:?} on {}: {}", page.url, page.text()));
        let url = page.url.join(href).expect("a link is an address");
        self.get(url.as_str()).await
    }

    /// Fills in and sends the form whose action contains `action`. `fields` override what the page holds; a button is pressed by
    /// naming it.
    pub async fn submit(&mut self, page: &Page, action: &str, fields: &[(&str, &str)]) -> Page {
        let form = page.form(action);
        let target = page.url.join(&form.action).expect("a form's action is an address");
        let mut pairs: Vec<(String, String)> = form
            .fields
            .iter()
            .filter(|field| !field.button && !fields.iter().any(|(name, _)| *name == field.name))
            .map(|field| (field.name.clone(), field.value.clone()))
            .collect();
        pairs.extend(
            fields
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        let encoded = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&pairs)
            .finish();
        if form.method == "get" {
            let mut target = target;
            target.set_query(Some(&encoded));
            return self.get(target.as_str()).await;
        }
        let origin = page.url.origin().ascii_serialization();
        let body = ("application/x-www-form-urlencoded".to_owned(), encoded);
        let answer = self.walk(Method::POST, target, Some(body), Some(origin)).await;
        answer.unwrap_or_else(|error| panic!("POST to {action:?}: {error:?}"))
    }

    /// Sends a form with a file (RFC 7578), as a browser does: what the page holds, `fields` that are chosen from lists, the file.
    pub async fn upload(&mut self, page: &Page, action: &str, fields: &[(&str, &str)], file: (&str, &str)) -> Page {
        use std::fmt::Write as _;

        const BOUNDARY: &str = "----doorward-e2e-boundary";
        let form = page.form(action);
        let held = form.fields.iter().filter(|field| !field.button && field.name != file.0);
        let held = held.map(|field| (field.name.as_str(), field.value.as_str()));
        let mut body = String::new();
        for (name, value) in held.chain(fields.iter().copied()).chain([file]) {
            let more = if name == file.0 {
                "; filename=\"file\"\r\nContent-Type: application/octet-stream"
            } else {
                ""
            };
            let _ = write!(
                body,
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n{value}\r\n"
            );
        }
        let _ = write!(body, "--{BOUNDARY}--\r\n");
        let target = page.url.join(&form.action).expect("a form's action is an address");
        let origin = page.url.origin().ascii_serialization();
        let body = (format!("multipart/form-data; boundary={BOUNDARY}"), body);
        let answer = self.walk(Method::POST, target, Some(body), Some(origin)).await;
        answer.unwrap_or_else(|error| panic!("POST to {action:?}: {error:?}"))
    }

    /// Sends the login form of a page with somebody's password.
    pub async fn log_in(&mut self, page: &Page, person: &Person) -> Page {
        let fields = [
            ("username", person.name.as_str()),
            ("password", person.password.as_str()),
        ];
        self.submit(page, "/login", &fields).await
    }

    async fn walk(
        &mut self,
        mut method: Method,
        mut url: Url,
        mut body: Option<(String, String)>,
        origin: Option<String>,
    ) -> Result<Page, reqwest::Error> {
        for _ in 0..MOST_REDIRECTS {
            if self.stops.iter().any(|stop| url.as_str().starts_with(stop)) {
                return Ok(Page {
                    url,
                    status: 0,
                    headers: HeaderMap::new(),
                    html: String::new(),
                });
            }
            let host = url.host_str().unwrap_or_default().to_owned();
            let mut request = self
                .client
                .request(method.clone(), url.clone())
                .header(ACCEPT, "text/html,application/xhtml+xml,*/*;q=0.8")
                .header(ACCEPT_LANGUAGE, &self.language);
            let sent = self.sent_to(&host, url.path());
            if !sent.is_empty() {
                request = request.header(COOKIE, sent);
            }
            if let Some((kind, body)) = &body {
                request = request.header(CONTENT_TYPE, kind).body(body.clone());
                if let Some(origin) = &origin {
                    request = request.header(ORIGIN, origin);
                }
            }
            let answer = request.send().await?;
            self.keep_cookies(&host, url.path(), answer.headers());
            let status = answer.status().as_u16();
            let headers = answer.headers().clone();
            if let (301 | 302 | 303 | 307 | 308, Some(location)) = (status, headers.get(LOCATION)) {
                let location = location.to_str().expect("a Location is text");
                url = url.join(location).expect("a Location is an address");
                if status < 307 {
                    method = Method::GET;
                    body = None;
                }
                continue;
            }
            let html = answer.text().await?;
            return Ok(Page {
                url,
                status,
                headers,
                html,
            });
        }
        panic!("more than {MOST_REDIRECTS} redirects, the last to {url}");
    }

    /// The cookies that it sends there, as a header.
    pub fn sent_to(&self, host: &str, path: &str) -> String {
        let jar = self.cookies.get(host).into_iter().flatten();
        let pairs: Vec<String> = jar
            .filter(|(cookie, _)| cookie.is_for(path))
            .map(|(cookie, value)| format!("{}={value}", cookie.name))
            .collect();
        pairs.join("; ")
    }

    fn keep_cookies(&mut self, host: &str, path: &str, headers: &HeaderMap) {
        let folder = path.rsplit_once('/').map_or("/", |(folder, _)| folder);
        let jar = self.cookies.entry(host.to_owned()).or_default();
        for cookie in headers.get_all(SET_COOKIE) {
            let cookie = cookie.to_str().expect("a cookie is text");
            let mut parts = cookie.split(';').map(str::trim);
            let (name, value) = parts
                .next()
                .and_then(|pair| pair.split_once('='))
                .expect("a cookie has a name");
            let attributes: Vec<&str> = parts.collect();
            let path = attributes
                .iter()
                .filter_map(|part| part.split_once('='))
                .find(|(name, value)| name.eq_ignore_ascii_case("path") && value.starts_with('/'))
                .map_or(folder, |(_, path)| path);
            let gone = value.is_empty() || attributes.iter().any(|part| is_over(part));
            let cookie = Cookie {
                name: name.to_owned(),
                path: if path.is_empty() { "/" } else { path }.to_owned(),
            };
            if gone {
                jar.remove(&cookie);
            } else {
                jar.insert(cookie, value.to_owned());
            }
        }
    }
}

/// Whether an attribute takes the cookie back: no age, or an end in 1970, which is how all the servers here do it.
fn is_over(attribute: &str) -> bool {
    let attribute = attribute.to_ascii_lowercase();
    attribute == "max-age=0" || (attribute.starts_with("expires=") && attribute.contains("1970"))
}

impl Page {
    /// What a person reads on it.
    pub fn text(&self) -> String {
        html::text(&self.html)
    }

    /// Panics unless the person reads `sentence` on it.
    #[track_caller]
    pub fn says(&self, sentence: &str) {
        let text = self.text();
        assert!(
            text.contains(sentence),
            "expected {sentence:?} on {} ({}), which says:\n{text}",
            self.url,
            self.status
        );
    }

    /// The form whose action contains `action`.
    #[track_caller]
    pub fn form(&self, action: &str) -> Form {
        let forms = html::forms(&self.html);
        forms
            .iter()
            .find(|form| form.action.contains(action))
            .unwrap_or_else(|| {
                panic!(
                    "no form to {action:?} on {} ({}): {}",
                    self.url,
                    self.status,
                    self.text()
                )
            })
            .clone()
    }

    /// Whether it asks for a password.
    pub fn is_login(&self) -> bool {
        self.url.path() == "/login"
    }

    /// A parameter of its address.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let found = self.url.query_pairs().find(|(known, _)| known == name);
        found.map(|(_, value)| value.into_owned())
    }

    /// What is behind the word "Reference:".
    #[track_caller]
    pub fn reference(&self) -> String {
        let text = self.text();
        let (_, after) = text
            .split_once("Reference:")
            .unwrap_or_else(|| panic!("no reference on {}: {text}", self.url));
        after.split_whitespace().next().unwrap_or_default().to_owned()
    }

    /// Its content as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.html)
            .unwrap_or_else(|error| panic!("{} ({}) is no JSON: {error}: {}", self.url, self.status, self.html))
    }
}
