//! Clients that register, read, change and remove themselves, and those that go because nobody uses them.

use doorward_audit::{Actor, Event};
use doorward_jose::{Random, Secret};
use doorward_oidc::Refusal;
use doorward_store::{Store, StoreError, Ticket, Tx, consents, grants, new_id};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{ClientMetadata, RegistrationMode, metadata::invalid, policy, tokens};
use crate::{
    App, Apps, AppsError, ClientAuthentication, ClientSecret, changes, new_app, refusals, rows, scope_maps, secrets,
    service::Keys,
};

/// Letters of a client id after its prefix.
const LENGTH: usize = 20;
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// Unused clients that one sweep removes at most.
const BATCH: i64 = 100;
/// An unused client that is older than this gives way to another where no more fit.
const GIVES_WAY: SignedDuration = SignedDuration::from_hours(1);

/// A client as it is told of itself (RFC 7591 §3.2.1).
#[derive(Debug)]
pub struct Registered {
    /// The application.
    pub app: App,
    /// What is registered.
    pub metadata: ClientMetadata,
    /// Its secret, when it has one.
    pub secret: Option<ClientSecret>,
    /// Lets it manage itself (RFC 7592 §3); known when it was just made.
    pub token: Option<Secret<String>>,
}

/// What a sweep did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RegistrationSweep {
    /// Unused clients removed.
    pub clients: u64,
    /// Ended tokens removed.
    pub tokens: u64,
}

/// That somebody lets an application have something. One that registered itself stays from the first time on, whatever becomes
/// of that consent or grant: an administrator may not ask for consents, and people take theirs back.
#[derive(Debug, Clone, Copy)]
pub struct RegistrationUse(Option<Uuid>);

impl RegistrationUse {
    /// Of this application; nothing for one that did not register itself.
    pub fn of(app: &App) -> Self {
        Self(app.grants.registered.then_some(app.id))
    }

    /// Notes it, in the unit of work that stores the consent or the grant.
    ///
    /// # Errors
    /// What the store says.
    pub fn note(self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let (Some(app_id), now) = (self.0, tx.now()) else {
            return Ok(());
        };
        tx.execute(
            "UPDATE client_registrations SET used_at = $2 WHERE app_id = $1 AND used_at IS NULL",
            &[app_id.into(), now.into()],
        )?;
        Ok(())
    }
}

impl Apps {
    /// Registers a client. `presented` is the initial access token, `address` where it comes from.
    ///
    /// # Errors
    /// [`refusals::CLIENT_REGISTRATION_CLOSED`], [`refusals::CLIENT_REGISTRATION_FULL`],
    /// [`refusals::CLIENT_METADATA_INVALID`].
    pub async fn register_client(
        &self,
        presented: Option<Secret<String>>,
        mut metadata: ClientMetadata,
        address: String,
        now: Timestamp,
    ) -> Result<Registered, AppsError> {
        let client_id = client_id(self.random());
        let base = new_app::unknown(new_id(now, self.random()), &client_id, now)?;
        let app = metadata.describe(&base)?;
        let (keys, ticket) = (self.keys(), Ticket::new(now, self.random()));
        self.store()
            .write(now, move |tx| {
                let policy = policy::load(tx)?;
                let by_token = match (policy.mode, &presented) {
                    (RegistrationMode::Off, _) => return Err(closed("nobody may register an application").into()),
                    (_, Some(presented)) => {
                        let label = tokens::take(tx, presented.expose())?;
                        Some(label.ok_or_else(|| closed("the initial access token is unknown, ended or used up"))?)
                    }
                    (RegistrationMode::Token, None) => {
                        return Err(closed("an initial access token is needed, none came").into());
                    }
                    (RegistrationMode::Open, None) => None,
                };
                if by_token.is_none() {
                    make_room(tx, policy.most_unused)?;
                }
                if !rows::insert(tx, &app)? {
                    return Err(StoreError::Busy("a random client id is taken".to_owned()).into());
                }
                for group in &policy.groups {
                    if scope_maps::exists(tx, *group)? {
                        scope_maps::put(tx, keys.random(), &app, *group, &app.scopes)?;
                    }
                }
                let secret = match app.authentication {
                    ClientAuthentication::ClientSecret => Some(keys.create_secret(tx, &app)?),
                    _ => None,
                };
                insert(tx, &app, &ticket, &metadata, by_token.as_deref())?;
                let mut app = app;
                rows::load_parts(tx, &mut app)?;
                let data = json!({
                    "name": app.name,
                    "redirect_uris": app.redirect_uris,
                    "by_token": by_token,
                });
                record(tx, &app, "app.register", address, data)?;
                Ok(Registered {
                    app,
                    metadata,
                    secret,
                    token: Some(Secret::new(ticket.encode())),
                })
            })
            .await
    }

