//! Carrying out what rotation plans: the plan is made of the rows that the unit of work finds, so that of several nodes that
//! turn at once one does and the others have nothing left to do.

use doorward_audit::{Event, events};
use doorward_directory::{Actor, DirectoryError, Right, within};
use doorward_jose::{Algorithm, GeneratedKey, JoseError, Jwk, SigningKey};
use doorward_oidc::Refusal;
use doorward_provider::rotation::{KeyLife, RotationPolicy, RotationStep, by_hand::KEY_EXISTS, plan};
use doorward_store::{
    StoreError, Tx, settings,
    signing_keys::{self, SigningKeyRow, State},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::{Keys, life, row_state};

/// The setting's name.
const SETTING: &str = "key_rotation_days";
/// How many days a key signs unless set otherwise.
pub(crate) const USUAL_DAYS: u32 = 90;
/// A key signs for no fewer days: it is published for two before.
pub(crate) const LEAST_DAYS: u32 = 7;
/// And for no more.
pub(crate) const MOST_DAYS: u32 = 3_650;

/// Why nothing was done to the keys.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// What was asked for cannot be.
    #[error("{}", .0.detail)]
    Refused(Refusal),
    /// The store failed, or is busy.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The machine failed.
    #[error("{0}")]
    Failed(Box<dyn std::error::Error + Send + Sync>),
}

impl From<Refusal> for KeysError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl KeysError {
    pub(super) fn failed(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Failed(error.into())
    }
}

impl From<DirectoryError> for KeysError {
    fn from(error: DirectoryError) -> Self {
        match error {
            DirectoryError::Refused(refusal) => Self::Refused(refusal),
            DirectoryError::Store(error) => Self::Store(error),
            error => Self::failed(error),
        }
    }
}

/// How many days a key signs; none when somebody turns keys by hand alone.
pub(crate) fn rotation_days(tx: &mut Tx<'_>) -> Result<Option<u32>, StoreError> {
    match settings::get(tx, SETTING)?.as_deref() {
        None => Ok(Some(USUAL_DAYS)),
        Some("never") => Ok(None),
        Some(text) => text
            .parse()
            .map(Some)
            .map_err(|_| StoreError::Damaged(format!("the setting {SETTING}: {text:?} is no number of days"))),
    }
}

/// Sets it. The caller has checked the right and the bounds, and records the event.
pub(crate) fn set_rotation_days(tx: &mut Tx<'_>, days: Option<u32>) -> Result<(), StoreError> {
    let text = days.map_or_else(|| "never".to_owned(), |days| days.to_string());
    settings::set(tx, SETTING, &text)
}

fn policy(tx: &mut Tx<'_>) -> Result<RotationPolicy, StoreError> {
    Ok(RotationPolicy {
        signs_for: rotation_days(tx)?.map(|days| i64::from(days) * 24 * 60 * 60),
        ..RotationPolicy::default()
    })
}

/// A key that may come in: its row but for its place in life.
pub(super) struct Material {
    pub(super) algorithm: Algorithm,
    kid: String,
    sealed: Vec<u8>,
    jwk: String,
    /// Made elsewhere.
    pub(super) is_import: bool,
}

impl Keys {
    /// Does what rotation asks for now: the next key is made in time, signs when everybody can have seen it, and leaves when the
    /// last token that it signed has ended.
    pub async fn rotate(&self, now: Timestamp) -> Result<(), KeysError> {
        self.change(Actor::server(), Vec::new(), now, move |lives, policy| {
            Ok(plan(lives, Algorithm::ALL, policy, now.as_second()))
        })
        .await?;
        Ok(())
    }

    /// Carries out a plan in one unit of work. What it makes is made before, as the rows look then; a unit that finds other rows and
    /// lacks a key is tried again.
    pub(super) async fn change(
        &self,
        actor: Actor,
        brought: Vec<Material>,
        now: Timestamp,
        plan: impl Fn(&[KeyLife], &RotationPolicy) -> Result<Vec<RotationStep>, Refusal> + Clone + Send + 'static,
    ) -> Result<Vec<RotationStep>, KeysError> {
        let (rows, policy) = self
            .0
            .store
            .scan::<_, StoreError>(|tx| Ok((signing_keys::all(tx)?, policy(tx)?)))
            .await?;
        let steps = plan(&lives(&rows), &policy)?;
        if steps.is_empty() {
            return Ok(steps);
        }
        let mut materials = brought;
        for step in &steps {
            if let RotationStep::Create { algorithm, .. } = step
                && !materials.iter().any(|material| material.algorithm == *algorithm)
            {
                let algorithm = *algorithm;
                let made = tokio::task::spawn_blocking(move || SigningKey::generate(algorithm))
                    .await
                    .map_err(KeysError::failed)?
                    .map_err(KeysError::failed)?;
                materials.push(self.material(&made, false)?);
            }
        }
        self.0
            .store
            .write::<_, KeysError>(now, move |tx| {
                let actor = within::current(tx, &actor)?;
                actor.require(Right::Full)?;
                signing_keys::lock(tx)?;
                let (rows, policy) = (signing_keys::all(tx)?, self::policy(tx)?);
                let steps = plan(&lives(&rows), &policy)?;
                for step in &steps {
                    perform(tx, &actor, step, &rows, &mut materials)?;
                }
                Ok(steps)
            })
            .await
    }

