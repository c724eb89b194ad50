//! Many threads compute at once on one pool: each gets its answer, and its share.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use lazuli_core::{Delayed, sum, task};

use crate::support::threaded;
use crate::watch::watch;

const THREADS: usize = 8;
const TASKS: usize = 1000;

fn spin(time: Duration) {
    let start = Instant::now();
    while start.elapsed() < time {
        std::hint::spin_loop();
    }
}

/// When the first of eight equal computes is done, none has done less than a quarter of its tasks.
///
/// Turns take two milliseconds, and a compute many of these. A machine that is busy makes all of them
/// slower alike, since they share the same threads.
#[test]
fn computes_from_many_threads_make_progress_together() {
    for executor in threaded() {
        let _watch = watch("eight threads", 0);
        let shared = Delayed::value(1_u64).map_named("shared", |one| *one);
        let done = Arc::new([const { AtomicUsize::new(0) }; THREADS]);
        let start = Barrier::new(THREADS);
        let least = AtomicUsize::new(usize::MAX);
        std::thread::scope(|scope| {
            for thread in 0..THREADS {
                let (shared, done, start, least) = (&shared, &done, &start, &least);
                scope.spawn(move || {
                    let tasks = (0..TASKS).map(|_| {
                        let done = Arc::clone(done);
                        task("spin").call(shared, move |one| {
                            spin(Duration::from_micros(150));
                            done[thread].fetch_add(1, SeqCst);
                            *one
                        })
                    });
                    let tasks = sum(tasks);
                    start.wait();
                    assert_eq!(executor.compute(tasks).expect("nothing fails"), TASKS as u64);
                    let now = done.iter().map(|done| done.load(SeqCst)).min();
                    // Only the first to be done sees how far the others were by then.
                    let _ =
                        least.compare_exchange(usize::MAX, now.unwrap_or_default(), SeqCst, SeqCst);
                });
            }
        });
        let least = least.into_inner();
        assert!(least >= TASKS / 4, "one compute had done {least} of {TASKS} tasks");
    }
}

/// Sub-graphs that eight threads compute at the same time.
#[test]
fn threads_share_sub_graphs() {
    for executor in threaded() {
        let _watch = watch("eight threads", 0);
        let leaves: Vec<Delayed<u64>> =
            (0..64).map(|value| task("leaf").call((), move |()| value)).collect();
        let shared = sum(leaves.iter().cloned());
        std::thread::scope(|scope| {
            for thread in 0..THREADS as u64 {
                let (shared, leaves) = (&shared, &leaves);
                scope.spawn(move || {
                    for _ in 0..200 {
                        let own = shared + thread;
                        let both = executor.compute((&own, &leaves[thread as usize]));
                        assert_eq!(both.expect("nothing fails"), (63 * 32 + thread, thread));
                    }
                });
            }
        });
    }
}
