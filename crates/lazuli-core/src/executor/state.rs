//! The state machine of a run: how many inputs each task waits for, and the values on their way.
//!
//! It knows no threads and no pool. Whoever runs tasks holds *tokens* of it:
//!
//! ```text
//! claim_leaves ─┐
//!               ├─> Ready ── start ──> TaskContext ── finish(value) ──> Ready of the dependents
//! finish ───────┘
//! ```
//!
//! A [`Ready`] exists once for each task of a run: from the cursor over the leaves, or from the one
//! decrement that brought the task's count to zero. So a task starts once, its slot is written once,
//! and each of its edges is used once. All unsafe code of the executor is here and rests on that.
#![allow(unsafe_code)]

use std::cell::UnsafeCell;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};

use crate::executor::context::TaskContext;
use crate::plan::{Edge, Plan, SharedPlan, TaskId};
use crate::value::Value;

/// A task whose inputs are all there. Not `Clone`: spending it is running the task.
#[derive(Debug)]
pub(crate) struct Ready(TaskId);

impl Ready {
    pub(crate) fn task(&self) -> TaskId {
        self.0
    }
}

/// The values and counts of one run of a plan.
pub(crate) struct State {
    plan: SharedPlan,
    slots: Box<[Slot]>,
    /// How many outputs the answer still waits for.
    answer_waits: AtomicU32,
    /// The next of `Plan::cpu_leaves` to start.
    next_leaf: AtomicU32,
}

struct Slot {
    /// Inputs that are not there yet.
    waits: AtomicU32,
    /// Edges that have not used the value yet.
    uses: AtomicU32,
    value: UnsafeCell<Option<Value>>,
}

// SAFETY: a slot's value is written by the one holder of its task's `Ready` before `waits` of any
// dependent can reach zero (`finish`, release), read only by holders of a dependent's token (acquire),
// and taken or dropped only by the last of them (`uses`, acquire and release).
// `Value` is `Send + Sync`.
unsafe impl Sync for Slot {}

/// The tokens that a run begins with.
pub(crate) struct Initial {
    /// Tasks without inputs on lanes beside the pool: they start at once.
    pub(crate) waiting: Vec<Ready>,
    /// The answer, when there is nothing to run for it.
    pub(crate) answer: Option<Ready>,
}

impl State {
    pub(crate) fn new(plan: SharedPlan) -> (Self, Initial) {
        let slots = (0..plan.len() as u32)
            .map(|task| Slot {
                waits: AtomicU32::new(plan.dependency_count(TaskId(task))),
                uses: AtomicU32::new(plan.dependents(TaskId(task)).len() as u32),
                value: UnsafeCell::new(None),
            })
            .collect();
        let answer_waits = plan.dependency_count(plan.answer());
        let initial = Initial {
            waiting: plan.waiting_leaves.iter().copied().map(Ready).collect(),
            answer: (answer_waits == 0).then(|| Ready(plan.answer())),
        };
        let state = Self {
            slots,
            answer_waits: AtomicU32::new(answer_waits),
            next_leaf: AtomicU32::new(0),
            plan,
        };
        (state, initial)
    }

    pub(crate) fn plan(&self) -> &Plan {
        &self.plan
    }

    fn slot(&self, task: TaskId) -> &Slot {
        &self.slots[task.0 as usize]
    }

    /// CPU leaves that nobody has claimed yet.
    pub(crate) fn leaves_left(&self) -> usize {
        let next = self.next_leaf.load(Relaxed) as usize;
        self.plan.cpu_leaves.len().saturating_sub(next)
    }

    /// Claims the next leaves in plan order, for `threads` claimants: many while many are left, so that
    /// the cursor is rarely touched, and one at a time towards the end, so that no claimant is left
    /// with more work than another.
    pub(crate) fn claim_leaves(&self, threads: usize) -> Leaves<'_> {
        const MOST: usize = 64;
        let count = (self.leaves_left() / (threads * 8)).clamp(1, MOST);
        let len = self.plan.cpu_leaves.len();
        if self.leaves_left() == 0 {
            return Leaves { leaves: &[] };
        }
        let start = (self.next_leaf.fetch_add(count as u32, Relaxed) as usize).min(len);
        let end = (start + count).min(len);
        Leaves { leaves: &self.plan.cpu_leaves[start..end] }
    }

    /// Begins a task: lends it its inputs.
    pub(crate) fn start(&self, ready: Ready) -> TaskContext<'_> {
        TaskContext::new(self, ready.0, self.plan.edges(ready.0))
    }

    /// Ends a task: releases its inputs, keeps its value for its dependents, and hands out the tokens
    /// of those that waited for it only, in plan order.
    pub(crate) fn finish(
        &self,
        context: TaskContext<'_>,
        value: Value,
        mut on_ready: impl FnMut(Ready),
    ) {
        let task = context.task();
        drop(context);
        // SAFETY: the context came from the one `Ready` of this task, and nobody reads the slot before
        // a dependent's count reaches zero, which the decrements below bring about.
        unsafe { *self.slot(task).value.get() = Some(value) };
        for &dependent in self.plan.dependents(task) {
            let waits = if dependent == self.plan.answer() {
                &self.answer_waits
            } else {
                &self.slot(dependent).waits
            };
            if waits.fetch_sub(1, AcqRel) == 1 {
                on_ready(Ready(dependent));
            }
        }
    }
}

