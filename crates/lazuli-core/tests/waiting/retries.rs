//! Tasks that wait for their next try: on no thread, and nobody is kept by them.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::time::Duration;

use lazuli_core::{CancelToken, Delayed, ErrorKind, Executor, Lane, Retry, compute, task};

use crate::support::probe::{Before, is_idle};
use crate::support::{Alive, Sign, eventually, pool_of, scenario, spin};

const AN_HOUR: Duration = Duration::from_secs(3600);

fn refused() -> io::Error {
    io::Error::other("refused")
}

/// A task that fails at once, says so, and may be tried again in an hour.
fn in_an_hour(lane: Lane, alive: &Alive, tried: &Sign) -> Delayed<i64> {
    let (value, tried) = (alive.value(), tried.clone());
    task("in_an_hour").lane(lane).retry(Retry::times(1).delay(AN_HOUR)).try_call((), move |()| {
        let _holds = &value;
        tried.give();
        Err::<i64, _>(refused())
    })
}

/// A task computes two others: one is to be tried again, the other fails meanwhile. Only the timer holds
/// the first, and the caller must not wait for it.
fn a_failure_beside_a_retry(threads: usize) {
    scenario(move || {
        for delay in [0, 10, 10_000].map(Duration::from_millis) {
            let before = Before::now();
            let outer = task("outer").call((), move |()| {
                let failed = Sign::default();
                let fails = failed.clone();
                let again = Retry::times(1).delay(delay);
                let again = task("again").retry(again).try_call((), move |()| {
                    fails.give();
                    Err::<i64, _>(refused())
                });
                let other = task("other").lane(Lane::Blocking).try_call((), move |()| {
                    failed.wait();
                    Err::<i64, _>(refused())
                });
                let error = compute((again, other)).expect_err("both fail");
                (error.kind(), error.to_string().contains("refused"))
            });
            let answer = pool_of(threads).compute(outer).expect("outer does not fail");
            assert_eq!(answer, (ErrorKind::Task, true));
            before.no_thread_is_left();
        }
        is_idle();
    });
}

#[test]
fn a_failure_ends_a_nested_compute_whose_other_task_is_to_be_tried_again_on_one_thread() {
    a_failure_beside_a_retry(1);
}

#[test]
fn a_failure_ends_a_nested_compute_whose_other_task_is_to_be_tried_again_on_two_threads() {
    a_failure_beside_a_retry(2);
}

/// The same on the CPU lane alone, where one thread runs both.
#[test]
fn a_failure_on_the_only_thread_ends_a_nested_compute_with_a_retry() {
    scenario(|| {
        let outer = task("outer").call((), |()| {
            let again = Retry::times(1).delay(Duration::from_millis(10));
            let again = task("again").retry(again).try_call((), |()| Err::<i64, _>(refused()));
            let other = task("other").try_call((), |()| {
                // Longer than the delay of the other.
                std::thread::sleep(Duration::from_millis(20));
                Err::<i64, _>(refused())
            });
            compute((again, other)).is_err()
        });
        assert!(pool_of(1).compute(outer).expect("outer does not fail"));
    });
}

/// Thousands of tries whose delay is over before whoever booked it has done so.
#[test]
fn no_retry_is_lost_however_short_its_delay() {
    scenario(|| {
        let executor = pool_of(16);
        for round in 0..6 {
            let flaky = |index: u64| {
                let tries = AtomicU32::new(0);
                let delay = Duration::from_micros(index % 4 * 250);
                task("flaky").retry(Retry::times(20).delay(delay)).try_call((), move |()| {
                    spin(Duration::from_micros(50));
                    if tries.fetch_add(1, SeqCst) < 20 { Err(refused()) } else { Ok(1_u32) }
                })
            };
            let answers = executor.compute((0..200).map(flaky).collect::<Vec<_>>());
            assert_eq!(answers.expect("the last try succeeds"), [1; 200], "in round {round}");
        }
    });
}

#[test]
fn a_task_that_is_never_tried_again_keeps_no_compute_that_is_cancelled() {
    scenario(|| {
        let before = Before::now();
        for lane in [Lane::Cpu, Lane::Blocking] {
            for threads in [1, 2] {
                let (alive, tried, token) = (Alive::default(), Sign::default(), CancelToken::new());
                let waits = in_an_hour(lane, &alive, &tried);
                let cancels = std::thread::spawn({
                    let (tried, token) = (tried.clone(), token.clone());
                    move || {
                        tried.wait();
                        token.cancel();
                    }
                });
                let executor = pool_of(threads).with_cancel(&token);
                let error = executor.compute(waits).expect_err("it is cancelled");
                assert_eq!(error.kind(), ErrorKind::Cancelled);
                cancels.join().expect("cancelling does not fail");
                alive.all_are_dropped();
            }
        }
        before.no_thread_is_left();
        is_idle();
    });
}

/// Also on the calling thread alone.
#[test]
fn a_deadline_ends_the_delay_of_a_retry() {
    scenario(|| {
        for executor in [Executor::sync(), pool_of(1), pool_of(2)] {
            let alive = Alive::default();
            let waits = in_an_hour(Lane::Cpu, &alive, &Sign::default());
            let error = executor.with_timeout(Duration::from_millis(50)).compute(waits);
            assert_eq!(error.expect_err("its time is up").kind(), ErrorKind::Deadline);
            alive.all_are_dropped();
        }
    });
}

#[test]
fn a_run_whose_only_task_is_to_be_tried_again_ends_with_its_last_handle() {
    scenario(|| {
        let before = Before::now();
        for threads in [1, 2] {
            let (alive, tried) = (Alive::default(), Sign::default());
            let executor = pool_of(threads);
            let running = executor.start(in_an_hour(Lane::Cpu, &alive, &tried));
            tried.wait();
            let depends = running.handles() + 1;
            drop(running);
            drop(depends);
            alive.all_are_dropped();
        }
        before.no_thread_is_left();
    });
}

/// Many tries of many computes are pending when each is ended in another way.
#[test]
fn computes_end_while_hundreds_of_tries_are_pending() {
    scenario(|| {
        let executor = pool_of(2);
        let alive = Alive::default();
        for round in 0..40 {
            let tried = Arc::new(AtomicU32::new(0));
            let tasks: Vec<_> = (0..100_u64)
                .map(|index| {
                    let (value, tried) = (alive.value(), Arc::clone(&tried));
                    let delay = Duration::from_micros(index * index * 50);
                    let retry = Retry::times(u32::MAX).delay(delay);
                    task("never").retry(retry).try_call((), move |()| {
                        let _holds = &value;
                        tried.fetch_add(1, SeqCst);
                        Err::<u64, _>(refused())
                    })
                })
                .collect();
            let running = executor.start(tasks);
            eventually("all have been tried", || tried.load(SeqCst) >= 100);
            match round % 3 {
                0 => running.cancel(),
                1 => drop(running.handles()),
                _ => {}
            }
            if round % 3 == 0 {
                assert_eq!(running.wait().expect_err("cancelled").kind(), ErrorKind::Cancelled);
            } else {
                drop(running);
            }
        }
        alive.all_are_dropped();
    });
}
