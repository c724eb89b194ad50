//! Nobody waits behind a whole queue: a compute returns soon after its last task however much others have
//! queued, and who goes on after a wait goes on before those who have not begun.
//!
//! What is counted is how much of the queue runs meanwhile, and the queue is far too long to end by chance.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use lazuli_core::lanes::set_blocking_limit;
use lazuli_core::{CancelToken, Delayed, ErrorKind, Executor, Lane, Running, compute, task};

use crate::support::{eventually, pool_of, scenario, spin};

/// A long queue of short tasks, and how many of them have run.
struct Queue {
    running: Running<Vec<Delayed<()>>>,
    ran: Arc<AtomicUsize>,
    token: CancelToken,
}

const LONG: usize = 200_000;

impl Queue {
    /// When this returns, the queue is being worked at.
    fn on(executor: &Executor, lane: Lane, length: usize, work: fn()) -> Self {
        let ran = Arc::<AtomicUsize>::default();
        let tasks: Vec<_> = (0..length)
            .map(|_| {
                let ran = Arc::clone(&ran);
                task("queued").lane(lane).call((), move |()| {
                    work();
                    ran.fetch_add(1, SeqCst);
                })
            })
            .collect();
        let token = CancelToken::new();
        let running = executor.clone().with_cancel(&token).start(tasks);
        eventually("the queue is worked at", || ran.load(SeqCst) > 0);
        Self { running, ran, token }
    }

    fn ran(&self) -> usize {
        self.ran.load(SeqCst)
    }

    fn cancel(self) {
        self.token.cancel();
        assert_eq!(self.running.wait().expect_err("cancelled").kind(), ErrorKind::Cancelled);
    }
}

fn short() {
    spin(Duration::from_micros(100));
}

/// Two hundred computes, each of a chain of three tasks, while the queue is at most half done.
#[test]
fn a_compute_returns_while_another_keeps_the_queue_full() {
    scenario(|| {
        for threads in [1, 2] {
            let executor = pool_of(threads);
            let queue = Queue::on(&executor, Lane::Cpu, LONG, short);
            for value in 0..100 {
                let chain = Delayed::value(value) + 1;
                let chain = (chain + 1).map_named("last", |sum| sum + 1);
                assert_eq!(executor.compute(&chain).expect("nothing fails"), value + 3);
                assert_eq!(executor.start(chain).wait().expect("nothing fails"), value + 3);
            }
            assert!(queue.ran() < LONG, "the computes have waited for the whole queue");
            queue.cancel();
        }
    });
}

/// Also one whose tasks compute.
#[test]
fn a_nested_compute_returns_while_another_keeps_the_queue_full() {
    scenario(|| {
        let executor = pool_of(1);
        let queue = Queue::on(&executor, Lane::Cpu, LONG, short);
        for _ in 0..20 {
            let nests = task("nests").try_call((), |()| {
                compute(task("inner").try_call((), |()| compute(Delayed::value(1) + 1)))
            });
            assert_eq!(executor.compute(nests).expect("nothing fails"), 2);
        }
        assert!(queue.ran() < LONG, "the computes have waited for the whole queue");
        queue.cancel();
    });
}

/// The other has a thread until the computes are done, and would keep it for ever.
#[test]
fn computes_return_although_another_never_ends() {
    scenario(|| {
        let executor = pool_of(2);
        let done = Arc::<AtomicUsize>::default();
        let ends = Arc::clone(&done);
        let endless = executor.start(task("endless").call((), move |()| {
            while ends.load(SeqCst) < 50 {
                std::hint::spin_loop();
            }
        }));
        for _ in 0..50 {
            let quick = task("quick").call((), |()| 1).map_named("more", |one| one + 1);
            assert_eq!(executor.compute(quick).expect("nothing fails"), 2);
            done.fetch_add(1, SeqCst);
        }
        endless.wait().expect("nothing fails");
    });
}

/// A blocking task that computes gives its place to another meanwhile. When the compute is over it has the
/// next place that comes free.
#[test]
fn a_blocking_task_that_goes_on_does_not_wait_behind_the_queue_of_its_lane() {
    scenario(|| {
        set_blocking_limit(1);
        let executor = pool_of(2);
        let queued = Arc::<AtomicUsize>::default();
        let ran = Arc::clone(&queued);
        let resumes = task("resumes").lane(Lane::Blocking).call((), move |()| {
            let seen = Arc::clone(&ran);
            // Ends when others have had the place.
            let nested = task("nested").call((), move |()| {
                eventually("the queue is worked at", || seen.load(SeqCst) >= 3);
                seen.load(SeqCst)
            });
            let then = compute(nested).expect("nothing fails");
            ran.load(SeqCst) - then
        });
        let running = executor.start(resumes);
        let queue: Vec<_> = (0..5_000)
            .map(|_| {
                let queued = Arc::clone(&queued);
                task("queued").lane(Lane::Blocking).call((), move |()| {
                    std::thread::sleep(Duration::from_millis(1));
                    queued.fetch_add(1, SeqCst);
                })
            })
            .collect();
        let token = CancelToken::new();
        let queue = executor.with_cancel(&token).start(queue);
        let meanwhile = running.wait().expect("nothing fails");
        token.cancel();
        assert!(queue.wait().is_err(), "the queue is long");
        assert!(meanwhile < 100, "{meanwhile} queued tasks have gone before");
    });
}
