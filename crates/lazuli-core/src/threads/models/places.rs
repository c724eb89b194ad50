//! Models of the places of a pool: its own thread, spare ones and callers, with the code that they run.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;

use super::{check, come_to_rest, spawn};
use crate::base::sync::{Mutex, join_started};
use crate::threads::Slice;
use crate::threads::latch::Latch;
use crate::threads::pool::Pool;
use crate::threads::scheduler::Work;
use crate::threads::waiting::{self, Awaitable};

/// What is done in one go, once.
struct Once {
    id: u64,
    job: Mutex<Option<Box<dyn FnOnce() + Send>>>,
    /// Open when it is done.
    done: Latch,
}

impl Once {
    fn new(id: u64, job: impl FnOnce() + Send + 'static) -> Arc<Self> {
        Arc::new(Self { id, job: Mutex::new(Some(Box::new(job))), done: Latch::default() })
    }
}

impl Work for Once {
    fn work(self: Arc<Self>, _: &Slice) {
        let job = self.job.lock().take().expect("work is queued once and done once");
        job();
        self.done.open();
    }

    fn is_within(&self, run: u64) -> bool {
        self.id == run
    }
}

/// A wait for this, in which the thread can help with what belongs to a number.
struct For(Arc<Once>, u64);

/// No work has this number, so the thread can help with nothing.
const NOTHING: u64 = u64::MAX;

impl Awaitable for For {
    fn latch(&self) -> &Latch {
        &self.0.done
    }

    fn id(&self) -> u64 {
        self.1
    }

    fn help(&self, _: &Slice) -> bool {
        false
    }

    fn has_work(&self) -> bool {
        false
    }

    fn is_on(&self, _: &Pool) -> bool {
        true
    }
}

/// How many run at once, and how many have.
#[derive(Clone)]
struct Gauge {
    most: usize,
    counts: Arc<[AtomicUsize; 2]>,
}

impl Gauge {
    fn at_most(most: usize) -> Self {
        Self { most, counts: Arc::default() }
    }

    fn begin(&self) {
        let running = self.counts[0].fetch_add(1, SeqCst) + 1;
        assert!(running <= self.most, "{running} at once");
    }

    fn end(&self) {
        self.counts[0].fetch_sub(1, SeqCst);
    }

    /// Something that is seen to run: others may come in its middle.
    fn work(&self) {
        self.begin();
        loom::thread::yield_now();
        self.end();
        self.counts[1].fetch_add(1, SeqCst);
    }

    fn wait(&self, wait: &For) {
        self.end();
        waiting::wait(wait);
        self.begin();
    }

    fn done(&self) -> usize {
        self.counts[1].load(SeqCst)
    }

    /// Work that does nothing but be seen.
    fn seen(&self, id: u64) -> Arc<Once> {
        let gauge = self.clone();
        Once::new(id, move || gauge.work())
    }

    /// Work that waits for other work.
    fn waiting(&self, id: u64, wait: For) -> Arc<Once> {
        let gauge = self.clone();
        Once::new(id, move || {
            gauge.begin();
            gauge.wait(&wait);
            gauge.end();
        })
    }
}

/// Ends the pool and its threads.
fn end(pool: Pool) {
    come_to_rest(pool);
    join_started();
}

/// Has a caller outside of the pool queue this and wait for it.
fn call(pool: &Pool, work: Arc<Once>) {
    pool.queue(Arc::clone(&work) as _);
    waiting::wait(&For(work, NOTHING));
}

/// Two callers outside of the pool, and its only thread.
#[test]
fn what_is_queued_is_done_on_the_only_thread() {
    check(3, || {
        let (pool, gauge) = (Pool::modelled(1), Gauge::at_most(1));
        let other = spawn({
            let (pool, work) = (pool.clone(), gauge.seen(1));
            move || call(&pool, work)
        });
        call(&pool, gauge.seen(2));
        other.join().unwrap();
        assert_eq!(gauge.done(), 2);
        end(pool);
    });
}

