//! An upstream to be added: what the preset does not know.

use doorward_claims::LoginRules;
use doorward_jose::Secret;
use doorward_oidc::{Refusal, ScopeSet};
use jiff::Timestamp;
use url::{Host, Url};
use uuid::Uuid;

use crate::{Edit, LinkRule, Upstream, edit, presets, values};

/// What an administrator says of a new upstream; the rest is the preset's.
#[derive(Debug, Clone, Default)]
pub struct NewUpstream {
    /// The preset: `keycloak`, `generic`.
    pub preset: String,
    /// The name, part of the redirect URI: `corp`.
    pub name: String,
    /// The issuer; none for a preset that has one for everybody.
    pub issuer: Option<String>,
    /// The client id that this server has there.
    pub client_id: String,
    /// The client secret or, for private_key_jwt, the private key in PEM; none for a public client.
    pub secret: Option<Secret<String>>,
    /// Everything that differs from the preset, in order.
    pub edits: Vec<Edit>,
}

impl NewUpstream {
    /// The upstream, checked as far as that goes without asking it.
    pub(crate) fn build(&self, id: Uuid, now: Timestamp) -> Result<Upstream, Refusal> {
        let (upstream, mut edits) = self.begun(id, now)?;
        edits.extend(self.edits.iter().cloned());
        edit::apply(&upstream, &edits)
    }

    /// What the preset gives for the issuer, not checked as a whole: some presets need more to be said.
    pub(crate) fn base(&self, id: Uuid, now: Timestamp) -> Result<Upstream, Refusal> {
        let (mut upstream, edits) = self.begun(id, now)?;
        for step in &edits {
            edit::step(&mut upstream, step)?;
        }
        Ok(upstream)
    }

    fn begun(&self, id: Uuid, now: Timestamp) -> Result<(Upstream, Vec<Edit>), Refusal> {
        let preset = presets().require(&self.preset)?;
        let name = values::name(&self.name)?;
        let issuer = match (&self.issuer, &preset.issuer) {
            (Some(issuer), _) | (None, Some(issuer)) => issuer.clone(),
            (None, None) => {
                let form = preset.issuer_form.as_deref().unwrap_or("https://…");
                return Err(
                    values::invalid(format!("expected the issuer of {}, received none", preset.title))
                        .with_remedy(format!("--issuer {form}")),
                );
            }
        };
        let scopes = ScopeSet::parse(&preset.scopes)?;
        let upstream = Upstream {
            id,
            title: preset.title.clone(),
            name,
            created: now,
            changed: now,
            version: 1,
            enabled: true,
            secret: None,
            groups: Vec::new(),
            button: true,
            preset: preset.id.clone(),
            issuer: String::new(),
            tenants: Vec::new(),
            issuer_aliases: preset.issuer_aliases.clone(),
            endpoints: preset.endpoints.clone(),
            client_id: String::new(),
            authentication: preset.authentication,
            scopes,
            algorithms: preset.algorithms.clone(),
            parameters: preset.parameters.clone(),
            response_mode: preset.response_mode,
            leeway: DEFAULT_LEEWAY,
            userinfo: preset.userinfo,
            lookup: preset.lookup,
            lookup_url: preset.lookup_url.clone(),
            lookup_failure: preset.lookup_failure,
            rules: LoginRules::clone(&preset.rules),
            create_users: true,
            link: LinkRule::Never,
            trusted_email: false,
            trusted_amr: false,
            domains: Vec::new(),
            session_bound: false,
            ca_pem: None,
            allow_private: is_loopback(&issuer),
            timeout: DEFAULT_TIMEOUT,
        };
        let edits = vec![Edit::Issuer(issuer), Edit::ClientId(self.client_id.clone())];
        Ok((upstream, edits))
    }
}

/// Whether an issuer is on this machine. Its addresses are private ones, and the setting of a new upstream says so.
fn is_loopback(issuer: &str) -> bool {
    let Ok(url) = Url::parse(issuer.trim()) else {
        return false;
    };
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Seconds of tolerance for times: clocks of machines that are looked after differ by less.
const DEFAULT_LEEWAY: i64 = 30;
/// Seconds that one answer of an upstream may take: a person waits for it.
const DEFAULT_TIMEOUT: u64 = 5;
