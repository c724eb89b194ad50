//! The CPU pools: the shared one of a process, and those of executors.
//!
//! The shared pool's size comes from `LAZULI_NUM_THREADS` or [`set_num_threads`], else it is the number of
//! cores. A library that brings a rayon pool of its own (polars does) can have that pool [adopted](adopt), so
//! that its parallelism and ours share the same threads. This is the one public place that names types of
//! rayon.

use std::cell::RefCell;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, OnceLock, PoisonError, RwLock, Weak};

use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};
use thiserror::Error as ThisError;

#[cfg(loom)]
use super::modelled;
use super::scheduler::{Scheduler, Seat, Work};
use crate::base::error::{Error, Result};
use crate::base::sync::per_thread;

/// More threads than this are not asked for in earnest.
const MOST_THREADS: usize = 1024;

static REQUESTED: OnceLock<usize> = OnceLock::new();
static SHARED: RwLock<Option<Pool>> = RwLock::new(None);

#[derive(Debug, ThisError)]
enum PoolError {
    #[error("LAZULI_NUM_THREADS is {0:?}, not a whole number from 1 to {MOST_THREADS}")]
    BadVariable(String),
    #[error("a number of threads must be from 1 to {MOST_THREADS}, not {0}")]
    OutOfRange(usize),
    #[error("the shared pool has {have} threads already and cannot be given {asked}")]
    TooLate { have: usize, asked: usize },
    #[error("cannot start the threads: {0}")]
    Build(#[from] ThreadPoolBuildError),
}

fn check(threads: usize) -> Result<()> {
    if (1..=MOST_THREADS).contains(&threads) {
        Ok(())
    } else {
        Err(Error::setup(PoolError::OutOfRange(threads)))
    }
}

/// Sets the size of the shared pool. Call it before the first compute.
///
/// # Errors
/// When the pool is in use already with another size, or `threads` is 0 or above 1,024.
pub fn set_num_threads(threads: usize) -> Result<()> {
    check(threads)?;
    let have = match read() {
        Some(pool) => pool.num_threads(),
        None => *REQUESTED.get_or_init(|| threads),
    };
    if have == threads {
        Ok(())
    } else {
        Err(Error::setup(PoolError::TooLate { have, asked: threads }))
    }
}

/// How many threads the shared pool has, or will have.
///
/// # Errors
/// When `LAZULI_NUM_THREADS` is no whole number from 1 to 1,024.
pub fn num_threads() -> Result<usize> {
    if let Some(pool) = read() {
        return Ok(pool.num_threads());
    }
    if let Some(&threads) = REQUESTED.get() {
        return Ok(threads);
    }
    match std::env::var("LAZULI_NUM_THREADS") {
        Ok(text) if text.is_empty() => Ok(cores()),
        Ok(text) => match text.trim().parse() {
            Ok(threads) if check(threads).is_ok() => Ok(threads),
            _ => Err(Error::setup(PoolError::BadVariable(text))),
        },
        Err(_) => Ok(cores()),
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Makes a pool that lives as long as the process the shared pool.
///
/// Computes that run on the pool there was before end there; new ones start here.
pub fn adopt(pool: &'static ThreadPool) {
    *SHARED.write().unwrap_or_else(PoisonError::into_inner) = Some(Pool::of_process(pool));
}

fn read() -> Option<Pool> {
    SHARED.read().unwrap_or_else(PoisonError::into_inner).clone()
}

/// The shared pool, started on first use: for rayon's own operations on the same threads.
///
/// # Errors
/// When its threads cannot be started, or `LAZULI_NUM_THREADS` is no whole number from 1 to 1,024.
pub fn shared() -> Result<&'static ThreadPool> {
    match shared_pool()?.0.threads {
        Threads::OfProcess(pool) => Ok(pool),
        _ => unreachable!("the shared pool lives as long as the process"),
    }
}

pub(crate) fn shared_pool() -> Result<Pool> {
    if let Some(pool) = read() {
        return Ok(pool);
    }
    let threads = num_threads()?;
    let mut shared = SHARED.write().unwrap_or_else(PoisonError::into_inner);
    if let Some(pool) = &*shared {
        return Ok(pool.clone());
    }
    // Lives as long as the process, like the pool it stands in for.
    let pool = Pool::of_process(Box::leak(Box::new(build(threads, || {})?)));
    *shared = Some(pool.clone());
    Ok(pool)
}

fn build(threads: usize, on_start: impl Fn() + Send + Sync + 'static) -> Result<ThreadPool> {
    check(threads)?;
    ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(|index| format!("lazuli-{index}"))
        .start_handler(move |_| on_start())
        .build()
        .map_err(|error| Error::setup(PoolError::Build(error)))
}

/// The shared pool, or one of an executor's own.
#[derive(Clone)]
pub(crate) struct Pool(pub(super) Arc<Inner>);

/// What tells a pool from every other of the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PoolId(u64);

impl PoolId {
    fn next() -> Self {
        static POOLS: AtomicU64 = AtomicU64::new(0);
        Self(POOLS.fetch_add(1, Relaxed))
    }
}

pub(super) struct Inner {
    id: PoolId,
    threads: Threads,
    scheduler: Arc<Scheduler>,
}

enum Threads {
    OfProcess(&'static ThreadPool),
    /// They end with the last handle of the pool.
    Own(ThreadPool),
    #[cfg(loom)]
    Modelled(modelled::Threads),
}

impl Threads {
    fn count(&self) -> usize {
        match self {
            Self::OfProcess(pool) => pool.current_num_threads(),
            Self::Own(pool) => pool.current_num_threads(),
            #[cfg(loom)]
            Self::Modelled(threads) => threads.count(),
        }
    }

    /// Has one of them do this in its turn.
    fn spawn(&self, job: impl FnOnce() + Send + 'static) {
        match self {
            Self::OfProcess(pool) => pool.spawn(job),
            Self::Own(pool) => pool.spawn(job),
            #[cfg(loom)]
            Self::Modelled(threads) => threads.spawn(Box::new(job)),
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.scheduler.close();
    }
}

per_thread! {
    /// The pool that a thread belongs to.
    static HOME: RefCell<Option<(Weak<Inner>, Seat)>> = RefCell::new(None);
}

/// The calling thread belongs to this pool from now on.
pub(super) fn settle(pool: Weak<Inner>, seat: Seat) {
    HOME.set(Some((pool, seat)));
}

impl Pool {
    fn of_process(pool: &'static ThreadPool) -> Self {
        let scheduler = Arc::new(Scheduler::new(pool.current_num_threads()));
        Self(Arc::new(Inner { id: PoolId::next(), threads: Threads::OfProcess(pool), scheduler }))
    }

    /// A pool whose threads end with its last handle.
    pub(crate) fn own(threads: usize) -> Result<Self> {
        let home = Arc::new(OnceLock::<Weak<Inner>>::new());
        let of_threads = Arc::clone(&home);
        let pool = build(threads, move || settle(of_threads.wait().clone(), Seat::Own));
        let scheduler = Arc::new(Scheduler::new(threads));
        let inner = pool.map(|pool| {
            Arc::new(Inner { id: PoolId::next(), threads: Threads::Own(pool), scheduler })
        });
        // Threads that were started wait for this, also where others could not be.
        let _ = home.set(inner.as_ref().map_or_else(|_| Weak::new(), Arc::downgrade));
        inner.map(Self)
    }

    /// A pool with threads of a model.
    #[cfg(loom)]
    pub(crate) fn modelled(threads: usize) -> Self {
        let scheduler = Arc::new(Scheduler::new(threads));
        Self(Arc::new_cyclic(|home| {
            let home = Weak::clone(home);
            let threads =
                modelled::Threads::start(threads, move || settle(home.clone(), Seat::Own));
            Inner { id: PoolId::next(), threads: Threads::Modelled(threads), scheduler }
        }))
    }

    /// Makes the calling thread one of the pool's own.
    #[cfg(all(loom, test))]
    pub(super) fn settle_here(&self) {
        settle(Arc::downgrade(&self.0), Seat::Own);
    }

    /// The pool that the calling thread belongs to.
    pub(crate) fn of_this_thread() -> Option<(Self, Seat)> {
        let home = HOME.try_with(|home| {
            let home = home.borrow();
            let (pool, seat) = home.as_ref()?;
            Some((Self(pool.upgrade()?), *seat))
        });
        // A thread of an adopted pool that no worker has been on.
        home.ok().flatten().or_else(|| {
            let shared = read()?;
            let Threads::OfProcess(pool) = &shared.0.threads else { return None };
            pool.current_thread_index()?;
            Some((shared, Seat::Own))
        })
    }

    pub(crate) fn id(&self) -> PoolId {
        self.0.id
    }

    pub(crate) fn scheduler(&self) -> &Arc<Scheduler> {
        &self.0.scheduler
    }

    pub(crate) fn num_threads(&self) -> usize {
        self.0.threads.count()
    }

    pub(super) fn spawn(&self, job: impl FnOnce() + Send + 'static) {
        self.0.threads.spawn(job);
    }

    /// Has one of the threads do this work in its turn.
    pub(crate) fn queue(&self, work: Arc<dyn Work>) {
        self.meet(self.scheduler().queue(work));
    }
}
