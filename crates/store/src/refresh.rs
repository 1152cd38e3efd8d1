//! Refresh token families: each use replaces the token, and a token that was replaced ends its grant (RFC 9700 §4.14.2).
//!
//! The next token is derived from the presented one ([`Ticket::successor`]), so that a client whose answer was lost gets
//! the very same token again within the grace period, and a family never has two.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::{StoreError, Ticket, Tx};

/// What came of presenting a refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotate {
    /// The successor is now the family's token.
    Rotated {
        /// The family's grant; whether it is still live is the caller's next question.
        grant_id: Uuid,
    },
    /// It was replaced a moment ago and its successor was not used yet: give the same successor again.
    GraceRotated {
        /// The family's grant.
        grant_id: Uuid,
    },
    /// It was replaced before: the grant must be revoked, in this very unit.
    Replayed(Uuid),
    /// The family was not used for too long.
    Expired,
    /// There is no such family.
    Unknown,
}

/// A family as its row says it.
pub struct Family {
    /// Its grant.
    pub grant_id: Uuid,
    /// What its tokens are bound to, in the caller's shape; whoever uses one has to show it.
    pub bound_to: Option<String>,
    current: Vec<u8>,
    previous: Option<Vec<u8>>,
    rotated_at: Timestamp,
    expires: Timestamp,
    ends: Timestamp,
}

/// Starts a family for a grant. `expires` is when it ends unless it is used, `ends` when nothing of the grant can be
/// alive any more.
pub fn start(
    tx: &mut Tx<'_>,
    ticket: &Ticket,
    grant_id: Uuid,
    expires: Timestamp,
    ends: Timestamp,
) -> Result<(), StoreError> {
    start_bound(tx, ticket, grant_id, expires, ends, None)
}

/// As [`start`], for a family whose tokens are bound to what `bound_to` says; see [`Family::bound_to`].
pub fn start_bound(
    tx: &mut Tx<'_>,
    ticket: &Ticket,
    grant_id: Uuid,
    expires: Timestamp,
    ends: Timestamp,
    bound_to: Option<&str>,
) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "INSERT INTO refresh_families (id, grant_id, current_digest, rotated_at, expires_at, ends_at, bound_to) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            ticket.id().into(),
            grant_id.into(),
            (&ticket.digest()).into(),
            now.into(),
            expires.into(),
            ends.into(),
            bound_to.into(),
        ],
    )?;
    Ok(())
}

/// Does in one statement what [`rotate`] and [`crate::grants::goes_on`] do when all is as it should be: `presented` is its
/// family's token, `successor` replaces it or is the same, the family is bound to nothing or to `shown`, which the caller has found shown, the grant is this
/// application's, and it may go on. `false` has changed nothing, and they say why.
pub fn rotate_living(
    tx: &mut Tx<'_>,
    presented: &Ticket,
    successor: &Ticket,
    shown: Option<&str>,
    app_id: Uuid,
    expires: Timestamp,
) -> Result<bool, StoreError> {
    let now = tx.now();
    let rotated = tx.execute(
        "UPDATE refresh_families SET previous_digest = current_digest, current_digest = $3, rotated_at = $4, \
         expires_at = $5 WHERE id = $1 AND current_digest = $2 AND (bound_to IS NULL OR bound_to = $7) AND expires_at > $4 \
         AND ends_at > $4 AND EXISTS (SELECT 1 FROM grants WHERE grants.id = refresh_families.grant_id AND grants.app_id = $6 \
         AND grants.revoked_at IS NULL AND grants.expires_at > $4 \
         AND (grants.offline = 1 OR grants.session_id IS NULL OR EXISTS (SELECT 1 FROM sessions \
         WHERE sessions.id = grants.session_id AND sessions.ended_at IS NULL AND sessions.expires_at > $4 \
         AND sessions.last_seen_at + sessions.idle_seconds * 1000 > $4)))",
        &[
            presented.id().into(),
            (&presented.digest()).into(),
            (&successor.digest()).into(),
            now.into(),
            expires.into(),
            app_id.into(),
            shown.into(),
        ],
    )?;
    Ok(rotated == 1)
}

/// What the family of a token is bound to, without judging the token: the caller demands it before the token is spent.
pub fn bound_to(tx: &mut Tx<'_>, ticket: &Ticket) -> Result<Option<String>, StoreError> {
    Ok(family(tx, ticket.id())?.and_then(|family| family.bound_to))
}

