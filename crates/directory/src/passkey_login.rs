//! Using a passkey: alone, or beside a password.

use std::sync::Arc;

use doorward_oidc::{Refusal, RefusalKind};
use doorward_passkeys::{Assertion, AssertionResponse, PasskeyError, Registered};
use doorward_store::{StoreError, Ticket, Tx};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    Directory, Origin, Passkey, PasskeyCeremony, PasskeyRefusal, PasskeyUsed, Proof, browser,
    closed::Closed,
    credential,
    error::{PASSKEY_COPIED, PASSKEY_REFUSED},
    event, facts, passkeys, users,
};

impl Directory {
    /// Checks a browser's answer to a login by passkey alone: the passkey says who it is. The challenge is used up, the
    /// counter and the last use are written. The caller writes session and event of the login.
    pub async fn verify_passkey(
        &self,
        answer: &AssertionResponse,
        ceremony: PasskeyCeremony<'_>,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<PasskeyUsed, PasskeyRefusal> {
        let checked = self.check_passkey(answer, ceremony, None, origin, now).await?;
        let (cookie, fresh_browser) = (origin.browser.clone(), Ticket::new(now, self.random()));
        let user = checked.passkey.user_id;
        self.store()
            .write(now, move |tx| {
                if !credential::lock_enabled(tx, user)? {
                    // The signature is good, so whoever holds the passkey reads why. One that is disabled tells nobody.
                    if let Some(person) = users::by_id(tx, user)?
                        && let Some(closed @ (Closed::Deleted(_) | Closed::Expired(_))) = person.closed(tx.now())
                    {
                        return Err(PasskeyRefusal::Refused {
                            refusal: closed.refusal(&person),
                            user_id: Some(user),
                        });
                    }
                    return Err(refused(&PASSKEY_REFUSED, "its person is disabled, or gone", Some(user)));
                }
                if !checked.accept(tx)? {
                    let why = "its challenge was used before or has ended, it was removed, or its counter has moved on";
                    return Err(refused(&PASSKEY_REFUSED, why, Some(user)));
                }
                let Some(facts) = facts::load(tx, user)? else {
                    return Err(refused(&PASSKEY_REFUSED, "its person is gone", Some(user)));
                };
                credential::note_login(tx, user)?;
                let browser = browser::remember(tx, cookie.as_deref(), &fresh_browser, user)?;
                Ok(PasskeyUsed {
                    user_verified: checked.used.user_verified,
                    facts: Arc::new(facts),
                    browser,
                    proof: Proof::with_passkey(user, checked.passkey.id),
                    passkey: checked.passkey,
                })
            })
            .await
    }

