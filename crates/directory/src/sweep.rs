//! Deleting what has ended, in batches that delay nobody.

use jiff::{SignedDuration, Timestamp};

use crate::{Directory, directory::Result};

const BATCH: i64 = 500;
/// A link or token that has ended is kept this long, so that whoever comes late reads why.
const KEEP_ENDED: SignedDuration = SignedDuration::from_hours(24 * 7);
/// A browser is forgotten this long after its last login.
const KEEP_BROWSERS: SignedDuration = SignedDuration::from_hours(24 * 180);

impl Directory {
    /// Closes accounts whose time has come, and deletes what has ended: links, API tokens, budgets, browsers long unused. In bounded
    /// batches, each its own unit of work; true when more is left than one call deletes.
    pub async fn sweep(&self, now: Timestamp) -> Result<bool> {
        let ended = now - KEEP_ENDED;
        let unused = now - KEEP_BROWSERS;
        let batches: [(&'static str, Timestamp); 8] = [
            (
                "DELETE FROM login_budgets WHERE id IN (SELECT id FROM login_budgets WHERE spent_until < $1 LIMIT $2)",
                now,
            ),
            (
                "DELETE FROM enrolment_links WHERE id IN (SELECT id FROM enrolment_links WHERE expires_at < $1 LIMIT $2)",
                ended,
            ),
            (
                "DELETE FROM address_confirmations WHERE id IN \
                 (SELECT id FROM address_confirmations WHERE expires_at < $1 LIMIT $2)",
                now,
            ),
            (
                "DELETE FROM registrations WHERE id IN (SELECT id FROM registrations WHERE expires_at < $1 LIMIT $2)",
                now,
            ),
            // Those that nobody answers: mail was switched off.
            (
                "DELETE FROM registration_requests WHERE id IN \
                 (SELECT id FROM registration_requests WHERE created_at < $1 LIMIT $2)",
                ended,
            ),
            (
                "DELETE FROM api_tokens WHERE id IN (SELECT id FROM api_tokens WHERE expires_at < $1 LIMIT $2)",
                ended,
            ),
            (
                "DELETE FROM browser_users WHERE (browser_id, user_id) IN \
                 (SELECT browser_id, user_id FROM browser_users WHERE last_login_at < $1 LIMIT $2)",
                unused,
            ),
            (
                "DELETE FROM browsers WHERE id IN (SELECT b.id FROM browsers b WHERE b.created_at < $1 AND NOT EXISTS \
                 (SELECT 1 FROM browser_users u WHERE u.browser_id = b.id) LIMIT $2)",
                unused,
            ),
        ];
        let mut more = self.close_accounts(now).await?;
        for (sql, before) in batches {
            let deleted = self
                .write(now, move |tx| Ok(tx.execute(sql, &[before.into(), BATCH.into()])?))
                .await?;
            more |= i64::try_from(deleted).unwrap_or(BATCH) >= BATCH;
        }
        Ok(more)
    }
}
