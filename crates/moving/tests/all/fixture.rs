//! An importer over each engine, and what is there afterwards.

use std::{future::Future, net::IpAddr, sync::Arc};

use doorward_apps::{App, Apps};
use doorward_claims::{ClaimSet, Destination};
use doorward_directory::{
    Actor, Directory, Facts, Hasher, HasherSettings, LoginRefusal, Origin, User, Verified, factors::Seals,
};
use doorward_jose::{Secret, SystemRandom};
use doorward_mail::Outbox;
use doorward_moving::{Importer, Intake, Mode, Report};
use doorward_store::MasterKey;
use doorward_store::testing::{START, TestStore, engines};
use doorward_upstreams::{Public, Upstreams};
use serde_json::{Map, Value};

pub(crate) struct Fixture {
    pub(crate) importer: Importer,
    pub(crate) directory: Directory,
    pub(crate) apps: Apps,
    pub(crate) upstreams: Upstreams,
    _store: TestStore,
}

/// Runs the same test on every engine.
pub(crate) fn on_both_engines<F: Future<Output = ()>>(test: impl Fn(Arc<Fixture>) -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        for store in engines().await {
            println!("on {}", store.engine);
            test(Arc::new(Fixture::new(store))).await;
        }
    });
}

impl Fixture {
    fn new(store: TestStore) -> Self {
        let settings = HasherSettings {
            threads: 1,
            ..HasherSettings::default()
        };
        let hasher = Hasher::start(&settings).unwrap();
        let random = Arc::new(SystemRandom);
        let master = Arc::new(MasterKey::from_bytes(&Secret::new([7; 32])));
        let apps = Apps::new((*store).clone(), Arc::clone(&master), random.clone());
        let public = Public::new("https://id.example.com");
        let upstreams = Upstreams::new((*store).clone(), Arc::clone(&master), random.clone(), public, || START);
        let importer = Importer {
            store: (*store).clone(),
            apps: apps.clone(),
            upstreams: upstreams.clone(),
            seals: Seals {
                master,
                random: random.clone(),
                outbox: Outbox::off(),
            },
        };
        Self {
            importer,
            directory: Directory::new((*store).clone(), hasher, random),
            apps,
            upstreams,
            _store: store,
        }
    }

    pub(crate) async fn import(&self, intake: Intake, mode: Mode) -> Report {
        self.importer
            .run(&Actor::local("test"), intake, mode, START)
            .await
            .unwrap()
    }

    pub(crate) async fn user(&self, name: &str) -> User {
        self.directory
            .find_user(name)
            .await
            .unwrap()
            .unwrap_or_else(|| panic!("nobody is called {name}"))
    }

    pub(crate) async fn facts(&self, name: &str) -> Arc<Facts> {
        let user = self.user(name).await;
        self.directory.facts(user.id).await.unwrap().unwrap()
    }

    pub(crate) async fn app(&self, client_id: &str) -> App {
        let snapshot = self.apps.snapshot().await.unwrap();
        let app = snapshot.find(client_id);
        app.map_or_else(|| panic!("no application {client_id}"), |app| App::clone(app))
    }

    /// What the rules of an application put into one token of somebody.
    pub(crate) async fn claims(&self, client_id: &str, name: &str, destination: Destination) -> Value {
        let (app, facts) = (self.app(client_id).await, self.facts(name).await);
        let mut attributes: Map<String, Value> = facts
            .user
            .attributes
            .iter()
            .map(|(name, value)| (name.to_owned(), value.clone()))
            .collect();
        attributes.insert("name".to_owned(), facts.user.display_name.clone().into());
        attributes.insert("username".to_owned(), facts.user.name.as_str().into());
        attributes.insert("email".to_owned(), facts.user.email.clone().into());
        let known = doorward_claims::Facts {
            attributes: &attributes,
            groups: &facts.groups,
            direct_groups: &facts.direct_groups,
        };
        let mut claims = ClaimSet::default();
        doorward_claims::apply(&app.claim_rules, &known, destination, &mut claims);
        Value::Object(claims.into_map())
    }

    pub(crate) async fn log_in(&self, name: &str, password: &str) -> Result<Verified, LoginRefusal> {
        let origin = Origin {
            address: IpAddr::from([192, 0, 2, 1]),
            browser: None,
        };
        let password = Secret::new(password.to_owned());
        self.directory.verify_password(name, password, &origin, START).await
    }
}
