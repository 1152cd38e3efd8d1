//! Gitea, set up by the printed command and lines alone: people come in and get accounts, a group makes administrators, another fills
//! a team, and the doctor names what is broken.

use doorward_e2e::{
    Browser, Person, Server, bounded,
    rigs::{Gitea, Ground, Printed},
};
use serde_json::json;

use crate::{
    doctor_app::{looked, may_be_here},
    doctor_table::Tried,
};

#[tokio::test]
async fn people_enter_gitea_by_the_printed_command_and_groups_make_administrators_and_teams() {
    bounded(300, async {
        let server = Server::start().await;
        for group in ["users", "gitea-admins", "developers"] {
            server.json(&["group", "add", group]).await;
        }
        let alice = server
            .add_person("alice", "Alice Archer", &["users", "gitea-admins"])
            .await;
        let bob = server.add_person("bob", "Bob Baker", &["users", "developers"]).await;
        let carol = server.add_person("carol", "Carol Carter", &[]).await;
        let root = server.add_person("root", "Rita Root", &["users"]).await;
        let ground = Ground::of("gitea");
        let printed = Printed::add(&server, "gitea", &ground.url, "users").await;
        let mut gitea = Gitea::start(ground, &printed, &root).await;
        let command = printed.part("cli", "Authentication source").trim_end();
        let own = "--admin-group gitea-admins --group-team-map '{\"developers\": {\"acme\": [\"coders\"]}}'";
        gitea.administer(&format!("{command} {own}")).await;
        gitea.found(&root, "orgs", &json!({ "username": "acme" })).await;
        let team = json!({ "name": "coders", "permission": "read", "units": ["repo.code"] });
        let team = gitea.found(&root, "orgs/acme/teams", &team).await;

        let mut browser = Browser::new();
        let page = browser.get(&gitea.page("/user/login")).await;
        let page = browser.press(&page, "Sign in with doorward").await;
        let page = browser.log_in(&page, &alice).await;
        assert_eq!(page.url.as_str(), gitea.page("/"), "{}\n{}", page.text(), gitea.log());
        let account = gitea.ask(&root, "users/alice").await;
        assert_eq!(
            (&account["email"], &account["full_name"], &account["is_admin"]),
            (&json!("alice@example.com"), &json!("Alice Archer"), &json!(true)),
            "{account:#}"
        );
        gitea.enter(&mut Browser::new(), &bob).await;
        assert_eq!(gitea.ask(&root, "users/bob").await["is_admin"], json!(false));
        let members = gitea.ask(&root, &format!("teams/{}/members", team["id"])).await;
        assert_eq!(members[0]["login"], "bob", "{members:#}");
        let page = gitea.enter(&mut Browser::new(), &carol).await;
        assert!(page.url.as_str().starts_with(&server.url), "{}", page.url);

        // Rights are those of the last login.
        server
            .json(&["group", "member", "remove", "gitea-admins", "alice"])
            .await;
        gitea.enter(&mut Browser::new(), &alice).await;
        assert_eq!(gitea.ask(&root, "users/alice").await["is_admin"], json!(false));

        // Whoever is there already says so with a password, once. The last administrator stays one without the group.
        let mut browser = Browser::new();
        let page = gitea.enter(&mut browser, &root).await;
        assert_eq!(page.url.path(), "/user/link_account", "{}", page.text());
        let fields = [("user_name", root.name.as_str()), ("password", &root.password)];
        let page = browser.submit(&page, "/user/link_account_signin", &fields).await;
        assert_eq!(page.url.as_str(), gitea.page("/"), "{}", page.text());
        assert_eq!(gitea.ask(&root, "users/root").await["is_admin"], json!(true));

        is_known_to_the_doctor(&server, &mut gitea, &printed, &alice).await;
    })
    .await;
}

/// One broken setting after the other.
async fn is_known_to_the_doctor(server: &Server, gitea: &mut Gitea, printed: &Printed, person: &Person) {
    let app = "gitea";
    may_be_here(server, app).await;
    let mut tried = Tried::row(app, app);
    tried.registration(server, &printed.url).await;
    // It sends none, whatever is demanded.
    server.json(&["app", "edit", app, "--pkce", "required"]).await;
    tried.names(server, "PKCE", "pkce", &["--weaken-pkce-if-sent"]).await;
    server.json(&["app", "edit", app, "--weaken-pkce-if-sent"]).await;

    // It reads what an ID token says and not how it is signed; userinfo it reads as JSON alone.
    server.json(&["app", "edit", app, "--id-token-alg", "EdDSA"]).await;
    let page = gitea.enter(&mut Browser::new(), person).await;
    assert_eq!(page.url.as_str(), gitea.page("/"), "{}", page.text());
    let body = looked(server, app).await;
    let said = body["findings"].as_array().expect("findings").iter();
    assert!(
        said.clone()
            .any(|one| one["code"] == "algorithm" && one["weight"] == "good"),
        "{body:#}"
    );
    server
        .json(&["app", "edit", app, "--id-token-alg", "RS256", "--userinfo-alg", "RS256"])
        .await;
    let page = gitea.enter(&mut Browser::new(), person).await;
    assert_eq!(page.url.path(), "/user/login", "{}", page.text());
    explained(server, &page.text(), "--userinfo-alg none").await;
    tried.userinfo(server).await;

    change(gitea, "--key gitae").await;
    tried
        .names(server, "client id", "client_id", &["gitae", "nobody has here"])
        .await;
    change(gitea, "--key gitea --scopes openid").await;
    tried.names(server, "scope", "scope", &["groups", "email"]).await;
    change(
        gitea,
        "--scopes openid --scopes profile --scopes email --scopes groups --name sso",
    )
    .await;
    let page = gitea.enter(&mut Browser::new(), person).await;
    assert_eq!(page.status, 500, "{}", page.text());
    explained(server, &gitea.log(), "Name the source doorward").await;
    let words = ["`sso` instead of `doorward`", "--add-redirect-uri"];
    tried.names(server, "slash", "redirect_uri", &words).await;

    // What only a login shows.
    change(gitea, "--name doorward --secret of-last-year").await;
    let page = gitea.enter(&mut Browser::new(), person).await;
    assert_eq!(page.url.path(), "/user/login", "{}", page.text());
    for said in [page.text(), gitea.log()] {
        explained(server, &said, "update-oauth --id ID --secret SECRET").await;
    }
    tried
        .names(server, "secret", "authentication", &["client.secret", "app secret"])
        .await;

    // A source that cannot be asked is not stored.
    let issuer = &server.url;
    for (wrong, means) in [
        (issuer.clone(), "answers with a page"),
        (
            "http://127.0.0.1:9/.well-known/openid-configuration".to_owned(),
            "did not get the discovery document",
        ),
    ] {
        let update = format!("gitea admin auth update-oauth --id 1 --auto-discover-url {wrong}");
        let said = gitea.try_administer(&update).await.expect_err("it is refused");
        explained(server, &said, means).await;
    }
    tried.ends();
}

/// Changes the authentication source, of which the running program learns at its next start.
async fn change(gitea: &mut Gitea, options: &str) {
    gitea
        .administer(&format!("gitea admin auth update-oauth --id 1 {options}"))
        .await;
    gitea.restart().await;
}

/// What `doctor explain` makes of what it says, first of all.
async fn explained(server: &Server, said: &str, means: &str) {
    let known = server.json(&["doctor", "explain", "--app", "gitea", said]).await;
    assert!(known[0].to_string().contains(means), "{means}: {said}\n{known:#}");
}
