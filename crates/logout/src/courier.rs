//! Works through the queue: many applications at once, none of them for long.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use doorward_apps::{App, Snapshots};
use doorward_audit::{Actor, Event, Reference, Step, Tracer, Visit, events};
use doorward_jose::Random;
use doorward_provider::KeyRing;
use doorward_store::logouts::{self, Delivery, Outcome};
use doorward_store::{Store, StoreError, Topic, new_id};
use jiff::Timestamp;
use serde_json::json;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::attempt::{Telling, outcome};

/// How often the queue is looked at without being told.
const LOOK: Duration = Duration::from_secs(10);
/// Attempts at the same time.
const AT_ONCE: usize = 64;
/// Attempts at the same application at the same time, and never more than there are places left for others: however many hang,
/// the next one finds a place.
const AT_ONE_APP: usize = 16;
/// The same for one whose last attempt failed: four that hang would have all places otherwise.
const AT_ONE_THAT_FAILS: usize = 1;

/// Gives the signing keys as they are now.
pub type KeyRings = Box<dyn Fn() -> Pin<Box<dyn Future<Output = Result<Arc<KeyRing>, String>> + Send>> + Send + Sync>;

/// Tells applications for one node. Cheap to clone.
#[derive(Clone)]
pub struct Courier {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    snapshots: Snapshots,
    keys: KeyRings,
    telling: Telling,
    tracer: Tracer,
    random: Arc<dyn Random>,
    clock: Box<dyn Fn() -> Timestamp + Send + Sync>,
    /// Names this node in claims.
    me: Uuid,
    written: Arc<Notify>,
    /// How many attempts at each application are under way; whether its last one failed.
    under_way: Mutex<HashMap<Uuid, UnderWay>>,
}

#[derive(Clone, Copy, Default)]
struct UnderWay {
    attempts: usize,
    failing: bool,
}

