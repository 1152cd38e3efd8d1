//! OpenBao, set up by the printed commands alone: people come in through its pages and its command line, and groups become policies.

use doorward_e2e::{
    Browser, Person, Server, Tools, bounded,
    rigs::{OpenBao, Printed},
    run_node,
};
use serde_json::{Value, json};

use crate::{
    doctor_app::{looked, may_be_here},
    doctor_table::Tried,
};

/// What its administrator has already: a policy.
const POLICY: &str = "echo 'path \"secret/*\" { capabilities = [\"read\"] }' | vault policy write admin -";

/// The whole login on the command line; who it takes them for.
async fn log_in(bao: &OpenBao, printed: &Printed, person: &Person) -> Value {
    let login = bao.begin_login(&person.name, printed.part("cli", "Try it")).await;
    let login = login.unwrap_or_else(|said| panic!("it did not ask for a browser: {said}"));
    let mut browser = Browser::new();
    let page = browser.get(&login.url).await;
    let page = browser.log_in(&page, person).await;
    assert!(
        page.url.as_str().starts_with("http://localhost:8250/oidc/callback?"),
        "{} {}",
        page.url,
        page.text()
    );
    let (succeeded, said) = login.ends().await;
    assert!(succeeded, "{said}{}\n{}", page.text(), bao.log());
    let shown = bao.type_as(&person.name, "vault token lookup -format=json").await;
    serde_json::from_str::<Value>(&shown).expect("JSON")["data"].take()
}

/// A login on the command line that fails; what the person reads.
async fn is_refused(bao: &OpenBao, printed: &Printed, person: &Person) -> String {
    let login = match bao.begin_login(&person.name, printed.part("cli", "Try it")).await {
        Ok(login) => login,
        Err(said) => return said,
    };
    let mut browser = Browser::new().stopping_at("http://localhost:8250/");
    let page = browser.get(&login.url).await;
    let page = browser.log_in(&page, person).await;
    // The command ends while it answers the browser, whose page may break off.
    let _ = Browser::new().try_get(page.url.as_str()).await;
    let (succeeded, said) = login.ends().await;
    assert!(!succeeded, "{said}");
    said
}

#[tokio::test]
async fn people_enter_openbao_by_the_printed_commands_and_their_groups_become_policies() {
    bounded(180, async {
        let (server, bao) = tokio::join!(Server::start(), OpenBao::start());
        for group in ["users", "vault-admins"] {
            server.json(&["group", "add", group]).await;
        }
        let alice = server
            .add_person("alice", "Alice Archer", &["users", "vault-admins"])
            .await;
        let bob = server.add_person("bob", "Bob Baker", &["users"]).await;
        let printed = Printed::add(&server, "vault", &bao.url, "users").await;
        bao.administer(POLICY).await;
        bao.administer(printed.part("cli", "Auth method")).await;
        bao.administer(printed.part("cli", "Policies for one group")).await;

        let who = log_in(&bao, &printed, &alice).await;
        assert_eq!(who["meta"]["username"], "alice", "{who}");
        assert_eq!(who["meta"]["email"], "alice@example.com", "{who}");
        assert_eq!(who["identity_policies"], json!(["admin"]), "{who}");
        assert_eq!(who["creation_ttl"], 3600, "{who}");

        let house = json!({
            "chromium": Tools::chromium(),
            "start": server.json(&["app", "show", "vault"]).await["start_url"],
            "bao": bao.url,
            "person": { "name": alice.name, "password": alice.password },
        });
        run_node("browser/openbao.mjs", &house, 60).await;

        // Somebody without groups comes in all the same, and gets nothing by it; who leaves the group loses it with the next login.
        let who = log_in(&bao, &printed, &bob).await;
        assert_eq!(who["policies"], json!(["default"]), "{who}");
        server
            .json(&["group", "member", "remove", "vault-admins", "alice"])
            .await;
        let who = log_in(&bao, &printed, &alice).await;
        assert_eq!(who["identity_policies"], Value::Null, "{who}");

        is_known_to_the_doctor(&server, &bao, &printed, &bob).await;
    })
    .await;
}

