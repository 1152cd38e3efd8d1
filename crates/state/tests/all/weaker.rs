//! What a plan says is weaker.

use serde_json::json;

use crate::fixture::{Fixture, files, on_both_engines};

/// Loud names by file.
async fn said(here: &Fixture, list: &[(&str, &str)]) -> Vec<String> {
    let list = list.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
    let done = here.apply(&list.collect()).await.unwrap();
    let of = done.changes.iter().flat_map(|change| {
        let file = change.file.clone();
        change.weakens.iter().map(move |one| format!("{file} {}", one.name))
    });
    of.collect()
}

const LEADS: &str = "client_id = \"doorward\"\nissuer = \"https://id.example.org\"\nauthentication = \"none\"\n[rules.groups]\n\
    claim = \"groups\"\nmap = [{ group = \"theirs\", groups = [\"ops\"] }]\n";

#[test]
fn a_role_for_a_group_that_an_upstream_leads_into_is_said_of_the_upstream_whichever_file_says_it() {
    on_both_engines(async |here| {
        let first = said(&here, &[("groups/ops.toml", ""), ("upstreams/corp.toml", LEADS)]).await;
        assert_eq!(first, Vec::<String>::new());
        let role = said(&here, &[("groups/ops.toml", "roles = [\"full\"]\n")]).await;
        let both = [
            "groups/ops.toml weaken-role-full",
            "upstreams/corp.toml weaken-groups-with-roles",
        ];
        assert_eq!(role, both);
        // Once it is so, it is not said again.
        let again = said(
            &here,
            &[("groups/ops.toml", "description = \"x\"\nroles = [\"full\"]\n")],
        )
        .await;
        assert_eq!(again, Vec::<String>::new());
        // Below a group with roles is the same as having one.
        here.apply(&files([("groups/ops.toml", "")])).await.unwrap();
        let below = [
            ("groups/ops.toml", ""),
            ("groups/top.toml", "groups = [\"ops\"]\nroles = [\"apps\"]\n"),
        ];
        assert_eq!(
            said(&here, &below).await,
            ["upstreams/corp.toml weaken-groups-with-roles"]
        );
    });
}

#[test]
fn policies_that_ask_less_are_said_wherever_they_stand() {
    on_both_engines(async |here| {
        let strict = "factors = \"second\"\nfresh_seconds = 600\n";
        let group = format!("[policy]\n{strict}");
        let app = format!("url = \"https://a.example.com\"\n[policy]\n{strict}");
        let all = [
            ("policies.toml", strict),
            ("groups/ops.toml", &*group),
            ("applications/a.toml", &*app),
        ];
        assert_eq!(said(&here, &all).await, Vec::<String>::new());
        let less = "factors = \"second\"\nfresh_seconds = 700\n";
        let group = format!("[policy]\n{less}");
        let all = [
            ("policies.toml", ""),
            ("groups/ops.toml", &*group),
            ("applications/a.toml", "url = \"https://a.example.com\"\n"),
        ];
        let said = said(&here, &all).await;
        let every =
            ["policies.toml", "groups/ops.toml", "applications/a.toml"].map(|file| format!("{file} weaken-policy"));
        assert_eq!(said, every);
    });
}

#[test]
fn of_people_roles_verified_addresses_and_given_ids_are_said() {
    on_both_engines(async |here| {
        let person = |more: &str| format!("[[person]]\nname = \"anna\"\nemail = \"anna@example.com\"\n{more}");
        let plain = person("");
        let none = said(&here, &[("people.toml", &plain)]).await;
        assert_eq!(none, Vec::<String>::new());
        let loud = person("email_verified = true\nroles = [\"full\"]\n");
        let all = ["weaken-role-full", "weaken-verified-address"].map(|name| format!("people.toml: anna {name}"));
        assert_eq!(said(&here, &[("people.toml", &loud)]).await, all);
        let new = "[[person]]\nname = \"ben\"\nid = \"0198c0de-0000-7000-8000-000000000001\"\n";
        assert_eq!(
            said(&here, &[("people.toml", new)]).await,
            ["people.toml: ben weaken-given-id"]
        );
        let moved = loud.replace("anna@", "root@");
        let change = here.plan(&files([("people.toml", &moved)])).await.unwrap();
        let weaker = &change.changes[0].weakens;
        assert_eq!(weaker.len(), 1, "{weaker:?}");
        assert!(weaker[0].meaning.contains("root@example.com"), "{weaker:?}");
        assert_eq!(change.changes[0].settings[0].to, Some(json!("root@example.com")));
    });
}
