//! Events reach a syslog receiver, once each while nothing breaks.

use std::time::Duration;

use doorward_audit::export::{Export, Target};
use doorward_audit::{Actor, Event, RecordedEvent, syslog};
use doorward_jose::SystemRandom;
use doorward_store::Store;
use doorward_store::testing::{engines, sqlite};
use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, UdpSocket, UnixDatagram};
use tokio::task::JoinHandle;

use crate::at;
use crate::events::record;

fn event(name: &'static str) -> Event {
    Event::new(name, Actor::system())
}

#[test]
fn a_message_is_what_rfc_5424_says() {
    let event = RecordedEvent {
        id: uuid::Uuid::nil(),
        at: at(1230),
        event: Event::new("login", Actor::named("ada lovelace", "login")).refused("wrong_password"),
    };
    let message = syslog::message(&event, "door ward\n");
    assert_eq!(
        message,
        concat!(
            r#"<84>1 2026-01-01T00:00:01.230Z doorward doorward - login - {"id":"00000000-0000-0000-0000-000000000000","#,
            r#""at":"2026-01-01T00:00:01.23Z","action":"login","actor":{"name":"ada lovelace","via":"login"},"#,
            r#""outcome":"refused","reason":"wrong_password"}"#
        )
    );
    assert!(syslog::frame(&message).starts_with(&format!("{} <84>1 ", message.len())));
    let odd = RecordedEvent {
        event: Event::new("ä ".repeat(40), Actor::system()),
        ..event
    };
    assert!(syslog::message(&odd, "").starts_with("<85>1 2026-01-01T00:00:01.230Z - doorward - - - {"));
}

#[test]
fn targets_are_read_strictly() {
    assert_eq!("udp://[::1]:514".parse(), Ok(Target::Udp("[::1]:514".into())));
    assert_eq!(
        "tcp://log.example:601".parse(),
        Ok(Target::Tcp("log.example:601".into()))
    );
    assert_eq!("unix:///dev/log".parse(), Ok(Target::Unix("/dev/log".into())));
    for wrong in [
        "",
        "log.example:514",
        "udp://log.example",
        "udp://:514",
        "tcp://a:0",
        "tcp://a:99999",
        "unix://dev/log",
        "tls://a:1",
    ] {
        let error = wrong.parse::<Target>().unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("expected udp://host:port, tcp://host:port or unix:///path, received {wrong:?}")
        );
    }
}

