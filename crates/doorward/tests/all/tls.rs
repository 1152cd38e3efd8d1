//! HTTPS with certificate files that are replaced while the server runs.

use std::{path::Path, process::Command, time::Duration};

use super::process::{free_port, start};

/// A certificate for localhost that signs itself, made by openssl.
pub(crate) fn make(folder: &Path) {
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "2",
        ])
        .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-keyout", &path("new.key"), "-out", &path("new.crt")])
        .output()
        .expect("openssl is installed");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    std::fs::rename(path("new.key"), path("tls.key")).unwrap();
    std::fs::rename(path("new.crt"), path("tls.crt")).unwrap();
}

/// A client that trusts what is in the file now, and nothing else.
fn trusting(folder: &Path) -> reqwest::Client {
    let pem = std::fs::read(folder.join("tls.crt")).unwrap();
    let certificate = reqwest::Certificate::from_pem(&pem).unwrap();
    reqwest::Client::builder()
        .tls_certs_only([certificate])
        .timeout(Duration::from_secs(5))
        .build()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replaced_certificate_is_served_without_a_restart() {
    let home = tempfile::tempdir().unwrap();
    make(home.path());
    let port = free_port();
    let config = home.path().join("doorward.toml");
    let (certificate, key) = (home.path().join("tls.crt"), home.path().join("tls.key"));
    std::fs::write(
        &config,
        format!(
            "[tls]\ncertificate = '{}'\nkey = '{}'\n",
            certificate.display(),
            key.display()
        ),
    )
    .unwrap();
    let url = format!("https://localhost:{port}");
    let config = config.to_str().unwrap().to_owned();
    let server = start(
        &home.path().join("data"),
        port,
        &["--config", &config, "--public-url", &url],
    );

    let before = trusting(home.path());
    let login = before.get(format!("{url}/login")).send().await.unwrap();
    let cookie = login.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.starts_with("__Host-") && cookie.contains("; Secure"), "{cookie}");
    assert!(login.headers().contains_key("strict-transport-security"));

    make(home.path());
    let after = trusting(home.path());
    let deadline = std::time::Instant::now() + Duration::from_secs(30);
    while after.get(format!("{url}/healthz")).send().await.is_err() {
        assert!(
            std::time::Instant::now() < deadline,
            "the new certificate is not served"
        );
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    assert_eq!(server.stop(), Some(0));
}
