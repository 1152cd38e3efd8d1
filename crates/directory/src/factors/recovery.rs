//! Recovery codes: for whoever has lost the telephone. Ten, shown once, each good for one login.

use doorward_store::{StoreError, Tx};
use uuid::Uuid;

use super::Seals;

/// How many there are in a set.
pub const RECOVERY_CODES: usize = 10;

/// Characters of a code, without the dash: 50 random bits, which a keyed hash keeps from whoever has only the database.
const CHARS: usize = 10;

/// No letter or digit that looks like another.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";

fn draw(seals: &Seals) -> String {
    let mut bytes = [0; CHARS];
    seals.random.fill(&mut bytes);
    let letters = bytes.map(|byte| char::from(ALPHABET.get(usize::from(byte % 32)).copied().unwrap_or(b'a')));
    letters.iter().collect()
}

/// How a code is shown: two halves.
fn shown(code: &str) -> String {
    let (first, second) = code.split_at(CHARS / 2);
    format!("{first}-{second}")
}

/// What was typed, in the one form that is hashed; `None` when it cannot be a code.
pub(super) fn parsed(typed: &str) -> Option<String> {
    let code: String = typed
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .map(|c| c.to_ascii_lowercase())
        .take(CHARS + 1)
        .collect();
    let is_code = code.len() == CHARS && code.bytes().all(|byte| ALPHABET.contains(&byte));
    is_code.then_some(code)
}

fn digest(seals: &Seals, user: Uuid, code: &str) -> [u8; 32] {
    let said = [user.as_bytes().as_slice(), code.as_bytes()].concat();
    seals.master.keyed_hash("recovery code", &said)
}

/// A fresh set in place of what there was.
pub(super) fn replace(tx: &mut Tx<'_>, seals: &Seals, user: Uuid) -> Result<Vec<String>, StoreError> {
    remove(tx, user)?;
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| draw(seals)).collect();
    for code in &codes {
        tx.execute(
            "INSERT INTO recovery_codes (user_id, digest) VALUES ($1, $2) ON CONFLICT (user_id, digest) DO NOTHING",
            &[user.into(), (&digest(seals, user, code)).into()],
        )?;
    }
    Ok(codes.iter().map(|code| shown(code)).collect())
}

pub(super) fn remove(tx: &mut Tx<'_>, user: Uuid) -> Result<(), StoreError> {
    tx.execute("DELETE FROM recovery_codes WHERE user_id = $1", &[user.into()])?;
    Ok(())
}

pub(super) fn left(tx: &mut Tx<'_>, user: Uuid) -> Result<u32, StoreError> {
    let sql = "SELECT COUNT(*) FROM recovery_codes WHERE user_id = $1 AND used_at IS NULL";
    let left: Option<i64> = tx.one(sql, &[user.into()], |row| row.get(0))?;
    Ok(left.and_then(|left| u32::try_from(left).ok()).unwrap_or_default())
}

/// Uses a code up, in one conditional update.
pub(super) fn take(tx: &mut Tx<'_>, seals: &Seals, user: Uuid, code: &str) -> Result<bool, StoreError> {
    let sql = "UPDATE recovery_codes SET used_at = $3 WHERE user_id = $1 AND digest = $2 AND used_at IS NULL";
    let digest = digest(seals, user, code);
    Ok(tx.execute(sql, &[user.into(), (&digest).into(), tx.now().into()])? == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        for typed in ["abcde-23456", " ABCDE 23456 ", "abcde23456"] {
            assert_eq!(parsed(typed).as_deref(), Some("abcde23456"), "{typed:?}");
        }
        for other in ["123456", "abcde-2345", "abcde-234567", "abcde-2345l", "", "äbcde-23456"] {
            assert_eq!(parsed(other), None, "{other:?}");
        }
    }
}
