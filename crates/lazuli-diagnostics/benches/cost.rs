//! What watching costs a task: a tree sum with nobody watching, with a progress meter, and with a recorder.
//!
//! `cargo bench -p lazuli-diagnostics --features progress` prints ns a task: the least of some rounds, in turns, so
//! that whatever else the machine does hits all alike.

use std::sync::Arc;
use std::time::{Duration, Instant};

use lazuli_core::{Delayed, Event, Executor, Observer};
use lazuli_diagnostics::Recorder;

/// Leaves of the tree; there is a task less above them.
const LEAVES: usize = 1 << 19;
const ROUNDS: usize = 7;

/// Is told everything, and does nothing: what the clock and the calls take.
struct Nothing;

impl Observer for Nothing {
    fn event(&self, _: &Event<'_>) {}
}

/// A tree of additions.
fn tree() -> Delayed<i64> {
    let mut level: Vec<Delayed<i64>> =
        (0..LEAVES as i64).map(|i| Delayed::value(1).map_named("leaf", move |x| x + i)).collect();
    while level.len() > 1 {
        level = level.chunks(2).map(|pair| &pair[0] + &pair[1]).collect();
    }
    level.remove(0)
}

/// How long it takes to plan and run the tree.
fn run(executor: &Executor, tree: &Delayed<i64>) -> Duration {
    let begun = Instant::now();
    let sum = executor.compute(tree).expect("additions do not fail");
    assert_eq!(sum, (LEAVES * (LEAVES + 1) / 2) as i64);
    begun.elapsed()
}

fn main() {
    let plain = Executor::threaded(2).expect("two threads");
    let tree = tree();
    let tasks = (2 * LEAVES - 1) as f64;
    let mut names = vec!["nobody watches"];
    let mut least = vec![Duration::MAX];
    #[cfg(feature = "progress")]
    names.push("progress, not drawn");
    names.extend(["told, does nothing", "recorder", "recorder, all folded"]);
    least.resize(names.len(), Duration::MAX);
    for _ in 0..ROUNDS {
        let mut executors = vec![plain.clone()];
        #[cfg(feature = "progress")]
        executors
            .push(plain.clone().with_observer(Arc::new(lazuli_diagnostics::Progress::never())));
        executors.push(plain.clone().with_observer(Arc::new(Nothing)));
        executors.push(plain.clone().with_observer(Arc::new(Recorder::new())));
        executors.push(plain.clone().with_observer(Arc::new(Recorder::with_room(0))));
        for (executor, least) in executors.iter().zip(&mut least) {
            *least = (*least).min(run(executor, &tree));
        }
    }
    let nanos = |time: Duration| time.as_secs_f64() * 1e9 / tasks;
    for (name, time) in names.iter().zip(&least) {
        println!(
            "{name:22} {:7.1} ns a task, {:+6.1}",
            nanos(*time),
            nanos(*time) - nanos(least[0])
        );
    }
}
