//! Browsers in which somebody has logged in. The cookie is a ticket; it proves nothing about who sits there, it only
//! gives the accounts that have logged in with it a budget of wrong tries that strangers cannot spend.

use doorward_jose::Secret;
use doorward_store::{StoreError, Ticket, Tx};
use uuid::Uuid;

use crate::{Directory, DirectoryError, KnownBrowser, factors};

impl Directory {
    /// Whether somebody has logged in with the browser behind this cookie.
    pub async fn knows_browser(&self, cookie: Option<&str>) -> Result<bool, DirectoryError> {
        let Some(cookie) = cookie.map(str::to_owned) else {
            return Ok(false);
        };
        self.read(move |tx| Ok(find(tx, Some(&cookie))?.is_some())).await
    }
}

/// The browser behind a cookie, as far as it is ours.
pub(crate) fn find(tx: &mut Tx<'_>, cookie: Option<&str>) -> Result<Option<Uuid>, StoreError> {
    let Some(ticket) = cookie.and_then(Ticket::parse) else {
        return Ok(None);
    };
    let sql = "SELECT digest FROM browsers WHERE id = $1";
    let digest = tx.one(sql, &[ticket.id().into()], |row| row.get::<Vec<u8>>(0))?;
    Ok(digest.filter(|digest| ticket.matches(digest)).map(|_| ticket.id()))
}

/// Whether this account has logged in with this browser before.
pub(crate) fn is_known(tx: &mut Tx<'_>, browser: Uuid, user: Uuid) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM browser_users WHERE browser_id = $1 AND user_id = $2";
    Ok(tx.one(sql, &[browser.into(), user.into()], |_| Ok(()))?.is_some())
}

/// Remembers that this account has logged in with this browser, whose cookie may be new.
pub(crate) fn remember(
    tx: &mut Tx<'_>,
    cookie: Option<&str>,
    fresh: &Ticket,
    user: Uuid,
) -> Result<KnownBrowser, StoreError> {
    let browser = if let Some(id) = find(tx, cookie)? {
        KnownBrowser { id, set_cookie: None }
    } else {
        tx.execute(
            "INSERT INTO browsers (id, digest, created_at) VALUES ($1, $2, $3)",
            &[fresh.id().into(), (&fresh.digest()).into(), tx.now().into()],
        )?;
        KnownBrowser {
            id: fresh.id(),
            set_cookie: Some(Secret::new(fresh.encode())),
        }
    };
    tx.execute(
        "INSERT INTO browser_users (browser_id, user_id, last_login_at) VALUES ($1, $2, $3) \
         ON CONFLICT (browser_id, user_id) DO UPDATE SET last_login_at = $3",
        &[browser.id.into(), user.into(), tx.now().into()],
    )?;
    Ok(browser)
}

/// Forgets in which browsers an account has logged in: a new password starts afresh.
pub(crate) fn forget_all(tx: &mut Tx<'_>, user: Uuid) -> Result<(), StoreError> {
    tx.execute("DELETE FROM browser_users WHERE user_id = $1", &[user.into()])?;
    factors::forget_browsers(tx, user)
}
