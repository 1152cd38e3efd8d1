//! What a database says of itself.

use doorward_store::testing::engines;
use doorward_store::{Condition, StoreError, condition};

#[tokio::test]
async fn each_engine_says_how_it_does() {
    for store in engines().await {
        let said: Result<Condition, StoreError> = store.scan(condition).await;
        match said.unwrap() {
            Condition::Sqlite { bytes, damage } => {
                assert_eq!(store.engine, "sqlite");
                assert!(bytes > 0 && damage.is_none(), "{bytes} {damage:?}");
            }
            Condition::Postgres {
                version,
                is_standby,
                connections: (used, most),
                now,
                ..
            } => {
                assert_eq!(store.engine, "postgres");
                assert!(version.starts_with(|c: char| c.is_ascii_digit()), "{version}");
                assert!(!is_standby && used > 0 && used <= most, "{used} {most}");
                // Later than when this was written.
                assert!(now > 1_790_000_000_000, "{now}");
            }
        }
    }
}
