//! Handles in thread-locals, dropped when their thread ends: where no other thread-local may be touched any
//! more, and nothing may unwind.

use std::any::Any;
use std::cell::RefCell;
use std::pin::Pin;
use std::task::{Context, Waker};

use lazuli_core::{Executor, Lane, compute, start, task};

use crate::support::probe::Before;
use crate::support::{Alive, Sign, pool_of, scenario};

thread_local! {
    static MINE: RefCell<Vec<Box<dyn Any>>> = const { RefCell::new(Vec::new()) };
}

fn leave_to_the_thread(what: impl Any) {
    MINE.with_borrow_mut(|mine| mine.push(Box::new(what)));
}

/// A thread that leaves something of a run to its end; the run waits for the sign, which comes when the
/// thread is gone.
fn gone_before_its_run(leave: impl Fn(&Executor, lazuli_core::Delayed<i32>) + Send + Sync) {
    let before = Before::now();
    for lane in [Lane::Cpu, Lane::Blocking] {
        for order in [false, true] {
            let (executor, alive, go) = (pool_of(2), Alive::default(), Sign::default());
            let (value, waits, begun) = (alive.value(), go.clone(), Sign::default());
            let slow = task("slow").lane(lane).call((), {
                let begun = begun.clone();
                move |()| {
                    let _holds = &value;
                    begun.give();
                    waits.wait();
                    1
                }
            });
            std::thread::scope(|scope| {
                let thread = scope.spawn(|| {
                    // What is made first is destroyed last: after what the core has on this thread.
                    if order {
                        leave_to_the_thread(());
                    }
                    assert_eq!(executor.compute(task("one").call((), |()| 1)).ok(), Some(1));
                    leave(&executor, slow);
                    begun.wait();
                });
                assert!(thread.join().is_ok(), "the thread ends well");
            });
            go.give();
            alive.all_are_dropped();
        }
    }
    before.no_thread_is_left();
}

#[test]
fn a_running_compute_may_be_dropped_at_the_end_of_its_thread() {
    scenario(|| {
        gone_before_its_run(|executor, slow| leave_to_the_thread(executor.start(slow)));
    });
}

#[test]
fn handles_of_a_running_compute_may_be_dropped_at_the_end_of_their_thread() {
    scenario(|| {
        gone_before_its_run(|executor, slow| {
            leave_to_the_thread(executor.start(slow).handles() + 1);
        });
    });
}

#[test]
fn a_future_may_be_dropped_at_the_end_of_its_thread() {
    scenario(|| {
        gone_before_its_run(|executor, slow| {
            let mut future = executor.compute_async(slow);
            let polled = Pin::new(&mut future).poll(&mut Context::from_waker(Waker::noop()));
            assert!(polled.is_pending());
            leave_to_the_thread(future);
        });
    });
}

/// On the shared pool, and the thread has done nothing else.
#[test]
fn a_thread_may_end_with_a_running_compute_on_the_shared_pool() {
    scenario(|| {
        let (alive, go) = (Alive::default(), Sign::default());
        let (value, waits) = (alive.value(), go.clone());
        let thread = std::thread::spawn(move || {
            // Destroyed after whatever the core makes on this thread.
            leave_to_the_thread(());
            leave_to_the_thread(start(task("slow").call((), move |()| {
                let _holds = &value;
                waits.wait();
                1
            })));
        });
        assert!(thread.join().is_ok(), "the thread ends well");
        go.give();
        alive.all_are_dropped();
    });
}

/// Tasks leave handles to the threads they run on: a pool's, which end with it.
#[test]
fn threads_of_a_pool_may_end_with_running_computes() {
    scenario(|| {
        let before = Before::now();
        let alive = Alive::default();
        for _ in 0..20 {
            let executor = pool_of(2);
            let tasks: Vec<_> = (0..4)
                .map(|_| {
                    let alive = alive.clone();
                    task("leaves").call((), move |()| {
                        let value = alive.value();
                        leave_to_the_thread(start(task("left").call((), move |()| {
                            let _holds = &value;
                            1
                        })));
                    })
                })
                .collect();
            executor.compute(tasks).expect("nothing fails");
        }
        alive.all_are_dropped();
        before.no_thread_is_left();
    });
}

/// What is dropped last computes, starts and waits itself. It may get an error, and must not end the process.
#[test]
fn a_destructor_at_the_end_of_a_thread_may_compute() {
    struct Computes(Executor, Sign);
    impl Drop for Computes {
        fn drop(&mut self) {
            let one = || task("one").call((), |()| 1);
            let _ = self.0.compute(one());
            let _ = self.0.start(one()).wait();
            let _ = compute(one());
            drop(self.0.start(one()));
            self.1.give();
        }
    }
    scenario(|| {
        for executor in [Executor::sync(), pool_of(1), pool_of(2), Executor::shared()] {
            for before in [false, true] {
                let dropped = Sign::default();
                let thread = std::thread::spawn({
                    let (executor, dropped) = (executor.clone(), dropped.clone());
                    move || {
                        if before {
                            assert!(executor.compute(task("one").call((), |()| 1)).is_ok());
                        }
                        leave_to_the_thread(Computes(executor, dropped));
                    }
                });
                assert!(thread.join().is_ok(), "the thread ends well");
                assert!(dropped.is_given(), "nothing in the destructor unwinds");
            }
        }
    });
}
