//! Which run waits for which, so that none ever waits for itself.
//!
//! A run waits for another when one of its tasks computes it (its parent), waits for it, takes a handle of it
//! as an input, or when it is held open until what a task has given up has ended. A run ends only when all its
//! tasks have, so a circle of such waits would last for ever. The wait that would close it is refused.

use std::sync::{Arc, Weak};

use thiserror::Error as ThisError;

use super::control::Control;
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
        let _lock = WAITS.lock();
        if is_waited_for_by(waiter, target) {
            return Err(WaitsForItself);
        }
        let weak = Arc::downgrade(waiter);
        target.waiters.lock().push(Weak::clone(&weak));
        Ok(Self { waiter: weak, target: Arc::clone(target) })
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        let mut waiters = self.target.waiters.lock();
        if let Some(place) = waiters.iter().position(|waiter| waiter.ptr_eq(&self.waiter)) {
            waiters.swap_remove(place);
        }
    }
}

/// Whether the target is the run itself or waits for it.
fn is_waited_for_by(run: &Arc<Control>, target: &Arc<Control>) -> bool {
    let mut met: Vec<Arc<Control>> = vec![Arc::clone(run)];
    let mut next = 0;
    while let Some(run) = met.get(next).cloned() {
        next += 1;
        if Arc::ptr_eq(&run, target) {
            return true;
        }
        let waiters: Vec<_> = run.waiters.lock().iter().filter_map(Weak::upgrade).collect();
        for waiter in run.parent().cloned().into_iter().chain(waiters) {
            if !waiter.gate.is_closed() && !met.iter().any(|known| Arc::ptr_eq(known, &waiter)) {
                met.push(waiter);
            }
        }
    }
    false
}
