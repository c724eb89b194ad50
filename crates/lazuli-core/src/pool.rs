//! The shared CPU pool: one for all layers of a process.
//!
//! Its size comes from `LAZULI_NUM_THREADS` or [`set_num_threads`], else it is the number of cores. A
//! library that brings a rayon pool of its own (polars does) can have that pool [adopted](adopt), so
//! that its parallelism and ours share the same threads.

use std::sync::{Arc, OnceLock, RwLock};

use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};
use thiserror::Error as ThisError;

use crate::error::{Error, Result};

static REQUESTED: OnceLock<usize> = OnceLock::new();
static SHARED: RwLock<Option<&'static ThreadPool>> = RwLock::new(None);

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
    *SHARED.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(pool);
}

fn read() -> Option<&'static ThreadPool> {
    *SHARED.read().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// The shared pool, started on first use.
///
/// # Errors
/// When its threads cannot be started, or `LAZULI_NUM_THREADS` is no positive whole number.
pub fn shared() -> Result<&'static ThreadPool> {
    if let Some(pool) = read() {
        return Ok(pool);
    }
    let threads = num_threads()?;
    let mut shared = SHARED.write().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(pool) = *shared {
        return Ok(pool);
    }
    // Lives as long as the process, like the pool it stands in for.
    let pool: &'static ThreadPool = Box::leak(Box::new(build(threads)?));
    *shared = Some(pool);
    Ok(pool)
}

pub(crate) fn build(threads: usize) -> Result<ThreadPool> {
    if threads == 0 {
        return Err(Error::setup(PoolError::Zero));
    }
    ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(|index| format!("lazuli-{index}"))
        .build()
        .map_err(|error| Error::setup(PoolError::Build(error)))
}

/// The shared pool, or one of an executor's own.
#[derive(Clone)]
pub(crate) enum Pool {
    Shared(&'static ThreadPool),
    Own(Arc<ThreadPool>),
}

impl std::ops::Deref for Pool {
    type Target = ThreadPool;
    fn deref(&self) -> &ThreadPool {
        match self {
            Self::Shared(pool) => pool,
            Self::Own(pool) => pool,
        }
    }
}
