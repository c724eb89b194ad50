//! Models of whole computes on a pool: from the outputs to the answer, with whoever stops them meanwhile.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use crate::base::cancel::CancelToken;
use crate::base::error::Result;
use crate::base::lane::Lane;
use crate::base::retry::Retry;
use crate::base::sync::join_started;
use crate::describe::collection::{Collection, requests};
use crate::describe::task::task;
use crate::exec::job::Job;
use crate::exec::promise::{CancelOnDrop, Promise};
use crate::exec::settings::{Mode, Settings};
use crate::graph::Delayed;
use crate::threads::models::{check, come_to_rest, spawn};
use crate::threads::pool::Pool;
use crate::threads::{blocking, timer};

fn job(pool: &Pool, tokens: &[&CancelToken]) -> Job {
    let tokens = tokens.iter().map(|&token| token.clone()).collect();
    let settings = Settings { tokens, ..Settings::default() };
    Job::new(Mode::Threads(pool.clone()), settings).expect("it has no deadline")
}

fn compute<C: Collection>(pool: &Pool, collection: &C) -> Result<C::Output> {
    job(pool, &[]).run(requests(collection))?.receive(collection)
}

fn start<C: Collection>(pool: &Pool, tokens: &[&CancelToken], collection: &C) -> Arc<Promise> {
    job(pool, tokens).start(requests(collection), pool.clone())
}

/// A task that counts how often it runs.
fn counted(runs: &Arc<AtomicUsize>) -> Delayed<u64> {
    let runs = Arc::clone(runs);
    task("counted").call((), move |()| {
        runs.fetch_add(1, SeqCst);
        1
    })
}

/// Ends the threads of the pool and of the lanes: nothing is left to do.
fn end(pool: Pool) {
    come_to_rest(pool);
    blocking::expire_idle();
    timer::expire_idle();
    join_started();
    blocking::assert_at_rest();
    timer::assert_at_rest();
}

#[test]
fn two_callers_compute_on_one_thread() {
    check(2, || {
        let pool = Pool::modelled(1);
        let runs = Arc::<AtomicUsize>::default();
        let call = || {
            let (pool, task) = (pool.clone(), counted(&runs));
            move || assert_eq!(compute(&pool, &task).expect("nothing fails"), 1)
        };
        let other = spawn(call());
        call()();
        other.join().unwrap();
        assert_eq!(runs.load(SeqCst), 2);
        end(pool);
    });
}

/// A task computes on the only thread, which helps with that.
#[test]
fn a_task_computes_on_the_only_thread() {
    check(2, || {
        let pool = Pool::modelled(1);
        let inner = pool.clone();
        let outer = task("outer").call((), move |()| {
            let one = || task("inner").call((), |()| 1_u64);
            compute(&inner, &(one() + one())).expect("nothing fails")
        });
        assert_eq!(compute(&pool, &outer).expect("nothing fails"), 2);
        drop(outer);
        end(pool);
    });
}

/// What a call beside the pool brings is taken on the pool, whose thread has left by then or not.
#[test]
fn a_call_beside_the_pool_brings_its_value() {
    check(2, || {
        let pool = Pool::modelled(1);
        let call = task("call").lane(Lane::Blocking).call((), |()| 1_u64);
        let sum = call + task("leaf").call((), |()| 2);
        assert_eq!(compute(&pool, &sum).expect("nothing fails"), 3);
        end(pool);
    });
}

/// A run in the background is stopped before it has begun, while it runs, or when it is over: its promise is
/// kept in any case, and its task runs once or not at all.
#[test]
fn a_run_begins_or_is_stopped() {
    check(2, || {
        let pool = Pool::modelled(1);
        let runs = Arc::<AtomicUsize>::default();
        let token = CancelToken::new();
        let cancels = spawn({
            let token = token.clone();
            move || token.cancel()
        });
        let promise = start(&pool, &[&token], &counted(&runs));
        promise.wait().expect("nobody waits for this thread");
        let ran = runs.load(SeqCst);
        match Promise::take(promise) {
            Ok(_) => assert_eq!(ran, 1),
            Err(error) => assert!(error.is_stop() && ran <= 1, "{ran} runs, then {error}"),
        }
        cancels.join().unwrap();
        end(pool);
        assert_eq!(runs.load(SeqCst), ran, "it runs after its end");
    });
}

/// The same while the caller waits for the run: the token ends it, and then the caller has it alone.
#[test]
fn a_run_is_stopped_while_its_caller_waits() {
    check(2, || {
        let pool = Pool::modelled(1);
        let runs = Arc::<AtomicUsize>::default();
        let token = CancelToken::new();
        let cancels = spawn({
            let token = token.clone();
            move || token.cancel()
        });
        let sum = counted(&runs) + counted(&runs);
        let answer = job(&pool, &[&token]).run(requests(&sum));
        match answer.and_then(|answered| answered.receive(&sum)) {
            Ok(sum) => assert_eq!((sum, runs.load(SeqCst)), (2, 2)),
            Err(error) => assert!(error.is_stop()),
        }
        cancels.join().unwrap();
        end(pool);
    });
}

/// Each try of a task fails at once and is run again by the timer, before or after it is booked.
#[test]
fn no_retry_is_lost() {
    check(1, || {
        let pool = Pool::modelled(2);
        let tries = Arc::<AtomicUsize>::default();
        let flaky = {
            let tries = Arc::clone(&tries);
            let retry = Retry::times(2).delay(Duration::from_nanos(1));
            task("flaky").retry(retry).try_call((), move |()| match tries.fetch_add(1, SeqCst) {
                0 | 1 => Err(io::Error::other("not yet")),
                tries => Ok(tries),
            })
        };
        assert_eq!(compute(&pool, &flaky).expect("the third try does not fail"), 2);
        assert_eq!(tries.load(SeqCst), 3);
        end(pool);
    });
}

/// A task starts a run and gives it up: that has ended when the task's own run has.
#[test]
fn a_run_ends_after_what_its_task_has_given_up() {
    check(2, || {
        let pool = Pool::modelled(1);
        let runs = Arc::<AtomicUsize>::default();
        let given_up = Arc::<std::sync::Mutex<Option<Arc<Promise>>>>::default();
        let outer = {
            let (pool, runs, given_up) = (pool.clone(), runs.clone(), given_up.clone());
            task("outer").call((), move |()| {
                let token = CancelToken::new();
                let promise = start(&pool, &[&token], &counted(&runs));
                *given_up.lock().unwrap() = Some(Arc::clone(&promise));
                drop(CancelOnDrop { token, promise: Arc::downgrade(&promise) });
                5
            })
        };
        assert_eq!(compute(&pool, &outer).expect("nothing fails"), 5);
        let promise = given_up.lock().unwrap().take().expect("the task has run");
        assert!(promise.outcome().is_some(), "what was given up goes on");
        drop((promise, outer));
        end(pool);
    });
}
