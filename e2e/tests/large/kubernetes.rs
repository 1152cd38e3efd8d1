//! Kubernetes, set up by the printed file and the printed commands alone: kubectl and kubelogin on people's machines, the API server's own
//! authenticator behind them, and each broken line explained.

use std::path::PathBuf;

use doorward_e2e::{
    Browser, Person, Server, bounded, free_port,
    rigs::{ApiServer, Ground, Machine, Printed},
};
use serde_json::{Value, json};

use crate::doctor_table::Tried;

/// A server with an authority of its own, and the certificate of that.
struct House {
    server: Server,
    ground: Ground,
    ca: PathBuf,
    pem: String,
}

impl House {
    async fn new() -> Self {
        let port = free_port();
        let url = format!("https://localhost:{port}");
        let server = Server::start_over_tls(port, &url, "[tls]\nca = true\n", None).await;
        let shown = server.cli(&["ca", "show", "--pem"]).await;
        assert_eq!(shown.code, 0, "{shown:?}");
        let ground = Ground::of("kubernetes");
        let ca = ground.write("doorward-ca.crt", &shown.out);
        Self {
            server,
            ground,
            ca,
            pem: shown.out,
        }
    }

    fn browser(&self) -> Browser {
        let ca = reqwest::Certificate::from_pem(self.pem.as_bytes()).expect("a certificate");
        Browser::made_of(reqwest::Client::builder().tls_certs_only([ca]))
    }

    /// The printed file, with the authority where it says so, and each of `broken` replaced by what stands beside it.
    fn file(&self, printed: &Printed, broken: &[(&str, &str)]) -> String {
        let mut lines = Vec::new();
        for line in printed.part("file", "API server").lines() {
            match line.split_once("# the content of") {
                Some((indent, _)) => lines.extend(self.pem.lines().map(|line| format!("{indent}{line}"))),
                None => lines.push(line.to_owned()),
            }
        }
        let mut file = lines.join("\n");
        for (right, wrong) in broken {
            assert!(file.contains(right), "{right} is printed: {file}");
            file = file.replace(right, wrong);
        }
        file
    }

    async fn machine(&self, name: &str, commands: &str) -> Machine {
        let machine = Machine::of(&self.ground, name, &self.ca).await;
        machine.types(commands).await.unwrap_or_else(|said| panic!("{said}"));
        machine
    }

    /// The first command of somebody, which wants a browser: whom it takes them for.
    async fn enters(&self, machine: &Machine, person: &Person) -> Result<Value, String> {
        let mut browser = self.browser();
        let (who, ()) = tokio::join!(machine.who(), async {
            let page = browser.get(&machine.opened().await).await;
            assert!(page.is_login(), "{} {}", page.url, page.text());
            let page = browser.log_in(&page, person).await;
            if page.url.path() == "/consent" {
                browser.submit(&page, "/consent", &[("decision", "allow")]).await;
            }
        });
        who
    }
}

