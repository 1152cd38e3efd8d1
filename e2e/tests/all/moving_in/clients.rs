//! A client in Go and one in Django that are set up for the realm once, by hand, and what they are told about people.

use std::collections::BTreeMap;

use data_encoding::BASE32_NOPAD;
use doorward_e2e::{Browser, Go, Package, Page, Person, Site};
use serde_json::{Value, json};

use crate::second_factor::app_shows;

/// What is new with each login.
const EACH_TIME: &[&str] = &[
    "iat",
    "exp",
    "auth_time",
    "jti",
    "sid",
    "session_state",
    "nonce",
    "at_hash",
];
/// Words of a provider's own for what a login and a token are: Keycloak's `typ` is `ID`, its `acr` a number. `updated_at` comes with the
/// scope `profile` here, and there if an attribute says it.
const OF_THE_PROVIDER: &[&str] = &["typ", "acr", "amr", "azp", "updated_at"];

/// What an administrator writes to.
const FILES: [&str; 3] = ["settings.py", "urls.py", "templates/registration/login.html"];

/// Both clients, and what people have in their pockets.
pub(super) struct Clients {
    go: Value,
    site: Site,
    /// Secrets of apps for one-time codes, by person.
    pockets: BTreeMap<String, String>,
}

/// What both were told in a login.
#[derive(Debug)]
pub(super) struct Told {
    id_token: Value,
    userinfo: Value,
    django: Value,
}

impl Clients {
    pub(super) async fn new(issuer: &str) -> Self {
        let settings = format!(
            "INSTALLED_APPS += ['social_django']\n\
             AUTHENTICATION_BACKENDS = ['social_core.backends.open_id_connect.OpenIdConnectAuth', \
             'django.contrib.auth.backends.ModelBackend']\n\
             MIDDLEWARE += ['social_django.middleware.SocialAuthExceptionMiddleware']\n\
             SOCIAL_AUTH_LOGIN_ERROR_URL = '/trouble/'\n\
             SOCIAL_AUTH_OIDC_OIDC_ENDPOINT = '{issuer}'\n\
             SOCIAL_AUTH_OIDC_KEY = 'wiki'\n\
             SOCIAL_AUTH_OIDC_SECRET = 'the secret of the wiki, long enough'\n\
             SOCIAL_AUTH_OIDC_EXTRA_DATA = ['sub', 'groups', 'resource_access']\n\
             LOGIN_REDIRECT_URL = '/'\n"
        );
        let urls = "from django.urls import include, path\n\
                    urlpatterns += [path('', include('social_django.urls', namespace='social'))]\n";
        let button = "<form method=\"post\" action=\"{% url 'social:begin' 'oidc' %}\">{% csrf_token %}<button>Log in</button></form>\n";
        let files = FILES.into_iter().zip([settings.as_str(), urls, button]);
        let site = Site::by_hand(Package::SocialAuth, &files.collect::<Vec<_>>()).await;
        let site = site.start().await;
        let go = json!({
            "issuer": issuer, "id": "gopher", "secret": "the secret of gopher, long enough",
            "redirect": "http://127.0.0.1:9/gopher/callback", "scopes": ["openid", "profile", "email"],
        });
        Self {
            go,
            site,
            pockets: BTreeMap::new(),
        }
    }

    /// Writes where the site is into the realm.
    pub(super) fn register(&self, realm: &mut Value) {
        let clients = realm["clients"].as_array_mut().expect("clients");
        let wiki = clients
            .iter_mut()
            .find(|client| client["clientId"] == "wiki")
            .expect("the wiki");
        wiki["redirectUris"] = json!([format!("{}{}", self.site.url, Package::SocialAuth.callback())]);
    }

    /// Everything that an administrator wrote for the two.
    pub(super) fn configuration(&self) -> Vec<(String, Vec<u8>)> {
        let of_site = FILES.iter().map(|file| ((*file).to_owned(), self.site.content(file)));
        let of_go = ("go".to_owned(), self.go.to_string().into_bytes());
        of_site.chain([of_go]).collect()
    }

    /// Logs somebody in to both, each in a fresh browser.
    pub(super) async fn log_in(&mut self, person: &Person) -> Told {
        let settings = self.go.to_string();
        let mut go = Go::start("application", &[("SETTINGS", &settings)]);
        let begun = go.said().await;
        let mut browser = Browser::new().stopping_at("http://127.0.0.1:9/");
        let page = browser.get(begun["url"].as_str().expect("a URL")).await;
        let back = self.answer(&mut browser, page, person).await;
        assert!(
            back.url.as_str().starts_with("http://127.0.0.1:9/"),
            "{}: {}",
            back.url,
            back.text()
        );
        go.hear(&back.url).await;
        let told = go.said().await;

        let mut browser = Browser::new();
        let page = self.site.begin(&mut browser).await;
        let page = self.answer(&mut browser, page, person).await;
        assert_eq!(page.status, 200, "{} {}\n{}", page.url, page.text(), self.site.log());
        Told {
            id_token: told["id_token"].clone(),
            userinfo: told["userinfo"].clone(),
            django: self.site.who(&mut browser).await,
        }
    }

