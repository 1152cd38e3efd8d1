//! Starting the server and ending it by its id.

use std::{
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

/// A running server, killed when dropped.
pub(crate) struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A loopback port that is free now.
pub(crate) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

/// `doorward serve` with these arguments.
fn serve(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_doorward"));
    command
        .arg("serve")
        .arg("--data")
        .arg(data)
        .args(arguments)
        .stdin(Stdio::null());
    command
}

/// Runs to its end and says what it printed: for starts that are refused.
pub(crate) fn refused(data: &Path, arguments: &[&str]) -> String {
    let Output { status, stderr, .. } = serve(data, arguments).output().unwrap();
    let stderr = String::from_utf8(stderr).unwrap();
    assert!(!status.success(), "expected a refusal, the server ran: {stderr}");
    stderr
}

/// Starts at a terminal that `script` (util-linux) makes, and returns what was printed when it contains `wanted`.
pub(crate) fn at_a_terminal(data: &Path, wanted: &str) -> String {
    let listen = format!("127.0.0.1:{}", free_port());
    let line = format!(
        "exec {} serve --data {} --listen {listen}",
        env!("CARGO_BIN_EXE_doorward"),
        data.display()
    );
    let printed = tempfile::NamedTempFile::new().unwrap();
    let script = Command::new("script")
        .args(["--quiet", "--flush", "--command", &line])
        .arg(printed.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    // Its terminal goes with it, and the server hangs up.
    let _script = Server(script);
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let said = std::fs::read_to_string(printed.path()).unwrap();
        if said.contains(wanted) {
            return said;
        }
        assert!(Instant::now() < deadline, "expected {wanted}, printed: {said}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Starts and waits until the port answers.
pub(crate) fn start(data: &Path, port: u16, arguments: &[&str]) -> Server {
    start_logging(data, port, arguments, Stdio::null())
}

/// The same, with a log that nobody reads any more, as when a terminal or the next program of a pipe has gone.
pub(crate) fn start_unheard(data: &Path, port: u16, arguments: &[&str]) -> Server {
    let mut server = start_logging(data, port, arguments, Stdio::piped());
    drop(server.0.stderr.take());
    server
}

fn start_logging(data: &Path, port: u16, arguments: &[&str], log: Stdio) -> Server {
    let listen = format!("127.0.0.1:{port}");
    let child = serve(data, arguments)
        .args(["--listen", &listen])
        .stderr(log)
        .spawn()
        .unwrap();
    let server = Server(child);
    let deadline = Instant::now() + Duration::from_secs(30);
    while std::net::TcpStream::connect(&listen).is_err() {
        assert!(Instant::now() < deadline, "the server does not listen");
        std::thread::sleep(Duration::from_millis(20));
    }
    server
}

impl Server {
    /// Asks it to stop and waits for its exit code.
    pub(crate) fn stop(mut self) -> Option<i32> {
        let id = self.0.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        let deadline = Instant::now() + Duration::from_secs(25);
        loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status.code();
            }
            assert!(Instant::now() < deadline, "the server does not stop");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}
