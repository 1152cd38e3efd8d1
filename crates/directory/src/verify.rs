//! Checking a name and a password.

use std::{sync::Arc, time::Duration};

use doorward_jose::Secret;
use doorward_store::{StoreError, Ticket, Tx};
use jiff::Timestamp;
use tokio::time::{Instant, sleep_until};
use uuid::Uuid;

use crate::{
    Directory, LoginRefusal, Origin, User, Verified, WrongCredentials, browser,
    budget::{Account, Spent},
    credential::{self, StoredHash},
    facts,
    password::{MAX_PASSWORD_BYTES, Phc, Standing, prepared},
    users,
};

/// When a wrong answer is given at the earliest while hashes of other providers are here, which take longer or shorter than ours:
/// some half a second of a core at the most.
const LEVEL: Duration = Duration::from_secs(2);

/// What was found for an attempt, before anything was computed.
struct Candidate {
    user: Option<User>,
    hash: Option<StoredHash>,
    /// What the try is charged to.
    accounts: Vec<Account>,
    /// The account has logged in with this browser before.
    known: bool,
}

impl Candidate {
    /// Why this candidate cannot log in whatever the password.
    fn hopeless(&self) -> Option<WrongCredentials> {
        match &self.user {
            None => Some(WrongCredentials::UnknownUser),
            Some(user) if !user.is_person() => Some(WrongCredentials::ServiceAccount),
            Some(user) if user.disabled => Some(WrongCredentials::Disabled),
            Some(_) if self.hash.is_none() => Some(WrongCredentials::NoPassword),
            Some(_) => None,
        }
    }
}

