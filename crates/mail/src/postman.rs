//! Sends what is in the queue: as soon as it is there, and again while it fails.

use std::sync::Arc;
use std::time::Duration;

use doorward_audit::{Actor, Event, events};
use doorward_jose::Random;
use doorward_oidc::Refusal;
use doorward_store::{Store, StoreError, Topic, new_id};
use jiff::Timestamp;
use serde_json::json;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::{
    Addressee, Letter, Message, NotSent, Outbox, Smtp,
    error::{INVALID_MAIL_ADDRESS, MAIL_NOT_SENT},
    outbox::{self, Claimed},
};

/// How often the queue is looked at without being told: for letters whose wait is over.
const LOOK: Duration = Duration::from_secs(10);

/// Sends letters for one node. Cheap to clone.
#[derive(Clone)]
pub struct Postman {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    outbox: Outbox,
    smtp: Smtp,
    clock: Box<dyn Fn() -> Timestamp + Send + Sync>,
    /// Names this node in the claims of letters.
    me: Uuid,
    written: Arc<Notify>,
}

impl Postman {
    /// A postman for the letters in `store`, which `outbox` can open.
    pub fn new(
        store: Store,
        outbox: Outbox,
        smtp: Smtp,
        random: &dyn Random,
        clock: impl Fn() -> Timestamp + Send + Sync + 'static,
    ) -> Self {
        let written = Arc::new(Notify::new());
        let wake = Arc::clone(&written);
        store.on_change(Arc::new(move |change| {
            if change.topic == Topic::Mail {
                wake.notify_one();
            }
        }));
        Self {
            inner: Arc::new(Inner {
                me: new_id(clock(), random),
                store,
                outbox,
                smtp,
                clock: Box::new(clock),
                written,
            }),
        }
    }

    /// The mail server, for messages.
    pub fn server(&self) -> &str {
        self.inner.smtp.server()
    }

    /// Works until `stop`. A letter that is being sent then is finished first.
    pub async fn run(&self, stop: impl Future<Output = ()>) {
        tokio::pin!(stop);
        loop {
            // Between letters one may stop, within one not: it would be sent twice.
            if let Err(error) = self.round(&mut stop).await {
                tracing::warn!(%error, "the letters could not be looked through; they are in {} s", LOOK.as_secs());
            }
            tokio::select! {
                () = &mut stop => return,
                () = self.inner.written.notified() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    /// Sends everything that is due, until the server is out of reach.
    async fn round(&self, stop: &mut (impl Future<Output = ()> + Unpin)) -> Result<(), StoreError> {
        let now = (self.inner.clock)();
        self.inner.store.write(now, outbox::sweep).await?;
        loop {
            let sending = async {
                let Some(letter) = self.claim().await? else {
                    return Ok(false);
                };
                self.deliver(letter).await
            };
            tokio::pin!(sending);
            let stopped = tokio::select! {
                more = &mut sending => {
                    if !more? {
                        return Ok(());
                    }
                    false
                }
                () = &mut *stop => true,
            };
            if stopped {
                sending.await?;
                return Ok(());
            }
        }
    }

    async fn claim(&self) -> Result<Option<Claimed>, StoreError> {
        let (outbox, me) = (self.inner.outbox.clone(), self.inner.me);
        self.inner
            .store
            .write((self.inner.clock)(), move |tx| outbox.claim(tx, me))
            .await
    }

    /// Whether others are worth trying now.
    async fn deliver(&self, letter: Claimed) -> Result<bool, StoreError> {
        let now = (self.inner.clock)();
        let outcome = if letter.give_up <= now {
            Err(NotSent::Refused("it came too late to be of use".to_owned()))
        } else {
            let Claimed {
                id, recipient, content, ..
            } = &letter;
            self.inner.smtp.send(*id, recipient, content, now).await
        };
        let goes_on = !matches!(outcome, Err(NotSent::Unreachable(_)));
        let (id, kind) = (letter.id, letter.kind.clone());
        let failure = outcome.as_ref().err().map(ToString::to_string);
        let given_up = self
            .inner
            .store
            .write((self.inner.clock)(), move |tx| {
                let problem = match outcome {
                    Ok(()) => {
                        letter.sent(tx)?;
                        return Ok(false);
                    }
                    Err(NotSent::Refused(problem)) => {
                        letter.give_up(tx, &problem)?;
                        problem
                    }
                    Err(NotSent::NotNow(problem) | NotSent::Unreachable(problem)) => {
                        if letter.postpone(tx, &problem)? {
                            return Ok(false);
                        }
                        problem
                    }
                };
                let event = Event::new("mail.give_up", Actor::system())
                    .about("letter", Some(letter.id), letter.recipient.as_str())
                    .with_data(json!({ "kind": letter.kind, "problem": problem }));
                events::record(tx, &event)?;
                Ok::<_, StoreError>(true)
            })
            .await?;
        match failure {
            None => tracing::info!(%id, kind, "a letter was sent"),
            Some(problem) if given_up => tracing::warn!(%id, kind, problem, "a letter was given up"),
            Some(problem) => tracing::warn!(%id, kind, problem, "a letter was not sent; it is tried again"),
        }
        Ok(goes_on)
    }

    /// Sends a test letter now, past the queue, and says what came of it.
    pub async fn test(&self, to: Addressee) -> Result<(), Refusal> {
        let address = to.address.clone();
        need_address(&address)?;
        let letter = Letter {
            to,
            message: Message::Test,
        };
        let content = self.inner.outbox.render(&letter)?;
        let now = (self.inner.clock)();
        let id = self
            .inner
            .outbox
            .random()
            .map_or(self.inner.me, |random| new_id(now, random));
        self.inner
            .smtp
            .send(id, &address, &content, now)
            .await
            .map_err(|problem| {
                let turn = match &problem {
                    NotSent::Refused(_) => {
                        "The server took the connection and refused the letter: look at mail.from and the address."
                    }
                    NotSent::NotNow(_) => "The server may take it later: look at its log.",
                    NotSent::Unreachable(_) => {
                        "Look at [mail] host, port, tls, ca, user and password_file in the configuration file."
                    }
                };
                Refusal::response(&MAIL_NOT_SENT, problem.to_string()).with_remedy(turn)
            })
    }
}

impl std::fmt::Debug for Postman {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Postman")
            .field("smtp", &self.inner.smtp)
            .finish_non_exhaustive()
    }
}

/// Refused as `invalid_mail_address` when nothing could be sent there.
pub fn need_address(address: &str) -> Result<(), Refusal> {
    match address.parse::<lettre::Address>() {
        Ok(_) => Ok(()),
        Err(error) => Err(Refusal::response(
            &INVALID_MAIL_ADDRESS,
            format!("{address:?} is no e-mail address: {error}"),
        )),
    }
}
