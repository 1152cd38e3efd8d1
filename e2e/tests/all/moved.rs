//! Before a Keycloak is left: what an application would be told by both, held side by side. That it is left is in `moving_in.rs`.

use std::process::Stdio;

use doorward_e2e::{
    Browser, Client, Page, Person, Server, Tools, bounded, free_port,
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
        Self { server, alice, realm }
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
