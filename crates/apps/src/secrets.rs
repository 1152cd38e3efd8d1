//! The rows of client secrets: made, shown, rotated with an overlap.

use doorward_jose::Random;
use doorward_oidc::Refusal;
use doorward_store::{MasterKey, StoreError, Tx, new_id};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::{App, AppsError, ClientAuthentication, ClientSecret, SecretInfo, refusals};

/// Where a sealed secret belongs: it opens in no other row.
fn place(id: Uuid) -> Vec<u8> {
    [b"app_secrets.sealed:", id.as_bytes().as_slice()].concat()
}

/// Makes a secret for a locked application; those it has stay as they are.
pub(crate) fn create(
    tx: &mut Tx<'_>,
    master: &MasterKey,
    random: &dyn Random,
    app: &App,
) -> Result<ClientSecret, StoreError> {
    let secret = ClientSecret::generate(random);
    store(tx, master, random, app, &secret)?;
    Ok(secret)
}

/// Keeps a secret.
pub(crate) fn store(
    tx: &mut Tx<'_>,
    master: &MasterKey,
    random: &dyn Random,
    app: &App,
    secret: &ClientSecret,
) -> Result<(), StoreError> {
    let now = tx.now();
    let id = new_id(now, random);
    let sealed = master.seal(random, &place(id), secret.expose().as_bytes());
    tx.execute(
        "INSERT INTO app_secrets (id, app_id, hash, sealed, created_at, valid_until) VALUES ($1, $2, $3, $4, $5, NULL)",
        &[
            id.into(),
            app.id.into(),
            (&secret.hash(master)).into(),
            (&sealed).into(),
            now.into(),
        ],
    )?;
    Ok(())
}

/// Makes `text` the only secret of a locked application: one that it has already, from elsewhere.
pub(crate) fn set(
    tx: &mut Tx<'_>,
    master: &MasterKey,
    random: &dyn Random,
    app: &App,
    text: &str,
) -> Result<(), AppsError> {
    if app.authentication != ClientAuthentication::ClientSecret {
        return Err(none(app).into());
    }
    let secret = ClientSecret::from_elsewhere(text)?;
    remove_all(tx, app)?;
    store(tx, master, random, app, &secret)?;
    Ok(())
}

/// The current secret of a locked application.
pub(crate) fn show(tx: &mut Tx<'_>, master: &MasterKey, app: &App) -> Result<SecretInfo, AppsError> {
    let row = tx.one(
        "SELECT id, sealed, created_at FROM app_secrets WHERE app_id = $1 AND valid_until IS NULL",
        &[app.id.into()],
        |row| Ok((row.get::<Uuid>(0)?, row.get::<Vec<u8>>(1)?, row.get::<Timestamp>(2)?)),
    )?;
    let Some((id, sealed, created)) = row else {
        return Err(none(app).into());
    };
    let plain = master.open(&place(id), &sealed)?;
    let text = String::from_utf8(plain.expose().clone())
        .map_err(|_| StoreError::Damaged(format!("the secret of {} is not text", app.client_id)))?;
    let now = tx.now();
    let previous_until = app
        .secrets
        .iter()
        .filter_map(|secret| secret.until)
        .find(|until| now < *until);
    Ok(SecretInfo {
        secret: ClientSecret::from_text(text),
        created,
        previous_until,
    })
}

/// Replaces the secret of a locked application. The one before stays valid for `overlap`, older ones go: never are more
/// than two valid.
pub(crate) fn rotate(
    tx: &mut Tx<'_>,
    master: &MasterKey,
    random: &dyn Random,
    app: &App,
    overlap: SignedDuration,
) -> Result<SecretInfo, AppsError> {
    if app.authentication != ClientAuthentication::ClientSecret {
        return Err(none(app).into());
    }
    let now = tx.now();
    let until = now.checked_add(overlap).map_err(|_| overlap_out_of_bounds(overlap))?;
    tx.execute(
        "DELETE FROM app_secrets WHERE app_id = $1 AND valid_until IS NOT NULL",
        &[app.id.into()],
    )?;
    let had = tx.execute(
        "UPDATE app_secrets SET valid_until = $2 WHERE app_id = $1",
        &[app.id.into(), until.into()],
    )?;
    let secret = create(tx, master, random, app)?;
    Ok(SecretInfo {
        secret,
        created: now,
        previous_until: (had > 0 && now < until).then_some(until),
    })
}

/// Ends all secrets of a locked application that authenticates in another way now.
pub(crate) fn remove_all(tx: &mut Tx<'_>, app: &App) -> Result<(), StoreError> {
    tx.execute("DELETE FROM app_secrets WHERE app_id = $1", &[app.id.into()])?;
    Ok(())
}

/// Refuses an overlap that is negative or longer than `longest`.
pub(crate) fn check_overlap(overlap: SignedDuration, longest: SignedDuration) -> Result<(), Refusal> {
    if overlap.is_negative() || overlap > longest {
        return Err(overlap_out_of_bounds(overlap));
    }
    Ok(())
}

fn overlap_out_of_bounds(overlap: SignedDuration) -> Refusal {
    Refusal::response(
        &refusals::OVERLAP_OUT_OF_BOUNDS,
        format!("expected an overlap of 0 to 30 days, received {overlap:#}"),
    )
    .with_remedy("for example --overlap 24h; without --overlap the old secret ends at once")
}

pub(crate) fn none(app: &App) -> Refusal {
    let how = match app.authentication {
        ClientAuthentication::PrivateKeyJwt => "it authenticates with keys of its own (private_key_jwt)",
        ClientAuthentication::TlsClientAuth | ClientAuthentication::SelfSignedTlsClientAuth => {
            "it authenticates with a certificate (mutual TLS)"
        }
        ClientAuthentication::None => "it is a public client",
        ClientAuthentication::ClientSecret => "none was made for it yet",
    };
    let refusal = Refusal::response(&refusals::NO_SECRET, format!("{} has no secret: {how}", app.client_id));
    if app.authentication == ClientAuthentication::ClientSecret {
        refusal.with_remedy(format!("doorward app secret rotate {}", app.client_id))
    } else {
        refusal
    }
}
