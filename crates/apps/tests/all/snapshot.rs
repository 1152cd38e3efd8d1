//! The snapshot: immutable, shared, and never older than the last committed change.

use std::sync::Arc;

use doorward_apps::{Edit, Snapshot};
use doorward_store::testing::START;

use crate::fixture::{built, by, later, on_both_engines, service};

#[test]
fn as_long_as_nothing_changes_readers_share_one_snapshot() {
    on_both_engines(|f| async move {
        f.add("netbox", "https://netbox.example.com").await;
        let first = f.apps.snapshot().await.unwrap();
        let second = f.apps.snapshots().current().await.unwrap();
        assert!(Arc::ptr_eq(&first, &second));
    });
}

#[test]
fn a_change_is_seen_by_the_next_reader_and_not_by_those_that_hold_the_old_one() {
    on_both_engines(|f| async move {
        f.add("netbox", "https://netbox.example.com").await;
        let before = f.apps.snapshot().await.unwrap();
        for round in 1..=20 {
            let name = format!("NetBox {round}");
            f.apps
                .edit(&by(), "netbox", vec![Edit::Name(name.clone())], later(round))
                .await
                .unwrap();
            assert_eq!(f.apps.snapshot().await.unwrap().find("netbox").unwrap().name, name);
        }
        assert_eq!(before.find("netbox").unwrap().name, "NetBox");
    });
}

#[test]
fn another_service_over_the_same_store_sees_the_change_too() {
    on_both_engines(|f| async move {
        let other = service(&f.store, 7);
        assert!(other.snapshot().await.unwrap().is_empty());
        f.add("netbox", "https://netbox.example.com").await;
        assert_eq!(other.snapshot().await.unwrap().len(), 1);
    });
}

#[test]
fn many_readers_beside_a_writer_always_see_what_was_committed_before_they_asked() {
    on_both_engines(|f| async move {
        f.add("netbox", "https://netbox.example.com").await;
        let readers: Vec<_> = (0..8)
            .map(|_| {
                let apps = f.apps.clone();
                tokio::spawn(async move {
                    let mut last = START;
                    for _ in 0..200 {
                        let changed = apps.snapshot().await.unwrap().find("netbox").unwrap().changed;
                        assert!(changed >= last, "a reader never goes back in time");
                        last = changed;
                        tokio::task::yield_now().await;
                    }
                })
            })
            .collect();
        for round in 1..=30 {
            let edit = vec![Edit::Name(format!("N{round}"))];
            f.apps.edit(&by(), "netbox", edit, later(round)).await.unwrap();
            let seen = f.apps.snapshot().await.unwrap().find("netbox").unwrap().changed;
            assert_eq!(seen, later(round), "who wrote sees it");
        }
        for reader in readers {
            reader.await.unwrap();
        }
    });
}

#[test]
fn edits_at_the_same_time_are_all_kept() {
    on_both_engines(|f| async move {
        f.add("netbox", "https://netbox.example.com").await;
        let writers: Vec<_> = (0..16)
            .map(|number| {
                let apps = f.apps.clone();
                let uri = format!("https://netbox.example.com/{number}");
                tokio::spawn(async move {
                    apps.edit(&by(), "netbox", vec![Edit::AddRedirectUri(uri)], START)
                        .await
                        .unwrap();
                })
            })
            .collect();
        for writer in writers {
            writer.await.unwrap();
        }
        let snapshot = f.apps.snapshot().await.unwrap();
        assert_eq!(snapshot.find("netbox").unwrap().redirect_uris.len(), 17);
    });
}

#[test]
fn the_list_is_sorted_and_claim_names_are_those_of_all_rules() {
    let snapshot = Snapshot::new(["netbox", "audiobookrequest", "grafana"].map(built));
    let names: Vec<&str> = snapshot.list().iter().map(|app| app.client_id.as_str()).collect();
    assert_eq!(names, ["audiobookrequest", "grafana", "netbox"]);
    assert_eq!(snapshot.claim_names(), ["abr_role"]);
}
