//! What speaks with an upstream: one `Login` per upstream, kept until the upstream changes, so that metadata and keys are
//! fetched once for everybody.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use doorward_jose::Random;
use doorward_login::{Builder, Clock, Http, Login, LoginError};
use doorward_oidc::{ClientAuthMethod, Refusal, ResponseMode};
use doorward_store::{MasterKey, Store, StoreError};
use jiff::Timestamp;
use uuid::Uuid;

use crate::attempts::Attempts;
use crate::{Authentication, Upstream, UpstreamsError, failure, private_key, refusals};

/// This server as upstreams and browsers see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Public {
    /// Scheme, host and port, without a slash at the end.
    url: String,
}

impl Public {
    /// `https://sso.example.com`.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into().trim_end_matches('/').to_owned(),
        }
    }

    /// Under this everything that an upstream's people and servers call: `…/upstream/corp`.
    pub fn base(&self, upstream: &str) -> String {
        format!("{}{}", self.url, Self::path(upstream))
    }

    /// The same without scheme and host.
    pub fn path(upstream: &str) -> String {
        format!("/upstream/{upstream}")
    }

    /// To register there as redirect URI.
    pub fn redirect_uri(&self, upstream: &str) -> String {
        format!("{}/callback", self.base(upstream))
    }

    /// To register there for back-channel logout.
    pub fn backchannel_logout_uri(&self, upstream: &str) -> String {
        format!("{}/backchannel-logout", self.base(upstream))
    }

    /// To register there for front-channel logout.
    pub fn frontchannel_logout_uri(&self, upstream: &str) -> String {
        format!("{}/frontchannel-logout", self.base(upstream))
    }

    /// Where the upstream finds the public key of a client that signs.
    pub fn jwks_uri(&self, upstream: &str) -> String {
        format!("{}/jwks", self.base(upstream))
    }

    /// Where an administrator sees what a login through it would come to.
    pub fn preview_uri(&self, upstream: &str) -> String {
        format!("{}/preview", self.base(upstream))
    }

    /// To register there as post-logout redirect URI.
    pub fn post_logout_redirect_uri(&self) -> String {
        format!("{}/logged-out", self.url)
    }
}

/// Opens the secret of an upstream.
pub(crate) fn open_secret(master: &MasterKey, upstream: &Upstream) -> Result<Option<String>, UpstreamsError> {
    let Some(sealed) = &upstream.secret else {
        return Ok(None);
    };
    let plain = master.open(&place(upstream.id), &sealed.0)?;
    let text = String::from_utf8(plain.expose().clone())
        .map_err(|_| StoreError::Damaged(format!("the secret of the upstream {} is not text", upstream.name)))?;
    Ok(Some(text))
}

/// Where a sealed secret belongs: it opens in no other row.
pub(crate) fn place(id: Uuid) -> Vec<u8> {
    [b"upstreams.secret:", id.as_bytes().as_slice()].concat()
}

/// The time.
pub(crate) type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The library's clock, in whole seconds.
struct Time(Now);

impl Clock for Time {
    fn now(&self) -> i64 {
        (self.0)().as_second()
    }
}

/// The kept connections.
pub(crate) struct Connections {
    pub(crate) store: Store,
    pub(crate) master: Arc<MasterKey>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) public: Public,
    pub(crate) now: Now,
    /// Another way to the network, for tests.
    pub(crate) http: Option<Arc<dyn Http>>,
    pub(crate) kept: Mutex<HashMap<Uuid, (i64, Arc<Login>)>>,
}

