//! The inputs of a running task: one lease of a value for each of its edges.

use smallvec::SmallVec;

use super::State;
use crate::base::error;
use crate::base::sync::atomic::Ordering::{AcqRel, Acquire};
use crate::base::value::Value;
use crate::plan::{Edge, TaskId};

/// The inputs of a running task, one lease for each of its edges.
///
/// Made by [`State::start`] from the task's one token, so no edge has two leases.
pub(crate) struct Leases<'run> {
    state: &'run State,
    edges: &'run [Edge],
    /// Edges before this one are released.
    released: usize,
    /// Of the first 64 edges, those whose lease was spent by itself, before the others, a bit each.
    taken: u64,
    /// The same of further edges.
    taken_beyond: SmallVec<[u64; 0]>,
    /// Bytes of values that the task has taken: they are held until it ends.
    taken_bytes: u64,
    /// Values are cloned where they could be moved: the task may run again.
    keeping: bool,
}

impl<'run> Leases<'run> {
    pub(in crate::run) fn new(state: &'run State, edges: &'run [Edge]) -> Self {
        Self {
            state,
            edges,
            released: 0,
            taken: 0,
            taken_beyond: SmallVec::new(),
            taken_bytes: 0,
            keeping: false,
        }
    }

    /// Leaves the bytes of values that were taken to whoever goes on with the task.
    #[cfg(feature = "async")]
    pub(in crate::run) fn hand_over_taken(&mut self) -> u64 {
        std::mem::take(&mut self.taken_bytes)
    }

    /// Goes on with a task that holds these.
    #[cfg(feature = "async")]
    pub(super) fn take_over(&mut self, taken_bytes: u64) {
        self.taken_bytes = taken_bytes;
    }

    /// From now on nothing is moved out, so that the leases can be [kept](Self::keep).
    pub(in crate::run) fn set_keeping(&mut self) {
        self.keeping = true;
    }

    /// Whether every lease is unspent for certain.
    pub(in crate::run) fn are_whole(&self) -> bool {
        self.keeping && self.released == 0
    }

    fn is_spent(&self, edge: usize) -> bool {
        edge < self.released || self.is_taken(edge)
    }

    fn is_taken(&self, edge: usize) -> bool {
        let word = match edge / 64 {
            0 => self.taken,
            beyond => self.taken_beyond.get(beyond - 1).copied().unwrap_or(0),
        };
        word >> (edge % 64) & 1 == 1
    }

    fn mark_taken(&mut self, edge: usize) {
        let word = match edge / 64 {
            0 => &mut self.taken,
            beyond => {
                if self.taken_beyond.len() < beyond {
                    self.taken_beyond.resize(beyond, 0);
                }
                &mut self.taken_beyond[beyond - 1]
            }
        };
        *word |= 1 << (edge % 64);
    }

    /// The value behind an edge.
    pub(in crate::run) fn get(&self, edge: u32) -> &Value {
        assert!(!self.is_spent(edge as usize), "an input cannot be lent after it was taken");
        let edge = self.edges[edge as usize];
        let Some(input) = edge.as_task() else { return self.state.plan.held(edge) };
        // SAFETY: this task is running, so its inputs were written before (acquired with its token), and
        // the unspent lease of this edge keeps `uses` above zero while `self` is borrowed: nobody takes
        // or drops the value.
        let value = self.state.slot(input).value.with(|slot| unsafe { &*slot });
        value.as_ref().expect("an input is there until its last use")
    }

    /// The value behind an edge, when this is its last use.
    pub(in crate::run) fn take_last(&mut self, edge: u32) -> Option<Value> {
        let edge = edge as usize;
        let input = self.edges[edge].as_task()?;
        let slot = self.state.slot(input);
        if self.keeping || slot.uses.load(Acquire) > 1 {
            return None;
        }
        assert!(!self.is_spent(edge), "an input cannot be taken twice");
        self.mark_taken(edge);
        // SAFETY: the only lease left is this edge's (`uses` is 1, acquired, so all other users are
        // done), it was unspent, and `&mut self` rules out references lent by it.
        let value = slot.value.with_mut(|slot| unsafe { (*slot).take() });
        self.taken_bytes = self.taken_bytes.saturating_add(self.state.bytes(input));
        Some(value.expect("an input is there until its last use"))
    }

    /// Spends the lease of an edge whose value was cloned, or is not wanted.
    pub(in crate::run) fn spend(&mut self, edge: u32) {
        if let (Some(input), false) = (self.edges[edge as usize].as_task(), self.keeping) {
            self.mark_taken(edge as usize);
            self.state.release(input);
        }
    }

    /// Leaves the leases to whoever starts the task again.
    pub(super) fn keep(mut self) {
        assert!(self.keeping, "a task that may run again keeps its inputs");
        self.released = self.edges.len();
    }

    /// Spends all leases that are left. A value whose last use this was is dropped, which may panic; the
    /// leases after it are then spent when `self` is dropped.
    pub(in crate::run) fn release_all(&mut self) {
        while let Some(edge) = self.edges.get(self.released) {
            let index = self.released;
            self.released += 1;
            if let Some(input) = edge.as_task()
                && !self.is_taken(index)
            {
                self.state.release(input);
            }
        }
    }
}

impl Drop for Leases<'_> {
    fn drop(&mut self) {
        // Each time that a value panics, those after it are left.
        while self.released < self.edges.len() && error::caught(|| self.release_all()).is_err() {}
        self.state.free(self.taken_bytes);
    }
}

impl State {
    /// Spends one lease: the last one drops the value.
    fn release(&self, input: TaskId) {
        let slot = self.slot(input);
        // When one use is left it is ours alone, and the read-modify-write is not needed.
        if slot.uses.load(Acquire) == 1 || slot.uses.fetch_sub(1, AcqRel) == 1 {
            // SAFETY: every other lease of this value is spent (acquired above), and this one is being
            // spent: nobody else can reach the slot. The value is out of the slot before it is dropped,
            // so that a `Drop` that panics finds the run in order.
            let last = slot.value.with_mut(|slot| unsafe { (*slot).take() });
            drop(last);
            self.free(self.bytes(input));
        }
    }

    /// How many bytes a task says its value holds, where memory is limited.
    fn bytes(&self, task: TaskId) -> u64 {
        self.admission.as_ref().map_or(0, |_| self.plan.output_bytes(task))
    }

    /// These bytes are held no longer.
    pub(super) fn free(&self, bytes: u64) {
        if let Some(admission) = &self.admission {
            admission.free(bytes);
        }
    }
}
