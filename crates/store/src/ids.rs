//! An id is one thing's: files and imports bring ids of their own, and rows that name a holder must not find another one.

use uuid::Uuid;

use crate::{StoreError, Tx};

/// Why nobody new can have this id, as the rest of a sentence that begins with it; `None` when it is free. It may be that of a user,
/// a group, an application, or something that had a role; the nil id stands for none.
pub fn not_free(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<String>, StoreError> {
    if id.is_nil() {
        return Ok(Some(
            "is the nil id, which stands for none and can be nobody's".to_owned(),
        ));
    }
    tx.one(
        "SELECT 'is the id of a user here' FROM users WHERE id = $1 \
         UNION ALL SELECT 'is the id of a group here' FROM user_groups WHERE id = $1 \
         UNION ALL SELECT 'is the id of an application here' FROM apps WHERE id = $1 \
         UNION ALL SELECT 'is the id of somebody with a role here' FROM role_grants WHERE holder = $1 LIMIT 1",
        &[id.into()],
        |row| row.get::<String>(0),
    )
}
