//! From the application's address to the authorization request that it makes, as a browser would go: redirects, the cookies that
//! come with them, a button or link for single sign-on, the form that a framework protects with a field of its own.

use std::collections::BTreeSet;
use std::time::Duration;

use doorward_apps::{App, Preset};
use doorward_login::{HttpAnswer, HttpRequest, LoginError, is_this_machine};
use doorward_oidc::encode;
use http::{HeaderMap, HeaderValue, header};
use serde_json::Value;
use url::Url;

use crate::{
    jar::Jar,
    page::{self, Offer},
    script::{self, Configured},
    way::{NotOurs, Own, Ways, may_be_private},
};

/// Most requests of one walk.
const MOST_REQUESTS: usize = 14;
/// Most redirects in a row.
const MOST_REDIRECTS: usize = 6;
/// Most pages behind one another whose buttons are pressed.
const DEEPEST: usize = 2;
/// Buttons and links of one page that are tried.
const TRIED: usize = 3;
/// From this likelihood on, a button is one for a single sign-on.
const SURELY: i32 = 4;
/// The whole walk takes no longer.
const WHOLE: Duration = Duration::from_secs(30);
/// Scripts that are searched for settings, when no page leads on.
const MOST_SCRIPTS: usize = 4;
/// Where login pages usually are, for applications that name none.
const USUAL: [&str; 5] = ["/login/", "/accounts/login/", "/user/login", "/signin", "/auth/login"];

/// One request of the walk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// Whether it was a form that was sent.
    pub posted: bool,
    /// Where; without its query, in which secrets may be.
    pub url: String,
    /// What was answered; `None` when nothing was, or when it is in a private network and nobody has said that it may be.
    pub status: Option<u16>,
}

/// Where the walk ended.
#[derive(Debug)]
pub enum End {
    /// The application asks for a login here: the address with its parameters.
    Asked(Url),
    /// It leads to somebody who is not registered for it.
    Elsewhere(NotOurs),
    /// Its own login fails: a status of 500 or more at this address.
    Broken {
        /// Where.
        url: String,
        /// What was answered, if that is told.
        status: Option<u16>,
    },
    /// Its own login comes back to its own pages without having sent anybody anywhere.
    Returned {
        /// Where the login begins.
        url: String,
    },
    /// Nothing there leads to a single sign-on.
    NoWay,
    /// Nothing there leads to one without running the page's scripts.
    Script {
        /// The page.
        url: String,
        /// What was read of its settings.
        configured: Configured,
    },
    /// A page is larger than what is read.
    TooLarge {
        /// Which.
        url: String,
    },
    /// It cannot be reached.
    Unreachable {
        /// Where.
        url: String,
        /// Why not, if that is told.
        error: Option<LoginError>,
    },
    /// It has no address.
    NoAddress,
    /// Redirects or answers without end.
    TooLong,
}

/// A walk and where it led.
#[derive(Debug)]
pub struct Walked {
    /// Each request, in order.
    pub visits: Vec<Visit>,
    /// Where it ended.
    pub end: End,
    /// An address that answers, whose clock can be read.
    pub answering: Option<Url>,
}

/// Goes to the application's login. `authorize` are the addresses of our authorization endpoint.
pub async fn to_login(ways: &Ways, app: &App, preset: Option<&Preset>, authorize: &[String]) -> Walked {
    let (begin, starts) = starts(app, preset);
    let mut walk = Walk {
        ways,
        app,
        own: Own::of(app),
        authorize,
        hints: hints(app),
        jar: Jar::default(),
        visits: Vec::new(),
        seen: BTreeSet::new(),
        answering: None,
        worst: None,
        scripted: None,
    };
    if starts.is_empty() {
        return walk.ended(End::NoAddress);
    }
    let found = tokio::time::timeout(WHOLE, async {
        for start in starts {
            // What the preset names begins a login, like a button.
            let begins = begin.as_ref() == Some(&start);
            let form = preset
                .and_then(|preset| preset.doctor.login_form.as_deref())
                .filter(|_| begins)
                .map(|form| Preset::at(form, &app.url));
            let step = Step {
                form,
                ..Step::get(start)
            };
            if let Some(end) = walk.from(step, 0, begins).await {
                return Some(end);
            }
        }
        walk.of_scripts().await
    })
    .await;
    let end = match found {
        Ok(Some(end)) => end,
        Ok(None) => walk.worst.take().unwrap_or(End::NoWay),
        Err(_) => End::TooLong,
    };
    walk.ended(end)
}

