//! No more threads than asked: however deep computes nest and however many queue, no more tasks of the CPU
//! lane are at work at once than the executor has threads, and few threads are there at all.

use std::time::Duration;

use lazuli_core::{Executor, Lane, compute, sequence, task};

use crate::support::gauge::{Gauge, ThreadWatch};
use crate::support::{Busy, pool_of, probe, scenario};

const SPIN: Duration = Duration::from_micros(100);
const DEPTH: usize = 3;
const FAN: usize = 8;
const QUEUED: usize = 20;

/// How many threads there may be beside the program's own and those that were asked for: one that goes on
/// for each that is blocked, of which there is at most one for each level below a thread that works; the
/// timer; and one that is just ending.
fn spare(threads: usize) -> usize {
    threads * DEPTH + 2
}

/// Works, computes, and works again, so that one who goes on after a wait is counted, too.
fn nest(depth: usize, gauge: &Gauge) -> usize {
    gauge.work(SPIN);
    if depth == 0 {
        return 1;
    }
    let tasks = (0..FAN).map(|_| {
        let gauge = gauge.clone();
        task("nested").call((), move |()| nest(depth - 1, &gauge))
    });
    let leaves = compute(sequence(tasks)).expect("nothing fails").into_iter().sum();
    gauge.work(SPIN);
    leaves
}

fn nested(executor: &Executor, tasks: usize, gauge: &Gauge) {
    let outer = (0..tasks).map(|_| {
        let gauge = gauge.clone();
        task("outer").call((), move |()| nest(DEPTH, &gauge))
    });
    let leaves: usize = executor.compute(sequence(outer)).expect("no failure").into_iter().sum();
    assert_eq!(leaves, tasks * FAN.pow(DEPTH as u32));
}

fn queue(executor: &Executor, threads: usize, gauge: &Gauge) -> Busy {
    let (executor, gauge) = (executor.clone(), gauge.clone());
    Busy::threads(threads, move || {
        let tasks = (0..50).map(|_| {
            let gauge = gauge.clone();
            task("queued").call((), move |()| gauge.work(SPIN))
        });
        executor.compute(sequence(tasks)).expect("nothing fails");
    })
}

fn three_deep(threads: usize) {
    scenario(move || {
        for queued in [0, 1, QUEUED] {
            let own = probe::threads() + queued;
            let gauge = Gauge::default();
            let watch = ThreadWatch::begin();
            let executor = pool_of(threads);
            let busy = queue(&executor, queued, &gauge);
            nested(&executor, 6, &gauge);
            busy.join();
            let (most, threads_there) = (gauge.most(), watch.most());
            assert!(most <= threads, "{most} tasks at once on {threads} threads, {queued} queued");
            let beside = threads_there.saturating_sub(own + threads);
            assert!(
                beside <= spare(threads),
                "{beside} threads beside {threads} with {queued} computes queued"
            );
        }
    });
}

#[test]
fn one_thread_is_one_thread_three_deep_with_twenty_computes_queued() {
    three_deep(1);
}

#[test]
fn two_threads_are_two_three_deep_with_twenty_computes_queued() {
    three_deep(2);
}

#[test]
fn four_threads_are_four_three_deep_with_twenty_computes_queued() {
    three_deep(4);
}

/// Runs that tasks start and wait for, instead of computes.
#[test]
fn runs_that_tasks_start_and_wait_for_take_no_more_threads() {
    scenario(|| {
        for threads in [1, 2, 4] {
            let gauge = Gauge::default();
            let executor = pool_of(threads);
            let busy = queue(&executor, QUEUED / 4, &gauge);
            let outer = (0..20).map(|_| {
                let gauge = gauge.clone();
                task("outer").call((), move |()| {
                    let started: Vec<_> = (0..4)
                        .map(|_| {
                            let gauge = gauge.clone();
                            let inner = task("inner").call((), move |()| nest(1, &gauge));
                            Executor::current().start(inner)
                        })
                        .collect();
                    gauge.work(SPIN);
                    let ended = started.into_iter().map(|run| run.wait().expect("no failure"));
                    let leaves: usize = ended.sum();
                    gauge.work(SPIN);
                    leaves
                })
            });
            let leaves: usize =
                executor.compute(sequence(outer)).expect("no failure").into_iter().sum();
            assert_eq!(leaves, 20 * 4 * FAN);
            busy.join();
            let most = gauge.most();
            assert!(most <= threads, "{most} tasks at once on {threads} threads");
        }
    });
}

/// Tasks beside the pool wait for computes on it by the dozen; those have its threads and no others.
#[test]
fn computes_of_many_blocking_tasks_share_the_threads() {
    scenario(|| {
        for threads in [1, 2, 4] {
            let gauge = Gauge::default();
            let executor = pool_of(threads);
            let outer = (0..100).map(|_| {
                let gauge = gauge.clone();
                task("waits").lane(Lane::Blocking).call((), move |()| {
                    let tasks = (0..FAN).map(|_| {
                        let gauge = gauge.clone();
                        task("nested").call((), move |()| nest(1, &gauge))
                    });
                    compute(sequence(tasks)).expect("nothing fails").into_iter().sum::<usize>()
                })
            });
            let leaves: usize =
                executor.compute(sequence(outer)).expect("no failure").into_iter().sum();
            assert_eq!(leaves, 100 * FAN * FAN);
            let most = gauge.most();
            assert!(most <= threads, "{most} tasks at once on {threads} threads");
        }
    });
}

/// Computes from many threads outside, each nested: their callers do not work along.
#[test]
fn nested_computes_from_many_threads_share_the_threads() {
    scenario(|| {
        for threads in [1, 2, 4] {
            let gauge = Gauge::default();
            let executor = pool_of(threads);
            std::thread::scope(|scope| {
                for _ in 0..QUEUED {
                    scope.spawn(|| nested(&executor, 1, &gauge));
                }
            });
            let most = gauge.most();
            assert!(most <= threads, "{most} tasks at once on {threads} threads");
        }
    });
}
