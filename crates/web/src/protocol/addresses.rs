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
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

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

    /// A name of this machine without a dot, as one in a private network looks, that leads to loopback addresses alone; most have one.
    fn name_of_this_machine() -> Option<String> {
        let own = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let names = ["ip6-localhost", "localhost6", "localhost4", own.trim()];
        let leads_here = |name: &&str| {
            let found: Vec<_> = std::net::ToSocketAddrs::to_socket_addrs(&(*name, 0))
                .into_iter()
                .flatten()
                .collect();
            !name.is_empty() && !name.contains('.') && !found.is_empty() && found.iter().all(|at| at.ip().is_loopback())
        };
        names.into_iter().find(leads_here).map(str::to_owned)
    }

    /// Says "here", and counts to whom.
    async fn trap(name: &str) -> (u16, Arc<AtomicUsize>) {
        let hits = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&hits);
        let router = axum::Router::new().fallback(move || async move {
            counted.fetch_add(1, Ordering::SeqCst);
            "here"
        });
        let listener = tokio::net::TcpListener::bind((name, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move { axum::serve(listener, router).await });
        (port, hits)
    }

    async fn said(addresses: &Addresses, is_said: bool, uri: &str) -> Result<Vec<u8>, String> {
        let (_, answer) = addresses.get(&app(is_said), uri, ("*/*", 100)).await;
        answer.map(|answer| answer.body)
    }

    #[tokio::test]
    async fn what_only_looks_private_leads_to_this_machine_where_somebody_has_said_so_and_nowhere_else() {
        let addresses = Addresses::new(None).unwrap();
        let allow = "which is not public; if it is meant to be there: doorward app edit billing --weaken-jwks-private-address true";
        // 127.0.0.1 inside of an address of NAT64: of a private network as it is written.
        assert_eq!(
            said(&addresses, false, "http://[64:ff9b::7f00:1]:9/")
                .await
                .unwrap_err(),
            format!("[64:ff9b::7f00:1] is at 64:ff9b::7f00:1, {allow}")
        );
        // Not every machine has one; the rule for names is tried by `localhost`, with the ways themselves.
        let Some(name) = name_of_this_machine() else { return };
        let (port, hits) = trap(&name).await;
        let uri = format!("http://{name}:{port}/");
        let refused = said(&addresses, false, &uri).await.unwrap_err();
        assert!(
            refused.starts_with(&format!("{name} is at ")) && refused.ends_with(allow),
            "{refused}"
        );
        assert_eq!(hits.load(Ordering::SeqCst), 0);
        assert_eq!(said(&addresses, true, &uri).await.unwrap(), b"here");
    }

    #[tokio::test]
    async fn what_is_written_as_this_machine_is_asked_and_link_local_addresses_never_are() {
        let addresses = Addresses::new(None).unwrap();
        let (port, _) = trap("127.0.0.1").await;
        let answered = said(&addresses, false, &format!("http://127.0.0.1:{port}/")).await;
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
