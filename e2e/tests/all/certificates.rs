//! Clients that prove themselves by certificate: at a listener of our own, and at a real nginx that passes it on.

use std::path::Path;

use doorward_e2e::{Browser, Nginx, Server, bounded, free_port, run_node};
use serde_json::json;
use tokio::process::Command;

/// What openssl makes: an authority, and clients. `stranger` has the right name of another authority, `forserver` is vouched
/// for as a server, `own` is signed by itself.
const CERTIFICATES: &str = r#"
set -e
key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }
authority() { key "$1"; openssl req -x509 -new -key "$1.key" -days 2 -subj "/CN=clients" -out "$1.pem"; }
signed() {
  key "$1"
  openssl req -new -key "$1.key" -subj "$3" -out "$1.csr"
  printf 'extendedKeyUsage=%s\n' "$4" > "$1.ext"
  openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -days 2 -extfile "$1.ext" -out "$1.pem"
}
authority clients
authority foreign
signed named clients "/C=DE/O=Example/CN=named" clientAuth
signed other clients "/C=DE/O=Example/CN=other" clientAuth
signed forserver clients "/C=DE/O=Example/CN=named" serverAuth
signed stranger foreign "/C=DE/O=Example/CN=named" clientAuth
key own
openssl req -x509 -new -key own.key -days 2 -subj "/CN=own" -out own.pem
"#;

async fn make_certificates(folder: &Path) {
    let made = Command::new("sh")
        .args(["-c", CERTIFICATES])
        .current_dir(folder)
        .output()
        .await
        .expect("a shell");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

/// The public key of a certificate as a JWK set.
async fn keys_of(folder: &Path, name: &str) -> String {
    let program = format!(
        "const key = require('node:crypto').createPublicKey(require('node:fs').readFileSync('{name}.pem')); \
         console.log(JSON.stringify({{keys: [key.export({{format: 'jwk'}})]}}))"
    );
    let output = Command::new("node")
        .args(["-e", &program])
        .current_dir(folder)
        .output()
        .await
        .expect("node can be started");
    let file = folder.join(format!("{name}.jwks"));
    std::fs::write(&file, output.stdout).expect("the keys can be written");
    file.to_string_lossy().into_owned()
}

async fn clients(server: &Server, folder: &Path, behind_proxy: bool) {
    server.json(&["group", "add", "staff"]).await;
    let ca = std::fs::read(folder.join("server-ca.pem")).expect("the server's authority");
    let ca = reqwest::Certificate::from_pem(&ca).expect("a certificate");
    let browser = Browser::made_of(reqwest::Client::builder().tls_certs_only([ca]));
    let alice = server.add_person_in(browser, "alice", "Alice Archer", &["staff"]).await;
    let keys = keys_of(folder, "own").await;
    let named = [
        "--authentication",
        "tls_client_auth",
        "--certificate-name",
        "subject_dn=CN=named, O=Example, C=DE",
        "--certificate-bound",
        "true",
    ];
    add(server, "named", &named).await;
    let own = ["--authentication", "self_signed_tls_client_auth", "--jwks", &keys];
    add(server, "own", &own).await;
    add(server, "bound", &["--certificate-bound", "true"]).await;
    let shown = server.json(&["app", "show", "named"]).await;
    assert_eq!(
        shown["sender"]["certificate_name"],
        "subject_dn=CN=named,O=Example,C=DE"
    );
    let refused = server
        .cli(&["app", "edit", "named", "--certificate-name", "CN=named"])
        .await;
    assert!(
        refused.code != 0 && refused.err.contains("subject_dn="),
        "{}",
        refused.err
    );
    let secret = server.json(&["app", "secret", "show", "bound"]).await["secret"].clone();
    let config = json!({
        "issuer": server.url,
        "folder": folder,
        "secret": secret,
        "behindProxy": behind_proxy,
        "person": { "name": alice.name, "password": alice.password },
    });
    run_node("node/certificates.mjs", &config, 120).await;
}

async fn add(server: &Server, id: &str, settings: &[&str]) {
    let mut command = vec!["app", "add", "generic", "http://127.0.0.1:9/", "--name", id];
    command.extend(["--group", "staff", "--consent", "skip", "--expects-refresh", "true"]);
    command.extend(["--add-redirect-uri", "http://127.0.0.1:9/callback"]);
    command.extend(["--request-scopes", "openid,profile", "--client-credentials", "true"]);
    command.extend(settings);
    server.json(&command).await;
}

#[tokio::test]
async fn a_certificate_says_who_the_client_is_at_a_listener_of_its_own() {
    bounded(180, async {
        let folder = tempfile::tempdir().expect("a temporary folder");
        make_certificates(folder.path()).await;
        let (port, asking) = (free_port(), free_port());
        let configuration = format!(
            "[tls]\nca = true\n[mtls]\nlisten = \"127.0.0.1:{asking}\"\nurl = \"https://localhost:{asking}\"\n\
             authorities = \"{}/clients.pem\"\n",
            folder.path().display()
        );
        let server = Server::start_over_tls(port, &format!("https://localhost:{port}"), &configuration, None).await;
        let pem = server.cli(&["ca", "show", "--pem"]).await;
        std::fs::write(folder.path().join("server-ca.pem"), pem.out).expect("the file can be written");
        clients(&server, folder.path(), false).await;
    })
    .await;
}

#[tokio::test]
async fn a_certificate_says_who_the_client_is_at_a_proxy_that_passes_it_on() {
    bounded(180, async {
        let folder = tempfile::tempdir().expect("a temporary folder");
        make_certificates(folder.path()).await;
        let port = free_port();
        let url = format!("https://localhost:{port}");
        let configuration = format!(
            "[proxies]\ntrusted = [\"127.0.0.1\"]\n[mtls]\nheader = \"client-cert\"\nauthorities = \"{}/clients.pem\"\n",
            folder.path().display()
        );
        let server = Server::start_behind(&url, &configuration).await;
        let nginx = Nginx::start_asking_for_certificates(port, &server.own_url()).await;
        std::fs::write(folder.path().join("server-ca.pem"), nginx.certificate()).expect("the file can be written");
        clients(&server, folder.path(), true).await;
    })
    .await;
}
