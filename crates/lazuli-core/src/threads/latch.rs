//! A latch: opened once, waited for without keeping a thread of a pool from its work.

use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{Acquire, Release};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use crate::threads::{self, pool};

/// How long a thread of a pool sleeps when its pool has nothing for it either.
const NAP: Duration = Duration::from_micros(50);

#[derive(Default)]
pub(crate) struct Latch {
    open: AtomicBool,
    asleep: Mutex<()>,
    opened: Condvar,
}

impl Latch {
    pub(crate) fn open(&self) {
        self.open.store(true, Release);
        // Whoever found it shut under this lock sleeps by now.
        drop(self.asleep.lock().unwrap_or_else(PoisonError::into_inner));
        self.opened.notify_all();
    }

    pub(crate) fn is_open(&self) -> bool {
        self.open.load(Acquire)
    }

    /// Waits until it is open. A thread of a pool lends itself to its pool's other jobs meanwhile, and
    /// one of a lane beside it its place; any other sleeps.
    pub(crate) fn wait(&self) {
        if rayon::current_thread_index().is_some() {
            while !self.is_open() {
                self.lend_thread();
            }
        } else {
            threads::while_waiting(|| while !self.sleep(None) {});
        }
    }

    /// Waits for it no longer than this, perhaps for less; whether it is open.
    pub(crate) fn wait_for(&self, time: Duration) -> bool {
        if rayon::current_thread_index().is_some() {
            self.lend_thread();
            return self.is_open();
        }
        threads::while_waiting(|| self.sleep(Some(time)))
    }

    /// Runs another job of the calling thread's pool, or naps.
    pub(crate) fn lend_thread(&self) {
        if pool::engage(rayon::yield_now) != Some(rayon::Yield::Executed) {
            self.sleep(Some(NAP));
        }
    }

    fn sleep(&self, time: Option<Duration>) -> bool {
        let asleep = self.asleep.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.is_open() {
            match time {
                Some(time) => drop(self.opened.wait_timeout(asleep, time)),
                None => drop(self.opened.wait(asleep)),
            }
        }
        self.is_open()
    }
}
