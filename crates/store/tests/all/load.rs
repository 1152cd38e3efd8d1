//! Logins without pause, a ledger of what was acknowledged, and the comparison of both after a crash.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use doorward_jose::{Secret, SystemRandom};
use doorward_store::codes::{Code, TakeCode};
use doorward_store::refresh::Rotate;
use doorward_store::testing::START;
use doorward_store::{MasterKey, Store, StoreError, Ticket, Tx, codes, grants, refresh};
use jiff::SignedDuration;
use tokio::task::JoinSet;

use crate::protocol::{after, code, grant, id};

/// Told of each step of a login after the store acknowledged it.
pub(crate) type Log = Arc<dyn Fn(&Step) + Send + Sync>;

/// A step, with the tickets that later show whether it is still there.
pub(crate) enum Step {
    Granted { code: String, refresh: String },
    Taken { code: String },
    Rotated { code: String },
}

impl Step {
    pub(crate) fn line(&self) -> String {
        match self {
            Self::Granted { code, refresh } => format!("granted {code} {refresh}"),
            Self::Taken { code } => format!("taken {code}"),
            Self::Rotated { code } => format!("rotated {code}"),
        }
    }

    pub(crate) fn from_line(line: &str) -> Option<Self> {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["granted", code, refresh] => Some(Self::Granted {
                code: code.to_owned(),
                refresh: refresh.to_owned(),
            }),
            ["taken", code] => Some(Self::Taken { code: code.to_owned() }),
            ["rotated", code] => Some(Self::Rotated { code: code.to_owned() }),
            _ => None,
        }
    }
}

fn key() -> MasterKey {
    MasterKey::from_bytes(&Secret::new([8; 32]))
}

/// Logs in from `tasks` sides at once until the store fails. `padding` makes rows as large as wanted.
pub(crate) async fn run(store: &Store, tasks: usize, padding: usize, log: Log) {
    let mut logins = JoinSet::new();
    for _ in 0..tasks {
        let (store, log) = (store.clone(), Arc::clone(&log));
        logins.spawn(async move { while log_in(&store, padding, &log).await.is_ok() {} });
    }
    logins.join_all().await;
}

async fn log_in(store: &Store, padding: usize, log: &Log) -> Result<(), StoreError> {
    let (ticket, family) = (Ticket::new(START, &SystemRandom), Ticket::new(START, &SystemRandom));
    let grant = grant(Some(id()), id(), None);
    let grant_id = grant.id;
    let code = Code {
        redirect_uri: "x".repeat(padding),
        ..code(grant_id)
    };
    let inserted = ticket.clone();
    store
        .write(START, move |tx| {
            grants::create(tx, &grant)?;
            codes::insert(tx, &inserted, &code)
        })
        .await?;
    log(&Step::Granted {
        code: ticket.encode(),
        refresh: family.encode(),
    });
    let (taken, started) = (ticket.clone(), family.clone());
    store
        .write(START, move |tx| {
            assert!(matches!(codes::take(tx, &taken)?, TakeCode::Taken(_)), "taken once");
            refresh::start(tx, &started, grant_id, after(600), after(6000))
        })
        .await?;
    log(&Step::Taken { code: ticket.encode() });
    let successor = family.successor(&key());
    store
        .write(START, move |tx| {
            let outcome = refresh::rotate(tx, &family, &successor, SignedDuration::ZERO, after(600))?;
            assert_eq!(outcome, Rotate::Rotated { grant_id });
            Ok::<_, StoreError>(())
        })
        .await?;
    log(&Step::Rotated { code: ticket.encode() });
    Ok(())
}

/// What was acknowledged.
#[derive(Default)]
pub(crate) struct Ledger(HashMap<String, Login>);

struct Login {
    refresh: String,
    taken: bool,
    rotated: bool,
}

impl Ledger {
    /// A ledger, and the log that writes into it.
    pub(crate) fn shared() -> (Arc<Mutex<Self>>, Log) {
        let ledger = Arc::new(Mutex::new(Self::default()));
        let writing = Arc::clone(&ledger);
        (ledger, Arc::new(move |step| writing.lock().unwrap().note(step)))
    }

    pub(crate) fn note(&mut self, step: &Step) {
        match step {
            Step::Granted { code, refresh } => {
                let login = Login {
                    refresh: refresh.clone(),
                    taken: false,
                    rotated: false,
                };
                self.0.insert(code.clone(), login);
            }
            Step::Taken { code } => self.0.get_mut(code).unwrap().taken = true,
            Step::Rotated { code } => self.0.get_mut(code).unwrap().rotated = true,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// How many acknowledged steps are gone. Asks by trying: nothing that was taken may be taken again.
    pub(crate) async fn lost(self, store: &Store) -> usize {
        store
            .write(START, move |tx| {
                let mut lost = 0;
                for (code, login) in &self.0 {
                    lost += login.lost(tx, code)?;
                }
                Ok(lost)
            })
            .await
            .unwrap_or_else(|failure: StoreError| panic!("{failure}"))
    }
}

impl Login {
    fn lost(&self, tx: &mut Tx<'_>, code: &str) -> Result<usize, StoreError> {
        let code = match codes::take(tx, &Ticket::parse(code).unwrap())? {
            TakeCode::Unknown => 1,
            TakeCode::Taken(_) => usize::from(self.taken),
            TakeCode::Replayed(_) => 0,
            TakeCode::Expired => panic!("no time has passed"),
        };
        let family = Ticket::parse(&self.refresh).unwrap();
        let successor = family.successor(&key());
        let family = match refresh::rotate(tx, &family, &successor, SignedDuration::ZERO, after(600))? {
            Rotate::Unknown => usize::from(self.taken),
            Rotate::Rotated { .. } => usize::from(self.rotated),
            // With the unit's time standing still, a grace of nothing is not over yet.
            Rotate::GraceRotated { .. } | Rotate::Replayed(_) => 0,
            Rotate::Expired => panic!("no time has passed"),
        };
        Ok(code + family)
    }
}
