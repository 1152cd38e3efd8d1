//! Keycloak from its own distribution, in memory, one process for all tests and a realm for each. It is set up through its
//! administration interface, as an administrator would.
//!
//! Sources: Keycloak's Server Administration Guide (clients, protocol mappers, keys) and its Admin REST API.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::{Registration, lasting::Lasting};
use crate::{
    browser::{Browser, Page},
    process::free_port,
    server::Person,
    tools::Tools,
};

/// What it needs at most on a machine where much else runs.
pub(super) const PATIENCE: Duration = Duration::from_mins(4);
/// Its heap is bounded; the first compiler alone starts twice as fast and is fast enough.
pub(super) const JAVA: &str = "-Xms128m -Xmx512m -XX:MaxMetaspaceSize=256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
                    -Djava.net.preferIPv4Stack=true";
pub(super) const ADMIN: &str = "admin";
/// An administrator's token lives for a minute.
const TOKEN: Duration = Duration::from_secs(40);

static RUNNING: Mutex<Option<(Lasting, Keycloak)>> = Mutex::const_new(None);

/// The running server.
#[derive(Debug, Clone)]
pub struct Keycloak {
    url: String,
    http: reqwest::Client,
    token: Arc<Mutex<Option<(Instant, String)>>>,
}

/// A realm of a test's own, with the people, groups and roles of `e2e/keycloak/realm.json`.
#[derive(Debug, Clone)]
pub struct Realm {
    keycloak: Keycloak,
    name: String,
}

/// An application of a realm.
#[derive(Debug, Clone)]
pub struct KeycloakClient<'a> {
    /// Its client id.
    pub id: &'a str,
    /// Its one redirect URI.
    pub redirect_uri: &'a str,
    /// What ID tokens, access tokens and, if [`Self::signed_userinfo`], userinfo are signed with.
    pub algorithm: &'a str,
    /// Whether userinfo comes as a JWT.
    pub signed_userinfo: bool,
    /// Where Keycloak says that a session has ended.
    pub backchannel_logout: Option<&'a str>,
    /// What Keycloak loads in a frame when a session has ended.
    pub frontchannel_logout: Option<&'a str>,
    /// Where the browser goes after a logout.
    pub after_logout: Option<&'a str>,
}

impl Keycloak {
    /// The one of this program, started by whoever asks first. `DOORWARD_KEYCLOAK_URL` names one that runs already.
    pub async fn shared() -> Self {
        let mut running = RUNNING.lock().await;
        // Of each test's own: a connection ends with the runtime of the test that made it.
        let http = reqwest::Client::builder().no_proxy().build().expect("an HTTP client");
        if let Some((_, keycloak)) = &*running {
            return Self {
                http,
                ..keycloak.clone()
            };
        }
        let token = Arc::default();
        if let Ok(url) = std::env::var("DOORWARD_KEYCLOAK_URL") {
            return Self { url, http, token };
        }
        let (port, management) = (free_port().to_string(), free_port().to_string());
        let script = Tools::keycloak().join("bin/kc.sh");
        let mut process = Lasting::start(
            "keycloak",
            &[
                "bash",
                &script.to_string_lossy(),
                "start",
                "--optimized",
                "--cache=local",
                "--http-enabled=true",
                "--hostname-strict=false",
                "--http-host=127.0.0.1",
                &format!("--http-port={port}"),
                &format!("--http-management-port={management}"),
            ],
            &[
                ("JAVA_OPTS", JAVA),
                ("KC_BOOTSTRAP_ADMIN_USERNAME", ADMIN),
                ("KC_BOOTSTRAP_ADMIN_PASSWORD", ADMIN),
            ],
        );
        let url = format!("http://127.0.0.1:{port}");
        process.ready(&format!("{url}/realms/master"), PATIENCE).await;
        let keycloak = Self { url, http, token };
        *running = Some((process, keycloak.clone()));
        keycloak
    }

