//! Starts, and starts that are refused with the reason and the remedy.

use std::{io::Read, io::Write, os::unix::fs::PermissionsExt};

use super::process::{free_port, refused, start};

#[test]
fn plain_http_for_everybody_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let said = refused(
        data.path(),
        &["--listen", "0.0.0.0:0", "--public-url", "https://sso.example.com"],
    );
    assert!(said.contains("would carry passwords in the clear"), "{said}");
    assert!(said.contains("[tls]"), "{said}");
}

#[test]
fn a_public_url_is_an_origin() {
    let data = tempfile::tempdir().unwrap();
    let said = refused(data.path(), &["--public-url", "https://sso.example.com/auth"]);
    assert!(said.contains("expected scheme and host alone"), "{said}");
    let said = refused(data.path(), &["--public-url", "http://sso.example.com"]);
    assert!(said.contains("expected https://"), "{said}");
}

#[test]
fn an_unknown_key_of_the_configuration_names_the_nearest_one() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("doorward.toml");
    std::fs::write(&file, "public_ulr = \"https://sso.example.com\"\n").unwrap();
    let said = refused(data.path(), &["--config", file.to_str().unwrap()]);
    assert!(
        said.contains("line 1") && said.contains("Did you mean `public_url`?"),
        "{said}"
    );
}

#[test]
fn the_issuer_cannot_change_after_the_first_start() {
    let data = tempfile::tempdir().unwrap();
    let port = free_port();
    let server = start(data.path(), port, &["--public-url", "https://sso.example.com"]);
    assert_eq!(server.stop(), Some(0), "a stop that was asked for is no failure");
    let said = refused(data.path(), &["--public-url", "https://login.example.com"]);
    assert!(said.contains("belongs to the issuer https://sso.example.com"), "{said}");
}

#[test]
fn data_key_and_socket_are_for_their_owner_alone() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let _server = start(&data, free_port(), &[]);
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    assert_eq!(mode(&data.join("master.key")), 0o600);
    assert_eq!(mode(&data.join("doorward.sock")), 0o600);
    assert_eq!(mode(&data.join("doorward.db")), 0o600);
}

#[test]
fn two_servers_cannot_share_a_data_directory() {
    let data = tempfile::tempdir().unwrap();
    let _server = start(data.path(), free_port(), &["--public-url", "https://sso.example.com"]);
    let listen = format!("127.0.0.1:{}", free_port());
    let said = refused(
        data.path(),
        &["--public-url", "https://sso.example.com", "--listen", &listen],
    );
    assert!(said.contains("is in use"), "{said}");
}

#[test]
fn forwarded_headers_of_strangers_and_half_requests_do_no_harm() {
    let data = tempfile::tempdir().unwrap();
    let port = free_port();
    let _server = start(data.path(), port, &[]);
    let mut half = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
    half.write_all(b"GET / HTTP/1.1\r\nHost: x").unwrap();
    let mut whole = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
    whole
        .write_all(
            b"GET /healthz HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-For: 1.2.3.4\r\nConnection: close\r\n\r\n",
        )
        .unwrap();
    let mut answer = String::new();
    whole.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}
