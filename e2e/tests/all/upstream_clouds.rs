//! People of Entra, Okta, Google and GitHub log in here: stand-ins that do what each one's documents say.

use doorward_e2e::{Browser, Server, bounded, rigs::Cloud};
use serde_json::json;

use crate::upstream_others::{group, is_in, press};

#[tokio::test]
async fn entra_is_asked_for_groups_page_by_page_where_its_cloud_has_graph() {
    bounded(120, async {
        let cloud = Cloud::start().await;
        let server = Server::start().await;
        for group in ["first", "last"] {
            server.json(&["group", "add", group]).await;
        }
        // The 250th is on the third page of the stand-in.
        let rules = group("aaaaaaaa-0000-4000-8000-000000000001", "first")
            + "[[groups.map]]\ngroup = \"aaaaaaaa-0000-4000-8000-000000000250\"\ngroups = [\"last\"]\n";
        let graph = cloud.graph();
        let settings = ["--lookup-url", graph.as_str()];
        server
            .add_upstream("entra", "corp", &cloud.entra(Cloud::TENANT), &rules, &settings)
            .await;
        let shown = server.json(&["upstream", "show", "corp"]).await;
        assert_eq!(shown["lookup_url"], graph, "{shown}");
        cloud.set("entra", json!({ "overage": true, "graph_page": 100 })).await;
        is_in(&press(&server, &mut Browser::new(), "corp").await);
        assert_eq!(server.groups_of("alice").await, ["first", "last"]);

        // An application without the permission, and a next page that leads elsewhere.
        for behaviour in [
            json!({ "graph_error": 403 }),
            json!({ "graph_error": null, "next_link": "https://graph.example/v1.0/next" }),
        ] {
            cloud.set("entra", behaviour).await;
            let page = press(&server, &mut Browser::new(), "corp").await;
            server.refused_upstream(&page, "lookup_failed").await;
        }
        cloud
            .set(
                "entra",
                json!({ "next_link": null, "graph_groups": ["aaaaaaaa-0000-4000-8000-000000000250"] }),
            )
            .await;
        is_in(&press(&server, &mut Browser::new(), "corp").await);
        assert_eq!(server.groups_of("alice").await, ["last"]);
    })
    .await;
}

#[tokio::test]
async fn github_is_an_upstream_by_its_preset_with_teams_and_the_verified_address() {
    bounded(120, async {
        let cloud = Cloud::start().await;
        let server = Server::start().await;
        for group in ["ops", "members"] {
            server.json(&["group", "add", group]).await;
        }
        let settings = ["--map-group", "acme:netops=ops", "--map-group", "acme=members"];
        server
            .add_upstream("github", "hub", &cloud.github(), "", &settings)
            .await;
        is_in(&press(&server, &mut Browser::new(), "hub").await);
        let mut groups = server.groups_of("alice").await;
        groups.sort();
        assert_eq!(groups, ["members", "ops"]);
        let shown = server.json(&["user", "show", "alice"]).await;
        assert_eq!(shown["display_name"], "Alice Archer", "{shown}");
        assert_eq!(
            shown["email"], "alice@example.com",
            "the primary one, not the first: {shown}"
        );
        let login = &shown["logins"][0];
        assert_eq!(
            (&login["upstream"], &login["shown_name"]),
            (&"hub".into(), &"alice@example.com".into())
        );

        // Known by number: a new name changes nothing, an old name of somebody else's leads to nobody. All pages count.
        cloud
            .set(
                "github",
                json!({ "user": { "login": "alice-renamed" }, "page_size": 1 }),
            )
            .await;
        is_in(&press(&server, &mut Browser::new(), "hub").await);
        assert_eq!(
            server.json(&["upstream", "identities", "hub"]).await["items"]
                .as_array()
                .map(Vec::len),
            Some(1)
        );
        cloud
            .set(
                "github",
                json!({ "user": { "login": "alice", "id": 7 }, "emails": [], "teams": [], "orgs": [] }),
            )
            .await;
        is_in(&press(&server, &mut Browser::new(), "hub").await);
        let stranger = server.json(&["user", "show", "alice-2"]).await;
        assert_eq!((&stranger["email"], &stranger["groups"]), (&json!(null), &json!([])));

        // What the command says, taken as it is, ends that login.
        let unlink = login["unlink"].as_str().expect("a command");
        let words: Vec<&str> = unlink.split(' ').skip(1).collect();
        let ran = server.cli(&words).await;
        assert_eq!(ran.code, 0, "{unlink}: {}", ran.err);
        let said = server.cli(&["user", "show", "alice-2"]).await;
        assert!(
            said.out
                .contains("to end that: doorward upstream unlink hub --subject 7"),
            "{}",
            said.out
        );

        // An organisation that has not approved the application: no half of a list.
        cloud.set("github", json!({ "orgs_status": 403 })).await;
        let page = press(&server, &mut Browser::new(), "hub").await;
        server.refused_upstream(&page, "lookup_failed").await;
        cloud
            .set("github", json!({ "orgs_status": null, "token_error": "invalid_grant" }))
            .await;
        let page = press(&server, &mut Browser::new(), "hub").await;
        server.refused_upstream(&page, "token_exchange_failed").await;
    })
    .await;
}

