//! The server under test, driven by its own command line.

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use crate::{
    browser::{Browser, Page},
    clock::{self, Clock},
    process::{Running, free_port},
    rigs::Registration,
    tools::{Tools, output_folder},
    trace::Trace,
};

/// The configuration file's name in the data directory.
const CONFIGURATION: &str = "doorward.toml";
/// No command takes longer.
const COMMAND: Duration = Duration::from_mins(1);

/// Runs statements in a SQLite database that another process has open.
const EXECUTE: &str = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=30).executescript(sys.argv[2])";

/// Reads from it.
const SELECT: &str = "import json, sqlite3, sys; \
    print(json.dumps(sqlite3.connect(sys.argv[1], timeout=30).execute(sys.argv[2]).fetchall()))";

/// Where a server keeps its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file in the data directory.
    Sqlite,
    /// A fresh database of the PostgreSQL server that the environment names.
    Postgres,
}

/// A running `doorward serve` with a data directory of its own.
pub struct Server {
    running: Running,
    data: TempDir,
    port: u16,
    database: Option<String>,
    /// Where its clock stands, if a test moves it.
    clock: Option<PathBuf>,
    /// Its public URL, which is its issuer.
    pub url: String,
}

/// Somebody who can log in.
#[derive(Debug, Clone)]
pub struct Person {
    /// What they type as their name.
    pub name: String,
    /// What they type as their password.
    pub password: String,
}

/// What a command did.
#[derive(Debug, Clone)]
pub struct Ran {
    /// Its exit code.
    pub code: i32,
    /// Its results.
    pub out: String,
    /// What it said beside them.
    pub err: String,
}

impl Server {
    /// A fresh server on SQLite.
    pub async fn start() -> Self {
        Self::start_on(Engine::Sqlite).await
    }

