//! Scope maps: who is let in, and what happens when groups change.

use doorward_apps::access;
use doorward_oidc::ScopeSet;
use doorward_store::testing::START;

use crate::fixture::{Fixture, by, later, on_both_engines, refused};

async fn lets_in(f: &Fixture, group: &str) -> Option<String> {
    let snapshot = f.apps.snapshot().await.unwrap();
    access(snapshot.find("netbox").unwrap(), &[group])
        .ok()
        .map(|scopes| scopes.to_string())
}

#[test]
fn a_group_is_let_in_with_the_applications_scopes_or_with_scopes_of_its_own() {
    on_both_engines(|f| async move {
        f.add("netbox", "https://netbox.example.com").await;
        f.group("ops").await;
        assert_eq!(lets_in(&f, "ops").await, None);
        f.apps.allow(&by(), "netbox", "ops", None, later(1)).await.unwrap();
        assert_eq!(lets_in(&f, "ops").await.unwrap(), "openid profile email groups");
        let own = ScopeSet::parse("openid netbox:write").unwrap();
        let app = f.apps.allow(&by(), "netbox", "OPS", Some(own), later(2)).await.unwrap();
        assert_eq!(app.scope_maps.len(), 1, "a second map of the group replaces the first");
        assert_eq!(app.changed, later(2));
        assert_eq!(lets_in(&f, "ops").await.unwrap(), "openid netbox:write");
        f.apps.disallow(&by(), "netbox", "ops", later(3)).await.unwrap();
        assert_eq!(lets_in(&f, "ops").await, None);
    });
}

#[test]
fn everyone_can_be_let_in_and_shut_out_again() {
    on_both_engines(|f| async move {
        f.add("netbox", "https://netbox.example.com").await;
        f.apps.allow(&by(), "netbox", "Everyone", None, START).await.unwrap();
        f.apps.allow(&by(), "netbox", "everyone", None, START).await.unwrap();
        assert!(lets_in(&f, "whoever").await.is_some());
        let app = f.apps.disallow(&by(), "netbox", "everyone", START).await.unwrap();
        assert!(app.scope_maps.is_empty());
        assert!(lets_in(&f, "whoever").await.is_none());
    });
}

#[test]
fn a_group_that_is_called_everyone_makes_the_word_ambiguous_and_is_never_everyone() {
    on_both_engines(|f| async move {
        f.add("netbox", "https://netbox.example.com").await;
        let id = f.group("staff").await;
        f.apps.allow(&by(), "netbox", "staff", None, START).await.unwrap();
        f.rename_group(id, "everyone").await;
        assert!(
            lets_in(&f, "whoever").await.is_none(),
            "the renamed group's map is for its members alone"
        );
        assert!(lets_in(&f, "everyone").await.is_some());
        let refusal = refused(f.apps.allow(&by(), "netbox", "everyone", None, START).await);
        assert!(refusal.detail.contains("there is a group of that name too"));
    });
}

#[test]
fn a_renamed_group_keeps_its_access_under_the_new_name_at_once() {
    on_both_engines(|f| async move {
        f.add("netbox", "https://netbox.example.com").await;
        let id = f.group("ops").await;
        f.apps.allow(&by(), "netbox", "ops", None, START).await.unwrap();
        assert!(lets_in(&f, "ops").await.is_some());
        f.rename_group(id, "operations").await;
        assert!(lets_in(&f, "ops").await.is_none());
        assert!(lets_in(&f, "operations").await.is_some());
    });
}

#[test]
fn a_deleted_group_takes_its_access_along_and_a_new_one_of_the_same_name_does_not_get_it() {
    on_both_engines(|f| async move {
        f.add("netbox", "https://netbox.example.com").await;
        let id = f.group("ops").await;
        f.apps.allow(&by(), "netbox", "ops", None, START).await.unwrap();
        f.execute("DELETE FROM user_groups WHERE id = $1", id).await;
        f.group("ops").await;
        assert!(lets_in(&f, "ops").await.is_none());
    });
}

#[test]
fn an_unknown_group_an_empty_set_of_scopes_and_a_map_that_is_not_there_are_refused() {
    on_both_engines(|f| async move {
        f.add("netbox", "https://netbox.example.com").await;
        f.group("netbox_users").await;
        let refusal = refused(f.apps.allow(&by(), "netbox", "netbox_usrs", None, START).await);
        assert_eq!(refusal.kind.code, "group_unknown");
        assert_eq!(
            refusal.remedy.unwrap(),
            "did you mean netbox_users? Otherwise: doorward group add netbox_usrs"
        );
        let none = Some(ScopeSet::default());
        let refusal = refused(f.apps.allow(&by(), "netbox", "netbox_users", none, START).await);
        assert_eq!(refusal.kind.code, "scope_invalid");
        let refusal = refused(f.apps.disallow(&by(), "netbox", "netbox_users", START).await);
        assert_eq!(
            refusal.detail,
            "netbox has no scope map for `netbox_users`; it lets in: nobody"
        );
        assert!(lets_in(&f, "netbox_users").await.is_none());
    });
}
