//! Refreshing: what can be refused or fail comes before the token is spent.

use doorward_e2e::{Client, Engine, Server, bounded};

async fn house(engine: Engine) -> (Server, Client, String) {
    let server = Server::start_on(engine).await;
    server.json(&["group", "add", "staff"]).await;
    let alice = server.add_person("alice", "Alice Archer", &["staff"]).await;
    let settings = ["--consent", "skip", "--expects-refresh", "true"];
    let client = Client::add(&server, "wiki", "staff", &settings).await;
    let mut browser = client.browser();
    let code = client.code(&mut browser, &alice).await;
    let tokens = client.redeem(&code).await.granted();
    let refresh = tokens.text("refresh_token").to_owned();
    (server, client, refresh)
}

#[tokio::test]
async fn a_refused_refresh_leaves_its_token_as_it_was() {
    bounded(120, async {
        let (server, client, token) = house(Engine::Sqlite).await;
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", token.as_str()),
            ("scope", "payroll"),
        ];
        client.token(&form).await.refused("invalid_scope");
        server.json(&["group", "member", "remove", "staff", "alice"]).await;
        for _ in 0..2 {
            client.refresh(&token).await.refused("invalid_grant");
        }
        let trace = server.latest_trace("wiki").await;
        assert_eq!(trace.user.as_deref(), Some("alice"));
        assert_eq!(trace.refusal().check, "token.scope", "the first: {trace:#?}");
        assert!(
            trace
                .steps
                .iter()
                .any(|step| step.check == "token.access" && step.outcome == "refused"),
            "{trace:#?}"
        );
        // Back in the group: the very token goes on, which after a rotation would be a thief's.
        server.json(&["group", "member", "add", "staff", "alice"]).await;
        let tokens = client.refresh(&token).await.granted();
        assert!(client.is_active(tokens.text("access_token")).await);
        client.refresh(tokens.text("refresh_token")).await.granted();
        // Two behind: now it is one.
        client.refresh(&token).await.refused("invalid_grant");
        assert!(!client.is_active(tokens.text("access_token")).await);
    })
    .await;
}

#[tokio::test]
async fn a_refresh_that_failed_works_when_it_is_sent_again_on_sqlite() {
    bounded(120, refresh_again_after_a_fault(Engine::Sqlite)).await;
}

#[tokio::test]
async fn a_refresh_that_failed_works_when_it_is_sent_again_on_postgresql() {
    bounded(120, refresh_again_after_a_fault(Engine::Postgres)).await;
}

async fn refresh_again_after_a_fault(engine: Engine) {
    let (server, client, token) = house(engine).await;
    server.sql("UPDATE grants SET claims = 'damaged'").await;
    let failed = client.refresh(&token).await;
    assert_eq!(failed.status.as_u16(), 500, "{}", failed.body);
    server.sql("UPDATE grants SET claims = NULL").await;
    let tokens = client.refresh(&token).await.granted();
    client.refresh(tokens.text("refresh_token")).await.granted();
}
