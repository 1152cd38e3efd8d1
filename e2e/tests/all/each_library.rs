//! Each of Django's libraries goes wrong in every usual way: what its person sees, and what the trace says to the administrator.
//! What the library shows is its own business and changes with its releases; that the trace names the cause is ours.

use std::time::Duration;

use doorward_e2e::{Browser, Client, Package, Page, Person, Server, Site, Trace, bounded};

/// What was made to go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mishap {
    Es256,
    ExpiredCode,
    CodeTwice,
    NoPkce,
    WrongSecret,
    ClockBehind,
}

/// What the person ends up with: the path below the application, the status, words on the page. `None` where this library
/// lets them in all the same.
type Seen = Option<(&'static str, u16, &'static str)>;

fn seen(package: Package, mishap: Mishap) -> Seen {
    use Mishap::{ClockBehind, CodeTwice, Es256, ExpiredCode, NoPkce, WrongSecret};
    match (package, mishap) {
        (Package::NetBox, Es256) => Some(("/login/", 200, "The specified alg value is not allowed")),
        // For this is the printed leeway of social-auth; allauth verifies of a token that it fetched itself no more than issuer,
        // audience and end.
        (Package::NetBox | Package::SocialAuth | Package::Allauth, ClockBehind) | (Package::Allauth, Es256) => None,
        (Package::NetBox, WrongSecret) => Some(("/login/", 200, "Invalid key/secret, perhaps expired")),
        (Package::NetBox, NoPkce) => Some(("/login/", 200, "PKCE")),
        // The library says the same of every 400 from the token endpoint.
        (Package::NetBox, ExpiredCode | CodeTwice) => Some(("/login/", 200, "Authentication process canceled")),
        (Package::SocialAuth, _) => Some(("/trouble/", 200, "")),
        (Package::Allauth, _) => Some((
            "/accounts/oidc/doorward/login/callback/",
            401,
            "Third-Party Login Failure",
        )),
        (Package::Mozilla, NoPkce) => Some(("/", 200, "null")),
        (Package::Mozilla, Es256) => Some(("/oidc/callback/", 400, "Bad Request (400)")),
        (Package::Mozilla, _) => Some(("/oidc/callback/", 500, "Server Error (500)")),
    }
}

struct House {
    server: Server,
    package: Package,
    site: Site,
    alice: Person,
}

impl House {
    async fn new(package: Package) -> Self {
        let server = Server::start().await;
        server.json(&["group", "add", "users"]).await;
        let alice = server.add_person("alice", "Alice Archer", &["users"]).await;
        let site = Site::add(&server, package, "users").await.start().await;
        Self {
            server,
            package,
            site,
            alice,
        }
    }

