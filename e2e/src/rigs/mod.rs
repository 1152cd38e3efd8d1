//! Providers of others, as upstreams, and gateways of others as applications: started as they ship, set up through their own ways, known to tests by their pages
//! and their HTTP.

mod actual;
mod cloud;
mod cmdbsyncer;
mod dex;
mod gitea;
mod grafana;
mod ground;
mod headscale;
mod jupyterhub;
mod keycloak;
mod kubernetes;
mod lasting;
mod leaving;
mod miniflux;
mod node_red;
mod oauth2_proxy;
mod oidc_provider;
mod openbao;
mod openldap;
mod pebble;
mod pgadmin;
mod pocketbase;
mod printed;
mod synapse;

pub use actual::Actual;
pub use cloud::Cloud;
pub use cmdbsyncer::CmdbSyncer;
pub use dex::Dex;
pub use gitea::Gitea;
pub use grafana::{Configured, Grafana};
pub use ground::Ground;
pub use headscale::Headscale;
pub use jupyterhub::JupyterHub;
pub use keycloak::{Keycloak, KeycloakClient, Realm};
pub use kubernetes::{ApiServer, Machine};
pub use leaving::Leaving;
pub use miniflux::Miniflux;
pub use node_red::NodeRed;
pub use oauth2_proxy::{Oauth2Proxy, Oauth2ProxyAt};
pub use oidc_provider::OidcProvider;
pub use openbao::OpenBao;
pub use openldap::OpenLdap;
pub use pebble::Pebble;
pub use pgadmin::PgAdmin;
pub use pocketbase::PocketBase;
pub use printed::Printed;
pub use synapse::Synapse;

/// What an application needs to know of a provider, as its administrator hands it over.
#[derive(Debug, Clone)]
pub struct Registration {
    /// The issuer.
    pub issuer: String,
    /// The client id.
    pub client_id: String,
    /// The client secret.
    pub secret: String,
}
