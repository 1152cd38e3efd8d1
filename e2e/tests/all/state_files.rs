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

/// The most memory that a process had, in MiB.
fn peak(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.and_then(|number| number.parse::<u64>().ok()).unwrap_or_default() / 1024
}
