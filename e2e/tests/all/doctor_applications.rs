//! `doorward doctor app` at whole applications: what it finds as they are printed, and what it names first with one setting broken on either side.

use doorward_e2e::{
    Browser, Gateway, bounded,
    rigs::{Ground, JupyterHub, Printed, Synapse},
};
use serde_json::json;

use crate::{
    doctor_app::{house, looked, may_be_here, names},
    doctor_table::Tried,
};

/// What is said of a secret that is not the application's own.
const OTHER_SECRET: &[&str] = &["client.secret", "app secret"];

#[tokio::test]
async fn each_broken_line_of_apaches_configuration_is_what_the_doctor_names_first() {
    bounded(120, async {
        let (server, alice) = house().await;
        let app = "mod-auth-openidc";
        let mut gateway = Gateway::start(&server, "users", "").await;
        may_be_here(&server, app).await;
        let mut tried = Tried::row(app, app);
        let body = looked(&server, app).await;
        assert_eq!(body["usable"], json!(true), "{body:#}");
        assert_eq!(
            body["sent"]["redirect_uri"],
            json!(gateway.page("/oidc/callback")),
            "{body:#}"
        );

        tried.registration(&server, &gateway.page("")).await;
        let elsewhere = format!("OIDCRedirectURI {}", gateway.page("/oidc/callback/"));
        for (line, column, code, words) in [
            (
                "OIDCClientID apache",
                "client id",
                "client_id",
                ["apache", "nobody has here"],
            ),
            (
                elsewhere.as_str(),
                "slash",
                "redirect_uri",
                ["an extra `/`", "--add-redirect-uri"],
            ),
            ("OIDCScope \"profile email\"", "scope", "scope", ["openid", "scope"]),
            (
                "OIDCResponseType \"id_token token\"",
                "response type",
                "response_type",
                ["id_token token", "code"],
            ),
            ("OIDCPKCEMethod plain", "PKCE", "pkce", ["plain", "OIDCPKCEMethod S256"]),
        ] {
            gateway.restart_with(line).await;
            tried.names(&server, column, code, &words).await;
        }
        gateway.restart_at("", "-11m").await;
        tried
            .names(&server, "clock", "clock", &["behind", "chronyc makestep"])
            .await;
        // Only a login shows a wrong secret.
        gateway.restart_with("OIDCClientSecret of-last-year").await;
        let mut browser = Browser::new();
        let page = browser.get(&gateway.page("/")).await;
        browser.log_in(&page, &alice).await;
        tried.names(&server, "secret", "authentication", OTHER_SECRET).await;
        tried.ends();
    })
    .await;
}

#[tokio::test]
async fn the_doctor_reads_what_jupyterhub_and_synapse_really_send() {
    bounded(240, async {
        let (server, alice) = house().await;
        let (ground, other) = (Ground::of("jupyterhub"), Ground::of("synapse"));
        let hub = Printed::add(&server, "jupyterhub", &ground.url, "users").await;
        let matrix = Printed::add(&server, "synapse", &other.url, "users").await;
        let broken = "c.GenericOAuthenticator.scope = ['profile', 'groups']";
        let (_hub, synapse) = tokio::join!(
            Box::pin(JupyterHub::start(ground, &hub, broken)),
            Box::pin(Synapse::start(other, &matrix)),
        );
        for app in ["jupyterhub", "synapse"] {
            may_be_here(&server, app).await;
        }
        let (of_hub, of_matrix) = tokio::join!(
            Box::pin(looked(&server, "jupyterhub")),
            Box::pin(looked(&server, "synapse"))
        );
        let mut hub_row = Tried::row("jupyterhub", "jupyterhub");
        let mut synapse_row = Tried::row("synapse", "synapse");
        hub_row.is_named(&of_hub, "scope", "scope", &["openid"]);
        assert_eq!(of_matrix["usable"], json!(true), "{of_matrix:#}");

        // Registered with a slash that Synapse does not send.
        let right = format!("{}/_synapse/client/oidc/callback", matrix.url);
        let wrong = format!("{right}/");
        let edit = [
            "app",
            "edit",
            "synapse",
            "--add-redirect-uri",
            &wrong,
            "--remove-redirect-uri",
            &right,
        ];
        server.json(&edit).await;
        names(
            &looked(&server, "synapse").await,
            "redirect_uri",
            &["a missing `/`", "--add-redirect-uri"],
        );
        let fixed = server.cli(&["doctor", "app", "synapse", "--fix", "--yes"]).await;
        assert!(fixed.err.contains("Done: register the redirect URI"), "{fixed:?}");
        let page = Browser::new().get(&synapse.login()).await;
        assert!(page.is_login(), "{} {}", page.url, page.text());
        tokio::join!(
            Box::pin(hub_row.request(&server, &hub.url)),
            Box::pin(async {
                synapse_row.registration(&server, &matrix.url).await;
                synapse_row.userinfo(&server).await;
            }),
        );
        // Somebody made a new secret here and did not tell Synapse.
        server.json(&["app", "secret", "rotate", "synapse"]).await;
        let mut browser = Browser::new();
        let page = browser.get(&synapse.login()).await;
        browser.log_in(&page, &alice).await;
        synapse_row
            .names(&server, "secret", "authentication", OTHER_SECRET)
            .await;
        hub_row.ends();
        synapse_row.ends();
    })
    .await;
}
