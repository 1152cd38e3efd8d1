//! A server's inside without its pages, and applications that take logout tokens.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::{Router, extract::Form, http::StatusCode, routing::post};
use doorward_apps::{App, Apps, Edit, LogoutEdit, NewApp};
use doorward_audit::{Actor, Tracer};
use doorward_directory::{Directory, Hasher, HasherSettings};
use doorward_jose::{Algorithm, Secret, SigningKey, SystemRandom, Typ, VerificationPolicy, verify};
use doorward_logout::{Courier, KeyRings, Telling};
use doorward_provider::rotation::KeyState;
use doorward_provider::{KeyRing, RingKey, Server, logout_token};
use doorward_store::logouts::{self, Delivery};
use doorward_store::sessions::{self, NewSession};
use doorward_store::testing::{START, TestStore};
use doorward_store::{MasterKey, StoreError, Ticket, app_sessions};
use jiff::{Timestamp, ToSpan};
use serde_json::{Map, Value};
use tokio::task::JoinHandle;
use uuid::Uuid;

pub(crate) const ISSUER: &str = "https://sso.example.com";

pub(crate) struct House {
    pub(crate) store: TestStore,
    pub(crate) apps: Apps,
    pub(crate) directory: Directory,
    pub(crate) keys: Arc<KeyRing>,
    pub(crate) tracer: Tracer,
    seconds: Arc<AtomicI64>,
}

impl House {
    pub(crate) fn new(store: TestStore) -> Self {
        let master = Arc::new(MasterKey::from_bytes(&Secret::new([7; 32])));
        let random = Arc::new(SystemRandom);
        let hasher = Hasher::start(&HasherSettings {
            threads: 1,
            ..HasherSettings::default()
        });
        let key = RingKey {
            key: SigningKey::generate(Algorithm::ES256).unwrap().key,
            state: KeyState::Active,
            activates_at: 0,
        };
        Self {
            apps: Apps::new(store.clone(), master, random.clone()),
            directory: Directory::new(store.clone(), hasher.unwrap(), random),
            keys: Arc::new(KeyRing::new([key]).unwrap()),
            tracer: Tracer::new(store.clone(), &SystemRandom),
            seconds: Arc::default(),
            store,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        START + self.seconds.load(Ordering::SeqCst).seconds()
    }

    pub(crate) fn later(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
    }

    /// An application that signs with what the house has, told at `uri`.
    pub(crate) async fn app(&self, name: &str, uri: &str) -> App {
        let new = NewApp {
            preset: "generic".to_owned(),
            url: format!("https://{name}.example.com"),
            client_id: Some(name.to_owned()),
            edits: vec![
                Edit::IdTokenAlgorithm(Algorithm::ES256),
                Edit::Logout(LogoutEdit::BackchannelUri(Some(uri.to_owned()))),
            ],
            ..NewApp::default()
        };
        self.apps.add(&Actor::system(), new, START).await.unwrap().app
    }

    /// A session of a user in which these applications got tokens.
    pub(crate) async fn session(&self, user: Uuid, apps: &[&App]) -> Uuid {
        let apps: Vec<Uuid> = apps.iter().map(|app| app.id).collect();
        let ticket = Ticket::new(self.now(), &SystemRandom);
        let session = ticket.id();
        let expires = self.now() + 36_000.seconds();
        self.store
            .write::<_, StoreError>(self.now(), move |tx| {
                let new = NewSession {
                    user_id: user,
                    expires,
                    idle_seconds: 3600,
                    auth_time: tx.now(),
                    amr: &["pwd".to_owned()],
                    acr: None,
                    address: "192.0.2.7",
                    user_agent: "Browser/1.0",
                };
                sessions::create(tx, &ticket, &new)?;
                apps.iter()
                    .try_for_each(|app| app_sessions::note(tx, session, *app, "anna"))
            })
            .await
            .unwrap();
        session
    }

    pub(crate) async fn end(&self, session: Uuid) {
        let ended = self
            .store
            .write::<_, StoreError>(self.now(), move |tx| sessions::end(tx, session));
        assert!(ended.await.unwrap());
    }

    /// Starts to tell applications, until it is dropped.
    pub(crate) fn courier(&self) -> Running {
        let keys = Arc::clone(&self.keys);
        let rings: KeyRings = Box::new(move || {
            let keys = Arc::clone(&keys);
            Box::pin(async move { Ok(keys) })
        });
        let seconds = Arc::clone(&self.seconds);
        let courier = Courier::new(
            self.store.clone(),
            self.apps.snapshots().clone(),
            rings,
            Telling::new(Server::new(ISSUER), None).unwrap(),
            self.tracer.clone(),
            Arc::new(SystemRandom),
            move || START + seconds.load(Ordering::SeqCst).seconds(),
        );
        Running(tokio::spawn(async move { courier.run(std::future::pending()).await }))
    }

    pub(crate) async fn delivery(&self, session: Uuid) -> Delivery {
        let found = self
            .store
            .read(move |tx| logouts::of_session(tx, session))
            .await
            .unwrap();
        found.into_iter().next().unwrap()
    }

    /// Waits until the one delivery of a session is so.
    pub(crate) async fn until(&self, session: Uuid, so: impl Fn(&Delivery) -> bool) -> Delivery {
        for _ in 0..400 {
            let found = self.delivery(session).await;
            if so(&found) {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("{}: {:?}", self.store.engine, self.delivery(session).await);
    }

    /// The claims of a logout token, verified as a relying party does.
    pub(crate) fn read(&self, token: &str) -> Map<String, Value> {
        let policy = VerificationPolicy::new(Typ::Required(&[logout_token::TYP]), Algorithm::ALL);
        verify(token, self.keys.verification(), &policy)
            .unwrap()
            .claims()
            .clone()
    }
}

pub(crate) struct Running(JoinHandle<()>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A relying party that takes logout tokens.
pub(crate) struct RelyingParty {
    pub(crate) tokens: Arc<Mutex<Vec<String>>>,
    pub(crate) status: Arc<AtomicU16>,
    address: SocketAddr,
    _running: Running,
}

impl RelyingParty {
    pub(crate) async fn start() -> Self {
        let (tokens, status) = (Arc::<Mutex<Vec<String>>>::default(), Arc::new(AtomicU16::new(200)));
        let (kept, answer) = (Arc::clone(&tokens), Arc::clone(&status));
        let take = async move |Form(form): Form<Vec<(String, String)>>| {
            assert_eq!(form.len(), 1);
            assert_eq!(form[0].0, "logout_token");
            kept.lock().unwrap().push(form[0].1.clone());
            StatusCode::from_u16(answer.load(Ordering::SeqCst)).unwrap()
        };
        let router = Router::new().route("/logout", post(take));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let running = Running(tokio::spawn(async move {
            axum::serve(listener, router).await.unwrap();
        }));
        Self {
            tokens,
            status,
            address,
            _running: running,
        }
    }

    pub(crate) fn uri(&self) -> String {
        format!("http://{}/logout", self.address)
    }

    pub(crate) fn taken(&self) -> Vec<String> {
        self.tokens.lock().unwrap().clone()
    }
}