#[tokio::test]
async fn entra_keeps_out_who_has_too_many_groups_to_be_told_of() {
    bounded(120, async {
        let cloud = Cloud::start().await;
        let server = Server::start().await;
        server.json(&["group", "add", "ops"]).await;
        let rules = group("aaaaaaaa-0000-4000-8000-000000000001", "ops");
        server
            .add_upstream("entra", "corp", &cloud.entra(Cloud::TENANT), &rules, &[])
            .await;
        is_in(&press(&server, &mut Browser::new(), "corp").await);
        assert_eq!(server.groups_of("alice").await, ["ops"]);

        // Microsoft Graph is at an address where nobody is, as behind a firewall: nobody comes in with no groups by mistake …
        let nowhere = ["upstream", "edit", "corp", "--lookup-url", "http://127.0.0.1:9"];
        server.json(&nowhere).await;
        cloud.set("entra", json!({ "overage": true })).await;
        let page = press(&server, &mut Browser::new(), "corp").await;
        server.refused_upstream(&page, "lookup_failed").await;
        // … and who is said to keep the last ones does.
        server
            .json(&["upstream", "edit", "corp", "--lookup-failure", "keep"])
            .await;
        is_in(&press(&server, &mut Browser::new(), "corp").await);
        assert_eq!(server.groups_of("alice").await, ["ops"]);
    })
    .await;
}

#[tokio::test]
async fn okta_and_google_are_upstreams_by_their_presets() {
    bounded(120, async {
        let cloud = Cloud::start().await;
        let server = Server::start().await;
        server.json(&["group", "add", "ops"]).await;
        server
            .add_upstream("okta", "okta", &cloud.okta_org(), &group("Net Ops", "ops"), &[])
            .await;
        is_in(&press(&server, &mut Browser::new(), "okta").await);
        assert_eq!(server.groups_of("alice").await, ["ops"]);

        // No address: that of Okta's alice makes nobody at Google her.
        let rules = "username = { claim = \"sub\" }\n[[admission.claims]]\nclaim = \"hd\"\nany = [\"example.com\"]\n";
        server
            .add_upstream("google", "google", &cloud.google(), rules, &[])
            .await;
        is_in(&press(&server, &mut Browser::new(), "google").await);
        // Whoever has a Google account at all is somebody; the domain is in the token or nobody comes in.
        for behaviour in [
            json!({ "private_account": true }),
            json!({ "private_account": null, "hd": "example.net" }),
        ] {
            cloud.set("google", behaviour).await;
            let page = press(&server, &mut Browser::new(), "google").await;
            server.refused_upstream(&page, "bound_claims_mismatch").await;
        }
    })
    .await;
}
