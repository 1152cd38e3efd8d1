//! How many there are.

use crate::{Directory, directory::Result};

/// How many people and groups there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Census {
    /// People, disabled ones included; no service accounts.
    pub people: u64,
    /// Groups.
    pub groups: u64,
}

impl Directory {
    /// Counts. Right to be checked by the caller: read-people.
    pub async fn census(&self) -> Result<Census> {
        self.scan(|tx| {
            // Both counts are of an index: the rows of a million people are not read.
            let mut count = |sql: &str| tx.one(sql, &[], |row| row.get::<i64>(0));
            let accounts = count("SELECT COUNT(*) FROM users")?.unwrap_or(0);
            let services = count("SELECT COUNT(*) FROM users WHERE kind = 'service'")?.unwrap_or(0);
            let groups = count("SELECT COUNT(*) FROM user_groups")?.unwrap_or(0);
            let number = |count: i64| u64::try_from(count).unwrap_or(0);
            Ok(Census {
                people: number(accounts - services),
                groups: number(groups),
            })
        })
        .await
    }
}