    fn app(&self) -> &'static str {
        self.package.preset()
    }

    async fn edit(&self, words: &[&str]) {
        self.server.json(&[&["app", "edit", self.app()], words].concat()).await;
    }

    /// Logs in as Alice and holds the browser back before it brings the code to the application.
    async fn with_the_code(&self, browser: &mut Browser) -> Page {
        browser.stop_at(&format!("{}{}?", self.site.url, self.package.callback()));
        let page = self.site.log_in(browser, &self.alice).await;
        browser.stop_nowhere();
        assert!(page.parameter("code").is_some(), "{}: {}", page.url, page.text());
        page
    }

    /// Checks what the person sees; the trace of that login.
    async fn expect(&self, mishap: Mishap, browser: &mut Browser, page: &Page) -> Trace {
        let who = self.site.who(browser).await;
        match seen(self.package, mishap) {
            None => assert_eq!(
                who["email"],
                "alice@example.com",
                "{mishap:?}: {} {}",
                page.url,
                page.text()
            ),
            Some((path, status, words)) => {
                let got = (page.url.path(), page.status);
                assert_eq!(got, (path, status), "{mishap:?}: {}\n{}", page.text(), self.site.log());
                page.says(words);
                assert!(who["user"].is_null(), "{mishap:?}: {who}");
            }
        }
        self.server.latest_trace(self.app()).await
    }

    async fn redirect_uri_without_its_slash(&self) {
        let right = format!("{}{}", self.site.url, self.package.callback());
        let wrong = right.trim_end_matches('/').to_owned();
        self.edit(&["--add-redirect-uri", &wrong, "--remove-redirect-uri", &right])
            .await;
        let page = self.site.begin(&mut Browser::new()).await;
        assert_eq!(page.status, 400, "{}", page.text());
        page.says("The application asked to send you to an address that is not registered for it.");
        let trace = self.server.trace_of(&page).await;
        assert_eq!(trace.refusal().check, "authorize.redirect_uri", "{trace:#?}");
        assert!(trace.conclusion.sentence.contains("`/`"), "{trace:#?}");
        self.edit(&["--add-redirect-uri", &right, "--remove-redirect-uri", &wrong])
            .await;
    }

    async fn person_without_access(&self) {
        let bob = self.server.add_person("bob", "Bob Baker", &[]).await;
        let page = self.site.log_in(&mut Browser::new(), &bob).await;
        assert_eq!(page.status, 403, "{}", page.text());
        page.says("You are not one of them: users");
        let trace = self.server.trace_of(&page).await;
        assert_eq!(
            (trace.app.as_deref(), trace.user.as_deref()),
            (Some(self.app()), Some("bob"))
        );
        assert_eq!(trace.refusal().check, "authorize.access", "{trace:#?}");
    }

    async fn es256(&self) {
        self.edit(&["--id-token-alg", "ES256"]).await;
        let mut browser = Browser::new();
        let page = self.site.log_in(&mut browser, &self.alice).await;
        let trace = self.expect(Mishap::Es256, &mut browser, &page).await;
        if seen(self.package, Mishap::Es256).is_some() {
            self.says_that_userinfo_is_missing(&trace, "--id-token-alg RS256").await;
        }
        self.edit(&["--id-token-alg", "RS256"]).await;
    }

    /// Only silence tells that the application rejected its tokens, so this waits.
    async fn says_that_userinfo_is_missing(&self, trace: &Trace, remedy: &str) {
        tokio::time::sleep(Duration::from_secs(6)).await;
        let trace = self.server.trace(&trace.reference).await;
        assert_eq!(trace.conclusion.code, "userinfo_missing", "{trace:#?}");
        let advice = trace.conclusion.remedy.as_deref().unwrap_or_default();
        assert!(advice.contains(remedy), "{advice}");
    }

    async fn expired_code(&self) {
        self.edit(&["--lifetime", "code=10"]).await;
        let mut browser = Browser::new();
        let held = self.with_the_code(&mut browser).await;
        tokio::time::sleep(Duration::from_millis(10_500)).await;
        let page = browser.get(held.url.as_str()).await;
        let trace = self.expect(Mishap::ExpiredCode, &mut browser, &page).await;
        assert_eq!(trace.refusal().check, "token.code", "{trace:#?}");
        assert!(trace.conclusion.sentence.contains("10 s"), "{trace:#?}");
        self.edit(&["--lifetime", "code=preset"]).await;
    }

    async fn code_twice(&self) {
        let mut browser = Browser::new();
        let held = self.with_the_code(&mut browser).await;
        let redirect_uri = format!("{}{}", self.site.url, self.package.callback());
        let thief = Client::impersonate(&self.server, self.app(), &redirect_uri).await;
        let code = held.parameter("code").expect("a code");
        thief.redeem(&code).await.refused("invalid_grant");
        let page = browser.get(held.url.as_str()).await;
        let trace = self.expect(Mishap::CodeTwice, &mut browser, &page).await;
        assert!(
            trace
                .steps
                .iter()
                .any(|step| step.check == "token.pkce" && step.outcome == "refused"),
            "{trace:#?}"
        );
        let last = trace.steps.iter().rev().find(|step| step.outcome == "refused");
        assert_eq!(last.map(|step| step.check.as_str()), Some("token.code"), "{trace:#?}");
    }

    async fn wrong_secret(&self) {
        // Somebody made a new secret and did not tell the application.
        self.server.json(&["app", "secret", "rotate", self.app()]).await;
        let mut browser = Browser::new();
        let page = self.site.log_in(&mut browser, &self.alice).await;
        let trace = self.expect(Mishap::WrongSecret, &mut browser, &page).await;
        assert_eq!(
            trace.user.as_deref(),
            Some("alice"),
            "the trace of that login: {trace:#?}"
        );
        assert_eq!(trace.refusal().check, "client.secret", "{trace:#?}");
    }

    async fn no_pkce(&mut self) {
        self.edit(&["--pkce", "required"]).await;
        self.site.set(self.package.without_pkce());
        self.site.restart_at("").await;
        let mut browser = Browser::new();
        let page = self.site.begin(&mut browser).await;
        let trace = self.expect(Mishap::NoPkce, &mut browser, &page).await;
        let refusal = trace.refusal();
        assert_eq!(refusal.check, "authorize.pkce", "{trace:#?}");
        let remedy = refusal.remedy.as_deref().unwrap_or_default();
        assert!(
            remedy.contains("PKCE") && remedy.contains("True"),
            "the application's own setting: {remedy}"
        );
    }

    async fn clock(&mut self) {
        self.site.restart_at("+5s").await;
        let mut browser = Browser::new();
        self.site.log_in(&mut browser, &self.alice).await;
        let who = self.site.who(&mut browser).await;
        assert_eq!(who["email"], "alice@example.com", "a clock ahead: {}", self.site.log());

        self.site.restart_at("-5s").await;
        let mut browser = Browser::new();
        let page = self.site.log_in(&mut browser, &self.alice).await;
        let trace = self.expect(Mishap::ClockBehind, &mut browser, &page).await;
        if seen(self.package, Mishap::ClockBehind).is_some() {
            assert!(self.site.log().contains("not yet valid"), "{}", self.site.log());
            self.says_that_userinfo_is_missing(&trace, "measures its clock").await;
        }
        self.site.restart_at("").await;
    }
}

async fn every_mishap(package: Package) {
    let mut house = House::new(package).await;
    house.redirect_uri_without_its_slash().await;
    house.person_without_access().await;
    house.es256().await;
    house.expired_code().await;
    house.code_twice().await;
    house.clock().await;
    // These two stay.
    house.no_pkce().await;
    house.edit(&["--weaken-pkce-if-sent"]).await;
    house.wrong_secret().await;
}

#[tokio::test]
async fn whatever_goes_wrong_with_netbox_has_its_cause_in_the_trace() {
    bounded(240, every_mishap(Package::NetBox)).await;
}

#[tokio::test]
async fn whatever_goes_wrong_with_the_newest_social_auth_has_its_cause_in_the_trace() {
    bounded(240, every_mishap(Package::SocialAuth)).await;
}

#[tokio::test]
async fn whatever_goes_wrong_with_mozilla_django_oidc_has_its_cause_in_the_trace() {
    bounded(240, every_mishap(Package::Mozilla)).await;
}

#[tokio::test]
async fn whatever_goes_wrong_with_django_allauth_has_its_cause_in_the_trace() {
    bounded(240, every_mishap(Package::Allauth)).await;
}
