//! In Keycloak's place: clients that logged in through a realm log in again when this server answers at its address, without a changed
//! byte of their configuration.

use std::process::Stdio;

use doorward_e2e::{
    Browser, Client, Front, Go, Package, Page, Person, Server, Site, Tools, bounded, free_port,
    rigs::{Keycloak, KeycloakClient, Realm},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::Command,
};

/// A server with alice, and a realm in which she has the same id, groups and name.
struct House {
    server: Server,
    alice: Person,
    id: String,
    realm: Realm,
}

impl House {
    async fn new(name: &str) -> Self {
        let server = Server::start().await;
        for group in ["staff", "leads", "helpdesk"] {
            server.json(&["group", "add", group]).await;
        }
        let alice = server
            .add_person("alice", "Alice Archer", &["staff", "leads", "helpdesk"])
            .await;
        let id = server.json(&["user", "show", "alice"]).await["id"]
            .as_str()
            .expect("an id")
            .to_owned();
        let keycloak = Keycloak::shared().await;
        let change = |realm: &mut Value| {
            realm["users"][0]["id"] = json!(id);
            realm["users"][0]["realmRoles"] = json!(["auditor", "offline_access"]);
        };
        let realm = keycloak.realm_with(name, change).await;
        Self {
            server,
            alice,
            id,
            realm,
        }
    }

    /// The application at both, with one secret, groups by full path and the role `editor`.
    async fn application(&self, id: &str, redirect_uri: &str) {
        let client = KeycloakClient {
            id,
            redirect_uri,
            algorithm: "RS256",
            signed_userinfo: false,
            backchannel_logout: None,
            frontchannel_logout: None,
            after_logout: None,
        };
        self.realm.add_client(&client).await;
        let secret = self.server.json(&["app", "secret", "show", id]).await;
        self.realm
            .set_secret(id, secret["secret"].as_str().expect("a secret"))
            .await;
        self.realm.grant_role(id, "editor", "alice").await;
        let groups = json!({ "claim": "groups", "by_group": [
            { "group": "leads", "values": ["/company/netops/leads"] },
            { "group": "helpdesk", "values": ["/company/helpdesk"] },
        ]});
        let roles = json!({ "claim": format!("/resource_access/{id}/roles"), "by_group": [
            { "group": "staff", "values": ["editor"] },
        ]});
        let (groups, roles) = (groups.to_string(), roles.to_string());
        let edit = [
            "app",
            "edit",
            id,
            "--id-token-alg",
            "RS256",
            "--claim",
            &groups,
            "--claim",
            &roles,
        ];
        self.server.json(&edit).await;
    }

    /// Logs alice in on whichever page asks.
    async fn log_in(&self, browser: &mut Browser, page: &Page) -> Page {
        if page.html.contains("login-actions/authenticate") {
            let fields = [("username", "alice"), ("password", "correct horse alice")];
            return browser.submit(page, "/login-actions/authenticate", &fields).await;
        }
        assert!(page.is_login(), "{} ({}): {}", page.url, page.status, page.text());
        browser.log_in(page, &self.alice).await
    }

    /// What the client in Go learns of alice in a login of a fresh browser.
    async fn go(&self, client: &Client, issuer: &str) -> Value {
        let mut go = Go::start_at(issuer, (&client.id, &client.secret, &client.redirect_uri), "code");
        let url = go.said().await;
        let mut browser = client.browser();
        let page = browser.get(url["url"].as_str().expect("a URL")).await;
        let back = self.log_in(&mut browser, &page).await;
        go.hear(&back.url).await;
        let report = go.said().await;
        assert_eq!(report["refreshed"], true, "{report}");
        report["claims"].clone()
    }

    /// What the application in Django takes alice for, in a fresh browser.
    async fn django(&self, site: &Site) -> Value {
        let mut browser = Browser::new();
        let page = site.begin(&mut browser).await;
        let page = self.log_in(&mut browser, &page).await;
        assert_eq!(page.status, 200, "{} {}\n{}", page.url, page.text(), site.log());
        site.who(&mut browser).await
    }
}

/// What it has to be the same of: lists of groups are sets.
fn picture(claims: &Value, client: &str) -> Value {
    let mut groups: Vec<&str> = claims["groups"]
        .as_array()
        .expect("groups")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    groups.sort_unstable();
    json!({
        "iss": claims["iss"], "sub": claims["sub"], "name": claims["name"],
        "preferred_username": claims["preferred_username"], "email": claims["email"], "groups": groups,
        "roles": claims["resource_access"][client]["roles"],
    })
}

