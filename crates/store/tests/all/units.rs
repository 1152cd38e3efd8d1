//! Units of work.

use doorward_store::testing::{START, engines};
use doorward_store::{StoreError, Tx};

fn table(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.execute("CREATE TABLE things (id BIGINT PRIMARY KEY, name TEXT UNIQUE)", &[])?;
    Ok(())
}

#[tokio::test]
async fn what_a_unit_wrote_is_there_when_it_returns() {
    for store in engines().await {
        store.write(START, table).await.unwrap();
        store
            .write(START, |tx| {
                tx.execute(
                    "INSERT INTO things (name, id) VALUES ($2, $1)",
                    &[7.into(), "seven".into()],
                )
            })
            .await
            .unwrap();
        let name = store
            .read(|tx| {
                tx.one("SELECT name FROM things WHERE id = $1", &[7.into()], |row| {
                    row.get::<String>(0)
                })
            })
            .await
            .unwrap();
        assert_eq!(name.as_deref(), Some("seven"), "{}", store.engine);
    }
}