impl Directory {
    /// Checks a name and a password. Unknown, disabled and password-less users and service accounts cost exactly one run of the
    /// queue, like everybody; while anybody has a hash of another provider, every wrong answer takes two seconds. On success the
    /// browser is known for the account; the caller sets its cookie, and writes session and event.
    pub async fn verify_password(
        &self,
        name: &str,
        password: Secret<String>,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<Verified, LoginRefusal> {
        let level = Instant::now() + LEVEL;
        let verified = self.verified(name, password, origin, now).await;
        if matches!(verified, Err(LoginRefusal::Wrong { .. })) && self.read(credential::has_foreign).await? {
            sleep_until(level).await;
        }
        verified
    }

    async fn verified(
        &self,
        name: &str,
        password: Secret<String>,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<Verified, LoginRefusal> {
        let candidate = self.candidate(name, origin, now).await?;
        let user_id = candidate.user.as_ref().map(|user| user.id);
        let hopeless = candidate.hopeless();
        // A place in the queue comes before the payment: a busy server charges nobody.
        let stored = match (&candidate.hash, hopeless) {
            (Some(hash), None) => Check::of(hash)?,
            _ => Check::stand_in(),
        };
        let outdated = stored.is_outdated();
        let standing = if candidate.known {
            Standing::Known
        } else {
            Standing::Stranger
        };
        let right = self
            .charged_check(standing, &candidate.accounts, &password, stored, now)
            .await?;
        if let Some(reason) = hopeless {
            return Err(LoginRefusal::Wrong { reason, user_id });
        }
        let (Some(user), Some(hash), true) = (candidate.user, candidate.hash, right) else {
            return Err(LoginRefusal::Wrong {
                reason: WrongCredentials::WrongPassword,
                user_id,
            });
        };
        // Only now: a stranger must not learn whose account has ended. One that is disabled tells nobody.
        if let Some(closed) = user.closed(now) {
            return Err(LoginRefusal::Closed {
                refusal: Box::new(closed.refusal(&user)),
                user_id: user.id,
            });
        }
        let better = if outdated {
            self.hash_again(&password).await
        } else {
            None
        };
        self.succeed(user.id, hash, better, candidate.accounts, candidate.known, origin, now)
            .await
    }

    /// Who is meant, what the try costs and whom, and whether it is affordable.
    async fn candidate(&self, name: &str, origin: &Origin, now: Timestamp) -> Result<Candidate, LoginRefusal> {
        let name = name.trim().to_owned();
        let origin = origin.clone();
        let settings = self.settings().clone();
        let read = move |tx: &mut Tx<'_>| {
            let budgets = settings.budgets;
            let strangers = [
                Account::of_login(&name, budgets.account),
                Account::of_address(origin.address, budgets.address),
            ];
            let browser = browser::find(tx, origin.browser.as_deref())?;
            // Without a browser of ours there is nothing more to look up once a budget is spent: under attack a refusal
            // must stay cheap.
            if browser.is_none()
                && let Some(spent) = spent(tx, &strangers, now)?
            {
                return Ok(Err(spent));
            }
            let user = users::by_login(tx, &name, settings.domain.as_deref())?;
            let hash = match &user {
                Some(user) => credential::hash(tx, user.id)?,
                None => None,
            };
            let known = match (browser, &user) {
                (Some(browser), Some(user)) => browser::is_known(tx, browser, user.id)?.then_some((browser, user.id)),
                _ => None,
            };
            let accounts = match known {
                Some((browser, user)) => vec![Account::of_browser(browser, user, budgets.browser)],
                None => strangers.to_vec(),
            };
            if browser.is_some()
                && let Some(spent) = spent(tx, &accounts, now)?
            {
                return Ok(Err(spent));
            }
            Ok(Ok(Candidate {
                user,
                hash,
                accounts,
                known: known.is_some(),
            }))
        };
        Ok(self.read(read).await??)
    }

    /// Takes a place in the queue, pays, and computes one run.
    async fn charged_check(
        &self,
        standing: Standing,
        accounts: &[Account],
        password: &Secret<String>,
        stored: Check,
        now: Timestamp,
    ) -> Result<bool, LoginRefusal> {
        let slot = self.hasher().reserve(standing)?;
        let accounts = accounts.to_vec();
        self.write_login(now, move |tx| {
            for account in &accounts {
                if let Some(spent) = account.pay(tx)? {
                    return Err(spent.into());
                }
            }
            Ok(())
        })
        .await?;
        let password = if stored.is_of_prepared {
            prepared(password)
        } else {
            password.clone()
        };
        // Longer than any password can be: computed like one, matching none.
        let password = if password.expose().len() > MAX_PASSWORD_BYTES {
            Secret::default()
        } else {
            password
        };
        Ok(slot.check(password, stored.phc).await?)
    }

    /// A hash with today's parameters; not worth failing a login when the queue is full.
    async fn hash_again(&self, password: &Secret<String>) -> Option<String> {
        self.hasher().hash(prepared(password), self.salt()).await.ok()
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "everything one successful login writes, in one unit of work"
    )]
    async fn succeed(
        &self,
        user: Uuid,
        checked: StoredHash,
        better: Option<String>,
        accounts: Vec<Account>,
        known: bool,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<Verified, LoginRefusal> {
        let ticket = Ticket::new(now, self.random());
        let cookie = origin.browser.clone();
        let (facts, proof, browser) = self
            .write_login(now, move |tx| {
                // The password may have been replaced, or the account closed, while the old one was being computed.
                let unchanged = credential::hash(tx, user)?.is_some_and(|hash| hash == checked);
                let facts = facts::load(tx, user)?.filter(|facts| facts.user.closed(tx.now()).is_none());
                let proof = credential::proof(tx, user)?;
                let (Some(facts), Some(proof), true) = (facts, proof, unchanged) else {
                    return Err(LoginRefusal::Wrong {
                        reason: WrongCredentials::WrongPassword,
                        user_id: Some(user),
                    });
                };
                for account in &accounts {
                    if known {
                        account.reset(tx)?;
                    } else {
                        account.give_back(tx)?;
                    }
                }
                if let Some(better) = better {
                    credential::replace_hash(tx, user, &better)?;
                }
                credential::note_login(tx, user)?;
                Ok((facts, proof, browser::remember(tx, cookie.as_deref(), &ticket, user)?))
            })
            .await?;
        Ok(Verified {
            facts: Arc::new(facts),
            amr: vec!["pwd".to_owned()],
            browser,
            proof,
        })
    }

    /// A person changes their own password: the current one is checked as at a login, on a budget of its own; other sessions
    /// than `keep_session` end. A refused new password is `Failed(Refused(weak_password))`.
    pub async fn change_password(
        &self,
        user: Uuid,
        current: Secret<String>,
        new: Secret<String>,
        keep_session: Option<Uuid>,
        now: Timestamp,
    ) -> Result<(), LoginRefusal> {
        let account = Account::of_change(user, self.settings().budgets.browser);
        let (person, hash) = self
            .read(move |tx| Ok((users::by_id(tx, user)?, credential::hash(tx, user)?)))
            .await?;
        let wrong = move |reason| LoginRefusal::Wrong {
            reason,
            user_id: Some(user),
        };
        let (Some(person), Some(hash)) = (person, hash) else {
            return Err(wrong(WrongCredentials::NoPassword));
        };
        let new = self.accepted(&new, &person).await?;
        let right = self
            .charged_check(Standing::Known, &[account], &current, Check::of(&hash)?, now)
            .await?;
        if !right {
            return Err(wrong(WrongCredentials::WrongPassword));
        }
        let fresh = self.hash(new).await?;
        let outbox = self.outbox().clone();
        self.write_login(now, move |tx| {
            if credential::hash(tx, user)?.as_ref() != Some(&hash) {
                return Err(wrong(WrongCredentials::WrongPassword));
            }
            account.reset(tx)?;
            credential::change_own(tx, &outbox, user, &fresh, keep_session)?;
            Ok(())
        })
        .await
    }
}

/// One run that is to come, and which form of the password it is about.
struct Check {
    phc: Phc,
    is_of_prepared: bool,
}

impl Check {
    fn of(hash: &StoredHash) -> Result<Self, StoreError> {
        Ok(Self {
            phc: Phc::parse(&hash.phc)?,
            is_of_prepared: hash.prepared,
        })
    }

