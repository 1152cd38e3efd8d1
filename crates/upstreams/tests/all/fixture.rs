//! The service over each engine, a directory beside it, and people at the door.

use std::future::Future;
use std::sync::{Arc, Mutex};

use doorward_directory::{Actor, Directory, Hasher, HasherSettings, NewGroup, NewUser, User, UserKind};
use doorward_jose::{Secret, SystemRandom};
use doorward_login::{Http, HttpAnswer, HttpRequest, LoginError, Pending};
use doorward_oidc::Refusal;
use doorward_store::testing::{START, TestStore, engines};
use doorward_store::{MasterKey, Ticket, Tx, sessions};
use doorward_upstreams::{
    Accepted, Arrival, Context, Edit, NewUpstream, Probing, Public, Upstream, Upstreams, UpstreamsError,
};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

pub(crate) const ISSUER: &str = "https://id.example.org";

pub(crate) struct Fixture {
    pub(crate) upstreams: Upstreams,
    pub(crate) directory: Directory,
    pub(crate) network: Arc<Network>,
    pub(crate) store: TestStore,
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

/// Answers by address; everything else is not there.
#[derive(Default)]
pub(crate) struct Network {
    answers: Mutex<Vec<(String, u16, Value)>>,
    pub(crate) asked: Mutex<Vec<String>>,
}

impl Network {
    /// From now on this address answers so.
    pub(crate) fn answer(&self, url: impl Into<String>, status: u16, body: Value) {
        let url = url.into();
        let mut answers = self.answers.lock().unwrap();
        answers.retain(|(known, ..)| *known != url);
        answers.push((url, status, body));
    }

