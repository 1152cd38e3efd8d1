//! What the API works with.

use std::sync::Arc;

use doorward_apps::Apps;
use doorward_audit::Tracer;
use doorward_certificates::Certificates;
use doorward_directory::Directory;
use doorward_jose::Random;
use doorward_mail::{Outbox, Postman};
use doorward_moving::Importer;
use doorward_provider::Server;
use doorward_store::Store;
use doorward_upstreams::Upstreams;
use jiff::Timestamp;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{
    keys::{Keys, MasterKeys},
    server::Shutdown,
};

/// Clients that follow events or traces at the same time; further ones are told to come back.
const MOST_FOLLOWERS: usize = 64;

/// The services behind the API. Cheap to clone.
#[derive(Clone)]
pub struct ApiState(Arc<Inner>);

struct Inner {
    services: Services,
    followers: Arc<Semaphore>,
}

/// What an [`ApiState`] is made of.
pub struct Services {
    /// Sessions, grants, settings.
    pub store: Store,
    /// People, groups, rights.
    pub directory: Directory,
    /// Applications.
    pub apps: Apps,
    /// Providers that other people run.
    pub upstreams: Upstreams,
    /// Writes what comes from other providers.
    pub importer: Importer,
    /// The keys that tokens are signed with.
    pub keys: Keys,
    /// The keys that everything secret is sealed under.
    pub master: MasterKeys,
    /// Traces of logins.
    pub tracer: Tracer,
    /// The server's certificate and the private authority.
    pub certificates: Certificates,
    /// Looks at applications.
    pub doctor: doorward_doctor::Doctor,
    /// Letters that wait.
    pub outbox: Outbox,
    /// Who sends them; none without a mail server.
    pub postman: Option<Postman>,
    /// Who we are: the public URL and the issuers.
    pub server: Server,
    /// For ids.
    pub random: Arc<dyn Random>,
    /// The present moment.
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// Ends the answers that otherwise have no end.
    pub shutdown: Shutdown,
}

impl ApiState {
    /// The API over these services.
    pub fn new(services: Services) -> Self {
        Self(Arc::new(Inner {
            services,
            followers: Arc::new(Semaphore::new(MOST_FOLLOWERS)),
        }))
    }

    pub(super) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// The place of one more client that follows; `None` when all are taken.
    pub(super) fn follower(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.0.followers).try_acquire_owned().ok()
    }
}

impl std::ops::Deref for ApiState {
    type Target = Services;

    fn deref(&self) -> &Services {
        &self.0.services
    }
}
