//! What scenarios share: a process of their own, what the process does, and how many tasks are at work.

pub(crate) mod gauge;
pub(crate) mod probe;
pub(crate) mod process;
mod scenario;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use lazuli_core::Executor;

pub(crate) use scenario::{scenario, scenario_with};

/// An executor with threads of its own.
pub(crate) fn pool_of(threads: usize) -> Executor {
    Executor::threaded(threads).expect("the system grants threads")
}

/// Waits until the condition comes true. One that never does fails the scenario, and says which it was.
#[track_caller]
pub(crate) fn eventually(what: &str, condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        // Long before the scenario as a whole is ended, and longer than anything takes that works.
        assert!(start.elapsed() < Duration::from_secs(12), "never: {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Computes for as long as it takes on the processor.
pub(crate) fn spin(time: Duration) {
    let start = Instant::now();
    while start.elapsed() < time {
        std::hint::spin_loop();
    }
}

/// A sign that somebody gives once and others wait for, asleep.
#[derive(Clone, Default)]
pub(crate) struct Sign(Arc<(Mutex<bool>, Condvar)>);

impl Sign {
    pub(crate) fn give(&self) {
        *self.0.0.lock().expect("nothing panics under the lock") = true;
        self.0.1.notify_all();
    }

    pub(crate) fn is_given(&self) -> bool {
        *self.0.0.lock().expect("nothing panics under the lock")
    }

    pub(crate) fn wait(&self) {
        let mut given = self.0.0.lock().expect("nothing panics under the lock");
        while !*given {
            given = self.0.1.wait(given).expect("nothing panics under the lock");
        }
    }
}

/// Counts values that are alive.
#[derive(Clone, Default)]
pub(crate) struct Alive(Arc<AtomicUsize>);

/// A value that is counted from its making to its drop.
pub(crate) struct Value(Alive);

impl Alive {
    pub(crate) fn value(&self) -> Value {
        self.0.fetch_add(1, SeqCst);
        Value(self.clone())
    }

    #[track_caller]
    pub(crate) fn all_are_dropped(&self) {
        eventually("all values are dropped", || self.0.load(SeqCst) == 0);
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, SeqCst);
    }
}

/// Threads that compute on an executor over and over while something else is tested: a queue that is never
/// empty.
pub(crate) struct Busy {
    enough: Arc<AtomicBool>,
    threads: Vec<std::thread::JoinHandle<()>>,
}

impl Busy {
    /// So many threads, each of which has called `compute` at least once when this returns.
    pub(crate) fn threads(count: usize, compute: impl Fn() + Clone + Send + 'static) -> Self {
        let enough = Arc::<AtomicBool>::default();
        let (begun, begins) = std::sync::mpsc::channel();
        let threads = (0..count).map(|_| {
            let (enough, compute, begun) = (Arc::clone(&enough), compute.clone(), begun.clone());
            std::thread::spawn(move || {
                let _ = begun.send(());
                while !enough.load(SeqCst) {
                    compute();
                }
            })
        });
        let threads = threads.collect();
        (0..count).for_each(|_| begins.recv().expect("every thread begins"));
        Self { enough, threads }
    }

    /// Ends them; a panic in one is one here.
    pub(crate) fn join(mut self) {
        self.enough.store(true, SeqCst);
        for thread in self.threads.drain(..) {
            thread.join().expect("a busy thread does not fail");
        }
    }
}
