//! The private authority: a server that starts with its own certificate, and programs that trust it after what the command
//! prints.

use std::path::Path;

use doorward_e2e::{Server, Tools, bounded, free_port, tls};
use tokio::process::Command;

const CONFIGURATION: &str = "[tls]\nca = true\n";

async fn start() -> (Server, tempfile::TempDir) {
    let port = free_port();
    let server = Server::start_over_tls(port, &format!("https://localhost:{port}"), CONFIGURATION, None).await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let pem = server.cli(&["ca", "show", "--pem"]).await;
    assert_eq!(pem.code, 0, "{}", pem.err);
    std::fs::write(folder.path().join("doorward-ca.crt"), pem.out).expect("the file can be written");
    (server, folder)
}

/// Whether the program ends well.
async fn ends_well(mut command: Command) -> Result<(), String> {
    let ended = command.kill_on_drop(true).output().await.expect("it can be started");
    let said = [ended.stdout, ended.stderr].concat();
    if ended.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&said).into_owned())
    }
}

fn verify(ca: &Path, host: &str, certificate: &Path) -> Command {
    let mut openssl = Command::new("openssl");
    openssl
        .args([
            "verify",
            "-purpose",
            "sslserver",
            "-verify_hostname",
            host,
            "-no-CAfile",
            "-no-CApath",
            "-CAfile",
        ])
        .arg(ca)
        .arg(certificate);
    openssl
}

#[tokio::test]
async fn one_line_and_every_program_trusts_the_server_after_what_is_printed() {
    bounded(180, async {
        let (mut server, folder) = start().await;
        let ca = folder.path().join("doorward-ca.crt");
        let file = ca.to_string_lossy().into_owned();
        let health = format!("{}/healthz", server.url);
        let first = tls::presented(server.port(), "localhost", &ca)
            .await
            .expect("a certificate");

        let mut curl = Command::new("curl");
        curl.args(["-sSf", "--cacert", &file, &health]);
        let mut untrusting = Command::new("curl");
        untrusting.args(["-sSf", &health]);
        let mut python = Command::new(Tools::python());
        python.args([
            "-c",
            "import requests, sys; requests.get(sys.argv[1]).raise_for_status()",
            &health,
        ]);
        python.env("REQUESTS_CA_BUNDLE", &file);
        let mut node = Command::new("node");
        node.args([
            "-e",
            "fetch(process.argv[1]).then(a => process.exit(a.ok ? 0 : 1))",
            &health,
        ]);
        node.env("NODE_EXTRA_CA_CERTS", &file);
        for (name, program) in [("curl", curl), ("python", python), ("node", node)] {
            ends_well(program).await.unwrap_or_else(|said| panic!("{name}: {said}"));
        }
        assert!(ends_well(untrusting).await.is_err(), "nobody trusts it without");

        let printed = server.cli(&["ca", "show"]).await.out;
        for word in [
            "update-ca-certificates",
            "REQUESTS_CA_BUNDLE",
            "NODE_EXTRA_CA_CERTS",
            "keytool",
            "SSL_CERT_FILE",
            "vouches for",
        ] {
            assert!(printed.contains(word), "{word}: {printed}");
        }
        let python = server.cli(&["ca", "show", "--for", "python"]).await.out;
        assert!(
            python.contains("REQUESTS_CA_BUNDLE=") && !python.contains("keytool"),
            "{python}"
        );

        assert!(server.stop().await.success());
        server.restart().await;
        assert_eq!(
            tls::presented(server.port(), "localhost", &ca).await.as_deref(),
            Ok(first.as_str())
        );

        // Another authority: the server follows at once, who trusts the old one does not.
        let replaced = server.cli(&["ca", "init", "--replace", "--yes"]).await;
        assert_eq!(replaced.code, 0, "{}", replaced.err);
        let new = folder.path().join("new.crt");
        std::fs::write(&new, server.cli(&["ca", "show", "--pem"]).await.out).expect("the file can be written");
        tls::comes(server.port(), "localhost", &new, Some(&first)).await;
        assert!(tls::presented(server.port(), "localhost", &ca).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn other_hosts_get_certificates_for_the_names_that_it_vouches_for_and_no_others() {
    bounded(180, async {
        let (server, folder) = start().await;
        let at = |name: &str| folder.path().join(name);
        let exists = server.cli(&["ca", "init"]).await;
        assert!(exists.code == 1 && exists.err.contains("--replace"), "{}", exists.err);
        let permit = [
            "ca",
            "init",
            "--replace",
            "--yes",
            "--permit",
            "home.lan",
            "--permit",
            "192.168.0.0/16",
            "--permit",
            "localhost",
        ];
        assert_eq!(server.cli(&permit).await.code, 0);
        let ca = at("doorward-ca.crt");
        std::fs::write(&ca, server.cli(&["ca", "show", "--pem"]).await.out).expect("the file can be written");

        let out = at("netbox").to_string_lossy().into_owned();
        let issue = [
            "ca",
            "issue",
            "netbox.home.lan",
            "*.apps.home.lan",
            "192.168.7.1",
            "--out",
            &out,
            "--days",
            "30",
        ];
        let issued = server.cli(&issue).await;
        assert_eq!(issued.code, 0, "{}", issued.err);
        for host in ["netbox.home.lan", "wiki.apps.home.lan"] {
            ends_well(verify(&ca, host, &at("netbox.crt")))
                .await
                .unwrap_or_else(|said| panic!("{host}: {said}"));
        }
        assert!(
            ends_well(verify(&ca, "other.home.lan", &at("netbox.crt")))
                .await
                .is_err()
        );
        let mode =
            std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(at("netbox.key")).expect("a key").permissions());
        assert_eq!(mode & 0o777, 0o600);
        let again = server.cli(&issue).await;
        assert!(
            again.code == 2 && again.err.contains("is there already"),
            "{}",
            again.err
        );

        // A key that stays where it was made.
        let (key, csr) = (at("host.key"), at("host.csr"));
        let mut request = Command::new("openssl");
        request.args([
            "req",
            "-new",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-subj",
            "/CN=ignored.example",
            "-keyout",
        ]);
        request.arg(&key).arg("-out").arg(&csr);
        ends_well(request).await.expect("a request");
        let out = at("host").to_string_lossy().into_owned();
        let csr = csr.to_string_lossy().into_owned();
        let issued = server
            .cli(&["ca", "issue", "host.home.lan", "--csr", &csr, "--out", &out])
            .await;
        assert_eq!(issued.code, 0, "{}", issued.err);
        ends_well(verify(&ca, "host.home.lan", &at("host.crt")))
            .await
            .expect("it is verified");
        let kept = std::fs::read_to_string(&key).expect("it stays");
        assert!(kept.contains("PRIVATE KEY"));

        for refused in ["www.example.com", "10.0.0.1", "lan"] {
            let said = server.cli(&["ca", "issue", refused]).await;
            assert!(
                said.code == 1 && said.err.contains("--permit"),
                "{refused}: {}",
                said.err
            );
        }
        let long = server.cli(&["ca", "issue", "a.home.lan", "--days", "398"]).await;
        assert!(long.code == 1 && long.err.contains("1 to 397"), "{}", long.err);
        let events = server.json(&["event", "list", "--action", "certificate.issue"]).await;
        assert_eq!(events["items"].as_array().map(Vec::len), Some(2), "{events}");
    })
    .await;
}
