//! The rows themselves: as one table, or a table for each partition.

use std::panic::Location;
use std::sync::Arc;

use lazuli_core::reduce::StateCodec;
use lazuli_core::{Answer, Delayed, Parted, TryReduction, task};
use polars::prelude::{DataFrame, PlSmallStr, Schema};

use crate::aggregate::{AggregateError, select};
use crate::frame::Frame;
use crate::lower::{Asked, Each, Pass, Reduced, Request};
use crate::plan::{Batch, Plan};
use crate::table::{Table, read_tables, stack, write_tables};

/// Which of the rows are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rows {
    All,
    /// So many of the first.
    First(usize),
    /// So many of the last.
    Last(usize),
}

/// Collects rows in their order.
struct Collected {
    columns: Vec<PlSmallStr>,
    schema: Arc<Schema>,
    rows: Rows,
}

impl Collected {
    fn of(plan: &Plan, rows: Rows) -> Self {
        let columns = plan.schema.iter_names().cloned().collect();
        Self { columns, schema: Arc::clone(&plan.schema), rows }
    }

    /// Drops tables that have no row among the last.
    fn trim(&self, tables: &mut Vec<DataFrame>) {
        let Rows::Last(rows) = self.rows else { return };
        let mut held = 0;
        let needed = tables.iter().rev().take_while(|table| {
            let needed = held < rows;
            held += table.height();
            needed
        });
        let needed = needed.count().max(1);
        tables.drain(..tables.len().saturating_sub(needed));
    }
}

fn height(tables: &[DataFrame]) -> usize {
    tables.iter().map(DataFrame::height).sum()
}

impl TryReduction<Batch> for Collected {
    type State = Vec<DataFrame>;
    type Output = Table;
    type Error = AggregateError;

    fn identity(&self) -> Vec<DataFrame> {
        Vec::new()
    }

    fn update(&self, state: &mut Vec<DataFrame>, batch: &Batch) -> Result<(), AggregateError> {
        let rows = select(&batch.rows, &self.columns, None)?;
        match self.rows {
            Rows::First(rows) if !state.is_empty() && height(state) >= rows => {}
            // What is left of a batch must not keep the rest of it.
            Rows::First(first) => state.push(rows.head(Some(first))),
            Rows::All => state.push(rows),
            Rows::Last(last) => {
                state.push(rows.tail(Some(last)));
                self.trim(state);
            }
        }
        Ok(())
    }

    fn combine(
        &self,
        state: &mut Vec<DataFrame>,
        following: Vec<DataFrame>,
    ) -> Result<(), AggregateError> {
        if let Rows::First(rows) = self.rows
            && height(state) >= rows
            && !state.is_empty()
        {
            return Ok(());
        }
        state.extend(following);
        if !state.is_empty() {
            self.trim(state);
        }
        Ok(())
    }

    fn codec(&self) -> Option<StateCodec<Vec<DataFrame>>> {
        Some(StateCodec::new(|tables, to| write_tables(tables, to), read_tables))
    }

    fn output_codec(&self) -> Option<StateCodec<Table>> {
        Some(StateCodec::of())
    }

    fn finish(&self, state: Vec<DataFrame>) -> Result<Table, AggregateError> {
        let all = stack(state, &self.schema)?;
        Ok(Table(match self.rows {
            Rows::All => all,
            Rows::First(rows) => all.head(Some(rows)),
            Rows::Last(rows) => all.tail(Some(rows)),
        }))
    }
}

/// The rows as one table.
#[track_caller]
pub(crate) fn rows_of(name: &'static str, frame: &Frame, rows: Rows) -> Delayed<DataFrame> {
    let site = Location::caller();
    let asked = |plan: &Plan| {
        let collected = Collected::of(plan, rows);
        let asked = Reduced {
            columns: collected.columns.clone(),
            coded_key: None,
            reduction: Arc::new(collected),
            then: move |table: Delayed<Table>| {
                Answer::from(task(name).site(site).call(table, |Table(table)| table))
            },
        };
        Ok(Box::new(asked) as Box<dyn Asked>)
    };
    Request::new(frame.plan(), asked, site).one(name)
}

/// What `then` makes of the rows of each partition, in so many parts.
#[track_caller]
pub(crate) fn tables_then<F>(
    name: &'static str,
    frame: &Frame,
    parts: usize,
    then: F,
) -> Parted<Table>
where
    F: Fn(Vec<Delayed<Table>>) -> Vec<Delayed<Table>> + Clone + Send + Sync + 'static,
{
    let asked = move |plan: &Plan| Ok(each_table(plan, move |tables| Answer::parts(then(tables))));
    Request::new(frame.plan(), asked, Location::caller()).parts(name, parts)
}

/// What `then` makes of the rows of each partition, as one value.
#[track_caller]
pub(crate) fn tables_to<T, F>(name: &'static str, frame: &Frame, then: F) -> Delayed<T>
where
    T: Send + Sync + 'static,
    F: Fn(Vec<Delayed<Table>>) -> Delayed<T> + Clone + Send + Sync + 'static,
{
    let asked = move |plan: &Plan| Ok(each_table(plan, move |tables| Answer::from(then(tables))));
    Request::new(frame.plan(), asked, Location::caller()).one(name)
}

fn each_table<F>(plan: &Plan, then: F) -> Box<dyn Asked>
where
    F: Fn(Vec<Delayed<Table>>) -> Answer + Clone + Send + Sync + 'static,
{
    let collected = Collected::of(plan, Rows::All);
    let columns = collected.columns.clone();
    let (coded_key, over) = (None, Pass::each_partition);
    Box::new(Each { columns, coded_key, over, reduction: Arc::new(collected), then })
}

/// The rows of each partition as a table. One may go to a scratch file, where there is a memory limit.
#[track_caller]
pub(crate) fn tables_of(name: &'static str, frame: &Frame) -> Parted<Table> {
    let site = Location::caller();
    let bytes = frame.plan().map(|plan| plan.bytes()).unwrap_or_default();
    tables_then(name, frame, frame.npartitions(), move |tables| {
        let held = tables.into_iter().zip(&bytes).map(|(table, &bytes)| {
            let held = task(name).site(site).output_bytes(bytes).portable::<Table>();
            held.call(table, |table| table)
        });
        held.collect()
    })
}