/// The only thread waits for what is queued and may not do that itself: a spare thread does, and then the
/// other has its place again.
#[test]
fn a_spare_thread_does_what_the_only_thread_waits_for() {
    check(3, || {
        let (pool, gauge) = (Pool::modelled(1), Gauge::at_most(1));
        let first = gauge.seen(1);
        let waits = gauge.waiting(2, For(Arc::clone(&first), NOTHING));
        pool.queue(Arc::clone(&waits) as _);
        pool.queue(first as _);
        waiting::wait(&For(waits, NOTHING));
        assert_eq!(gauge.done(), 1);
        end(pool);
    });
}

/// The same where the thread may do it, too: one of the two does.
#[test]
fn a_thread_that_waits_helps_or_a_spare_one_does_it() {
    check(3, || {
        let (pool, gauge) = (Pool::modelled(1), Gauge::at_most(1));
        let first = gauge.seen(1);
        let waits = gauge.waiting(2, For(Arc::clone(&first), 1));
        pool.queue(Arc::clone(&waits) as _);
        pool.queue(first as _);
        waiting::wait(&For(waits, NOTHING));
        assert_eq!(gauge.done(), 1);
        end(pool);
    });
}

/// A spare thread waits as well, and another takes its place. Both that waited want the one place back.
#[test]
fn spare_threads_stand_in_for_each_other() {
    check(2, || {
        let (pool, gauge) = (Pool::modelled(1), Gauge::at_most(1));
        let last = gauge.seen(1);
        let waits = [2, 3].map(|id| gauge.waiting(id, For(Arc::clone(&last), NOTHING)));
        for work in waits.iter().chain([&last]) {
            pool.queue(Arc::clone(work) as _);
        }
        waits.into_iter().for_each(|work| waiting::wait(&For(work, NOTHING)));
        assert_eq!(gauge.done(), 1);
        end(pool);
    });
}

/// A spare thread that sleeps is to end just when it is hired again.
#[test]
fn a_spare_thread_is_hired_when_it_is_about_to_end() {
    check(2, || {
        let (pool, gauge) = (Pool::modelled(1), Gauge::at_most(1));
        for round in [0, 1] {
            let first = gauge.seen(4 * round + 1);
            let waits = gauge.waiting(4 * round + 2, For(Arc::clone(&first), NOTHING));
            pool.queue(Arc::clone(&waits) as _);
            pool.queue(first as _);
            if round == 1 {
                pool.scheduler().expire_spares();
            }
            waiting::wait(&For(waits, NOTHING));
        }
        assert_eq!(gauge.done(), 2);
        end(pool);
    });
}

/// A thread of the pool that no worker has brought (a rayon operation computes, say) waits and helps, with the
/// one place that there is, or when it has that: its worker wants it, too.
#[test]
fn a_thread_that_no_worker_has_brought_takes_a_place_and_gives_it_back() {
    check(2, || {
        let (pool, gauge) = (Pool::modelled(1), Gauge::at_most(1));
        let (own, other) = (gauge.seen(1), gauge.seen(2));
        let caller = spawn({
            let (pool, other) = (pool.clone(), Arc::clone(&other));
            move || call(&pool, other)
        });
        pool.settle_here();
        pool.queue(Arc::clone(&own) as _);
        waiting::wait(&For(own, 1));
        caller.join().unwrap();
        assert_eq!(gauge.done(), 2);
        end(pool);
    });
}

/// Two threads: one waits for work that the other, or a spare thread, does.
#[test]
fn two_threads_share_two_places() {
    check(2, || {
        let (pool, gauge) = (Pool::modelled(2), Gauge::at_most(2));
        let first = gauge.seen(1);
        let waits = gauge.waiting(2, For(Arc::clone(&first), NOTHING));
        pool.queue(Arc::clone(&waits) as _);
        pool.queue(first as _);
        waiting::wait(&For(waits, NOTHING));
        assert_eq!(gauge.done(), 1);
        end(pool);
    });
}
