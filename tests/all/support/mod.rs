//! What the tests have in common: the executors, values that are counted, and a recording observer.

mod gauge;
mod meeting;
mod process;
mod recorder;

use std::fmt::Debug;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{LazyLock, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use lazuli::core::{Collection, Executor};

pub(crate) use gauge::{Gauge, Tracked};
pub(crate) use meeting::Meeting;
pub(crate) use process::{in_another_run, in_its_own_process};
pub(crate) use recorder::{Kind, Recorder, Seen};

/// An executor and what to call it in messages.
pub(crate) struct Named {
    pub(crate) name: &'static str,
    pub(crate) executor: Executor,
}

static EXECUTORS: LazyLock<[Named; 4]> = LazyLock::new(|| {
    let threaded = |name, threads| Named {
        name,
        executor: Executor::threaded(threads).expect("the system grants threads"),
    };
    [
        Named { name: "sync", executor: Executor::sync() },
        threaded("1 thread", 1),
        threaded("2 threads", 2),
        threaded("4 threads", 4),
    ]
});

/// The executors that every property must hold on: sync, then 1, 2 and 4 threads.
pub(crate) fn executors() -> &'static [Named] {
    &*EXECUTORS
}

/// Those of [`executors`] that have threads of their own.
pub(crate) fn threaded() -> &'static [Named] {
    &EXECUTORS[1..]
}

/// Computes the collection on every executor and compares.
#[track_caller]
pub(crate) fn assert_computes<C>(collection: C, expected: C::Output)
where
    C: Collection,
    C::Output: PartialEq + Debug,
{
    for Named { name, executor } in executors() {
        match executor.compute(&collection) {
            Ok(output) => assert_eq!(output, expected, "on {name}"),
            Err(error) => panic!("on {name}: {error}"),
        }
    }
}

/// Turns a hang into a failure: the work gets a quarter of an hour, where it needs seconds.
#[track_caller]
pub(crate) fn must_end<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> R {
    let (sender, receiver) = mpsc::channel();
    let worker = thread::spawn(move || sender.send(work()));
    match receiver.recv_timeout(Duration::from_secs(900)) {
        Ok(result) => result,
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("the work hangs"),
        Err(mpsc::RecvTimeoutError::Disconnected) => match worker.join() {
            Err(panic) => std::panic::resume_unwind(panic),
            Ok(_) => unreachable!("the work sends its result unless it panics"),
        },
    }
}

/// Waits for something that other threads bring about soon after a compute; false when they do not.
pub(crate) fn comes_true(condition: impl Fn() -> bool) -> bool {
    /// Somebody waited in vain: what comes after (a property test that looks for a smaller case) need
    /// not wait as long.
    static IN_VAIN: AtomicBool = AtomicBool::new(false);
    let patience = Duration::from_millis(if IN_VAIN.load(Relaxed) { 100 } else { 30_000 });
    let start = Instant::now();
    while !condition() {
        if start.elapsed() > patience {
            IN_VAIN.store(true, Relaxed);
            return false;
        }
        thread::sleep(Duration::from_millis(1));
    }
    true
}
