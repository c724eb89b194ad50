//! How a thread waits inside a task: it helps with what it waits for, then gives up its place.

use std::cell::Cell;
use std::time::{Duration, Instant};

use super::latch::Latch;
use super::pool::Pool;
use super::scheduler::Seat;
use super::{Slice, off_pool, scope};
use crate::base::sync::{now, per_thread};

/// How long a thread of a pool waits before it gives up its place.
#[cfg(not(loom))]
const PATIENCE: Duration = Duration::from_millis(1);
/// In a model it has none, since giving the place up is what is to be seen.
#[cfg(loom)]
const PATIENCE: Duration = Duration::ZERO;
/// How often, at first and at most, an absent thread looks whether rayon has work for it. What others have
/// for it wakes it at once; of what rayon has, nobody can tell it.
const FIRST_LOOK: Duration = Duration::from_millis(1);
const LAST_LOOK: Duration = Duration::from_millis(8);

/// How long a wait without an end listens before it looks again for no reason.
const LAST_LISTEN: Duration = Duration::from_secs(3600);

per_thread! {
    /// How many workers, and waits that help, are on this thread's stack.
    static ENGAGED: Cell<u32> = Cell::new(0);
    /// Whether this thread has a place of its pool.
    static HAS_PLACE: Cell<bool> = Cell::new(false);
    /// Whether this thread has come to rayon by itself, to see what there is.
    static YIELDS: Cell<bool> = Cell::new(false);
}

/// Whether something is on this thread's stack that no worker may be put on top of.
pub(crate) fn is_engaged() -> bool {
    ENGAGED.get() > 0
}

/// Whether this thread has a place and waits inside rayon, for one who runs on top of that.
pub(super) fn is_stuck() -> bool {
    HAS_PLACE.get() && !YIELDS.get()
}

/// Does something that no worker may be put on top of.
pub(crate) fn engage<R>(function: impl FnOnce() -> R) -> R {
    struct Engaged {
        yields: bool,
    }
    impl Drop for Engaged {
        fn drop(&mut self) {
            ENGAGED.set(ENGAGED.get() - 1);
            YIELDS.set(self.yields);
        }
    }
    ENGAGED.set(ENGAGED.get() + 1);
    let _engaged = Engaged { yields: YIELDS.replace(false) };
    function()
}

/// The same for a thread that has a place while it does it.
pub(super) fn engage_in_place<R>(function: impl FnOnce() -> R) -> R {
    HAS_PLACE.set(true);
    let result = engage(function);
    HAS_PLACE.set(false);
    result
}

/// Waits on a thread of a pool that may have come to this without a place (for something that it does for rayon):
/// then it sleeps until there is something to help with, which it does with a place alone.
fn wait_with_place(awaited: &dyn Awaitable, pool: &Pool, seat: Seat) {
    if HAS_PLACE.get() {
        return engage(|| wait_on_pool(awaited, pool, seat));
    }
    let scheduler = pool.scheduler();
    if !scheduler.try_take_place() {
        engage(|| sleep(awaited, pool, seat, false));
        if awaited.latch().is_open() {
            return;
        }
        engage(|| scheduler.take_place(LAST_LOOK, || yield_if_own(seat)));
    }
    engage_in_place(|| wait_on_pool(awaited, pool, seat));
    pool.meet(scheduler.give_place());
}

/// Waits without a place and takes it back afterwards. `wait` is told whether there was one.
fn absent(pool: &Pool, seat: Seat, wait: impl FnOnce(bool)) {
    if !HAS_PLACE.replace(false) {
        return wait(false);
    }
    pool.meet(pool.scheduler().leave_place(seat));
    scope::note_absence();
    wait(true);
    pool.scheduler().return_to_place(seat, LAST_LOOK, || {
        if pool.scheduler().all_are_absent() {
            yield_if_own(seat);
        }
    });
    HAS_PLACE.set(true);
}

/// What a thread waits for, and can help with.
pub(crate) trait Awaitable {
    /// Opens when it is there; rung when there is something to help with.
    fn latch(&self) -> &Latch;
    /// By what work that belongs to it is known.
    fn id(&self) -> u64;
    /// Does some of its work on a thread of its pool; false if there is none.
    fn help(&self, slice: &Slice) -> bool;
    /// Whether there is work to help with.
    fn has_work(&self) -> bool;
    /// Whether it runs on this pool.
    fn is_on(&self, pool: &Pool) -> bool;
}

