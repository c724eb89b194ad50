//! What the tasks of some workers of a run have done: written by those workers, taken by whoever shows it.
//!
//! A worker has the lock of its shard to itself nearly always, so a task costs it some tens of
//! nanoseconds, and no other worker waits.

use std::panic::Location;

use lazuli_core::Lane;

use super::fold::Fold;
use super::groups::{GroupId, Known};

/// How a run of a task ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Done,
    Failed,
    Retried,
}

/// One run of a task.
#[derive(Clone, Debug)]
pub(crate) struct Bar {
    /// When it began, in ns since the recorder was made.
    pub(crate) start: u64,
    /// How long it took, in ns.
    pub(crate) took: u64,
    /// Bytes that it loaded.
    pub(crate) bytes: u64,
    /// The number of the task in its plan.
    pub(crate) index: u32,
    pub(crate) worker: u32,
    pub(crate) group: GroupId,
    pub(crate) outcome: Outcome,
    pub(crate) part: Option<Box<str>>,
}

/// Figures of a group.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Totals {
    pub(crate) done: u64,
    pub(crate) failed: u64,
    pub(crate) retried: u64,
    pub(crate) busy: u64,
    pub(crate) longest: u64,
    pub(crate) bytes: u64,
    pub(crate) lane: Lane,
}

/// A task that is under way.
#[derive(Clone, Debug)]
pub(crate) struct Underway {
    pub(crate) index: u32,
    pub(crate) worker: u32,
    pub(crate) group: GroupId,
    pub(crate) start: u64,
    pub(crate) part: Option<Box<str>>,
}

/// The longest tasks of a run are kept, however many there are.
pub(crate) const LONGEST: usize = 20;

#[derive(Default)]
pub(crate) struct Shard {
    pub(crate) known: Known,
    /// How many more bars may be kept before more must be asked for.
    pub(crate) allowance: usize,
    pub(crate) bars: Vec<Bar>,
    pub(crate) folded: u64,
    pub(crate) fold: Fold,
    pub(crate) totals: Vec<Totals>,
    pub(crate) longest: Vec<Bar>,
    pub(crate) underway: Vec<Underway>,
    /// Bytes that tasks have loaded which are under way.
    loading: Vec<(u32, u64)>,
}

impl Shard {
    /// The group of a task.
    pub(crate) fn group(
        &mut self,
        name: &'static str,
        site: &'static Location<'static>,
        lane: Lane,
        ask: impl FnOnce() -> GroupId,
    ) -> GroupId {
        let group = self.known.number(name, site, lane, ask);
        if self.totals.len() <= usize::from(group) {
            self.totals.resize(usize::from(group) + 1, Totals::default());
        }
        self.totals[usize::from(group)].lane = lane;
        group
    }

    pub(crate) fn load(&mut self, task: u32, bytes: u64) {
        match self.loading.iter_mut().find(|(index, _)| *index == task) {
            Some((_, loaded)) => *loaded += bytes,
            None => self.loading.push((task, bytes)),
        }
    }

    /// What the task has loaded, now that it has ended.
    pub(crate) fn loaded(&mut self, task: u32) -> u64 {
        if self.loading.is_empty() {
            return 0;
        }
        match self.loading.iter().position(|(index, _)| *index == task) {
            Some(place) => self.loading.swap_remove(place).1,
            None => 0,
        }
    }

    pub(crate) fn begun(&mut self, task: Underway) {
        self.underway.push(task);
    }

    /// Counts a task that has ended, and keeps its bar while there is room.
    pub(crate) fn ended(&mut self, mut bar: Bar, part: Option<&str>, room: impl FnOnce() -> usize) {
        if !self.underway.is_empty()
            && let Some(place) = self.underway.iter().rposition(|task| task.index == bar.index)
        {
            self.underway.swap_remove(place);
        }
        let totals = &mut self.totals[usize::from(bar.group)];
        match bar.outcome {
            Outcome::Done => totals.done += 1,
            Outcome::Failed => totals.failed += 1,
            Outcome::Retried => totals.retried += 1,
        }
        totals.busy += bar.took;
        totals.longest = totals.longest.max(bar.took);
        totals.bytes += bar.bytes;
        let is_long = self.longest.len() < LONGEST
            || self.longest.last().is_some_and(|least| bar.took > least.took);
        if self.allowance == 0 {
            self.allowance = room();
        }
        if self.allowance == 0 && !is_long {
            self.folded += 1;
            self.fold.add(bar.worker, bar.group, bar.start, bar.took, bar.bytes);
            return;
        }
        bar.part = part.map(super::short).map(Box::from);
        if is_long {
            let place = self.longest.partition_point(|other| other.took >= bar.took);
            self.longest.insert(place, bar.clone());
            self.longest.truncate(LONGEST);
        }
        if self.allowance == 0 {
            self.folded += 1;
            self.fold.add(bar.worker, bar.group, bar.start, bar.took, bar.bytes);
        } else {
            self.allowance -= 1;
            self.bars.push(bar);
        }
    }
}
