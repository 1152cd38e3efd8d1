//! `doorward doctor app` at real applications, each as it is printed and with one setting broken: the doctor names that one first.

use std::time::Instant;

use doorward_e2e::{
    Browser, Package, Person, Server, Site, bounded, free_port,
    rigs::{Oauth2Proxy, Oauth2ProxyAt},
    silence,
};
use serde_json::{Value, json};

use crate::doctor_table::Tried;

pub(crate) use doorward_e2e::{looked, may_be_here};

pub(crate) async fn house() -> (Server, Person) {
    let server = Server::start().await;
    server.json(&["group", "add", "users"]).await;
    let alice = server.add_person("alice", "Alice Archer", &["users"]).await;
    server
        .json(&["user", "edit", "alice", "--email-verified", "true"])
        .await;
    (server, alice)
}

/// The code of what is named first, with everything that it says.
fn first(body: &Value) -> (String, String) {
    let finding = &body["findings"][0];
    let code = finding["code"].as_str().expect("a finding has a code").to_owned();
    (code, finding.to_string())
}

#[track_caller]
fn is_well(body: &Value) {
    assert_eq!(body["usable"], json!(true), "{body:#}");
    let clock = body["clock_offset_ms"].as_i64().expect("the clock was measured");
    assert!(clock.abs() < 700, "{body:#}");
}

#[track_caller]
pub(crate) fn names(body: &Value, code: &str, words: &[&str]) {
    assert_eq!(body["usable"], json!(false), "{body:#}");
    let (named, said) = first(body);
    assert_eq!(named, code, "{body:#}");
    for word in words {
        assert!(said.contains(word), "{word}: {said}");
    }
}

#[tokio::test]
async fn each_broken_setting_of_netbox_is_what_the_doctor_names_first_and_what_can_be_mended_is() {
    bounded(200, async {
        let (server, alice) = house().await;
        let mut site = Site::add(&server, Package::NetBox, "users").await.start().await;
        let right = format!("{}/oauth/complete/oidc/", site.url);
        may_be_here(&server, "netbox").await;
        let mut tried = Tried::row("netbox", "netbox");
        let body = looked(&server, "netbox").await;
        is_well(&body);
        assert_eq!(body["sent"]["redirect_uri"], json!(right), "{body:#}");
        assert_eq!(body["sent"]["client_id"], json!("netbox"), "{body:#}");

        // The redirect URI was typed by hand, without its slash.
        let wrong = right.trim_end_matches('/');
        let edit = [
            "app",
            "edit",
            "netbox",
            "--add-redirect-uri",
            wrong,
            "--remove-redirect-uri",
            &right,
        ];
        server.json(&edit).await;
        let body = looked(&server, "netbox").await;
        names(&body, "redirect_uri", &["an extra `/`", "--add-redirect-uri"]);
        let fixed = server.cli(&["doctor", "app", "netbox", "--fix", "--yes"]).await;
        assert!(fixed.err.contains("Done: register the redirect URI"), "{fixed:?}");
        is_well(&looked(&server, "netbox").await);

        tried.registration(&server, &site.url).await;
        tried.algorithm(&server).await;
        tried.userinfo(&server).await;

        // Another client id, nothing that is asked for, and PKCE switched off where it is demanded: what stops a login earlier first.
        server.json(&["app", "edit", "netbox", "--pkce", "required"]).await;
        site.set("SOCIAL_AUTH_OIDC_KEY = 'netbx'\nSOCIAL_AUTH_OIDC_USE_PKCE = False");
        site.set("SOCIAL_AUTH_OIDC_SCOPE = []\nSOCIAL_AUTH_OIDC_IGNORE_DEFAULT_SCOPE = True");
        site.restart_at("").await;
        let body = looked(&server, "netbox").await;
        tried.is_named(&body, "client id", "client_id", &["netbx", "nobody has here"]);
        assert_eq!(body["findings"][1]["code"], json!("scope"), "{body:#}");
        assert_eq!(body["findings"][2]["code"], json!("pkce"), "{body:#}");
        site.set("SOCIAL_AUTH_OIDC_KEY = 'netbox'");

        // Its clock too, by more than the printed leeway.
        site.restart_at("-45s").await;
        tried.names(&server, "scope", "scope", &["openid"]).await;
        site.set("SOCIAL_AUTH_OIDC_SCOPE = ['groups']\nSOCIAL_AUTH_OIDC_IGNORE_DEFAULT_SCOPE = False");
        site.restart_at("-45s").await;
        tried
            .names(&server, "PKCE", "pkce", &["SOCIAL_AUTH_OIDC_USE_PKCE = True"])
            .await;
        site.set("SOCIAL_AUTH_OIDC_USE_PKCE = True");
        site.restart_at("-45s").await;
        tried
            .names(&server, "clock", "clock", &["s behind", "chronyc makestep"])
            .await;

        // A secret of last year: only a login shows it, and its clock does not matter then.
        site.set("SECRET_OF_NOW = SOCIAL_AUTH_OIDC_SECRET\nSOCIAL_AUTH_OIDC_SECRET = 'of-last-year'");
        site.restart_at("").await;
        site.log_in(&mut Browser::new(), &alice).await;
        tried
            .names(&server, "secret", "authentication", &["client.secret", "app secret"])
            .await;
        site.set("SOCIAL_AUTH_OIDC_SECRET = SECRET_OF_NOW");

        // By less, and without the leeway: only a login shows that, and its trace says why.
        site.set("SOCIAL_AUTH_OIDC_JWT_LEEWAY = 1");
        site.restart_at("-5s").await;
        site.log_in(&mut Browser::new(), &alice).await;
        let failed = Instant::now();
        silence(failed).await;
        let body = looked(&server, "netbox").await;
        names(
            &body,
            "clock",
            &["it rejected the ID token", " s behind; it tolerates 30 s only"],
        );
        let trace = server.latest_trace("netbox").await;
        let shown = server.json(&["trace", &trace.reference]).await;
        assert_eq!(shown["conclusion"]["code"], json!("id_token_clock"), "{shown:#}");
        tried.ends();
    })
    .await;
}