#[tokio::test]
async fn people_use_kubectl_by_what_was_printed_and_each_broken_line_is_explained() {
    bounded(400, async {
        let house = House::new().await;
        let server = &house.server;
        for group in ["users", "kubernetes-admins"] {
            server.json(&["group", "add", group]).await;
        }
        let alice = server
            .add_person_in(
                house.browser(),
                "alice",
                "Alice Archer",
                &["users", "kubernetes-admins"],
            )
            .await;
        let ca = house.ca.to_string_lossy();
        let more = ["--ca-file", &ca];
        let printed = Printed::add_with(server, "kubernetes", "http://localhost", "users", &more).await;
        let commands = printed.part("cli", "On each person's machine");
        let (commands, whoami) = commands.trim_end().rsplit_once('\n').expect("lines");
        assert_eq!(whoami, "kubectl auth whoami");

        let api = ApiServer::start(&house.ground, &house.file(&printed, &[])).await;
        api.is_ready(30)
            .await
            .unwrap_or_else(|said| panic!("{said}\n{}", api.log()));
        let machine = house.machine("alice", commands).await;
        let who = house.enters(&machine, &alice).await;
        let who = who.unwrap_or_else(|said| panic!("{said}\n{}", api.log()));
        assert_eq!(who["username"], "oidc:alice", "{who:#}");
        let groups = who["groups"].as_array().expect("groups");
        for group in ["oidc:users", "oidc:kubernetes-admins"] {
            assert!(groups.contains(&json!(group)), "{who:#}");
        }
        let shown = server.json(&["user", "show", "alice"]).await;
        assert!(!who["uid"].as_str().unwrap_or_default().is_empty(), "{who:#} {shown:#}");
        // The next command has its tokens; so has one that renews them.
        assert_eq!(machine.who().await.expect("tokens are kept")["username"], "oidc:alice");
        server
            .json(&["group", "member", "remove", "kubernetes-admins", "alice"])
            .await;
        let renewed = commands.replace(
            "--exec-arg=get-token",
            "--exec-arg=get-token --exec-arg=--force-refresh",
        );
        machine.types(&renewed).await.expect("it is configured again");
        let who = machine.who().await.expect("it renews without a browser");
        assert!(!who["groups"].to_string().contains("kubernetes-admins"), "{who:#}");

        is_explained(&house, api, &printed, &machine).await;
        is_tried(server).await;
    })
    .await;
}

/// What the API server says to one broken line after the other, and what the doctor makes of that.
async fn is_explained(house: &House, api: ApiServer, printed: &Printed, machine: &Machine) {
    api.stop().await;
    // Without the authority it cannot read what the issuer publishes; with the line that stands for it, it does not start.
    let as_printed = printed.part("file", "API server");
    let log = ApiServer::refuses(&house.ground, as_printed).await;
    explained(&house.server, &log, "still the printed one").await;
    let (before, rest) = as_printed
        .split_once("      certificateAuthority")
        .expect("it is printed");
    let (_, after) = rest.split_once("    claimMappings").expect("it is printed");
    let untrusting = format!("{before}    claimMappings{after}");
    let issuer = format!("url: {}\n", house.server.url);
    let with_slash = format!("url: {}/\n", house.server.url);
    for (file, starts, means) in [
        (
            house.file(printed, &[("- kubernetes\n", "- another\n")]),
            true,
            "client id to kubernetes",
        ),
        (
            house.file(printed, &[("claim: preferred_username", "claim: nickname")]),
            true,
            "--oidc-extra-scope=profile",
        ),
        (
            house.file(printed, &[(&issuer, &with_slash)]),
            false,
            "no slash at its end",
        ),
        (untrusting, false, "could not read the discovery document"),
    ] {
        let api = ApiServer::start(&house.ground, &file).await;
        let ready = api.is_ready(if starts { 30 } else { 4 }).await;
        assert_eq!(ready.is_ok(), starts, "{file}: {ready:?}\n{}", api.log());
        let said = machine.who().await.expect_err("it is refused");
        assert!(said.contains("Unauthorized"), "{file}: {said}");
        explained(&house.server, &api.log(), means).await;
        api.stop().await;
    }
}

/// What `doctor explain` makes of a log, first of all.
async fn explained(server: &Server, said: &str, means: &str) {
    let known = server.json(&["doctor", "explain", "--app", "kubernetes", said]).await;
    assert!(known[0].to_string().contains(means), "{means}: {said}\n{known:#}");
}

/// What the doctor can see of it: commands have no page that it could open.
async fn is_tried(server: &Server) {
    let app = "kubernetes";
    let mut tried = Tried::row(app, app);
    tried.algorithm(server).await;
    server.json(&["app", "disable", app]).await;
    tried
        .names(server, "disabled", "disabled", &["doorward app enable"])
        .await;
    server.json(&["app", "enable", app]).await;
    tried.ends();
}
