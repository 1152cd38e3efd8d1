//! A state over each engine.

use std::{collections::BTreeMap, future::Future, sync::Arc};

use doorward_apps::Apps;
use doorward_directory::{Actor, Directory, Hasher, HasherSettings, Settings};
use doorward_jose::{Secret, SystemRandom};
use doorward_mail::{House, Outbox};
use doorward_oidc::Refusal;
use doorward_state::{Files, Form, Plan, Request, Schema, ServerSettings, State};
use doorward_store::testing::{START, TestStore, engines, sqlite};
use doorward_store::{MasterKey, StoreError, Tx, settings};
use doorward_unit::UnitError;
use doorward_upstreams::{Public, Upstreams};

pub(crate) struct Fixture {
    pub(crate) state: State,
    pub(crate) directory: Directory,
    pub(crate) apps: Apps,
    pub(crate) store: TestStore,
}

/// One setting, kept as it is said.
struct OneSetting;

/// What it may be.
#[derive(serde::Deserialize)]
struct Days {
    #[expect(dead_code, reason = "it is only read")]
    days: String,
}

impl ServerSettings for OneSetting {
    fn usual(&self) -> Form {
        Form::from_iter([("days".to_owned(), "30".into())])
    }

    fn schema(&self) -> Schema {
        Schema::of::<Days>()
    }

    fn read(&self, tx: &mut Tx<'_>) -> Result<Form, StoreError> {
        let days = settings::get(tx, "test_days")?.unwrap_or_else(|| "30".to_owned());
        Ok(Form::from_iter([("days".to_owned(), days.into())]))
    }

    fn write(&self, tx: &mut Tx<'_>, _: &Actor, form: &Form) -> Result<(), UnitError> {
        Ok(settings::set(tx, "test_days", form["days"].as_str().unwrap())?)
    }
}

/// Runs the same test on every engine.
pub(crate) fn on_both_engines<F: Future<Output = ()>>(test: impl Fn(Arc<Fixture>) -> F) {
    runtime().block_on(async {
        for store in engines().await {
            println!("on {}", store.engine);
            test(Arc::new(Fixture::new(store))).await;
        }
    });
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}

pub(crate) fn root() -> Actor {
    Actor::local("root")
}

pub(crate) fn files<const N: usize>(list: [(&str, &str); N]) -> Files {
    list.into_iter()
        .map(|(path, text)| (path.to_owned(), text.to_owned()))
        .collect()
}

impl Fixture {
    pub(crate) async fn fresh() -> Self {
        Self::new(sqlite().await)
    }

    pub(crate) fn new(store: TestStore) -> Self {
        let hasher = Hasher::start(&HasherSettings {
            threads: 1,
            ..HasherSettings::default()
        })
        .unwrap();
        let random = Arc::new(SystemRandom);
        let master = Arc::new(MasterKey::from_bytes(&Secret::new([7; 32])));
        let sender = House {
            name: "Acme".to_owned(),
            url: "https://sso.example.com".to_owned(),
            contact: None,
            accent: "#2f6f5e".to_owned(),
            on_accent: "#ffffff".to_owned(),
        };
        // Who may register is told by letters: without them nobody may.
        let settings = Settings {
            outbox: Outbox::new(sender, Arc::clone(&master), random.clone()),
            ..Settings::default()
        };
        let directory = Directory::with_settings((*store).clone(), hasher, random.clone(), settings);
        let apps = Apps::new((*store).clone(), Arc::clone(&master), random.clone());
        let upstreams = Upstreams::new(
            (*store).clone(),
            master,
            random.clone(),
            Public::new("https://sso.example.com"),
            || START,
        );
        Self {
            state: State::new(
                (*store).clone(),
                directory.clone(),
                apps.clone(),
                upstreams,
                random,
                Arc::new(OneSetting),
            ),
            directory,
            apps,
            store,
        }
    }

    pub(crate) async fn export(&self) -> Files {
        self.state.export(&root(), Files::new()).await.unwrap()
    }

    pub(crate) async fn plan(&self, files: &Files) -> Result<Plan, UnitError> {
        self.state.plan(&root(), request(files), START).await
    }

    /// Plans and carries out.
    pub(crate) async fn apply(&self, files: &Files) -> Result<Plan, UnitError> {
        self.apply_request(request(files)).await
    }

    pub(crate) async fn apply_request(&self, request: Request) -> Result<Plan, UnitError> {
        let plan = self.state.plan(&root(), request.clone(), START).await?;
        let done = self.state.apply(&root(), request, &plan.digest, START).await?;
        assert_eq!(plan, done, "what was planned is what was done");
        Ok(done)
    }
}

pub(crate) fn request(files: &Files) -> Request {
    Request {
        files: files.clone(),
        secrets: BTreeMap::new(),
        prune: false,
    }
}

#[track_caller]
pub(crate) fn refused<T: std::fmt::Debug>(result: Result<T, UnitError>) -> Refusal {
    match result {
        Err(UnitError::Refused(refusal)) => refusal,
        other => panic!("expected a refusal, got {other:?}"),
    }
}
