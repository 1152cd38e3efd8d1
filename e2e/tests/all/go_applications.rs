//! Applications in Go log in with `golang.org/x/oauth2`, most with `coreos/go-oidc` beside it. Here both do it with the values that are
//! printed for each of them, and the claims that each reads are there.

use doorward_e2e::{Browser, Go, Server, bounded, rigs::Printed};
use serde_json::{Value, json};

/// How an application takes its printed configuration.
struct Application {
    preset: &'static str,
    provider: Provider,
    id: &'static str,
    secret: &'static str,
    /// The setting that says what it asks for.
    scopes: &'static str,
    /// Where its code takes answers, below its address; its configuration has no word about it.
    callback: &'static str,
    pkce: bool,
    /// The secret in the body, as its code or its configuration says.
    in_params: bool,
    /// Where it reads claims, and which.
    reads: (&'static str, &'static [&'static str]),
}

/// Where it finds its provider.
enum Provider {
    /// In this setting, and everything else by discovery.
    Issuer(&'static str),
    /// In these three.
    Endpoints([&'static str; 3]),
}

const OF_A_PERSON: &[&str] = &["sub", "preferred_username", "email"];
const WITH_GROUPS: &[&str] = &["sub", "preferred_username", "email", "groups"];

const APPLICATIONS: &[Application] = &[
    Application {
        preset: "headscale",
        provider: Provider::Issuer("issuer"),
        id: "client_id",
        secret: "client_secret",
        scopes: "scope",
        callback: "/oidc/callback",
        pkce: true,
        in_params: false,
        reads: ("id_token", WITH_GROUPS),
    },
    Application {
        preset: "argocd",
        provider: Provider::Issuer("issuer"),
        id: "clientID",
        secret: "\"oidc.doorward.clientSecret",
        scopes: "requestedScopes",
        callback: "/auth/callback",
        pkce: true,
        in_params: false,
        reads: ("id_token", WITH_GROUPS),
    },
    Application {
        preset: "vikunja",
        provider: Provider::Issuer("authurl"),
        id: "clientid",
        secret: "clientsecret",
        scopes: "scope",
        callback: "/auth/openid/doorward",
        pkce: false,
        in_params: false,
        reads: ("id_token", OF_A_PERSON),
    },
    Application {
        preset: "semaphore",
        provider: Provider::Issuer("provider_url"),
        id: "client_id",
        secret: "client_secret",
        scopes: "scopes",
        callback: "/api/auth/oidc/doorward/redirect",
        pkce: false,
        in_params: false,
        reads: ("id_token", OF_A_PERSON),
    },
    Application {
        preset: "harbor",
        provider: Provider::Issuer("oidc_endpoint"),
        id: "oidc_client_id",
        secret: "oidc_client_secret",
        scopes: "oidc_scope",
        callback: "/c/oidc/callback",
        pkce: false,
        in_params: false,
        reads: ("userinfo", WITH_GROUPS),
    },
    Application {
        preset: "coder",
        provider: Provider::Issuer("CODER_OIDC_ISSUER_URL"),
        id: "CODER_OIDC_CLIENT_ID",
        secret: "CODER_OIDC_CLIENT_SECRET",
        scopes: "CODER_OIDC_SCOPES",
        callback: "/api/v2/users/oidc/callback",
        pkce: false,
        in_params: true,
        reads: ("id_token", WITH_GROUPS),
    },
    Application {
        preset: "grafana",
        provider: Provider::Endpoints(["auth_url", "token_url", "api_url"]),
        id: "client_id",
        secret: "client_secret",
        scopes: "scopes",
        callback: "/login/generic_oauth",
        pkce: true,
        in_params: false,
        reads: ("userinfo", WITH_GROUPS),
    },
    Application {
        preset: "portainer",
        provider: Provider::Endpoints(["Authorization URL", "Access token URL", "Resource URL"]),
        id: "Client ID",
        secret: "Client secret",
        scopes: "Scopes",
        callback: "",
        pkce: false,
        in_params: true,
        reads: ("userinfo", WITH_GROUPS),
    },
];

#[tokio::test]
async fn applications_in_go_log_in_with_the_values_that_are_printed_for_them() {
    bounded(120, async {
        let server = Server::start().await;
        server.json(&["group", "add", "users"]).await;
        let alice = server.add_person("alice", "Alice Archer", &["users"]).await;
        let mut browser = Browser::new();
        for application in APPLICATIONS {
            let preset = application.preset;
            let printed = Printed::add(&server, preset, &format!("https://{preset}.example.com"), "users").await;
            browser.stop_at(&printed.url);
            let settings = settings(application, &printed);
            let mut go = Go::start("application", &[("SETTINGS", &settings.to_string())]);
            let asked = go.said().await;
            let mut page = browser.get(asked["url"].as_str().expect("a URL")).await;
            if page.is_login() {
                page = browser.log_in(&page, &alice).await;
            }
            assert!(
                page.parameter("code").is_some(),
                "{preset}: {} {}",
                page.url,
                page.text()
            );
            go.hear(&page.url).await;
            let told = go.said().await;
            let (place, claims) = application.reads;
            for claim in claims {
                assert!(
                    !told[place][claim].is_null(),
                    "{preset} reads {claim} of the {place}: {told:#}"
                );
            }
            let wants_refresh = settings["scopes"]
                .as_array()
                .is_some_and(|all| all.contains(&json!("offline_access")));
            assert_eq!(told["refresh"], wants_refresh, "{preset}: {told:#}");
            let trace = server.latest_trace(preset).await;
            assert_eq!(trace.outcome, "ok", "{preset}: {trace:#?}");
        }
    })
    .await;
}

/// What its code makes of its configuration.
fn settings(application: &Application, printed: &Printed) -> Value {
    let value = |name: &str| {
        if name.contains(' ') || name == "Scopes" {
            printed.field(name).to_owned()
        } else {
            printed.setting(name)
        }
    };
    let scopes = value(application.scopes);
    let scopes: Vec<&str> = scopes
        .split([' ', ',', '"'])
        .filter(|scope| !scope.is_empty())
        .collect();
    let mut settings = json!({
        "id": value(application.id),
        "secret": value(application.secret),
        "redirect": format!("{}{}", printed.url, application.callback),
        "scopes": scopes,
        "pkce": application.pkce,
        "in_params": application.in_params,
    });
    match &application.provider {
        Provider::Issuer(name) => settings["issuer"] = value(name).into(),
        Provider::Endpoints(names) => {
            for (field, name) in ["auth", "token", "userinfo"].into_iter().zip(names) {
                settings[field] = value(name).into();
            }
        }
    }
    settings
}