    /// What a client registered, to itself.
    ///
    /// # Errors
    /// [`refusals::REGISTRATION_TOKEN_INVALID`] for whoever lacks its registration access token.
    pub async fn registered_client(&self, client_id: &str, token: Secret<String>) -> Result<Registered, AppsError> {
        let (client_id, keys) = (client_id.to_owned(), self.keys());
        self.store()
            .read(move |tx| {
                let (app, metadata) = own(tx, &client_id, &token)?;
                let secret = shown_secret(tx, &keys, &app)?;
                Ok(Registered {
                    app,
                    metadata,
                    secret,
                    token: Some(token),
                })
            })
            .await
    }

    /// Replaces what a client registered (RFC 7592 §2.2). What is the same already is not written, not recorded, and told nobody.
    ///
    /// # Errors
    /// As [`Apps::registered_client`] and [`Apps::register_client`].
    pub async fn update_client(
        &self,
        client_id: &str,
        token: Secret<String>,
        mut metadata: ClientMetadata,
        (secret, address): (Option<Secret<String>>, String),
        now: Timestamp,
    ) -> Result<Registered, AppsError> {
        let (client_id, keys) = (client_id.to_owned(), self.keys());
        self.store()
            .write(now, move |tx| {
                let (seen, registered) = own(tx, &client_id, &token)?;
                if let Some(presented) = &secret {
                    let is_ours = shown_secret(tx, &keys, &seen)?.is_some_and(|secret| {
                        doorward_jose::constant_time_eq(secret.expose().as_bytes(), presented.expose().as_bytes())
                    });
                    if !is_ours {
                        return Err(invalid("client_secret: expected the client's own, which it cannot choose").into());
                    }
                }
                if changes::between(&seen, &metadata.describe(&seen)?).is_null() && metadata == registered {
                    let secret = shown_secret(tx, &keys, &seen)?;
                    return Ok(Registered {
                        app: seen,
                        metadata,
                        secret,
                        token: Some(token),
                    });
                }
                let before = rows::lock(tx, &client_id)?;
                // What an administrator has set besides stays: only what a client may say is replaced, and consent and PKCE are
                // demanded anew.
                let after = metadata.describe(&before)?;
                rows::update(tx, &after)?;
                // People said yes to where the answers went then.
                if after.redirect_uris != before.redirect_uris {
                    consents::forget_app(tx, after.id)?;
                }
                match (
                    after.authentication == ClientAuthentication::ClientSecret,
                    before.secrets.is_empty(),
                ) {
                    (true, true) => keys.create_secret(tx, &after).map(|_| ())?,
                    (false, false) => secrets::remove_all(tx, &after)?,
                    _ => {}
                }
                let text = written(&metadata)?;
                tx.execute(
                    "UPDATE client_registrations SET metadata = $2 WHERE app_id = $1",
                    &[after.id.into(), (&text).into()],
                )?;
                let mut after = after;
                rows::load_parts(tx, &mut after)?;
                let data = json!({ "name": after.name, "redirect_uris": after.redirect_uris });
                record(tx, &after, "app.register.update", address, data)?;
                let secret = shown_secret(tx, &keys, &after)?;
                Ok(Registered {
                    app: after,
                    metadata,
                    secret,
                    token: Some(token),
                })
            })
            .await
    }