    /// One that listens there.
    pub(super) fn at(url: &str) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().expect("an HTTP client");
        let (url, token) = (url.to_owned(), Arc::default());
        Self { url, http, token }
    }

    /// A realm that it has.
    pub(super) fn existing(&self, name: &str) -> Realm {
        Realm {
            keycloak: self.clone(),
            name: name.to_owned(),
        }
    }

    /// Makes a realm of that name from the file.
    pub async fn realm(&self, name: &str) -> Realm {
        self.realm_with(name, |_| ()).await
    }

    /// The same with the file's content changed before.
    pub async fn realm_with(&self, name: &str, change: impl FnOnce(&mut Value)) -> Realm {
        let mut realm: Value = serde_json::from_str(include_str!("../../keycloak/realm.json")).expect("JSON");
        change(&mut realm);
        let name = format!("{name}-{}", free_port());
        realm["realm"] = json!(name);
        self.admin(Method::POST, "", Some(realm)).await;
        Realm {
            keycloak: self.clone(),
            name,
        }
    }

    async fn token(&self) -> String {
        let mut kept = self.token.lock().await;
        if let Some((_, token)) = kept.as_ref().filter(|(since, _)| since.elapsed() < TOKEN) {
            return token.clone();
        }
        let address = format!("{}/realms/master/protocol/openid-connect/token", self.url);
        let form = [
            ("grant_type", "password"),
            ("client_id", "admin-cli"),
            ("username", ADMIN),
            ("password", ADMIN),
        ];
        let since = Instant::now();
        let answer = self
            .http
            .post(address)
            .form(&form)
            .send()
            .await
            .expect("Keycloak answers");
        let answer: Value = answer.json().await.expect("JSON");
        let token = text(&answer["access_token"]);
        *kept = Some((since, token.clone()));
        token
    }

    /// A request to the administration interface, below `/admin/realms`; panics unless it succeeds.
    async fn admin(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let token = self.token().await;
        let mut request = self
            .http
            .request(method.clone(), format!("{}/admin/realms{path}", self.url))
            .bearer_auth(token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.expect("Keycloak answers");
        let (status, text) = (answer.status(), answer.text().await.expect("text"));
        assert!(status.is_success(), "{method} {path}: {status} {text}");
        if status == StatusCode::NO_CONTENT || text.is_empty() {
            return Value::Null;
        }
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}: {text}"))
    }
}

impl Realm {
    /// Its issuer.
    pub fn issuer(&self) -> String {
        format!("{}/realms/{}", self.keycloak.url, self.name)
    }

    /// Gives an application that secret.
    pub async fn set_secret(&self, client: &str, secret: &str) {
        let path = format!("/clients/{}", self.client(client).await);
        let mut representation = self.admin(Method::GET, &path, None).await;
        representation["secret"] = json!(secret);
        self.admin(Method::PUT, &path, Some(representation)).await;
    }

    async fn admin(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let path = format!("/{}{path}", self.name);
        self.keycloak.admin(method, &path, body).await
    }

    /// Adds an application that gets groups by full path, the roles of each client nested below its name, and tokens that
    /// are for `vault-dev` too.
    pub async fn add_client(&self, client: &KeycloakClient<'_>) -> Registration {
        let secret = format!("secret of {}", client.id);
        let mut attributes = json!({
            "id.token.signed.response.alg": client.algorithm,
            "access.token.signed.response.alg": client.algorithm,
            "post.logout.redirect.uris": client.after_logout.unwrap_or("+"),
        });
        if client.signed_userinfo {
            attributes["user.info.response.signature.alg"] = json!(client.algorithm);
        }
        if let Some(address) = client.backchannel_logout {
            attributes["backchannel.logout.url"] = json!(address);
            attributes["backchannel.logout.session.required"] = json!("true");
        }
        if let Some(address) = client.frontchannel_logout {
            attributes["frontchannel.logout.url"] = json!(address);
            attributes["frontchannel.logout.session.required"] = json!("true");
        }
        let everywhere = |config: Value| {
            let mut all = json!({
                "id.token.claim": "true", "access.token.claim": "true", "userinfo.token.claim": "true",
            });
            let config = config.as_object().expect("an object").clone();
            all.as_object_mut().expect("an object").extend(config);
            all
        };
        let mapper = |name: &str, kind: &str, config: Value| json!({ "name": name, "protocol": "openid-connect", "protocolMapper": kind, "config": config });
        let representation = json!({
            "clientId": client.id,
            "enabled": true,
            "publicClient": false,
            "secret": secret,
            "standardFlowEnabled": true,
            "frontchannelLogout": client.frontchannel_logout.is_some(),
            "redirectUris": [client.redirect_uri],
            "attributes": attributes,
            "protocolMappers": [
                mapper("groups", "oidc-group-membership-mapper",
                    everywhere(json!({ "claim.name": "groups", "full.path": "true" }))),
                mapper("client roles", "oidc-usermodel-client-role-mapper",
                    everywhere(json!({ "claim.name": "resource_access.${client_id}.roles", "multivalued": "true",
                        "jsonType.label": "String" }))),
                mapper("audience", "oidc-audience-mapper",
                    everywhere(json!({ "included.client.audience": "vault-dev" }))),
            ],
        });
        self.admin(Method::POST, "/clients", Some(representation)).await;
        Registration {
            issuer: self.issuer(),
            client_id: client.id.to_owned(),
            secret,
        }
    }

