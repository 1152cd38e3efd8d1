//! A real mail server (`aiosmtpd`) and what it received.

use std::{
    net::TcpStream,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use crate::{
    process::{Running, free_port},
    tools::{Tools, output_folder},
};

/// How a mail server wants to be spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taking {
    /// Plain until STARTTLS, which it demands.
    Starttls,
    /// TLS from the first byte.
    Implicit,
    /// Never TLS.
    Plain,
}

/// A mail server with an authority of its own.
pub struct MailServer {
    folder: TempDir,
    taking: Taking,
    login: Vec<String>,
    running: Option<Running>,
    /// Where it listens.
    pub port: u16,
}

/// A letter as it arrived.
#[derive(Debug, Clone)]
pub struct Received {
    /// The address of the envelope.
    pub to: String,
    /// Whether it came over TLS.
    pub tls: bool,
    /// Who was logged in to send it.
    pub user: Option<String>,
    /// The subject line.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The HTML.
    pub html: String,
    /// The headers, as they came.
    pub headers: String,
}

/// Takes a letter apart with a parser that is not ours.
const PARSE: &str = "\
import email, json, sys
from email import policy
letter = email.message_from_bytes(open(sys.argv[1], 'rb').read(), policy=policy.default)
part = lambda kind: letter.get_body((kind,)).get_content()
print(json.dumps({'subject': letter['subject'], 'text': part('plain'), 'html': part('html'),
    'headers': ''.join(f'{name}: {value}\\n' for name, value in letter.items())}))
";

impl MailServer {
    /// Runs one for `localhost`.
    pub async fn start(taking: Taking) -> Self {
        let mut server = Self::prepared(taking).await;
        server.run().await;
        server
    }

    /// Runs one that takes letters from that user alone.
    pub async fn start_for(taking: Taking, user: &str, password: &str) -> Self {
        let mut server = Self::prepared(taking).await;
        server.login = vec![user.to_owned(), password.to_owned()];
        server.run().await;
        server
    }

    /// One that does not run yet: nobody listens at its port.
    pub async fn prepared(taking: Taking) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        certify(folder.path()).await;
        Self {
            folder,
            taking,
            login: Vec::new(),
            running: None,
            port: free_port(),
        }
    }

    /// Begins to listen.
    pub async fn run(&mut self) {
        let security = match self.taking {
            Taking::Starttls => "starttls",
            Taking::Implicit => "implicit",
            Taking::Plain => "plain",
        };
        let mut python = Command::new(Tools::python());
        python.arg(Tools::sources("python/mail_server.py"));
        python.arg(self.port.to_string()).arg(self.folder.path()).arg(security);
        python
            .arg(self.file("leaf.pem"))
            .arg(self.file("leaf.key"))
            .args(&self.login);
        self.running = Some(Running::start("mail-server", python, &output_folder("mail")));
        let deadline = Instant::now() + Duration::from_secs(30);
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let log = self.running.as_ref().map(Running::log).unwrap_or_default();
            assert!(Instant::now() < deadline, "the mail server does not listen: {log}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The certificate of the authority that vouches for it.
    pub fn authority(&self) -> PathBuf {
        self.file("ca.pem")
    }

    /// `[mail]` for a server that sends through it; `more` are further lines.
    pub fn setting(&self, more: &str) -> String {
        let tls = match self.taking {
            Taking::Starttls => "starttls",
            Taking::Implicit => "implicit",
            Taking::Plain => "none-insecure",
        };
        let ca = match self.taking {
            Taking::Plain => String::new(),
            _ => format!("ca = \"{}\"\n", self.authority().display()),
        };
        format!(
            "[mail]\nhost = \"localhost\"\nport = {}\ntls = \"{tls}\"\nfrom = \"Acme <sso@example.com>\"\n{ca}{more}",
            self.port
        )
    }

    /// How many letters have arrived.
    pub fn count(&self) -> usize {
        let entries = std::fs::read_dir(self.folder.path()).expect("the folder can be read");
        let is_letter = |path: &Path| path.extension().is_some_and(|extension| extension == "eml");
        entries.flatten().filter(|entry| is_letter(&entry.path())).count()
    }

    /// The letter of that number, from 1, once it is there.
    pub async fn letter(&self, number: usize) -> Received {
        let file = self.file(&format!("{number:03}.eml"));
        let deadline = Instant::now() + Duration::from_secs(40);
        while !file.exists() {
            assert!(
                Instant::now() < deadline,
                "letter {number} does not arrive; there are {}",
                self.count()
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let about = std::fs::read_to_string(file.with_extension("json")).expect("what came with it");
        let about: Value = serde_json::from_str(&about).expect("JSON");
        let mut python = Command::new(Tools::python());
        let output = python.args(["-c", PARSE]).arg(&file).output().await.expect("python");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let letter: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let text = |name: &str| letter[name].as_str().expect("text").to_owned();
        Received {
            to: about["to"][0].as_str().expect("an address").to_owned(),
            tls: about["tls"] == true,
            user: about["user"].as_str().map(ToOwned::to_owned),
            subject: text("subject"),
            text: text("text"),
            html: text("html"),
            headers: text("headers"),
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

impl Received {
    /// The link in it.
    #[track_caller]
    pub fn link(&self) -> &str {
        let found = self.text.lines().find(|line| line.starts_with("http"));
        found.unwrap_or_else(|| panic!("no link in {}", self.text)).trim()
    }
}

/// An authority, and a certificate of it for `localhost`.
async fn certify(folder: &Path) {
    let new = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2";
    for words in [
        format!("req -x509 {new} -subj /CN=authority -keyout ca.key -out ca.pem"),
        format!(
            "req -x509 {new} -subj /CN=localhost -CA ca.pem -CAkey ca.key -addext subjectAltName=DNS:localhost \
             -addext basicConstraints=critical,CA:FALSE -keyout leaf.key -out leaf.pem"
        ),
    ] {
        let mut openssl = Command::new("openssl");
        openssl.args(words.split_whitespace()).current_dir(folder);
        let done = openssl.output().await.expect("openssl can be started");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
}
