//! TLS to PostgreSQL: what each `sslmode` promises.

use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use doorward_store::testing::START;
use doorward_store::{Location, Store, StoreError};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use crate::server::Server;

struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// Certificate and key for a host name.
    fn issue(&self, host: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec![host.to_owned()])
            .unwrap()
            .signed_by(&key, &self.0)
            .unwrap();
        (certificate.pem(), key.serialize_pem())
    }

    fn write(&self, path: &Path) {
        std::fs::write(path, self.0.pem()).unwrap();
    }
}

/// Whether the connection is encrypted, or why there is none.
async fn encrypted(url: String) -> Result<bool, StoreError> {
    let location = Location::Postgres(url);
    let store = Store::open(&location, START).await?;
    let ssl = store
        .scan(|tx| {
            tx.one("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", &[], |row| {
                row.get::<bool>(0)
            })
        })
        .await?;
    store.close().await;
    Ok(ssl.unwrap())
}

fn is_refused(outcome: &Result<bool, StoreError>) -> bool {
    matches!(outcome, Err(StoreError::Unavailable(_)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_mode_encrypts_and_believes_what_it_says() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let (certificate, key) = authority.issue("localhost");
    // Free a moment ago; nothing else is told to use it.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let server = Server::start_with(
        &[
            "listen_addresses=127.0.0.1",
            &format!("port={port}"),
            "ssl=on",
            "ssl_cert_file={directory}/server.crt",
            "ssl_key_file={directory}/server.key",
        ],
        &[("server.crt", &certificate), ("server.key", &key)],
    );
    let Some(_server) = server else { return };
    let directory = tempfile::tempdir().unwrap();
    let (known, unknown) = (directory.path().join("known.pem"), directory.path().join("unknown.pem"));
    authority.write(&known);
    stranger.write(&unknown);
    let (known, unknown) = (known.display(), unknown.display());
    let url = |host: &str, query: &str| format!("postgres://postgres@{host}:{port}/postgres?{query}");

    for _ in 0..200 {
        match encrypted(url("localhost", "sslmode=disable")).await {
            Ok(false) => break,
            Ok(true) => panic!("disable encrypted"),
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
    assert_eq!(encrypted(url("localhost", "sslmode=disable")).await, Ok(false));
    assert_eq!(encrypted(url("localhost", "")).await, Ok(true), "prefer is the default");
    assert_eq!(encrypted(url("127.0.0.1", "sslmode=prefer")).await, Ok(true));
    for mode in ["require", "verify-ca", "verify-full"] {
        let believed = encrypted(url("localhost", &format!("sslmode={mode}&sslrootcert={known}"))).await;
        assert_eq!(believed, Ok(true), "{mode}");
        let by_stranger = encrypted(url("localhost", &format!("sslmode={mode}&sslrootcert={unknown}"))).await;
        assert!(is_refused(&by_stranger), "{mode}: {by_stranger:?}");
        let other_name = encrypted(url("127.0.0.1", &format!("sslmode={mode}&sslrootcert={known}"))).await;
        assert!(is_refused(&other_name), "{mode}: {other_name:?}");
        let by_system = encrypted(url("localhost", &format!("sslmode={mode}"))).await;
        assert!(is_refused(&by_system), "{mode}: {by_system:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_tls_is_refused_where_tls_is_demanded() {
    let Some(server) = Server::start(&[]) else { return };
    let Location::Postgres(url) = server.location() else {
        panic!("a PostgreSQL location")
    };
    for _ in 0..200 {
        match encrypted(url.clone()).await {
            Ok(encrypted) => {
                assert!(!encrypted, "a socket of the same machine");
                break;
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
    let refused = encrypted(format!("{url}?sslmode=require")).await;
    assert!(is_refused(&refused), "{refused:?}");
}