    /// A provider with discovery and one key.
    pub(crate) fn provider(&self, issuer: &str) {
        self.answer(
            format!("{issuer}/.well-known/openid-configuration"),
            200,
            json!({
                "issuer": issuer,
                "authorization_endpoint": format!("{issuer}/authorize"),
                "token_endpoint": format!("{issuer}/token"),
                "userinfo_endpoint": format!("{issuer}/userinfo"),
                "jwks_uri": format!("{issuer}/keys"),
                "response_types_supported": ["code"],
                "code_challenge_methods_supported": ["S256"],
                "id_token_signing_alg_values_supported": ["RS256", "ES256"],
            }),
        );
        self.answer(
            format!("{issuer}/keys"),
            200,
            // RFC 7517, appendix A.1.
            json!({"keys": [{"kty": "EC", "crv": "P-256", "kid": "1", "use": "sig", "alg": "ES256",
                "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}]}),
        );
    }
}

impl Http for Network {
    fn send(&self, request: HttpRequest) -> Pending<'_, Result<HttpAnswer, LoginError>> {
        self.asked.lock().unwrap().push(request.url.clone());
        let answers = self.answers.lock().unwrap();
        let found = answers.iter().find(|(url, ..)| *url == request.url);
        let answer = match found {
            Some((_, status, body)) => Ok(HttpAnswer {
                status: *status,
                headers: http::HeaderMap::from_iter([(
                    http::header::CONTENT_TYPE,
                    http::HeaderValue::from_static("application/json"),
                )]),
                body: body.to_string().into_bytes(),
            }),
            None => Err(LoginError::Unreachable {
                url: request.url,
                detail: "nobody is there".to_owned(),
            }),
        };
        Box::pin(async move { answer })
    }
}

impl Fixture {
    fn new(store: TestStore) -> Self {
        let network = Arc::new(Network::default());
        let hasher = Hasher::start(&HasherSettings {
            threads: 1,
            ..HasherSettings::default()
        })
        .unwrap();
        let random = Arc::new(SystemRandom);
        let http: Arc<dyn Http> = network.clone();
        let master = Arc::new(MasterKey::from_bytes(&Secret::new([7; 32])));
        Self {
            upstreams: Upstreams::with_http(
                (*store).clone(),
                master,
                random.clone(),
                Public::new("https://sso.example.com"),
                Arc::new(|| START),
                Some(http),
            ),
            directory: Directory::new((*store).clone(), hasher, random),
            network,
            store,
        }
    }

    /// The upstream `corp` of the preset `generic`, without asking anybody.
    pub(crate) async fn corp(&self, edits: Vec<Edit>) -> Upstream {
        let new = NewUpstream {
            edits,
            ..generic("corp")
        };
        self.upstreams
            .add(&root(), new, Probing::Skipped, START)
            .await
            .unwrap()
            .0
    }

    pub(crate) async fn edit(&self, edits: Vec<Edit>) -> Result<Upstream, UpstreamsError> {
        let edited = self
            .upstreams
            .edit(&root(), "corp", edits, Probing::Skipped, START)
            .await;
        edited.map(|(upstream, _)| upstream)
    }

    pub(crate) async fn person(&self, name: &str, email: Option<&str>, email_verified: bool) -> User {
        let new = NewUser {
            name: name.to_owned(),
            email: email.map(str::to_owned),
            email_verified,
            ..NewUser::default()
        };
        self.directory.add_user(&root(), new, START).await.unwrap()
    }

    pub(crate) async fn service(&self, name: &str, email: &str) -> User {
        let new = NewUser {
            name: name.to_owned(),
            email: Some(email.to_owned()),
            email_verified: true,
            kind: UserKind::Service,
            ..NewUser::default()
        };
        self.directory.add_user(&root(), new, START).await.unwrap()
    }

    pub(crate) async fn group(&self, name: &str) -> Uuid {
        let new = NewGroup {
            name: name.to_owned(),
            ..NewGroup::default()
        };
        self.directory.add_group(&root(), new, START).await.unwrap().id
    }

    pub(crate) async fn groups_of(&self, user: Uuid) -> Vec<String> {
        self.directory.facts(user).await.unwrap().unwrap().groups.clone()
    }

    pub(crate) async fn accept(&self, arrival: &Arrival) -> Result<Accepted, UpstreamsError> {
        self.accept_as(arrival, None).await
    }

    pub(crate) async fn accept_as(
        &self,
        arrival: &Arrival,
        confirmed_by: Option<Uuid>,
    ) -> Result<Accepted, UpstreamsError> {
        self.upstreams
            .accept(arrival, confirmed_by, &Context::default(), START, |_, _| Ok(()))
            .await
            .map(|(accepted, ())| accepted)
    }

    pub(crate) async fn refused(&self, arrival: &Arrival) -> Refusal {
        refusal(self.accept(arrival).await.unwrap_err())
    }

    /// Lets somebody in and opens a session for them in the same unit.
    pub(crate) async fn session(&self, arrival: &Arrival) -> Uuid {
        let ticket = Ticket::new(START, &SystemRandom);
        let (upstreams, kept) = (self.upstreams.clone(), arrival.clone());
        let id = ticket.id();
        self.upstreams
            .accept(arrival, None, &Context::default(), START, move |tx, accepted| {
                let expires = START + jiff::SignedDuration::from_hours(8);
                open(tx, &ticket, accepted.user.id, expires)?;
                upstreams.note_session(tx, ticket.id(), &kept, expires)?;
                Ok(())
            })
            .await
            .unwrap();
        id
    }

    pub(crate) async fn is_live(&self, session: Uuid) -> bool {
        let found = self.store.read(move |tx| sessions::by_id(tx, session)).await.unwrap();
        found.is_some_and(|session| session.is_live(START))
    }
}

fn open(tx: &mut Tx<'_>, ticket: &Ticket, user: Uuid, expires: Timestamp) -> Result<(), UpstreamsError> {
    let new = sessions::NewSession {
        user_id: user,
        expires,
        idle_seconds: 3600,
        auth_time: START,
        amr: &["pwd".to_owned()],
        acr: None,
        address: "192.0.2.1",
        user_agent: "test",
    };
    Ok(sessions::create(tx, ticket, &new)?)
}

pub(crate) fn generic(name: &str) -> NewUpstream {
    NewUpstream {
        preset: "generic".to_owned(),
        name: name.to_owned(),
        issuer: Some(ISSUER.to_owned()),
        client_id: "doorward".to_owned(),
        secret: Some(Secret::new("a-secret-of-theirs".to_owned())),
        edits: Vec::new(),
    }
}

pub(crate) fn root() -> Actor {
    Actor::local("root")
}

pub(crate) fn refusal(error: UpstreamsError) -> Refusal {
    match error {
        UpstreamsError::Refused(refusal) => refusal,
        other => panic!("expected a refusal, got {other}"),
    }
}

/// Somebody of `upstream` whose ID token said this.
pub(crate) fn arrival(upstream: &Upstream, claims: Value) -> Arrival {
    let Value::Object(mut claims) = claims else {
        panic!("claims are an object")
    };
    claims.entry("iss").or_insert_with(|| json!(upstream.issuer));
    let text = |claims: &Map<String, Value>, name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
    Arrival {
        upstream: upstream.id,
        issuer: text(&claims, "iss").unwrap(),
        sub: text(&claims, "sub").unwrap_or_default(),
        sid: text(&claims, "sid"),
        claims,
        groups_unknown: None,
        id_token: Some(Secret::new("an.id.token".to_owned())),
        expires: None,
        auth_time: None,
        amr: Vec::new(),
        acr: None,
    }
}

pub(crate) fn rules(toml: &str) -> Edit {
    Edit::Rules(Box::new(toml_rules(toml)))
}

pub(crate) fn toml_rules(text: &str) -> doorward_claims::LoginRules {
    toml::from_str(text).unwrap()
}
