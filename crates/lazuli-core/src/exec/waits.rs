//! Which run waits for which, so that none ever waits for itself.
//!
//! A run waits for another when one of its tasks computes it (its parent), waits for it, takes a handle of it
//! as an input, or when it is held open until what a task has given up has ended. A run ends only when all its
//! tasks have, so a circle of such waits would last for ever. The wait that would close it is refused, unless a
//! run is only held open in it: then that is given up.

use std::sync::{Arc, Weak};

use thiserror::Error as ThisError;

use super::control::{Control, HeldOpen};
use crate::base::sync::{Mutex, global};

global! {
    /// Held while the graph of waits is looked at and changed, so that two waits cannot close a circle at once.
    static WAITS: Mutex<()>
}

/// A wait that would never end.
#[derive(Debug, ThisError)]
#[error("what it waits for waits for it")]
pub(crate) struct WaitsForItself;

/// A run waits for another for as long as this lives.
pub(crate) struct Wait {
    waiter: Weak<Control>,
    target: Arc<Control>,
}

impl Wait {
    /// # Errors
    /// When the target waits for the waiter, however many others are between.
    pub(crate) fn new(
        waiter: &Arc<Control>,
        target: &Arc<Control>,
    ) -> Result<Self, WaitsForItself> {
        let lock = WAITS.lock();
        if waiting_for(waiter, false).iter().any(|run| Arc::ptr_eq(run, target)) {
            return Err(WaitsForItself);
        }
        let mut given_up = Vec::new();
        let with_holds = waiting_for(waiter, true);
        if with_holds.iter().any(|run| Arc::ptr_eq(run, target)) {
            given_up
                .extend(with_holds.iter().flat_map(|run| std::mem::take(&mut *run.holds.lock())));
        }
        let weak = Arc::downgrade(waiter);
        target.waiters.lock().push(Weak::clone(&weak));
        drop(lock);
        // Who is held open no longer may end by this.
        drop(given_up);
        Ok(Self { waiter: weak, target: Arc::clone(target) })
    }
}

/// Holds a run open until the target has ended; false where one of the two waits for the other already.
pub(crate) fn hold_open(run: &Arc<Control>, target: &Arc<Control>) -> bool {
    let _lock = WAITS.lock();
    if waiting_for(run, true).iter().any(|run| Arc::ptr_eq(run, target)) {
        return false;
    }
    let held_open = HeldOpen::new(run);
    let holds = held_open.is_some();
    target.holds.lock().extend(held_open);
    holds
}

impl Drop for Wait {
    fn drop(&mut self) {
        let mut waiters = self.target.waiters.lock();
        if let Some(place) = waiters.iter().position(|waiter| waiter.ptr_eq(&self.waiter)) {
            waiters.swap_remove(place);
        }
    }
}

/// The run, and all that wait for it, however many others are between; with those that are held open for it
/// or not.
fn waiting_for(run: &Arc<Control>, with_holds: bool) -> Vec<Arc<Control>> {
    let mut met: Vec<Arc<Control>> = vec![Arc::clone(run)];
    let mut next = 0;
    while let Some(run) = met.get(next).cloned() {
        next += 1;
        let mut waiters: Vec<_> = run.waiters.lock().iter().filter_map(Weak::upgrade).collect();
        waiters.extend(run.parent().cloned());
        if with_holds {
            waiters.extend(run.holds.lock().iter().map(|held_open| Arc::clone(held_open.run())));
        }
        for waiter in waiters {
            if !waiter.gate.is_closed() && !met.iter().any(|known| Arc::ptr_eq(known, &waiter)) {
                met.push(waiter);
            }
        }
    }
    met
}