    /// The realm logs people in through that provider from now on: Keycloak as its relying party. Gives the redirect URI to
    /// register there, and where logout tokens go.
    pub fn as_relying_party(&self, alias: &str) -> (String, String) {
        let issuer = self.issuer();
        (
            format!("{issuer}/broker/{alias}/endpoint"),
            format!("{issuer}/protocol/openid-connect/logout/backchannel-logout"),
        )
    }

    /// Names the provider, as [`Realm::as_relying_party`] was registered at it.
    pub async fn add_provider(&self, alias: &str, registration: &Registration) {
        let issuer = &registration.issuer;
        let representation = json!({
            "alias": alias,
            "providerId": "oidc",
            "enabled": true,
            "trustEmail": true,
            "config": {
                "issuer": issuer,
                "authorizationUrl": format!("{issuer}/authorize"),
                "tokenUrl": format!("{issuer}/token"),
                "userInfoUrl": format!("{issuer}/userinfo"),
                "jwksUrl": format!("{issuer}/jwks.json"),
                "logoutUrl": format!("{issuer}/logout"),
                "useJwksUrl": "true",
                "validateSignature": "true",
                "clientId": registration.client_id,
                "clientSecret": registration.secret,
                "clientAuthMethod": "client_secret_basic",
                "defaultScope": "openid profile email",
                "pkceEnabled": "true",
                "pkceMethod": "S256",
                "syncMode": "FORCE",
            },
        });
        self.admin(Method::POST, "/identity-provider/instances", Some(representation))
            .await;
    }

    /// Where a browser begins a login to that application of the realm through that provider.
    pub fn begin(&self, client: &KeycloakClient<'_>, alias: &str) -> String {
        let address = format!("{}/protocol/openid-connect/auth", self.issuer());
        let mut url = url::Url::parse(&address).expect("a URL");
        url.query_pairs_mut().extend_pairs([
            ("response_type", "code"),
            ("client_id", client.id),
            ("redirect_uri", client.redirect_uri),
            ("scope", "openid"),
            ("kc_idp_hint", alias),
        ]);
        url.to_string()
    }

    /// Somebody of the realm's file.
    pub fn person(&self, name: &str) -> Person {
        Person {
            name: name.to_owned(),
            password: format!("correct horse {name}"),
        }
    }

    /// Fills in Keycloak's login page.
    pub async fn log_in(&self, browser: &mut Browser, page: &Page, person: &Person) -> Page {
        assert!(
            page.url.as_str().starts_with(&self.issuer()),
            "{}: {}",
            page.url,
            page.text()
        );
        let fields = [
            ("username", person.name.as_str()),
            ("password", person.password.as_str()),
        ];
        browser.submit(page, "/login-actions/authenticate", &fields).await
    }

    /// Logs out on Keycloak's own page, and gives the page with the frames of those that are told.
    pub async fn log_out(&self, browser: &mut Browser) -> Page {
        let address = format!("{}/protocol/openid-connect/logout", self.issuer());
        let page = browser.get(&address).await;
        browser
            .submit(&page, "logout-confirm", &[("confirmLogout", "Logout")])
            .await
    }

    async fn user(&self, name: &str) -> String {
        let found = self
            .admin(Method::GET, &format!("/users?exact=true&username={name}"), None)
            .await;
        text(&found[0]["id"])
    }

    async fn client(&self, id: &str) -> String {
        let found = self.admin(Method::GET, &format!("/clients?clientId={id}"), None).await;
        text(&found[0]["id"])
    }

    /// Adds a scope that says an attribute, as a default one of one application and as an optional one of another.
    pub async fn add_scope(&self, attribute: &str, claim: &str, always: &str, optional: &str) {
        let config = json!({
            "user.attribute": attribute, "claim.name": claim, "jsonType.label": "String",
            "id.token.claim": "true", "access.token.claim": "true", "userinfo.token.claim": "true",
        });
        let mapper = json!({
            "name": attribute, "protocol": "openid-connect", "config": config,
            "protocolMapper": "oidc-usermodel-attribute-mapper",
        });
        let scope = json!({ "name": attribute, "protocol": "openid-connect", "protocolMappers": [mapper] });
        self.admin(Method::POST, "/client-scopes", Some(scope)).await;
        let scopes = self.admin(Method::GET, "/client-scopes", None).await;
        let made = scopes.as_array().expect("a list").iter();
        let made = made
            .clone()
            .find(|scope| scope["name"] == attribute)
            .expect("it is there");
        let made = text(&made["id"]);
        for (client, kind) in [(always, "default"), (optional, "optional")] {
            let client = self.client(client).await;
            let path = format!("/clients/{client}/{kind}-client-scopes/{made}");
            self.admin(Method::PUT, &path, None).await;
        }
    }

