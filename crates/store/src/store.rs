//! The store: where it is, and how units of work get in.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::Semaphore;

use crate::change::Hooks;
use crate::ending::{self, Ending};
use crate::writing::{Held, Mode, Queued, Work};
use crate::{Hook, StoreError, Tx, postgres, sqlite};

/// Units that are tried out at once: one runs, four wait.
const MOST_TRIES: usize = 5;

/// Where the database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A SQLite file, created when absent.
    Sqlite(PathBuf),
    /// A PostgreSQL connection URL (`postgres://user@host/database?sslmode=require`).
    Postgres(String),
}

/// The database. Cheap to clone; all clones are the same store.
#[derive(Clone)]
pub struct Store {
    backend: Backend,
    hooks: Hooks,
    /// Places of units that are tried out: each holds what it was asked with until its turn.
    tries: Arc<Semaphore>,
}

#[derive(Clone)]
enum Backend {
    Sqlite(Arc<sqlite::Database>),
    Postgres(Arc<postgres::Database>),
}

impl Store {
    /// Opens the database and brings its schema up to date.
    ///
    /// # Errors
    /// [`StoreError::Newer`], [`StoreError::Foreign`], [`StoreError::InUse`], [`StoreError::Changed`],
    /// [`StoreError::Unavailable`], [`StoreError::Location`].
    pub async fn open(location: &Location, now: Timestamp) -> Result<Self, StoreError> {
        match location {
            Location::Sqlite(path) => Self::open_sqlite(sqlite::Options::new(path.clone()), now).await,
            Location::Postgres(url) => {
                let hooks = Hooks::default();
                let database = postgres::Database::open(url, now, hooks.clone()).await?;
                Ok(Self {
                    backend: Backend::Postgres(Arc::new(database)),
                    hooks,
                    tries: Arc::new(Semaphore::new(MOST_TRIES)),
                })
            }
        }
    }

    pub(crate) async fn open_sqlite(options: sqlite::Options, now: Timestamp) -> Result<Self, StoreError> {
        let hooks = Hooks::default();
        let database = sqlite::Database::open(options, now, hooks.clone()).await?;
        Ok(Self {
            backend: Backend::Sqlite(Arc::new(database)),
            hooks,
            tries: Arc::new(Semaphore::new(MOST_TRIES)),
        })
    }

    /// One unit of work: committed and durable when this returns `Ok`; without any effect when it returns `Err`,
    /// except that a connection which breaks during the commit leaves the outcome unknown. A caller that stops waiting
    /// does not stop the unit.
    ///
    /// # Errors
    /// What `work` says, and every [`StoreError`].
    pub fn write<T, E>(
        &self,
        now: Timestamp,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> impl Future<Output = Result<T, E>> + Send
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.run(Mode::Write, now, Box::new(work))
    }

    /// One unit of work that says itself whether it is kept. What came of it is the answer either way.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub async fn write_or_undo<T, E>(
        &self,
        now: Timestamp,
        work: impl FnOnce(&mut Tx<'_>) -> Result<Ending<T>, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let done = self.run(Mode::Write, now, Box::new(move |tx| ending::of(work(tx))));
        ending::outcome(done.await)
    }

    /// What would come of a unit of work; nothing of it is ever kept. On SQLite it runs on a copy of one state of the database, in
    /// which sessions, events and other things that logins leave behind have no rows, and keeps no writer waiting, unless the
    /// database and its log are larger than 128 MiB.
    ///
    /// # Errors
    /// As [`Store::write`], and [`StoreError::Busy`] at once when four wait already.
    pub async fn try_out<T, E>(
        &self,
        now: Timestamp,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let Ok(place) = Arc::clone(&self.tries).try_acquire_owned() else {
            return Err(
                StoreError::Busy("other units are tried out, and more of them wait than may".to_owned()).into(),
            );
        };
        let undone = move |tx: &mut Tx<'_>| {
            // Until the unit has run, also when nobody waits for it any more.
            let _place = place;
            ending::of(work(tx).map(Ending::Undo))
        };
        ending::outcome(self.run(Mode::Try, now, Box::new(undone)).await)
    }

    /// A short read, for example of one row by its key. On SQLite it runs on this very thread and sees one state of the
    /// database; on PostgreSQL each statement sees the latest committed one.
    ///
    /// # Errors
    /// What `work` says, [`StoreError::ReadOnly`] when it tries to write, and what the engine says.
    pub fn read<T, E>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> impl Future<Output = Result<T, E>> + Send
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.read_here(Box::new(work))
    }

    async fn read_here<T, E>(&self, work: Work<T, E>) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match &self.backend {
            Backend::Sqlite(database) => {
                let mut unit = Held::new(work);
                database.read(&mut unit)?;
                unit.outcome()
            }
            Backend::Postgres(_) => self.run(Mode::Single, Timestamp::MAX, work).await,
        }
    }

    /// A longer read, for example a listing: on a thread where it delays nobody, of one state of the database.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub fn scan<T, E>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> impl Future<Output = Result<T, E>> + Send
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.run(Mode::Snapshot, Timestamp::MAX, Box::new(work))
    }

    /// Runs a unit on another thread and waits for its outcome.
    async fn run<T, E>(&self, mode: Mode, now: Timestamp, work: Work<T, E>) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (queued, answer) = Queued::new(now, work);
        match &self.backend {
            Backend::Sqlite(database) => database.run(mode, queued).await?,
            Backend::Postgres(database) => database.run(mode, queued).await?,
        }
        answer.outcome().await
    }

    /// Calls `hook` with every announced change, after its commit and before the writer is answered; on PostgreSQL also
    /// for the commits of other nodes, and once per topic after the connection that listens for them was lost.
    ///
    /// The hook runs on the writer's thread: it must be short and must not wait for this store.
    pub fn on_change(&self, hook: Hook) {
        self.hooks.add(hook);
    }

    /// Writes a consistent copy of a SQLite database to `to`, while it is in use. PostgreSQL has its own tools.
    ///
    /// # Errors
    /// [`StoreError::Location`] on PostgreSQL or when `to` exists; [`StoreError::Disk`].
    pub async fn backup(&self, to: &Path) -> Result<(), StoreError> {
        match &self.backend {
            Backend::Sqlite(database) => database.backup(to.to_owned()).await,
            Backend::Postgres(_) => Err(StoreError::Location(
                "a PostgreSQL database is backed up with pg_dump or its own base backups".to_owned(),
            )),
        }
    }

    /// Gives back the memory that a load has left behind, if the load is over: to be called now and then. Without effect
    /// on PostgreSQL, which keeps its pages itself.
    pub async fn rest(&self) {
        if let Backend::Sqlite(database) = &self.backend {
            database.rest().await;
        }
    }

    /// Commits what is queued and closes the database. Units that come later are answered [`StoreError::Closed`].
    pub async fn close(&self) {
        match &self.backend {
            Backend::Sqlite(database) => database.close().await,
            Backend::Postgres(database) => database.close(),
        }
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.backend {
            Backend::Sqlite(_) => "Store(SQLite)",
            Backend::Postgres(_) => "Store(PostgreSQL)",
        })
    }
}
