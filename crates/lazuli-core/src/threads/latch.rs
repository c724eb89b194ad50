//! A latch: opened once. Who waits for it may also be rung to look at something else meanwhile.
//!
//! Nobody is missed: a listener is counted before it looks for the last time, and whoever rings has changed
//! what there is to see before it looks at the count. Both are sequentially consistent, so one of the two
//! sees the other; and a ring that comes between a listener's look and its sleep changes the number of rings.

use std::time::Duration;

use crate::base::sync::atomic::Ordering::{Acquire, Relaxed, SeqCst};
use crate::base::sync::atomic::{AtomicBool, AtomicUsize, fence};
use crate::base::sync::{Condvar, Mutex};

pub(crate) struct Latch {
    open: AtomicBool,
    /// Sleepers that want to be rung.
    listeners: AtomicUsize,
    /// How often those were rung.
    rings: Mutex<u64>,
    changed: Condvar,
}

impl Default for Latch {
    fn default() -> Self {
        Self {
            open: AtomicBool::new(false),
            listeners: AtomicUsize::new(0),
            rings: Mutex::default(),
            changed: Condvar::default(),
        }
    }
}

impl Latch {
    pub(crate) fn open(&self) {
        self.open.store(true, SeqCst);
        // Whoever found it shut under this lock sleeps by now.
        drop(self.rings.lock());
        self.changed.notify_all();
    }

    pub(crate) fn is_open(&self) -> bool {
        self.open.load(Acquire)
    }

    /// Has those who listen look again. Cheap when nobody does.
    pub(crate) fn ring(&self) {
        fence(SeqCst);
        if self.listeners.load(Relaxed) > 0 {
            *self.rings.lock() += 1;
            self.changed.notify_all();
        }
    }

    /// Sleeps until it is open.
    pub(crate) fn wait(&self) {
        let mut guard = self.rings.lock();
        while !self.is_open() {
            guard = self.changed.wait(guard);
        }
    }

    /// Sleeps until it is open or rung, unless it is open or `awake` finds something to do; no longer than
    /// this. May return for no reason; says whether the time was up.
    pub(crate) fn listen(&self, time: Duration, awake: impl FnOnce() -> bool) -> bool {
        let heard = *self.rings.lock();
        self.listeners.fetch_add(1, SeqCst);
        fence(SeqCst);
        let mut timed_out = false;
        if !awake() {
            let guard = self.rings.lock();
            if !self.is_open() && *guard == heard {
                timed_out = self.changed.wait_for(guard, time).1;
            }
        }
        self.listeners.fetch_sub(1, SeqCst);
        timed_out
    }
}
