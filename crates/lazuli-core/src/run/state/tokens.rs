//! The tokens of a run: each is the right to do the next step of one task.
//!
//! Only the state makes them; see there.

use crate::plan::TaskId;

/// A task whose inputs are all there. Not `Clone`: spending it is running the task.
#[derive(Debug)]
pub(crate) struct Ready(pub(super) TaskId);

impl Ready {
    pub(crate) fn task(&self) -> TaskId {
        self.0
    }
}

/// A task that has used its inputs and has no value yet.
#[derive(Debug)]
pub(crate) struct Started(pub(super) TaskId);

impl Started {
    pub(crate) fn task(&self) -> TaskId {
        self.0
    }
}
