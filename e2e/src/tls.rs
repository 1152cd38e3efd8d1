//! What a server presents, as openssl sees and judges it.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use tokio::process::Command;

/// Certificates come after seconds; a busy machine takes longer.
const COMING: Duration = Duration::from_mins(2);

/// The SHA-256 of the certificate that is presented for `host` on that loopback port, if openssl can verify it with `root`.
pub async fn presented(port: u16, host: &str, root: &Path) -> Result<String, String> {
    let connect = format!("127.0.0.1:{port}");
    let look = Command::new("openssl")
        .args([
            "s_client",
            "-connect",
            &connect,
            "-servername",
            host,
            "-verify_hostname",
            host,
        ])
        .args(["-verify_return_error", "-no-CAfile", "-no-CApath", "-CAfile"])
        .arg(root)
        .stdin(std::process::Stdio::null())
        .kill_on_drop(true)
        .output();
    let looked = tokio::time::timeout(Duration::from_secs(20), look).await;
    let looked = looked
        .map_err(|_| "nothing came".to_owned())?
        .expect("openssl is installed");
    if !looked.status.success() {
        return Err(String::from_utf8_lossy(&looked.stderr).into_owned());
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("presented");
    std::fs::write(&file, &looked.stdout).expect("the file can be written");
    let shown = Command::new("openssl")
        .args(["x509", "-noout", "-fingerprint", "-sha256", "-in"])
        .arg(&file)
        .output()
        .await
        .expect("openssl is installed");
    let text = String::from_utf8_lossy(&shown.stdout).into_owned();
    let (_, fingerprint) = text.trim().split_once('=').ok_or_else(|| text.clone())?;
    Ok(fingerprint.to_owned())
}

/// Waits until a certificate is presented that openssl can verify and that is not `old`.
pub async fn comes(port: u16, host: &str, root: &Path, old: Option<&str>) -> String {
    let deadline = Instant::now() + COMING;
    loop {
        let looked = presented(port, host, root).await;
        match &looked {
            Ok(fingerprint) if Some(fingerprint.as_str()) != old => return fingerprint.clone(),
            _ => {}
        }
        assert!(Instant::now() < deadline, "no new certificate for {host}: {looked:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
