//! What loom offers in the place of the system: the face of [`sync`](super) that models see.
//!
//! Loom knows no time. Here some passes whenever somebody looks at the clock, and who waits with a time waits
//! until the model has that time [expire](super::Condvar::expire); only no time at all is over at once. The threads of a model are not those of the system, so what belongs to a thread must be loom's, too,
//! and what belongs to the process begins anew with each order of threads that is tried.

use std::cell::{Cell, RefCell};
use std::io;
use std::marker::PhantomData;
use std::sync::OnceLock;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::{Duration, Instant};

use loom::sync::LockResult;
use loom::thread::{self, AccessError, JoinHandle, LocalKey};

pub(crate) use loom::{cell::UnsafeCell, sync::Mutex, sync::MutexGuard, sync::atomic};

/// What an order of threads has one of. It ends with the order, by when all its threads must have ended.
macro_rules! global {
    ($(#[$note:meta])* static $name:ident: $type:ty) => {
        loom::lazy_static! {
            $(#[$note])*
            static ref $name: $type = Default::default();
        }
    };
}

/// What each thread of a model has one of.
macro_rules! per_thread {
    ($($(#[$note:meta])* static $name:ident: $type:ty = $value:expr;)+) => {
        $($(#[$note])*
        static $name: $crate::base::sync::Local<$type> =
            $crate::base::sync::Local::new(|| $value);)+
    };
}

pub(crate) use {global, per_thread};

/// Loom's key with what else the standard one can do.
pub(crate) struct Local<T: 'static>(LocalKey<T>);

impl<T: 'static> Local<T> {
    pub(crate) const fn new(init: fn() -> T) -> Self {
        Self(LocalKey { init, _p: PhantomData })
    }

    pub(crate) fn try_with<R>(
        &'static self,
        function: impl FnOnce(&T) -> R,
    ) -> Result<R, AccessError> {
        self.0.try_with(function)
    }
}

impl<T: Copy + 'static> Local<Cell<T>> {
    pub(crate) fn get(&'static self) -> T {
        self.0.with(Cell::get)
    }

    pub(crate) fn set(&'static self, value: T) {
        self.0.with(|cell| cell.set(value));
    }

    pub(crate) fn replace(&'static self, value: T) -> T {
        self.0.with(|cell| cell.replace(value))
    }
}

impl<T: 'static> Local<RefCell<T>> {
    pub(crate) fn set(&'static self, value: T) {
        drop(self.0.with(|cell| cell.replace(value)));
    }
}

/// Loom's, whose time-outs are the model's.
#[derive(Default)]
pub(crate) struct Condvar {
    sleepers: loom::sync::Condvar,
    /// Changed and looked at under the mutex of those who wait.
    is_expired: AtomicBool,
}

/// Whether the time was up.
pub(crate) struct Waited(bool);

impl Waited {
    pub(crate) fn timed_out(&self) -> bool {
        self.0
    }
}

impl Condvar {
    pub(crate) fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
        self.sleepers.wait(guard)
    }

    pub(crate) fn wait_timeout<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        time: Duration,
    ) -> LockResult<(MutexGuard<'a, T>, Waited)> {
        if time.is_zero() || self.is_expired.load(Relaxed) {
            return Ok((guard, Waited(true)));
        }
        let guard = self.sleepers.wait(guard);
        let waited = Waited(self.is_expired.load(Relaxed));
        guard.map(|guard| (guard, waited)).map_err(|_| unreachable!("loom poisons nothing"))
    }

    pub(crate) fn notify_one(&self) {
        self.sleepers.notify_one();
    }

    pub(crate) fn notify_all(&self) {
        self.sleepers.notify_all();
    }

    pub(crate) fn expire<T>(&self, guard: MutexGuard<'_, T>) {
        self.is_expired.store(true, Relaxed);
        drop(guard);
        self.sleepers.notify_all();
    }
}

/// Words of stack for each thread: one that runs tasks needs more than loom gives.
pub(crate) const STACK: usize = 1 << 15;

/// What there is of a world outside of loom's.
#[derive(Default)]
struct World {
    started: std::sync::Mutex<Vec<JoinHandle<()>>>,
    grants_none: AtomicBool,
    ticks: AtomicU64,
}

global!(static WORLD: World);

pub(crate) fn start_thread(name: &str, body: impl FnOnce() + Send + 'static) -> io::Result<()> {
    if WORLD.grants_none.load(Relaxed) {
        return Err(io::ErrorKind::WouldBlock.into());
    }
    let started = thread::Builder::new().name(name.to_owned()).stack_size(STACK).spawn(body)?;
    WORLD.started.lock().unwrap().push(started);
    Ok(())
}

/// Waits until all threads have ended that were started.
pub(crate) fn join_started() {
    loop {
        let started = WORLD.started.lock().unwrap().pop();
        let Some(started) = started else { return };
        started.join().expect("a thread of a model does not unwind");
    }
}

/// From now on no thread can be had.
pub(crate) fn grant_no_threads() {
    WORLD.grants_none.store(true, Relaxed);
}

/// A little later than when it was asked before.
pub(crate) fn now() -> Instant {
    static START: OnceLock<Instant> = OnceLock::new();
    let ticks = WORLD.ticks.fetch_add(1, Relaxed);
    *START.get_or_init(Instant::now) + Duration::from_nanos(10 * ticks)
}
