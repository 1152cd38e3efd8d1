//! Addresses of applications that lead to the server's own machine although they are not written as such.

use std::net::ToSocketAddrs;

use data_encoding::BASE64URL_NOPAD;
use doorward_e2e::{Browser, Server, bounded};
use serde_json::{Value, json};

use crate::openid_client::{add, key_pair};

/// 127.0.0.1 inside of an address of NAT64: of a private network as it is written.
const EMBEDDED: &str = "[64:ff9b::7f00:1]";

/// A name of this machine without a dot, as one in a private network looks, that leads to loopback addresses alone; most have one.
fn name_of_this_machine() -> Option<String> {
    let own = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let names = ["ip6-localhost", "localhost6", "localhost4", own.trim()];
    let leads_here = |name: &&str| {
        let found: Vec<_> = (*name, 0).to_socket_addrs().into_iter().flatten().collect();
        !name.is_empty() && !name.contains('.') && !found.is_empty() && found.iter().all(|at| at.ip().is_loopback())
    };
    names.into_iter().find(leads_here).map(str::to_owned)
}

/// Whether somebody has knocked at it.
fn is_knocked_at(listener: &std::net::TcpListener) -> bool {
    listener.set_nonblocking(true).expect("a socket");
    listener.accept().is_ok()
}

async fn refused_keys(server: &Server, id: &str) -> Value {
    let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let header = part(&json!({ "alg": "ES256", "kid": "e2e" }));
    let claims = part(&json!({ "iss": id, "sub": id, "aud": server.url, "jti": id, "exp": 4_000_000_000_u32 }));
    let assertion = format!("{header}.{claims}.{}", BASE64URL_NOPAD.encode(&[1; 64]));
    let form = [
        ("response_type", "code"),
        ("client_id", id),
        (
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ),
        ("client_assertion", &assertion),
    ];
    let http = reqwest::Client::builder().no_proxy().build().expect("an HTTP client");
    let answer = http.post(format!("{}/par", server.url)).form(&form).send().await;
    let answer = answer.expect("the server answers").json().await;
    answer.expect("JSON")
}

/// What the trace says of keys that could not be had; who pushed is not known before they are.
async fn detail_of_keys(server: &Server, id: &str) -> String {
    let list = server.json(&["trace", "--refused"]).await;
    for item in list["items"].as_array().expect("a list") {
        let trace = server.trace(item["reference"].as_str().expect("a reference")).await;
        let mut details = trace.steps.into_iter().filter_map(|step| step.detail);
        let found = details.find(|detail| detail.contains(&format!("the keys of {id} at")));
        if let Some(found) = found {
            return found;
        }
    }
    panic!("nothing of the keys of {id}: {list}")
}

async fn refused_request(server: &Server, id: &str, uri: &str) -> String {
    let mut url = url::Url::parse(&format!("{}/authorize", server.url)).expect("an address");
    url.query_pairs_mut()
        .append_pair("client_id", id)
        .append_pair("request_uri", uri);
    let page = Browser::new().get(url.as_str()).await;
    let text = page.text();
    let trace = server.trace_of(&page).await;
    assert!(!text.contains("private"), "{text}");
    trace.refusal().detail.clone().unwrap_or_default()
}

#[tokio::test]
async fn keys_and_requests_come_from_this_machine_by_a_private_name_where_somebody_has_said_so_and_nowhere_else() {
    bounded(180, near()).await;
}

async fn near() {
    let server = Server::start().await;
    server.json(&["group", "add", "staff"]).await;
    let keys = key_pair().await;
    let jwks = server.data().join("key.jwks");
    std::fs::write(&jwks, json!({ "keys": [keys["public"]] }).to_string()).expect("the keys can be written");
    let jwks = jwks.to_str().expect("a path of text");
    let loud = ["--weaken-jwks-private-address", "true"];

    let embedded = format!("https://{EMBEDDED}/there");
    let mut cases = vec![("embedded", embedded, None, false)];
    // Not every machine has one; the rule for names is tried by `localhost` where the ways into the network are made.
    if let Some(name) = name_of_this_machine() {
        for (id, is_said) in [("named", false), ("loud", true)] {
            let listener = std::net::TcpListener::bind((name.as_str(), 0)).expect("a port");
            let port = listener.local_addr().expect("an address").port();
            cases.push((id, format!("https://{name}:{port}/there"), Some(listener), is_said));
        }
    }
    for (id, uri, listener, is_said) in cases {
        let more: &[&str] = if is_said { &loud } else { &[] };
        let (publishes, signs) = (format!("{id}-keys"), format!("{id}-requests"));
        add(&server, &publishes, &[&["--jwks-uri", &uri], more].concat()).await;
        add(
            &server,
            &signs,
            &[&["--jwks", jwks, "--add-request-uri", &uri], more].concat(),
        )
        .await;

        let told = refused_keys(&server, &publishes).await;
        assert_eq!(told["error"], "invalid_client", "{told}");
        assert!(!told.to_string().contains("weaken"), "{told}");
        let of_keys = detail_of_keys(&server, &publishes).await;
        let knocked = listener.as_ref().map(is_knocked_at);
        let of_request = refused_request(&server, &signs, &uri).await;
        for (app, detail) in [(&publishes, &of_keys), (&signs, &of_request)] {
            let opens = format!(
                "which is not public; if it is meant to be there: doorward app edit {app} --weaken-jwks-private-address true"
            );
            assert_eq!(detail.ends_with(&opens), !is_said, "{detail}");
        }
        if let Some(listener) = &listener {
            assert_eq!(knocked, Some(is_said), "for keys");
            assert_eq!(is_knocked_at(listener), is_said, "for requests");
        }
    }
}
