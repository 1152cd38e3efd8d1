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
    let climbs = run("plan DIR --compare-secrets").await;
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
    let quiet = run("plan DIR --exit-code").await;
    assert!(
        quiet.code == "1" && !quiet.out.contains("secret: ") && quiet.out.contains("--compare-secrets"),
        "a plan reads no secret unless it is asked to: {quiet:?}"
    );
    let plan = run("plan DIR --exit-code --compare-secrets").await;
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
    assert_eq!(
        run("plan DIR").await.code,
        "0",
        "a plan that reads no secret needs none"
    );
    let missing = run("apply DIR --yes").await;
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
    // What the server has no name for is somebody else's: it is not sent, and not skipped in silence either.
    fs::create_dir(at("application")).unwrap();
    fs::write(at("application/netbox.toml"), "password = \"hunter2\"").unwrap();
    let foreign = run("plan DIR").await;
    assert!(
        foreign.code == "2"
            && foreign.err.contains("found application/netbox.toml")
            && !foreign.err.contains("hunter2"),
        "{foreign:?}"
    );
    let exported = run("export DIR").await;
    assert!(
        exported.code == "0"
            && exported
                .err
                .contains("application/netbox.toml: nothing here is like that"),
        "{exported:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_names_the_schemas_that_it_writes_and_the_api_and_the_command_line_give_the_same_ones() {
    let api = Api::start().await;
    api.run("group add crew").await;
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().display().to_string();
    assert_eq!(api.run(&format!("export {dir} --people")).await.code, "0");
    let given = api.call("get", "/api/v1/state/schema", Value::Null).await.body["schemas"].clone();
    let given = given.as_object().unwrap();
    assert_eq!(
        given.keys().map(String::as_str).collect::<Vec<_>>(),
        [
            "applications",
            "client-registration",
            "groups",
            "people",
            "policies",
            "registration",
            "services",
            "settings",
            "terms",
            "upstreams"
        ]
    );
    for (kind, schema) in given {
        let file = fs::read_to_string(folder.path().join(format!(".schema/{kind}.json"))).unwrap();
        assert_eq!(&serde_json::from_str::<Value>(&file).unwrap(), schema, "{kind}");
        let printed = api.run(&format!("export --schema {kind}")).await;
        assert_eq!(printed.out, file, "{kind}");
        let known = if doorward_api::STATE_FOLDERS.contains(&kind.as_str()) {
            format!("{kind}/a.toml")
        } else {
            format!("{kind}.toml")
        };
        let is_named = doorward_api::STATE_FILES.contains(&known.as_str())
            || known == doorward_api::STATE_PEOPLE
            || known.contains('/');
        assert!(is_named, "{known}");
    }
    let group = fs::read_to_string(folder.path().join("groups/crew.toml")).unwrap();
    assert_eq!(group, "#:schema ../.schema/groups.json\n");
    let people = fs::read_to_string(folder.path().join("people.toml")).unwrap();
    assert!(people.starts_with("#:schema .schema/people.json\n"), "{people}");
    let again = api.run(&format!("export {dir}")).await;
    assert!(again.out.contains("0 files written, 1 unchanged"), "{again:?}");
    api.run("group edit crew --description everybody").await;
    api.run(&format!("export {dir}")).await;
    let group = fs::read_to_string(folder.path().join("groups/crew.toml")).unwrap();
    assert_eq!(group, "#:schema ../.schema/groups.json\ndescription = \"everybody\"\n");
    let wrong = api.run("export --schema group").await;
    assert!(wrong.code == "2" && wrong.err.contains("groups"), "{wrong:?}");
}

/// Settings of the server are a kind of file whose type belongs to this crate.
#[tokio::test(flavor = "multi_thread")]
async fn every_setting_of_the_server_goes_into_its_file_and_comes_back() {
    let pem = include_str!("../../../login/tests/all/private_ca/ca.pem");
    let all = json!({
        "event_retention_days": 90, "trace_retention_days": 7, "own_profile": ["name"], "deletion_grace_days": 3, "own_deletion": true,
        "key_rotation_days": 60, "attestation_roots": pem,
    });
    let schema = doorward_state::Schema::of::<doorward_api::SettingsChange>();
    let names: Vec<&String> = schema.json()["properties"].as_object().unwrap().keys().collect();
    assert_eq!(
        names,
        all.as_object().unwrap().keys().collect::<Vec<_>>(),
        "a value for each"
    );
    let mut sets: Vec<Value> = all
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| json!({name.as_str(): value}))
        .collect();
    sets.extend([
        all.clone(),
        json!({"own_profile": []}),
        json!({"key_rotation_days": null}),
    ]);
    for set in sets {
        let (here, there) = (Api::start().await, Api::start().await);
        let changed = here.call("patch", "/api/v1/settings", set.clone()).await;
        assert_eq!(changed.status, StatusCode::OK, "{set}: {changed:?}");
        let files = here.call("post", "/api/v1/state/export", json!({})).await.body;
        assert_eq!(files["files"].as_object().unwrap().len(), 1, "{set}: {files}");
        let plan = there.call("post", "/api/v1/state/plan", files.clone()).await;
        assert_eq!(plan.status, StatusCode::OK, "{set}: {plan:?}");
        let mut request = files.clone();
        request["digest"] = plan.body["digest"].clone();
        let applied = there.call("post", "/api/v1/state/apply", request).await;
        assert_eq!(applied.status, StatusCode::OK, "{set}: {applied:?}");
        assert_eq!(
            there.call("post", "/api/v1/state/export", json!({})).await.body,
            files,
            "{set}"
        );
        let settings = async |api: &Api| api.call("get", "/api/v1/settings", Value::Null).await.body;
        assert_eq!(settings(&there).await, settings(&here).await, "{set}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_thing_is_printed_as_its_file() {
    let api = Api::start().await;
    api.run("group add crew --description everybody").await;
    api.run("user add anna").await;
    api.run("app add generic https://a.example.com --name ledger --weaken-pkce-if-sent")
        .await;
    for (line, says) in [
        ("group show crew --toml", "description = \"everybody\""),
        ("app show ledger --toml", "pkce = \"weaken-if-sent\""),
        ("export --print groups/crew.toml", "description = \"everybody\""),
        ("export --print settings.toml", "# as usual"),
        ("user show anna --toml", "name = \"anna\""),
    ] {
        let ran = api.run(line).await;
        assert_eq!(
            (ran.code.as_str(), ran.out.contains(says)),
            ("0", true),
            "{line}: {ran:?}"
        );
    }
    for missing in ["export --print groups/crow.toml", "user show nobody --toml"] {
        let ran = api.run(missing).await;
        assert_eq!(ran.code, "1", "{missing}: {ran:?}");
    }
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
    let planned = api
        .call("post", "/api/v1/state/plan", json!({"files": files}))
        .await
        .body["digest"]
        .clone();
    let other = json!({"files": {"groups/crow.toml": ""}, "digest": planned});
    let other = api.call("post", "/api/v1/state/apply", other).await;
    assert_eq!(
        (other.status, &other.body["code"]),
        (StatusCode::CONFLICT, &json!("state_not_planned")),
        "{other:?}"
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
