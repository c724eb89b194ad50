//! Where the values are that may leave memory, who uses them, and which of them is written out next.
//!
//! Who may touch the slot of such a value is decided here, under the lock of the admission:
//!
//! ```text
//!            kept           choose -> Victim         written
//! (no value) ────> Memory ───────────────────> Moving ───────> File
//!                     ^                                          │ pin -> Missing
//!                     └──────────────── Moving <─────────────────┘
//!                          restored
//! ```
//!
//! A task is admitted only when none of its inputs is moving, and from then until it has ended its inputs are
//! *pinned*. A value is chosen to be written out only when it is in memory, no task pins it, and another will
//! use it: then nobody holds a lease of it, and nobody gets one before it is in memory again. The tokens
//! [`Victim`] and [`Missing`] stand for a value that is moving. There is one at a time, so its holder has the
//! slot to itself, outside of the lock. A [`Missing`] belongs to the first task that needs the value, which
//! reads it before it begins; the others are not admitted before it is there, so no task waits for a task.
//!
//! What is used again last is written out first. A value that was read back keeps its bytes in the file as long
//! as others will use it: values do not change, so the next time it need not be written.

use std::collections::{BTreeSet, HashMap};

use crate::base::scratch::{Extent, Scratch};
use crate::plan::{SharedPlan, TaskId};

use super::order::Order;

/// A value that is to be written out, by the holder alone.
pub(crate) struct Victim {
    value: TaskId,
    /// Its bytes, when they were written before.
    written: Option<Extent>,
}

/// A value that is to be read back, by the holder alone.
pub(crate) struct Missing {
    value: TaskId,
    extent: Extent,
}

pub(super) struct Spilling {
    plan: SharedPlan,
    /// The values that are there and will be used.
    values: HashMap<TaskId, Kept>,
    /// Those in memory that no task pins: after the next use of each.
    idle: BTreeSet<(TaskId, TaskId)>,
    idle_bytes: u64,
    /// Bytes on their way out.
    leaving: u64,
    /// The admitted tasks that have not ended.
    running: HashMap<TaskId, Running>,
    /// Bytes that those hold no longer once they have ended.
    gives: u64,
}

struct Kept {
    place: Place,
    /// Admitted tasks that use it.
    pins: u32,
    /// Tasks that use it and have not ended; the answer is one.
    users: u32,
    /// Of its dependents, those before this one are admitted.
    next: usize,
}

enum Place {
    /// With its bytes in the file, where they were written before.
    Memory(Option<Extent>),
    File(Extent),
    Moving,
}

#[derive(Default)]
struct Running {
    missing: Vec<Missing>,
    gives: u64,
    /// Whether its inputs are unpinned.
    is_spent: bool,
}

impl Victim {
    pub(crate) fn value(&self) -> TaskId {
        self.value
    }

    /// Its bytes, when they were written before.
    pub(crate) fn take_written(&mut self) -> Option<Extent> {
        self.written.take()
    }
}

impl Missing {
    pub(crate) fn value(&self) -> TaskId {
        self.value
    }

    pub(crate) fn extent(&self) -> &Extent {
        &self.extent
    }
}

impl Kept {
    /// The first dependent that is not admitted.
    fn next_use(&mut self, users: &[TaskId], order: &Order) -> Option<TaskId> {
        while users.get(self.next).is_some_and(|&user| order.is_admitted(user)) {
            self.next += 1;
        }
        users.get(self.next).copied()
    }
}

impl Spilling {
    pub(super) fn of(plan: &SharedPlan) -> Self {
        Self {
            plan: SharedPlan::clone(plan),
            values: HashMap::new(),
            idle: BTreeSet::new(),
            idle_bytes: 0,
            leaving: 0,
            running: HashMap::new(),
            gives: 0,
        }
    }

    pub(super) fn kept(&mut self, value: TaskId) {
        if !self.plan.may_spill(value) {
            return;
        }
        // A dependent that takes it twice stands there twice, side by side.
        let users = self.plan.shape().dependents(value);
        let count = 1 + users.windows(2).filter(|pair| pair[0] != pair[1]).count();
        let kept = Kept { place: Place::Memory(None), pins: 0, users: count as u32, next: 0 };
        self.idle.insert((users[0], value));
        self.idle_bytes += self.plan.output_bytes(value);
        self.values.insert(value, kept);
    }

    /// Bytes that a task must read back. None while one of its inputs is on its way.
    pub(super) fn to_read(&self, task: TaskId) -> Option<u64> {
        let mut bytes = 0_u64;
        for input in self.plan.spillable_inputs(task) {
            match self.values.get(&input)?.place {
                Place::Memory(_) => {}
                Place::File(_) => bytes = bytes.saturating_add(self.plan.output_bytes(input)),
                Place::Moving => return None,
            }
        }
        Some(bytes)
    }