    /// Removes a client at its own wish, with every grant that it holds (RFC 7592 §2.3).
    ///
    /// # Errors
    /// As [`Apps::registered_client`].
    pub async fn deregister_client(
        &self,
        client_id: &str,
        token: Secret<String>,
        address: String,
        now: Timestamp,
    ) -> Result<(), AppsError> {
        let client_id = client_id.to_owned();
        self.store()
            .write(now, move |tx| {
                own(tx, &client_id, &token)?;
                let app = rows::lock(tx, &client_id)?;
                remove(tx, &app)?;
                Ok(record(tx, &app, "app.register.remove", address, Value::Null)?)
            })
            .await
    }

    /// Removes clients that nobody has ever used within the days that the policy gives them, and tokens that have ended.
    pub async fn sweep_registrations(store: &Store, now: Timestamp) -> Result<RegistrationSweep, AppsError> {
        store
            .write(now, move |tx| {
                let policy = policy::load(tx)?;
                let days = SignedDuration::from_hours(24 * i64::from(policy.unused_days));
                let before = now.checked_sub(days).unwrap_or(Timestamp::MIN);
                let gone = tx.all(
                    "SELECT a.client_id FROM client_registrations r JOIN apps a ON a.id = r.app_id WHERE r.created_at < $1 \
                     AND r.used_at IS NULL ORDER BY r.created_at LIMIT $2",
                    &[before.into(), BATCH.into()],
                    |row| row.get(0),
                )?;
                let mut swept = RegistrationSweep {
                    clients: 0,
                    tokens: tokens::sweep(tx)?,
                };
                swept.clients = expire(tx, gone)?;
                Ok(swept)
            })
            .await
    }
}

/// `dcr-` and a hundred random bits.
fn client_id(random: &dyn Random) -> String {
    let mut bytes = [0; LENGTH];
    random.fill(&mut bytes);
    let letters = bytes.iter().filter_map(|byte| ALPHABET.get(usize::from(byte % 32)));
    letters.fold("dcr-".to_owned(), |mut id, letter| {
        id.push(char::from(*letter));
        id
    })
}

fn insert(
    tx: &mut Tx<'_>,
    app: &App,
    ticket: &Ticket,
    metadata: &ClientMetadata,
    by_token: Option<&str>,
) -> Result<(), StoreError> {
    let (text, now) = (written(metadata)?, tx.now());
    tx.execute(
        "INSERT INTO client_registrations (app_id, token_id, digest, metadata, by_token, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
        &[
            app.id.into(),
            ticket.id().into(),
            (&ticket.digest()).into(),
            (&text).into(),
            by_token.into(),
            now.into(),
        ],
    )?;
    Ok(())
}

fn written(metadata: &ClientMetadata) -> Result<String, StoreError> {
    serde_json::to_string(metadata).map_err(|error| StoreError::Damaged(error.to_string()))
}

/// The client whose token this is. One that an administrator has disabled manages itself no more.
fn own(tx: &mut Tx<'_>, client_id: &str, token: &Secret<String>) -> Result<(App, ClientMetadata), AppsError> {
    let refuse = |detail: &str| {
        AppsError::from(Refusal::response(
            &refusals::REGISTRATION_TOKEN_INVALID,
            detail.to_owned(),
        ))
    };
    let Some(ticket) = Ticket::parse(token.expose()) else {
        return Err(refuse("it is no registration access token, or was cut off"));
    };
    let found = tx.one(
        "SELECT a.client_id, r.digest, r.metadata FROM client_registrations r JOIN apps a ON a.id = r.app_id \
         WHERE r.token_id = $1",
        &[ticket.id().into()],
        |row| Ok((row.get::<String>(0)?, row.get::<Vec<u8>>(1)?, row.get::<String>(2)?)),
    )?;
    let Some((owner, _, metadata)) = found.filter(|(_, digest, _)| ticket.matches(digest)) else {
        return Err(refuse("no client has this registration access token"));
    };
    if owner != client_id {
        return Err(refuse("it is the registration access token of another client"));
    }
    let app = rows::find(tx, client_id)?;
    if app.disabled {
        return Err(refuse("the client is disabled"));
    }
    let metadata = serde_json::from_str(&metadata)
        .map_err(|error| StoreError::Damaged(format!("the registration of {client_id}: {error}")))?;
    Ok((app, metadata))
}

