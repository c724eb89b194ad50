//! What a task may do inside: rayon, a compute, a call that waits, futures, and all of these; without
//! deadlock.
//!
//! `LAZULI_NESTED_TRIES` says how often (10,000 unless set), each on one, two and four threads.

use lazuli_core::{Delayed, Lane, compute, sum, task};
use rayon::prelude::*;

use crate::support::{setting, threaded};
use crate::watch::watch;

/// Has tasks on every executor do something that comes to 45, many times.
fn check(inside: fn() -> u64) {
    check_tasks(move || task("nests").call((), move |()| inside()));
}

/// The same of tasks that come to 45.
fn check_tasks(nests: impl Fn() -> Delayed<u64> + Send + 'static) {
    let tries = setting("LAZULI_NESTED_TRIES", 10_000);
    for executor in threaded() {
        for number in 0..tries {
            let watch = watch("nested try", number);
            watch.does("computes three tasks");
            let tasks = (0..3).map(|_| nests());
            assert_eq!(executor.compute(sum(tasks)).expect("nothing fails"), 3 * 45);
        }
    }
}

fn by_rayon() -> u64 {
    (0..10_u32).into_par_iter().with_max_len(1).map(u64::from).sum()
}

fn by_compute() -> u64 {
    compute(sum((0..10_u64).map(|value| task("value").call((), move |()| value))))
        .expect("nothing fails")
}

fn by_waiting() -> u64 {
    let wait = |value: u64| task("wait").lane(Lane::Blocking).call((), move |()| value);
    compute(wait(40) + wait(5)).expect("nothing fails")
}

#[test]
fn rayon_inside_tasks() {
    check(by_rayon);
}

#[test]
fn computes_inside_tasks() {
    check(by_compute);
}

#[test]
fn waiting_tasks_inside_tasks() {
    check(by_waiting);
}

#[cfg(feature = "async")]
mod futures {
    use lazuli_core::{compute, compute_async, task};

    use super::{by_compute, by_rayon, by_waiting, check, check_tasks, future};

    fn by_futures() -> u64 {
        compute(future(40) + future(5)).expect("nothing fails")
    }

    #[test]
    fn futures_inside_tasks() {
        check(by_futures);
    }

    #[test]
    fn computes_awaited_inside_futures() {
        check_tasks(|| {
            let awaits = |()| async { compute_async(future(40) + future(5)).await };
            task("awaits").try_call_async((), awaits)
        });
    }

    #[test]
    fn computes_blocking_futures() {
        check_tasks(|| {
            let blocks =
                |()| async { by_futures() + by_compute() + by_rayon() - by_waiting() - 45 };
            task("blocks").call_async((), blocks)
        });
    }
}

#[cfg(feature = "async")]
fn future(value: u64) -> Delayed<u64> {
    task("future").call_async((), move |()| async move {
        tokio::task::yield_now().await;
        value
    })
}

#[test]
fn everything_inside_tasks() {
    check(|| {
        let (left, (middle, right)) =
            rayon::join(by_compute, || rayon::join(by_rayon, || compute_rayon() - by_waiting()));
        left + middle - 90 + right
    });
}

/// Ninety, by rayon inside a compute inside a task.
fn compute_rayon() -> u64 {
    compute(sum([0, 1].map(|_| task("rayon").call((), |()| by_rayon())))).expect("nothing fails")
}