/// Where a login may begin, the surest first.
fn starts(app: &App, preset: Option<&Preset>) -> (Option<Url>, Vec<Url>) {
    let login = preset.and_then(|preset| preset.doctor.login_url.as_deref());
    let login = login
        .filter(|_| !app.url.is_empty())
        .map(|login| Preset::at(login, &app.url));
    let begin = login.as_deref().and_then(|login| Url::parse(login).ok());
    let base = (!app.url.is_empty()).then(|| format!("{}/", app.url));
    let mut starts: Vec<Url> = Vec::new();
    let usual = USUAL.iter().filter(|_| !app.url.is_empty());
    let usual = usual.map(|path| format!("{}{path}", app.url));
    for text in [login, app.start_url.clone(), base].into_iter().flatten().chain(usual) {
        if let Ok(url) = Url::parse(&text)
            && matches!(url.scheme(), "http" | "https")
            && !starts.contains(&url)
        {
            starts.push(url);
        }
    }
    (begin, starts)
}

/// Words of the redirect URIs' paths: what begins a login often has the provider's name in common with what ends it.
fn hints(app: &App) -> Vec<String> {
    const COMMON: &[&str] = &[
        "callback", "complete", "login", "auth", "accounts", "user", "api", "redirect",
    ];
    let mut hints = Vec::new();
    for uri in app.redirect_uris.iter() {
        let Ok(url) = Url::parse(uri.as_str()) else { continue };
        for part in url.path().split('/') {
            let part = part.to_ascii_lowercase();
            if part.len() > 2 && !COMMON.contains(&part.as_str()) {
                hints.push(part);
            }
        }
    }
    hints
}

/// A request that is to be made.
struct Step {
    url: Url,
    form: Option<String>,
    from: Option<Url>,
}

impl Step {
    fn get(url: Url) -> Self {
        Self {
            url,
            form: None,
            from: None,
        }
    }
}

struct Walk<'a> {
    ways: &'a Ways,
    app: &'a App,
    own: Own,
    authorize: &'a [String],
    hints: Vec<String>,
    jar: Jar,
    visits: Vec<Visit>,
    seen: BTreeSet<(String, bool)>,
    answering: Option<Url>,
    /// What to say when no way leads on.
    worst: Option<End>,
    /// The first page whose scripts may begin a login, and what was read of its settings.
    scripted: Option<Scripted>,
}

struct Scripted {
    page: Url,
    files: Vec<String>,
    configured: Configured,
}

