//! A part of the state: how it is made from the rows of a partition, and how several are made one.
//!
//! A part is one to three columns, a row for each group:
//!
//! | part | columns |
//! |---|---|
//! | rows, length, count | u64 |
//! | sum of integers | i128, and an all-null column of the input's dtype |
//! | sum of floats | f64 and `.low`, the rest to twice the precision; and the dtype column |
//! | spread | f64 |
//! | min, max | the value |
//! | first, last | the value, and whether there is one |
//!
//! The all-null column carries a dtype, so that a state can be finished without the table's schema.

use polars::prelude::{
    BooleanChunked, Column, DataFrame, DataType, Float64Chunked, Int128Chunked, IntoColumn,
    PlSmallStr, PolarsResult, UInt64Chunked, polars_err,
};

use super::double_word::DoubleWord;
use super::error::AggregateError;
use super::extreme::{End, extremes};
use super::groups::Groups;
use super::numbers::Numbers;
use super::position::{Side, positions};
use super::split::Part;
use super::spread::{Member, merge, spreads};
use super::sum::Sums;

/// The values of an input in one partition, and their groups.
pub(super) struct Values {
    column: Column,
    groups: Groups,
    /// The groups of the values that are not null.
    valid: Groups,
    /// Counts, sums and the numbers themselves, if any part needs them.
    numbers: Option<Summed>,
}

struct Summed {
    dense: Numbers,
    counts: Vec<u64>,
    sums: Sums,
}

impl Values {
    /// Prepares `column`, whose rows belong to `groups`; sums it if `summed`.
    ///
    /// # Errors
    /// polars'; `Ok(None)` if a sum overflows 128 bits.
    pub(super) fn new(
        column: Column,
        groups: Groups,
        summed: bool,
    ) -> PolarsResult<Option<Values>> {
        let column = column.rechunk();
        let mut valid = groups.of_valid(&column).into_owned();
        let numbers = match summed.then(|| Numbers::of(&column)).transpose()?.flatten() {
            None => None,
            Some(numbers) => {
                let (dense, dense_groups) = numbers.dense(&groups)?;
                let Some(sums) = Sums::of(&dense, &dense_groups)? else { return Ok(None) };
                valid = dense_groups;
                Some(Summed { dense, counts: valid.sizes(), sums })
            }
        };
        Ok(Some(Values { column, groups, valid, numbers }))
    }

    fn summed(&self) -> PolarsResult<&Summed> {
        let dtype = self.column.dtype();
        self.numbers
            .as_ref()
            .ok_or_else(|| polars_err!(InvalidOperation: "values of dtype {dtype} have no sum"))
    }
}

/// The name of the part's first column.
pub(super) fn name(part: usize) -> PlSmallStr {
    format!("__{part}").into()
}

/// The name of the low words of a sum of floats.
fn low_name(part: usize) -> PlSmallStr {
    format!("__{part}.low").into()
}

/// The name of the column that carries the dtype of a sum's input.
pub(super) fn dtype_name(part: usize) -> PlSmallStr {
    format!("__{part}.dtype").into()
}

/// The name of the column that tells whether a first or last value was found.
fn found_name(part: usize) -> PlSmallStr {
    format!("__{part}.found").into()
}

/// The part number `index`, of the number of rows.
pub(super) fn rows(index: usize, groups: &Groups) -> Column {
    counts(index, groups.sizes())
}

/// The part number `index` of the values of its input; nothing for the number of rows, which reads
/// none.
///
/// # Errors
/// polars'.
pub(super) fn update(part: Part, index: usize, values: &Values) -> PolarsResult<Vec<Column>> {
    let Values { column, groups, valid, .. } = values;
    Ok(match part {
        Part::Rows => Vec::new(),
        Part::Length { .. } => vec![counts(index, groups.sizes())],
        Part::Count { .. } => vec![counts(index, valid.sizes())],
        Part::Sum { .. } => sums(index, &values.summed()?.sums, column.dtype()),
        Part::Spread { .. } => {
            let Summed { dense, counts, sums } = values.summed()?;
            vec![floats(name(index), spreads(dense, valid, counts, sums)?)]
        }
        Part::Min { .. } => vec![extreme(index, column, groups, End::Least)?],
        Part::Max { .. } => vec![extreme(index, column, groups, End::Greatest)?],
        Part::First { valid, .. } => first_or_last(index, values, valid, Side::First)?,
        Part::Last { valid, .. } => first_or_last(index, values, valid, Side::Last)?,
    })
}

