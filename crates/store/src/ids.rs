//! An id is one thing's: files and imports bring ids of their own, and rows that name a holder must not find another one.

use uuid::Uuid;

use crate::{StoreError, Tx};

/// What has this id: a user, a group, an application, or a role that was granted to something that had it. Nobody can have the
/// nil id, which stands for none.
pub fn holder(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<String>, StoreError> {
    if id.is_nil() {
        return Ok(Some("nobody".to_owned()));
    }
    tx.one(
        "SELECT 'a user' FROM users WHERE id = $1 UNION ALL SELECT 'a group' FROM user_groups WHERE id = $1 \
         UNION ALL SELECT 'an application' FROM apps WHERE id = $1 \
         UNION ALL SELECT 'somebody with a role' FROM role_grants WHERE holder = $1 LIMIT 1",
        &[id.into()],
        |row| row.get::<String>(0),
    )
}
