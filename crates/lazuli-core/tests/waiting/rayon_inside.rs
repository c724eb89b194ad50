//! Rayon inside tasks that compute: on the executor's threads and no others, without deadlock, with many
//! computes queued.

use std::sync::Arc;
use std::time::Duration;

use lazuli_core::{Executor, Lane, compute, pool, sequence, sum, task};
use rayon::prelude::*;

use crate::support::gauge::Gauge;
use crate::support::{Busy, pool_of, scenario, scenario_with};

const SPIN: Duration = Duration::from_micros(20);

fn by_compute(gauge: &Gauge) -> u64 {
    let part = |value: u64| {
        let gauge = gauge.clone();
        task("part").call((), move |()| {
            gauge.work(SPIN);
            value
        })
    };
    compute(sum((0..5).map(part))).expect("nothing fails")
}

fn by_rayon(gauge: &Gauge) -> u64 {
    let pieces = (0..5_u32).into_par_iter().with_max_len(1).map(u64::from);
    pieces
        .map(|piece| {
            gauge.work(SPIN);
            piece
        })
        .sum()
}

/// Joins around computes, and computes around joins: 40.
fn all_of_it(gauge: &Gauge) -> u64 {
    let nests = || {
        let gauge = gauge.clone();
        let nests = move |()| by_rayon(&gauge) + by_compute(&gauge);
        compute(task("nests").call((), nests)).expect("nothing fails")
    };
    let (left, (middle, right)) =
        rayon::join(|| by_compute(gauge), || rayon::join(|| by_rayon(gauge), nests));
    left + middle + right
}

fn with_twenty_queued(threads: usize) {
    scenario(move || {
        let (executor, gauge) = (pool_of(threads), Gauge::default());
        let queued = Busy::threads(20, {
            let (executor, gauge) = (executor.clone(), gauge.clone());
            move || {
                let tasks = (0..5).map(|_| {
                    let gauge = gauge.clone();
                    task("queued").call((), move |()| by_rayon(&gauge) + by_compute(&gauge))
                });
                let answers = executor.compute(sequence(tasks)).expect("nothing fails");
                assert_eq!(answers, [20; 5]);
            }
        });
        for _ in 0..10 {
            let tasks = (0..4).map(|_| {
                let gauge = gauge.clone();
                task("outer").call((), move |()| all_of_it(&gauge))
            });
            let answers = executor.compute(sequence(tasks)).expect("nothing fails");
            assert_eq!(answers, [40; 4]);
        }
        queued.join();
        let most = gauge.most();
        assert!(most <= threads, "{most} pieces and tasks at once on {threads} threads");
    });
}

#[test]
fn joins_and_computes_share_one_thread_with_twenty_computes_queued() {
    with_twenty_queued(1);
}

#[test]
fn joins_and_computes_share_two_threads_with_twenty_computes_queued() {
    with_twenty_queued(2);
}

#[test]
fn joins_and_computes_share_four_threads_with_twenty_computes_queued() {
    with_twenty_queued(4);
}

/// Each half of a join waits for a run that the task has started before: whichever thread has which half,
/// and whatever is below on its stack.
#[test]
fn halves_of_a_join_wait_for_runs_started_before() {
    scenario(|| {
        for threads in [1, 2, 4] {
            let executor = pool_of(threads);
            for _ in 0..100 {
                let tasks = (0..4).map(|_| {
                    task("outer").call((), |()| {
                        let gauge = Gauge::default();
                        let run = || {
                            let gauge = gauge.clone();
                            let nests = task("nests").call((), move |()| by_compute(&gauge));
                            Executor::current().start(nests)
                        };
                        let (left, right) = (run(), run());
                        let (left, right) = rayon::join(|| left.wait(), || right.wait());
                        left.expect("nothing fails") + right.expect("nothing fails")
                    })
                });
                let answers = executor.compute(sequence(tasks)).expect("nothing fails");
                assert_eq!(answers, [20; 4]);
            }
        }
    });
}

/// A blocking task sends rayon work to the shared pool and waits for it there, while tasks of that pool
/// wait for blocking tasks.
fn blocking_tasks_install(threads: &str) {
    scenario_with(&[("LAZULI_NUM_THREADS", threads)], || {
        let installs = || {
            task("installs").lane(Lane::Blocking).call((), |()| {
                let shared = pool::shared().expect("the pool starts");
                shared.install(|| {
                    (0..100_u32).into_par_iter().with_max_len(1).map(u64::from).sum::<u64>()
                })
            })
        };
        for _ in 0..50 {
            let outer = (0..4).map(|_| {
                task("outer")
                    .call((), move |()| compute(installs() + installs()).expect("nothing fails"))
            });
            let all = (sequence(outer), sequence((0..4).map(|_| installs())));
            let (nested, beside) = compute(all).expect("nothing fails");
            assert_eq!((nested, beside), (vec![9900; 4], vec![4950; 4]));
        }
    });
}

#[test]
fn blocking_tasks_install_rayon_work_on_the_shared_pool_of_one() {
    blocking_tasks_install("1");
}

#[test]
fn blocking_tasks_install_rayon_work_on_the_shared_pool_of_two() {
    blocking_tasks_install("2");
}

/// Rayon work on a pool of the user's own, whose threads compute on ours and wait for that, so many times over.
fn own_pool(lane: Lane, rounds: usize) {
    scenario(move || {
        let (executor, gauge) = (pool_of(1), Gauge::default());
        let own = rayon::ThreadPoolBuilder::new().num_threads(2).build();
        let own = Arc::new(own.expect("the system grants threads"));
        for _ in 0..rounds {
            let tasks = (0..4).map(|_| {
                let (executor, own, gauge) = (executor.clone(), Arc::clone(&own), gauge.clone());
                task("outer").lane(lane).call((), move |()| {
                    own.install(|| {
                        let pieces = (0..4_u32).into_par_iter().with_max_len(1);
                        let compute = |_| {
                            let gauge = gauge.clone();
                            let nests = task("nests").call((), move |()| by_compute(&gauge));
                            executor.compute(nests).expect("nothing fails")
                        };
                        pieces.map(compute).sum::<u64>()
                    })
                })
            });
            let answers = executor.compute(sequence(tasks)).expect("nothing fails");
            assert_eq!(answers, [40; 4]);
        }
        assert!(gauge.most() <= 1, "{} tasks at once on one thread", gauge.most());
    });
}

#[test]
fn threads_of_the_users_own_compute_for_a_blocking_task() {
    own_pool(Lane::Blocking, 50);
}

/// The only thread waits in rayon for the other pool: the executor sees neither its wait nor for whom. It takes some 25 ms
/// each time until a spare thread comes, and longer where other tests have the processors.
#[test]
fn threads_of_the_users_own_compute_for_a_task_on_the_only_thread() {
    own_pool(Lane::Cpu, 10);
}
