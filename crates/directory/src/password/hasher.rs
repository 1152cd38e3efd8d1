//! Argon2 in a bounded queue on dedicated threads, each with one block of memory that it reuses and, when nothing comes,
//! gives back. A password check costs 19 MiB and some 30 ms of a core: without a bound, logins alone take the machine.

use std::{
    collections::VecDeque,
    io,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use allocator_api2::{alloc::System, vec::Vec as VecIn};
use argon2::Block;
use doorward_jose::Secret;
use tokio::sync::oneshot;

use super::Phc;
use crate::DirectoryError;

/// Blocks that a run's memory has place for at least, touched or not: 33 MiB. The C library takes anything beyond 32 MiB
/// straight from the operating system and gives it straight back, whatever it has learned meanwhile; the process's own
/// allocator would keep it until something else is freed, which on an idle server nothing is.
const STRAIGHT: usize = 33 * 1024;

/// What a run computes in.
type Memory = VecIn<Block, System>;

fn memory(blocks: usize) -> Memory {
    let mut memory = VecIn::with_capacity_in(blocks.max(STRAIGHT), System);
    memory.resize(blocks, Block::new());
    memory
}

/// How the password threads run.
#[derive(Debug, Clone)]
pub struct HasherSettings {
    /// Dedicated threads; each holds 19 MiB while it has work. Default: one per core.
    pub threads: usize,
    /// Checks that may wait beside those that run; the next one is refused as busy. Default: 64 per thread, about two seconds.
    pub waiting: usize,
    /// A thread gives its memory back after this long without work. Default: 20 s.
    pub idle: Duration,
}

impl Default for HasherSettings {
    fn default() -> Self {
        let threads = thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            threads,
            waiting: 64 * threads,
            idle: Duration::from_secs(20),
        }
    }
}

/// The queue and its threads. Cheap to clone; the threads end with the last clone.
#[derive(Clone)]
pub struct Hasher {
    shared: Arc<Shared>,
    _end: Arc<End>,
}

struct Shared {
    queue: Mutex<Queue>,
    arrived: Condvar,
    /// Slots taken: jobs that run or wait, and those about to be submitted.
    taken: AtomicUsize,
    slots: usize,
    /// Of these, what strangers can fill.
    strangers: usize,
    threads: usize,
    idle: Duration,
    runs: AtomicU64,
    held_blocks: AtomicUsize,
    /// Moving average of one run, in microseconds.
    run_micros: AtomicU64,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    ended: bool,
}

struct Job {
    password: Secret<String>,
    phc: Phc,
    task: Task,
    /// Held until the job is done, or dropped with it.
    slot: Taken,
}

enum Task {
    Compute(oneshot::Sender<Result<String, argon2::Error>>),
    Check(oneshot::Sender<Result<bool, argon2::Error>>),
}

/// For whom a place is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Somebody about whom nothing is known. A quarter of the waiting places is not for them.
    Stranger,
    /// A browser that the account has logged in with, the holder of a link, or somebody who is logged in.
    Known,
}

/// A reserved place in the queue.
pub(crate) struct Slot {
    hasher: Hasher,
    taken: Taken,
}

struct Taken(Arc<Shared>);

impl Drop for Taken {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Ends the threads when the last [`Hasher`] goes.
struct End(Arc<Shared>);

impl Drop for End {
    fn drop(&mut self) {
        self.0.lock().ended = true;
        self.0.arrived.notify_all();
    }
}

impl std::fmt::Debug for Hasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hasher")
            .field("runs", &self.runs())
            .finish_non_exhaustive()
    }
}

impl Hasher {
    /// Starts the threads. Fails when the operating system gives none.
    pub fn start(settings: &HasherSettings) -> io::Result<Self> {
        let threads = settings.threads.max(1);
        let shared = Arc::new(Shared {
            queue: Mutex::default(),
            arrived: Condvar::new(),
            taken: AtomicUsize::new(0),
            slots: threads + settings.waiting,
            strangers: threads + settings.waiting - settings.waiting / 4,
            threads,
            idle: settings.idle,
            runs: AtomicU64::new(0),
            held_blocks: AtomicUsize::new(0),
            run_micros: AtomicU64::new(30_000),
        });
        let end = Arc::new(End(Arc::clone(&shared)));
        for number in 0..threads {
            let shared = Arc::clone(&shared);
            thread::Builder::new()
                .name(format!("password-{number}"))
                .spawn(move || shared.work())?;
        }
        Ok(Self { shared, _end: end })
    }

    /// Argon2 runs since the start.
    pub fn runs(&self) -> u64 {
        self.shared.runs.load(Ordering::Relaxed)
    }

    /// Jobs that run or wait now.
    pub fn pending(&self) -> usize {
        self.shared.taken.load(Ordering::Relaxed)
    }