    /// Checks all of an answer that needs no unit of work. With `of`, only a passkey of that person is accepted (a second
    /// factor). One whose counter went back is marked as copied, with an event, and never accepted again.
    pub async fn check_passkey(
        &self,
        answer: &AssertionResponse,
        ceremony: PasskeyCeremony<'_>,
        of: Option<Uuid>,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<CheckedPasskey, PasskeyRefusal> {
        let id = answer.credential_id().to_vec();
        let found = self.read(move |tx| passkeys::by_credential(tx, &id)).await?;
        let Some(stored) = found else {
            return Err(refused(&PASSKEY_REFUSED, "no such passkey is registered here", None));
        };
        is_of(&stored.passkey, answer, of)?;
        let judged = answer.verify(
            &ceremony.asked,
            &Registered {
                credential_id: answer.credential_id(),
                public_key: &stored.public_key,
                sign_count: stored.sign_count,
                backup_eligible: stored.passkey.synced,
            },
        );
        match judged {
            Ok(used) => Ok(CheckedPasskey {
                passkey: stored.passkey,
                used,
                challenge: ceremony.asked.challenge.to_vec(),
                ends: ceremony.ends,
            }),
            Err(PasskeyError::CounterWentBack { stored: last, received }) => {
                self.went_back(&stored.passkey, (last, received), ceremony, origin, now)
                    .await
            }
            Err(error) => {
                let detail = format!("{}: {error}", error.code());
                Err(refused(&PASSKEY_REFUSED, detail, Some(stored.passkey.user_id)))
            }
        }
    }

    /// The counter went back. When the challenge was taken before, the same answer came twice (a page loaded again);
    /// otherwise somebody has a copy, for the signature is good, and the passkey is marked.
    async fn went_back(
        &self,
        passkey: &Passkey,
        (last, received): (u32, u32),
        ceremony: PasskeyCeremony<'_>,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<CheckedPasskey, PasskeyRefusal> {
        let (challenge, ends) = (ceremony.asked.challenge.to_vec(), ceremony.ends);
        let (passkey, address) = (passkey.clone(), origin.address.to_string());
        let user = passkey.user_id;
        let is_copied = self
            .write(now, move |tx| {
                if !passkeys::claim(tx, &challenge, ends)? {
                    return Ok(false);
                }
                let sql = "UPDATE passkeys SET copied_at = $2 WHERE id = $1 AND copied_at IS NULL";
                if tx.execute(sql, &[passkey.id.into(), tx.now().into()])? == 1
                    && let Some(person) = users::by_id(tx, user)?
                {
                    event::passkey_copied(tx, &person, &passkey, (last, received), address)?;
                }
                Ok(true)
            })
            .await?;
        if !is_copied {
            let why = "the challenge was used before, or has ended";
            return Err(refused(&PASSKEY_REFUSED, why, Some(user)));
        }
        let error = PasskeyError::CounterWentBack { stored: last, received };
        let detail = format!("{}: {error}", error.code());
        Err(refused(&PASSKEY_COPIED, detail, Some(user)))
    }
}

/// An answer whose signature is right. It counts once a unit of work has accepted it.
#[derive(Debug, Clone)]
pub struct CheckedPasskey {
    passkey: Passkey,
    used: Assertion,
    challenge: Vec<u8>,
    ends: Timestamp,
}

impl CheckedPasskey {
    /// Which it is.
    pub fn passkey(&self) -> &Passkey {
        &self.passkey
    }

    /// Takes the challenge, counts up and notes the use; false when the challenge was used before or has ended, or the
    /// passkey was removed or used by somebody else since it was looked at. That the person is enabled, and stays so, is the
    /// caller's to see to.
    pub fn accept(&self, tx: &mut Tx<'_>) -> Result<bool, StoreError> {
        Ok(passkeys::claim(tx, &self.challenge, self.ends)? && count_up(tx, &self.passkey, self.used)?)
    }
}

/// Whose it is agrees with what the authenticator says, and with who is asked for.
fn is_of(passkey: &Passkey, answer: &AssertionResponse, of: Option<Uuid>) -> Result<(), PasskeyRefusal> {
    let user = passkey.user_id;
    let no = |why: &str| Err(refused(&PASSKEY_REFUSED, why, Some(user)));
    if passkey.copied.is_some() {
        let why = "its counter went back once: there may be a copy of it";
        return Err(refused(&PASSKEY_COPIED, why, Some(user)));
    }
    match (answer.user_handle(), of) {
        // Web Authentication §7.2 step 6: without a name typed, the handle is how the person is known.
        (None, None) => no("the authenticator does not say whose it is"),
        (Some(handle), _) if handle != user.as_bytes() => no("the authenticator says that it is somebody else's"),
        (_, Some(of)) if of != user => no("it is another person's"),
        _ => Ok(()),
    }
}

/// In one conditional update: the counter only ever goes up, and an authenticator that counts never stops counting.
fn count_up(tx: &mut Tx<'_>, passkey: &Passkey, used: Assertion) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE passkeys SET sign_count = $2, backed_up = $3, last_used_at = $4 \
         WHERE id = $1 AND copied_at IS NULL AND (sign_count < $2 OR (sign_count = 0 AND $5 = 1))",
        &[
            passkey.id.into(),
            i64::from(used.sign_count).into(),
            used.backed_up.into(),
            tx.now().into(),
            (used.sign_count == 0).into(),
        ],
    )?;
    Ok(changed == 1)
}

fn refused(kind: &'static RefusalKind, detail: impl Into<String>, user_id: Option<Uuid>) -> PasskeyRefusal {
    let refusal = Refusal::page(kind, detail);
    let remedy = match user_id {
        Some(_) => {
            "`doorward user passkeys <user>` shows what is registered; what is not accepted is removed and made anew."
        }
        None => "It was removed here, or belongs to another server: delete it on the device, and register a new one.",
    };
    PasskeyRefusal::Refused {
        refusal: refusal.with_remedy(remedy),
        user_id,
    }
}