impl Courier {
    /// For the queue in `store`.
    pub fn new(
        store: Store,
        snapshots: Snapshots,
        keys: KeyRings,
        telling: Telling,
        tracer: Tracer,
        random: Arc<dyn Random>,
        clock: impl Fn() -> Timestamp + Send + Sync + 'static,
    ) -> Self {
        let written = Arc::new(Notify::new());
        let wake = Arc::clone(&written);
        store.on_change(Arc::new(move |change| {
            if change.topic == Topic::Logouts {
                wake.notify_one();
            }
        }));
        let inner = Inner {
            me: new_id(clock(), &*random),
            store,
            snapshots,
            keys,
            telling,
            tracer,
            random,
            clock: Box::new(clock),
            written,
            under_way: Mutex::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Works until `stop`. Attempts that are under way then are finished: an application that was told is not told again.
    pub async fn run(&self, stop: impl Future<Output = ()>) {
        tokio::pin!(stop);
        let mut attempts = JoinSet::new();
        loop {
            let wait = match self.begin_due(&mut attempts).await {
                Ok(wait) => wait,
                Err(error) => {
                    tracing::warn!(%error, "the logouts could not be looked through; they are in {} s", LOOK.as_secs());
                    LOOK
                }
            };
            tokio::select! {
                () = &mut stop => break,
                () = self.inner.written.notified() => {}
                Some(_) = attempts.join_next() => {
                    // Whatever else has ended meanwhile makes room for the same look at the queue.
                    while attempts.try_join_next().is_some() {}
                }
                () = tokio::time::sleep(wait) => {}
            }
        }
        while attempts.join_next().await.is_some() {}
    }

    /// Begins as many attempts as there is room for, and says when to look again.
    async fn begin_due(&self, attempts: &mut JoinSet<()>) -> Result<Duration, StoreError> {
        let now = (self.inner.clock)();
        let due = self.inner.store.read(move |tx| logouts::due(tx, now)).await?;
        for (app_id, room) in self.rooms(&due, attempts.len()) {
            let (me, room) = (self.inner.me, u32::try_from(room).unwrap_or(1));
            let claimed = self
                .inner
                .store
                .write::<_, StoreError>(now, move |tx| logouts::claim(tx, app_id, me, room))
                .await?;
            for delivery in claimed {
                self.count(app_id, |under_way| under_way.attempts += 1);
                let courier = self.clone();
                attempts.spawn(async move { courier.deliver(delivery).await });
            }
        }
        let next = self.inner.store.read(logouts::next_due).await?;
        let wait = next.map_or(LOOK, |next| {
            let wait = next.duration_since((self.inner.clock)());
            Duration::try_from(wait).unwrap_or(Duration::ZERO).min(LOOK)
        });
        // What is due and has no room is looked at when an attempt ends.
        Ok(if attempts.is_empty() {
            wait
        } else {
            wait.max(Duration::from_millis(500))
        })
    }

    /// How many attempts at which applications to begin.
    fn rooms(&self, due: &[Uuid], taken: usize) -> Vec<(Uuid, usize)> {
        let under_way = self.inner.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        let asking = due.iter().map(|app_id| {
            let under_way = under_way.get(app_id).copied().unwrap_or_default();
            let most = if under_way.failing {
                AT_ONE_THAT_FAILS
            } else {
                AT_ONE_APP
            };
            Asking {
                app_id: *app_id,
                attempts: under_way.attempts,
                most,
                given: 0,
            }
        });
        shared_out(asking.collect(), AT_ONCE.saturating_sub(taken))
    }

    fn count(&self, app_id: Uuid, change: impl FnOnce(&mut UnderWay)) {
        let mut under_way = self.inner.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        change(under_way.entry(app_id).or_default());
        under_way.retain(|_, under_way| under_way.attempts > 0 || under_way.failing);
    }

    async fn deliver(&self, delivery: Delivery) {
        if let Err(error) = self.attempt(&delivery).await {
            // The claim ends by itself, and then it is tried again.
            tracing::warn!(%error, "what came of a logout could not be written down; it is tried again");
        }
        self.count(delivery.app_id, |under_way| {
            under_way.attempts = under_way.attempts.saturating_sub(1);
        });
    }

    async fn attempt(&self, delivery: &Delivery) -> Result<(), StoreError> {
        let inner = &*self.inner;
        let app = inner.snapshots.current().await?.by_id(delivery.app_id).cloned();
        let told = match &app {
            None => Err("the application has been removed".to_owned()),
            Some(app) => self.tell(app, delivery).await,
        };
        let now = (inner.clock)();
        let name = app
            .as_ref()
            .map_or_else(|| delivery.app_id.to_string(), |app| app.client_id.clone());
        let outcome = outcome(app.as_deref(), delivery, told, now);
        let has_recovered = self.note_health(delivery.app_id, &outcome);
        self.report(&name, delivery, &outcome, now);
        let (me, delivery) = (inner.me, delivery.clone());
        inner
            .store
            .write(now, move |tx| {
                if !logouts::settle(tx, &delivery, me, &outcome)? {
                    return Ok(());
                }
                if let Outcome::GivenUp { problem } = &outcome {
                    let event = Event::new("logout.give_up", Actor::system())
                        .about("app", Some(delivery.app_id), name)
                        .with_data(json!({
                            "session": delivery.session_id, "cause": delivery.cause.name(), "problem": problem,
                        }));
                    events::record(tx, &event)?;
                }
                if has_recovered {
                    logouts::hasten(tx, delivery.app_id)?;
                }
                Ok::<_, StoreError>(())
            })
            .await
    }

    async fn tell(&self, app: &App, delivery: &Delivery) -> Result<(), String> {
        let inner = &*self.inner;
        let keys = (inner.keys)().await?;
        inner
            .telling
            .tell(app, &keys, delivery, (inner.clock)(), &*inner.random)
            .await
    }

    /// Whether the application answers again after it had failed.
    fn note_health(&self, app_id: Uuid, outcome: &Outcome) -> bool {
        let mut was_failing = false;
        self.count(app_id, |under_way| {
            was_failing = under_way.failing;
            under_way.failing = matches!(outcome, Outcome::Again { .. });
        });
        was_failing && *outcome == Outcome::Told
    }

    /// Into the log, and into the trace of the logout.
    fn report(&self, app: &str, delivery: &Delivery, outcome: &Outcome, now: Timestamp) {
        const CHECK: &str = "logout.backchannel";
        let tries = delivery.tries;
        let step = match outcome {
            Outcome::Told => {
                tracing::info!(app, session = %delivery.session_id, tries, "an application was told of a logout");
                Step::ok(CHECK, format!("{app} was told, attempt {tries}"))
            }
            Outcome::Again { at, problem } => {
                tracing::warn!(app, session = %delivery.session_id, tries, problem, "an application was not told of a logout; it is tried again");
                let wait = at.duration_since(now).as_secs();
                Step::info(
                    CHECK,
                    format!("{app}: {problem}, attempt {} in {wait} s", tries.saturating_add(1)),
                )
            }
            Outcome::GivenUp { problem } => {
                tracing::warn!(app, session = %delivery.session_id, tries, problem, "a logout was given up");
                Step::refused(CHECK, format!("{app}: {problem}; given up after {tries} attempts"))
                    .with_remedy(Some(format!("doorward app logouts {app} --retry")))
            }
        };
        let reference = delivery
            .trace
            .as_deref()
            .and_then(|text| text.parse::<Reference>().ok());
        if let Some(reference) = reference {
            let mut visit = Visit::new("backchannel-logout");
            visit.steps.push(step);
            self.inner.tracer.note(reference, now, visit);
        }
    }
}

impl std::fmt::Debug for Courier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Courier")
            .field("me", &self.inner.me)
            .finish_non_exhaustive()
    }
}

