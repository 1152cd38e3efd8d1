//! How addresses that applications have are asked: for what they publish or sign (`jwks_uri`, `request_uri`). What they are told of logouts
//! goes another way, since that waits.

use std::time::Duration;

use doorward_apps::App;
use doorward_login::{Guarded, HttpAnswer, HttpRequest, LoginError, Reach};
use http::{HeaderMap, HeaderValue, header};

/// Somebody waits meanwhile.
pub(super) const PATIENCE: Duration = Duration::from_secs(4);

/// The ways there.
pub(super) struct Addresses(Guarded);

impl Addresses {
    /// Trusts the certificates in `ca_pem` besides the machine's.
    pub(super) fn new(ca_pem: Option<&[u8]>) -> Result<Self, LoginError> {
        Ok(Self(Guarded::new(ca_pem, PATIENCE, PATIENCE)?))
    }

    /// What is at this address of the application, without following redirects, or why there is nothing; and how far it may be. By what
    /// another address than a public one says, whoever may name addresses would read the network behind this machine.
    pub(super) async fn get(
        &self,
        app: &App,
        uri: &str,
        (accept, max_bytes): (&'static str, usize),
    ) -> (Reach, Result<HttpAnswer, String>) {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
        let request = HttpRequest {
            url: uri.to_owned(),
            max_bytes,
            headers,
            ..HttpRequest::default()
        };
        let reach = Reach::to_application(uri, app.keys.weaken_private_address);
        let answer = self.0.within(reach).send(request).await;
        (reach, answer.map_err(|error| told(app, reach, &error)))
    }
}

fn told(app: &App, reach: Reach, error: &LoginError) -> String {
    let allow = format!("doorward app edit {} --weaken-jwks-private-address true", app.client_id);
    error.out_of_reach(&allow).unwrap_or_else(|| match reach {
        Reach::Public => error.to_string(),
        Reach::PrivateNetworks | Reach::Loopback => error.code().to_owned(),
    })
}

#[cfg(test)]
pub(super) mod tests {
    use doorward_apps::{Edit, KeysEdit, NewApp};
    use jiff::Timestamp;
    use uuid::Uuid;

    use super::*;

    pub(in crate::protocol) fn app(is_said: bool) -> App {
        let new = NewApp {
            preset: "generic".to_owned(),
            url: "https://billing.example.com".to_owned(),
            client_id: Some("billing".to_owned()),
            edits: vec![Edit::Keys(KeysEdit::WeakenPrivateAddress(is_said))],
            ..NewApp::default()
        };
        new.build(Uuid::nil(), Timestamp::UNIX_EPOCH).unwrap()
    }

    /// Says "here" at this port.
    async fn trap() -> u16 {
        let router = axum::Router::new().fallback(|| async { "here" });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move { axum::serve(listener, router).await });
        port
    }

    async fn said(addresses: &Addresses, is_said: bool, uri: &str) -> Result<Vec<u8>, String> {
        let (_, answer) = addresses.get(&app(is_said), uri, ("*/*", 100)).await;
        answer.map(|answer| answer.body)
    }

    #[tokio::test]
    async fn a_private_address_that_means_this_machine_is_not_asked_and_the_problem_says_what_opens_it() {
        let addresses = Addresses::new(None).unwrap();
        // 127.0.0.1 inside of an address of NAT64: of a private network as it is written.
        assert_eq!(
            said(&addresses, false, "http://[64:ff9b::7f00:1]:9/")
                .await
                .unwrap_err(),
            "[64:ff9b::7f00:1] is at 64:ff9b::7f00:1, which is not public; if it is meant to be there: doorward app edit billing \
             --weaken-jwks-private-address true"
        );
    }

    #[tokio::test]
    async fn what_is_written_as_this_machine_is_asked_and_link_local_addresses_never_are() {
        let addresses = Addresses::new(None).unwrap();
        let answered = said(&addresses, false, &format!("http://127.0.0.1:{}/", trap().await)).await;
        assert_eq!(answered.unwrap(), b"here");
        for is_said in [false, true] {
            let refused = said(&addresses, is_said, "https://169.254.169.254/").await.unwrap_err();
            assert!(
                refused.contains("never asked") && !refused.contains("doorward app edit"),
                "{refused}"
            );
        }
    }
}
