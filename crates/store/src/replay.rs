//! Things that may be seen once: the `jti` of a client assertion (RFC 7523 §3), of a logout token, and the like.

use aws_lc_rs::digest::{Context, SHA256};
use jiff::Timestamp;

use crate::{StoreError, Tx};

/// Claims `key` among those of its `kind` until `expires`. `true` for the first caller, `false` for every later one, also
/// from other nodes. The key may be of any length; only its hash is kept.
pub fn claim(tx: &mut Tx<'_>, kind: &'static str, key: &str, expires: Timestamp) -> Result<bool, StoreError> {
    let mut digest = Context::new(&SHA256);
    digest.update(kind.as_bytes());
    digest.update(&[0]);
    digest.update(key.as_bytes());
    let changed = tx.execute(
        "INSERT INTO replay (digest, expires_at) VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING",
        &[digest.finish().as_ref().into(), expires.into()],
    )?;
    Ok(changed == 1)
}
