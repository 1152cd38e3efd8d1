//! The command line against the API, over the socket.

use std::time::Duration;

use doorward_audit::{Step, Visit};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::{
    api_access::token,
    api_server::{Api, now, run},
};

#[tokio::test(flavor = "multi_thread")]
async fn netbox_is_connected_in_four_commands() {
    let api = Api::start().await;
    let user = api.run("user add alice").await;
    assert_eq!(user.code, "0", "{user:?}");
    assert!(user.out.contains("https://id.example.com/link/"), "{user:?}");
    let app = api.run("app add netbox https://netbox.example.com").await;
    assert_eq!(app.code, "0", "{app:?}");
    assert!(
        app.out.contains("SOCIAL_AUTH_OIDC_KEY = 'netbox'") || app.out.contains("SOCIAL_AUTH_OIDC_KEY"),
        "{app:?}"
    );
    assert!(app.err.contains("doorward app allow netbox <group>"), "{app:?}");
    let group = api.run("group add netbox_users alice").await;
    assert_eq!(group.out, "Added netbox_users with alice.\n");
    let allowed = api.run("app allow netbox netbox_users").await;
    assert!(
        allowed
            .out
            .starts_with("Members of netbox_users may use netbox, with openid"),
        "{allowed:?}"
    );

    let secret = api.run("app secret show netbox").await;
    assert_eq!(secret.out.trim().len(), 43, "the secret and nothing else: {secret:?}");
    assert!(app.out.contains(secret.out.trim()));
    let preview = api.run("app preview netbox --user alice").await;
    assert!(
        preview.out.contains("They get in") && preview.out.contains("\"preferred_username\": \"alice\""),
        "{preview:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn with_json_the_output_is_the_apis_body_and_so_is_a_refusal() {
    let api = Api::start().await;
    api.run("user add alice").await;
    let shown = api.run("user show alice --json").await;
    let body = api.call("get", "/api/v1/users/alice", Value::Null).await.body;
    assert_eq!(serde_json::from_str::<Value>(&shown.out).unwrap(), body);
    let refused = api.run("--json user show alcie").await;
    assert_eq!((refused.code.as_str(), refused.out.as_str()), ("1", ""));
    let told: Value = serde_json::from_str(&refused.err).unwrap();
    assert_eq!(told["remedy"], "did you mean alice?");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_says_what_to_type_instead_and_exits_with_1() {
    let api = Api::start().await;
    api.run("user add alice").await;
    let refused = api.run("user show alcie").await;
    assert_eq!(refused.code, "1");
    assert!(refused.err.contains("→ did you mean alice?"), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_is_not_understood_exits_with_2() {
    let api = Api::start().await;
    for (line, says) in [
        ("usr list", "user"),
        ("user ad alice", "add"),
        ("user edit alice", "nothing to change"),
        ("user delete alice", "--yes"),
        ("app edit x --pkce if-sent", "--weaken-pkce-if-sent"),
        ("app edit x --lifetime token=1h", "access_token=15m"),
        ("app secret rotate x --overlap 24", "24h"),
        ("admin grant ful alice", "full"),
        ("admin grant group-manager alice", "--of"),
        ("user show ..", "not a name"),
    ] {
        let ran = api.run(line).await;
        assert_eq!(ran.code, "2", "{line}: {ran:?}");
        assert!(ran.err.contains(says), "{line}: {ran:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_server_the_command_says_how_to_start_one_and_exits_with_3() {
    let empty = tempfile::tempdir().unwrap();
    let data = empty.path().display().to_string();
    let words = ["doorward", "status", "--data", &data].map(str::to_owned).to_vec();
    let ran = run(words).await;
    assert_eq!(ran.code, "3");
    assert!(ran.err.contains(&format!("doorward serve --data {data}")), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_list_and_show_of_the_command_line_reads_what_the_server_answers() {
    let api = Api::start().await;
    token(&api, "ansible", Some("read-only")).await;
    for line in [
        "user add alice --name Alice --email a@example.com --attribute locale=de",
        "group add crew alice ansible",
        "group add fleet --group crew --description all",
        "app add generic https://wiki.example.com --name wiki --title Wiki --group crew --claim roles=groups:* --ca-file /etc/ca.pem",
        "admin grant group-manager alice --of crew",
        "admin grant apps --group fleet",
        "status",
        "user list",
        "user list ali",
        "user show alice",
        "user edit alice --email  --attribute badges=[1,2]",
        "user disable alice",
        "user enable alice",
        "user link alice --lifetime 1d",
        "user sessions alice",
        "user end-sessions alice",
        "group list",
        "group show fleet",
        "group edit crew --description sailors",
        "group member remove crew ansible",
        "service list",
        "service show ansible",
        "service edit ansible --name Machines --expires 2090-01-31",
        "service edit ansible --expires never",
        "registration set --approval on --open off",
        "service token add ansible --lifetime 90d",
        "service token list ansible",
        "admin list",
        "admin revoke apps --group fleet",
        "app list",
        "app show wiki",
        "app show wiki --snippet",
        "app show wiki --snippet --no-secret --ca-file /etc/ca.pem",
        "app edit wiki --weaken-pkce-if-sent --lifetime access_token=5m --usernames full",
        "app disable wiki",
        "app enable wiki",
        "app secret rotate wiki --overlap 24h",
        "app preview wiki --user alice --scopes openid,profile",
        "app deny wiki crew",
        "app remove wiki --yes",
        "preset list",
        "preset show netbox",
        "session list",
        "event list --limit 5",
        "event list --action app --by root",
        "trace",
        "trace --refused",
        "setting show",
        "setting edit --event-retention 400",
        "service delete ansible --yes",
        "group delete fleet -y",
        "user delete alice --yes",
        "completion bash",
    ] {
        let ran = api.run(line).await;
        assert_eq!(ran.code, "0", "{line}: {ran:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_of_the_documentation_works_as_written() {
    let api = Api::start().await;
    let text = include_str!("../../../../docs/cli.md");
    let blocks = text
        .split("```sh\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next());
    let mut count = 0;
    for line in blocks.flat_map(str::lines) {
        let ran = api.run_words(words(line)).await;
        assert_eq!(ran.code, "0", "{line}: {ran:?}");
        count += 1;
    }
    assert!(count >= 75, "only {count} commands were found");
}

/// A line as a shell splits it: blanks, `"…"` and `'…'`.
pub(crate) fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for c in line.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, ' ') => words.push(std::mem::take(&mut word)),
            (_, c) => word.push(c),
        }
    }
    words.push(word);
    words
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_is_read_out_by_its_reference() {
    let api = Api::start().await;
    let reference = api.state.tracer.begin(now());
    let mut visit = Visit::new("authorize");
    visit.app = Some("netbox".to_owned());
    visit.outcome = doorward_audit::TraceOutcome::Refused;
    visit.steps = vec![
        Step::ok("client", "netbox"),
        Step::refused("redirect_uri", "received \u{1b}[2J/oidc, registered /oidc/")
            .with_remedy(Some("doorward app edit netbox --add-redirect-uri /oidc".to_owned())),
    ];
    api.state.tracer.note(reference, now(), visit);
    let listed = api.run("trace --app netbox").await;
    assert!(
        listed.out.contains(&reference.to_string()) && listed.out.contains("refused"),
        "{listed:?}"
    );
    let shown = api.run(&format!("trace {reference}")).await;
    assert!(shown.out.contains("authorize: redirect_uri"), "{shown:?}");
    assert!(shown.out.contains("→ doorward app edit netbox"), "{shown:?}");
    assert!(
        !shown.out.contains('\u{1b}'),
        "what a stranger sent cannot steer the terminal"
    );
    let missing = api.run("trace 0000-0000").await;
    assert_eq!(missing.code, "1", "{missing:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_followed_as_they_happen() {
    let api = Api::start().await;
    let request = http::Request::builder()
        .uri("/api/v1/events/follow?action=user")
        .extension(doorward_directory::Actor::local("root"))
        .body(axum::body::Body::empty())
        .unwrap();
    let response = api.router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/x-ndjson");
    let mut body = response.into_body();
    api.call("post", "/api/v1/groups", json!({"name": "crew"})).await;
    api.call("post", "/api/v1/users", json!({"name": "alice"})).await;
    let frame = tokio::time::timeout(Duration::from_secs(10), body.frame())
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    let text = String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap();
    let first: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!(first["action"], "user.add");
    assert_eq!(first["subject"]["name"], "alice");
}