    /// Says what passwords of the realm have to be, and gives somebody one by hand.
    pub async fn set_password(&self, policy: &str, person: &Person) {
        let change = json!({ "passwordPolicy": policy });
        self.admin(Method::PUT, "", Some(change)).await;
        let user = self.user(&person.name).await;
        let password = json!({ "type": "password", "value": person.password, "temporary": false });
        let path = format!("/users/{user}/reset-password");
        self.admin(Method::PUT, &path, Some(password)).await;
    }

    /// Adds a role to a client of the realm and gives it to somebody.
    pub async fn grant_role(&self, client: &str, role: &str, name: &str) {
        let client = self.client(client).await;
        let roles = format!("/clients/{client}/roles");
        let known = self.admin(Method::GET, &roles, None).await;
        let known = known.as_array().expect("a list");
        if !known.iter().any(|known| known["name"] == role) {
            self.admin(Method::POST, &roles, Some(json!({ "name": role }))).await;
        }
        self.map_role(Method::POST, &client, role, name).await;
    }

    /// Takes a client's role from somebody.
    pub async fn revoke_role(&self, client: &str, role: &str, name: &str) {
        let client = self.client(client).await;
        self.map_role(Method::DELETE, &client, role, name).await;
    }

    async fn map_role(&self, method: Method, client: &str, role: &str, name: &str) {
        let role = self
            .admin(Method::GET, &format!("/clients/{client}/roles/{role}"), None)
            .await;
        let user = self.user(name).await;
        let mappings = format!("/users/{user}/role-mappings/clients/{client}");
        self.admin(method, &mappings, Some(json!([role]))).await;
    }

    /// Takes somebody out of a group, given by its full path.
    pub async fn leave_group(&self, path: &str, name: &str) {
        let group = self.admin(Method::GET, &format!("/group-by-path{path}"), None).await;
        let user = self.user(name).await;
        let membership = format!("/users/{user}/groups/{}", text(&group["id"]));
        self.admin(Method::DELETE, &membership, None).await;
    }

    /// Changes members of a person, such as `enabled` or `email`.
    pub async fn edit_person(&self, name: &str, change: Value) {
        let user = self.user(name).await;
        let mut person = self.admin(Method::GET, &format!("/users/{user}"), None).await;
        let change = change.as_object().expect("an object").clone();
        person.as_object_mut().expect("an object").extend(change);
        self.admin(Method::PUT, &format!("/users/{user}"), Some(person)).await;
    }

    /// Ends all sessions of somebody one by one, as an administrator does: "Sign out" beside each. (To end all at once tells
    /// of one of them only, in this version.)
    pub async fn end_sessions(&self, name: &str) {
        let user = self.user(name).await;
        let sessions = self.admin(Method::GET, &format!("/users/{user}/sessions"), None).await;
        for session in sessions.as_array().expect("a list") {
            let session = format!("/sessions/{}", text(&session["id"]));
            self.admin(Method::DELETE, &session, None).await;
        }
    }

    /// How many sessions somebody has.
    pub async fn sessions(&self, name: &str) -> usize {
        let user = self.user(name).await;
        let sessions = self.admin(Method::GET, &format!("/users/{user}/sessions"), None).await;
        sessions.as_array().expect("a list").len()
    }

    /// Signs with a new RSA key from now on. The old one stays published unless it is `dropped`.
    pub async fn rotate_rsa(&self, dropped: bool) {
        let path = "/components?type=org.keycloak.keys.KeyProvider";
        let before = self.admin(Method::GET, path, None).await;
        let priority = 100 + before.as_array().expect("a list").len();
        let realm = self.admin(Method::GET, "", None).await;
        let key = json!({
            "name": format!("rsa-{priority}"),
            "providerType": "org.keycloak.keys.KeyProvider",
            "providerId": "rsa-generated",
            "parentId": realm["id"],
            "config": { "priority": [priority.to_string()], "algorithm": ["RS256"] },
        });
        self.admin(Method::POST, "/components", Some(key)).await;
        let old = before.as_array().expect("a list").iter();
        for old in old.filter(|old| dropped && old["providerId"] == "rsa-generated") {
            self.admin(Method::DELETE, &format!("/components/{}", text(&old["id"])), None)
                .await;
        }
    }

    /// Closes the realm, or opens it again: its addresses answer with an error meanwhile.
    pub async fn set_enabled(&self, enabled: bool) {
        let mut realm = self.admin(Method::GET, "", None).await;
        realm["enabled"] = json!(enabled);
        self.admin(Method::PUT, "", Some(realm)).await;
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}