    /// Pins the inputs of a task that the order has just admitted, or of the answer.
    pub(super) fn pin(&mut self, task: TaskId, order: &Order) {
        let plan = SharedPlan::clone(&self.plan);
        let mut running = Running::default();
        if task < plan.shape().answer() {
            running.gives = plan.label(task).bytes().1;
        }
        for input in plan.spillable_inputs(task) {
            let bytes = plan.output_bytes(input);
            let Some(kept) = self.values.get_mut(&input) else { continue };
            let users = plan.shape().dependents(input);
            kept.pins += 1;
            kept.place = match std::mem::replace(&mut kept.place, Place::Moving) {
                Place::File(extent) => {
                    running.missing.push(Missing { value: input, extent });
                    Place::Moving
                }
                place => {
                    // This task was its next use, or one before its turn.
                    if self.idle.remove(&(users[kept.next], input)) {
                        self.idle_bytes -= bytes;
                    }
                    place
                }
            };
            if kept.next_use(users, order).is_none() {
                running.gives = running.gives.saturating_add(bytes);
            }
        }
        for input in plan.shape().task_edges(task) {
            let is_only_use = plan.shape().dependents(input).len() == 1;
            if is_only_use && !plan.may_spill(input) {
                running.gives = running.gives.saturating_add(plan.output_bytes(input));
            }
        }
        self.gives = self.gives.saturating_add(running.gives);
        self.running.insert(task, running);
    }

    /// The task uses its inputs no longer.
    pub(super) fn unpin(&mut self, task: TaskId, order: &Order, scratch: &Scratch) {
        let working = self.plan.label(task).bytes().1;
        match self.running.get_mut(&task) {
            Some(running) if !running.is_spent => {
                running.is_spent = true;
                self.gives = self.gives.saturating_sub(running.gives).saturating_add(working);
                running.gives = working;
            }
            _ => return,
        }
        for input in self.plan.spillable_inputs(task) {
            let Some(kept) = self.values.get_mut(&input) else { continue };
            kept.pins -= 1;
            kept.users -= 1;
            if kept.users == 0 {
                if let Some(Kept { place: Place::Memory(Some(extent)), .. }) =
                    self.values.remove(&input)
                {
                    scratch.release(extent);
                }
            } else if kept.pins == 0
                && let Some(next) = kept.next_use(self.plan.shape().dependents(input), order)
            {
                self.idle.insert((next, input));
                self.idle_bytes += self.plan.output_bytes(input);
            }
        }
    }

    /// The task has ended.
    pub(super) fn forget(&mut self, task: TaskId) {
        if let Some(running) = self.running.remove(&task) {
            self.gives = self.gives.saturating_sub(running.gives);
        }
    }

    pub(super) fn missing(&mut self, task: TaskId) -> Vec<Missing> {
        self.running.get_mut(&task).map_or_else(Vec::new, |task| std::mem::take(&mut task.missing))
    }

    pub(super) fn restored(&mut self, missing: Missing, order: &Order, scratch: &Scratch) {
        let Missing { value, extent } = missing;
        let Some(kept) = self.values.get_mut(&value) else { return scratch.release(extent) };
        let again = kept.next_use(self.plan.shape().dependents(value), order).is_some();
        let written = if again {
            Some(extent)
        } else {
            scratch.release(extent);
            None
        };
        kept.place = Place::Memory(written);
    }

    /// A value to be written out, so that so many bytes more than the limit fit for this task, the first that
    /// is not admitted. None when enough is on its way out already, or when what could be written is not
    /// enough and tasks that run will free more.
    pub(super) fn choose(&mut self, first: TaskId, beyond: u64) -> Option<Victim> {
        let beyond = beyond.saturating_sub(self.leaving.saturating_add(self.gives));
        if beyond == 0 {
            return None;
        }
        // All dependents before the first are admitted, so what is idle is for the first or for later ones.
        let of_first = |&(next, _): &&(TaskId, TaskId)| *next <= first;
        let own =
            self.idle.iter().take_while(of_first).map(|&(_, own)| self.plan.output_bytes(own));
        let others = self.idle_bytes - own.sum::<u64>();
        if others < beyond && (self.leaving > 0 || !self.running.is_empty()) {
            return None;
        }
        let &(next, value) = self.idle.last().filter(|(next, _)| *next > first)?;
        self.idle.remove(&(next, value));
        let bytes = self.plan.output_bytes(value);
        self.idle_bytes -= bytes;
        self.leaving = self.leaving.saturating_add(bytes);
        let kept = self.values.get_mut(&value)?;
        match std::mem::replace(&mut kept.place, Place::Moving) {
            Place::Memory(written) => Some(Victim { value, written }),
            _ => unreachable!("what is idle is in memory"),
        }
    }

    /// How many bytes that were.
    pub(super) fn written(&mut self, victim: Victim, extent: Extent) -> u64 {
        let bytes = self.plan.output_bytes(victim.value);
        self.leaving = self.leaving.saturating_sub(bytes);
        if let Some(kept) = self.values.get_mut(&victim.value) {
            kept.place = Place::File(extent);
        }
        bytes
    }
}
