//! Values that leave memory and come back.
//!
//! No lease is held of them meanwhile; see `run::admission::spilling` for who moves which value when.

use super::State;
use crate::base::value::Value;
use crate::run::admission::{Missing, Victim};

impl State {
    /// Takes a value out that is to be written.
    pub(in crate::run) fn take_out(&self, victim: &mut Victim) -> Value {
        // SAFETY: the admission made this token under its lock, after the value was there (`keep` and `put_back`
        // come before `kept` and `restored`, which lock it). There is one token of a value at a time, lent here
        // mutably, and while there is one no task that has a lease of the value is admitted, so nobody else can
        // reach the slot.
        let value = self.slot(victim.value()).value.with_mut(|slot| unsafe { (*slot).take() });
        value.expect("a value is there until its last use")
    }

    /// Puts a value back that was read.
    pub(in crate::run) fn put_back(&self, missing: &mut Missing, value: Value) {
        // SAFETY: as above; the slot is empty, and those who will use the value are admitted, or go on, after
        // its token has been given back under the lock of the admission.
        self.slot(missing.value()).value.with_mut(|slot| unsafe { *slot = Some(value) });
    }
}
