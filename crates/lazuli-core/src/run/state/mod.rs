//! The state machine of a run: how many inputs each task waits for, and the values on their way.
//!
//! It knows no threads and no pool. Whoever runs tasks holds *tokens* of it:
//!
//! ```text
//! leaf ───┐            suspend
//!         ├─> Ready <───────────┐
//! finish ─┘     └── start ──> ActiveTask ── end ──> Started ── finish(value) ──> Ready of dependents
//! ```
//!
//! A [`Ready`] exists once for each task of a run: from the ranges of leaves, or from the one decrement
//! that brought the task's count to zero; a task that is to run again gives its token back. So a task
//! is finished once, its slot is written once, and each of its edges is used once. All unsafe code of
//! the executor is in this folder and rests on that. With a memory limit, a value may leave its slot while no
//! running task uses it; see `spilling`.
#![allow(unsafe_code)]

mod leases;
mod leaves;
mod spilling;
mod tokens;

use std::sync::Arc;

pub(crate) use leases::Leases;
pub(crate) use tokens::{Ready, Started};

use crate::base::error;
use crate::base::pages;
use crate::base::sync::UnsafeCell;
use crate::base::sync::atomic::AtomicU32;
use crate::base::sync::atomic::Ordering::{AcqRel, Acquire};
use crate::base::value::{Many, Value};
use crate::plan::{Plan, SharedPlan, TaskId};
use crate::run::active::ActiveTask;
use crate::run::admission::Admission;
use leaves::Leaves;

/// The values and counts of one run of a plan.
pub(crate) struct State {
    plan: SharedPlan,
    slots: Box<[Slot]>,
    /// How many outputs the answer still waits for.
    answer_waits: AtomicU32,
    leaves: Leaves,
    /// Chooses by bytes what may start, where memory is limited.
    admission: Option<Admission>,
}

struct Slot {
    /// Inputs that are not there yet.
    waits: AtomicU32,
    /// Edges that have not used the value yet.
    uses: AtomicU32,
    value: UnsafeCell<Option<Value>>,
}

// SAFETY: a slot's value is written by the one holder of its task's `Started` before `waits` of any
// dependent can reach zero (`finish`, release), read only by holders of a dependent's token (acquire),
// and taken or dropped only by the last of them (`uses`, acquire and release). Between its uses it may leave
// memory and come back, by the holder of a token of the admission; see `spilling`.
// `Value` is `Send + Sync`.
unsafe impl Sync for Slot {}
// SAFETY: as above; loom's cell is not `Send` by itself.
unsafe impl Send for Slot {}

/// Drops the values that a run leaves when it is ended early.
impl Drop for State {
    fn drop(&mut self) {
        // A run with an answer has used every value up.
        if self.answer_waits.load(Acquire) == 0 {
            return;
        }
        for slot in &self.slots {
            // SAFETY: `self` is being dropped, so nobody else can reach the slot.
            let value = slot.value.with_mut(|slot| unsafe { (*slot).take() });
            if let Some(value) = value {
                // One that panics must neither keep the others nor hide why the run has ended.
                error::discard(value);
            }
        }
    }
}

/// The tokens that a run begins with.
pub(crate) struct Initial {
    /// Tasks without inputs beside the pool: they start at once.
    pub(crate) off_pool: Vec<Ready>,
    /// The answer, when there is nothing to run for it.
    pub(crate) answer: Option<Ready>,
}

impl State {
    /// For a run with this many workers that take leaves.
    pub(crate) fn new(
        plan: SharedPlan,
        workers: usize,
        admission: Option<Admission>,
    ) -> (Self, Initial) {
        let shape = plan.shape();
        let mut slots = pages::with_capacity(shape.len());
        slots.extend((0..shape.len() as u32).map(TaskId).map(|task| Slot {
            waits: AtomicU32::new(shape.task_edges(task).count() as u32),
            uses: AtomicU32::new(shape.dependents(task).len() as u32),
            value: UnsafeCell::new(None),
        }));
        let slots = slots.into_boxed_slice();
        let answer_waits = shape.task_edges(shape.answer()).count() as u32;
        let initial = Initial {
            off_pool: shape.leaves.off_pool.iter().copied().map(Ready).collect(),
            answer: (answer_waits == 0).then(|| Ready(shape.answer())),
        };
        let leaves = Leaves::new(shape.leaves.cpu.len(), workers);
        let state =
            Self { slots, answer_waits: AtomicU32::new(answer_waits), leaves, admission, plan };
        (state, initial)
    }

