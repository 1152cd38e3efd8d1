//! Everything as files, by the command line over the API.

use std::fs;

use http::StatusCode;
use serde_json::{Value, json};

use crate::{api_access::token, api_server::Api};

#[tokio::test(flavor = "multi_thread")]
async fn files_are_exported_changed_planned_and_applied_and_their_comments_stay() {
    let api = Api::start().await;
    for line in [
        "group add netbox_users",
        "app add netbox https://netbox.example.com",
        "app allow netbox netbox_users",
        "setting edit --event-retention 90 --key-rotation never",
        "user add anna",
    ] {
        let ran = api.run(line).await;
        assert_eq!(ran.code, "0", "{line}: {ran:?}");
    }
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("state");
    let at = |name: &str| dir.join(name);
    let shown = dir.display().to_string();
    let run = async |line: &str| api.run(&line.replace("DIR", &shown)).await;

    let exported = run("export DIR --people").await;
    assert_eq!(exported.code, "0", "{exported:?}");
    assert!(
        exported.out.contains("3 files written") && exported.out.contains("1 people"),
        "{exported:?}"
    );
    let settings = fs::read_to_string(at("settings.toml")).unwrap();
    assert!(
        settings.contains("event_retention_days = 90") && settings.contains("unset = [\"key_rotation_days\"]"),
        "{settings}"
    );
    let same = run("plan DIR --people --exit-code").await;
    assert_eq!(
        (same.code.as_str(), same.out.contains("nothing would change")),
        ("0", true),
        "{same:?}"
    );

    let app = fs::read_to_string(at("applications/netbox.toml")).unwrap();
    fs::write(at("netbox.secret"), "a-secret-from-elsewhere\n").unwrap();
    let with_secret_in = |file: &str| {
        let rows = "# short, because it is shared\n[lifetimes]\ncode = 30\n[secret]\nfile = \"FILE\"\n[scope_map]";
        app.replace("[scope_map]", &rows.replace("FILE", file))
    };
    fs::write(at("applications/netbox.toml"), with_secret_in("../state/netbox.secret")).unwrap();
    let climbs = run("plan DIR").await;
    assert_eq!(
        (climbs.code.as_str(), climbs.err.contains("--secrets FOLDER")),
        ("2", true),
        "{climbs:?}"
    );
    let changed = with_secret_in("netbox.secret");
    assert_ne!(app, changed);
    fs::write(at("applications/netbox.toml"), &changed).unwrap();
    fs::write(at("groups/ops.toml"), "groups = [\"netbox_users\"]\n").unwrap();
    fs::write(at("settings.toml"), "event_retention_days = 91\n").unwrap();
    let plan = run("plan DIR --exit-code").await;
    assert_eq!(plan.code, "1", "{plan:?}");
    for said in [
        "~ applications/netbox.toml",
        "lifetimes.code",
        "secret: (as usual) → another one",
        "+ groups/ops.toml",
        "~ settings.toml",
    ] {
        assert!(plan.out.contains(said), "{said}: {plan:?}");
    }
    assert!(!plan.out.contains("elsewhere"), "{plan:?}");
    let unsure = run("apply DIR").await;
    assert_eq!(unsure.code, "2", "nobody said yes: {unsure:?}");
    let applied = run("apply DIR --yes").await;
    assert_eq!(applied.code, "0", "{applied:?}");
    assert_eq!(
        api.run("app secret show netbox").await.out.trim(),
        "a-secret-from-elsewhere"
    );
    assert!(api.run("setting show").await.out.contains("91 days"));
    let again = run("apply DIR").await;
    assert!(again.out.contains("nothing would change"), "{again:?}");

    let shown = api.run("app edit netbox --lifetime code=40s").await;
    assert_eq!(shown.code, "0", "{shown:?}");
    assert_eq!(run("export DIR").await.code, "0");
    let kept = fs::read_to_string(at("applications/netbox.toml")).unwrap();
    assert!(
        kept.contains("# short, because it is shared") && kept.contains("code = 40"),
        "{kept}"
    );
    assert!(kept.contains("\"netbox.secret\""), "{kept}");

    fs::remove_file(at("netbox.secret")).unwrap();
    let missing = run("plan DIR").await;
    assert_eq!(missing.code, "2", "{missing:?}");
    assert!(
        missing
            .err
            .contains("applications/netbox.toml: its secret cannot be read"),
        "{missing:?}"
    );
    fs::write(
        at("applications/netbox.toml"),
        "preset = \"netbox\"\nurl = \"https://netbox.example.com\"\nlifetime = 3\n",
    )
    .unwrap();
    let wrong = run("plan DIR").await;
    assert!(
        wrong.err.contains("applications/netbox.toml") && wrong.err.contains("lifetime"),
        "{wrong:?}"
    );
    assert_eq!(run("plan DIR/nowhere").await.code, "2");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_thing_is_printed_as_its_file() {
    let api = Api::start().await;
    api.run("group add crew --description everybody").await;
    api.run("app add generic https://a.example.com --name ledger --weaken-pkce-if-sent")
        .await;
    for (line, says) in [
        ("group show crew --toml", "description = \"everybody\""),
        ("app show ledger --toml", "pkce = \"weaken-if-sent\""),
        ("export --print groups/crew.toml", "description = \"everybody\""),
    ] {
        let ran = api.run(line).await;
        assert_eq!(
            (ran.code.as_str(), ran.out.contains(says)),
            ("0", true),
            "{line}: {ran:?}"
        );
    }
    let missing = api.run("export --print groups/crow.toml").await;
    assert_eq!(missing.code, "1", "{missing:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_applied_without_a_plan_of_this_state_and_full_rights() {
    let api = Api::start().await;
    let files = json!({"groups/crew.toml": ""});
    let apply = |digest: Value| json!({"files": files, "digest": digest});
    let without = api.call("post", "/api/v1/state/apply", json!({"files": files})).await;
    assert_eq!(without.status, StatusCode::BAD_REQUEST, "{without:?}");
    let wrong = api.call("post", "/api/v1/state/apply", apply(json!("00"))).await;
    assert_eq!(
        (wrong.status, &wrong.body["code"]),
        (StatusCode::CONFLICT, &json!("state_moved")),
        "{wrong:?}"
    );
    let keeper = token(&api, "keeper", Some("apps")).await;
    let refused = api
        .call_with(&keeper, "post", "/api/v1/state/plan", json!({"files": files}))
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{refused:?}");
    let large = "x".repeat(300 * 1024);
    let plan = json!({"files": {"groups/crew.toml": format!("description = \"{large}\"")}});
    let bounded = api.call("post", "/api/v1/state/plan", plan).await;
    assert_eq!(bounded.body["code"], json!("invalid_group"), "{bounded:?}");
}