    /// Types in whatever the pages of either provider ask for.
    async fn answer(&mut self, browser: &mut Browser, mut page: Page, person: &Person) -> Page {
        for _ in 0..4 {
            page = if page.html.contains("name=\"totpSecret\"") {
                self.enrol(browser, &page, person).await
            } else if page.html.contains("login-actions/authenticate") && page.html.contains("name=\"otp\"") {
                let code = app_shows(&self.pockets[&person.name], 0);
                browser
                    .submit(&page, "login-actions/authenticate", &[("otp", &code)])
                    .await
            } else if page.html.contains("login-actions/authenticate") {
                let fields = [
                    ("username", person.name.as_str()),
                    ("password", person.password.as_str()),
                ];
                browser.submit(&page, "login-actions/authenticate", &fields).await
            } else if page.url.path() == "/login/second" {
                // Two logins in one step of thirty seconds: the app's next code counts too.
                let step = i32::from(page.status == 401);
                let code = app_shows(&self.pockets[&person.name], step);
                browser.submit(&page, "/login/second", &[("code", &code)]).await
            } else if page.status == 200 && page.is_login() {
                browser.log_in(&page, person).await
            } else {
                return page;
            };
        }
        page
    }

    /// Keycloak shows a secret, as its rules ask: the person's app takes it.
    async fn enrol(&mut self, browser: &mut Browser, page: &Page, person: &Person) -> Page {
        let form = page.form("login-actions/required-action");
        let secret = form
            .fields
            .iter()
            .find(|field| field.name == "totpSecret")
            .expect("a secret");
        let secret = BASE32_NOPAD.encode(secret.value.as_bytes());
        let code = app_shows(&secret, -1);
        self.pockets.insert(person.name.clone(), secret);
        let fields = [("totp", code.as_str()), ("userLabel", "phone")];
        browser.submit(page, "login-actions/required-action", &fields).await
    }

    /// Django made no second account of anybody, and has the groups and roles of both logins.
    pub(super) async fn has_one_account_each(&self, before: &BTreeMap<&str, Told>) {
        let told = &before["alice"];
        self.site
            .shell(&format!(
                "from django.contrib.auth.models import User; from social_django.models import UserSocialAuth as U; \
                 assert User.objects.count() == {people}, User.objects.all(); known = U.objects.get(user__username='alice'); \
                 assert known.uid == {sub}, known.uid; \
                 assert sorted(known.extra_data['groups']) == ['/company/helpdesk', '/company/netops/leads'], known.extra_data; \
                 assert sorted(known.extra_data['resource_access']['wiki']['roles']) == ['editor', 'reader'], known.extra_data",
                people = before.len(),
                sub = told.id_token["sub"],
            ))
            .await;
    }

    /// A service logs in as itself with the secret that it had.
    pub(super) async fn robot_logs_in(&self, issuer: &str) {
        let http = reqwest::Client::builder().no_proxy().build().expect("an HTTP client");
        let address = format!("{issuer}/protocol/openid-connect/token");
        for (secret, status) in [("the secret of the robot, long enough", 200), ("another secret", 401)] {
            let request = http.post(&address).basic_auth("robot", Some(secret));
            let answer = request.form(&[("grant_type", "client_credentials")]).send().await;
            assert_eq!(answer.expect("an answer").status().as_u16(), status);
        }
    }
}

/// Claim by claim, in the ID token and in userinfo, and as Django sees them.
pub(super) fn same(name: &str, before: &Told, after: &Told) {
    assert_eq!(before.id_token["typ"], "ID", "Keycloak was asked: {}", before.id_token);
    assert!(
        after.id_token["typ"].is_null(),
        "this server was asked: {}",
        after.id_token
    );
    for (kind, before, after) in [
        ("ID token", &before.id_token, &after.id_token),
        ("userinfo", &before.userinfo, &after.userinfo),
        ("Django", &before.django, &after.django),
    ] {
        let (before, after) = (picture(before), picture(after));
        let names = before
            .keys()
            .chain(after.keys())
            .collect::<std::collections::BTreeSet<_>>();
        let differ: Vec<String> = names
            .into_iter()
            .filter(|name| before.get(*name) != after.get(*name))
            .map(|name| format!("{name}: {:?} was {:?}", after.get(name), before.get(name)))
            .collect();
        assert!(differ.is_empty(), "{name}, {kind}: {differ:#?}");
    }
}

/// What has to be the same: lists are sets, `false` of an address is silence, and so is an empty list.
fn picture(claims: &Value) -> BTreeMap<String, Value> {
    let claims = claims.as_object().expect("claims");
    let kept = claims.iter().filter(|(name, value)| {
        let name = name.as_str();
        let says_nothing = (name == "email_verified" && **value == json!(false)) || **value == json!([]);
        !EACH_TIME.contains(&name) && !OF_THE_PROVIDER.contains(&name) && !says_nothing
    });
    kept.map(|(name, value)| (name.clone(), sorted(value))).collect()
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(list) => {
            let mut list: Vec<Value> = list.iter().map(sorted).collect();
            list.sort_by_key(ToString::to_string);
            Value::Array(list)
        }
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), sorted(value)))
            .collect(),
        other => other.clone(),
    }
}