/// Leaves claimed by one worker: their tokens, in plan order.
pub(crate) struct Leaves<'run> {
    leaves: &'run [TaskId],
}

impl Iterator for Leaves<'_> {
    type Item = Ready;
    fn next(&mut self) -> Option<Ready> {
        let (&first, rest) = self.leaves.split_first()?;
        self.leaves = rest;
        Some(Ready(first))
    }
}

impl DoubleEndedIterator for Leaves<'_> {
    fn next_back(&mut self) -> Option<Ready> {
        let (&last, rest) = self.leaves.split_last()?;
        self.leaves = rest;
        Some(Ready(last))
    }
}

/// The inputs of a running task, one lease for each of its edges.
///
/// Made by [`State::start`] from the task's one token, so no edge has two leases.
pub(super) struct Leases<'run> {
    state: &'run State,
    edges: &'run [Edge],
    /// Edges whose lease was spent by [`take`](Self::take), a bit each.
    taken: smallvec::SmallVec<[u64; 1]>,
    /// Edges before this one are released.
    released: usize,
}

impl<'run> Leases<'run> {
    pub(super) fn new(state: &'run State, edges: &'run [Edge]) -> Self {
        Self { state, edges, taken: smallvec::SmallVec::new(), released: 0 }
    }

    fn is_spent(&self, edge: usize) -> bool {
        edge < self.released || self.is_taken(edge)
    }

    fn is_taken(&self, edge: usize) -> bool {
        self.taken.get(edge / 64).is_some_and(|word| word >> (edge % 64) & 1 == 1)
    }

    /// The value behind an edge.
    pub(super) fn get(&self, edge: u32) -> &Value {
        assert!(!self.is_spent(edge as usize), "an input cannot be lent after it was taken");
        match self.edges[edge as usize] {
            Edge::Held(index) => self.state.plan.held(index),
            // SAFETY: this task is running, so its inputs were written before (acquired with its
            // token), and the unspent lease of this edge keeps `uses` above zero while `self` is
            // borrowed: nobody takes or drops the value.
            Edge::Task(input) => unsafe { &*self.state.slot(input).value.get() }
                .as_ref()
                .expect("an input is there until its last use"),
        }
    }

    /// The value behind an edge, moved out when this is its last use, else cloned.
    pub(super) fn take<T: 'static>(&mut self, edge: u32, clone: impl FnOnce(&T) -> T) -> T {
        let Edge::Task(input) = self.edges[edge as usize] else {
            return clone(self.get(edge).get());
        };
        let slot = self.state.slot(input);
        if slot.uses.load(Acquire) > 1 {
            let value = clone(self.get(edge).get());
            self.mark_taken(edge as usize);
            self.release(input);
            return value;
        }
        assert!(!self.is_spent(edge as usize), "an input cannot be taken twice");
        self.mark_taken(edge as usize);
        // SAFETY: the only lease left is this edge's (`uses` is 1, acquired, so all other users are
        // done), it was unspent, and `&mut self` rules out references lent by it.
        let value = unsafe { (*slot.value.get()).take() };
        value.expect("an input is there until its last use").into_inner()
    }

    fn mark_taken(&mut self, edge: usize) {
        if self.taken.len() <= edge / 64 {
            self.taken.resize(edge / 64 + 1, 0);
        }
        self.taken[edge / 64] |= 1 << (edge % 64);
    }

    /// Spends one lease: the last one drops the value.
    fn release(&self, input: TaskId) {
        let slot = self.state.slot(input);
        // When one use is left it is ours alone, and the read-modify-write is not needed.
        if slot.uses.load(Acquire) == 1 || slot.uses.fetch_sub(1, AcqRel) == 1 {
            // SAFETY: every other lease of this value is spent (acquired above), and this one is being
            // spent: nobody else can reach the slot. The value is out of the slot before it is dropped,
            // so that a `Drop` that panics finds the run in order.
            let last = unsafe { (*slot.value.get()).take() };
            drop(last);
        }
    }
}

impl Leases<'_> {
    /// Spends all leases that are left. A value whose last use this was is dropped, which may panic; the
    /// leases after it are then spent when `self` is dropped.
    pub(super) fn release_all(&mut self) {
        while let Some(edge) = self.edges.get(self.released) {
            let index = self.released;
            self.released += 1;
            if let Edge::Task(input) = edge
                && !self.is_taken(index)
            {
                self.release(*input);
            }
        }
    }
}

impl Drop for Leases<'_> {
    fn drop(&mut self) {
        self.release_all();
    }
}
