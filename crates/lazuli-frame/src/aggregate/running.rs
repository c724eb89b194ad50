//! The state of an aggregate while rows still come: a table of accumulators, a row for each group, updated batch
//! by batch.
//!
//! What it holds grows with the groups, never with the rows. Groups are numbered by first appearance, and of a
//! statistic that is not exact the order of additions is that of the rows and batches: so a state depends on
//! the rows and on where batches end, and on nothing else.

use polars::prelude::{BooleanChunked, Column, DataFrame, PlSmallStr};

use super::accumulate::{Accumulator, BatchValues};
use super::error::AggregateError;
use super::grouper::Grouper;
use super::groups::Groups;
use super::rows;
use super::split::{Input, Part};
use super::tally::Tallies;
use super::{Aggregation, key_name, part};
use crate::source::csv::{BATCH, Coded};

/// The rows seen so far.
#[derive(Debug)]
pub(crate) struct Running {
    grouper: Grouper,
    /// Rows of each group.
    sizes: Vec<u64>,
    /// One for each part but [`Part::Rows`] and what is tallied.
    accumulators: Vec<Option<Accumulator>>,
    /// One for each input of numbers, if there are keys.
    tallies: Vec<Option<Tallies>>,
    /// States of rows whose keys were coded by other dictionaries.
    before: Vec<DataFrame>,
}

impl Aggregation {
    /// The state before any row.
    pub(crate) fn start(&self) -> Running {
        Running {
            grouper: Grouper::new(self.keys.len()),
            sizes: Vec::new(),
            accumulators: self.split.parts.iter().map(|_| None).collect(),
            tallies: self.split.inputs.iter().map(|_| None).collect(),
            before: Vec::new(),
        }
    }

    /// The column whose cells are nothing but the key, which a reader may code.
    pub(crate) fn coded_key(&self) -> Option<&PlSmallStr> {
        self.coded_key.as_ref()
    }

    /// Adds the rows of a batch, a table of the columns but for the key that is coded, if one is.
    ///
    /// # Errors
    /// As [`Aggregation::partial`].
    pub(crate) fn update(
        &self,
        running: &mut Running,
        batch: &DataFrame,
        coded: Option<&Coded>,
    ) -> Result<(), AggregateError> {
        let coded = coded.filter(|coded| self.coded_key() == Some(&coded.name));
        let shown = |name: &&PlSmallStr| coded.is_none_or(|coded| coded.name != **name);
        let columns: Vec<PlSmallStr> = self.columns.iter().filter(shown).cloned().collect();
        let rows = rows::select(batch, &columns, None)?;
        let mask = self.filter.as_ref().map(|filter| rows::mask(&rows, filter)).transpose()?;
        let rows = match &mask {
            Some(mask) => rows.filter_seq(mask)?,
            None => rows,
        };
        let groups = self.groups(running, &rows, mask.as_ref(), coded)?;
        if self.split.parts.contains(&Part::Rows) {
            groups.count_into(&mut running.sizes);
        }
        // Input by input: what an expression computed is dropped before the next one is.
        for (input, Input { values, filter }) in self.split.inputs.iter().enumerate() {
            let column = rows::evaluate(&rows, values)?;
            let (column, groups) = match filter {
                None => (column, groups.clone()),
                Some(filter) => {
                    let mask = rows::mask(&rows, filter)?;
                    (column.filter(&mask)?, groups.filter(&mask))
                }
            };
            super::finish::check_dtype(&self.split, input, column.dtype())?;
            let summed = |part: Part| matches!(part, Part::Sum { .. } | Part::Spread { .. });
            let own = || self.split.parts_of(input);
            let values = BatchValues::new(column, groups, own().any(|(_, part)| summed(part)))?;
            let tallied = !self.keys.is_empty() && self.tally(running, input, &values)?;
            for (index, part) in own() {
                if tallied && Tallies::knows(part) {
                    continue;
                }
                let accumulator = running.accumulators[index]
                    .get_or_insert_with(|| Accumulator::new(part, values.dtype()));
                accumulator.update(&values)?;
                if accumulator.has_overflowed() {
                    return Err(AggregateError::WideOverflow { name: self.user_of(index).clone() });
                }
            }
        }
        Ok(())
    }