    /// A fresh server on that engine.
    pub async fn start_on(engine: Engine) -> Self {
        let port = free_port();
        let database = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => Some(fresh_database(port).await),
        };
        Self::start_at(port, &format!("http://127.0.0.1:{port}"), "", database, None).await
    }

    /// A fresh server on SQLite at that port, where another one was before.
    pub async fn start_in_place_of(port: u16) -> Self {
        Self::start_at(port, &format!("http://127.0.0.1:{port}"), "", None, None).await
    }

    /// A fresh server on SQLite that lives by a clock which the test moves.
    pub async fn start_under(clock: &Clock) -> Self {
        let port = free_port();
        Self::start_at(port, &format!("http://127.0.0.1:{port}"), "", None, Some(clock)).await
    }

    /// The same with a configuration file.
    pub async fn start_under_with(clock: &Clock, configuration: &str) -> Self {
        let port = free_port();
        let url = format!("http://127.0.0.1:{port}");
        Self::start_at(port, &url, configuration, None, Some(clock)).await
    }

    /// A fresh server under another name than the others have: browsers give cookies to hosts, whatever the port.
    pub async fn start_as_neighbour() -> Self {
        let port = free_port();
        Self::start_at(port, &format!("http://localhost:{port}"), "", None, None).await
    }

    /// The same by a clock which the test moves.
    pub async fn start_as_neighbour_under(clock: &Clock) -> Self {
        let port = free_port();
        Self::start_at(port, &format!("http://localhost:{port}"), "", None, Some(clock)).await
    }

    /// A fresh server with a configuration file.
    pub async fn start_with(configuration: &str) -> Self {
        let port = free_port();
        Self::start_at(port, &format!("http://127.0.0.1:{port}"), configuration, None, None).await
    }

    /// A fresh server on SQLite that people reach at another address than its own, with a configuration file.
    pub async fn start_behind(url: &str, configuration: &str) -> Self {
        Self::start_at(free_port(), url, configuration, None, None).await
    }

    /// A fresh server, or another node of one, that ends TLS itself, as its configuration says. Its address need not answer yet:
    /// the certificate may have to come first.
    pub async fn start_over_tls(port: u16, url: &str, configuration: &str, database: Option<String>) -> Self {
        assert!(url.starts_with("https://"), "{url}");
        Self::start_at(port, url, configuration, database, None).await
    }

    async fn start_at(
        port: u16,
        url: &str,
        configuration: &str,
        database: Option<String>,
        clock: Option<&Clock>,
    ) -> Self {
        let clock = clock.map(Clock::file);
        let data = tempfile::Builder::new()
            .prefix("doorward-e2e-")
            .permissions(PermissionsExt::from_mode(0o700))
            .tempdir()
            .expect("a temporary folder");
        std::fs::write(data.path().join(CONFIGURATION), configuration).expect("the folder can be written");
        let mut server = Self {
            running: serve(data.path(), port, url, database.as_deref(), clock.as_deref()),
            data,
            port,
            database,
            clock,
            url: url.to_owned(),
        };
        server.ready().await;
        server
    }

    async fn ready(&mut self) {
        if std::fs::read_to_string(self.data().join(CONFIGURATION)).is_ok_and(|text| text.contains("[tls]")) {
            return self.answers_commands().await;
        }
        let health = format!("{}/healthz", self.own_url());
        self.running.answers(&health).await;
    }

    async fn answers_commands(&self) {
        let deadline = Instant::now() + COMMAND;
        while run(self.data.path(), &["status"]).await.code != 0 {
            assert!(Instant::now() < deadline, "no command is answered:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The port that it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where it listens itself, without anything in front.
    pub fn own_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Its data directory.
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// Where the link of the first administrator waits: its log is no terminal.
    pub fn first_link_file(&self) -> PathBuf {
        self.data().join("first-administrator.link")
    }

    /// The link of the first administrator.
    pub fn first_link(&self) -> String {
        let file = self.first_link_file();
        let link = std::fs::read_to_string(&file);
        let link = link.unwrap_or_else(|error| panic!("{}: {error}\n{}", file.display(), self.log()));
        link.trim().to_owned()
    }

    /// The end of what it wrote on its standard error.
    pub fn log(&self) -> String {
        self.running.log()
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.running.id()
    }

    /// Ends it like a power cut.
    pub async fn kill(&mut self) {
        self.running.kill().await;
    }

    /// Asks it to stop; it has ten seconds.
    pub async fn stop(&mut self) -> std::process::ExitStatus {
        self.running.stop(Duration::from_secs(10)).await
    }

    /// Starts it again with the same data on the same port.
    pub async fn restart(&mut self) {
        let (database, clock) = (self.database.as_deref(), self.clock.as_deref());
        self.running = serve(self.data.path(), self.port, &self.url, database, clock);
        self.ready().await;
    }

    /// Runs a command of the command line against it.
    pub async fn cli(&self, arguments: &[&str]) -> Ran {
        run(self.data.path(), arguments).await
    }

    /// The same with `--json`; the command must succeed.
    #[track_caller]
    pub fn json(&self, arguments: &[&str]) -> impl Future<Output = Value> + use<> {
        let place = std::panic::Location::caller();
        let data = self.data.path().to_owned();
        let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
        async move {
            let mut all = vec!["--json"];
            all.extend(arguments.iter().map(String::as_str));
            let ran = run(&data, &all).await;
            assert_eq!(
                ran.code,
                0,
                "{place}: doorward {}: {}{}",
                all.join(" "),
                ran.out,
                ran.err
            );
            serde_json::from_str(&ran.out).unwrap_or(Value::Null)
        }
    }

    /// Adds a person by the command line; they redeem their link in a browser of their own.
    pub async fn add_person(&self, name: &str, full_name: &str, groups: &[&str]) -> Person {
        self.add_person_in(Browser::new(), name, full_name, groups).await
    }

    /// The same in that browser.
    pub async fn add_person_in(&self, mut browser: Browser, name: &str, full_name: &str, groups: &[&str]) -> Person {
        let mut command = vec!["user", "add", name, "--name", full_name, "--email"];
        let email = format!("{name}@example.com");
        command.push(&email);
        for group in groups {
            command.extend(["--group", group]);
        }
        let added = self.json(&command).await;
        let link = added["enrolment"]["url"].as_str().expect("an enrolment link");
        let person = Person {
            name: name.to_owned(),
            password: format!("correct horse {name}"),
        };
        let page = browser.get(link).await;
        let page = browser.submit(&page, "/link/", &chosen(&person.password)).await;
        assert_eq!((page.status, page.url.path()), (200, "/"), "{}", page.text());
        person
    }

    /// Does something to the database behind the server's back, so that a later request fails.
    pub async fn sql(&self, statement: &str) {
        let mut command = if let Some(database) = &self.database {
            let mut psql = Command::new("psql");
            psql.args([database.as_str(), "-q", "-v", "ON_ERROR_STOP=1", "-c", statement]);
            psql
        } else {
            let mut python = Command::new(Tools::python());
            python.args(["-c", EXECUTE]);
            python.arg(self.data().join("doorward.db")).arg(statement);
            python
        };
        let done = command.output().await.expect("the database's program can be started");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }

    /// What a statement finds in the database (SQLite), for what nothing shows: a list of rows.
    pub async fn select(&self, statement: &str) -> Value {
        let mut python = Command::new(Tools::python());
        python.args(["-c", SELECT]);
        python.arg(self.data().join("doorward.db")).arg(statement);
        let done = python.output().await.expect("Python can be started");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        serde_json::from_slice(&done.stdout).expect("JSON")
    }

    /// Something of the API, asked as the command line asks: through the socket of this machine.
    pub async fn api(&self, path: &str, body: Option<&Value>) -> (u16, Value) {
        let client = reqwest::Client::builder().unix_socket(self.data().join("doorward.sock"));
        let client = client.build().expect("an HTTP client");
        let address = format!("http://localhost/api/v1{path}");
        let request = match body {
            Some(body) => client.post(address).json(body),
            None => client.get(address),
        };
        let answer = request.send().await.expect("the API answers");
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap_or(Value::Null))
    }

    /// Adds a generic application for `staff` with that redirect URI and further settings: this server as a provider.
    pub async fn add_relying_party(&self, id: &str, redirect_uri: &str, settings: &[&str]) -> Registration {
        let mut command = vec!["app", "add", "generic", "http://127.0.0.1:9/", "--name", id];
        command.extend([
            "--add-redirect-uri",
            redirect_uri,
            "--group",
            "staff",
            "--consent",
            "skip",
        ]);
        command.extend(settings);
        self.json(&command).await;
        let secret = self.json(&["app", "secret", "show", id]).await;
        Registration {
            issuer: self.url.clone(),
            client_id: id.to_owned(),
            secret: secret["secret"].as_str().expect("a secret").to_owned(),
        }
    }

    /// Adds an upstream with that registration and further settings, and gives what the command says.
    pub async fn try_upstream(&self, preset: &str, name: &str, registration: &Registration, settings: &[&str]) -> Ran {
        let secret = self.data().join(format!("{name}.secret"));
        std::fs::write(&secret, &registration.secret).expect("the file can be written");
        let secret = secret.to_string_lossy();
        let mut command = vec!["upstream", "add", preset, name];
        command.extend(["--client-id", &registration.client_id, "--issuer", &registration.issuer]);
        command.extend(["--secret-file", &secret, "--allow-private", "on"]);
        command.extend(settings);
        self.cli(&command).await
    }

    /// The same; it must succeed. `rules` is what the file with the rules says.
    pub async fn add_upstream(
        &self,
        preset: &str,
        name: &str,
        registration: &Registration,
        rules: &str,
        settings: &[&str],
    ) {
        let file = self.data().join(format!("{name}.toml"));
        std::fs::write(&file, rules).expect("the file can be written");
        let file = file.to_string_lossy();
        let mut all = vec!["--create-users", "on", "--title", name];
        if !rules.is_empty() {
            all.extend(["--rules-file", &file]);
        }
        all.extend(settings);
        let ran = self.try_upstream(preset, name, registration, &all).await;
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    }

    /// Panics unless the page, its trace and the event say that a login through an upstream was refused for that reason.
    pub async fn refused_upstream(&self, page: &Page, reason: &str) {
        assert_eq!(page.status, 403, "{reason}: {} {}", page.url, page.text());
        assert!(page.url.as_str().starts_with(&self.url), "{reason}: {}", page.url);
        let reference = page.reference();
        let trace = self.trace(&reference).await;
        let step = trace.refusal();
        assert_eq!(
            (trace.outcome.as_str(), step.check.as_str()),
            ("refused", "upstream.login")
        );
        assert!(step.detail.is_some() && step.remedy.is_some(), "{reason}: {step:?}");
        let events = self.json(&["event", "list", "--refused", "--trace", &reference]).await;
        assert_eq!(events["items"][0]["reason"], reason, "{events}");
    }

    /// Where an upstream of that name sends people back to.
    pub fn callback(&self, name: &str) -> String {
        format!("{}/upstream/{name}/callback", self.url)
    }

    /// Where it says that a session has ended.
    pub fn backchannel_logout(&self, name: &str) -> String {
        format!("{}/upstream/{name}/backchannel-logout", self.own_url())
    }

    /// What it loads in a frame when a session has ended.
    pub fn frontchannel_logout(&self, name: &str) -> String {
        format!("{}/upstream/{name}/frontchannel-logout", self.url)
    }

    /// Where it sends people after a logout.
    pub fn logged_out(&self) -> String {
        format!("{}/logged-out", self.url)
    }

    /// The names of a person's groups here.
    pub async fn groups_of(&self, name: &str) -> Vec<String> {
        let shown = self.json(&["user", "show", name]).await;
        let groups = shown["groups"]
            .as_array()
            .unwrap_or_else(|| panic!("no groups: {shown}"));
        let name = |group: &Value| group["name"].as_str().or(group.as_str()).unwrap_or_default().to_owned();
        groups.iter().map(name).collect()
    }

    /// The trace of a reference.
    pub async fn trace(&self, reference: &str) -> Trace {
        let trace = self.json(&["trace", reference]).await;
        serde_json::from_value(trace.clone()).unwrap_or_else(|error| panic!("{error}: {trace}"))
    }

    /// The trace of an application in which something happened last.
    pub async fn latest_trace(&self, app: &str) -> Trace {
        let list = self.json(&["trace", "--app", app]).await;
        let items = list["items"].as_array().unwrap_or_else(|| panic!("no list: {list}"));
        let latest = items.iter().max_by_key(|item| moment(&item["updated"]));
        let reference = latest.and_then(|item| item["reference"].as_str());
        self.trace(reference.unwrap_or_else(|| panic!("no login to {app}: {list}")))
            .await
    }

    /// The trace of a page with a reference on it.
    pub async fn trace_of(&self, page: &Page) -> Trace {
        self.trace(&page.reference()).await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Best effort: a database that stays is a nuisance, not a failure.
        if let Some((server, name)) = self.database.as_deref().and_then(|url| url.rsplit_once('/')) {
            let _ = std::process::Command::new("psql")
                .args([&format!("{server}/postgres"), "-q", "-c"])
                .arg(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
                .output();
        }
    }
}

/// A point in time as text that sorts: whole seconds, then the fraction with all its zeros.
fn moment(time: &Value) -> (String, String) {
    let text = time.as_str().unwrap_or_default().trim_end_matches('Z');
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    (seconds.to_owned(), format!("{fraction:0<9}"))
}

/// The fields of a page on which somebody chooses a password.
fn chosen(password: &str) -> [(&'static str, &str); 2] {
    [("new_password", password), ("repeat_password", password)]
}

fn serve(data: &Path, port: u16, url: &str, database: Option<&str>, clock: Option<&Path>) -> Running {
    let mut command = Command::new(Tools::doorward());
    command
        .arg("serve")
        .args(["--listen", &format!("127.0.0.1:{port}")])
        .args(["--public-url", url])
        .arg("--config")
        .arg(data.join(CONFIGURATION))
        .arg("--data")
        .arg(data);
    if let Some(database) = database {
        command.args(["--database", database]);
    }
    if let Some(clock) = clock {
        clock::live_by(&mut command, clock);
    }
    Running::start(&format!("doorward-{port}"), command, &output_folder("logs"))
}

async fn run(data: &Path, arguments: &[&str]) -> Ran {
    let mut command = Command::new(Tools::doorward());
    command
        .arg("--data")
        .arg(data)
        .args(arguments)
        .stdin(std::process::Stdio::null())
        .kill_on_drop(true);
    let ended = tokio::time::timeout(COMMAND, command.output()).await;
    let output = ended
        .unwrap_or_else(|_| panic!("doorward {} was still running after {COMMAND:?}", arguments.join(" ")))
        .expect("the command line can be started");
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// A new database of the PostgreSQL server that the environment names.
pub async fn fresh_database(port: u16) -> String {
    let server = Tools::postgres();
    let name = format!("doorward_e2e_{}_{port}", std::process::id());
    let made = Command::new("psql")
        .args([server.as_str(), "-q", "-c"])
        .arg(format!("DROP DATABASE IF EXISTS {name}"))
        .arg("-c")
        .arg(format!("CREATE DATABASE {name}"))
        .output()
        .await
        .expect("psql can be started");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let mut url = url::Url::parse(&server).expect("DOORWARD_TEST_POSTGRES is a URL");
    url.set_path(&name);
    url.to_string()
}
