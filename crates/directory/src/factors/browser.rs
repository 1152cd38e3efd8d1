//! Browsers in which somebody has proved a second factor: remembered where policy allows it, and with a budget of wrong codes
//! that others cannot spend.

use doorward_store::{StoreError, Ticket, Tx};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::{KnownBrowser, Level, browser};

/// Notes that somebody proved a second factor in the browser behind this cookie, which may be new, and whether they asked not
/// to be asked there again.
pub fn note_browser(
    tx: &mut Tx<'_>,
    cookie: Option<&str>,
    fresh: &Ticket,
    user: Uuid,
    level: Level,
    is_to_be_remembered: bool,
) -> Result<KnownBrowser, StoreError> {
    let browser = browser::remember(tx, cookie, fresh, user)?;
    let now = tx.now();
    let remembered = is_to_be_remembered.then_some(now);
    tx.execute(
        "INSERT INTO browser_factors (browser_id, user_id, proved_at, remembered_at, level) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (browser_id, user_id) DO UPDATE SET proved_at = $3, remembered_at = $4, level = $5",
        &[
            browser.id.into(),
            user.into(),
            now.into(),
            remembered.into(),
            level.as_str().into(),
        ],
    )?;
    Ok(browser)
}

/// Whether this person need not prove a second factor in this browser: they did it in the last `days` days, as strongly as
/// is demanded, and asked to be remembered.
pub fn is_remembered(
    tx: &mut Tx<'_>,
    cookie: Option<&str>,
    user: Uuid,
    days: u32,
    demanded: Level,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let Some(browser) = browser::find(tx, cookie)? else {
        return Ok(false);
    };
    let since = now
        .checked_sub(SignedDuration::from_hours(24 * i64::from(days)))
        .unwrap_or(Timestamp::MIN);
    let sql = "SELECT level FROM browser_factors WHERE browser_id = $1 AND user_id = $2 AND remembered_at > $3";
    let level: Option<String> = tx.one(sql, &[browser.into(), user.into(), since.into()], |row| row.get(0))?;
    let level = level.as_deref().and_then(Level::from_word);
    Ok(days > 0 && level.is_some_and(|level| level >= demanded))
}

/// The browser behind this cookie, if somebody has proved a second factor of this person in it.
pub(super) fn proven(tx: &mut Tx<'_>, cookie: Option<&str>, user: Uuid) -> Result<Option<Uuid>, StoreError> {
    let Some(browser) = browser::find(tx, cookie)? else {
        return Ok(None);
    };
    let sql = "SELECT 1 FROM browser_factors WHERE browser_id = $1 AND user_id = $2";
    Ok(tx
        .one(sql, &[browser.into(), user.into()], |_| Ok(()))?
        .map(|()| browser))
}

/// In how many browsers this person asked to be remembered, whether or not policy still lets that count.
pub(super) fn remembered(tx: &mut Tx<'_>, user: Uuid) -> Result<u32, StoreError> {
    let sql = "SELECT COUNT(*) FROM browser_factors WHERE user_id = $1 AND remembered_at IS NOT NULL";
    let count: Option<i64> = tx.one(sql, &[user.into()], |row| row.get(0))?;
    Ok(count.and_then(|count| u32::try_from(count).ok()).unwrap_or_default())
}

/// Remembers them no more, so that each asks for the second factor again. That one was proved there stays known: it keeps the
/// budget of wrong codes of that browser apart from everybody's. How many there were.
pub(super) fn ask_again(tx: &mut Tx<'_>, user: Uuid) -> Result<u64, StoreError> {
    tx.execute(
        "UPDATE browser_factors SET remembered_at = NULL WHERE user_id = $1 AND remembered_at IS NOT NULL",
        &[user.into()],
    )
}

/// Forgets them all.
pub(crate) fn forget_all(tx: &mut Tx<'_>, user: Uuid) -> Result<(), StoreError> {
    tx.execute("DELETE FROM browser_factors WHERE user_id = $1", &[user.into()])?;
    Ok(())
}