    fn stand_in() -> Self {
        Self {
            phc: Phc::stand_in(),
            is_of_prepared: true,
        }
    }

    fn is_outdated(&self) -> bool {
        self.phc.is_outdated() || !self.is_of_prepared
    }
}

fn spent(tx: &mut Tx<'_>, accounts: &[Account], now: Timestamp) -> Result<Option<Spent>, StoreError> {
    for account in accounts {
        if let Some(spent) = account.look(tx, now)? {
            return Ok(Some(spent));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use doorward_jose::SystemRandom;
    use doorward_store::testing::{START, engines};

    use super::*;
    use crate::{Budget, Budgets, Hasher, HasherSettings, Settings};

    #[tokio::test]
    async fn a_full_queue_is_busy_and_charges_nobody() {
        for store in engines().await {
            let settings = HasherSettings {
                threads: 1,
                waiting: 0,
                idle: Duration::from_secs(5),
            };
            let hasher = Hasher::start(&settings).unwrap();
            let account = Budget {
                tries: 1,
                interval: Duration::from_mins(1),
            };
            let settings = Settings {
                budgets: Budgets {
                    account,
                    ..Budgets::default()
                },
                ..Settings::default()
            };
            let random = Arc::new(SystemRandom);
            let directory = Directory::with_settings((*store).clone(), hasher.clone(), random, settings);
            let origin = Origin {
                address: IpAddr::from([192, 0, 2, 1]),
                browser: None,
            };
            let attempt = || directory.verify_password("alice", Secret::new("wrong".to_owned()), &origin, START);

            let only_slot = hasher.reserve(Standing::Known).unwrap();
            let busy = attempt().await.unwrap_err();
            assert!(matches!(busy, LoginRefusal::Busy { .. }), "{busy:?}");
            assert_eq!(
                (busy.retry_after(), busy.refusal().unwrap().kind.code),
                (Some(1), "login_busy")
            );
            drop(only_slot);
            let checked = attempt().await.unwrap_err();
            assert!(
                matches!(checked, LoginRefusal::Wrong { .. }),
                "the only try of the budget was still there"
            );
            let throttled = attempt().await.unwrap_err();
            assert!(matches!(throttled, LoginRefusal::Throttled { .. }));
            assert_eq!(hasher.runs(), 1);
        }
    }
}
