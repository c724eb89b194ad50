//! The first rows of the sorted table, without sorting the others.

use std::sync::Arc;

use lazuli_core::TryReduction;
use polars::prelude::{DataFrame, PlSmallStr, Schema};

use super::SortKeys;
use crate::aggregate::select;
use crate::error::FrameError;
use crate::plan::{Batch, Plan};
use crate::source::csv::BATCH;
use crate::table::{Table, stack};

/// Keeps the rows that may be among the first.
pub(crate) struct Top {
    keys: SortKeys,
    rows: usize,
    columns: Vec<PlSmallStr>,
    schema: Arc<Schema>,
}

impl Top {
    pub(crate) fn new(plan: &Plan, keys: SortKeys, rows: usize) -> Self {
        let columns = plan.schema.iter_names().cloned().collect();
        Self { keys, rows, columns, schema: Arc::clone(&plan.schema) }
    }

    pub(crate) fn columns(&self) -> &[PlSmallStr] {
        &self.columns
    }

    fn first(&self, tables: Vec<DataFrame>) -> Result<DataFrame, FrameError> {
        let sorted = self.keys.sorted(&stack(tables, &self.schema)?)?;
        let mut first = sorted.head(Some(self.rows));
        // So that the rows behind are not kept.
        first.rechunk_mut();
        Ok(first)
    }
}

impl TryReduction<Batch> for Top {
    type State = Vec<DataFrame>;
    type Output = Table;
    type Error = FrameError;

    fn identity(&self) -> Vec<DataFrame> {
        Vec::new()
    }

    fn update(&self, state: &mut Vec<DataFrame>, batch: &Batch) -> Result<(), FrameError> {
        state.push(select(&batch.rows, &self.columns, None)?);
        let held: usize = state.iter().map(DataFrame::height).sum();
        if held > self.rows.saturating_mul(2).saturating_add(4 * BATCH) {
            *state = vec![self.first(std::mem::take(state))?];
        }
        Ok(())
    }

    fn end_part(&self, state: &mut Vec<DataFrame>) -> Result<(), FrameError> {
        *state = vec![self.first(std::mem::take(state))?];
        Ok(())
    }

    fn combine(
        &self,
        state: &mut Vec<DataFrame>,
        following: Vec<DataFrame>,
    ) -> Result<(), FrameError> {
        self.combine_all(state, vec![following])
    }

    fn combine_all(
        &self,
        state: &mut Vec<DataFrame>,
        following: Vec<Vec<DataFrame>>,
    ) -> Result<(), FrameError> {
        state.extend(following.into_iter().flatten());
        *state = vec![self.first(std::mem::take(state))?];
        Ok(())
    }

    fn finish(&self, state: Vec<DataFrame>) -> Result<Table, FrameError> {
        self.first(state).map(Table)
    }
}
