//! Aggregates of whole groups: the rows are exchanged by their keys, and each bucket computes its groups.
//!
//! What can be split is reduced in the same pass over the rows; both answers have their groups in the order of first
//! appearance, and are put side by side.

use std::io::Read;
use std::panic::Location;
use std::sync::Arc;

use lazuli_core::reduce::StateCodec;
use lazuli_core::{Answer, Delayed, Portable as _, TryReduction, task};
use polars::prelude::{
    Column, DataFrame, IntoColumn as _, PlIndexMap, PlSmallStr, Schema, UInt64Chunked,
};

use super::{buckets, exchange};
use crate::aggregate::whole::{ROW, in_order, of_groups, whole_name};
use crate::aggregate::{AggregateError, Aggregation, State, evaluate, key_name, roots, select};
use crate::ask::Whole;
use crate::error::FrameError;
use crate::lower::{Asked, Each, Pass, Reduced, Seat, Take};
use crate::plan::{Batch, Plan};
use crate::table::{Table, dtype_of, read_tables, stack, write_tables};

/// What an aggregation needs that has aggregates of whole groups.
pub(crate) fn aggregate_wholes(
    plan: &Plan,
    aggregation: Arc<Aggregation>,
    site: &'static Location<'static>,
) -> Result<Box<dyn Asked>, FrameError> {
    let keyed = Keyed::new(plan, Arc::clone(&aggregation))?;
    let bytes = plan.bytes();
    Ok(Box::new(Both { aggregation, keyed: Arc::new(keyed), bytes, site }))
}

/// The states of what can be split, and the rows by key, of one pass.
struct Both {
    aggregation: Arc<Aggregation>,
    keyed: Arc<Keyed>,
    bytes: Vec<u64>,
    site: &'static Location<'static>,
}

impl Asked for Both {
    fn columns(&self) -> &[PlSmallStr] {
        self.aggregation.columns()
    }

    fn join(&self, passes: &mut [Pass], seats: &[Seat], site: &'static Location<'static>) -> Take {
        // What both answer meets in one task, which is made when the passes have been.
        let state = Reduced {
            columns: Vec::new(),
            coded_key: None,
            reduction: Arc::new(Whole { aggregation: Arc::clone(&self.aggregation) }),
            then: |state: Delayed<State>| state,
        };
        let rows = Each {
            columns: Vec::new(),
            coded_key: None,
            over: Pass::each_partition,
            reduction: Arc::clone(&self.keyed),
            then: |rows: Vec<Delayed<Table>>| rows,
        };
        let (state, rows) = (state.take(passes, seats, site), rows.take(passes, seats));
        let (aggregation, keyed) = (Arc::clone(&self.aggregation), Arc::clone(&self.keyed));
        let (bytes, site) = (self.bytes.clone(), self.site);
        Box::new(move |answers| {
            let groups = match keyed.keys.is_empty() {
                true => columns(&keyed, rows(answers), site),
                false => groups(&keyed, rows(answers), &bytes, site),
            };
            let finish = task("agg").site(site);
            let inputs = (&state(answers), &groups[..]);
            Answer::from(finish.try_call(inputs, move |(State(state), groups)| {
                let groups: Vec<&DataFrame> =
                    groups.into_iter().map(|Table(groups)| groups).collect();
                let wholes = keyed.wholes(&groups)?;
                aggregation.finish_with(state, &wholes)
            }))
        })
    }
}

/// The groups of each bucket.
fn groups(
    keyed: &Arc<Keyed>,
    tables: Vec<Delayed<Table>>,
    bytes: &[u64],
    site: &'static Location<'static>,
) -> Vec<Delayed<Table>> {
    let pieces = exchange(tables, bytes, &keyed.keys, buckets(bytes), site);
    let each = pieces.into_iter().enumerate().map(|(bucket, pieces)| {
        let keyed = Arc::clone(keyed);
        let group = task("group").site(site).part(bucket.to_string()).portable::<Table>();
        group.try_call(pieces, move |pieces: Vec<Table>| {
            let pieces = pieces.into_iter().map(|Table(piece)| piece).collect();
            let rows = stack(pieces, &keyed.schema)?;
            let wholes = keyed.aggregation.wholes().iter().enumerate();
            let groups = of_groups(&rows, keyed.keys.len(), wholes)?;
            Ok::<_, AggregateError>(Table(groups))
        })
    });
    each.collect()
}

/// The aggregates of the whole table: those of the same columns in one task, so that no task holds all columns.
fn columns(
    keyed: &Arc<Keyed>,
    tables: Vec<Delayed<Table>>,
    site: &'static Location<'static>,
) -> Vec<Delayed<Table>> {
    let mut sets: PlIndexMap<Vec<PlSmallStr>, Vec<usize>> = PlIndexMap::default();
    for (index, whole) in keyed.aggregation.wholes().iter().enumerate() {
        sets.entry(roots(std::iter::once(whole))).or_default().push(index);
    }
    let each = sets.into_iter().map(|(mut columns, wholes)| {
        columns.push(ROW.into());
        let schema: Schema =
            columns.iter().map(|name| (name.clone(), dtype_of(&keyed.schema, name))).collect();
        let keyed = Arc::clone(keyed);
        task("group").site(site).portable::<Table>().try_call(
            &tables,
            move |tables: Vec<&Table>| {
                let tables =
                    tables.into_iter().map(|Table(table)| table.select(columns.iter().cloned()));
                let rows = stack(tables.collect::<Result<_, _>>()?, &schema)?;
                let wholes =
                    wholes.iter().map(|&index| (index, &keyed.aggregation.wholes()[index]));
                Ok::<_, AggregateError>(Table(of_groups(&rows, 0, wholes)?))
            },
        )
    });
    each.collect()
}

