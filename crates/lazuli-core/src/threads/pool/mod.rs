//! The shared CPU pool: one for all layers of a process.
//!
//! Its size comes from `LAZULI_NUM_THREADS` or [`set_num_threads`], else it is the number of cores. A
//! library that brings a rayon pool of its own (polars does) can have that pool [adopted](adopt), so
//! that its parallelism and ours share the same threads.

mod turnstile;

use std::cell::OnceCell;
use std::sync::{Arc, OnceLock, PoisonError, RwLock, Weak};
use std::time::{Duration, Instant};

use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};
use thiserror::Error as ThisError;

use crate::base::error::{Error, Result};
use crate::threads::timer;
use turnstile::Turnstile;
pub(crate) use turnstile::{Turn, engage, engaged};

/// For how long a turn is put off when it meets a thread that is engaged.
const DEFERRAL: Duration = Duration::from_micros(200);
/// How often, before a thread beside the pool stands in.
const MOST_DEFERRALS: u32 = 8;

static REQUESTED: OnceLock<usize> = OnceLock::new();
static SHARED: RwLock<Option<Pool>> = RwLock::new(None);

#[derive(Debug, ThisError)]
enum PoolError {
    #[error("LAZULI_NUM_THREADS is {0:?}, not a positive whole number")]
    BadVariable(String),
    #[error("a number of threads must be at least 1")]
    Zero,
    #[error("the shared pool has {have} threads already and cannot be given {asked}")]
    TooLate { have: usize, asked: usize },
    #[error("cannot start the threads: {0}")]
    Build(#[from] ThreadPoolBuildError),
}

/// Sets the size of the shared pool. Call it before the first compute.
///
/// # Errors
/// When the pool is in use already with another size, or `threads` is 0.
pub fn set_num_threads(threads: usize) -> Result<()> {
    if threads == 0 {
        return Err(Error::setup(PoolError::Zero));
    }
    let have = match read() {
        Some(pool) => pool.current_num_threads(),
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
/// When `LAZULI_NUM_THREADS` is no positive whole number.
pub fn num_threads() -> Result<usize> {
    if let Some(pool) = read() {
        return Ok(pool.current_num_threads());
    }
    if let Some(&threads) = REQUESTED.get() {
        return Ok(threads);
    }
    match std::env::var("LAZULI_NUM_THREADS") {
        Ok(text) if text.is_empty() => Ok(cores()),
        Ok(text) => match text.trim().parse() {
            Ok(threads) if threads > 0 => Ok(threads),
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

/// The shared pool, started on first use.
///
/// # Errors
/// When its threads cannot be started, or `LAZULI_NUM_THREADS` is no positive whole number.
pub fn shared() -> Result<&'static ThreadPool> {
    match shared_pool()?.threads {
        Threads::OfProcess(pool) => Ok(pool),
        Threads::Own(_) => unreachable!("the shared pool lives as long as the process"),
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
    let pool = Pool::of_process(Box::leak(Box::new(build(threads, |_| {})?)));
    *shared = Some(pool.clone());
    Ok(pool)
}

fn build(threads: usize, on_start: impl Fn(usize) + Send + Sync + 'static) -> Result<ThreadPool> {
    if threads == 0 {
        return Err(Error::setup(PoolError::Zero));
    }
    ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(|index| format!("lazuli-{index}"))
        .start_handler(on_start)
        .build()
        .map_err(|error| Error::setup(PoolError::Build(error)))
}

/// The shared pool, or one of an executor's own.
#[derive(Clone)]
pub(crate) struct Pool {
    threads: Threads,
    turnstile: Arc<Turnstile>,
}

#[derive(Clone)]
enum Threads {
    OfProcess(&'static ThreadPool),
    Own(Arc<ThreadPool>),
}

/// The pool that a thread belongs to, known to the thread.
type Home = Arc<OnceLock<(Weak<ThreadPool>, Arc<Turnstile>)>>;

thread_local! {
    static HOME: OnceCell<Home> = const { OnceCell::new() };
}

impl Pool {
    fn of_process(pool: &'static ThreadPool) -> Self {
        Self { threads: Threads::OfProcess(pool), turnstile: Arc::default() }
    }

    /// A pool whose threads end with its last handle.
    pub(crate) fn own(threads: usize) -> Result<Self> {
        let home = Home::default();
        let of_threads = Arc::clone(&home);
        let pool = build(threads, move |_| {
            HOME.with(|home| home.get_or_init(|| Arc::clone(&of_threads)).clone());
        })?;
        let pool = Arc::new(pool);
        let turnstile = Arc::default();
        // Set once, here.
        let _ = home.set((Arc::downgrade(&pool), Arc::clone(&turnstile)));
        Ok(Self { threads: Threads::Own(pool), turnstile })
    }

    /// The pool of its own kind that the calling thread belongs to.
    pub(crate) fn of_this_thread() -> Option<Self> {
        HOME.with(|home| {
            let (pool, turnstile) = home.get()?.get()?;
            let threads = Threads::Own(pool.upgrade()?);
            Some(Self { threads, turnstile: Arc::clone(turnstile) })
        })
    }

    /// Has one of the threads serve whoever waits longest for a turn; `who` waits from now on.
    pub(crate) fn queue_for_turn(&self, who: Weak<dyn Turn>) {
        self.turnstile.join(who);
        self.serve_soon(0);
    }

    /// Has one of the threads do this when its turn has come: computes that are under way make room.
    pub(crate) fn spawn_in_turn(&self, job: impl FnOnce() + Send + 'static) {
        self.turnstile.join_once(Box::new(job));
        self.serve_soon(0);
    }

    fn serve_soon(&self, deferrals: u32) {
        let pool = self.clone();
        self.spawn(move || pool.serve(deferrals));
    }

    /// Gives whoever waits longest a turn, on a thread of the pool that has nothing on its stack. A turn on
    /// top of a task that waits (for a compute, for rayon) could wait for what that very task is to bring,
    /// which then never goes on. Where no such thread is found in time, all of them may wait for the turn:
    /// then a thread beside the pool stands in.
    fn serve(self, deferrals: u32) {
        if turnstile::engaged() == 0 {
            return self.turnstile.serve();
        }
        let again = move || {
            if deferrals < MOST_DEFERRALS {
                self.serve_soon(deferrals + 1);
                return;
            }
            let pool = self.clone();
            let stand_in = std::thread::Builder::new().name("lazuli-stand-in".into());
            // A turn on top of another ends soon, and so shall this one.
            if stand_in.spawn(move || turnstile::engage(|| pool.turnstile.serve())).is_err() {
                self.serve_soon(deferrals);
            }
        };
        timer::at(Instant::now() + DEFERRAL, again).detach();
    }

    pub(crate) fn anyone_waits(&self) -> bool {
        self.turnstile.anyone_waits()
    }
}

impl std::ops::Deref for Pool {
    type Target = ThreadPool;
    fn deref(&self) -> &ThreadPool {
        match &self.threads {
            Threads::OfProcess(pool) => pool,
            Threads::Own(pool) => pool,
        }
    }
}
