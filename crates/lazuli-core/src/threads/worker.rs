//! What a pool's threads do: workers on its own ones, spare threads while those wait.
//!
//! The `scheduler` says which thread is needed; here it is started, works, and asks for the next.

use std::sync::{Arc, Weak};
use std::time::Duration;

use super::pool::{Inner, Pool, settle};
use super::scheduler::{Need, Scheduler, Seat};
use super::{SLICE, Slice, timer, waiting};
use crate::base::sync::now;

/// When a thread is tried again that could not be had.
const RETRY: Duration = Duration::from_millis(5);

impl Pool {
    /// Starts the thread that is needed.
    pub(crate) fn meet(&self, need: Need) {
        match need {
            Need::Nothing => {}
            Need::Worker => self.send_worker(),
            Need::Spare => self.start_spare(),
            Need::Look => self.look(),
        }
    }

    fn send_worker(&self) {
        let pool = Arc::downgrade(&self.0);
        self.spawn(move || {
            // The pool is gone: so is everybody who could wait for work on it.
            let Some(pool) = pool.upgrade().map(Self) else { return };
            if waiting::is_engaged() {
                // Rayon has put the worker on top of something that waits, and its tasks could wait for that
                // very thing.
                return match pool.scheduler().refuse() {
                    Ok(need) => pool.meet(need),
                    Err(need) => pool.meet_later(need),
                };
            }
            settle(Arc::downgrade(&pool.0), Seat::Own);
            if pool.scheduler().come() {
                pool.work();
            }
        });
    }

    /// Has one of the threads say whether it waits inside rayon.
    fn look(&self) {
        let pool = Arc::downgrade(&self.0);
        self.spawn(move || {
            let Some(pool) = pool.upgrade().map(Self) else { return };
            let (need, again) = pool.scheduler().looked(waiting::is_stuck());
            pool.meet(need);
            if again {
                pool.meet_later(Need::Look);
            }
        });
    }

    /// A worker: serves whoever waits longest until nobody waits.
    fn work(self) {
        let scheduler = Arc::clone(self.scheduler());
        let pool = Arc::downgrade(&self.0);
        // A worker does not keep its pool.
        drop(self);
        let mut yielded = now();
        let need = waiting::engage_in_place(|| {
            loop {
                match scheduler.next() {
                    Ok(work) => work.work(&Slice::new(&scheduler)),
                    Err(need) => return need,
                }
                if now() - yielded >= SLICE {
                    // What comes from outside of the pool, and from rayon inside tasks, has its turn, too.
                    waiting::yield_to_rayon();
                    yielded = now();
                }
            }
        });
        meet(&pool, need);
    }

    fn start_spare(&self) {
        let pool = Arc::downgrade(&self.0);
        let scheduler = Arc::clone(self.scheduler());
        let starts = start_alone(move || {
            settle(Weak::clone(&pool), Seat::Spare);
            work_as_spare(&scheduler, &pool);
        });
        if !starts {
            // The work waits until one of the threads that there are has time for it.
            self.meet_later(self.scheduler().give_place());
        }
    }

    /// Starts the thread that is needed a little later.
    fn meet_later(&self, need: Need) {
        if need == Need::Nothing {
            return;
        }
        if cfg!(loom) && need == Need::Look {
            // Nothing waits inside rayon in a model, where looks would find nothing for ever.
            return self.scheduler().give_up(need);
        }
        let pool = Arc::downgrade(&self.0);
        match timer::at(now() + RETRY, move || meet(&pool, need)) {
            Ok(pending) => pending.detach(),
            // The next who ends its task takes the work.
            Err(_) => self.scheduler().give_up(need),
        }
    }
}

fn meet(pool: &Weak<Inner>, need: Need) {
    if need != Need::Nothing
        && let Some(pool) = pool.upgrade()
    {
        Pool(pool).meet(need);
    }
}

/// Starts a spare thread. Rayon operations inside its tasks stay on it: it is the only thread of a pool of its
/// own. False where the system grants none.
#[cfg(not(loom))]
fn start_alone(body: impl FnOnce() + Send + 'static) -> bool {
    let pool =
        rayon::ThreadPoolBuilder::new().num_threads(1).thread_name(|_| "lazuli-spare".into());
    pool.build().map(|pool| pool.spawn(body)).is_ok()
}

#[cfg(loom)]
fn start_alone(body: impl FnOnce() + Send + 'static) -> bool {
    crate::base::sync::start_thread("lazuli-spare", body).is_ok()
}

fn work_as_spare(scheduler: &Scheduler, pool: &Weak<Inner>) {
    loop {
        let need = waiting::engage_in_place(|| {
            if let Some(work) = scheduler.first_for_spare() {
                work.work(&Slice::new(scheduler));
            }
            loop {
                match scheduler.next_for_spare() {
                    Ok(work) => work.work(&Slice::new(scheduler)),
                    Err(need) => return need,
                }
            }
        });
        meet(pool, need);
        if !scheduler.park() {
            return;
        }
    }
}
