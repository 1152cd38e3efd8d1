//! Everything a handler may use: the services and what was decided at start.

use std::sync::Arc;

use doorward_apps::{Apps, Snapshots};
use doorward_audit::Tracer;
use doorward_certificates::Certificates;
use doorward_directory::Directory;
use doorward_jose::Random;
use doorward_mail::{Outbox, Postman};
use doorward_passkeys::RelyingParty;
use doorward_provider::Server;
use doorward_store::{MasterKey, Store};
use doorward_upstreams::Upstreams;
use jiff::SignedDuration;
use metrics_exporter_prometheus::PrometheusHandle;

use crate::{
    certificate::Mtls,
    clock::Clock,
    cookies::Cookies,
    keys::{Keys, MasterKeys},
    pages::Brand,
    protocol::{ClientKeys, Documents, RequestObjects, SeenTokens},
    server::TrustedProxies,
    strangers::Strangers,
};

/// The server's services, shared by all handlers.
pub struct Door {
    /// Units of work.
    pub store: Store,
    /// People and groups.
    pub directory: Directory,
    /// Takes letters; nothing without a mail server.
    pub outbox: Outbox,
    /// Sends them; none without a mail server.
    pub postman: Option<Postman>,
    /// Applications: changing them.
    pub apps: Apps,
    /// Applications: the snapshot that requests read.
    pub snapshots: Snapshots,
    /// Providers that other people run and that log people in here.
    pub upstreams: Upstreams,
    /// The server's certificate and the private authority.
    pub certificates: Certificates,
    /// Signing keys.
    pub keys: Keys,
    /// Traces of logins.
    pub tracer: Tracer,
    /// Seals what must be readable again.
    pub master: Arc<MasterKey>,
    /// Its rotation.
    pub master_keys: MasterKeys,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Public URL, issuers, endpoints.
    pub server: Server,
    /// Scheme, host and port of the public URL, as browsers send it in `Origin`.
    pub origin: String,
    /// This server as passkeys know it; `None` where browsers allow none (an address instead of a name, no TLS).
    pub relying_party: Option<RelyingParty>,
    /// Our cookies' names and attributes.
    pub cookies: Cookies,
    /// Name, logo, colour.
    pub brand: Brand,
    /// Whose forwarded headers count.
    pub proxies: TrustedProxies,
    /// Certificates that clients present.
    pub mtls: Mtls,
    /// How long sessions last.
    pub sessions: SessionLimits,
    /// What strangers may make us write.
    pub strangers: Strangers,
    /// Discovery and keys, ready to send.
    pub documents: Documents,
    /// Fetches request objects from registered addresses.
    pub request_objects: RequestObjects,
    /// Public keys that applications publish.
    pub client_keys: ClientKeys,
    /// Looks at applications, and remembers what it saw of them.
    pub doctor: doorward_doctor::Doctor,
    /// Access tokens verified before.
    pub seen_tokens: SeenTokens,
    /// Renders `/metrics`.
    pub metrics: PrometheusHandle,
}

/// How long people stay logged in.
#[derive(Debug, Clone, Copy)]
pub struct SessionLimits {
    /// Without use.
    pub idle: SignedDuration,
    /// In any case.
    pub absolute: SignedDuration,
}