/// Whatever it says to one broken setting after the other, the doctor names that setting first.
async fn is_known_to_the_doctor(server: &Server, bao: &OpenBao, printed: &Printed, person: &Person) {
    let part = printed.part("cli", "Auth method");
    let role = part
        .split_once("<<'EOF'\n")
        .and_then(|(_, rest)| rest.split_once("\nEOF"));
    let right: Value = serde_json::from_str(role.expect("a role is written").0).expect("a role is JSON");
    for (setting, broken) in [
        ("bound_audiences", json!(["other"])),
        ("groups_claim", json!("roles")),
        ("oidc_scopes", json!(["profile"])),
        ("user_claim", json!("upn")),
        ("bound_claims", json!({"groups": "nobody"})),
    ] {
        let mut role = right.clone();
        role[setting] = broken;
        let path = "auth/oidc/role/doorward";
        bao.administer(&format!(
            "vault delete {path}\nvault write {path} - <<'EOF'\n{role}\nEOF"
        ))
        .await;
        let said = is_refused(bao, printed, person).await;
        names_first(server, &said, setting).await;
    }
    bao.administer(&format!(
        "vault delete auth/oidc/role/doorward\n{}",
        command(part, "vault write auth/oidc/role")
    ))
    .await;
    let config = command(part, "vault write auth/oidc/config");
    let with_slash = format!("{}/", server.url);
    let discovery = format!("{with_slash}.well-known/openid-configuration");
    for (setting, broken, means) in [
        (
            "oidc_discovery_url",
            discovery.as_str(),
            "adds the well-known path itself",
        ),
        ("oidc_discovery_url", &with_slash, "no slash at its end"),
        ("oidc_discovery_url", "http://127.0.0.1:9", "does not reach this server"),
        ("default_role", "another", "default_role"),
        ("jwt_supported_algs", "ES256", "jwt_supported_algs"),
        ("oidc_client_secret", "another", "app secret show"),
    ] {
        let (before, rest) = config.split_once(&format!("{setting}=\"")).expect("it is printed");
        let (_, after) = rest.split_once('"').expect("its value ends");
        let said = match bao
            .try_administer(&format!("{before}{setting}=\"{broken}\"{after}"))
            .await
        {
            Ok(_) => is_refused(bao, printed, person).await,
            Err(said) => said,
        };
        names_first(server, &said, means).await;
    }
    // Only a login shows a wrong secret, so what the doctor reads is what the last one came to.
    may_be_here(server, &printed.client_id).await;
    is_refused(bao, printed, person).await;
    let mut tried = Tried::row("vault", &printed.client_id);
    tried
        .names(
            server,
            "secret",
            "authentication",
            &["a secret that is not its own", "app secret show"],
        )
        .await;
    bao.administer(config).await;
    log_in(bao, printed, person).await;
    let body = looked(server, &printed.client_id).await;
    assert_eq!(body["usable"], json!(true), "{body:#}");
    // Its pages are programs; the doctor asks what they ask.
    assert_eq!(body["sent"]["client_id"], json!(printed.client_id), "{body:#}");
    tried.registration(server, &bao.url).await;
    tried.algorithm(server).await;
    tried.userinfo(server).await;
    tried.ends();
}

/// The one command of several that begins like this.
fn command<'a>(commands: &'a str, begins: &str) -> &'a str {
    let at = commands.find(begins).expect("it is printed");
    commands[at..].split("\n\n").next().unwrap_or_default()
}

/// What the doctor makes of an error message, first of all.
async fn names_first(server: &Server, said: &str, means: &str) {
    let explained = server.json(&["doctor", "explain", said]).await;
    let first = explained[0].to_string();
    assert!(first.contains(means), "{means}: {said}\n{explained:#}");
}
