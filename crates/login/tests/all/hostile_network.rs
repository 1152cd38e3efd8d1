//! Answers that are too large, too slow, endless or elsewhere, over real connections, and addresses that must not be asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use doorward_login::{Endpoints, Guarded, HttpRequest, Login, LoginError, Reach};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A server that says `head` and then `piece` for ever, with `pause` in between.
async fn endless(head: &'static str, piece: &'static [u8], pause: Duration) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let sent = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&sent);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(pour(stream, head, piece, pause, Arc::clone(&counted)));
        }
    });
    (address, sent)
}

async fn pour(
    mut stream: TcpStream,
    head: &'static str,
    piece: &'static [u8],
    pause: Duration,
    sent: Arc<AtomicUsize>,
) {
    let mut request = [0; 4096];
    let _ = stream.read(&mut request).await;
    let mut outcome = stream.write_all(head.as_bytes()).await;
    while outcome.is_ok() && !piece.is_empty() {
        sent.fetch_add(piece.len(), Ordering::SeqCst);
        outcome = stream.write_all(piece).await;
        tokio::time::sleep(pause).await;
    }
    // Silence, with the connection held open.
    tokio::time::sleep(Duration::from_secs(30)).await;
}

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n";

async fn checked(issuer: &str) -> (LoginError, Duration) {
    let login = Login::builder(issuer, "app")
        .base_url("https://app.example")
        .timeout(Duration::from_millis(400))
        .build()
        .unwrap();
    let begun = Instant::now();
    let error = login.check().await.unwrap_err();
    (error, begun.elapsed())
}

#[tokio::test]
async fn an_endless_answer_is_cut_off_at_its_limit() {
    static SPACES: [u8; 16 * 1024] = [b' '; 16 * 1024];
    let (address, sent) = endless(OK, &SPACES, Duration::ZERO).await;
    let (error, took) = checked(&address).await;
    assert_eq!(error.code(), "answer_too_large", "{error}");
    assert!(took < Duration::from_secs(5), "{took:?}");
    tokio::time::sleep(Duration::from_millis(100)).await;
    let poured = sent.load(Ordering::SeqCst);
    assert!(poured < 32 << 20, "the connection was closed, not read on: {poured}");
}

#[tokio::test]
async fn an_answer_that_drips_or_stops_is_given_up_in_time() {
    for (head, piece, pause) in [
        (OK, b"{".as_slice(), Duration::from_millis(50)),
        (OK, b"".as_slice(), Duration::ZERO),
        ("HTTP/1.1 200 OK\r\n", b"x: y\r\n".as_slice(), Duration::from_millis(50)),
        ("", b"".as_slice(), Duration::ZERO),
    ] {
        let (address, _) = endless(head, piece, pause).await;
        let (error, took) = checked(&address).await;
        assert_eq!(error.code(), "answer_too_slow", "{error}");
        assert!(took < Duration::from_secs(5), "{took:?}");
    }
}

#[tokio::test]
async fn a_redirect_is_named_and_not_followed() {
    let (target, asked) = endless(OK, b"{}", Duration::from_millis(10)).await;
    let head = format!("HTTP/1.1 302 Found\r\nlocation: {target}/\r\ncontent-length: 0\r\n\r\n");
    let (address, _) = endless(Box::leak(head.into_boxed_str()), b"", Duration::ZERO).await;
    let (error, _) = checked(&address).await;
    assert_eq!(error.code(), "answer_redirected");
    assert!(error.to_string().contains(&target), "{error}");
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn header_bombs_are_refused() {
    static FILLER: [u8; 8 * 1024] = [b'a'; 8 * 1024];
    let (address, _) = endless("HTTP/1.1 200 OK\r\nx: ", &FILLER, Duration::ZERO).await;
    let (error, took) = checked(&address).await;
    assert!(
        ["upstream_unreachable", "answer_too_slow"].contains(&error.code()),
        "{error}"
    );
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[tokio::test]
async fn private_addresses_are_asked_only_where_that_is_allowed() {
    let (address, asked) = endless(OK, b"{}", Duration::from_millis(10)).await;
    let port = address.rsplit(':').next().unwrap();
    let build = |issuer: String| Login::builder(issuer, "app").base_url("https://app.example");
    // The host is written as an address, or is a name that resolves to one.
    for issuer in [
        address.clone(),
        format!("https://localhost:{port}"),
        format!("https://[::1]:{port}"),
        "https://10.0.0.1".to_owned(),
        "https://[::ffff:192.168.0.1]".to_owned(),
    ] {
        let error = build(issuer.clone())
            .allow_private(false)
            .build()
            .unwrap()
            .check()
            .await
            .unwrap_err();
        assert_eq!(error.code(), "address_not_allowed", "{issuer}: {error}");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 0, "nothing was connected to");
    // Where clouds keep credentials, never.
    for issuer in [
        "https://169.254.169.254",
        "https://[fe80::1]",
        "https://0.0.0.0",
        "https://224.0.0.1",
    ] {
        let error = build(issuer.to_owned())
            .allow_private(true)
            .build()
            .unwrap()
            .check()
            .await
            .unwrap_err();
        assert_eq!(error.code(), "address_not_allowed", "{issuer}: {error}");
    }
}

#[tokio::test]
async fn whoever_may_go_into_private_networks_does_not_come_to_loopback() {
    let (address, asked) = endless(OK, b"{}", Duration::from_millis(10)).await;
    let port = address.rsplit(':').next().unwrap();
    let guarded = Guarded::new(None, Duration::from_secs(2), Duration::from_secs(2)).unwrap();
    let request = |url: &str| HttpRequest {
        url: url.to_owned(),
        max_bytes: 1_024,
        ..HttpRequest::default()
    };
    let networks = guarded.within(Reach::PrivateNetworks);
    for url in [
        address.clone(),
        format!("http://localhost:{port}"),
        format!("http://[::1]:{port}"),
        format!("http://[::ffff:127.0.0.1]:{port}"),
    ] {
        let Err(error) = networks.send(request(&url)).await else {
            panic!("{url} was asked")
        };
        assert_eq!(error.code(), "address_not_allowed", "{url}: {error}");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 0, "nothing was connected to");
    let here = guarded.within(Reach::Loopback);
    let answered = here.send(request(&format!("http://localhost:{port}"))).await;
    assert!(asked.load(Ordering::SeqCst) > 0, "{:?}", answered.err());
}

#[tokio::test]
async fn metadata_can_not_point_into_the_private_network() {
    // A public provider whose endpoints are elsewhere: what is judged is each address that is asked.
    let login = Login::builder("https://sso.example.org", "app")
        .base_url("https://app.example")
        .endpoints(Endpoints {
            authorization: "https://sso.example.org/authorize".to_owned(),
            token: "https://sso.example.org/token".to_owned(),
            userinfo: None,
            jwks: Some("https://192.168.1.1/jwks".to_owned()),
            end_session: None,
        })
        .build()
        .unwrap();
    let error = login.check().await.unwrap_err();
    assert_eq!(error.code(), "address_not_allowed");
    assert!(
        error.to_string().contains("https://192.168.1.1/jwks, got 192.168.1.1"),
        "{error}"
    );
}