    /// Adds the values of an input to its tallies, if it has any.
    fn tally(
        &self,
        running: &mut Running,
        input: usize,
        values: &BatchValues,
    ) -> Result<bool, AggregateError> {
        let tallies = &mut running.tallies[input];
        if tallies.is_none() {
            let parts = self.split.parts.iter().filter(|part| part.input() == Some(input));
            *tallies = Tallies::new(values.dtype(), parts.copied());
        }
        let (Some(tallies), Some((numbers, groups))) = (tallies, values.numbers()) else {
            return Ok(false);
        };
        tallies.update(numbers, groups)?;
        Ok(true)
    }

    /// The groups of the rows that `mask` left.
    fn groups(
        &self,
        running: &mut Running,
        rows: &DataFrame,
        mask: Option<&BooleanChunked>,
        coded: Option<&Coded>,
    ) -> Result<Groups, AggregateError> {
        if self.keys.is_empty() {
            return Ok(Groups::One { rows: rows.height() });
        }
        if let Some(coded) = coded {
            if !running.grouper.is_coded_by(coded) {
                let before = std::mem::replace(running, self.start());
                let state = self.state(before)?;
                running.before.push(state);
            }
            return Ok(running.grouper.by_code(coded, mask));
        }
        let keys = self
            .keys
            .iter()
            .map(|key| rows::evaluate(rows, key))
            .collect::<Result<Vec<Column>, _>>()?;
        Ok(running.grouper.by_keys(&keys, rows.height())?)
    }

    /// The state as a table: a row, or with keys a row for each key, in the order of first appearance.
    ///
    /// # Errors
    /// As [`Aggregation::combine`].
    pub(crate) fn state(&self, running: Running) -> Result<DataFrame, AggregateError> {
        let Running { grouper, mut sizes, accumulators, tallies, mut before } = running;
        let count = grouper.len();
        sizes.resize(count, 0);
        let keys = grouper.into_keys()?;
        let mut columns: Vec<Column> = Vec::with_capacity(keys.len() + self.split.parts.len());
        for (index, key) in keys.into_iter().enumerate() {
            columns.push(key.with_name(key_name(index)));
        }
        for (index, (part, accumulator)) in self.split.parts.iter().zip(accumulators).enumerate() {
            match accumulator {
                Some(accumulator) => columns.extend(accumulator.into_columns(index, count)?),
                None if *part == Part::Rows => columns.push(part::counts(index, sizes.clone())),
                None => {
                    let tallies = part.input().and_then(|input| tallies[input].as_ref());
                    if let Some(tallies) = tallies {
                        columns.extend(tallies.columns(*part, index, count)?);
                    }
                }
            }
        }
        let state = DataFrame::new(count, columns)?;
        if before.is_empty() {
            return Ok(state);
        }
        before.push(state);
        self.combine(before)
    }

    /// The state of one partition: a row, or with keys a row for each key, in the order of first
    /// appearance. The rows are added in batches, as those of a file are.
    ///
    /// # Errors
    /// A missing column; an aggregate that is not defined for the dtype of its input; an error of
    /// polars' in an expression; an overflow of 128 bits; integers that do not fit their dtype.
    pub fn partial(&self, partition: &DataFrame) -> Result<DataFrame, AggregateError> {
        let mut running = self.start();
        let mut at = 0;
        loop {
            self.update(&mut running, &partition.slice(at as i64, BATCH), None)?;
            at += BATCH;
            if at >= partition.height() {
                return self.state(running);
            }
        }
    }
}
