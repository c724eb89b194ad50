//! Many threads of a program compute at once, on graphs that share their nodes.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier};
use std::thread;

use lazuli::core::Lane;
use lazuli::prelude::*;

use crate::support::{Gauge, Named, Tracked, comes_true, executors, must_end};

const THREADS: usize = 8;
const ROUNDS: usize = 50;

/// 256 leaves that meet in a tree; a few wait beside the pool.
fn tree(runs: &Arc<AtomicUsize>, gauge: &Gauge) -> Delayed<Tracked<usize>> {
    let leaves = (0..256).map(|leaf| {
        let (runs, gauge) = (Arc::clone(runs), gauge.clone());
        let lane = if leaf % 64 == 0 { Lane::Blocking } else { Lane::Cpu };
        task("leaf").lane(lane).call((), move |()| {
            runs.fetch_add(1, SeqCst);
            gauge.track(leaf)
        })
    });
    let add = |mut left: Tracked<usize>, right: Tracked<usize>| {
        left.value += right.value;
        left
    };
    tree_reduce(leaves, 2, add).expect("there are leaves")
}

/// Each compute runs the shared nodes once for itself, and gets its own answer.
#[test]
fn eight_threads_compute_one_graph() {
    must_end(|| {
        for Named { name, executor } in executors() {
            let (runs, gauge) = (Arc::new(AtomicUsize::new(0)), Gauge::default());
            let shared = tree(&runs, &gauge);
            let begin = Barrier::new(THREADS);
            thread::scope(|scope| {
                for number in 0..THREADS {
                    let (shared, begin) = (&shared, &begin);
                    scope.spawn(move || {
                        let own = shared.map_named("own", move |total| total.value * 100 + number);
                        begin.wait();
                        for _ in 0..ROUNDS {
                            let answer = executor.compute((&own, shared)).expect("nothing fails");
                            assert_eq!(answer.0, 255 * 128 * 100 + number, "on {name}");
                            assert_eq!(answer.1.value, 255 * 128, "on {name}");
                        }
                    });
                }
            });
            assert_eq!(runs.load(SeqCst), THREADS * ROUNDS * 256, "on {name}");
            assert!(comes_true(|| gauge.live() == 0), "values are held on {name}");
        }
    });
}

/// The graph is built, computed and dropped by different threads while others use its parts.
#[test]
fn eight_threads_build_on_one_another() {
    must_end(|| {
        for Named { name, executor } in executors() {
            let (runs, gauge) = (Arc::new(AtomicUsize::new(0)), Gauge::default());
            let shared = tree(&runs, &gauge);
            let mut parts = vec![shared.map_named("value", |total| total.value)];
            for _ in 0..ROUNDS {
                let base = &parts;
                let made = thread::scope(|scope| {
                    let threads: Vec<_> = (0..THREADS)
                        .map(|number| {
                            scope.spawn(move || {
                                let part = &base[number % base.len()] + number;
                                executor.compute(&part).expect("nothing fails");
                                part
                            })
                        })
                        .collect();
                    threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
                });
                parts = made;
            }
            let answers = executor.compute(&parts).expect("nothing fails");
            let expected: Vec<_> = (0..THREADS).map(|number| 255 * 128 + number * ROUNDS).collect();
            assert_eq!(answers, expected, "on {name}");
        }
    });
}

/// The rows of a graph whose nodes take up to three of the row before, on every lane; and what each of
/// its nodes comes to, by plain arithmetic.
fn rows() -> (Vec<Delayed<u64>>, Vec<u64>) {
    let mut nodes: Vec<Delayed<u64>> = (0..16).map(Delayed::value).collect();
    let mut values: Vec<u64> = (0..16).collect();
    for row in 1..12_usize {
        for place in 0..16_usize {
            let inputs: Vec<_> = (0..1 + (row + place) % 3)
                .map(|input| 16 * (row - 1) + (5 * input + 3 * place) % 16)
                .collect();
            let value = inputs.iter().map(|&input| values[input]).sum::<u64>() % 1009 + 1;
            let taken: Vec<_> = inputs.iter().map(|&input| nodes[input].clone()).collect();
            let add = |inputs: Vec<u64>| inputs.into_iter().sum::<u64>() % 1009 + 1;
            let name = task("node");
            nodes.push(match (row * place) % 7 {
                0 => name.lane(Lane::Blocking).call(taken, add),
                1 => name.call_async(taken, move |inputs| async move { add(inputs) }),
                2 => name.pure((row, place)).call(taken, add),
                _ => name.call(taken, add),
            });
            values.push(value);
        }
    }
    (nodes, values)
}

/// Eight threads ask for different parts of one graph, in every way there is to ask.
#[test]
fn eight_threads_compute_parts_of_one_graph() {
    must_end(|| {
        for Named { name, executor } in executors() {
            let (nodes, values) = rows();
            thread::scope(|scope| {
                for thread in 0..THREADS {
                    let (nodes, values) = (&nodes, &values);
                    scope.spawn(move || {
                        for round in 0..ROUNDS {
                            let start = (37 * round + 23 * thread) % nodes.len();
                            let places: Vec<_> =
                                (start..nodes.len()).step_by(29 + thread).collect();
                            let asked: Vec<_> =
                                places.iter().map(|&place| nodes[place].clone()).collect();
                            let answers = match round % 4 {
                                0 => executor.compute(&asked),
                                1 => executor.start(&asked).wait(),
                                2 => executor.compute(executor.start(&asked).handles()),
                                _ => {
                                    executor.persist(&asked).and_then(|kept| executor.compute(kept))
                                }
                            };
                            let expected: Vec<_> =
                                places.iter().map(|&place| values[place]).collect();
                            let answers = answers.expect("nothing fails");
                            assert_eq!(answers, expected, "round {round} of {thread} on {name}");
                        }
                    });
                }
            });
        }
    });
}
