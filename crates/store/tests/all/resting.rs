//! Giving memory back.

use doorward_store::testing::{START, engines};
use tokio::task::JoinSet;

use crate::units::{ids, insert, with_things};

#[tokio::test]
async fn memory_is_given_back_between_units_and_in_the_middle_of_them() {
    for store in engines().await {
        with_things(&store).await;
        let mut writing = JoinSet::new();
        for id in 0..200 {
            let store = store.clone();
            writing.spawn(async move {
                store
                    .write(START, move |tx| insert(tx, id, &id.to_string()))
                    .await
                    .unwrap();
                store.rest().await;
                ids(&store).await.contains(&id)
            });
        }
        while let Some(found) = writing.join_next().await {
            assert!(found.unwrap(), "{}", store.engine);
        }
        store.rest().await;
        store.rest().await;
        assert_eq!(ids(&store).await, (0..200).collect::<Vec<_>>(), "{}", store.engine);
    }
}
