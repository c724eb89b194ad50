//! Computes that are awaited and tasks that await, where something goes wrong or many do so at once.

use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Waker};
use std::thread;
use std::time::Duration;

use lazuli::ErrorKind;
use lazuli::core::lanes::set_async_limit;
use lazuli::core::{Lane, Retry};
use lazuli::prelude::*;
use tokio::runtime::Builder;
use tokio::sync::Semaphore;
use tokio::task::LocalSet;

use crate::support::{
    Gauge, Meeting, Named, comes_true, executors, in_its_own_process, must_end, threaded,
};

fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    runtime.block_on(future)
}

/// A hundred computes on one thread of a runtime, none of which waits for another.
#[test]
fn many_computes_are_awaited_at_once() {
    must_end(|| {
        for Named { name, executor } in threaded() {
            let base = Delayed::value(1_usize).map_named("base", |one| *one);
            let all = Arc::new(Semaphore::new(0));
            let met = block_on(LocalSet::new().run_until(async {
                let computes: Vec<_> = (0..50)
                    .map(|number| {
                        let all = Arc::clone(&all);
                        let meets = task("meets").try_call_async(&base + number, move |number| {
                            let all = Arc::clone(&all);
                            all.add_permits(1);
                            async move { all.acquire_many(50).await.map(|_| number) }
                        });
                        tokio::task::spawn_local(executor.compute_async(meets))
                    })
                    .collect();
                let mut total = 0;
                for compute in computes {
                    total += compute.await.expect("no panic").expect("nothing fails");
                }
                total
            }));
            assert_eq!(met, 50 + 50 * 49 / 2, "on {name}");
        }
    });
}

/// The waker that it was polled with last is the one that is woken.
#[test]
fn a_future_may_move_from_task_to_task() {
    must_end(|| {
        let meeting = Meeting::of(2);
        let arrives = Arc::clone(&meeting);
        let waits = task("waits").lane(Lane::Blocking).call((), move |()| arrives.meet());
        let mut computing = pin!(waits.compute_async());
        let first = computing.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(first.is_pending());
        // Polled again only when it is woken: the task ends when the future has been polled.
        let mut comes = Some(|| meeting.meet());
        let met = thread::scope(|scope| {
            block_on(poll_fn(|context| {
                let polled = computing.as_mut().poll(context);
                if let Some(comes) = comes.take() {
                    scope.spawn(comes);
                }
                polled
            }))
        });
        assert!(met.expect("nothing fails"));
    });
}

#[test]
fn what_ends_a_compute_is_told_to_who_awaits_it() {
    must_end(|| {
        for Named { name, executor } in threaded() {
            let never = task("never").call_async((), |()| std::future::pending::<u8>());
            let timed = executor.clone().with_timeout(Duration::from_millis(5));
            let error = block_on(timed.compute_async(&never)).expect_err("time is up");
            assert_eq!(error.kind(), ErrorKind::Deadline, "on {name}");
            let token = CancelToken::new();
            let stoppable = executor.clone().with_cancel(&token);
            let error = block_on(async {
                let computing = stoppable.compute_async(never);
                tokio::task::yield_now().await;
                token.cancel();
                computing.await
            });
            assert_eq!(error.expect_err("cancelled").kind(), ErrorKind::Cancelled, "on {name}");
        }
    });
}

/// The function that makes the future fails before there is one.
#[test]
fn a_panic_in_making_the_future_is_an_error() {
    fn panics(tried: usize) -> std::future::Ready<Result<usize, io::Error>> {
        match tried {
            1 => std::future::ready(Ok(1)),
            _ => std::panic::resume_unwind(Box::new("no future")),
        }
    }
    for Named { name, executor } in executors() {
        let made = task("made").part("p").try_call_async((), |()| panics(0));
        let error = executor.compute(&made).expect_err("it panics");
        assert_eq!((error.kind(), error.part()), (ErrorKind::Panic, Some("p")), "on {name}");
        assert!(error.to_string().ends_with("panicked: no future"), "{error}");
        let tries = AtomicUsize::new(0);
        let again = task("again").retry(Retry::times(1));
        let again = again.try_call_async((), move |()| panics(tries.fetch_add(1, SeqCst)));
        assert_eq!(executor.compute(again).expect("the second try"), 1, "on {name}");
    }
}

#[test]
fn futures_that_are_tried_in_vain_give_their_last_error() {
    for Named { name, executor } in executors() {
        let tries = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&tries);
        let retry = Retry::times(3).delay(Duration::from_millis(1));
        let fails = task("fails").retry(retry).try_call_async((), move |()| {
            let tried = counter.fetch_add(1, SeqCst);
            async move {
                tokio::time::sleep(Duration::from_micros(10)).await;
                match tried {
                    0 => std::panic::resume_unwind(Box::new("first")),
                    tried => Err::<u8, _>(io::Error::other(format!("try {tried}"))),
                }
            }
        });
        let error = executor.compute(fails).expect_err("four failures");
        assert_eq!(tries.load(SeqCst), 4, "on {name}");
        assert!(error.to_string().ends_with("failed: try 3"), "{error} on {name}");
    }
}

/// Futures hold what they were given until they are dropped, and no longer.
#[test]
fn a_cancelled_compute_drops_its_futures() {
    must_end(|| {
        for Named { name, executor } in threaded() {
            let (gauge, token) = (Gauge::default(), CancelToken::new());
            let held = gauge.clone();
            let input = task("input").call((), move |()| held.track(()));
            let begun = Meeting::of(2);
            let never = (0..100).map(|index| {
                let begins = Arc::clone(&begun);
                task("never").call_async(input.clone(), move |input| {
                    let begins = Arc::clone(&begins);
                    async move {
                        if index == 10 {
                            begins.meet();
                        }
                        std::future::pending::<()>().await;
                        drop(input);
                    }
                })
            });
            let running = executor.clone().with_cancel(&token).start(never.collect::<Vec<_>>());
            drop(input);
            assert!(begun.meet(), "on {name}");
            token.cancel();
            assert_eq!(running.wait().expect_err("cancelled").kind(), ErrorKind::Cancelled);
            assert!(comes_true(|| gauge.live() == 0), "{} are held on {name}", gauge.live());
        }
    });
}

/// Each future awaits as many others as may be under way, and none more is.
fn most_at_once(limit: usize) {
    let gauge = Gauge::default();
    let all = Arc::new(Semaphore::new(0));
    let tasks = (0..3 * limit).map(|_| {
        let (gauge, all) = (gauge.clone(), Arc::clone(&all));
        task("await").try_call_async((), move |()| {
            let (gauge, all) = (gauge.clone(), Arc::clone(&all));
            async move {
                let _inside = gauge.track(());
                all.add_permits(1);
                all.acquire_many(limit as u32).await.map(drop)
            }
        })
    });
    compute(sequence(tasks)).expect("nothing fails");
    assert_eq!(gauge.most(), limit);
}

#[test]
fn the_limit_is_64_unless_set_and_may_be_lowered_and_raised() {
    in_its_own_process(
        "awaiting::the_limit_is_64_unless_set_and_may_be_lowered_and_raised",
        || {
            most_at_once(64);
            for limit in [7, 1, 90, 30] {
                set_async_limit(limit);
                most_at_once(limit);
            }
            set_async_limit(0);
            most_at_once(1);
        },
    );
}
