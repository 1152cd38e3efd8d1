//! `doorward login`: the built binary at one end, the provider's pages in an HTTP browser at the other.

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use doorward_e2e::{Browser, Page, Person, Server, Tools, bounded, free_port};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines},
    process::{Child, ChildStderr, Command},
};

/// Somebody's terminal: a home directory of their own, and the server's data directory.
struct Terminal {
    home: tempfile::TempDir,
    data: PathBuf,
}

/// A login that waits for the browser.
struct Waiting {
    child: Child,
    errors: Lines<BufReader<ChildStderr>>,
    /// The address that it asks to open.
    address: String,
    said: String,
}

struct Ended {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Terminal {
    fn new(server: &Server) -> Self {
        Self {
            home: tempfile::tempdir().expect("a temporary folder"),
            data: server.data().to_owned(),
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(Tools::doorward());
        command
            .arg("--data")
            .arg(&self.data)
            .args(arguments)
            .env("XDG_CONFIG_HOME", self.home.path())
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("BROWSER")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    async fn run(&self, arguments: &[&str]) -> Ended {
        let done = self
            .command(arguments)
            .output()
            .await
            .expect("the command line can be started");
        Ended {
            code: done.status.code(),
            out: String::from_utf8_lossy(&done.stdout).into_owned(),
            err: String::from_utf8_lossy(&done.stderr).into_owned(),
        }
    }

    async fn log_in(&self, arguments: &[&str]) -> Waiting {
        Waiting::of(self.command(&[&["login"], arguments].concat())).await
    }

    fn remotes(&self) -> PathBuf {
        self.home.path().join("doorward").join("remotes.toml")
    }
}

impl Waiting {
    async fn of(mut command: Command) -> Self {
        let mut child = command.spawn().expect("the command line can be started");
        let mut errors = BufReader::new(child.stderr.take().expect("a pipe")).lines();
        let mut said = String::new();
        loop {
            let line = errors.next_line().await.expect("its words can be read");
            let line = line.unwrap_or_else(|| panic!("no address in:\n{said}"));
            said.push_str(&line);
            said.push('\n');
            if line.starts_with("http") {
                return Self {
                    child,
                    errors,
                    address: line,
                    said,
                };
            }
        }
    }

    /// The port that it listens on.
    fn redirect_uri(&self) -> String {
        let address = url::Url::parse(&self.address).expect("an address");
        let uri = address.query_pairs().find(|(name, _)| name == "redirect_uri");
        uri.expect("a redirect URI").1.into_owned()
    }

    async fn end(mut self) -> Ended {
        let mut out = String::new();
        let mut stdout = self.child.stdout.take().expect("a pipe");
        stdout.read_to_string(&mut out).await.expect("its words can be read");
        while let Ok(Some(line)) = self.errors.next_line().await {
            self.said.push_str(&line);
            self.said.push('\n');
        }
        let status = self.child.wait().await.expect("it ends");
        Ended {
            code: status.code(),
            out,
            err: self.said,
        }
    }
}

/// A server that knows the command line as an application, and somebody who may use it.
async fn server() -> (Server, Person) {
    let server = Server::start().await;
    server.json(&["group", "add", "staff"]).await;
    let alice = server.add_person("alice", "Alice Archer", &["staff"]).await;
    let added = ["app", "add", "doorward-cli", "http://localhost", "--group", "staff"];
    server.json(&added).await;
    (server, alice)
}

/// Through the provider's pages, with the answer to the question for consent, which is asked once.
async fn walk(address: &str, person: &Person, decision: &str) -> Page {
    let mut browser = Browser::new();
    let mut page = browser.get(address).await;
    if page.is_login() {
        page = browser.log_in(&page, person).await;
    }
    if page.url.path() != "/consent" {
        return page;
    }
    browser.submit(&page, "/consent", &[("decision", decision)]).await
}

async fn userinfo(server: &Server, token: &str) -> Value {
    let client = reqwest::Client::builder().no_proxy().build().expect("an HTTP client");
    let request = client.get(format!("{}/userinfo", server.url)).bearer_auth(token);
    let answer = request.send().await.expect("userinfo answers");
    serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("JSON")
}

#[tokio::test]
async fn a_person_logs_in_at_the_terminal_and_the_token_is_kept_for_them_alone() {
    bounded(120, async {
        let (server, alice) = server().await;
        let terminal = Terminal::new(&server);
        let waiting = terminal.log_in(&["--no-browser"]).await;
        let uri = waiting.redirect_uri();
        assert!(
            uri.starts_with("http://127.0.0.1:") && uri.ends_with("/callback"),
            "{uri}"
        );

        // What others send there is no answer to this login, and does not end it.
        let page = Browser::new().get(&format!("{uri}?code=stolen&state=guessed")).await;
        assert_eq!(page.status, 400, "{}", page.text());
        let page = Browser::new().get(&uri.replace("/callback", "/")).await;
        assert_eq!(page.status, 404);

        let page = walk(&waiting.address, &alice, "allow").await;
        assert_eq!(page.status, 200, "{}", page.text());
        page.says("You are logged in");
        page.says("As alice.");
        let ended = waiting.end().await;
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        assert_eq!(ended.out, format!("Logged in at {} as alice.\n", server.url));
        assert!(ended.err.contains("ssh -L 8250:127.0.0.1:8250"), "{}", ended.err);
        assert!(ended.err.contains("doorward login --stored"), "{}", ended.err);
        let mode = std::fs::metadata(terminal.remotes())
            .expect("it is kept")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);

        let stored = terminal.run(&["login", "--stored"]).await;
        assert_eq!(stored.code, Some(0), "{}", stored.err);
        let person = userinfo(&server, stored.out.trim()).await;
        assert_eq!(person["preferred_username"], "alice", "{person}");

        assert_eq!(terminal.run(&["login", "--forget"]).await.code, Some(0));
        let gone = terminal.run(&["login", "--stored"]).await;
        assert_eq!((gone.code, gone.out.as_str()), (Some(2), ""));
        assert!(gone.err.contains("→ doorward login"), "{}", gone.err);

        let trace = server.latest_trace("doorward-cli").await;
        assert_eq!(trace.outcome, "ok", "{trace:#?}");
    })
    .await;
}

#[tokio::test]
async fn a_printed_token_is_the_only_thing_on_the_output_and_nothing_is_kept() {
    bounded(120, async {
        let (server, alice) = server().await;
        let terminal = Terminal::new(&server);
        let port = free_port().to_string();
        let waiting = terminal
            .log_in(&[
                "--issuer",
                &server.url,
                "--print",
                "--no-browser",
                "--host",
                "localhost",
                "--port",
                &port,
            ])
            .await;
        assert_eq!(waiting.redirect_uri(), format!("http://localhost:{port}/callback"));
        walk(&waiting.address, &alice, "allow").await.says("You are logged in");
        let ended = waiting.end().await;
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        assert_eq!(ended.out.lines().count(), 1, "{}", ended.out);
        let person = userinfo(&server, ended.out.trim()).await;
        assert_eq!(person["preferred_username"], "alice", "{person}");
        assert!(!terminal.remotes().exists());
        assert!(
            ended.err.contains(&format!("ssh -L {port}:127.0.0.1:{port}")),
            "{}",
            ended.err
        );

        let waiting = terminal.log_in(&["--print", "--json", "--no-browser"]).await;
        // Remembered now: the password is enough.
        walk(&waiting.address, &alice, "allow").await.says("You are logged in");
        let ended = waiting.end().await;
        let document: Value = serde_json::from_str(&ended.out).expect("JSON");
        assert_eq!(document["claims"]["name"], "Alice Archer", "{document}");
        assert_eq!(document["token_type"], "Bearer", "{document}");
    })
    .await;
}

#[tokio::test]
async fn a_refused_login_is_told_in_the_browser_and_at_the_terminal() {
    bounded(120, async {
        let (server, alice) = server().await;
        let terminal = Terminal::new(&server);
        let waiting = terminal.log_in(&["--no-browser"]).await;
        let page = walk(&waiting.address, &alice, "deny").await;
        page.says("The login failed");
        page.says("access_denied");
        let ended = waiting.end().await;
        assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""), "{}", ended.err);
        assert!(ended.err.contains("access_denied"), "{}", ended.err);
        assert!(!terminal.remotes().exists());

        let waiting = terminal.log_in(&["--no-browser", "--timeout", "1s"]).await;
        let ended = waiting.end().await;
        assert_eq!(ended.code, Some(1));
        assert!(
            ended.err.contains("doorward app add doorward-cli http://localhost"),
            "{}",
            ended.err
        );

        // An issuer with a slash too many is named with the one that it is.
        let slash = terminal
            .run(&["login", "--no-browser", "--issuer", &format!("{}/", server.url)])
            .await;
        assert_eq!(slash.code, Some(3), "{}", slash.err);
        assert!(
            slash.err.contains(&format!("→ --issuer {}\n", server.url)),
            "{}",
            slash.err
        );
    })
    .await;
}

#[tokio::test]
async fn the_systems_browser_is_opened_at_the_login() {
    bounded(120, async {
        let (server, alice) = server().await;
        let terminal = Terminal::new(&server);
        let opened = terminal.home.path().join("opened");
        let program = terminal.home.path().join("xdg-open");
        write_program(
            &program,
            &format!("#!/bin/sh\nprintf %s \"$1\" > '{}'\n", opened.display()),
        );
        let mut command = terminal.command(&["login"]);
        let path = std::env::var("PATH").unwrap_or_default();
        command
            .env("PATH", format!("{}:{path}", terminal.home.path().display()))
            .env("DISPLAY", ":0");
        let waiting = Waiting::of(command).await;
        let mut address = String::new();
        while address.is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
            address = std::fs::read_to_string(&opened).unwrap_or_default();
        }
        assert_eq!(address, waiting.address);
        walk(&address, &alice, "allow").await.says("You are logged in");
        assert_eq!(waiting.end().await.code, Some(0));
    })
    .await;
}

fn write_program(path: &Path, text: &str) {
    std::fs::write(path, text).expect("a file");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("its mode");
}
