//! Computes inside futures: awaited, waited for, cancelled; they belong to the run of their task.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use lazuli::core::lanes::set_async_limit;
use lazuli::core::{ErrorKind, Lane, sum};
use lazuli::prelude::*;
use tokio::sync::Notify;

use crate::support::{Gauge, Meeting, Named, executors, in_its_own_process, must_end, threaded};

#[delayed]
async fn one() -> u64 {
    tokio::task::yield_now().await;
    1
}

/// A future that computes futures.
fn awaits(depth: u32) -> Delayed<u64> {
    task("awaits").try_call_async((), move |()| async move {
        let inner = if depth == 0 { one() } else { awaits(depth - 1) };
        compute_async(inner + one()).await
    })
}

/// The same, and waits for it by blocking.
fn blocks(depth: u32) -> Delayed<u64> {
    task("blocks").try_call_async((), move |()| async move {
        let inner = if depth == 0 { one() } else { blocks(depth - 1) };
        compute(inner + one())
    })
}

/// By way of tasks on the other lanes.
fn mixes(depth: u32) -> Delayed<u64> {
    let inner = move || if depth == 0 { one() } else { mixes(depth - 1) };
    task("mixes").try_call_async((), move |()| async move {
        let waits = task("waits").lane(Lane::Blocking).try_call((), move |()| compute(inner()));
        let computes = task("computes").try_call((), |()| compute(one()));
        compute_async(waits + computes).await
    })
}

/// Each holds a place of the lane while it waits for others that need one.
#[test]
fn futures_compute_futures_however_few_places_there_are() {
    in_its_own_process(
        "nested_async::futures_compute_futures_however_few_places_there_are",
        || {
            for limit in [1, 3] {
                set_async_limit(limit);
                for Named { name, executor } in executors() {
                    for nests in [awaits, blocks, mixes] {
                        let total = executor.compute(sum((0..20).map(|_| nests(3))));
                        assert_eq!(total.expect("nothing fails"), 20 * 5, "on {name}");
                    }
                }
            }
        },
    );
}

/// A future that blocks in a compute keeps no other from going on.
#[test]
fn futures_that_block_do_not_hold_up_the_others() {
    must_end(|| {
        for Named { name, executor } in threaded() {
            let opened = Arc::new(Notify::new());
            let opens = Arc::clone(&opened);
            let waits = task("waits").try_call_async((), move |()| {
                let opened = Arc::clone(&opened);
                async move {
                    compute(task("opened").call_async((), move |()| {
                        let opened = Arc::clone(&opened);
                        async move { opened.notified().await }
                    }))
                }
            });
            let opens = task("opens").call_async((), move |()| {
                let opens = Arc::clone(&opens);
                async move {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                    opens.notify_one();
                }
            });
            executor.compute((waits, opens)).unwrap_or_else(|error| panic!("{error} on {name}"));
        }
    });
}

/// Futures that wait for a place are dropped as those that have one.
#[test]
fn futures_that_have_not_begun_end_with_their_compute() {
    in_its_own_process("nested_async::futures_that_have_not_begun_end_with_their_compute", || {
        set_async_limit(1);
        for Named { name, executor } in threaded() {
            for _ in 0..100 {
                let gauge = Gauge::default();
                let never = |_| {
                    let counts = gauge.clone();
                    task("never").call_async((), move |()| {
                        let inside = counts.track(());
                        async move {
                            pending::<()>().await;
                            drop(inside);
                        }
                    })
                };
                let all: Vec<_> = (0..10).map(never).collect();
                let timed = executor.clone().with_timeout(Duration::from_millis(1));
                timed.compute(all).expect_err("stopped");
                assert_eq!(gauge.live(), 0, "futures are held on {name}");
            }
        }
    });
}

/// On the sync executor it is the lane's own thread that computes.
#[test]
fn a_compute_on_the_thread_of_the_lane_leaves_the_others_to_another() {
    must_end(|| {
        for Named { name, executor } in executors() {
            let outer = task("outer").try_call_async((), |()| async {
                compute(task("waits").call((), |()| {
                    // Another future must go on while this thread is busy here.
                    let other = std::thread::spawn(|| Executor::shared().compute(one()));
                    other.join().is_ok_and(|one| one.is_ok())
                }))
            });
            assert!(executor.compute(outer).expect("nothing fails"), "on {name}");
        }
    });
}

