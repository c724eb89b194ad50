//! How many are at work at once, and how many threads there are meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread::JoinHandle;
use std::time::Duration;

use super::{probe, spin};

/// Counts who is at work.
#[derive(Clone, Default)]
pub(crate) struct Gauge(Arc<Counts>);

#[derive(Default)]
struct Counts {
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Gauge {
    /// Keeps a core busy, and is counted meanwhile.
    pub(crate) fn work(&self, time: Duration) {
        self.0.most.fetch_max(self.0.now.fetch_add(1, SeqCst) + 1, SeqCst);
        spin(time);
        self.0.now.fetch_sub(1, SeqCst);
    }

    /// The most that were at work at once.
    pub(crate) fn most(&self) -> usize {
        self.0.most.load(SeqCst)
    }
}

/// Watches how many threads the process has.
pub(crate) struct ThreadWatch {
    enough: Arc<AtomicBool>,
    most: JoinHandle<usize>,
}

impl ThreadWatch {
    pub(crate) fn begin() -> Self {
        let enough = Arc::<AtomicBool>::default();
        let stops = Arc::clone(&enough);
        let most = std::thread::spawn(move || {
            let mut most = 0;
            while !stops.load(SeqCst) {
                most = most.max(probe::threads());
                std::thread::sleep(Duration::from_micros(500));
            }
            most
        });
        Self { enough, most }
    }

    /// The most there were, without the one that watches.
    pub(crate) fn most(self) -> usize {
        self.enough.store(true, SeqCst);
        self.most.join().expect("watching does not fail").saturating_sub(1)
    }
}
