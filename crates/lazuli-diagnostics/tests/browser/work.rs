//! Computes to look at.

use std::sync::Arc;
use std::time::{Duration, Instant};

use lazuli_core::executor::TaskContext;
use lazuli_core::{Delayed, Executor, Lane, task, tree_reduce};
use lazuli_diagnostics::Recorder;

/// Keeps a core busy.
pub(crate) fn spin(micros: u64) {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_micros(micros) {
        std::hint::spin_loop();
    }
}

/// An executor of two threads, and what it computes is recorded.
pub(crate) fn recorded() -> (Arc<Recorder>, Executor) {
    let recorder = Arc::new(Recorder::new());
    let executor = Executor::threaded(2).unwrap().with_observer(Arc::clone(&recorder) as _);
    (recorder, executor)
}

/// Files that are fetched, read and aggregated, on two lanes: 32 tasks of each kind, 4 and 1 that combine them,
/// and one more. A task of pace 1 takes some microseconds.
pub(crate) fn flights(pace: u64) -> Delayed<u64> {
    // Four rows are enough to look at.
    lazuli_core::lanes::set_blocking_limit(4);
    let tables = (0..32_u64).map(|file| {
        let name = format!("flights/2024-{:02}.csv", file + 1);
        let fetched = task("fetch")
            .lane(Lane::Blocking)
            .part(name.as_str())
            .output_bytes(8_000_000)
            .call((), move |()| {
                std::thread::sleep(Duration::from_micros(pace * (1 + file % 5)));
                file
            });
        let inputs = (&fetched, task::reporter());
        let parsed = task("parse")
            .part(name.as_str())
            .output_bytes(2_000_000)
            .working_bytes(1_000_000)
            .call(inputs, move |(file, reporter): (&u64, &TaskContext<'_>)| {
                reporter.loaded(&name, 17_250_000);
                spin(pace * (3 + file % 7));
                *file
            });
        parsed.map_named("group by carrier", move |file| {
            spin(pace);
            file + 1
        })
    });
    let total = tree_reduce(tables.collect::<Vec<_>>(), 8, move |a: u64, b: u64| {
        spin(pace / 2);
        a + b
    });
    total.unwrap().map_named("mean delay", |sum| *sum)
}

/// How many tasks that is.
pub(crate) const FLIGHTS: usize = 32 * 3 + 4 + 1 + 1;