/// Waits for it, on whatever thread this is.
pub(crate) fn wait(awaited: &dyn Awaitable) {
    if awaited.latch().is_open() {
        return;
    }
    match Pool::of_this_thread() {
        Some((pool, seat)) => wait_with_place(awaited, &pool, seat),
        None if is_of_rayon() => listen_until(awaited.latch(), None, || awaited.latch().is_open()),
        None => off_pool::while_waiting(|| awaited.latch().wait()),
    }
}

/// A thread of a pool runs only what it waits for: see the [prose](super).
fn wait_on_pool(awaited: &dyn Awaitable, pool: &Pool, seat: Seat) {
    let latch = awaited.latch();
    let helps = awaited.is_on(pool);
    while !latch.is_open() {
        let slice = Slice::helping(pool, latch);
        if helps && awaited.help(&slice) {
            continue;
        }
        if let Some(work) = pool.scheduler().take_within(awaited.id()) {
            work.work(&slice);
            continue;
        }
        if latch.listen(PATIENCE, || has_work(awaited, pool)) {
            absent(pool, seat, |had_place| sleep(awaited, pool, seat, had_place));
        }
    }
}

fn has_work(awaited: &dyn Awaitable, pool: &Pool) -> bool {
    (awaited.is_on(pool) && awaited.has_work()) || pool.scheduler().has_within(awaited.id())
}

/// Waits without a place until it is there or there is something to help with.
fn sleep(awaited: &dyn Awaitable, pool: &Pool, seat: Seat, had_place: bool) {
    let latch = awaited.latch();
    let mut look = FIRST_LOOK;
    while !latch.is_open() && !has_work(awaited, pool) {
        if latch.listen(look, || has_work(awaited, pool)) {
            look_after_rayon(pool, seat, had_place);
            look = (2 * look).min(LAST_LOOK);
        }
    }
}

/// Does something for rayon, if that takes no place from another: parts of what tasks on other threads have
/// split off, and what comes from outside of the pool.
fn look_after_rayon(pool: &Pool, seat: Seat, had_place: bool) {
    if had_place && pool.scheduler().try_return(seat) {
        HAS_PLACE.set(true);
        yield_if_own(seat);
        HAS_PLACE.set(false);
        pool.meet(pool.scheduler().leave_place(seat));
    } else if !had_place || pool.scheduler().all_are_absent() {
        yield_if_own(seat);
    }
}

fn yield_if_own(seat: Seat) {
    // A spare thread is the only one of a rayon pool of its own.
    if seat == Seat::Own {
        yield_to_rayon();
    }
}

/// Does something for rayon, if there is anything.
pub(super) fn yield_to_rayon() -> bool {
    YIELDS.set(true);
    let found = scope::outside_of_tasks(rayon::yield_now) == Some(rayon::Yield::Executed);
    YIELDS.set(false);
    found
}

/// Whether this is a thread of a rayon pool, which may be none of ours. Then it looks after that pool while it
/// waits: what it waits for may need it.
fn is_of_rayon() -> bool {
    rayon::current_thread_index().is_some()
}

/// Listens to the latch until what it is about is done or the time is up, on whatever thread this is.
pub(crate) fn listen_until(latch: &Latch, time: Option<Instant>, done: impl Fn() -> bool) {
    let of_rayon = is_of_rayon();
    let listen = || {
        let mut look = FIRST_LOOK;
        while !done() {
            let left = match time {
                Some(time) => time.saturating_duration_since(now()),
                None => LAST_LISTEN,
            };
            if left.is_zero() {
                return;
            }
            if latch.listen(if of_rayon { left.min(look) } else { left }, &done) && of_rayon {
                look = if yield_to_rayon() { FIRST_LOOK } else { (2 * look).min(LAST_LOOK) };
            }
        }
    };
    match Pool::of_this_thread() {
        None => off_pool::while_waiting(listen),
        Some((pool, seat)) => engage(|| absent(&pool, seat, |_| listen())),
    }
}
