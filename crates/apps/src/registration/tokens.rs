//! Initial access tokens: what lets an application register itself (RFC 7591 §1.2).

use doorward_audit::{Actor, Event};
use doorward_jose::Secret;
use doorward_oidc::Refusal;
use doorward_store::{Row, StoreError, Ticket, Tx};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use uuid::Uuid;

use crate::{Apps, AppsError, refusals};

/// Makes a leaked value recognisable to people and scanners.
const PREFIX: &str = "dwi_";
/// Characters of a label at most.
const LONGEST_LABEL: usize = 100;
/// The longest lifetime.
const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 365);
/// Registrations by one token at most.
const MOST_USES: u32 = 10_000;
/// Tokens at the same time at most.
const MOST_TOKENS: i64 = 1000;

const COLUMNS: &str = "id, label, created_by, created_at, expires_at, uses_left, used";

/// What is known of a token after its making.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitialAccessToken {
    /// Its id.
    pub id: Uuid,
    /// What it is for.
    pub label: String,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
    /// How many applications may still register by it.
    pub uses_left: Option<u32>,
    /// How many did.
    pub used: u32,
}

/// A token just made: the only time its value is known.
#[derive(Debug)]
pub struct NewInitialAccessToken {
    /// The value to hand out.
    pub value: Secret<String>,
    /// The rest.
    pub token: InitialAccessToken,
}

impl Apps {
    /// Makes a token, if whoever does so `may` still: asked in the unit of work.
    pub async fn add_initial_access_token(
        &self,
        by: &Actor,
        label: &str,
        (lifetime, uses): (SignedDuration, Option<u32>),
        now: Timestamp,
        may: impl FnOnce(&mut Tx<'_>) -> Result<(), AppsError> + Send + 'static,
    ) -> Result<NewInitialAccessToken, AppsError> {
        let label = label.trim().to_owned();
        if label.is_empty() || label.chars().count() > LONGEST_LABEL || label.chars().any(char::is_control) {
            return Err(invalid(format!("expected a label of 1 to {LONGEST_LABEL} characters")).into());
        }
        if lifetime <= SignedDuration::ZERO || lifetime > LONGEST {
            return Err(invalid(format!("expected a lifetime of up to a year, received {lifetime:#}")).into());
        }
        if uses.is_some_and(|uses| uses == 0 || uses > MOST_USES) {
            return Err(invalid(format!("expected 1 to {MOST_USES} uses")).into());
        }
        let expires = now.checked_add(lifetime).map_err(|error| invalid(error.to_string()))?;
        let (ticket, by) = (Ticket::new(now, self.random()), by.clone());
        self.store()
            .write(now, move |tx| {
                may(tx)?;
                let count = tx.one("SELECT count(*) FROM initial_access_tokens", &[], |row| row.get::<i64>(0))?;
                if count.unwrap_or_default() >= MOST_TOKENS {
                    return Err(invalid(format!("there are {MOST_TOKENS} tokens already")).into());
                }
                tx.execute(
                    "INSERT INTO initial_access_tokens (id, digest, label, created_by, created_at, expires_at, uses_left, \
                     used) VALUES ($1, $2, $3, $4, $5, $6, $7, 0)",
                    &[
                        ticket.id().into(),
                        (&ticket.digest()).into(),
                        (&label).into(),
                        (&by.name).into(),
                        now.into(),
                        expires.into(),
                        uses.into(),
                    ],
                )?;
                record(tx, by, "client_registration.token.add", ticket.id(), &label)?;
                Ok(NewInitialAccessToken {
                    token: existing(tx, ticket.id())?,
                    value: Secret::new(format!("{PREFIX}{}", ticket.encode())),
                })
            })
            .await
    }

    /// All tokens, oldest first; those that have ended may be among them for a while.
    pub async fn initial_access_tokens(&self) -> Result<Vec<InitialAccessToken>, AppsError> {
        self.store()
            .scan(|tx| {
                let sql = format!("SELECT {COLUMNS} FROM initial_access_tokens ORDER BY id");
                Ok(tx.all(&sql, &[], from_row)?)
            })
            .await
    }

    /// Revokes a token, if whoever does so `may` still; what registered by it stays.
    pub async fn remove_initial_access_token(
        &self,
        by: &Actor,
        id: Uuid,
        now: Timestamp,
        may: impl FnOnce(&mut Tx<'_>) -> Result<(), AppsError> + Send + 'static,
    ) -> Result<(), AppsError> {
        let by = by.clone();
        self.store()
            .write(now, move |tx| {
                may(tx)?;
                let token = existing(tx, id)?;
                tx.execute("DELETE FROM initial_access_tokens WHERE id = $1", &[id.into()])?;
                Ok(record(tx, by, "client_registration.token.remove", id, &token.label)?)
            })
            .await
    }
}

/// Takes one use of a token: one conditional update decides. Its label, or none when it counts no more.
pub(super) fn take(tx: &mut Tx<'_>, presented: &str) -> Result<Option<String>, StoreError> {
    let Some(ticket) = presented.strip_prefix(PREFIX).and_then(Ticket::parse) else {
        return Ok(None);
    };
    let now = tx.now();
    // Compared as a digest of 256 random bits: how long the engine takes tells nothing about the secret.
    tx.one(
        "UPDATE initial_access_tokens SET used = used + 1, uses_left = uses_left - 1 WHERE id = $1 AND digest = $2 \
         AND expires_at > $3 AND (uses_left IS NULL OR uses_left > 0) RETURNING label",
        &[ticket.id().into(), (&ticket.digest()).into(), now.into()],
        |row| row.get(0),
    )
}

/// Removes those that have ended.
pub(super) fn sweep(tx: &mut Tx<'_>) -> Result<u64, StoreError> {
    let now = tx.now();
    tx.execute(
        "DELETE FROM initial_access_tokens WHERE expires_at <= $1 OR uses_left = 0",
        &[now.into()],
    )
}

fn existing(tx: &mut Tx<'_>, id: Uuid) -> Result<InitialAccessToken, AppsError> {
    let sql = format!("SELECT {COLUMNS} FROM initial_access_tokens WHERE id = $1");
    tx.one(&sql, &[id.into()], from_row)?.ok_or_else(|| {
        Refusal::response(
            &refusals::INITIAL_ACCESS_TOKEN_UNKNOWN,
            format!("no initial access token has the id {id}"),
        )
        .with_remedy("doorward app registration token list")
        .into()
    })
}

fn from_row(row: &Row<'_>) -> Result<InitialAccessToken, StoreError> {
    Ok(InitialAccessToken {
        id: row.get(0)?,
        label: row.get(1)?,
        created_by: row.get(2)?,
        created: row.get(3)?,
        expires: row.get(4)?,
        uses_left: row.get::<Option<i64>>(5)?.map(|left| u32::try_from(left).unwrap_or(0)),
        used: row.get(6)?,
    })
}

fn record(tx: &mut Tx<'_>, by: Actor, action: &'static str, id: Uuid, label: &str) -> Result<(), StoreError> {
    let event = Event::new(action, by).with_data(json!({ "token": id, "label": label }));
    doorward_audit::events::record(tx, &event).map(|_| ())
}

fn invalid(detail: String) -> Refusal {
    Refusal::response(&refusals::CLIENT_REGISTRATION_INVALID, detail)
}