/// What a task has started and given up has ended as well when the compute returns.
#[test]
fn nothing_runs_behind_a_compute_that_was_ended() {
    must_end(|| {
        for Named { name, executor } in threaded() {
            for lane in [Lane::Cpu, Lane::Blocking] {
                let running = Arc::new(AtomicUsize::new(0));
                let (token, begun) = (CancelToken::new(), Meeting::of(2));
                let slow = || {
                    let (running, begun) = (Arc::clone(&running), Arc::clone(&begun));
                    task("slow").lane(lane).call((), move |()| {
                        running.fetch_add(1, SeqCst);
                        begun.meet();
                        std::thread::sleep(Duration::from_millis(30));
                        running.fetch_sub(1, SeqCst);
                    })
                };
                let inner = slow();
                let awaits =
                    task("awaits").try_call_async((), move |()| compute_async(inner.clone()));
                let cancels = token.clone();
                let met = Arc::clone(&begun);
                let other = std::thread::spawn(move || {
                    met.meet();
                    cancels.cancel();
                });
                let error = executor.clone().with_cancel(&token).compute(awaits);
                assert_eq!(error.expect_err("it is cancelled").kind(), ErrorKind::Cancelled);
                assert_eq!(running.load(SeqCst), 0, "{lane:?} on {name}");
                other.join().expect("it does not panic");
            }
            // A task on the blocking lane starts one on the pool, and panics.
            let running = Arc::new(AtomicUsize::new(0));
            let counter = Arc::clone(&running);
            let panics = task("panics").lane(Lane::Blocking).call((), move |()| {
                let (begun, counter) = (Meeting::of(2), Arc::clone(&counter));
                let begins = Arc::clone(&begun);
                let _started = start(task("slow").call((), move |()| {
                    counter.fetch_add(1, SeqCst);
                    begins.meet();
                    std::thread::sleep(Duration::from_millis(30));
                    counter.fetch_sub(1, SeqCst);
                }));
                begun.meet();
                std::panic::resume_unwind(Box::new("on purpose"));
            });
            let panics: Delayed<()> = panics;
            assert_eq!(executor.compute(panics).expect_err("it panics").task(), Some("panics"));
            assert_eq!(running.load(SeqCst), 0, "on {name}");
        }
    });
}

/// A lower limit holds for those that begin later, although many wait already.
#[test]
fn a_lower_limit_holds_at_once() {
    in_its_own_process("nested_async::a_lower_limit_holds_at_once", || {
        let gauge = Gauge::default();
        let ended = Arc::new(AtomicUsize::new(0));
        let tasks = (0..300).map(|_| {
            let (gauge, ended) = (gauge.clone(), Arc::clone(&ended));
            task("waits").call_async((), move |()| {
                let (gauge, ended) = (gauge.clone(), Arc::clone(&ended));
                async move {
                    // The first have begun under the limit of 64.
                    let late = ended.load(SeqCst) > 64;
                    let inside = late.then(|| gauge.track(()));
                    tokio::time::sleep(Duration::from_millis(1)).await;
                    drop(inside);
                    ended.fetch_add(1, SeqCst);
                }
            })
        });
        let running = start(sequence(tasks));
        while ended.load(SeqCst) == 0 {
            std::thread::yield_now();
        }
        set_async_limit(2);
        running.wait().expect("nothing fails");
        assert_eq!((gauge.most(), ended.load(SeqCst)), (2, 300));
    });
}

/// Like a task of any lane.
#[test]
fn a_future_computes_where_its_task_does() {
    for Named { name, executor } in executors() {
        let asks = task("asks").try_call_async((), |()| async { Executor::current().threads() });
        let expected = executor.threads().expect("a known number");
        assert_eq!(executor.compute(asks).expect("nothing fails"), expected, "on {name}");
    }
}

/// Nobody wakes the future: the token or the clock ends it, and it is dropped before the compute is over.
#[test]
fn a_future_ends_with_its_compute() {
    must_end(|| {
        for Named { name, executor } in executors() {
            let gauge = Gauge::default();
            let counts = gauge.clone();
            let token = CancelToken::new();
            let cancels = token.clone();
            let never = task("never").call_async((), move |()| {
                let (cancels, inside) = (cancels.clone(), counts.track(()));
                async move {
                    cancels.cancel();
                    pending::<()>().await;
                    drop(inside);
                }
            });
            let error = executor.clone().with_cancel(&token).compute(&never).expect_err("stopped");
            assert_eq!((error.kind(), error.others()), (ErrorKind::Cancelled, 0), "on {name}");
            assert_eq!(gauge.live(), 0, "the future is held on {name}");
            let timed = executor.clone().with_timeout(Duration::from_millis(5));
            let error = timed.compute(&never).expect_err("stopped");
            assert_eq!((error.kind(), error.others()), (ErrorKind::Deadline, 0), "on {name}");
            assert_eq!(gauge.live(), 0, "the future is held on {name}");
        }
    });
}
