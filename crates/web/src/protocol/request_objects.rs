//! Request objects that an application has us fetch from an address of its own (OpenID Connect Core §6.2, RFC 9101 §5.2).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use doorward_apps::App;
use doorward_jose::peek_unverified;
use doorward_login::{LoginError, Reach};
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
    ///
    /// # Errors
    /// Certificates that are none.
    pub fn new(ca_pem: Option<&[u8]>) -> Result<Self, LoginError> {
        Ok(Self {
            addresses: Addresses::new(ca_pem)?,
            turns: Semaphore::new(AT_ONCE),
            of_apps: Mutex::default(),
        })
    }

    fn of_app(&self, app: Uuid) -> Arc<Semaphore> {
        let mut all = self.of_apps.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry(app).or_insert_with(|| Arc::new(Semaphore::new(OF_ONE_APP))))
    }

    /// The request object of `app` at `uri`, of which nothing is verified yet.
    pub(super) async fn fetch(&self, app: &App, uri: &str) -> Result<String, Refusal> {
        let of_app = self.of_app(app.id);
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
        let (reach, answer) = self.addresses.get(app, uri, (ACCEPTED, MAX_BYTES)).await;
        let answer = answer
            .map_err(|problem| unusable(format!("the request object at {uri} could not be fetched: {problem}")))?;
        let none = |said: String| {
            unusable(match reach {
                Reach::Public => said,
                Reach::PrivateNetworks | Reach::Loopback => format!("{uri} answered with no request object"),
            })
        };
        if answer.status != 200 {
            return Err(none(format!("{uri} answered with the status {}", answer.status)));
        }
        let text = String::from_utf8(answer.body).map_err(|_| none(format!("{uri} answered with no text")))?;
        let object = text.trim();
        // What fails with its signature is told in detail, so that something else than a signed object must not come so far.
        if reach > Reach::Public && peek_unverified(object, MAX_BYTES).is_err() {
            return Err(none(String::new()));
        }
        Ok(object.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::addresses::tests::app;

    #[tokio::test]
    async fn of_what_is_near_nothing_is_told_but_that_it_answered_and_what_opens_it() {
        let objects = RequestObjects::new(None).unwrap();
        let router = axum::Router::new()
            .route("/secret", axum::routing::get(|| async { "secret" }))
            .route("/parts", axum::routing::get(|| async { "se.cr.et" }))
            .fallback(|| async { (http::StatusCode::IM_A_TEAPOT, "secret") });
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let detail = async |is_said, uri: &str| objects.fetch(&app(is_said), uri).await.unwrap_err().detail;
        for path in ["/request.jwt", "/secret", "/parts"] {
            let uri = format!("{origin}{path}");
            for is_said in [false, true] {
                assert_eq!(
                    detail(is_said, &uri).await,
                    format!("{uri} answered with no request object")
                );
            }
        }
        let embedded = "https://[64:ff9b::7f00:1]/request.jwt";
        assert_eq!(
            detail(false, embedded).await,
            format!(
                "the request object at {embedded} could not be fetched: [64:ff9b::7f00:1] is at 64:ff9b::7f00:1, which is not public; \
                 if it is meant to be there: doorward app edit billing --weaken-jwks-private-address true"
            )
        );
    }
}
