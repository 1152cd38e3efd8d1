//! Discovery and the keys, which are answered before the router once they have been made.

use std::{
    io::{Read, Write},
    net::TcpStream,
    os::unix::net::UnixStream,
    path::Path,
    process::Command,
};

use super::process::{free_port, start};

const DISCOVERY: &str = "/.well-known/openid-configuration";

/// What one connection says to one request: headers sorted, since their order means nothing, and without the time.
fn ask(stream: impl Read + Write, request: &str) -> String {
    let mut stream = stream;
    let request = format!("{request}\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines().filter(|line| !line.starts_with("date:"));
    let status = lines.next().unwrap();
    let mut headers: Vec<_> = lines.collect();
    headers.sort_unstable();
    format!("{status}\n{}\n\n{body}", headers.join("\n"))
}

fn over_network(port: u16, request: &str) -> String {
    ask(TcpStream::connect(("127.0.0.1", port)).unwrap(), request)
}

fn get(port: u16, path: &str) -> String {
    over_network(port, &format!("GET {path} HTTP/1.1"))
}

fn run(data: &Path, arguments: &[&str]) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_doorward"));
    let ran = command.arg("--data").arg(data).args(arguments).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
}

#[test]
fn the_prepared_answer_is_the_routers() {
    let data = tempfile::tempdir().unwrap();
    let port = free_port();
    let _server = start(data.path(), port, &["--public-url", "https://sso.example.com"]);
    for path in [DISCOVERY, "/jwks.json"] {
        let routed = get(port, path);
        assert!(routed.starts_with("HTTP/1.1 200 OK\n"), "{routed}");
        assert!(routed.contains("x-content-type-options: nosniff"), "{routed}");
        assert!(routed.contains("strict-transport-security: max-age="), "{routed}");
        assert_eq!(get(port, path), routed);
        assert_eq!(get(port, &format!("{path}?again")), routed);
        let (head, body) = routed.split_once("\n\n").unwrap();
        assert!(!body.is_empty());
        assert_eq!(
            over_network(port, &format!("HEAD {path} HTTP/1.1")),
            format!("{head}\n\n")
        );
        let tag = head.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap();
        let known = over_network(port, &format!("GET {path} HTTP/1.1\r\nIf-None-Match: {tag}"));
        assert!(known.starts_with("HTTP/1.1 304 ") && known.ends_with("\n\n"), "{known}");
        let other = over_network(port, &format!("GET {path} HTTP/1.1\r\nIf-None-Match: \"x{tag}"));
        assert_eq!(other, routed);
    }
}

#[test]
fn a_change_is_seen_at_once_and_every_answer_is_counted() {
    let data = tempfile::tempdir().unwrap();
    let port = free_port();
    let _server = start(data.path(), port, &[]);
    let before = get(port, DISCOVERY);
    assert!(!before.contains("shoe_size"), "{before}");
    assert_eq!(get(port, DISCOVERY), before);
    run(
        data.path(),
        &["app", "add", "generic", "https://app.example.com", "--name", "shop"],
    );
    run(
        data.path(),
        &["app", "edit", "shop", "--claim", "shoe_size=constant:42"],
    );
    assert!(get(port, DISCOVERY).contains("shoe_size"));
    assert!(get(port, DISCOVERY).contains("shoe_size"));
    let metrics = get(port, "/metrics");
    let counted = format!("doorward_http_requests_total{{route=\"{DISCOVERY}\",method=\"GET\",status=\"200\"}} 4");
    assert!(metrics.contains(&counted), "{metrics}");
    let times = format!("doorward_http_request_seconds_count{{route=\"{DISCOVERY}\"}} 4");
    assert!(metrics.contains(&times), "{metrics}");
}

#[test]
fn the_socket_has_no_documents() {
    let data = tempfile::tempdir().unwrap();
    let port = free_port();
    let _server = start(data.path(), port, &[]);
    assert_eq!(get(port, DISCOVERY), get(port, DISCOVERY));
    let socket = UnixStream::connect(data.path().join("doorward.sock")).unwrap();
    let answer = ask(socket, &format!("GET {DISCOVERY} HTTP/1.1"));
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
}
