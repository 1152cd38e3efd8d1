//! A pushed request is found by its ticket, answered once, and then forgotten.

use doorward_store::testing::{START, engines};
use doorward_store::{StoreError, Ticket, pushed_requests};

use super::{after, id, ticket};

#[tokio::test]
async fn a_pushed_request_is_answered_once_and_what_was_asked_is_gone() {
    for store in engines().await {
        let (named, app_id) = (ticket(), id());
        let pushed = named.clone();
        unit!(store, START, move |tx| pushed_requests::insert(
            tx,
            &pushed,
            app_id,
            "what was asked",
            after(90)
        ));
        let find = async |ticket: &Ticket| {
            let ticket = ticket.clone();
            read!(store, move |tx| pushed_requests::find(tx, &ticket))
        };
        let found = find(&named).await.unwrap();
        assert_eq!(
            (found.app_id, found.request.as_str(), found.used),
            (app_id, "what was asked", None)
        );
        assert!(find(&ticket()).await.is_none());
        for first in [true, false] {
            let id = named.id();
            assert_eq!(unit!(store, after(1), move |tx| pushed_requests::take(tx, id)), first);
        }
        let answered = find(&named).await.unwrap();
        assert_eq!(
            (answered.request.as_str(), answered.used),
            ("", Some(after(1))),
            "{}",
            store.engine
        );
    }
}