    /// Bytes that the threads hold now to compute in.
    pub fn held_bytes(&self) -> usize {
        self.shared.held_blocks.load(Ordering::Relaxed) * Block::SIZE
    }

    /// Hashes a password for storing, which takes a link or a login: an Argon2id PHC string. Waits in the queue, or is refused as busy.
    pub async fn hash(&self, password: Secret<String>, salt: [u8; 16]) -> Result<String, DirectoryError> {
        let slot = self.reserve(Standing::Known)?;
        let (answer, answered) = oneshot::channel();
        slot.submit(password, Phc::fresh(salt), Task::Compute(answer));
        answered.await.map_err(|_| DirectoryError::Ended)?.map_err(failed)
    }

    /// Takes a place in the queue before anything else is done for a login.
    pub(crate) fn reserve(&self, standing: Standing) -> Result<Slot, DirectoryError> {
        let shared = &self.shared;
        let most = match standing {
            Standing::Stranger => shared.strangers,
            Standing::Known => shared.slots,
        };
        let room = |taken| (taken < most).then_some(taken + 1);
        match shared.taken.fetch_update(Ordering::AcqRel, Ordering::Acquire, room) {
            Ok(_) => Ok(Slot {
                hasher: self.clone(),
                taken: Taken(Arc::clone(shared)),
            }),
            Err(taken) => Err(DirectoryError::Busy {
                retry_after: shared.until_free(taken),
            }),
        }
    }
}

impl Slot {
    /// One run: whether this is the password of that hash.
    pub(crate) async fn check(self, password: Secret<String>, phc: Phc) -> Result<bool, DirectoryError> {
        let (answer, answered) = oneshot::channel();
        self.submit(password, phc, Task::Check(answer));
        answered.await.map_err(|_| DirectoryError::Ended)?.map_err(failed)
    }

    fn submit(self, password: Secret<String>, phc: Phc, task: Task) {
        let Self { hasher, taken } = self;
        hasher.shared.lock().jobs.push_back(Job {
            password,
            phc,
            task,
            slot: taken,
        });
        hasher.shared.arrived.notify_one();
    }
}

fn failed(error: argon2::Error) -> DirectoryError {
    DirectoryError::Store(doorward_store::StoreError::Damaged(format!("a password hash: {error}")))
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        // The queue is whole between any two statements, so a panic elsewhere does not spoil it.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn until_free(&self, taken: usize) -> Duration {
        let rounds = u64::try_from(taken.div_ceil(self.threads)).unwrap_or(u64::MAX);
        let micros = self.run_micros.load(Ordering::Relaxed).saturating_mul(rounds);
        Duration::from_secs(micros.div_ceil(1_000_000).max(1))
    }

    fn work(&self) {
        let mut memory = None;
        while let Some(job) = self.next(&mut memory) {
            // Whoever asked may have gone while it waited.
            if job.task.is_wanted() {
                self.run(job, &mut memory);
            }
        }
        self.give_back(&mut memory);
    }

    fn next(&self, memory: &mut Option<Memory>) -> Option<Job> {
        let mut queue = self.lock();
        loop {
            if let Some(job) = queue.jobs.pop_front() {
                return Some(job);
            }
            if queue.ended {
                return None;
            }
            if memory.is_none() {
                queue = self.arrived.wait(queue).unwrap_or_else(PoisonError::into_inner);
            } else {
                let (waited, timeout) = self
                    .arrived
                    .wait_timeout(queue, self.idle)
                    .unwrap_or_else(PoisonError::into_inner);
                queue = waited;
                if timeout.timed_out() && queue.jobs.is_empty() {
                    drop(queue);
                    self.give_back(memory);
                    queue = self.lock();
                }
            }
        }
    }

    fn give_back(&self, memory: &mut Option<Memory>) {
        if let Some(memory) = memory.take() {
            self.held_blocks.fetch_sub(memory.len(), Ordering::Relaxed);
        }
    }

    fn run(&self, job: Job, kept: &mut Option<Memory>) {
        let Job {
            password,
            phc,
            task,
            slot,
        } = job;
        let started = Instant::now();
        let preferred = Phc::preferred_blocks();
        // A hash from elsewhere may need more than ours: that memory is not worth keeping.
        let mut larger = None;
        let memory: &mut [Block] = match phc.blocks() {
            0 => &mut [],
            blocks if blocks > preferred => larger.insert(memory(blocks)),
            _ => kept.get_or_insert_with(|| {
                self.held_blocks.fetch_add(preferred, Ordering::Relaxed);
                memory(preferred)
            }),
        };
        self.runs.fetch_add(1, Ordering::Relaxed);
        let password = password.expose().as_bytes();
        // The place is free before the answer is out: who gets an answer finds a place.
        match task {
            Task::Compute(answer) => {
                let result = phc.compute(password, memory);
                drop(slot);
                // Whoever asked may have gone meanwhile.
                let _ = answer.send(result);
            }
            Task::Check(answer) => {
                let result = phc.matches(password, memory);
                drop(slot);
                // Whoever asked may have gone meanwhile.
                let _ = answer.send(result);
            }
        }
        let took = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        let average = self.run_micros.load(Ordering::Relaxed);
        self.run_micros
            .store(average.saturating_mul(7).saturating_add(took) / 8, Ordering::Relaxed);
    }
}

