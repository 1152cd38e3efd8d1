//! A server with the API on a Unix socket in a temporary directory, and a client for it.

use std::{
    io::Write,
    process::ExitCode,
    sync::{Arc, Mutex},
};

use doorward_apps::Apps;
use doorward_audit::Tracer;
use doorward_certificates::{Certificates, Name, Source};
use doorward_directory::{Directory, Hasher, HasherSettings};
use doorward_jose::{Secret, SystemRandom};
use doorward_provider::Server as Issuer;
use doorward_store::{MasterKey, testing::TestStore};
use doorward_upstreams::{Public, Upstreams};
use doorward_web::{
    Keys, MasterKeys, MasterSource,
    api::{self, ApiState, Services},
    server::{Listener, Shutdown, serve},
};
use http::{Method, StatusCode};
use http_body_util::BodyExt;
use jiff::Timestamp;
use serde_json::Value;
use tower::ServiceExt;

/// The server, its services, and what keeps them alive.
pub(crate) struct Api {
    pub(crate) state: ApiState,
    pub(crate) router: axum::Router,
    pub(crate) data: tempfile::TempDir,
    shutdown: Shutdown,
    store: TestStore,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
}

/// What a command line did.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: String,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// The time of all tests.
pub(crate) fn now() -> Timestamp {
    doorward_store::testing::START
}

impl Api {
    /// A fresh server on SQLite that answers on its socket.
    pub(crate) async fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let master = MasterKey::from_bytes(&Secret::new([7; 32]));
        Self::start_with(data, master, MasterSource::elsewhere("a test")).await
    }

    /// The same with a master key in its own data directory, the file `master.key`.
    pub(crate) async fn start_with_key_file() -> Self {
        let data = tempfile::tempdir().unwrap();
        let file = data.path().join("master.key");
        let master = MasterKey::read_or_create(&file, &SystemRandom).unwrap();
        let source = MasterSource {
            shown: "its own file".to_owned(),
            own_file: Some(file),
        };
        let api = Self::start_with(data, master, source).await;
        api.state.master.settle(now()).await.unwrap();
        api
    }

    async fn start_with(data: tempfile::TempDir, master: MasterKey, source: MasterSource) -> Self {
        let store = doorward_store::testing::sqlite().await;
        let random = Arc::new(SystemRandom);
        let hasher = Hasher::start(&HasherSettings {
            threads: 1,
            ..HasherSettings::default()
        })
        .unwrap();
        let master = Arc::new(master);
        let shutdown = Shutdown::default();
        let apps = Apps::new(store.clone(), Arc::clone(&master), random.clone());
        let upstreams = Upstreams::new(
            store.clone(),
            Arc::clone(&master),
            random.clone(),
            Public::new("https://id.example.com"),
            now,
        );
        let state = ApiState::new(Services {
            doctor: doorward_doctor::Doctor::new(None, doorward_doctor::Place::default()),
            importer: doorward_moving::Importer {
                store: store.clone(),
                apps: apps.clone(),
                upstreams: upstreams.clone(),
                seals: doorward_directory::factors::Seals {
                    master: Arc::clone(&master),
                    random: random.clone(),
                    outbox: doorward_mail::Outbox::off(),
                },
            },
            outbox: doorward_mail::Outbox::off(),
            postman: None,
            store: store.clone(),
            directory: Directory::new(store.clone(), hasher, random.clone()),
            apps,
            certificates: Certificates::new(
                store.clone(),
                Arc::clone(&master),
                random.clone(),
                Name::parse("id.example.com").unwrap(),
                Source::Off,
                now(),
            ),
            upstreams,
            keys: Keys::new(store.clone(), Arc::clone(&master), random.clone()),
            master: MasterKeys::new(store.clone(), Arc::clone(&master), random.clone(), source),
            tracer: Tracer::new(store.clone(), &SystemRandom),
            server: Issuer::new("https://id.example.com"),
            random,
            clock: Arc::new(now),
            shutdown: shutdown.clone(),
        });
        let router = api::router(state.clone());
        let listener = Listener::unix(&data.path().join("doorward.sock")).unwrap();
        tokio::spawn(serve(vec![listener], router.clone(), shutdown.clone()));
        Self {
            state,
            router,
            data,
            shutdown,
            store,
        }
    }

    /// A request as the owner of the data directory.
    pub(crate) async fn call(&self, method: &str, path: &str, body: Value) -> Answer {
        let local = doorward_directory::Actor::local("root");
        self.send(method, path, Some(body).filter(|body| !body.is_null()), |request| {
            request.extension(local)
        })
        .await
    }

    /// A request with a token.
    pub(crate) async fn call_with(&self, token: &str, method: &str, path: &str, body: Value) -> Answer {
        let bearer = format!("Bearer {token}");
        self.send(method, path, Some(body).filter(|body| !body.is_null()), |request| {
            request.header("authorization", bearer)
        })
        .await
    }

    /// A request by nobody.
    pub(crate) async fn call_unknown(&self, method: &str, path: &str) -> Answer {
        self.send(method, path, None, |request| request).await
    }

    async fn send(
        &self,
        method: &str,
        path: &str,
        body: Option<Value>,
        dress: impl FnOnce(http::request::Builder) -> http::request::Builder,
    ) -> Answer {
        let method: Method = method.to_uppercase().parse().unwrap();
        let mut request = http::Request::builder().method(method).uri(path);
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let request = dress(request).body(axum::body::Body::from(body)).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        let body = if bytes.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&bytes).unwrap()
        };
        Answer { status, body }
    }

    /// A command line without quotes, against the socket.
    pub(crate) async fn run(&self, line: &str) -> Ran {
        let words = std::iter::once("doorward").chain(line.split(' ')).map(str::to_owned);
        self.run_words(words.collect()).await
    }

    /// The same, in words.
    pub(crate) async fn run_words(&self, mut words: Vec<String>) -> Ran {
        words.extend(["--data".to_owned(), self.data.path().display().to_string()]);
        run(words).await
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        self.shutdown.stop();
        let _ = &self.store;
    }
}

/// A command line, wherever it goes.
pub(crate) async fn run(words: Vec<String>) -> Ran {
    tokio::task::spawn_blocking(move || {
        let (out, err) = (Pen::default(), Pen::default());
        let words = words.into_iter().map(Into::into);
        let ran = doorward_cli::run_to(words, [], Box::new(out.clone()), Box::new(err.clone()));
        let doorward_cli::Ran::Finished(code) = ran else {
            unreachable!("no command of ours is handed back")
        };
        Ran {
            code: name(code),
            out: out.text(),
            err: err.text(),
        }
    })
    .await
    .unwrap()
}

/// Exit codes can only be compared by what they print.
fn name(code: ExitCode) -> String {
    (0..=3_u8)
        .find(|number| format!("{:?}", ExitCode::from(*number)) == format!("{code:?}"))
        .map_or_else(|| format!("{code:?}"), |number| number.to_string())
}

#[derive(Clone, Default)]
struct Pen(Arc<Mutex<Vec<u8>>>);

impl Pen {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Pen {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