struct Running {
    stop: tokio::sync::oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Running {
    fn start(store: &Store, target: &Target, from: i64) -> Self {
        let export = Export::new(store.clone(), target.clone(), "door", &SystemRandom, at(from));
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let task = tokio::spawn(export.run(move || at(from), async { drop(stopped.await) }));
        Self { stop, task }
    }

    async fn end(self) {
        self.stop.send(()).unwrap();
        self.task.await.unwrap();
    }
}

async fn received(receiving: impl Future<Output = String>) -> String {
    tokio::time::timeout(Duration::from_secs(10), receiving)
        .await
        .expect("a message within ten seconds")
}

async fn udp(socket: &UdpSocket) -> String {
    received(async {
        let mut buffer = vec![0; 65_536];
        let length = socket.recv(&mut buffer).await.unwrap();
        String::from_utf8(buffer[..length].to_vec()).unwrap()
    })
    .await
}

/// Waits until the export holds its place, so that what is recorded next comes after it.
async fn wait_for_export(store: &Store) {
    for _ in 0..200 {
        let rows = store.scan(|tx| {
            tx.all("SELECT name FROM event_exports WHERE held_until > 0", &[], |row| {
                row.get::<String>(0)
            })
        });
        if !rows
            .await
            .map_err(|error: doorward_store::StoreError| error)
            .unwrap()
            .is_empty()
        {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the export did not begin");
}

#[tokio::test]
async fn an_export_goes_on_where_it_stopped() {
    for store in engines().await {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let target = Target::Udp(socket.local_addr().unwrap().to_string());
        record(&store, 0, event("long.before")).await;
        let running = Running::start(&store, &target, 60_000);
        wait_for_export(&store).await;
        record(&store, 60_100, event("one")).await;
        assert!(udp(&socket).await.contains(r#""action":"one""#), "{}", store.engine);
        record(&store, 60_200, event("two")).await;
        assert!(udp(&socket).await.contains(r#""action":"two""#));
        running.end().await;

        record(&store, 90_000, event("while.away")).await;
        let running = Running::start(&store, &target, 120_000);
        // The events of the last seconds before the stop may come again, but not what was before them.
        let mut seen = Vec::new();
        while !seen.last().is_some_and(|last: &String| last.contains("while.away")) {
            seen.push(udp(&socket).await);
        }
        assert!(
            seen.len() <= 3 && !seen.iter().any(|message| message.contains("long.before")),
            "{seen:?}"
        );
        running.end().await;
    }
}

#[tokio::test]
async fn of_two_nodes_one_sends() {
    for store in engines().await {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let target = Target::Udp(socket.local_addr().unwrap().to_string());
        let nodes = [Running::start(&store, &target, 0), Running::start(&store, &target, 0)];
        wait_for_export(&store).await;
        record(&store, 100, event("one")).await;
        record(&store, 200, event("two")).await;
        let both = [udp(&socket).await, udp(&socket).await];
        assert!(
            both[0].contains(r#""action":"one""#) && both[1].contains(r#""action":"two""#),
            "{both:?}"
        );
        let third = tokio::time::timeout(Duration::from_millis(1200), udp(&socket)).await;
        assert!(third.is_err(), "{}: sent twice", store.engine);
        for node in nodes {
            node.end().await;
        }
    }
}

#[tokio::test]
async fn tcp_messages_are_framed_and_sent_again_after_a_broken_connection() {
    let store = sqlite().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let running = Running::start(&store, &Target::Tcp(listener.local_addr().unwrap().to_string()), 0);
    wait_for_export(&store).await;
    record(&store, 100, event("one")).await;
    let (mut first, _) = tokio::time::timeout(Duration::from_secs(10), listener.accept())
        .await
        .unwrap()
        .unwrap();
    let mut buffer = vec![0; 4096];
    let length = first.read(&mut buffer).await.unwrap();
    let text = String::from_utf8(buffer[..length].to_vec()).unwrap();
    let (announced, message) = text.split_once(' ').unwrap();
    assert_eq!(announced.parse::<usize>().unwrap(), message.len());
    drop(first);

    // Writing into the closed connection fails at some point, and then the receiver is called again.
    let mut again = None;
    for number in 0..40 {
        record(&store, 200 + number, event("more")).await;
        if let Ok(accepted) = tokio::time::timeout(Duration::from_millis(300), listener.accept()).await {
            again = Some(accepted.unwrap().0);
            break;
        }
    }
    let length = again.expect("connects again").read(&mut buffer).await.unwrap();
    assert!(String::from_utf8_lossy(&buffer[..length]).contains(r#""action":"more""#));
    running.end().await;
}

#[tokio::test]
async fn a_unix_socket_gets_datagrams_and_long_data_is_left_out() {
    let store = sqlite().await;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log");
    let socket = UnixDatagram::bind(&path).unwrap();
    let running = Running::start(&store, &Target::Unix(path), 0);
    wait_for_export(&store).await;
    let long: Vec<String> = (0..1000).map(|number| format!("member number {number}")).collect();
    record(&store, 100, event("group.set").with_data(json!({ "members": long }))).await;
    let message = received(async {
        let mut buffer = vec![0; 65_536];
        let length = socket.recv(&mut buffer).await.unwrap();
        String::from_utf8(buffer[..length].to_vec()).unwrap()
    })
    .await;
    assert!(
        message.len() < 1000 && message.contains("too long for a datagram"),
        "{message}"
    );
    running.end().await;
}
