//! A real nginx in front of the server, with TLS at nginx, set up as docs/operating.md prints it.

use tempfile::TempDir;
use tokio::process::Command;

use crate::{
    process::Running,
    tools::{Tools, output_folder},
};

/// Where nginx will listen, with its certificate: a server that is to trust it is told before either runs.
pub struct NginxAt {
    folder: TempDir,
    port: u16,
}

/// A running nginx. Everything that it writes is in a folder of its own.
pub struct Nginx {
    running: Running,
    at: NginxAt,
    certificate: Vec<u8>,
    ca: reqwest::Certificate,
}

impl NginxAt {
    /// On `port` of the loopback interface.
    pub async fn port(port: u16) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("doorward-nginx-")
            .tempdir()
            .expect("a temporary folder");
        let at = Self { folder, port };
        certify(&at.file("key.pem"), &at.file("certificate.pem")).await;
        at
    }

    /// What people open.
    pub fn url(&self) -> String {
        format!("https://localhost:{}", self.port)
    }

    /// The file with its certificate.
    pub fn certificate_file(&self) -> String {
        self.file("certificate.pem")
    }

    /// Starts it in front of `backend`, which must answer already.
    pub async fn start(self, backend: &str, location: &str) -> Nginx {
        self.start_with(backend, location, "").await
    }

    fn file(&self, name: &str) -> String {
        self.folder.path().join(name).to_string_lossy().into_owned()
    }

    async fn start_with(self, backend: &str, location: &str, server: &str) -> Nginx {
        let pem = std::fs::read(self.certificate_file()).expect("the certificate was written");
        let ca = reqwest::Certificate::from_pem(&pem).expect("a certificate");
        Nginx {
            running: self.run(&ca, backend, location, server).await,
            at: self,
            certificate: pem,
            ca,
        }
    }

    async fn run(&self, ca: &reqwest::Certificate, backend: &str, location: &str, server: &str) -> Running {
        let folder = self.folder.path().to_string_lossy();
        let configuration = configuration(self.port, &folder, backend, location, server);
        std::fs::write(self.file("nginx.conf"), configuration).expect("the folder can be written");
        let mut command = Command::new(Tools::nginx());
        command.args(["-p", &self.file(""), "-c", &self.file("nginx.conf"), "-e", "stderr"]);
        let mut running = Running::start(&format!("nginx-{}", self.port), command, &output_folder("logs"));
        running
            .answers_to(&format!("https://localhost:{}/healthz", self.port), Some(ca))
            .await;
        running
    }
}

impl Nginx {
    /// Listens on `port` of the loopback interface and forwards to `backend`, which must answer already. `location` is what the
    /// documentation has inside of `location / { … }`.
    pub async fn start(port: u16, backend: &str, location: &str) -> Self {
        NginxAt::port(port).await.start(backend, location).await
    }

    /// Ends it, and starts it with other settings or in front of another server.
    pub async fn restart(&mut self, backend: &str, location: &str) {
        self.running.kill().await;
        self.running = self.at.run(&self.ca, backend, location, "").await;
    }

    /// The same, set up as docs/bound-tokens.md has it: each client is asked for a certificate, which is passed on.
    pub async fn start_asking_for_certificates(port: u16, backend: &str) -> Self {
        let location = "            proxy_pass http://127.0.0.1:8080;\n            proxy_set_header Host $host:$server_port;\n            \
                        proxy_set_header X-Forwarded-For $remote_addr;\n            proxy_set_header Client-Cert $ssl_client_escaped_cert;";
        let at = NginxAt::port(port).await;
        at.start_with(backend, location, "ssl_verify_client optional_no_ca;")
            .await
    }

    /// Its certificate, PEM.
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// What its certificate is verified with.
    pub fn ca(&self) -> &reqwest::Certificate {
        &self.ca
    }
}

/// A certificate for localhost, signed by itself.
pub(crate) async fn certify(key: &str, certificate: &str) {
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
        ])
        .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-keyout", key, "-out", certificate])
        .output()
        .await
        .expect("openssl can be started");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

fn configuration(port: u16, folder: &str, backend: &str, location: &str, server: &str) -> String {
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("    {name}_temp_path {folder}/{name};\n"))
        .concat();
    format!(
        "daemon off;\nmaster_process off;\npid {folder}/nginx.pid;\nevents {{}}\nhttp {{\n    access_log off;\n{temporary}    \
         server {{\n        listen 127.0.0.1:{port} ssl;\n        server_name localhost;\n        {server}\n        \
         ssl_certificate {folder}/certificate.pem;\n        ssl_certificate_key {folder}/key.pem;\n        \
         location / {{\n{}\n        }}\n    }}\n}}\n",
        location.replace("http://127.0.0.1:8080", backend)
    )
}