    pub(crate) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The plan, for those who outlive the state.
    pub(crate) fn shared_plan(&self) -> SharedPlan {
        Arc::clone(&self.plan)
    }

    pub(crate) fn admission(&self) -> Option<&Admission> {
        self.admission.as_ref()
    }

    fn slot(&self, task: TaskId) -> &Slot {
        &self.slots[task.0 as usize]
    }

    /// Whether there are CPU leaves that nobody has started.
    pub(crate) fn has_leaves(&self) -> bool {
        self.leaves.left()
    }

    fn leaf(&self, index: u32) -> Ready {
        Ready(self.plan.shape().leaves.cpu[index as usize])
    }

    /// The next leaf in plan order, for the only worker.
    pub(crate) fn next_leaf(&self) -> Option<Ready> {
        self.next_claimed(0).or_else(|| self.claim_leaf(Some(0)))
    }

    /// The next leaf of those that this worker has claimed.
    pub(crate) fn next_claimed(&self, worker: usize) -> Option<Ready> {
        self.leaves.next_claimed(worker).map(|index| self.leaf(index))
    }

    /// The next leaf in plan order that nobody has claimed; claims some after it for this worker.
    pub(crate) fn claim_leaf(&self, worker: Option<usize>) -> Option<Ready> {
        let claimed = match worker {
            Some(worker) => self.leaves.claim(worker),
            None => self.leaves.claim_one(),
        };
        claimed.map(|index| self.leaf(index))
    }

    /// A leaf that another worker has claimed.
    pub(crate) fn steal_leaf(&self, worker: Option<usize>) -> Option<Ready> {
        let stolen = match worker {
            Some(worker) => self.leaves.steal(worker),
            None => self.leaves.steal_one(),
        };
        stolen.map(|index| self.leaf(index))
    }

    /// Begins a task: lends it its inputs.
    pub(crate) fn start(&self, ready: Ready) -> ActiveTask<'_> {
        ActiveTask::new(self, ready.0, self.plan.shape().edges(ready.0))
    }

    /// Gives the token of a task back that has started, and has taken nothing.
    pub(crate) fn suspend(&self, task: ActiveTask<'_>) -> Ready {
        let id = task.task();
        task.into_leases().keep();
        Ready(id)
    }

    /// The task needs its inputs no longer.
    pub(crate) fn end(&self, task: ActiveTask<'_>) -> Started {
        let id = task.task();
        drop(task);
        Started(id)
    }

    /// A task that has used its inputs already, and holds so many bytes of them.
    #[cfg(feature = "async")]
    pub(crate) fn resume(&self, started: Started, held: u64) -> ActiveTask<'_> {
        let mut task = ActiveTask::new(self, started.0, &[]);
        task.leases_mut().take_over(held);
        task
    }

    /// Keeps a task's value for its dependents, and hands out the tokens of those that waited for it
    /// only, in plan order. Of a task with many outputs, each value is kept for the dependents of that output.
    pub(crate) fn finish(&self, started: Started, value: Value, mut on_ready: impl FnMut(Ready)) {
        let task = started.0;
        if !self.plan.has_many_outputs(task) {
            return self.keep(task, value, &mut on_ready);
        }
        let Many(values) = value.into_inner(|_: &Many| unreachable!("nobody else has it"));
        let mut values: Vec<Option<Value>> = values.into_iter().map(Some).collect();
        for &output in self.plan.shape().dependents(task) {
            let index = self.plan.output_of(output).expect("outputs stand between task and users");
            let value = values[index as usize].take().expect("an output is numbered once");
            self.keep(output, value, &mut on_ready);
        }
        // Those that nobody wants; one that panics has nobody to tell.
        values.into_iter().for_each(error::discard);
        self.free(self.plan.unused_bytes(task));
    }

    fn keep(&self, task: TaskId, value: Value, on_ready: &mut impl FnMut(Ready)) {
        // SAFETY: `Started` came from the one `Ready` of this task, or of the one whose output this is, and
        // nobody reads the slot before a dependent's count reaches zero, which the decrements below bring
        // about.
        self.slot(task).value.with_mut(|slot| unsafe { *slot = Some(value) });
        if let Some(admission) = &self.admission {
            admission.kept(task);
        }
        let answer = self.plan.shape().answer();
        for &dependent in self.plan.shape().dependents(task) {
            let waits =
                if dependent == answer { &self.answer_waits } else { &self.slot(dependent).waits };
            // When one input is missing it is this one alone, and the read-modify-write is not needed.
            if waits.load(Acquire) == 1 || waits.fetch_sub(1, AcqRel) == 1 {
                on_ready(Ready(dependent));
            }
        }
    }
}
