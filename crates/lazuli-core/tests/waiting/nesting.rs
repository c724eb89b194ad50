//! Computes, runs and channels inside tasks, on pools of one thread: whoever waits keeps nobody from
//! bringing what is waited for.

use std::sync::{Mutex, mpsc};

use lazuli_core::{Delayed, Executor, Lane, compute, sequence, start, sum, task};

use crate::support::{Busy, pool_of, scenario};

fn fan(count: u64) -> Delayed<u64> {
    sum((0..count).map(|value| task("part").call((), move |()| value)))
}

#[test]
fn a_task_waits_for_a_run_that_it_has_started_on_the_only_thread() {
    scenario(|| {
        let executor = pool_of(1);
        for _ in 0..200 {
            let waits = |lane| {
                task("waits").lane(lane).call((), |()| start(fan(10)).wait().expect("no failure"))
            };
            let both = waits(Lane::Cpu) + waits(Lane::Blocking);
            assert_eq!(executor.compute(&both).expect("nothing fails"), 90);
            assert_eq!(executor.start(both).wait().expect("nothing fails"), 90);
        }
    });
}

/// The last run started is waited for first, so what it waits for is below it in every queue.
#[test]
fn a_task_waits_for_its_runs_in_any_order() {
    scenario(|| {
        let executor = pool_of(1);
        for _ in 0..50 {
            let waits = task("waits").call((), |()| {
                let mut last = start(fan(3));
                let mut all = Vec::new();
                for _ in 0..10 {
                    let next = start(last.handles() + 1);
                    all.push(std::mem::replace(&mut last, next));
                }
                let answer = last.wait().expect("nothing fails");
                let others: u64 = all.into_iter().map(|run| run.wait().expect("no failure")).sum();
                (answer, others)
            });
            let answer = executor.compute(waits).expect("nothing fails");
            assert_eq!(answer, (13, (3..13).sum::<u64>()));
        }
    });
}

/// Down from pool to pool and back again: the first pool's only thread waits below.
fn ping_pong(first: Executor, second: Executor, depth: u64) -> Delayed<u64> {
    task("ping").call((), move |()| {
        if depth == 0 {
            return 1;
        }
        let back = ping_pong(second.clone(), first.clone(), depth - 1);
        second.compute(fan(4) + back).expect("nothing fails")
    })
}

#[test]
fn computes_go_back_and_forth_between_pools_of_one_thread() {
    scenario(|| {
        let (left, right) = (pool_of(1), pool_of(1));
        for _ in 0..50 {
            let tasks = (0..4).map(|_| ping_pong(left.clone(), right.clone(), 6));
            let answers = left.compute(sequence(tasks)).expect("nothing fails");
            assert_eq!(answers, [37; 4]);
        }
    });
}

/// Both pools' only threads wait for the other pool at the same time.
#[test]
fn two_pools_of_one_thread_compute_on_each_other_at_once() {
    scenario(|| {
        let (left, right) = (pool_of(1), pool_of(1));
        for _ in 0..50 {
            let runs: Vec<_> = (0..10)
                .flat_map(|_| {
                    let there = ping_pong(left.clone(), right.clone(), 3);
                    let back = ping_pong(right.clone(), left.clone(), 3);
                    [left.start(there), right.start(back)]
                })
                .collect();
            for running in runs {
                assert_eq!(running.wait().expect("nothing fails"), 19);
            }
        }
    });
}

/// The same with others in the queues of both.
#[test]
fn computes_go_between_pools_that_are_busy() {
    scenario(|| {
        let (left, right) = (pool_of(1), pool_of(1));
        let busy = [&left, &right].map(|executor| {
            let executor = executor.clone();
            Busy::threads(4, move || {
                assert_eq!(executor.compute(fan(20)).expect("nothing fails"), 190);
            })
        });
        for _ in 0..20 {
            let answer = left.compute(ping_pong(left.clone(), right.clone(), 4));
            assert_eq!(answer.expect("nothing fails"), 25);
        }
        busy.into_iter().for_each(Busy::join);
    });
}

