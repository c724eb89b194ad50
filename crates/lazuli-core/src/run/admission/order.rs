//! The tasks to be admitted, in plan order, and which of them may begin now.
//!
//! Without a scratch file the order is strict: a task that is not ready holds those after it up. With one, a
//! result that may be written out never has to stay, so a task that leaves nothing else behind may begin
//! before others that are not ready, as long as there is room for those beside it. This keeps the promise that
//! a run never stands still: when nothing runs and no value is on its way, what has to stay in memory is
//! from tasks before the first that has not begun, so it is no more than in the sequential run, and all else
//! can be written out. Only for the first task is anything written.

use super::Queue;
use super::spilling::Victim;
use crate::plan::{Plan, TaskId};

/// How far behind the first task others are looked for that may begin.
const AHEAD: usize = 64;

/// The tasks that take bytes, and with a scratch file those that take a value from it.
pub(super) struct Order {
    entries: Vec<Entry>,
    /// All before this one are admitted.
    first: usize,
}

#[derive(Clone, Copy)]
struct Entry {
    task: TaskId,
    /// Bytes of its result, and those needed beside that.
    bytes: u64,
    /// All that it leaves behind may be written out.
    leaves_nothing: bool,
    admitted: bool,
}

impl Order {
    pub(super) fn of(plan: &Plan, spilling: bool) -> Self {
        let entry = |task: TaskId| {
            let (output, working) = plan.label(task).bytes();
            let bytes = output.saturating_add(working);
            let takes = bytes > 0 || spilling && !plan.spillable_inputs(task).is_empty();
            let stays = |&value: &TaskId| plan.output_bytes(value) > 0 && !plan.may_spill(value);
            let leaves_nothing = if plan.has_many_outputs(task) {
                !plan.shape().dependents(task).iter().any(stays)
            } else {
                !stays(&task)
            };
            let entry = Entry { task, bytes, leaves_nothing, admitted: false };
            (takes && plan.output_of(task).is_none()).then_some(entry)
        };
        Self { entries: plan.shape().tasks().filter_map(entry).collect(), first: 0 }
    }

    pub(super) fn place(&self, task: TaskId) -> Option<usize> {
        self.entries.binary_search_by_key(&task, |entry| entry.task).ok()
    }

    pub(super) fn is_admitted(&self, task: TaskId) -> bool {
        self.place(task).is_some_and(|place| self.entries[place].admitted)
    }

    fn admit(&mut self, place: usize) {
        self.entries[place].admitted = true;
        while self.entries.get(self.first).is_some_and(|entry| entry.admitted) {
            self.first += 1;
        }
    }
}

impl Queue {
    /// Admits those that may begin now.
    pub(super) fn advance(&mut self, limit: u64) {
        let mut place = self.order.first;
        // What those take that are not ready.
        let mut passed = 0_u64;
        while let Some(&entry) = self.order.entries.get(place) {
            let is_first = place == self.order.first;
            if entry.admitted {
                // Begun before its turn.
            } else if self.parked.contains_key(&entry.task) {
                let Some(need) = self.need(entry).filter(|_| is_first || entry.leaves_nothing)
                else {
                    return;
                };
                if self.used.saturating_add(passed).saturating_add(need) > limit {
                    return;
                }
                self.begin(place, need);
            } else if self.spilling.is_some() && place - self.order.first < AHEAD {
                passed = passed.saturating_add(entry.bytes);
            } else {
                return;
            }
            place += 1;
        }
    }

    /// Bytes that the task adds to what is held. None while one of its inputs is on its way.
    fn need(&self, entry: Entry) -> Option<u64> {
        match &self.spilling {
            Some(spilling) => Some(entry.bytes.saturating_add(spilling.to_read(entry.task)?)),
            None => Some(entry.bytes),
        }
    }

    /// Whether the task takes no bytes, has its inputs in memory, and leaves nothing behind that has to stay:
    /// there is nothing to wait for.
    pub(super) fn adds_nothing(&self, place: usize) -> bool {
        let entry = self.order.entries[place];
        self.spilling.is_some() && entry.leaves_nothing && self.need(entry) == Some(0)
    }

    /// Admits a parked task.
    pub(super) fn begin(&mut self, place: usize, need: u64) {
        let task = self.order.entries[place].task;
        let ready = self.parked.remove(&task);
        self.released.extend(ready);
        self.used = self.used.saturating_add(need);
        self.order.admit(place);
        if let Some(spilling) = &mut self.spilling {
            spilling.pin(task, &self.order);
        }
    }

    /// What is to be written out for the first task.
    pub(super) fn victim(&mut self, limit: u64) -> Option<Victim> {
        let first = *self.order.entries.get(self.order.first)?;
        if !self.parked.contains_key(&first.task) {
            return None;
        }
        let need = self.need(first)?;
        let beyond = self.used.saturating_add(need).saturating_sub(limit);
        self.spilling.as_mut()?.choose(first.task, beyond)
    }
}
