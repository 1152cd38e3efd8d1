//! Pebble, the ACME server that Let's Encrypt tests clients with, and its server for names, which says that every name is on
//! this machine. It comes to look on the ports that it is started with.

use std::{path::PathBuf, time::Duration};

use serde_json::json;
use tempfile::TempDir;
use tokio::process::Command;

use crate::{
    nginx::certify,
    process::{Running, free_port},
    tools::{Tools, output_folder},
};

/// The running authority.
pub struct Pebble {
    running: Running,
    _names: Running,
    folder: TempDir,
    port: u16,
    management: u16,
}

impl Pebble {
    /// Starts it. It looks for `acme-tls/1` on `tls_port` and for paths on `http_port`; its certificates live for `lifetime`.
    pub async fn start(tls_port: u16, http_port: u16, lifetime: Duration) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("doorward-e2e-pebble-")
            .tempdir()
            .expect("a temporary folder");
        let at = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
        certify(&at("key.pem"), &at("certificate.pem")).await;
        let (port, management) = (free_port(), free_port());
        let config = json!({ "pebble": {
            "listenAddress": format!("127.0.0.1:{port}"),
            "managementListenAddress": format!("127.0.0.1:{management}"),
            "certificate": at("certificate.pem"),
            "privateKey": at("key.pem"),
            "httpPort": http_port,
            "tlsPort": tls_port,
            "domainBlocklist": ["blocked.example.com"],
            "retryAfter": { "authz": 1, "order": 1 },
            "keyAlgorithm": "ecdsa",
            "profiles": { "default": { "description": "for tests", "validityPeriod": lifetime.as_secs() } },
        }});
        std::fs::write(at("pebble.json"), config.to_string()).expect("the file can be written");

        let (dns, control) = (free_port(), free_port());
        let mut names = Command::new(Tools::pebble().join("pebble-challtestsrv"));
        names.args([
            "-http01",
            "",
            "-https01",
            "",
            "-doh",
            "",
            "-tlsalpn01",
            "",
            "-defaultIPv6",
            "",
        ]);
        names.args([
            "-dnsserver",
            &format!("127.0.0.1:{dns}"),
            "-management",
            &format!("127.0.0.1:{control}"),
        ]);
        let mut names = Running::start(&format!("pebble-names-{dns}"), names, &output_folder("logs"));
        names.answers(&format!("http://127.0.0.1:{control}/")).await;

        let mut command = Command::new(Tools::pebble().join("pebble"));
        command
            .args(["-config", &at("pebble.json"), "-dnsserver", &format!("127.0.0.1:{dns}")])
            .env("PEBBLE_VA_NOSLEEP", "1");
        let running = Running::start(&format!("pebble-{port}"), command, &output_folder("logs"));
        let mut pebble = Self {
            running,
            _names: names,
            folder,
            port,
            management,
        };
        let directory = pebble.directory();
        let ca = pebble.own_ca();
        pebble.running.answers_to(&directory, Some(&ca)).await;
        pebble
    }

    /// Where its directory is.
    pub fn directory(&self) -> String {
        format!("https://localhost:{}/dir", self.port)
    }

    /// The file with what its own certificate is verified with.
    pub fn own_ca_file(&self) -> PathBuf {
        self.folder.path().join("certificate.pem")
    }

    fn own_ca(&self) -> reqwest::Certificate {
        let pem = std::fs::read(self.own_ca_file()).expect("the certificate was written");
        reqwest::Certificate::from_pem(&pem).expect("a certificate")
    }

    /// A file with the root that its certificates lead to: another one at each start.
    pub async fn root_file(&self) -> PathBuf {
        let client = reqwest::Client::builder()
            .no_proxy()
            .tls_certs_only([self.own_ca()])
            .build()
            .expect("an HTTP client");
        let root = format!("https://localhost:{}/roots/0", self.management);
        let answer = client.get(root).send().await.expect("the management answers");
        let file = self.folder.path().join("root.pem");
        std::fs::write(&file, answer.bytes().await.expect("a certificate")).expect("the file can be written");
        file
    }

    /// The configuration of a server that gets its certificate here.
    pub fn configuration(&self) -> String {
        format!(
            "[tls]\nacme = \"admin@example.com\"\nacme_directory = \"{}\"\nacme_ca = \"{}\"\n",
            self.directory(),
            self.own_ca_file().display()
        )
    }

    /// Ends it.
    pub async fn kill(&mut self) {
        self.running.kill().await;
    }
}
