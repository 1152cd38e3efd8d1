//! What a person did, and what was done to their account.

use doorward_audit::{EventFilter, events};
use doorward_directory::{UserEdit, set_may_delete_own};
use uuid::Uuid;

use crate::house::{at, houses};

#[tokio::test]
async fn what_somebody_did_and_met_is_found_by_their_id_in_pages() {
    for house in houses().await {
        let (alice, bob) = (house.enrolled("alice").await, house.enrolled("bob").await);
        for seconds in 1..8 {
            let edit = UserEdit {
                display_name: Some(format!("Alice {seconds}")),
                ..UserEdit::default()
            };
            house.edit(&alice, edit, seconds).await;
            let edit = UserEdit {
                name: Some(format!("bob{seconds}")),
                ..UserEdit::default()
            };
            house.edit(&bob, edit, seconds).await;
        }
        house.set(|tx| set_may_delete_own(tx, true)).await;
        house.directory.delete_own(alice.id, Uuid::nil(), at(9)).await.unwrap();
        let (mut seen, mut before) = (Vec::new(), None);
        loop {
            let id = alice.id;
            let page = house
                .store
                .read(move |tx| events::list(tx, &EventFilter::of_person(id), before, 3))
                .await
                .unwrap();
            let Some(last) = page.last() else { break };
            before = Some(last.id);
            seen.extend(page);
        }
        assert_eq!(
            seen.len(),
            10,
            "added, password, seven changes, and what she did herself, each once"
        );
        assert!(seen.windows(2).all(|pair| pair[0].id > pair[1].id), "the latest first");
        assert_eq!(seen[0].event.action, "user.delete");
        let filter = EventFilter {
            person: Some(bob.id),
            action: Some("user.edit".to_owned()),
            ..EventFilter::default()
        };
        let found = house
            .store
            .read(move |tx| events::list(tx, &filter, None, 100))
            .await
            .unwrap();
        assert_eq!(found.len(), 7, "under every name that he had");
    }
}
