//! Request objects that an application has us fetch from an address of its own (OpenID Connect Core §6.2, RFC 9101 §5.2).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use doorward_oidc::Refusal;
use doorward_provider::{authorize::request_object::unusable, signed_request::MAX_BYTES};
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::addresses::Addresses;

const ACCEPTED: &str = "application/oauth-authz-req+jwt, application/jwt";
/// Anybody can have a registered address asked; this many at once.
const AT_ONCE: usize = 16;
/// Of one application at once: a slow host of one keeps nobody else waiting.
const OF_ONE_APP: usize = 4;

/// Fetches from addresses that an administrator registered.
pub struct RequestObjects {
    addresses: Addresses,
    turns: Semaphore,
    /// Of the applications that were asked for: as many as have registered addresses.
    of_apps: Mutex<HashMap<Uuid, Arc<Semaphore>>>,
}

impl RequestObjects {
    /// Trusts the certificates in `ca_pem` besides the machine's.
    pub fn new(ca_pem: Option<Vec<u8>>) -> Self {
        Self {
            addresses: Addresses::new(ca_pem),
            turns: Semaphore::new(AT_ONCE),
            of_apps: Mutex::default(),
        }
    }

    fn of_app(&self, app: Uuid) -> Arc<Semaphore> {
        let mut all = self.of_apps.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry(app).or_insert_with(|| Arc::new(Semaphore::new(OF_ONE_APP))))
    }

    /// The request object of `app` at `uri`, of which nothing is verified yet.
    pub(super) async fn fetch(&self, app: Uuid, uri: &str) -> Result<String, Refusal> {
        let of_app = self.of_app(app);
        let Ok(_turn_of_app) = of_app.try_acquire() else {
            return Err(unusable(format!(
                "{OF_ONE_APP} request objects of the application are being fetched already, so {uri} was not asked"
            )));
        };
        let Ok(_turn) = self.turns.try_acquire() else {
            return Err(unusable(format!(
                "{AT_ONCE} request objects are being fetched already, so {uri} was not asked"
            )));
        };
        // Also at private addresses, since that is where applications are.
        let answer = self.addresses.get(uri, true, (ACCEPTED, MAX_BYTES)).await;
        let answer = answer.map_err(|error| unusable(format!("the request object could not be fetched: {error}")))?;
        if answer.status != 200 {
            return Err(unusable(format!("{uri} answered with the status {}", answer.status)));
        }
        let text = String::from_utf8(answer.body).map_err(|_| unusable(format!("{uri} answered with no text")))?;
        Ok(text.trim().to_owned())
    }
}
