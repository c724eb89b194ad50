//! Tasks of a compute, column by column.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::record::run::Run;
use crate::record::shard::{Bar, Outcome};

/// Bars of tasks, column by column: short, and quick to read.
#[derive(Default, Serialize)]
pub(crate) struct Bars {
    /// The number of the first.
    from: usize,
    /// In ns since recording began.
    start: Vec<u64>,
    took: Vec<u64>,
    bytes: Vec<u64>,
    index: Vec<u32>,
    worker: Vec<u32>,
    group: Vec<u16>,
    /// 0 done, 1 failed, 2 to run again.
    outcome: Vec<u8>,
    /// The number of a bar in these columns, and its part.
    parts: BTreeMap<usize, String>,
    fold: FoldData,
}

/// Tasks that are folded: cells of a worker, a piece of time and a group.
#[derive(Default, Serialize)]
struct FoldData {
    /// A piece of time is 2^shift ns.
    shift: u32,
    worker: Vec<u32>,
    bucket: Vec<u32>,
    group: Vec<u16>,
    count: Vec<u32>,
    busy: Vec<u64>,
    bytes: Vec<u64>,
}

impl Bars {
    /// The bars of a run from this number on, and all that is folded.
    pub(crate) fn of(run: &Run, from: usize) -> Self {
        let mut bars = run.with_bars(|all| {
            let from = from.min(all.len());
            let mut bars = Self { from, ..Self::default() };
            for (number, bar) in all[from..].iter().enumerate() {
                bars.push(number, bar);
            }
            bars
        });
        let fold = run.fold();
        bars.fold.shift = fold.shift;
        for (key, cell) in fold.cells() {
            bars.fold.worker.push(key.worker);
            bars.fold.bucket.push(key.bucket);
            bars.fold.group.push(key.group);
            bars.fold.count.push(cell.count);
            bars.fold.busy.push(cell.busy);
            bars.fold.bytes.push(cell.bytes);
        }
        bars
    }

    fn push(&mut self, number: usize, bar: &Bar) {
        self.start.push(bar.start);
        self.took.push(bar.took);
        self.bytes.push(bar.bytes);
        self.index.push(bar.index);
        self.worker.push(bar.worker);
        self.group.push(bar.group);
        self.outcome.push(match bar.outcome {
            Outcome::Done => 0,
            Outcome::Failed => 1,
            Outcome::Retried => 2,
        });
        if let Some(part) = &bar.part {
            self.parts.insert(number, part.to_string());
        }
    }
}
