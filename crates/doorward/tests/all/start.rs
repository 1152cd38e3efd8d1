//! Starts, and starts that are refused with the reason and the remedy.

use std::{
    fs::Permissions,
    io::{Read, Write},
    os::unix::fs::PermissionsExt,
    path::Path,
};

use super::process::{at_a_terminal, free_port, refused, start, start_unheard};

const ISSUER: [&str; 2] = ["--public-url", "https://sso.example.com"];

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

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
    assert_eq!(mode(&data), 0o700);
    assert_eq!(mode(&data.join("master.key")), 0o600);
    assert_eq!(mode(&data.join("doorward.sock")), 0o600);
    assert_eq!(mode(&data.join("doorward.db")), 0o600);
}

#[test]
fn what_has_become_readable_for_others_is_closed_at_the_next_start() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    assert_eq!(start(&data, free_port(), &ISSUER).stop(), Some(0));
    let database = data.join("doorward.db");
    // As a copy that was put back by hand.
    let left = data.join("doorward.db-wal");
    std::fs::write(&left, "").unwrap();
    for (path, mode) in [(&data, 0o755), (&database, 0o644), (&left, 0o664)] {
        std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }
    let _server = start(&data, free_port(), &ISSUER);
    assert_eq!(mode(&data), 0o700);
    for file in ["doorward.db", "doorward.db-wal", "doorward.db-shm", "doorward.db.lock"] {
        assert_eq!(mode(&data.join(file)), 0o600, "{file}");
    }
}

#[test]
fn a_directory_of_others_is_neither_taken_nor_closed() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("projects");
    std::fs::create_dir(&data).unwrap();
    std::fs::write(data.join("notes.txt"), "of somebody else").unwrap();
    std::fs::set_permissions(&data, Permissions::from_mode(0o755)).unwrap();
    let said = refused(&data, &[]);
    assert!(said.contains("holds more than this server's files"), "{said}");
    assert!(said.contains("chmod 700"), "{said}");
    assert_eq!(mode(&data), 0o755);
    assert!(!data.join("master.key").exists(), "nothing is begun");
}

#[test]
fn a_key_that_others_can_read_is_not_used() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    assert_eq!(start(&data, free_port(), &ISSUER).stop(), Some(0));
    std::fs::set_permissions(data.join("master.key"), Permissions::from_mode(0o644)).unwrap();
    let said = refused(&data, &ISSUER);
    assert!(said.contains("master.key") && said.contains("chmod 600"), "{said}");
}

#[test]
fn at_a_terminal_the_first_link_is_printed_and_in_no_file() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let said = at_a_terminal(&data, "/link/");
    assert!(said.contains("Open this link within 24 hours"), "{said}");
    assert!(!data.join("first-administrator.link").exists());
}

#[test]
fn each_start_without_a_terminal_leaves_a_link_of_its_own() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let file = data.join("first-administrator.link");
    let link = |port: u16| {
        let server = start(&data, port, &ISSUER);
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
        while !file.exists() && std::time::Instant::now() < deadline {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        assert_eq!(mode(&file), 0o600);
        assert_eq!(server.stop(), Some(0));
        std::fs::read_to_string(&file).unwrap()
    };
    let (first, second) = (link(free_port()), link(free_port()));
    assert!(first.starts_with("https://sso.example.com/link/"), "{first}");
    assert_ne!(first, second);
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

#[test]
fn a_server_whose_log_nobody_reads_still_stops_when_it_is_told_to() {
    let data = tempfile::tempdir().unwrap();
    let server = start_unheard(data.path(), free_port(), &ISSUER);
    assert_eq!(server.stop(), Some(0));
}