impl Task {
    fn is_wanted(&self) -> bool {
        match self {
            Self::Compute(answer) => !answer.is_closed(),
            Self::Check(answer) => !answer.is_closed(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hasher(threads: usize, waiting: usize, idle: Duration) -> Hasher {
        Hasher::start(&HasherSettings { threads, waiting, idle }).unwrap()
    }

    fn secret(text: &str) -> Secret<String> {
        Secret::new(text.to_owned())
    }

    #[tokio::test]
    async fn a_full_queue_refuses_at_once_and_says_when_to_come_back() {
        let hasher = hasher(1, 1, Duration::from_mins(1));
        let (first, second) = (
            hasher.reserve(Standing::Known).unwrap(),
            hasher.reserve(Standing::Known).unwrap(),
        );
        let Err(DirectoryError::Busy { retry_after }) = hasher.reserve(Standing::Known) else {
            panic!("the third place exists")
        };
        assert!(retry_after >= Duration::from_secs(1));
        drop(first);
        assert!(
            hasher.reserve(Standing::Known).is_ok(),
            "a place given back can be taken"
        );
        assert!(!second.check(secret("x"), Phc::stand_in()).await.unwrap());
    }

    #[tokio::test]
    async fn strangers_cannot_fill_the_share_of_those_who_are_known() {
        let hasher = hasher(1, 8, Duration::from_mins(1));
        let strangers: Vec<_> = std::iter::from_fn(|| hasher.reserve(Standing::Stranger).ok()).collect();
        assert_eq!(strangers.len(), 7);
        let known: Vec<_> = std::iter::from_fn(|| hasher.reserve(Standing::Known).ok()).collect();
        assert_eq!(known.len(), 2);
        drop(strangers);
        assert!(hasher.reserve(Standing::Stranger).is_ok());
    }

    #[tokio::test]
    async fn memory_is_given_back_when_nothing_comes() {
        let hasher = hasher(1, 4, Duration::from_millis(50));
        assert_eq!(hasher.held_bytes(), 0);
        let phc = hasher.hash(secret("correct horse"), [1; 16]).await.unwrap();
        assert_eq!(hasher.held_bytes(), 19 * 1024 * 1024);
        for _ in 0..100 {
            tokio::time::sleep(Duration::from_millis(20)).await;
            if hasher.held_bytes() == 0 {
                break;
            }
        }
        assert_eq!(hasher.held_bytes(), 0);
        let again = hasher
            .reserve(Standing::Known)
            .unwrap()
            .check(secret("correct horse"), Phc::parse(&phc).unwrap())
            .await;
        assert!(again.unwrap(), "and taken again when something comes");
        assert_eq!(hasher.runs(), 2);
    }

    #[tokio::test]
    async fn what_nobody_waits_for_any_more_is_not_computed() {
        let hasher = hasher(1, 8, Duration::from_mins(1));
        let running = tokio::spawn({
            let hasher = hasher.clone();
            async move { hasher.hash(secret("first one"), [1; 16]).await }
        });
        tokio::task::yield_now().await;
        let abandoned: Vec<_> = (0..5)
            .map(|_| {
                let slot = hasher.reserve(Standing::Known).unwrap();
                let (answer, answered) = oneshot::channel();
                slot.submit(secret("abandoned"), Phc::stand_in(), Task::Check(answer));
                answered
            })
            .collect();
        drop(abandoned);
        running.await.unwrap().unwrap();
        assert!(
            !hasher
                .reserve(Standing::Known)
                .unwrap()
                .check(secret("last"), Phc::stand_in())
                .await
                .unwrap()
        );
        assert!(hasher.runs() <= 3, "{} runs", hasher.runs());
        assert_eq!(hasher.pending(), 0);
    }

    #[test]
    fn threads_end_with_the_last_hasher() {
        let hasher = hasher(2, 1, Duration::from_mins(1));
        let shared = Arc::downgrade(&hasher.shared);
        drop(hasher);
        for _ in 0..100 {
            if shared.strong_count() == 0 {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("threads are still there");
    }
}
