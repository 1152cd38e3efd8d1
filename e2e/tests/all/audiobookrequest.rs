//! AudioBookRequest's flow with what is printed for its form. No registry has its package, so what it does is a stand-in of ours, by what
//! its source does.

use std::time::Duration;

use doorward_e2e::{
    Browser, Person, Server, Tools, bounded,
    rigs::{Ground, Printed},
};
use serde_json::{Map, Value, json};
use tokio::{
    net::TcpStream,
    process::{Child, Command},
};

use crate::{
    doctor_app::{house, looked, may_be_here},
    doctor_table::Tried,
};

const LABELS: [&str; 6] = [
    "Well-known configuration endpoint",
    "Client ID",
    "Client secret",
    "Scope",
    "Username claim",
    "Group claim",
];

/// What is typed into its form.
struct Requests {
    url: String,
    settings: Map<String, Value>,
}

impl Requests {
    fn as_printed(ground: &Ground, printed: &Printed) -> Self {
        let field = |label: &str| (label.to_owned(), json!(printed.field(label)));
        Self {
            url: ground.url.clone(),
            settings: LABELS.into_iter().map(field).collect(),
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(Tools::python());
        command
            .arg(Tools::sources("python").join("audiobookrequest.py"))
            .args(arguments)
            .env("SETTINGS", json!(self.settings).to_string())
            .env("APP_URL", &self.url)
            .kill_on_drop(true);
        command
    }

    /// It answers at its address until what is returned is dropped.
    async fn serves(&self, ground: &Ground) -> Child {
        let child = self.command(&["serve"]).spawn().expect("Python can be started");
        while TcpStream::connect(("127.0.0.1", ground.port)).await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        child
    }

    async fn runs(&self, arguments: &[&str]) -> Result<Value, String> {
        let said = self.command(arguments).output().await.expect("Python can be started");
        if !said.status.success() {
            return Err(String::from_utf8_lossy(&said.stderr).trim().to_owned());
        }
        Ok(serde_json::from_slice(&said.stdout).expect("it speaks JSON"))
    }

    /// Somebody logs in from nowhere; who that is there.
    async fn log_in(&self, browser: Browser, person: &Person) -> (Browser, Result<Value, String>) {
        let mut browser = browser.stopping_at(&format!("{}/", self.url));
        let begun = self.runs(&["begin"]).await.expect("it begins");
        let page = browser.get(begun["url"].as_str().expect("an address")).await;
        let page = browser.log_in(&page, person).await;
        let who = self.runs(&["finish", page.url.as_str()]).await;
        (browser, who)
    }

    fn with(&self, label: &str, value: &str) -> Self {
        let mut settings = self.settings.clone();
        settings.insert(label.to_owned(), json!(value));
        Self {
            url: self.url.clone(),
            settings,
        }
    }
}

#[tokio::test]
async fn people_enter_audiobookrequests_flow_with_their_role_and_what_it_refuses_to_save_is_known() {
    bounded(60, async {
        let server = Server::start().await;
        let app = "audiobookrequest";
        for group in ["users", "audiobookrequest-admins", "audiobookrequest-trusted"] {
            server.json(&["group", "add", group]).await;
        }
        let alice = server
            .add_person("alice", "Alice Archer", &["users", "audiobookrequest-admins"])
            .await;
        let bob = server.add_person("bob", "Bob Baker", &["users"]).await;
        let ground = Ground::of(app);
        let printed = Printed::add(&server, app, &ground.url, "users").await;
        let requests = Requests::as_printed(&ground, &printed);
        assert_eq!(requests.runs(&["save"]).await, Ok(json!({ "saved": true })));

        let (mut browser, who) = requests.log_in(Browser::new(), &alice).await;
        assert_eq!(who, Ok(json!({ "name": "alice", "role": "admin", "seconds": 43_200 })));
        let (_, who) = requests.log_in(Browser::new(), &bob).await;
        assert_eq!(
            who,
            Ok(json!({ "name": "bob", "role": "untrusted", "seconds": 43_200 }))
        );

        // Its button names nobody and sends nothing along.
        let left = requests.runs(&["logout"]).await.expect("it knows where");
        let page = browser.get(left["url"].as_str().expect("an address")).await;
        assert_eq!(page.status, 200, "{}", page.text());

        for (label, value, means) in [
            ("Scope", "openid profile libraries", "Set the scopes to openid profile"),
            ("Group claim", "abr_rolle", "Set the group claim to abr_role"),
        ] {
            let said = requests.with(label, value).runs(&["save"]).await.expect_err(label);
            let known = server.json(&["doctor", "explain", "--app", app, &said]).await;
            assert!(known[0].to_string().contains(means), "{said}\n{known:#}");
        }
        let unnamed = requests.with("Username claim", "nickname");
        let (_, said) = unnamed.log_in(Browser::new(), &alice).await;
        let said = said.expect_err("nobody has a nickname");
        let known = server.json(&["doctor", "explain", "--app", app, &said]).await;
        assert!(
            known[0]
                .to_string()
                .contains("Set the user name claim to preferred_username"),
            "{said}\n{known:#}"
        );
        let (_, said) = requests
            .with("Client secret", "wrong")
            .log_in(Browser::new(), &alice)
            .await;
        assert!(said.expect_err("a wrong secret").contains("invalid_client"));
    })
    .await;
}

#[tokio::test]
async fn what_audiobookrequest_has_wrong_is_named_first() {
    bounded(90, async {
        let (server, alice) = house().await;
        let app = "audiobookrequest";
        let ground = Ground::of(app);
        let printed = Printed::add(&server, app, &ground.url, "users").await;
        let requests = Requests::as_printed(&ground, &printed);
        may_be_here(&server, app).await;
        let mut served = requests.serves(&ground).await;
        let body = looked(&server, app).await;
        assert_eq!(body["usable"], json!(true), "{body:#}");
        let mut tried = Tried::row(app, app);
        tried.registration(&server, &ground.url).await;
        tried.userinfo(&server).await;

        served.kill().await.expect("it ends");
        let mut served = requests.with("Scope", "profile").serves(&ground).await;
        tried.names(&server, "scope", "scope", &["openid"]).await;
        served.kill().await.expect("it ends");

        // Only a login shows a wrong secret.
        let _served = requests.serves(&ground).await;
        let wrong = requests.with("Client secret", "of-last-year");
        let (_, refused) = wrong.log_in(Browser::new(), &alice).await;
        refused.expect_err("a secret of last year");
        tried
            .names(&server, "secret", "authentication", &["client.secret", "app secret"])
            .await;
        tried.ends();
    })
    .await;
}
