//! Tasks by name and time, where there are too many to keep each of them.
//!
//! Time is cut into buckets of equal width. When a run lasts longer than all buckets together, two
//! neighbours become one: so a run of any length takes the same room.

use std::collections::HashMap;

use super::groups::GroupId;

/// How many buckets there are at most.
const BUCKETS: u64 = 2048;
/// A bucket is 2^20 ns wide at first, about a millisecond.
const FIRST_SHIFT: u32 = 20;

/// Tasks of one group that began in one bucket, on one worker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) count: u32,
    /// How long they took in all, in ns.
    pub(crate) busy: u64,
    pub(crate) bytes: u64,
}

/// Which tasks a cell counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct CellKey {
    pub(crate) worker: u32,
    pub(crate) bucket: u32,
    pub(crate) group: GroupId,
}

/// The folded tasks of a run, or those of some of its workers.
#[derive(Clone, Debug)]
pub(crate) struct Fold {
    /// A bucket is 2^shift ns wide.
    pub(crate) shift: u32,
    cells: HashMap<CellKey, Cell>,
    /// The cell that was added to last: most tasks are of it.
    current: Option<(CellKey, Cell)>,
}

impl Default for Fold {
    fn default() -> Self {
        Self { shift: FIRST_SHIFT, cells: HashMap::new(), current: None }
    }
}

impl Fold {
    /// Counts a task that began at `start`, in ns.
    pub(crate) fn add(&mut self, worker: u32, group: GroupId, start: u64, took: u64, bytes: u64) {
        while start >> self.shift >= BUCKETS {
            self.widen();
        }
        let key = CellKey { worker, bucket: (start >> self.shift) as u32, group };
        match &mut self.current {
            Some((current, cell)) if *current == key => cell.add(1, took, bytes),
            _ => {
                self.settle();
                self.current = Some((key, Cell { count: 1, busy: took, bytes }));
            }
        }
    }

    /// Adds what another has counted.
    pub(crate) fn merge(&mut self, mut other: Self) {
        other.settle();
        while self.shift < other.shift {
            self.widen();
        }
        let narrower = self.shift - other.shift;
        for (mut key, cell) in sorted(other.cells) {
            key.bucket >>= narrower;
            self.cells.entry(key).or_default().add(cell.count, cell.busy, cell.bytes);
        }
    }

    /// All cells, by worker, bucket and group.
    pub(crate) fn cells(&self) -> Vec<(CellKey, Cell)> {
        let mut all = self.clone();
        all.settle();
        sorted(all.cells)
    }

    fn settle(&mut self) {
        if let Some((key, cell)) = self.current.take() {
            self.cells.entry(key).or_default().add(cell.count, cell.busy, cell.bytes);
        }
    }

    fn widen(&mut self) {
        self.settle();
        self.shift += 1;
        for (mut key, cell) in sorted(std::mem::take(&mut self.cells)) {
            key.bucket >>= 1;
            self.cells.entry(key).or_default().add(cell.count, cell.busy, cell.bytes);
        }
    }
}

impl Cell {
    fn add(&mut self, count: u32, busy: u64, bytes: u64) {
        self.count = self.count.saturating_add(count);
        self.busy = self.busy.saturating_add(busy);
        self.bytes = self.bytes.saturating_add(bytes);
    }
}

fn sorted(cells: HashMap<CellKey, Cell>) -> Vec<(CellKey, Cell)> {
    let mut cells: Vec<_> = cells.into_iter().collect();
    cells.sort_unstable_by_key(|(key, _)| *key);
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Any number of tasks over any time: nothing is lost, and the room is bounded.
    #[test]
    fn what_is_folded_is_all_there() {
        let mut fold = Fold::default();
        let mut other = Fold::default();
        for task in 0..200_000_u64 {
            let half = if task % 2 == 0 { &mut fold } else { &mut other };
            half.add((task % 2) as u32, (task % 3) as GroupId, task << 22, 7, 1);
        }
        fold.merge(other);
        let cells = fold.cells();
        assert_eq!(cells.iter().map(|(_, cell)| u64::from(cell.count)).sum::<u64>(), 200_000);
        assert_eq!(cells.iter().map(|(_, cell)| cell.busy).sum::<u64>(), 1_400_000);
        assert_eq!(cells.iter().map(|(_, cell)| cell.bytes).sum::<u64>(), 200_000);
        assert!(cells.len() <= BUCKETS as usize * 6, "{}", cells.len());
        assert!(cells.iter().all(|(key, _)| u64::from(key.bucket) < BUCKETS));
    }

    #[test]
    fn a_task_stays_where_it_began() {
        let mut fold = Fold::default();
        fold.add(3, 1, 5 << FIRST_SHIFT, 10, 0);
        fold.add(3, 1, (BUCKETS + 4) << FIRST_SHIFT, 20, 0);
        assert_eq!(fold.shift, FIRST_SHIFT + 1);
        let buckets: Vec<_> =
            fold.cells().iter().map(|(key, cell)| (key.bucket, cell.busy)).collect();
        assert_eq!(buckets, [(2, 10), (1026, 20)]);
    }
}