fn shown_secret(tx: &mut Tx<'_>, keys: &Keys, app: &App) -> Result<Option<ClientSecret>, AppsError> {
    if app.authentication != ClientAuthentication::ClientSecret {
        return Ok(None);
    }
    Ok(Some(secrets::show(tx, keys.master(), app)?.secret))
}

fn remove(tx: &mut Tx<'_>, app: &App) -> Result<(), StoreError> {
    rows::delete(tx, app)?;
    consents::forget_app(tx, app.id)?;
    grants::revoke_by_app(tx, app.id)?;
    Ok(())
}

/// Removes those of these clients that nobody has used; how many.
fn expire(tx: &mut Tx<'_>, clients: Vec<String>) -> Result<u64, AppsError> {
    let mut expired = 0;
    for client_id in clients {
        let app = rows::lock(tx, &client_id)?;
        // Somebody may have used it since it was found: they have noted it by now, or find that it is gone.
        let is_unused = tx.execute(
            "DELETE FROM client_registrations WHERE app_id = $1 AND used_at IS NULL",
            &[app.id.into()],
        )?;
        if is_unused == 0 {
            continue;
        }
        remove(tx, &app)?;
        let event = Event::new("app.register.expire", Actor::system());
        let event = event.about("app", Some(app.id), &app.client_id);
        doorward_audit::events::record(tx, &event)?;
        expired += 1;
    }
    Ok(expired)
}

/// Makes room for one more that no token lets in: where as many are there as may be, the oldest go that nobody has used for a
/// while, so that whoever fills the room does not keep it.
fn make_room(tx: &mut Tx<'_>, most: u32) -> Result<(), AppsError> {
    // One after the other: two that count at the same time would both find the last place.
    policy::take_turn(tx)?;
    let surplus = unused(tx)?.saturating_add(1).saturating_sub(i64::from(most));
    if surplus <= 0 {
        return Ok(());
    }
    let before = tx.now().checked_sub(GIVES_WAY).unwrap_or(Timestamp::MIN);
    let oldest = tx.all(
        "SELECT a.client_id FROM client_registrations r JOIN apps a ON a.id = r.app_id WHERE r.created_at < $1 \
         AND r.used_at IS NULL AND r.by_token IS NULL ORDER BY r.created_at LIMIT $2",
        &[before.into(), surplus.min(BATCH).into()],
        |row| row.get(0),
    )?;
    let made = i64::try_from(expire(tx, oldest)?).unwrap_or(i64::MAX);
    if made < surplus {
        return Err(full(most).into());
    }
    Ok(())
}

/// Clients that nobody has used and no token let in.
fn unused(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    let count = tx.one(
        "SELECT count(*) FROM client_registrations WHERE by_token IS NULL AND used_at IS NULL",
        &[],
        |row| row.get::<i64>(0),
    )?;
    Ok(count.unwrap_or_default())
}

fn record(tx: &mut Tx<'_>, app: &App, action: &'static str, address: String, data: Value) -> Result<(), StoreError> {
    let event = Event::new(action, Actor::named(app.client_id.as_str(), "registration"));
    let event = event.about("app", Some(app.id), &app.client_id).from_address(address);
    doorward_audit::events::record(tx, &event.with_data(data)).map(|_| ())
}

fn closed(detail: &str) -> Refusal {
    Refusal::response(&refusals::CLIENT_REGISTRATION_CLOSED, detail)
        .with_remedy("doorward app registration token add --label <what for>; doorward app registration show")
}

fn full(most: u32) -> Refusal {
    Refusal::response(
        &refusals::CLIENT_REGISTRATION_FULL,
        format!("{most} applications that nobody has used were registered within the last hour"),
    )
    .with_remedy("doorward app registration set --most-unused N, or hand out an initial access token")
}

#[cfg(test)]
mod tests {
    use doorward_jose::SystemRandom;

    use super::*;

    #[test]
    fn client_ids_are_ones() {
        let id = client_id(&SystemRandom);
        assert!(crate::check_client_id(&id).is_ok());
        assert_eq!(id.len(), 24);
        assert_ne!(id, client_id(&SystemRandom));
    }
}
