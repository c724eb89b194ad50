//! The accumulators of one part of the state, a cell for each group, and how the values of a batch are added.

use lazuli_numerics::RunningSum;
use polars::prelude::{
    AnyValue, Column, DataType, IntoColumn, NamedFrom, PlSmallStr, PolarsResult, Series,
};

use super::extreme::End;
use super::extremes::Extremes;
use super::groups::Groups;
use super::numbers::Numbers;
use super::part::{counts, found_name, name, spread_column, sum_columns};
use super::position::Side;
use super::split::Part;
use super::spreading::Spreading;
use super::sum::Sums;

/// The values of an input in one batch, and their groups.
pub(super) struct BatchValues {
    column: Column,
    groups: Groups,
    /// The groups of the values that are not null.
    valid: Groups,
    /// The values that are not null as numbers, if they are and any part needs them.
    dense: Option<Numbers>,
}

impl BatchValues {
    /// Prepares `column`, whose rows belong to `groups`; as numbers too, if `summed`.
    ///
    /// # Errors
    /// polars'.
    pub(super) fn new(column: Column, groups: Groups, summed: bool) -> PolarsResult<Self> {
        let column = column.rechunk();
        let extremes = column.dtype().is_primitive_numeric();
        let numbers = if summed || extremes { Numbers::of(&column)? } else { None };
        let (dense, valid) = match numbers {
            Some(numbers) => {
                let (dense, valid) = numbers.dense(&groups)?;
                (Some(dense), valid)
            }
            None => (None, groups.of_valid(&column).into_owned()),
        };
        Ok(Self { column, groups, valid, dense })
    }

    /// The values that are not null as numbers, and their groups.
    pub(super) fn numbers(&self) -> Option<(&Numbers, &Groups)> {
        Some((self.dense.as_ref()?, &self.valid))
    }

    /// The dtype of the input.
    pub(super) fn dtype(&self) -> &DataType {
        self.column.dtype()
    }
}

/// What one part of the state knows.
#[derive(Debug)]
pub(super) struct Accumulator {
    dtype: DataType,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Length(Vec<u64>),
    Count(Vec<u64>),
    /// None after an overflow of 128 bits.
    Sum(Option<Sums>),
    Spread(Spreading),
    Extreme(Extremes),
    Position {
        side: Side,
        /// Whether nulls are passed over.
        valid: bool,
        /// The number of the last batch that each group had a row in.
        stamps: Vec<u32>,
        batch: u32,
        found: Vec<Option<AnyValue<'static>>>,
    },
}

impl Accumulator {
    /// The accumulators of `part`, which is not the number of rows, of an input of this dtype.
    pub(super) fn new(part: Part, dtype: &DataType) -> Self {
        let position = |side, valid| Kind::Position {
            side,
            valid,
            stamps: Vec::new(),
            batch: 0,
            found: Vec::new(),
        };
        let kind = match part {
            Part::Rows | Part::Length { .. } => Kind::Length(Vec::new()),
            Part::Count { .. } => Kind::Count(Vec::new()),
            Part::Sum { .. } => Kind::Sum(Some(Sums::none(dtype))),
            Part::Spread { .. } => Kind::Spread(Spreading::default()),
            Part::Min { .. } => Kind::Extreme(Extremes::new(dtype, End::Least)),
            Part::Max { .. } => Kind::Extreme(Extremes::new(dtype, End::Greatest)),
            Part::First { valid, .. } => position(Side::First, valid),
            Part::Last { valid, .. } => position(Side::Last, valid),
        };
        Self { dtype: dtype.clone(), kind }
    }

    /// Whether a sum has overflowed 128 bits.
    pub(super) fn has_overflowed(&self) -> bool {
        matches!(self.kind, Kind::Sum(None))
    }

    /// Adds the values of a batch.
    ///
    /// # Errors
    /// polars'.
    pub(super) fn update(&mut self, values: &BatchValues) -> PolarsResult<()> {
        let BatchValues { column, groups, valid, dense } = values;
        match &mut self.kind {
            Kind::Length(lengths) => groups.count_into(lengths),
            Kind::Count(counts) => valid.count_into(counts),
            Kind::Sum(sums) => {
                if let (Some(before), Some(dense)) = (sums.take(), dense) {
                    *sums = before.with(dense, valid)?;
                }
            }
            Kind::Spread(spreading) => {
                if let Some(dense) = dense {
                    spreading.update(dense, valid)?;
                }
            }
            Kind::Extreme(extremes) => extremes.update(column, groups, dense.as_ref(), valid)?,
            Kind::Position { side, valid, stamps, batch, found } => {
                found.resize(groups.len(), None);
                stamps.resize(groups.len(), 0);
                *batch += 1;
                let eligible = |row: usize| -> PolarsResult<Option<AnyValue<'_>>> {
                    let value = column.get(row)?;
                    Ok((!*valid || !value.is_null()).then_some(value))
                };
                let ids: Vec<usize> = groups.ids().collect();
                match side {
                    Side::First => {
                        for (row, &id) in ids.iter().enumerate() {
                            if found[id].is_none()
                                && let Some(value) = eligible(row)?
                            {
                                found[id] = Some(value.into_static());
                                if matches!(groups, Groups::One { .. }) {
                                    break;
                                }
                            }
                        }
                    }
                    Side::Last => {
                        for (row, &id) in ids.iter().enumerate().rev() {
                            if stamps[id] != *batch
                                && let Some(value) = eligible(row)?
                            {
                                stamps[id] = *batch;
                                found[id] = Some(value.into_static());
                                if matches!(groups, Groups::One { .. }) {
                                    break;
                                }
                            }
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// The columns of the part number `index`, of `groups` rows.
    ///
    /// # Errors
    /// polars'.
    pub(super) fn into_columns(self, index: usize, groups: usize) -> PolarsResult<Vec<Column>> {
        let Self { dtype, kind } = self;
        Ok(match kind {
            Kind::Length(mut numbers) | Kind::Count(mut numbers) => {
                numbers.resize(groups, 0);
                vec![counts(index, numbers)]
            }
            Kind::Sum(sums) => {
                let sums = sums.unwrap_or_else(|| Sums::none(&dtype)).resized(groups);
                sum_columns(index, &sums, &dtype)
            }
            Kind::Spread(spreading) => vec![spread_column(index, spreading.finish(groups))],
            Kind::Extreme(extremes) => {
                vec![extremes.into_column(&dtype, groups)?.with_name(name(index))]
            }
            Kind::Position { mut found, .. } => {
                found.resize(groups, None);
                let flags: Vec<bool> = found.iter().map(Option::is_some).collect();
                let values: Vec<AnyValue<'static>> =
                    found.into_iter().map(|value| value.unwrap_or(AnyValue::Null)).collect();
                let empty = PlSmallStr::EMPTY;
                let values = Series::from_any_values_and_dtype(empty, &values, &dtype, true)?;
                vec![
                    values.into_column().with_name(name(index)),
                    Series::new(found_name(index), flags).into_column(),
                ]
            }
        })
    }
}

impl Sums {
    /// The sums of no values of this dtype.
    fn none(dtype: &DataType) -> Self {
        match dtype {
            DataType::Float32 | DataType::Float64 => Self::Float(Vec::new()),
            _ => Self::Integer(Vec::new()),
        }
    }

    fn resized(mut self, groups: usize) -> Self {
        match &mut self {
            Self::Integer(sums) => sums.resize(groups, 0),
            Self::Float(sums) => {
                sums.iter_mut().for_each(|sum| *sum = sum.rounded());
                sums.resize(groups, RunningSum::default());
            }
        }
        self
    }
}