/// The part number `index` of the union of the rows of `states`, whose groups are `groups`.
///
/// # Errors
/// polars'; a sum that overflows 128 bits, which is charged to the output `output`.
pub(super) fn combine(
    part: Part,
    index: usize,
    states: &DataFrame,
    groups: &Groups,
    output: &PlSmallStr,
) -> Result<Vec<Column>, AggregateError> {
    let state = states.column(&name(index))?;
    Ok(match part {
        Part::Rows | Part::Length { .. } | Part::Count { .. } => {
            let mut totals = vec![0u64; groups.len()];
            for (count, id) in state.u64()?.iter().zip(groups.ids()) {
                totals[id] += count.unwrap_or_default();
            }
            vec![counts(index, totals)]
        }
        Part::Sum { .. } => {
            let dtype = states.column(&dtype_name(index))?.dtype();
            let overflow = || AggregateError::WideOverflow { name: output.clone() };
            let totals = total(&read_sums(states, index)?, groups).ok_or_else(overflow)?;
            sums(index, &totals, dtype)
        }
        Part::Spread { count, sum, .. } => {
            let counts = states.column(&name(count))?.u64()?;
            let sums = read_sums(states, sum)?;
            let members: Vec<Member> = counts
                .iter()
                .zip(state.f64()?.iter())
                .enumerate()
                .map(|(row, (count, spread))| Member {
                    count: count.unwrap_or_default(),
                    sum: sums.words(row),
                    spread: spread.unwrap_or_default(),
                })
                .collect();
            vec![floats(name(index), merge(&members, groups))]
        }
        Part::Min { .. } => vec![extreme(index, state, groups, End::Least)?],
        Part::Max { .. } => vec![extreme(index, state, groups, End::Greatest)?],
        Part::First { .. } | Part::Last { .. } => {
            let side = if matches!(part, Part::First { .. }) { Side::First } else { Side::Last };
            let found = states.column(&found_name(index))?.bool()?;
            let (value, found) = positions(state, groups, Some(found), side)?;
            vec![value.with_name(name(index)), found.with_name(found_name(index))]
        }
    })
}

/// The sums of part `index` of a state, a row for each.
///
/// # Errors
/// polars', if the state has no such part.
pub(super) fn read_sums(states: &DataFrame, index: usize) -> PolarsResult<Sums> {
    let state = states.column(&name(index))?;
    if *state.dtype() == DataType::Int128 {
        return Ok(Sums::Integer(state.i128()?.iter().map(Option::unwrap_or_default).collect()));
    }
    let low = states.column(&low_name(index))?.f64()?;
    let words = state.f64()?.iter().zip(low.iter()).map(|(high, low)| DoubleWord {
        high: high.unwrap_or_default(),
        low: low.unwrap_or_default(),
    });
    Ok(Sums::Float(words.collect()))
}

/// The sums of the groups of sums; `None` if one overflows 128 bits.
fn total(sums: &Sums, groups: &Groups) -> Option<Sums> {
    Some(match sums {
        Sums::Integer(sums) => {
            let mut totals = vec![0i128; groups.len()];
            for (sum, id) in sums.iter().zip(groups.ids()) {
                totals[id] = totals[id].checked_add(*sum)?;
            }
            Sums::Integer(totals)
        }
        Sums::Float(sums) => {
            let mut totals = vec![DoubleWord::default(); groups.len()];
            for (sum, id) in sums.iter().zip(groups.ids()) {
                totals[id].add(*sum);
            }
            Sums::Float(totals.into_iter().map(DoubleWord::rounded).collect())
        }
    })
}

fn sums(index: usize, sums: &Sums, dtype: &DataType) -> Vec<Column> {
    let (mut columns, rows) = match sums {
        Sums::Integer(sums) => {
            (vec![Int128Chunked::from_vec(name(index), sums.clone()).into_column()], sums.len())
        }
        Sums::Float(sums) => {
            let high = floats(name(index), sums.iter().map(|sum| sum.high).collect());
            let low = floats(low_name(index), sums.iter().map(|sum| sum.low).collect());
            (vec![high, low], sums.len())
        }
    };
    columns.push(Column::full_null(dtype_name(index), rows, dtype));
    columns
}

fn counts(index: usize, counts: Vec<u64>) -> Column {
    UInt64Chunked::from_vec(name(index), counts).into_column()
}

fn floats(name: PlSmallStr, values: Vec<f64>) -> Column {
    Float64Chunked::from_vec(name, values).into_column()
}

fn extreme(index: usize, column: &Column, groups: &Groups, end: End) -> PolarsResult<Column> {
    Ok(extremes(column, groups, end)?.with_name(name(index)))
}

fn first_or_last(
    index: usize,
    values: &Values,
    valid: bool,
    side: Side,
) -> PolarsResult<Vec<Column>> {
    let eligible: Option<BooleanChunked> = valid.then(|| values.column.is_not_null());
    let (value, found) = positions(&values.column, &values.groups, eligible.as_ref(), side)?;
    Ok(vec![value.with_name(name(index)), found.with_name(found_name(index))])
}
