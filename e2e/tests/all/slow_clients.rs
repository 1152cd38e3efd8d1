//! Requests whose bodies do not come.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use doorward_e2e::{Server, bounded};

/// Sends a head that promises more than comes: nothing at all, or a byte now and then. The answer, and how long it took.
fn dawdle(address: &str, path: &str, pause: Option<Duration>) -> (String, Duration) {
    let began = Instant::now();
    let mut stream = TcpStream::connect(address).expect("the server listens");
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: 1000\r\n\r\ngrant_type="
    );
    stream.write_all(head.as_bytes()).expect("the head is taken");
    if let Some(pause) = pause {
        let mut drip = stream.try_clone().expect("a second handle");
        std::thread::spawn(move || {
            while drip.write_all(b"x").is_ok() {
                std::thread::sleep(pause);
            }
        });
    }
    stream
        .set_read_timeout(Some(Duration::from_mins(1)))
        .expect("a time limit");
    let mut answer = Vec::new();
    // A reset after the answer is as good an end as any.
    let _ = stream.read_to_end(&mut answer);
    (String::from_utf8_lossy(&answer).into_owned(), began.elapsed())
}

#[tokio::test]
async fn a_body_that_does_not_come_is_answered_and_the_connection_ends() {
    bounded(120, async {
        let server = Server::start().await;
        let address = server.url.trim_start_matches("http://").to_owned();
        let requests = [
            ("/token", None),
            ("/token", Some(Duration::from_millis(500))),
            ("/login", None),
        ]
        .map(|(path, pause)| {
            let address = address.clone();
            tokio::task::spawn_blocking(move || dawdle(&address, path, pause))
        });
        for request in requests {
            let (answer, took) = request.await.expect("the client does not panic");
            assert!(answer.starts_with("HTTP/1.1 408"), "{answer:?}");
            assert!(answer.to_lowercase().contains("connection: close"), "{answer:?}");
            assert!(answer.contains("within 15 s"), "{answer:?}");
            let seconds = took.as_secs();
            assert!((14..40).contains(&seconds), "after {took:?}");
        }
        // Everybody else is served meanwhile and afterwards.
        let health = reqwest::get(format!("{}/healthz", server.url)).await;
        assert_eq!(health.expect("it answers").status(), 200);
    })
    .await;
}
