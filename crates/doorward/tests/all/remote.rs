//! The command line from elsewhere: over HTTPS, with a token and a private certificate authority.

use std::{
    io::{BufRead, BufReader, Write},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

use super::{
    process::{Server, free_port, start},
    tls,
};

/// A person's place: where the command line keeps what it knows.
struct Home(tempfile::TempDir);

impl Home {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_doorward"));
        command
            .args(arguments)
            .current_dir(self.0.path())
            .env("XDG_CONFIG_HOME", self.0.path().join("config"))
            .env_remove("DOORWARD_DATA")
            .stdin(Stdio::null());
        command
    }

    /// Exit code, output, errors.
    fn run(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        said(&self.command(arguments).output().unwrap())
    }

    /// The same with something on the input.
    fn run_with(&self, input: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
        let mut command = self.command(arguments);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        said(&child.wait_with_output().unwrap())
    }
}

fn said(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// A server with TLS by a certificate that only its owner trusts; its URL and a token for it.
fn serve(home: &Home) -> (Server, String, String) {
    let folder = home.0.path();
    tls::make(folder);
    let config = folder.join("doorward.toml");
    let (certificate, key) = (folder.join("tls.crt"), folder.join("tls.key"));
    std::fs::write(
        &config,
        format!(
            "[tls]\ncertificate = '{}'\nkey = '{}'\n",
            certificate.display(),
            key.display()
        ),
    )
    .unwrap();
    let port = free_port();
    let url = format!("https://localhost:{port}");
    let server = start(
        &folder.join("data"),
        port,
        &["--config", config.to_str().unwrap(), "--public-url", url.as_str()],
    );
    // The socket is in ./data, so that none of these needs to say where.
    assert_eq!(home.run(&["service", "add", "ansible"]).0, Some(0));
    assert_eq!(home.run(&["admin", "grant", "people", "ansible"]).0, Some(0));
    let (code, token, _) = home.run(&["service", "token", "add", "ansible"]);
    assert_eq!(code, Some(0));
    (server, url, token)
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_server_elsewhere_is_added_used_and_forgotten() {
    let home = Home(tempfile::tempdir().unwrap());
    let (_server, url, token) = serve(&home);

    let (code, _, err) = home.run_with(&token, &["remote", "add", "office", &url]);
    assert_eq!(code, Some(3), "a certificate of nobody's is not trusted: {err}");
    assert!(err.contains("--ca-file"), "{err}");

    let add = ["remote", "add", "office", url.as_str(), "--ca-file", "tls.crt"];
    let (code, _, err) = home.run_with("dwt_wrong", &add);
    assert_eq!(
        (code, err.contains("The API token is not valid")),
        (Some(1), true),
        "{err}"
    );
    let file = home.0.path().join("config/doorward/remotes.toml");
    assert!(!file.exists(), "what was refused is not kept");

    let (code, out, err) = home.run_with(&token, &add);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("Added office as ansible"), "{out}");
    assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));

    let (code, out, err) = home.run(&["--remote", "office", "user", "add", "alice"]);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains(&format!("{url}/link/")), "{out}");
    let (code, _, err) = home.run(&["--remote", "office", "app", "secret", "show", "x"]);
    assert_eq!((code, err.contains("change-apps")), (Some(1), true), "{err}");

    assert_eq!(home.run(&["remote", "use", "office"]).0, Some(0));
    assert!(home.run(&["status"]).1.contains("ansible (token)"));
    assert!(home.run(&["--remote", "local", "status"]).1.contains("(socket)"));
    assert!(
        home.run(&["--data", "data", "status"]).1.contains("(socket)"),
        "what is named counts before the default"
    );

    assert_eq!(home.run(&["remote", "remove", "office"]).0, Some(0));
    assert!(!std::fs::read_to_string(&file).unwrap().contains("dwt_"));
    assert!(home.run(&["status"]).1.contains("(socket)"));
}

#[test]
fn who_follows_hears_what_happens_and_does_not_hold_up_a_stop() {
    let home = Home(tempfile::tempdir().unwrap());
    let (server, _, _) = serve(&home);
    let mut follower = home
        .command(&["event", "follow", "--json", "--action", "user"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(follower.stdout.take().unwrap()).lines();
    // Following begins when the server has the request; until then nothing comes, so people are added until one is heard of.
    let deadline = Instant::now() + Duration::from_secs(20);
    let (heard, hears) = std::sync::mpsc::channel();
    std::thread::spawn(move || heard.send(lines.next()));
    let first = (0..)
        .find_map(|number| {
            assert!(Instant::now() < deadline, "nothing is heard");
            home.run(&["user", "add", &format!("user{number}")]);
            hears.recv_timeout(Duration::from_millis(700)).ok()
        })
        .unwrap()
        .unwrap()
        .unwrap();
    assert!(first.contains(r#""action":"user.add""#), "{first}");

    let began = Instant::now();
    assert_eq!(server.stop(), Some(0));
    assert!(
        began.elapsed() < Duration::from_secs(10),
        "a follower held the server up for {:?}",
        began.elapsed()
    );
    let (code, _, err) = said(&follower.wait_with_output().unwrap());
    assert_eq!((code, err.contains("the server has stopped")), (Some(3), true), "{err}");
}
