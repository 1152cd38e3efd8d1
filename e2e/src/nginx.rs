//! A real nginx in front of the server, with TLS at nginx, set up as docs/operating.md prints it.

use tempfile::TempDir;
use tokio::process::Command;

use crate::{
    process::Running,
    tools::{Tools, output_folder},
};

/// A running nginx. Everything that it writes is in a folder of its own.
pub struct Nginx {
    _running: Running,
    _folder: TempDir,
    certificate: Vec<u8>,
    ca: reqwest::Certificate,
}

impl Nginx {
    /// Listens on `port` of the loopback interface and forwards to `backend`, which must answer already. `location` is what the
    /// documentation has inside of `location / { … }`.
    pub async fn start(port: u16, backend: &str, location: &str) -> Self {
        Self::start_with(port, backend, location, "").await
    }

    async fn start_with(port: u16, backend: &str, location: &str, server: &str) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("doorward-nginx-")
            .tempdir()
            .expect("a temporary folder");
        let at = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
        certify(&at("key.pem"), &at("certificate.pem")).await;
        let configuration = configuration(port, &folder.path().to_string_lossy(), backend, location, server);
        std::fs::write(at("nginx.conf"), configuration).expect("the folder can be written");
        let mut command = Command::new(Tools::nginx());
        command.args(["-p", &at(""), "-c", &at("nginx.conf"), "-e", "stderr"]);
        let mut running = Running::start(&format!("nginx-{port}"), command, &output_folder("logs"));
        let pem = std::fs::read(at("certificate.pem")).expect("the certificate was written");
        let ca = reqwest::Certificate::from_pem(&pem).expect("a certificate");
        running
            .answers_to(&format!("https://localhost:{port}/healthz"), Some(&ca))
            .await;
        Self {
            _running: running,
            _folder: folder,
            certificate: pem,
            ca,
        }
    }

    /// The same, set up as docs/bound-tokens.md has it: each client is asked for a certificate, which is passed on.
    pub async fn start_asking_for_certificates(port: u16, backend: &str) -> Self {
        let location = "            proxy_pass http://127.0.0.1:8080;\n            proxy_set_header Host $host:$server_port;\n            \
                        proxy_set_header X-Forwarded-For $remote_addr;\n            proxy_set_header Client-Cert $ssl_client_escaped_cert;";
        Self::start_with(port, backend, location, "ssl_verify_client optional_no_ca;").await
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