/// Replaces `presented` by `successor`, which must be [`Ticket::successor`] of it or the same, and moves the family's end to `expires`
/// (never beyond that of its grant): one conditional update decides. `grace` is how long a replaced token may come again
/// while its successor is unused.
pub fn rotate(
    tx: &mut Tx<'_>,
    presented: &Ticket,
    successor: &Ticket,
    grace: SignedDuration,
    expires: Timestamp,
) -> Result<Rotate, StoreError> {
    let now = tx.now();
    // Compared as a digest of 256 random bits: how long the engine takes tells nothing about the secret.
    let rotated = tx.one(
        "UPDATE refresh_families SET previous_digest = current_digest, current_digest = $3, rotated_at = $4, \
         expires_at = $5 WHERE id = $1 AND current_digest = $2 AND expires_at > $4 AND ends_at > $4 RETURNING grant_id",
        &[
            presented.id().into(),
            (&presented.digest()).into(),
            (&successor.digest()).into(),
            now.into(),
            expires.into(),
        ],
        |row| row.get(0),
    )?;
    if let Some(grant_id) = rotated {
        return Ok(Rotate::Rotated { grant_id });
    }
    let Some(family) = family(tx, presented.id())? else {
        return Ok(Rotate::Unknown);
    };
    if presented.matches(&family.current) {
        return Ok(Rotate::Expired);
    }
    if family.gives_again(presented, successor, grace, now) {
        return Ok(Rotate::GraceRotated {
            grant_id: family.grant_id,
        });
    }
    // Nobody learns the id of a family but with one of its tokens: this is an older one, or was made from one.
    Ok(Rotate::Replayed(family.grant_id))
}

/// The family of a token that is its current one, without using it (introspection).
pub fn current(tx: &mut Tx<'_>, ticket: &Ticket, now: Timestamp) -> Result<Option<Family>, StoreError> {
    Ok(family(tx, ticket.id())?
        .filter(|family| ticket.matches(&family.current) && now < family.expires && now < family.ends))
}

/// The family of a token that [`rotate`] would replace, or give the same successor again, without using it: what can be
/// refused for another reason is refused before the token is spent.
pub fn usable(
    tx: &mut Tx<'_>,
    presented: &Ticket,
    successor: &Ticket,
    grace: SignedDuration,
    now: Timestamp,
) -> Result<Option<Family>, StoreError> {
    Ok(family(tx, presented.id())?.filter(|family| {
        let alive = now < family.expires && now < family.ends;
        alive && (presented.matches(&family.current) || family.gives_again(presented, successor, grace, now))
    }))
}

/// The grant of a token that is its family's current or last one: what revocation asks (RFC 7009 §2.1). The caller
/// revokes that grant.
pub fn grant_of(tx: &mut Tx<'_>, ticket: &Ticket) -> Result<Option<Uuid>, StoreError> {
    Ok(family(tx, ticket.id())?
        .filter(|family| ticket.matches(&family.current) || family.replaced_last(ticket))
        .map(|family| family.grant_id))
}

impl Family {
    /// Whether `ticket` is its token now.
    pub fn is_at(&self, ticket: &Ticket) -> bool {
        ticket.matches(&self.current)
    }

    fn gives_again(&self, presented: &Ticket, successor: &Ticket, grace: SignedDuration, now: Timestamp) -> bool {
        let in_time = now.duration_since(self.rotated_at) <= grace && now < self.expires;
        self.replaced_last(presented) && in_time && successor.matches(&self.current)
    }

    fn replaced_last(&self, ticket: &Ticket) -> bool {
        self.previous
            .as_deref()
            .is_some_and(|previous| ticket.matches(previous))
    }
}

fn family(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<Family>, StoreError> {
    tx.one(
        "SELECT grant_id, bound_to, current_digest, previous_digest, rotated_at, expires_at, ends_at \
         FROM refresh_families WHERE id = $1",
        &[id.into()],
        |row| {
            Ok(Family {
                grant_id: row.get(0)?,
                bound_to: row.get(1)?,
                current: row.get(2)?,
                previous: row.get(3)?,
                rotated_at: row.get(4)?,
                expires: row.get(5)?,
                ends: row.get(6)?,
            })
        },
    )
}