/// Collects the rows of a partition with what is computed of them: their keys, and which row of the table each is.
pub(super) struct Keyed {
    pub(super) aggregation: Arc<Aggregation>,
    /// The names of the columns of keys.
    keys: Vec<PlSmallStr>,
    /// The columns that the aggregates need.
    needed: Vec<PlSmallStr>,
    /// Of the rows that are collected.
    pub(super) schema: Schema,
    /// Of the groups that come of them.
    outputs: Schema,
}

impl Keyed {
    pub(super) fn new(plan: &Plan, aggregation: Arc<Aggregation>) -> Result<Self, FrameError> {
        let keys = (0..aggregation.keys().len()).map(key_name).collect();
        let needed = roots(aggregation.wholes().iter());
        let (schema, outputs) = (Schema::default(), Schema::default());
        let mut keyed = Self { aggregation, keys, needed, schema, outputs };
        let none = keyed.keyed(&DataFrame::empty_with_schema(&plan.schema), 0, 0)?;
        keyed.schema = none.schema().as_ref().clone();
        let wholes = keyed.aggregation.wholes().iter().enumerate();
        // What is wrong with an aggregate is known from a table without rows. Of groups polars makes missing values of
        // some that are not defined, of a whole table an error.
        let named = |error: AggregateError| {
            let wrong = wholes.clone().find_map(|whole| {
                let error = of_groups(&none, 0, std::iter::once(whole)).err()?;
                Some(keyed.aggregation.whole_error(whole.0, &error))
            });
            wrong.unwrap_or(error)
        };
        of_groups(&none, 0, wholes.clone()).map_err(named)?;
        let groups = of_groups(&none, keyed.keys.len(), wholes)?;
        keyed.outputs = groups.schema().as_ref().clone();
        Ok(keyed)
    }

    /// The columns of the aggregates, of all groups in the order of their first rows.
    fn wholes(&self, groups: &[&DataFrame]) -> Result<Vec<Column>, AggregateError> {
        let count = self.aggregation.wholes().len();
        if !self.keys.is_empty() {
            let groups = groups.iter().map(|groups| (*groups).clone()).collect();
            return in_order(&stack(groups, &self.outputs)?, count);
        }
        let mut wholes = vec![Column::default(); count];
        for groups in groups {
            for (index, whole) in wholes.iter_mut().enumerate() {
                if let Ok(column) = groups.column(&whole_name(index)) {
                    *whole = column.clone();
                }
            }
        }
        Ok(wholes)
    }

    /// The rows, of which the first has this number in its partition.
    fn keyed(
        &self,
        rows: &DataFrame,
        partition: usize,
        first: usize,
    ) -> Result<DataFrame, AggregateError> {
        let mut columns: Vec<Column> = Vec::with_capacity(self.keys.len() + self.needed.len() + 1);
        for (name, key) in self.keys.iter().zip(self.aggregation.keys()) {
            columns.push(evaluate(rows, key)?.with_name(name.clone()));
        }
        columns.extend_from_slice(select(rows, &self.needed, None)?.columns());
        // 2^24 partitions of 2^40 rows.
        let number = |row: usize| (partition as u64) << 40 | (first + row) as u64;
        let numbers = (0..rows.height()).map(number).collect();
        columns.push(UInt64Chunked::from_vec(ROW.into(), numbers).into_column());
        Ok(DataFrame::new(rows.height(), columns)?)
    }
}

impl TryReduction<Batch> for Keyed {
    /// The rows so far, and how many these are.
    type State = (Vec<DataFrame>, usize);
    type Output = Table;
    type Error = AggregateError;

    fn identity(&self) -> Self::State {
        (Vec::new(), 0)
    }

    fn update(&self, state: &mut Self::State, batch: &Batch) -> Result<(), AggregateError> {
        let (tables, rows) = state;
        tables.push(self.keyed(&batch.rows, batch.partition, *rows)?);
        *rows += batch.rows.height();
        Ok(())
    }

    fn combine(
        &self,
        state: &mut Self::State,
        following: Self::State,
    ) -> Result<(), AggregateError> {
        state.0.extend(following.0);
        state.1 += following.1;
        Ok(())
    }

    fn codec(&self) -> Option<StateCodec<Self::State>> {
        let read = |from: &mut dyn Read| Ok((read_tables(from)?, u64::read(from)? as usize));
        Some(StateCodec::new(
            |(tables, rows), to| {
                write_tables(tables, to)?;
                (*rows as u64).write(to)
            },
            read,
        ))
    }

    fn output_codec(&self) -> Option<StateCodec<Table>> {
        Some(StateCodec::of())
    }

    fn finish(&self, state: Self::State) -> Result<Table, AggregateError> {
        Ok(Table(stack(state.0, &self.schema)?))
    }
}
