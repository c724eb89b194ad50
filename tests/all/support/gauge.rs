//! Values that are counted while they live.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;

/// Counts the values that were [made](Gauge::track) with it: alive now, at most, and cloned.
#[derive(Clone, Default)]
pub(crate) struct Gauge(Arc<Counts>);

#[derive(Default)]
struct Counts {
    live: AtomicUsize,
    most: AtomicUsize,
    clones: AtomicUsize,
}

impl Gauge {
    pub(crate) fn track<T>(&self, value: T) -> Tracked<T> {
        self.born();
        Tracked { value, gauge: self.clone() }
    }

    fn born(&self) {
        let live = self.0.live.fetch_add(1, SeqCst) + 1;
        self.0.most.fetch_max(live, SeqCst);
    }

    /// How many values are alive.
    pub(crate) fn live(&self) -> usize {
        self.0.live.load(SeqCst)
    }

    /// How many were alive at once.
    pub(crate) fn most(&self) -> usize {
        self.0.most.load(SeqCst)
    }

    /// How many were made by cloning another.
    pub(crate) fn clones(&self) -> usize {
        self.0.clones.load(SeqCst)
    }
}

/// A counted value.
pub(crate) struct Tracked<T> {
    pub(crate) value: T,
    gauge: Gauge,
}

impl<T: Clone> Clone for Tracked<T> {
    fn clone(&self) -> Self {
        self.gauge.0.clones.fetch_add(1, SeqCst);
        self.gauge.track(self.value.clone())
    }
}

impl<T> Drop for Tracked<T> {
    fn drop(&mut self) {
        self.gauge.0.live.fetch_sub(1, SeqCst);
    }
}