#[tokio::test]
async fn what_mozilla_social_auth_and_oauth2_proxy_have_wrong_is_named_first() {
    bounded(200, async {
        let (server, alice) = house().await;
        let mozilla = Site::add(&server, Package::Mozilla, "users").await;
        let social = Site::add(&server, Package::SocialAuth, "users").await;
        let at = Oauth2ProxyAt::free();
        let add = [
            "app",
            "add",
            "oauth2-proxy",
            &at.url,
            "--name",
            "gateway",
            "--group",
            "users",
        ];
        let gateway = server.json(&add).await;
        for app in ["mozilla-django-oidc", "social-auth", "gateway"] {
            may_be_here(&server, app).await;
        }
        // A form of another library, taken for the audience.
        let proxy = Oauth2Proxy::start(at, &gateway, &["--oidc-audience-claim=audience"]);
        let (mozilla_url, social_url) = (mozilla.url.clone(), social.url.clone());
        let (mozilla, social, proxy) =
            tokio::join!(Box::pin(mozilla.start()), Box::pin(social.start()), Box::pin(proxy));

        // The login fails after the token, which only a trace shows.
        let mut browser = Browser::new();
        let page = browser.get(&proxy.page("/")).await;
        let page = browser.log_in(&page, &alice).await;
        assert_ne!(page.status, 200, "{}", page.text());
        let failed = Instant::now();

        let (of_mozilla, of_social) = tokio::join!(
            Box::pin(looked(&server, "mozilla-django-oidc")),
            Box::pin(looked(&server, "social-auth")),
        );
        is_well(&of_mozilla);
        is_well(&of_social);
        // Its button is a form, with a field against forgery.
        let posted = of_social["visits"].as_array().expect("visits").iter();
        assert!(
            posted.clone().any(|visit| visit["posted"] == json!(true)),
            "{of_social:#}"
        );

        silence(failed).await;
        let mut of_gateway = Tried::row("oauth2-proxy", "gateway");
        of_gateway
            .names(
                &server,
                "audience",
                "audience",
                &["it rejected the ID token", "another audience"],
            )
            .await;
        let mut of_mozilla = Tried::row("mozilla-django-oidc", "mozilla-django-oidc");
        let mut of_social = Tried::row("social-auth", "social-auth");
        let page = proxy.page("");
        tokio::join!(
            Box::pin(async {
                of_gateway.registration(&server, &page).await;
                // Somebody made a new secret here and did not tell it.
                server.json(&["app", "secret", "rotate", "gateway"]).await;
                let mut browser = Browser::new();
                let login = browser.get(&proxy.page("/")).await;
                browser.log_in(&login, &alice).await;
                of_gateway
                    .names(&server, "secret", "authentication", &["client.secret", "app secret"])
                    .await;
            }),
            Box::pin(async {
                of_mozilla.registration(&server, &mozilla_url).await;
                of_mozilla.algorithm(&server).await;
                of_mozilla.userinfo(&server).await;
            }),
            Box::pin(async {
                of_social.registration(&server, &social_url).await;
                of_social.algorithm(&server).await;
                of_social.userinfo(&server).await;
            }),
        );

        // Settings of their own, each broken in the file that was printed.
        let (mut mozilla, mut social) = (mozilla, social);
        mozilla.set("OIDC_RP_SCOPES = 'profile email'");
        social.set("SOCIAL_AUTH_OIDC_SCOPE = []\nSOCIAL_AUTH_OIDC_IGNORE_DEFAULT_SCOPE = True");
        tokio::join!(Box::pin(mozilla.restart_at("")), Box::pin(social.restart_at("")));
        tokio::join!(
            Box::pin(of_mozilla.names(&server, "scope", "scope", &["openid"])),
            Box::pin(of_social.names(&server, "scope", "scope", &["openid"])),
        );
        mozilla.set("OIDC_RP_SCOPES = 'openid profile email groups'");
        social.set("SOCIAL_AUTH_OIDC_SCOPE = ['groups']\nSOCIAL_AUTH_OIDC_IGNORE_DEFAULT_SCOPE = False");
        mozilla.set(Package::Mozilla.without_pkce());
        social.set(Package::SocialAuth.without_pkce());
        tokio::join!(Box::pin(mozilla.restart_at("")), Box::pin(social.restart_at("")));
        tokio::join!(
            Box::pin(of_mozilla.names(&server, "PKCE", "pkce", &["OIDC_USE_PKCE = True"])),
            Box::pin(of_social.names(&server, "PKCE", "pkce", &["SOCIAL_AUTH_OIDC_USE_PKCE = True"])),
        );
        mozilla.set("OIDC_USE_PKCE = True");
        social.set("SOCIAL_AUTH_OIDC_USE_PKCE = True");
        tokio::join!(
            Box::pin(mozilla.restart_at("-45s")),
            Box::pin(social.restart_at("-45s"))
        );
        tokio::join!(
            Box::pin(of_mozilla.names(&server, "clock", "clock", &["s behind"])),
            Box::pin(of_social.names(&server, "clock", "clock", &["s behind", "chronyc makestep"])),
        );
        // A secret of last year: only a login shows it, and its clock does not matter then.
        mozilla.set("OIDC_RP_CLIENT_SECRET = 'of-last-year'");
        social.set("SOCIAL_AUTH_OIDC_SECRET = 'of-last-year'");
        tokio::join!(Box::pin(mozilla.restart_at("")), Box::pin(social.restart_at("")));
        mozilla.log_in(&mut Browser::new(), &alice).await;
        social.log_in(&mut Browser::new(), &alice).await;
        tokio::join!(
            Box::pin(of_mozilla.names(&server, "secret", "authentication", &["client.secret"])),
            Box::pin(of_social.names(&server, "secret", "authentication", &["client.secret"])),
        );
        of_gateway.ends();
        of_mozilla.ends();
        of_social.ends();
    })
    .await;
}