#[tokio::test]
async fn clients_of_a_keycloak_log_in_again_without_a_changed_byte_and_see_the_same_person() {
    bounded(420, async {
        let house = House::new("moved").await;
        let front = Front::to(house.realm.port()).await;
        let issuer = format!("{}{}", front.url, house.realm.path());
        house.server.json(&["alias", "add", &issuer]).await;

        let scopes = "openid,profile,email,offline_access";
        let settings = ["--consent", "skip", "--request-scopes", scopes];
        let gopher = Client::add(&house.server, "gopher", "staff", &settings).await;
        house.application("gopher", &gopher.redirect_uri).await;
        let site = Site::add(&house.server, Package::SocialAuth, "staff").await;
        let callback = format!("{}{}", site.url, Package::SocialAuth.callback());
        house.application("social-auth", &callback).await;
        site.set(&format!(
            "SOCIAL_AUTH_OIDC_OIDC_ENDPOINT = '{issuer}'\nSOCIAL_AUTH_OIDC_IGNORE_DEFAULT_SCOPE = True\n\
             SOCIAL_AUTH_OIDC_SCOPE = ['openid', 'profile', 'email']\nSOCIAL_AUTH_OIDC_EXTRA_DATA = ['groups', 'resource_access']"
        ));
        let site = site.start().await;
        for id in ["gopher", "social-auth"] {
            house.server.json(&["app", "edit", id, "--issuer", &issuer]).await;
        }

        let before = (house.go(&gopher, &issuer).await, house.django(&site).await);
        assert_eq!(before.0["sub"], house.id.as_str(), "Keycloak was asked: {}", before.0);
        assert_eq!(before.0["typ"], "ID", "Keycloak was asked: {}", before.0);
        front.switch(house.server.port());
        let after = (house.go(&gopher, &issuer).await, house.django(&site).await);
        assert!(after.0["typ"].is_null(), "this server was asked: {}", after.0);
        let expected = picture(&before.0, "gopher");
        assert_eq!(picture(&after.0, "gopher"), expected);
        assert_eq!(
            (&expected["groups"], &expected["roles"]),
            (&json!(["/company/helpdesk", "/company/netops/leads"]), &json!(["editor"]))
        );
        assert_eq!(after.1["user"], before.1["user"], "{} {}", before.1, after.1);
        // One account, known by the subject, with the groups and roles of the last login.
        site.shell(
            "from social_django.models import UserSocialAuth as U; known = U.objects.get(); \
             from django.contrib.auth.models import User; assert User.objects.count() == 1; \
             assert sorted(known.extra_data['groups']) == ['/company/helpdesk', '/company/netops/leads'], known.extra_data; \
             assert known.extra_data['resource_access']['social-auth']['roles'] == ['editor'], known.extra_data",
        )
        .await;
    })
    .await;
}

#[tokio::test]
async fn what_an_application_would_see_of_both_is_held_side_by_side() {
    bounded(300, async {
        let house = House::new("checked").await;
        let port = free_port().to_string();
        let redirect_uri = format!("http://127.0.0.1:{port}/callback");
        let settings = ["--consent", "skip", "--add-redirect-uri", &redirect_uri];
        let client = Client::add(&house.server, "checker", "staff", &settings).await;
        house.application("checker", &redirect_uri).await;
        let secret = house.server.data().join("checker.secret");
        std::fs::write(&secret, &client.secret).expect("the file can be written");

        let mut command = Command::new(Tools::doorward());
        command
            .arg("--data")
            .arg(house.server.data())
            .args([
                "--json",
                "migrate",
                "check",
                "--from",
                &house.realm.issuer(),
                "--user",
                "alice",
            ])
            .args([
                "--client-id",
                "checker",
                "--port",
                &port,
                "--no-browser",
                "--secret-file",
            ])
            .arg(&secret)
            .env_remove("DISPLAY")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let mut check = command.spawn().expect("the command line can be started");
        let mut said = BufReader::new(check.stderr.take().expect("its words")).lines();
        for provider in [house.realm.issuer(), house.server.url.clone()] {
            let address = loop {
                let line = said
                    .next_line()
                    .await
                    .expect("its words can be read")
                    .unwrap_or_else(|| panic!("it has ended"));
                if line.starts_with("http") {
                    break line;
                }
            };
            assert!(address.starts_with(&provider), "{address}");
            assert!(address.contains("login_hint=alice"), "{address}");
            let mut browser = Browser::new();
            let page = browser.get(&address).await;
            let page = house.log_in(&mut browser, &page).await;
            page.says("You are logged in");
        }
        let mut out = String::new();
        let mut results = check.stdout.take().expect("its results");
        results.read_to_string(&mut out).await.expect("its results can be read");
        let status = check.wait().await.expect("it ends");
        let compared: Value = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}"));
        let differences = compared["differences"].as_array().expect("differences");
        let of = |part: &str, claim: &str| {
            let mut all = differences.iter();
            all.find(|one| one["part"] == part && one["claim"] == claim)
        };
        assert_eq!(
            of("id_token", "iss").expect("the issuer differs")["expected"],
            true,
            "{out}"
        );
        for same in ["sub", "groups", "name", "email", "resource_access.checker.roles"] {
            assert!(of("id_token", same).is_none(), "{same}: {out}");
        }
        // Keycloak cuts names in two by itself; here they are attributes, and the check says so with exit code 1.
        let cut = of("id_token", "given_name").expect("the given name differs");
        assert_eq!(
            (&cut["before"], &cut["after"]),
            (&json!("Alice"), &Value::Null),
            "{out}"
        );
        assert_eq!((status.code(), &compared["same"]), (Some(1), &json!(false)), "{out}");
    })
    .await;
}
