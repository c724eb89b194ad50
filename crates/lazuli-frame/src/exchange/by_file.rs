//! Aggregates that need all rows of a file at once: its partitions are put together, and nothing is exchanged.

use std::panic::Location;
use std::sync::Arc;

use lazuli_core::{Delayed, task};

use super::wholes::Keyed;
use crate::aggregate::whole::{of_groups, whole_name};
use crate::aggregate::{AggregateError, Aggregation};
use crate::error::FrameError;
use crate::lower::{Each, Pass, Seat, TakeAs};
use crate::plan::{Base, Plan};
use crate::table::{Table, stack};

/// What is computed of all rows of each file.
pub(crate) struct FileWholes {
    keyed: Arc<Keyed>,
    /// How many partitions each file has.
    partitions: Vec<usize>,
}

impl FileWholes {
    /// # Errors
    /// An aggregate that is not defined for its columns.
    pub(crate) fn new(plan: &Plan, aggregation: Arc<Aggregation>) -> Result<Self, FrameError> {
        let mut partitions: Vec<usize> = Vec::new();
        for branch in plan.branches.iter() {
            let Base::Source(source) = &branch.base else { continue };
            let before = partitions.len();
            partitions.resize(before + source.files().len(), 0);
            for place in source.partitions() {
                partitions[before + place.file] += 1;
            }
        }
        Ok(Self { keyed: Arc::new(Keyed::new(plan, aggregation)?), partitions })
    }

    /// Joins the passes; what takes a table for each file, with a column for each aggregate. There are none where no
    /// aggregate needs all rows at once.
    pub(crate) fn take(
        &self,
        passes: &mut [Pass],
        seats: &[Seat],
        site: &'static Location<'static>,
    ) -> TakeAs<Vec<Delayed<Table>>> {
        if self.keyed.aggregation.wholes().is_empty() {
            return Box::new(|_| Vec::new());
        }
        let rows = Each {
            columns: Vec::new(),
            coded_key: None,
            over: Pass::each_partition,
            reduction: Arc::clone(&self.keyed),
            then: |rows: Vec<Delayed<Table>>| rows,
        };
        let rows = rows.take(passes, seats);
        let (keyed, partitions) = (Arc::clone(&self.keyed), self.partitions.clone());
        Box::new(move |answers| {
            let mut rows = rows(answers).into_iter();
            let each = partitions.into_iter().enumerate().map(|(file, count)| {
                let keyed = Arc::clone(&keyed);
                let own: Vec<Delayed<Table>> = rows.by_ref().take(count).collect();
                let group = task("group").site(site).part(file.to_string());
                group.portable::<Table>().try_call(own, move |own: Vec<Table>| {
                    let own = own.into_iter().map(|Table(rows)| rows).collect();
                    let rows = stack(own, &keyed.schema)?;
                    let wholes = keyed.aggregation.wholes();
                    let row = of_groups(&rows, 0, wholes.iter().enumerate())?;
                    let columns = (0..wholes.len()).map(whole_name);
                    Ok::<_, AggregateError>(Table(row.select(columns)?))
                })
            });
            each.collect()
        })
    }
}
