//! What goes wrong in real installations, made to go wrong here without any library's help: what the person sees, and what the
//! trace says to the administrator.

use std::time::Duration;

use doorward_e2e::{Browser, Client, Package, Person, Server, Site, bounded};

async fn house() -> (Server, Person) {
    let server = Server::start().await;
    server.json(&["group", "add", "users"]).await;
    let alice = server.add_person("alice", "Alice Archer", &["users"]).await;
    (server, alice)
}

#[tokio::test]
async fn a_redirect_uri_without_its_slash_is_shown_with_the_place_where_it_differs() {
    bounded(180, async {
        let (server, _) = house().await;
        let site = Site::add(&server, Package::NetBox, "users").await.start().await;
        let right = format!("{}/oauth/complete/oidc/", site.url);
        let wrong = right.trim_end_matches('/').to_owned();
        // Somebody typed the redirect URI by hand, and forgot the slash.
        let edit = [
            "app",
            "edit",
            "netbox",
            "--add-redirect-uri",
            &wrong,
            "--remove-redirect-uri",
            &right,
        ];
        server.json(&edit).await;

        let mut browser = Browser::new();
        let page = site.begin(&mut browser).await;
        assert_eq!(page.status, 400, "{}", page.text());
        assert!(
            page.url.as_str().starts_with(&server.url),
            "it must not be sent on: {}",
            page.url
        );
        page.says("NetBox");
        let trace = server.trace_of(&page).await;
        assert_eq!(
            (trace.app.as_deref(), trace.outcome.as_str()),
            (Some("netbox"), "refused")
        );
        let refusal = trace.refusal();
        assert_eq!(refusal.check, "authorize.redirect_uri");
        let detail = refusal.detail.as_deref().unwrap_or_default();
        assert!(detail.contains(&right) && detail.contains(&wrong), "{detail}");
        let position = (wrong.len() + 1).to_string();
        assert!(detail.contains(&position), "the place {position} is named: {detail}");
        let remedy = refusal.remedy.clone().expect("a remedy");
        assert!(
            remedy.contains("doorward app edit netbox --add-redirect-uri"),
            "{remedy}"
        );

        // The remedy is typed as it is printed, and the login works.
        let words: Vec<&str> = remedy
            .split("doorward ")
            .nth(1)
            .expect("a command")
            .split_whitespace()
            .take(5)
            .map(|word| word.trim_matches(|c| matches!(c, '\'' | '"' | '`')))
            .collect();
        server.json(&words).await;
        let page = site.begin(&mut browser).await;
        assert!(page.is_login(), "{}", page.text());
    })
    .await;
}

#[tokio::test]
async fn a_code_is_worth_nothing_after_its_time() {
    bounded(120, async {
        let (server, alice) = house().await;
        let client = Client::add(
            &server,
            "late",
            "users",
            &["--consent", "skip", "--lifetime", "code=10"],
        )
        .await;
        let mut browser = client.browser();
        let code = client.code(&mut browser, &alice).await;
        tokio::time::sleep(Duration::from_millis(10_500)).await;
        let answer = client.redeem(&code).await;
        answer.refused("invalid_grant");
        let trace = server.latest_trace("late").await;
        assert_eq!(trace.user.as_deref(), Some("alice"));
        let refusal = trace.refusal();
        assert_eq!(refusal.check, "token.code");
        let detail = refusal.detail.as_deref().unwrap_or_default();
        assert!(detail.contains("10"), "how long it was valid: {detail}");
        // A new one in time is good.
        let code = client.code(&mut browser, &alice).await;
        client.redeem(&code).await.granted();
    })
    .await;
}

#[tokio::test]
async fn a_code_sent_twice_ends_everything_that_came_from_it() {
    bounded(120, async {
        let (server, alice) = house().await;
        let client = Client::add(
            &server,
            "twice",
            "users",
            &["--consent", "skip", "--expects-refresh", "true"],
        )
        .await;
        let mut browser = client.browser();
        let code = client.code(&mut browser, &alice).await;
        let tokens = client.redeem(&code).await.granted();
        let access = tokens.text("access_token");
        assert!(client.is_active(access).await);
        assert_eq!(client.userinfo(access).await, 200);

        client.redeem(&code).await.refused("invalid_grant");
        assert!(
            !client.is_active(access).await,
            "the thief's or the owner's: nobody knows, so neither"
        );
        assert_eq!(client.userinfo(access).await, 401);
        client
            .refresh(tokens.text("refresh_token"))
            .await
            .refused("invalid_grant");
        let trace = server.latest_trace("twice").await;
        assert_eq!(trace.outcome, "refused", "{trace:#?}");
        let detail = trace
            .steps
            .iter()
            .find(|step| step.check == "token.code" && step.outcome == "refused");
        assert!(detail.is_some(), "{trace:#?}");
    })
    .await;
}

#[tokio::test]
async fn a_person_without_access_reads_which_group_is_missing() {
    bounded(120, async {
        let (server, _) = house().await;
        let bob = server.add_person("bob", "Bob Baker", &[]).await;
        let client = Client::add(&server, "wiki", "users", &["--consent", "skip", "--title", "The Wiki"]).await;
        let mut browser = client.browser();
        let page = client.log_in(&mut browser, &bob).await;
        assert_eq!(page.status, 403, "{}", page.text());
        page.says("No access to The Wiki");
        page.says("You are logged in as Bob Baker");
        page.says("Members of this group may use the application. You are not one of them: users");
        let trace = server.trace_of(&page).await;
        assert_eq!(
            (trace.app.as_deref(), trace.user.as_deref()),
            (Some("wiki"), Some("bob"))
        );
        let refusal = trace.refusal();
        assert_eq!(refusal.check, "authorize.access");
        let remedy = refusal.remedy.as_deref().unwrap_or_default();
        assert!(remedy.contains("doorward group"), "{remedy}");

        // One command, and the same browser gets in.
        server.json(&["group", "member", "add", "users", "bob"]).await;
        let page = browser.get(&client.authorize_url(&[])).await;
        assert!(page.parameter("code").is_some(), "{}", page.text());
    })
    .await;
}

#[tokio::test]
async fn an_unknown_application_is_a_page_that_says_so() {
    bounded(120, async {
        let (server, _) = house().await;
        let page = Browser::new()
            .get(&format!(
                "{}/authorize?response_type=code&client_id=nobody&redirect_uri=https://evil.example/&scope=openid",
                server.url
            ))
            .await;
        assert_eq!(page.status, 400, "{}", page.text());
        let trace = server.trace_of(&page).await;
        assert_eq!(trace.refusal().check, "authorize.client");
        assert!(
            !page.html.contains("https://evil.example/\""),
            "no link to where a stranger wants people"
        );
    })
    .await;
}
