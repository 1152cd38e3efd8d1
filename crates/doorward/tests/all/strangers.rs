//! What strangers can leave behind.

use std::{
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    process::Command,
};

use super::process::{free_port, start};

/// One request on a connection of its own; head and body of the answer.
fn ask(port: u16, head: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let length = body.len();
    let request = format!("{head}Host: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8(answer).unwrap()
}

/// What stands between two texts.
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text
        .split_once(before)
        .unwrap_or_else(|| panic!("no {before} in {text}"));
    rest.split_once(after).unwrap().0
}

/// What a command of the owner prints.
fn says(data: &Path, arguments: &[&str]) -> String {
    let ran = Command::new(env!("CARGO_BIN_EXE_doorward"))
        .arg("--data")
        .arg(data)
        .args(arguments)
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).unwrap()
}

/// A login page's cookie and attempt, and the answer to a form sent with both beside a neighbour's cookie.
fn try_to_log_in(port: u16, username: &str) -> String {
    let page = ask(port, "GET /login HTTP/1.1\r\n", "");
    let cookie = between(&page, "doorward-binding-", ";");
    let attempt = between(&page, "name=\"attempt\" value=\"", "\"");
    let head = format!(
        "POST /login HTTP/1.1\r\nCookie: theme=gr\u{fc}n; doorward-binding-{cookie}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n"
    );
    ask(
        port,
        &head,
        &format!("attempt={attempt}&username={username}&password=wrong"),
    )
}

#[test]
fn a_password_typed_as_a_name_is_kept_nowhere() {
    let data = tempfile::tempdir().unwrap();
    let port = free_port();
    let _server = start(data.path(), port, &[]);
    says(data.path(), &["user", "add", "alice"]);
    for name in ["Tr0ub4dor%263+horse", "ALICE"] {
        let answer = try_to_log_in(port, name);
        assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    }
    for record in [&["event", "list"][..], &["trace"]] {
        let said = says(data.path(), record);
        assert!(!said.contains("Tr0ub4dor"), "{said}");
        assert!(said.contains("unknown"), "{said}");
        assert!(said.contains("alice") && !said.contains("ALICE"), "{said}");
    }
}