    /// Seals a key's private half for its row.
    pub(super) fn material(&self, made: &GeneratedKey, is_import: bool) -> Result<Material, KeysError> {
        let kid = made.key.kid().to_owned();
        Ok(Material {
            algorithm: made.key.algorithm(),
            sealed: self
                .0
                .master
                .seal(&*self.0.random, &signing_keys::aad(&kid), made.pkcs8.expose()),
            jwk: serde_json::to_string(made.key.public_jwk()).map_err(KeysError::failed)?,
            kid,
            is_import,
        })
    }
}

fn lives(rows: &[SigningKeyRow]) -> Vec<KeyLife> {
    rows.iter().filter_map(life).collect()
}

/// One step, and the event of it.
fn perform(
    tx: &mut Tx<'_>,
    actor: &Actor,
    step: &RotationStep,
    rows: &[SigningKeyRow],
    materials: &mut Vec<Material>,
) -> Result<(), KeysError> {
    let was = |kid: &str| rows.iter().find(|row| row.kid == kid);
    let (action, kid, data) = match step {
        RotationStep::Create {
            algorithm,
            state,
            activates_at,
        } => {
            let at = materials
                .iter()
                .position(|material| material.algorithm == *algorithm)
                .ok_or_else(|| StoreError::Busy("the keys were changed meanwhile".to_owned()))?;
            let material = materials.swap_remove(at);
            if material.is_import {
                is_new(&material.jwk, rows)?;
            }
            let action = if material.is_import { "key.import" } else { "key.make" };
            let activates_at = second(*activates_at);
            let row = SigningKeyRow {
                kid: material.kid,
                alg: algorithm.name().to_owned(),
                sealed: material.sealed,
                jwk: material.jwk,
                state: row_state(*state),
                created: tx.now(),
                activates_at,
                retires_at: None,
            };
            signing_keys::insert(tx, &row)?;
            (
                action,
                row.kid,
                json!({ "algorithm": row.alg, "signs_from": activates_at }),
            )
        }
        RotationStep::Activate { kid } => {
            signing_keys::activate(tx, kid)?;
            (
                "key.activate",
                kid.clone(),
                json!({ "algorithm": was(kid).map(|row| &row.alg) }),
            )
        }
        RotationStep::Retire { kid, retires_at } => {
            let retires_at = second(*retires_at);
            signing_keys::retire(tx, kid, retires_at)?;
            ("key.retire", kid.clone(), json!({ "published_until": retires_at }))
        }
        RotationStep::Withdraw { kid } => {
            signing_keys::withdraw(tx, kid)?;
            let early = was(kid).is_some_and(|row| row.state != State::Retiring || row.retires_at > Some(tx.now()));
            ("key.withdraw", kid.clone(), json!({ "before_its_time": early }))
        }
    };
    tracing::info!(kid, action, "a signing key moves on");
    let event = Event::new(action, actor.into())
        .about("key", None, &kid)
        .with_data(data);
    events::record(tx, &event)?;
    Ok(())
}

/// Whether no row has this key, under whatever name and for whatever algorithm: one that was taken away does not come back.
fn is_new(jwk: &str, rows: &[SigningKeyRow]) -> Result<(), KeysError> {
    let thumbprint = |jwk: &str| {
        Ok::<_, StoreError>(
            Jwk::parse(jwk.as_bytes())
                .map_err(|error| damaged(&error))?
                .thumbprint(),
        )
    };
    let own = thumbprint(jwk)?;
    for row in rows {
        if thumbprint(&row.jwk)? == own {
            return Err(
                Refusal::response(&KEY_EXISTS, format!("this key is here already, or was, as {}", row.kid))
                    .with_remedy(
                        "Make another key: `openssl genpkey -algorithm ED25519`, or let the server make its own.",
                    )
                    .into(),
            );
        }
    }
    Ok(())
}

fn damaged(error: &JoseError) -> StoreError {
    StoreError::Damaged(format!("the public half of a signing key: {error}"))
}

fn second(second: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH
        .checked_add(SignedDuration::from_secs(second))
        .unwrap_or(Timestamp::MAX)
}