#[tokio::test]
async fn an_application_that_does_not_trust_the_private_authority_is_told_how() {
    bounded(120, async {
        let port = free_port();
        let server =
            Server::start_over_tls(port, &format!("https://localhost:{port}"), "[tls]\nca = true\n", None).await;
        server.json(&["group", "add", "users"]).await;
        server.json(&["user", "add", "alice", "--group", "users"]).await;
        let site = Site::add(&server, Package::NetBox, "users").await.start().await;
        may_be_here(&server, "netbox").await;
        let body = looked(&server, "netbox").await;
        names(&body, "private_ca", &["SOCIAL_AUTH_VERIFY_SSL", "--ca-file"]);
        drop(site);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_reached_or_shows_no_login_is_said_and_nothing_is_made_up() {
    bounded(60, async {
        let server = Server::start().await;
        let free = free_port();
        let url = format!("http://localhost:{free}");
        server.json(&["app", "add", "generic", &url, "--name", "gone"]).await;
        may_be_here(&server, "gone").await;
        let ran = server.cli(&["doctor", "app", "gone"]).await;
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.out.contains("nothing listens there"), "{ran:?}");
        assert!(ran.out.contains("doorward app allow gone GROUP"), "{ran:?}");
        // A server is there, and its page leads nowhere.
        let ours = format!("{}/style-guide", server.url);
        server.json(&["app", "add", "generic", &ours, "--name", "page"]).await;
        may_be_here(&server, "page").await;
        let body: Value =
            serde_json::from_str(&server.cli(&["--json", "doctor", "app", "page"]).await.out).expect("JSON");
        let codes: Vec<&str> = body["findings"]
            .as_array()
            .expect("findings")
            .iter()
            .filter_map(|finding| finding["code"].as_str())
            .collect();
        assert!(codes.contains(&"login") && !codes.contains(&"client_id"), "{body:#}");
        let unknown = server.cli(&["doctor", "app", "pgae"]).await;
        assert_eq!(unknown.code, 1, "{unknown:?}");
        let gone = server.cli(&["doctor", "app", "page", "--allow-private"]).await;
        assert_eq!(gone.code, 2, "{gone:?}");

        // Where the server was sent is kept.
        let events = server.json(&["event", "list", "--action", "app.doctor"]).await;
        let events = events["items"].as_array().expect("events");
        assert_eq!(events.len(), 2, "{events:#?}");
        assert_eq!(events[1]["data"]["to"], json!([url]), "{events:#?}");
    })
    .await;
}