/// The task on the blocking lane waits for a thread outside, which needs the pool.
#[test]
fn a_blocking_task_waits_for_a_thread_that_computes_on_the_same_pool_of_one() {
    scenario(|| {
        let executor = pool_of(1);
        for _ in 0..100 {
            let (ask, asked) = mpsc::channel::<u64>();
            let (answer, answered) = mpsc::channel::<u64>();
            let outside = std::thread::spawn({
                let executor = executor.clone();
                move || {
                    for count in asked {
                        let sum = executor.compute(fan(count)).expect("nothing fails");
                        answer.send(sum).expect("the task waits");
                    }
                }
            });
            let answered = Mutex::new((ask, answered));
            let waits = task("waits").lane(Lane::Blocking).call((), move |()| {
                let (ask, answered) = &*answered.lock().expect("no panic");
                (0..3)
                    .map(|_| {
                        ask.send(10).expect("the thread waits");
                        answered.recv().expect("the thread answers")
                    })
                    .sum::<u64>()
            });
            assert_eq!(executor.compute(fan(10) + &waits).expect("nothing fails"), 180);
            drop(waits);
            outside.join().expect("the thread ends when nobody asks any more");
        }
    });
}

/// As above, where the blocking task is started by a task that waits for it on the only thread.
#[test]
fn a_task_waits_for_a_blocking_task_that_waits_for_a_thread_that_computes() {
    scenario(|| {
        let executor = pool_of(1);
        for _ in 0..100 {
            let on = executor.clone();
            let outer = task("outer").call((), move |()| {
                let on = on.clone();
                let waits = task("waits").lane(Lane::Blocking).call((), move |()| {
                    let on = on.clone();
                    std::thread::spawn(move || on.compute(fan(10)).expect("no failure"))
                        .join()
                        .expect("the thread computes")
                });
                compute(fan(10) + waits).expect("nothing fails")
            });
            assert_eq!(executor.compute(outer).expect("nothing fails"), 90);
        }
    });
}

/// More levels than threads of any kind, and more than a stack of frames for each would be wise.
#[test]
fn computes_nest_fifty_deep_on_one_thread() {
    fn nest(depth: u64) -> u64 {
        if depth == 0 {
            return 1;
        }
        let below = task("below").call((), move |()| nest(depth - 1));
        compute(below + fan(3)).expect("nothing fails")
    }
    scenario(|| {
        for threads in [1, 2, 4] {
            let executor = pool_of(threads);
            let tasks = (0..8).map(|_| task("nests").call((), |()| nest(50)));
            assert_eq!(executor.compute(sequence(tasks)).expect("nothing fails"), [151; 8]);
        }
    });
}

/// Every lane inside every other, with one place on the blocking lane.
#[test]
fn lanes_nest_in_each_other_with_one_blocking_place() {
    fn nest(depth: u64) -> u64 {
        if depth == 0 {
            return 1;
        }
        let lane = |lane| task("nests").lane(lane).call((), move |()| nest(depth - 1));
        let tasks = lane(Lane::Cpu) + lane(Lane::Blocking);
        #[cfg(feature = "async")]
        let tasks = tasks + task("awaits").call_async((), move |()| async move { nest(depth - 1) });
        compute(tasks).expect("nothing fails")
    }
    scenario(|| {
        lazuli_core::lanes::set_blocking_limit(1);
        #[cfg(feature = "async")]
        lazuli_core::lanes::set_async_limit(1);
        let kinds: u64 = if cfg!(feature = "async") { 3 } else { 2 };
        for threads in [1, 2] {
            let executor = pool_of(threads);
            let answers =
                executor.compute(sequence((0..3).map(|_| task("nests").call((), |()| nest(4)))));
            assert_eq!(answers.expect("nothing fails"), [kinds.pow(4); 3]);
        }
    });
}
