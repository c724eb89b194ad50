//! Futures of computes whose wakers do more than wake: poll on the spot, drop the future, compute, panic.

use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Context, Poll, Wake, Waker};

use lazuli_core::{Computing, Delayed, Executor, Lane, compute, compute_async, task};

use crate::support::probe::{Before, is_idle};
use crate::support::{Alive, Sign, pool_of, scenario};

fn slow(go: &Sign) -> Delayed<i32> {
    let go = go.clone();
    task("slow").lane(Lane::Blocking).call((), move |()| {
        go.wait();
        42
    })
}

/// Polls the future at once when it is woken, as simple executors do.
struct Inline {
    future: Mutex<Option<Computing<Delayed<i32>>>>,
    answers: Mutex<mpsc::Sender<i32>>,
}

impl Wake for Inline {
    fn wake(self: Arc<Self>) {
        let mut slot = self.future.lock().expect("no panic");
        let Some(mut future) = slot.take() else { return };
        let waker = Waker::from(Arc::clone(&self));
        match Pin::new(&mut future).poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(answer) => {
                let answers = self.answers.lock().expect("no panic");
                answers.send(answer.expect("nothing fails")).expect("somebody waits");
            }
            Poll::Pending => *slot = Some(future),
        }
    }
}

#[test]
fn a_waker_may_poll_the_future_on_the_spot() {
    scenario(|| {
        let before = Before::now();
        for threads in [1, 2] {
            let executor = pool_of(threads);
            let (go, (sender, answers)) = (Sign::default(), mpsc::channel());
            let future = executor.compute_async(slow(&go));
            let inline =
                Arc::new(Inline { future: Mutex::new(Some(future)), answers: Mutex::new(sender) });
            Arc::clone(&inline).wake();
            go.give();
            assert_eq!(answers.recv().expect("the future is woken"), 42);
            is_idle();
        }
        before.no_thread_is_left();
    });
}

/// Drops the future that it is to wake.
#[test]
fn a_waker_may_drop_the_future() {
    struct Drops(Mutex<Option<Computing<Delayed<i32>>>>, Sign);
    impl Wake for Drops {
        fn wake(self: Arc<Self>) {
            let future = self.0.lock().expect("no panic").take();
            drop(future);
            self.1.give();
        }
    }
    scenario(|| {
        for threads in [1, 2] {
            let (executor, go, woken) = (pool_of(threads), Sign::default(), Sign::default());
            let mut future = executor.compute_async(slow(&go));
            let drops = Arc::new(Drops(Mutex::new(None), woken.clone()));
            let waker = Waker::from(Arc::clone(&drops));
            assert!(Pin::new(&mut future).poll(&mut Context::from_waker(&waker)).is_pending());
            *drops.0.lock().expect("no panic") = Some(future);
            go.give();
            woken.wait();
        }
        is_idle();
    });
}

/// Computes on the very pool that wakes it, on one thread.
#[test]
fn a_waker_may_compute() {
    struct Computes(Executor, Mutex<mpsc::Sender<i32>>);
    impl Wake for Computes {
        fn wake(self: Arc<Self>) {
            let answer = self.0.compute(Delayed::value(6) * 7).expect("nothing fails");
            self.1.lock().expect("no panic").send(answer).expect("somebody waits");
        }
    }
    scenario(|| {
        for threads in [1, 2] {
            let (executor, go) = (pool_of(threads), Sign::default());
            let (sender, answers) = mpsc::channel();
            let mut future = pin!(executor.compute_async(slow(&go)));
            let waker = Arc::new(Computes(executor.clone(), Mutex::new(sender)));
            let waker = Waker::from(waker);
            assert!(future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
            go.give();
            assert_eq!(answers.recv().expect("the future is woken"), 42);
        }
    });
}

struct Panics;

impl Wake for Panics {
    fn wake(self: Arc<Self>) {
        // Unwinds as a panic does, and keeps it from the output.
        std::panic::resume_unwind(Box::new("a waker that panics"));
    }
}

/// The task gives up a future whose waker panics, and its run ends with what it has given up.
#[test]
fn a_waker_that_panics_keeps_no_compute_around_it() {
    scenario(|| {
        let before = Before::now();
        for threads in [1, 2] {
            for lane in [Lane::Cpu, Lane::Blocking] {
                let (executor, alive, go) = (pool_of(threads), Alive::default(), Sign::default());
                let outer = task("outer").lane(lane).call((), {
                    let (go, alive) = (go.clone(), alive.clone());
                    move |()| {
                        let value = alive.value();
                        let inner = slow(&go).map_named("holds", move |answer| {
                            let _holds = &value;
                            *answer
                        });
                        let mut future = compute_async(inner);
                        let waker = Waker::from(Arc::new(Panics));
                        let polled = Pin::new(&mut future).poll(&mut Context::from_waker(&waker));
                        go.give();
                        assert!(polled.is_pending());
                        7
                    }
                });
                assert_eq!(executor.compute(outer).expect("nothing fails"), 7);
                alive.all_are_dropped();
            }
        }
        before.no_thread_is_left();
    });
}

/// The future's waker panics; whoever takes the run's handles gets its value, and other futures their wake.
#[test]
fn a_waker_that_panics_keeps_nobody_else_from_the_answer() {
    struct Wakes(Sign);
    impl Wake for Wakes {
        fn wake(self: Arc<Self>) {
            self.0.give();
        }
    }
    scenario(|| {
        for threads in [1, 2] {
            let (executor, go) = (pool_of(threads), Sign::default());
            let shared = executor.start(slow(&go)).handles();
            let mut futures: Vec<_> =
                (0..3).map(|more| executor.compute_async(&shared + more)).collect();
            let woken = Sign::default();
            let wakers = [Panics.into_waker(), Waker::from(Arc::new(Wakes(woken.clone())))];
            let polls = [&wakers[0], &wakers[1], &wakers[0]];
            for (future, waker) in futures.iter_mut().zip(polls) {
                assert!(Pin::new(future).poll(&mut Context::from_waker(waker)).is_pending());
            }
            go.give();
            woken.wait();
            assert_eq!(executor.compute(&shared).expect("nothing fails"), 42);
            let answer = Pin::new(&mut futures[1]).poll(&mut Context::from_waker(&wakers[1]));
            assert!(matches!(answer, Poll::Ready(Ok(43))));
            assert_eq!(executor.compute(Delayed::value(6) * 7).expect("nothing fails"), 42);
        }
        is_idle();
    });
}

impl Panics {
    fn into_waker(self) -> Waker {
        Waker::from(Arc::new(self))
    }
}

/// A nested compute on one thread returns although the waker of a future of its own pool panics meanwhile.
#[test]
fn a_waker_that_panics_keeps_no_compute_below_it() {
    scenario(|| {
        let executor = pool_of(1);
        for _ in 0..50 {
            let outer = task("outer").call((), |()| {
                let go = Sign::default();
                let mut future = compute_async(slow(&go) + 1);
                let waker = Panics.into_waker();
                let polled = Pin::new(&mut future).poll(&mut Context::from_waker(&waker));
                assert!(polled.is_pending());
                go.give();
                compute(slow(&go) + 2).expect("nothing fails")
            });
            assert_eq!(executor.compute(outer).expect("nothing fails"), 44);
        }
    });
}
