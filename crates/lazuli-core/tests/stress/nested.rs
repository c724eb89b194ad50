//! What a task may do inside: rayon, a compute, a call that waits, and all of these; without deadlock.
//!
//! `LAZULI_NESTED_TRIES` says how often (10,000 unless set), each on one, two and four threads.

use lazuli_core::{Lane, compute, sum, task};
use rayon::prelude::*;

use crate::support::{must_end, setting, threaded};

/// Has tasks on every executor do something that comes to 45, many times.
fn check(inside: fn() -> u64) {
    must_end(|| {
        let tries = setting("LAZULI_NESTED_TRIES", 10_000);
        for executor in threaded() {
            for _ in 0..tries {
                let tasks = (0..3).map(|_| task("nests").call((), move |()| inside()));
                assert_eq!(executor.compute(sum(tasks)).expect("nothing fails"), 3 * 45);
            }
        }
    });
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
