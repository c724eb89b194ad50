//! A reduction of the user's for each group.

use std::panic::Location;
use std::sync::Arc;

use lazuli_core::{Delayed, TryReduction};
use polars::prelude::{
    Column, DataFrame, Expr, IdxCa, IdxSize, InitHashMaps as _, PlHashMap, PlSmallStr,
};
use polars_core::chunked_array::ops::row_encode::encode_rows_unordered;

use super::custom::CustomError;
use crate::aggregate::{AggregateError, check_row_by_row, evaluate, output_name, roots, select};
use crate::error::FrameError;
use crate::frame::Frame;
use crate::lower::{Asked, Reduced, Request};
use crate::plan::{Batch, Plan, expand};

/// The groups, and what a reduction makes of each.
pub(crate) type Groups<T> = (DataFrame, Vec<T>);

/// The delayed answers of a reduction of each group.
#[track_caller]
pub(crate) fn grouped<R: TryReduction<DataFrame>>(
    frame: &Frame,
    keys: Vec<Expr>,
    columns: Vec<PlSmallStr>,
    reduction: R,
) -> Delayed<Groups<R::Output>> {
    let asked = |plan: &Plan| {
        let grouped = Grouped::new(plan, keys, columns, reduction)?;
        let asked = Reduced {
            columns: grouped.needed.clone(),
            coded_key: None,
            reduction: Arc::new(grouped),
            then: Into::into,
        };
        Ok(Box::new(asked) as Box<dyn Asked>)
    };
    Request::new(frame.plan(), asked, Location::caller()).one("reduce by key")
}

struct Grouped<R> {
    reduction: R,
    keys: Vec<Expr>,
    shown: Vec<PlSmallStr>,
    needed: Vec<PlSmallStr>,
    /// The keys of no rows.
    none: DataFrame,
}

impl<R> Grouped<R> {
    fn new(
        plan: &Plan,
        keys: Vec<Expr>,
        shown: Vec<PlSmallStr>,
        reduction: R,
    ) -> Result<Self, FrameError> {
        let keys = expand(keys, &plan.schema)?;
        for key in &keys {
            check_row_by_row(key, &output_name(key)?)?;
        }
        let mut needed = roots(keys.iter());
        needed.extend(
            shown.iter().filter(|name| !needed.contains(name)).cloned().collect::<Vec<_>>(),
        );
        plan.check(&needed)?;
        let none = of_rows(&DataFrame::empty_with_schema(&plan.schema), &keys)?;
        Ok(Self { reduction, keys, shown, needed, none })
    }
}

/// The keys of these rows.
fn of_rows(rows: &DataFrame, keys: &[Expr]) -> Result<DataFrame, AggregateError> {
    let columns = keys.iter().map(|key| Ok(evaluate(rows, key)?.with_name(output_name(key)?)));
    Ok(DataFrame::new(rows.height(), columns.collect::<Result<Vec<Column>, AggregateError>>()?)?)
}

/// The groups seen so far, in the order of their first rows.
pub(super) struct Seen<S> {
    known: PlHashMap<Box<[u8]>, usize>,
    /// The encoded key and the keys of each group: a row of a table.
    keys: Vec<(Box<[u8]>, DataFrame)>,
    states: Vec<S>,
}

impl<R: TryReduction<DataFrame>> TryReduction<Batch> for Grouped<R> {
    type State = Seen<R::State>;
    type Output = Groups<R::Output>;
    type Error = CustomError<R::Error>;

    fn identity(&self) -> Self::State {
        Seen { known: PlHashMap::new(), keys: Vec::new(), states: Vec::new() }
    }

    fn update(&self, seen: &mut Self::State, batch: &Batch) -> Result<(), Self::Error> {
        let keys = of_rows(&batch.rows, &self.keys)?;
        let rows = select(&batch.rows, &self.shown, None)?;
        let encoded = encode_rows_unordered(keys.columns()).map_err(AggregateError::from)?;
        // The rows of each group of the batch, in the order in which the groups come.
        let mut places: PlHashMap<usize, usize> = PlHashMap::new();
        let mut members: Vec<(usize, Vec<IdxSize>)> = Vec::new();
        for (row, key) in encoded.iter().enumerate() {
            let key = key.unwrap_or_default();
            let group = match seen.known.get(key) {
                Some(group) => *group,
                None => {
                    let group = seen.states.len();
                    seen.known.insert(key.into(), group);
                    seen.keys.push((key.into(), keys.slice(row as i64, 1)));
                    seen.states.push(self.reduction.identity());
                    group
                }
            };
            let place = *places.entry(group).or_insert_with(|| {
                members.push((group, Vec::new()));
                members.len() - 1
            });
            members[place].1.push(row as IdxSize);
        }
        for (group, members) in members {
            let own = rows.take(&IdxCa::from_vec(PlSmallStr::EMPTY, members));
            let own = own.map_err(AggregateError::from)?;
            let state = &mut seen.states[group];
            self.reduction.update(state, &own).map_err(CustomError::Reduction)?;
        }
        Ok(())
    }

    fn end_part(&self, seen: &mut Self::State) -> Result<(), Self::Error> {
        let mut states = seen.states.iter_mut();
        states.try_for_each(|state| self.reduction.end_part(state)).map_err(CustomError::Reduction)
    }

    fn combine(&self, seen: &mut Self::State, following: Self::State) -> Result<(), Self::Error> {
        for ((key, keys), state) in following.keys.into_iter().zip(following.states) {
            match seen.known.get(&key) {
                Some(&group) => {
                    let before = &mut seen.states[group];
                    self.reduction.combine(before, state).map_err(CustomError::Reduction)?;
                }
                None => {
                    seen.known.insert(key.clone(), seen.states.len());
                    seen.keys.push((key, keys));
                    seen.states.push(state);
                }
            }
        }
        Ok(())
    }

    fn finish(&self, seen: Self::State) -> Result<Self::Output, Self::Error> {
        let mut keys = self.none.clone();
        for (_, own) in seen.keys {
            keys.vstack_mut_owned(own).map_err(AggregateError::from)?;
        }
        keys.rechunk_mut();
        let states = seen.states.into_iter();
        let finished = states.map(|state| self.reduction.finish(state));
        let finished = finished.collect::<Result<_, _>>().map_err(CustomError::Reduction)?;
        Ok((keys, finished))
    }
}