impl Walk<'_> {
    fn ended(self, end: End) -> Walked {
        Walked {
            visits: self.visits,
            end,
            answering: self.answering,
        }
    }

    /// Follows redirects from there, then tries what the page offers. `None` when this way leads nowhere.
    ///
    /// `begins`: whoever goes there wants to log in, so that coming back means that it failed.
    async fn from(&mut self, mut step: Step, depth: usize, begins: bool) -> Option<End> {
        let began = shown(&step.url);
        for turn in 0..MOST_REDIRECTS {
            let came_back = begins && turn > 0;
            if self.is_request(&step.url, step.form.as_deref()) {
                return Some(End::Asked(with_form(step.url, step.form.as_deref())));
            }
            if !self.own.has(&step.url) {
                self.note(self.not_asked(&step.url));
                return None;
            }
            if !self.seen.insert((step.url.to_string(), step.form.is_some())) {
                if came_back {
                    self.note(End::Returned { url: began });
                }
                return None;
            }
            if self.visits.len() >= MOST_REQUESTS {
                return Some(self.worst.take().unwrap_or(End::TooLong));
            }
            let answer = self.send(&step).await?;
            if let Some(location) = answer
                .header("location")
                .filter(|_| (300..400).contains(&answer.status))
            {
                let Ok(next) = step.url.join(location) else { return None };
                step = Step {
                    url: next,
                    form: None,
                    from: Some(step.url),
                };
                continue;
            }
            if answer.status >= 500 {
                self.note(End::Broken {
                    url: shown(&step.url),
                    status: self.ways.to(self.app, &step.url).tells.then_some(answer.status),
                });
                return None;
            }
            let found = match answer.content_type().as_str() {
                "text/html" => {
                    self.remember_scripts(&step.url, &answer);
                    if depth < DEEPEST {
                        // Boxed, since a page's button leads to a page.
                        Box::pin(self.press(&step.url, &answer.body, depth)).await
                    } else {
                        None
                    }
                }
                "application/json" => self.request_in(&answer.body).map(End::Asked),
                _ => None,
            };
            if found.is_none() && came_back {
                self.note(End::Returned { url: began });
            }
            return found;
        }
        Some(End::TooLong)
    }

    /// An interface for scripts answers with the address that the browser is to open.
    fn request_in(&self, json: &[u8]) -> Option<Url> {
        let mut left: Vec<Value> = vec![serde_json::from_slice(json).ok()?];
        while let Some(value) = left.pop() {
            match value {
                Value::String(text) => {
                    if let Some(url) = Url::parse(&text).ok().filter(|url| self.is_request(url, None)) {
                        return Some(url);
                    }
                }
                Value::Array(list) => left.extend(list),
                Value::Object(members) => left.extend(members.into_iter().map(|(_, value)| value)),
                _ => {}
            }
        }
        None
    }

    fn remember_scripts(&mut self, url: &Url, page: &HttpAnswer) {
        if self.scripted.is_some() || page.status >= 400 {
            return;
        }
        let scripts = script::scripts(&page.body);
        if scripts.any {
            let mut configured = Configured::default();
            configured.read(&page.body);
            self.scripted = Some(Scripted {
                page: url.clone(),
                files: scripts.files,
                configured,
            });
        }
    }

    /// No page leads on, and one has scripts: what they are set up with, as far as it can be read.
    async fn of_scripts(&mut self) -> Option<End> {
        if self.worst.is_some() {
            return None;
        }
        let Scripted {
            page,
            files,
            mut configured,
        } = self.scripted.take()?;
        for file in files.iter().take(MOST_SCRIPTS) {
            let Ok(url) = page.join(file) else { continue };
            if !self.own.has(&url) {
                continue;
            }
            if self.visits.len() >= MOST_REQUESTS {
                break;
            }
            let step = Step {
                from: Some(page.clone()),
                ..Step::get(url)
            };
            if let Some(answer) = self.send(&step).await.filter(|answer| answer.status == 200) {
                configured.read(&answer.body);
            }
        }
        // A script that cannot be had is no reason by itself.
        self.worst = None;
        // What stands in private pages is told only of a private network that somebody has named.
        if !self.ways.to(self.app, &page).tells {
            configured = Configured::default();
        }
        Some(End::Script {
            url: shown(&page),
            configured,
        })
    }

    /// Why an address is not asked: it is somebody else's, or this machine's own and nobody has said that it may be.
    fn not_asked(&self, url: &Url) -> End {
        let is_home = Url::parse(&self.app.url).is_ok_and(|home| is_this_machine(&home));
        if is_home && is_this_machine(url) && !may_be_private(self.app) {
            let address = shown(url);
            return End::Unreachable {
                url: address.clone(),
                error: Some(LoginError::PrivateAddress {
                    url: address,
                    received: "this server's own machine".to_owned(),
                }),
            };
        }
        End::Elsewhere(NotOurs {
            origin: url.origin().ascii_serialization(),
        })
    }

    async fn press(&mut self, at: &Url, body: &[u8], depth: usize) -> Option<End> {
        let mut offers: Vec<(i32, Offer)> = page::offers(body)
            .into_iter()
            .map(|offer| (self.likelihood(at, &offer), offer))
            .filter(|(likelihood, _)| *likelihood > 0)
            .collect();
        // The page's order among equals.
        offers.sort_by_key(|(likelihood, _)| -likelihood);
        for (likelihood, offer) in offers.into_iter().take(TRIED) {
            let Ok(mut url) = at.join(&offer.href) else { continue };
            if !offer.query.is_empty() {
                url.query_pairs_mut().extend_pairs(&offer.query);
            }
            let form = offer
                .post
                .map(|fields| encode(fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))));
            // What a page has written is handed to nobody but whose page it is.
            if form.is_some() && url.origin() != at.origin() && !self.is_request(&url, form.as_deref()) {
                continue;
            }
            let step = Step {
                url,
                form,
                from: Some(at.clone()),
            };
            if let Some(end) = self.from(step, depth + 1, likelihood >= SURELY).await {
                return Some(end);
            }
        }
        None
    }

    /// How much an offer looks like the way to a single sign-on; nothing below one is tried.
    fn likelihood(&self, at: &Url, offer: &Offer) -> i32 {
        const SURE: &[&str] = &[
            "oidc",
            "openid",
            "oauth",
            "sso",
            "single sign",
            "doorward",
            "keycloak",
            "social",
        ];
        const LIKELY: &[&str] = &["login", "log in", "signin", "sign in", "sign-in", "anmelden", "auth"];
        const NEVER: &[&str] = &[
            "logout",
            "log out",
            "signout",
            "sign-out",
            "register",
            "signup",
            "sign up",
            "password",
            "forgot",
            "reset",
            "javascript:",
            "mailto:",
            "saml",
            "passkey",
            "webauthn",
        ];
        let Ok(url) = at.join(&offer.href) else { return 0 };
        if offer.wants_typing || (url == *at && offer.post.is_none()) {
            return 0;
        }
        if self.is_request(&url, None) {
            return 100;
        }
        if !self.own.has(&url) {
            return 0;
        }
        let text = format!("{} {}", url, offer.words).to_lowercase();
        let has = |words: &[&str]| i32::from(words.iter().any(|word| text.contains(word)));
        if has(NEVER) > 0 {
            return 0;
        }
        let hinted = self
            .hints
            .iter()
            .any(|hint| url.path().to_lowercase().contains(hint.as_str()));
        has(SURE) * 4 + has(LIKELY) * 2 + i32::from(hinted) * 5
    }

    /// Whether a request there is an authorization request (RFC 6749 §4.1.1), to us or to anybody.
    fn is_request(&self, url: &Url, form: Option<&str>) -> bool {
        let mut bare = url.clone();
        bare.set_query(None);
        bare.set_fragment(None);
        if self.authorize.iter().any(|own| own == bare.as_str()) {
            return true;
        }
        let url = with_form(url.clone(), form);
        let has = |wanted: &str| url.query_pairs().any(|(name, _)| name == wanted);
        has("client_id") && (has("response_type") || has("request_uri") || has("request"))
    }

    async fn send(&mut self, step: &Step) -> Option<HttpAnswer> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static("text/html,*/*;q=0.8"));
        let mut put = |name: header::HeaderName, value: &str| {
            if let Ok(value) = value.parse() {
                headers.insert(name, value);
            }
        };
        if let Some(cookies) = self.jar.header(&step.url) {
            put(header::COOKIE, &cookies);
        }
        if let Some(from) = &step.from {
            // Frameworks take a form only from a page of their own.
            put(header::REFERER, from.as_str());
            if step.form.is_some() {
                put(header::ORIGIN, &from.origin().ascii_serialization());
            }
        }
        let request = HttpRequest {
            url: step.url.to_string(),
            form: step.form.clone(),
            max_bytes: page::LARGEST,
            headers,
            redirects: true,
            ..HttpRequest::default()
        };
        let way = self.ways.to(self.app, &step.url);
        let answer = way.http.send(request).await;
        let mut visit = Visit {
            posted: step.form.is_some(),
            url: shown(&step.url),
            status: None,
        };
        match answer {
            Ok(answer) => {
                visit.status = way.tells.then_some(answer.status);
                self.visits.push(visit);
                self.answering.get_or_insert_with(|| step.url.clone());
                self.jar.take(&step.url, &answer.headers);
                Some(answer)
            }
            Err(error) => {
                let url = visit.url.clone();
                self.visits.push(visit);
                // What can be told before anybody was asked is no word about what is there.
                let is_told = way.tells || error.code() == "address_not_allowed";
                self.note(match error {
                    LoginError::TooLarge { .. } => End::TooLarge { url },
                    error => End::Unreachable {
                        url,
                        error: is_told.then_some(error),
                    },
                });
                None
            }
        }
    }

    /// The first thing that went wrong is what is told, and a login that fails before one that is not found.
    fn note(&mut self, end: End) {
        let is_failure = |end: &End| matches!(end, End::Broken { .. } | End::Returned { .. });
        let is_worse = match &self.worst {
            None => true,
            Some(known) => is_failure(&end) && !is_failure(known),
        };
        if is_worse {
            self.worst = Some(end);
        }
    }
}

/// A form's fields as if they were in the query: where an authorization request is posted (OpenID Connect Core §3.1.2.1).
fn with_form(mut url: Url, form: Option<&str>) -> Url {
    if let Some(form) = form {
        let query = match url.query() {
            Some(query) if !query.is_empty() => format!("{query}&{form}"),
            _ => form.to_owned(),
        };
        url.set_query(Some(&query));
    }
    url
}

/// Without query and fragment: there may be secrets in them.
fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    url.to_string()
}
