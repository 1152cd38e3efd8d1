//! Making, listing, revoking and checking API tokens.

use doorward_jose::Secret;
use doorward_oidc::Refusal;
use doorward_store::{Row, StoreError, Ticket, Tx};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::{
    Actor, ApiToken, Directory, DirectoryError, NewApiToken, Right, User, Via,
    directory::Result,
    error::{INVALID_API_TOKEN, INVALID_LIFETIME, INVALID_USER, NO_SUCH_API_TOKEN, NOT_A_SERVICE_ACCOUNT},
    event, guard, users,
};

/// Makes a leaked value recognisable to people and scanners.
const PREFIX: &str = "dwt_";
const MAX_LABEL_CHARS: usize = 100;
/// How exactly the last use is known.
const TOUCH_EVERY: SignedDuration = SignedDuration::from_hours(1);

const COLUMNS: &str = "id, user_id, label, created_at, expires_at, last_used_at";

impl Directory {
    /// Makes an API token of a service account. Right: change-people, or full when the account has a role.
    pub async fn create_api_token(
        &self,
        actor: &Actor,
        user: Uuid,
        label: &str,
        expires: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<NewApiToken> {
        let label = checked_label(label)?;
        if let Some(expires) = expires.filter(|expires| *expires <= now) {
            return Err(Refusal::response(&INVALID_LIFETIME, format!("a token that ended at {expires}")).into());
        }
        let ticket = Ticket::new(now, self.random());
        self.administer(actor, now, move |tx, actor| {
            let account = users::existing(tx, user)?;
            guard::may_change(tx, actor, &account)?;
            need_service_account(&account, tx.now())?;
            tx.execute(
                "INSERT INTO api_tokens (id, digest, user_id, label, by_full, created_at, expires_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
                &[
                    ticket.id().into(),
                    (&ticket.digest()).into(),
                    user.into(),
                    (&label).into(),
                    actor.has(Right::Full).into(),
                    tx.now().into(),
                    expires.into(),
                ],
            )?;
            let token = existing(tx, ticket.id())?;
            event::token(tx, actor, "token.create", &account, &token)?;
            Ok(NewApiToken {
                value: Secret::new(format!("{PREFIX}{}", ticket.encode())),
                token,
            })
        })
        .await
    }

    /// The API tokens of a service account, oldest first; those that have ended may be among them for a while.
    pub async fn api_tokens(&self, user: Uuid) -> Result<Vec<ApiToken>> {
        self.scan(move |tx| {
            users::existing(tx, user)?;
            let sql = format!("SELECT {COLUMNS} FROM api_tokens WHERE user_id = $1 ORDER BY id");
            Ok(tx.all(&sql, &[user.into()], from_row)?)
        })
        .await
    }

    /// Revokes an API token. Rights as for making one.
    pub async fn revoke_api_token(&self, actor: &Actor, token: Uuid, now: Timestamp) -> Result<()> {
        self.administer(actor, now, move |tx, actor| {
            // Without the right, whether the token exists is not said either.
            actor.require(Right::ChangePeople)?;
            let token = existing(tx, token)?;
            let account = users::existing(tx, token.user_id)?;
            guard::may_change(tx, actor, &account)?;
            tx.execute("DELETE FROM api_tokens WHERE id = $1", &[token.id.into()])?;
            event::token(tx, actor, "token.revoke", &account, &token)
        })
        .await
    }

    /// The actor behind an API token, refused as `invalid_api_token`.
    pub async fn verify_api_token(&self, value: &str, now: Timestamp) -> Result<Actor> {
        let Some(ticket) = value.strip_prefix(PREFIX).and_then(Ticket::parse) else {
            return Err(invalid(&format!(
                "it is not a value that begins with {PREFIX}, or was not copied whole"
            )));
        };
        let id = ticket.id();
        let found = self
            .read(move |tx| {
                let sql = format!("SELECT {COLUMNS}, digest, by_full FROM api_tokens WHERE id = $1");
                tx.one(&sql, &[id.into()], |row| {
                    Ok((from_row(row)?, row.get::<Vec<u8>>(6)?, row.get::<bool>(7)?))
                })
            })
            .await?;
        let Some((token, _, by_full)) = found.filter(|(_, digest, _)| ticket.matches(digest)) else {
            return Err(invalid("it is unknown or was revoked"));
        };
        if let Some(expires) = token.expires.filter(|expires| *expires <= now) {
            return Err(invalid(&format!("it ended at {expires}")));
        }
        let Some(actor) = self.actor(token.user_id, Via::ApiToken(id), now).await? else {
            return Err(invalid("its service account is disabled, or has ended"));
        };
        if !by_full && !actor.roles.is_empty() {
            return Err(invalid(
                "its account has a role by now, and the token was not made by a full administrator",
            ));
        }
        if token
            .last_used
            .is_none_or(|used| now.duration_since(used) >= TOUCH_EVERY)
        {
            self.write(now, move |tx| {
                tx.execute(
                    "UPDATE api_tokens SET last_used_at = $2 WHERE id = $1",
                    &[id.into(), tx.now().into()],
                )?;
                Ok(())
            })
            .await?;
        }
        Ok(actor)
    }
}

fn existing(tx: &mut Tx<'_>, id: Uuid) -> Result<ApiToken> {
    let sql = format!("SELECT {COLUMNS} FROM api_tokens WHERE id = $1");
    tx.one(&sql, &[id.into()], from_row)?.ok_or_else(|| {
        Refusal::response(&NO_SUCH_API_TOKEN, format!("no API token has the id {id}"))
            .with_remedy("`doorward service token list <account>` shows them.")
            .into()
    })
}

fn from_row(row: &Row<'_>) -> Result<ApiToken, StoreError> {
    Ok(ApiToken {
        id: row.get(0)?,
        user_id: row.get(1)?,
        label: row.get(2)?,
        created: row.get(3)?,
        expires: row.get(4)?,
        last_used: row.get(5)?,
    })
}

pub(crate) fn need_service_account(user: &User, now: Timestamp) -> Result<()> {
    let refusal = if user.is_person() {
        Refusal::response(&NOT_A_SERVICE_ACCOUNT, format!("{} is a person", user.name))
            .with_remedy("Add a service account for the program: `doorward service add <name>`.")
    } else if let Some(closed) = user.closed(now) {
        closed.refusal(user)
    } else {
        return Ok(());
    };
    Err(refusal.into())
}

pub(crate) fn checked_label(label: &str) -> Result<String> {
    let label = label.trim();
    let good = !label.is_empty() && label.chars().count() <= MAX_LABEL_CHARS && !label.chars().any(char::is_control);
    if good {
        return Ok(label.to_owned());
    }
    Err(
        Refusal::response(&INVALID_USER, "the label of an API token has 1 to 100 characters")
            .with_remedy("Say what the token is for.")
            .into(),
    )
}

fn invalid(why: &str) -> DirectoryError {
    Refusal::response(&INVALID_API_TOKEN, format!("the API token cannot be used: {why}"))
        .with_remedy("A new one: `doorward service token add <account>`.")
        .into()
}