impl Connections {
    /// The connection of an upstream as it is in its row.
    pub(crate) fn of(&self, upstream: &Upstream) -> Result<Arc<Login>, UpstreamsError> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((version, login)) = kept.get(&upstream.id)
            && *version == upstream.version
        {
            return Ok(Arc::clone(login));
        }
        let secret = open_secret(&self.master, upstream)?;
        let login = Arc::new(self.fresh(upstream, secret)?);
        kept.insert(upstream.id, (upstream.version, Arc::clone(&login)));
        Ok(login)
    }

    /// Forgets the connections of upstreams that are gone.
    pub(crate) fn keep_only(&self, is_there: impl Fn(Uuid) -> bool) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|id, _| is_there(*id));
    }

    /// A connection for settings that need not be stored yet.
    pub(crate) fn fresh(&self, upstream: &Upstream, secret: Option<String>) -> Result<Login, UpstreamsError> {
        self.build(upstream, secret)
            .map_err(|error| refused_setting(upstream, &error).into())
    }

    fn build(&self, upstream: &Upstream, secret: Option<String>) -> Result<Login, LoginError> {
        let mut builder = Login::builder(&upstream.issuer, &upstream.client_id)
            .base_url(&self.public.url)
            .prefix(Public::path(&upstream.name))
            .scopes(&upstream.scopes.to_string())?
            .timeout(Duration::from_secs(upstream.timeout))
            .leeway(Duration::from_secs(upstream.leeway.unsigned_abs()))
            .random(Arc::clone(&self.random))
            .clock(Arc::new(Time(Arc::clone(&self.now))))
            .sessions(Arc::new(Attempts(self.store.clone())));
        if let Some(tenants) = template(&upstream.issuer).filter(|_| !upstream.tenants.is_empty()) {
            builder = builder.tenants(tenants, upstream.tenants.iter().cloned());
        }
        for alias in &upstream.issuer_aliases {
            builder = builder.issuer_alias(alias);
        }
        if let Some(endpoints) = &upstream.endpoints {
            builder = builder
                .endpoints(doorward_login::Endpoints {
                    authorization: endpoints.authorization.clone(),
                    token: endpoints.token.clone(),
                    userinfo: Some(endpoints.user.clone()),
                    jwks: None,
                    end_session: None,
                })
                .subject_claim(upstream.rules.user.claim());
        }
        if !upstream.algorithms.is_empty() {
            builder = builder.algorithms(upstream.algorithms.iter().copied());
        }
        for (name, value) in &upstream.parameters {
            builder = builder.parameter(name, value);
        }
        if upstream.response_mode == ResponseMode::FormPost {
            builder = builder.form_post();
        }
        // Said either way: left to itself the library would go by how the issuer is written.
        builder = builder.allow_private(upstream.allow_private);
        builder = authenticated(builder, upstream.authentication, secret)?;
        if let Some(pem) = &upstream.ca_pem {
            builder = builder.ca_pem(pem.as_bytes());
        }
        if !upstream.userinfo {
            builder = builder.without_userinfo();
        }
        if let Some(http) = &self.http {
            builder = builder.http(Arc::clone(http));
        }
        builder.build()
    }
}

/// What a templated issuer looks like: Entra publishes it in the metadata of its issuers for several tenants.
pub(crate) fn template(issuer: &str) -> Option<String> {
    ["/common/", "/organizations/", "/consumers/"]
        .iter()
        .find(|many| issuer.contains(*many))
        .map(|many| issuer.replacen(many, "/{tenantid}/", 1))
}

fn authenticated(builder: Builder, method: Authentication, secret: Option<String>) -> Result<Builder, LoginError> {
    Ok(match (method, secret) {
        (Authentication::PrivateKeyJwt, Some(pem)) => builder
            .client_key(private_key::read(&pem)?)
            .client_auth(ClientAuthMethod::PrivateKeyJwt),
        (Authentication::ClientSecretBasic, Some(secret)) => {
            builder.secret(secret).client_auth(ClientAuthMethod::ClientSecretBasic)
        }
        (Authentication::ClientSecretPost, Some(secret)) => {
            builder.secret(secret).client_auth(ClientAuthMethod::ClientSecretPost)
        }
        (Authentication::Auto, Some(secret)) => builder.secret(secret),
        (_, _) => builder,
    })
}

fn refused_setting(upstream: &Upstream, error: &LoginError) -> Refusal {
    let mut refusal = failure::refusal_of(upstream, error);
    if matches!(error, LoginError::Setting { .. }) {
        refusal.kind = &refusals::UPSTREAM_SETTING_INVALID;
    }
    refusal
}
