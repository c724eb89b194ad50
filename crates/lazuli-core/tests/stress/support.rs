//! Random numbers from a seed, values that are counted while they live, and executors.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use lazuli_core::Executor;

/// SplitMix64 (Steele, Lea and Flood, 2014): small, and good enough to draw graphs with.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    pub(crate) fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }
}

/// A number that is counted while it lives.
pub(crate) struct Tracked {
    pub(crate) value: u64,
    live: Arc<AtomicUsize>,
}

impl Tracked {
    pub(crate) fn new(value: u64, live: &Arc<AtomicUsize>) -> Self {
        live.fetch_add(1, SeqCst);
        Self { value, live: Arc::clone(live) }
    }
}

impl Clone for Tracked {
    fn clone(&self) -> Self {
        Self::new(self.value, &self.live)
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        self.live.fetch_sub(1, SeqCst);
    }
}

/// Every kind of executor, made once: the first is the sync one.
pub(crate) fn executors() -> &'static [Executor] {
    static EXECUTORS: LazyLock<Vec<Executor>> = LazyLock::new(|| {
        let threaded = |threads| Executor::threaded(threads).expect("the system grants threads");
        vec![Executor::sync(), threaded(1), threaded(2), threaded(4), Executor::shared()]
    });
    &EXECUTORS
}

/// The executors on one, two and four threads.
pub(crate) fn threaded() -> &'static [Executor] {
    &executors()[1..4]
}

/// Whether the condition comes true; it may take until other threads have let go of something.
pub(crate) fn comes_true(condition: impl Fn() -> bool) -> bool {
    let start = Instant::now();
    while !condition() {
        if start.elapsed() > Duration::from_secs(30) {
            return false;
        }
        std::thread::yield_now();
    }
    true
}

/// A number from the environment.
pub(crate) fn setting(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} is {text:?}, not a number")),
        Err(_) => default,
    }
}