/// An application that waits for places.
struct Asking {
    app_id: Uuid,
    /// Attempts at it that are under way.
    attempts: usize,
    /// How many there may be.
    most: usize,
    /// Places that it gets now.
    given: usize,
}

/// Shares places out, one after the other, each to whoever has the fewest attempts, and to nobody who has as many as would be left.
fn shared_out(mut asking: Vec<Asking>, mut free: usize) -> Vec<(Uuid, usize)> {
    loop {
        let has = |app: &Asking| app.attempts.saturating_add(app.given);
        let next = asking
            .iter_mut()
            .filter(|app| has(app) < app.most.min(free))
            .min_by_key(|app| has(app));
        let Some(next) = next else { break };
        next.given += 1;
        free -= 1;
    }
    let given = asking.into_iter().filter(|app| app.given > 0);
    given.map(|app| (app.app_id, app.given)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asking(id: u128, attempts: usize, most: usize) -> Asking {
        Asking {
            app_id: Uuid::from_u128(id),
            attempts,
            most,
            given: 0,
        }
    }

    fn given(asking: Vec<Asking>, free: usize) -> Vec<(u128, usize)> {
        let given = shared_out(asking, free).into_iter();
        given.map(|(app, places)| (app.as_u128(), places)).collect()
    }

    #[test]
    fn places_go_to_whoever_has_the_fewest_attempts() {
        assert_eq!(given(vec![asking(1, 0, 16)], 64), [(1, 16)]);
        assert_eq!(given(vec![asking(1, 15, 16), asking(2, 0, 16)], 49), [(1, 1), (2, 16)]);
        assert_eq!(given(vec![asking(1, 0, 1), asking(2, 0, 16)], 64), [(1, 1), (2, 16)]);
        assert_eq!(given(vec![asking(1, 1, 1)], 64), []);
        assert_eq!(given(vec![asking(1, 0, 16)], 0), []);
    }

    #[test]
    fn however_many_hang_the_next_one_finds_a_place() {
        for hanging in 1..60 {
            let all = (0..hanging).map(|id| asking(id, 0, AT_ONE_APP)).collect();
            let taken: usize = given(all, AT_ONCE).iter().map(|(_, places)| places).sum();
            let newcomer = given(vec![asking(99, 0, AT_ONE_APP)], AT_ONCE - taken);
            assert!(newcomer.iter().any(|(_, places)| *places > 0), "{hanging}: {taken}");
        }
    }
}
