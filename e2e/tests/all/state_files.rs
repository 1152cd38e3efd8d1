//! Everything as files: all of them or none although the power goes, and very many people in little memory.

use std::{fs, path::Path, process::Stdio, time::Duration};

use doorward_e2e::{Engine, Server, Tools, bounded};
use tokio::process::Command;

/// Applications in one directory: enough to be caught at it.
const APPS: usize = 250;
/// People in the export.
const PEOPLE: usize = 100_000;
/// What the export may add to the memory of either side, in MiB.
const BOUND: u64 = 48;

#[tokio::test]
async fn an_apply_that_is_killed_leaves_the_state_before_it_or_after_it_on_sqlite() {
    bounded(240, kill_during_apply(Engine::Sqlite)).await;
}

#[tokio::test]
async fn an_apply_that_is_killed_leaves_the_state_before_it_or_after_it_on_postgresql() {
    bounded(240, kill_during_apply(Engine::Postgres)).await;
}

async fn kill_during_apply(engine: Engine) {
    let mut server = Server::start_on(engine).await;
    let folder = tempfile::tempdir().expect("a directory");
    let (mut cut_off, mut before, mut after) = (0, 0, 0);
    // The last one is killed once it has answered.
    for (round, pause) in [Some(0), Some(90), Some(400), None].into_iter().enumerate() {
        let dir = folder.path().join(format!("round{round}"));
        write(&dir, round);
        let shown = dir.display().to_string();
        // The plan is the longer half of it: what is killed is the apply, as a program would ask for it.
        let planned = server.json(&["plan", &shown]).await;
        let all = planned["changes"].as_array().expect("changes").len();
        assert_eq!(all, APPS + 1, "round {round}");
        let socket = server.data().join("doorward.sock");
        let client = reqwest::Client::builder()
            .unix_socket(socket)
            .build()
            .expect("a client");
        let call = client
            .post("http://localhost/api/v1/state/apply")
            .json(&request(&dir, &planned["digest"]));
        let apply = tokio::spawn(async move { call.send().await.map(|answer| answer.status().as_u16()) });
        match pause {
            Some(pause) => tokio::time::sleep(Duration::from_millis(pause)).await,
            None => {
                while !apply.is_finished() {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        }
        let was_done = apply.is_finished();
        server.kill().await;
        let answer = apply.await.expect("no panic");
        let answer = answer.ok();
        assert!(answer.is_none_or(|status| status == 200), "round {round}: {answer:?}");
        cut_off += usize::from(!was_done && answer.is_none());
        server.restart().await;
        let left = server.json(&["plan", &shown]).await["changes"]
            .as_array()
            .expect("changes")
            .len();
        assert!(
            left == 0 || left == all,
            "round {round}: {left} of {all} are left, half of it is done"
        );
        if answer == Some(200) {
            assert_eq!(left, 0, "round {round}: what was acknowledged is there");
        }
        before += usize::from(left == all);
        after += usize::from(left == 0);
    }
    assert!(
        cut_off > 0 && after > 0,
        "no apply was cut off, or none came through: {before} before, {after} after"
    );
}

/// A group and applications that it may use.
fn write(dir: &Path, round: usize) {
    for folder in ["groups", "applications"] {
        fs::create_dir_all(dir.join(folder)).expect("a folder");
    }
    fs::write(dir.join(format!("groups/g{round}.toml")), "").expect("a file");
    for number in 0..APPS {
        let text = format!("url = \"https://a{number}.example.com\"\n[scope_map]\ng{round} = []\n");
        fs::write(dir.join(format!("applications/a{round}-{number}.toml")), text).expect("a file");
    }
}

fn request(dir: &Path, digest: &serde_json::Value) -> serde_json::Value {
    let mut files = serde_json::Map::new();
    for folder in ["groups", "applications"] {
        for entry in fs::read_dir(dir.join(folder)).expect("the folder") {
            let entry = entry.expect("a file");
            let name = format!("{folder}/{}", entry.file_name().to_string_lossy());
            files.insert(name, fs::read_to_string(entry.path()).expect("text").into());
        }
    }
    serde_json::json!({"files": files, "digest": digest})
}

#[tokio::test]
async fn a_hundred_thousand_people_are_exported_in_bounded_memory() {
    bounded(240, async {
        let server = Server::start().await;
        server.json(&["group", "add", "staff"]).await;
        server
            .sql(&format!(
                "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {}) \
                 INSERT INTO users (id, name, name_key, kind, display_name, email_verified, attributes, disabled, created_at, updated_at) \
                 SELECT randomblob(16), printf('p%06d', i), CAST(printf('p%06d', i) AS BLOB), 'person', printf('Person %d', i), 0, \
                 '{{\"department\":\"IT\"}}', 0, 1700000000000, 1700000000000 FROM n; \
                 INSERT INTO group_users (group_id, user_id, added_at) SELECT g.id, u.id, 1700000000000 FROM user_groups g, users u \
                 WHERE u.kind = 'person' AND g.name = 'staff';",
                PEOPLE - 1
            ))
            .await;
        let folder = tempfile::tempdir().expect("a directory");
        let dir = folder.path().join("state");
        let before = peak(server.id());
        let mut export = Command::new(Tools::doorward())
            .arg("--data")
            .arg(server.data())
            .args(["export", "--people"])
            .arg(&dir)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the command line can be started");
        let id = export.id().expect("it runs");
        let mut most = 0;
        while export.try_wait().expect("its state").is_none() {
            most = most.max(peak(id));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let done = export.wait_with_output().await.expect("it has ended");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let grown = peak(server.id()) - before;
        let text = fs::read_to_string(dir.join("people.toml")).expect("the file of people");
        assert_eq!(text.matches("[[person]]").count(), PEOPLE);
        assert_eq!(text.matches("groups = [\"staff\"]").count(), PEOPLE);
        assert!(text.len() > 10 * 1024 * 1024, "{}", text.len());
        assert!(grown < BOUND && most < BOUND, "the server grew by {grown} MiB, the command line had {most} MiB");
    })
    .await;
}

/// A house with every kind of file.
const HOUSE: &[(&str, &str)] = &[
    (
        "applications/netbox.toml",
        "preset = \"netbox\"\nurl = \"https://netbox.example.com\"\n[scope_map]\nstaff = []\n[policy]\nfresh_seconds = 600\n",
    ),
    (
        "applications/ledger.toml",
        "url = \"https://ledger.example.com\"\nauthentication = \"tls_client_auth\"\npkce = \"weaken-if-sent\"\n\
         redirect_uris = [\"https://ledger.example.com/cb\"]\nunset = [\"start_url\"]\n\
         claim_rules = [{ claim = \"/a/b\", constant = { x = [1, 2.5, \"z\"] } }, { claim = [\"c\"], groups = \"staff\", into = [\"access_token\"] }]\n\
         [sender.certificate_name]\nsan_dns = \"ledger.example.com\"\n[lifetimes]\ncode = 30\n[grants]\n\
         exchange = [{ kind = \"delegate\", from = \"netbox\", audience = \"https://api.example.com\" }]\n",
    ),
    ("groups/staff.toml", "description = \"everybody\"\ngroups = [\"ops\"]\n"),
    (
        "groups/ops.toml",
        "roles = [\"apps\", \"group-manager:staff\"]\n[policy]\nfactors = \"second\"\n",
    ),
    (
        "services/backup.toml",
        "groups = [\"ops\"]\nexpires = \"2040-01-01T00:00:00Z\"\n",
    ),
    (
        "upstreams/corp.toml",
        "preset = \"entra\"\nissuer = \"https://login.microsoftonline.com/9122040d-6c67-4c5b-b112-36a304b66dad/v2.0\"\n\
         client_id = \"x\"\nunset = [\"rules.name\"]\n[rules.groups]\nmap = [{ group = \"a\", groups = [\"ops\"] }]\n\
         [secret]\nfile = \"corp.secret\"\n",
    ),
    (
        "settings.toml",
        "event_retention_days = 90\nunset = [\"key_rotation_days\"]\n",
    ),
    ("policies.toml", "remember_days = 7\n"),
    ("registration.toml", "domains = [\"example.com\"]\n"),
    ("client-registration.toml", "mode = \"token\"\n"),
    ("terms.toml", "[[texts]]\nlanguage = \"en\"\ntext = \"Be kind.\"\n"),
    (
        "people.toml",
        "[[person]]\nname = \"anna\"\nemail = \"anna@example.com\"\ngroups = [\"staff\"]\n[person.attributes]\ndepartment = \"IT\"\n",
    ),
];

/// A file, a line for its top, and the setting that both the schema and the server complain about.
const WRONG: &[(&str, &str, &str)] = &[
    ("applications/netbox.toml", "pcke = \"required\"", "pcke"),
    ("applications/netbox.toml", "pkce = \"if-sent\"", "pkce"),
    ("applications/netbox.toml", "lifetimes = { cdoe = 30 }", "cdoe"),
    ("applications/netbox.toml", "lifetimes = { code = \"30\" }", "code"),
    ("applications/netbox.toml", "unset = [\"start_ulr\"]", "start_ulr"),
    (
        "applications/netbox.toml",
        "secret = \"hunter2hunter2hunter2\"",
        "secret",
    ),
    (
        "applications/netbox.toml",
        "claim_rules = [{ claims = \"x\", groups = \"*\" }]",
        "claims",
    ),
    ("groups/staff.toml", "role = [\"apps\"]", "role"),
    ("groups/staff.toml", "roles = \"apps\"", "roles"),
    ("groups/ops.toml", "unset = \"description\"", "unset"),
    ("services/backup.toml", "disabled = \"no\"", "disabled"),
    ("services/backup.toml", "keys = [{ jwk = {} }]", "label"),
    ("upstreams/corp.toml", "link = \"always\"", "link"),
    ("upstreams/corp.toml", "timeot = 3", "timeot"),
    ("settings.toml", "own_profile = [\"shoe size\"]", "shoe size"),
    ("policies.toml", "factors = \"three\"", "factors"),
    ("registration.toml", "open = 1", "open"),
    ("client-registration.toml", "mode = \"open\"", "mode"),
    ("terms.toml", "text = \"x\"", "text"),
    ("people.toml", "people = []", "people"),
];

async fn judged(dir: &Path, names: &[&str]) -> serde_json::Map<String, serde_json::Value> {
    let mut python = Command::new(Tools::python());
    python.arg(Tools::sources("python/schemas.py")).arg(dir).args(names);
    let output = python.output().await.expect("python can be started");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("a verdict on each file")
}

#[tokio::test]
async fn files_are_judged_by_the_schemas_beside_them_as_the_server_judges_them_and_whoever_changes_the_server_is_found()
{
    bounded(120, async {
        let server = Server::start().await;
        let folder = tempfile::tempdir().expect("a directory");
        let (house, dir) = (folder.path().join("house"), folder.path().join("state"));
        for (path, text) in HOUSE {
            let path = house.join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
        fs::write(house.join("corp.secret"), "a-secret-from-elsewhere\n").expect("a file");
        let shown = |path: &Path| path.display().to_string();
        let (house, at) = (shown(&house), shown(&dir));
        let applied = server.json(&["apply", &house, "--people", "--yes"]).await;
        assert_eq!(
            applied["changes"].as_array().map(Vec::len),
            Some(HOUSE.len()),
            "{applied:#}"
        );
        server.json(&["export", &at, "--people"]).await;
        let planned = server.json(&["plan", &at, "--people"]).await;
        assert_eq!(planned["changes"], serde_json::json!([]), "{planned:#}");

        let verdicts = judged(&dir, &[]).await;
        assert!(verdicts.len() >= HOUSE.len(), "{verdicts:#?}");
        assert!(
            verdicts.values().all(|errors| errors == &serde_json::json!([])),
            "{verdicts:#?}"
        );
        for (path, line, said) in WRONG {
            let file = dir.join(path);
            let right = fs::read_to_string(&file).expect("the file");
            let (directive, rest) = right.split_once('\n').expect("lines");
            // Only the line that is wrong: what stands there of the same name would be said twice.
            let name = line.split(' ').next().expect("a name");
            let kept: Vec<&str> = rest
                .lines()
                .filter(|other| !other.starts_with(&format!("{name} =")))
                .collect();
            fs::write(&file, format!("{directive}\n{line}\n{}\n", kept.join("\n"))).expect("a file");
            let errors = judged(&dir, &[path]).await[*path].to_string();
            assert!(errors.contains(said), "{path}: {line}: {errors}");
            let plan = server.cli(&["plan", &at, "--people"]).await;
            assert_eq!(plan.code, 1, "{path}: {line}: {plan:?}");
            fs::write(&file, right).expect("a file");
        }

        assert_eq!(drift(&server).await.0, "good");
        server.json(&["group", "edit", "staff", "--description", "some"]).await;
        let (weight, said) = drift(&server).await;
        assert_eq!(
            (weight.as_str(), said.contains("groups/staff.toml")),
            ("advice", true),
            "{said}"
        );
        assert!(
            !said.contains("ops.toml") && said.contains("doorward plan DIR"),
            "{said}"
        );
        // What is here is taken over: the file says it, and applying it is nothing that anybody has to be asked about.
        server.json(&["export", &at]).await;
        server.json(&["apply", &at]).await;
        assert_eq!(drift(&server).await.0, "good");
    })
    .await;
}

/// What the doctor finds of it.
async fn drift(server: &Server) -> (String, String) {
    let ran = server.cli(&["--json", "doctor"]).await;
    let body: serde_json::Value = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{ran:?}"));
    let findings = body["findings"].as_array().expect("findings");
    let found = findings.iter().find(|finding| finding["code"] == "drift");
    let found = found.unwrap_or_else(|| panic!("{body:#}"));
    let weight = found["weight"].as_str().expect("a weight");
    (weight.to_owned(), found.to_string())
}

/// The most memory that a process had, in MiB.
fn peak(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.and_then(|number| number.parse::<u64>().ok()).unwrap_or_default() / 1024
}
