//! The server behind a real nginx that ends TLS, as docs/operating.md sets it up: a whole login, and whose word counts about
//! where somebody comes from.

use std::net::{IpAddr, Ipv4Addr};

use doorward_e2e::{Browser, Client, Nginx, Server, bounded, free_port};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

/// What the people behind nginx come from: another loopback address than the proxy's.
const ELSEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
const INVENTED: &str = "203.0.113.9";

/// Everything that a liar says about the way.
fn lies() -> HeaderMap {
    [
        ("x-forwarded-for", INVENTED),
        ("x-real-ip", INVENTED),
        ("forwarded", "for=203.0.113.9;proto=http;host=evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "http"),
        ("x-forwarded-port", "1"),
    ]
    .into_iter()
    .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
    .collect()
}

/// The lines that the documentation has for nginx, inside of the braces.
fn documented() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/operating.md");
    let text = std::fs::read_to_string(path).expect("the documentation is there");
    let (_, block) = text.split_once("```nginx\nlocation / {\n").expect("an nginx block");
    let (lines, _) = block.split_once("\n}\n```").expect("its end");
    assert!(lines.contains("proxy_pass http://127.0.0.1:8080;"), "{lines}");
    lines.to_owned()
}

/// A server that trusts the proxy at 127.0.0.1, and nginx in front of it.
async fn house() -> (Server, Nginx) {
    let port = free_port();
    let url = format!("https://localhost:{port}");
    let server = Server::start_behind(&url, "[proxies]\ntrusted = [\"127.0.0.1\"]\n").await;
    let nginx = Nginx::start(port, &server.own_url(), &documented()).await;
    server.json(&["group", "add", "staff"]).await;
    (server, nginx)
}

fn from_elsewhere(nginx: &Nginx) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .tls_certs_only([nginx.ca().clone()])
        .local_address(ELSEWHERE)
}

/// The addresses of somebody's sessions, sorted.
async fn addresses(server: &Server, user: &str) -> Vec<String> {
    let sessions = server.json(&["user", "sessions", user]).await;
    let items = sessions["items"].as_array().expect("a list");
    let mut addresses: Vec<String> = items
        .iter()
        .map(|session| session["address"].as_str().unwrap_or_default().to_owned())
        .collect();
    addresses.sort();
    addresses
}

#[tokio::test]
async fn a_whole_login_goes_through_nginx_and_nobody_chooses_their_own_address() {
    bounded(180, async {
        let (server, nginx) = house().await;
        let liar = Browser::made_of(from_elsewhere(&nginx).default_headers(lies()));
        let alice = server
            .add_person_in(liar.clone(), "alice", "Alice Archer", &["staff"])
            .await;
        let client = Client::add(&server, "wiki", "staff", &["--expects-refresh", "true"])
            .await
            .trusting(nginx.ca());

        let mut browser = liar.clone().stopping_at("http://127.0.0.1:9/");
        let page = browser.get(&client.authorize_url(&[])).await;
        assert!(
            page.is_login() && page.url.as_str().starts_with(&server.url),
            "{}",
            page.url
        );
        let page = browser.log_in(&page, &alice).await;
        assert!(page.url.as_str().starts_with(&server.url), "{}", page.url);
        let page = browser.submit(&page, "/consent", &[("decision", "allow")]).await;
        assert_eq!(page.parameter("iss").as_deref(), Some(server.url.as_str()));
        // https, although the server itself speaks plain HTTP: cookies for this host over TLS alone.
        assert!(browser.has_cookie("localhost", "__Host-doorward-session"));
        let code = page.parameter("code").expect("a code");
        let tokens = client.redeem(&code).await.granted();
        assert_eq!(client.userinfo(tokens.text("access_token")).await, 200);
        let tokens = client.refresh(tokens.text("refresh_token")).await.granted();
        assert!(client.is_active(tokens.text("access_token")).await);

        // What nginx saw, whatever the browser said.
        let there = ELSEWHERE.to_string();
        assert_eq!(addresses(&server, "alice").await, [there.clone(), there.clone()]);
        let mut stranger = liar.clone();
        let refused = stranger.get(&client.authorize_url(&[]).replace("wiki", "nobody")).await;
        let list = server.json(&["trace", &refused.reference()]).await;
        assert_eq!(list["address"], there, "{list}");
    })
    .await;
}

#[tokio::test]
async fn forwarded_headers_count_from_the_listed_proxy_alone() {
    bounded(180, async {
        let (server, nginx) = house().await;
        let url = format!(
            "{}/authorize?response_type=code&client_id=nobody&scope=openid",
            server.own_url()
        );
        for (whence, address) in [
            // Past nginx, from where no proxy is listed.
            (ELSEWHERE, ELSEWHERE.to_string()),
            // From where nginx is.
            (IpAddr::V4(Ipv4Addr::LOCALHOST), INVENTED.to_owned()),
        ] {
            let client = reqwest::Client::builder().local_address(whence).default_headers(lies());
            let refused = Browser::made_of(client).get(&url).await;
            let trace = server.json(&["trace", &refused.reference()]).await;
            assert_eq!(trace["address"], address, "{trace}");
        }
        // Nobody moves the issuer, and no URL is made from a request.
        let discovery = "/.well-known/openid-configuration";
        for (builder, base) in [
            (from_elsewhere(&nginx), server.url.clone()),
            (reqwest::Client::builder(), server.own_url()),
        ] {
            let mut browser = Browser::made_of(builder.default_headers(lies()));
            let document = browser.get(&format!("{base}{discovery}")).await;
            let document = document.json();
            assert_eq!(document["issuer"], server.url.as_str());
            let text = document.to_string();
            assert!(!text.contains("evil.example") && !text.contains("\"http://"), "{text}");
        }
    })
    .await;
}
