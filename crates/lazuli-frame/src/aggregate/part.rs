//! A part of the state: its columns, and how those of several states are made one.
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

use lazuli_numerics::RunningSum;
use polars::prelude::{
    Column, DataFrame, DataType, Float64Chunked, Int128Chunked, IntoColumn, PlSmallStr,
    PolarsResult, UInt64Chunked,
};

use super::error::AggregateError;
use super::extreme::{End, extremes};
use super::groups::Groups;
use super::position::{Side, positions};
use super::split::Part;
use super::spread::{Member, merge};
use super::sum::Sums;

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
pub(super) fn found_name(part: usize) -> PlSmallStr {
    format!("__{part}.found").into()
}

/// The part number `index` of the union of the rows of `states`, whose groups are `groups`.
///
/// # Errors
/// polars'; a sum that overflows 128 bits, without the name of the output that it is for.
pub(super) fn combine(
    part: Part,
    index: usize,
    states: &DataFrame,
    groups: &Groups,
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
            let overflow = || AggregateError::WideOverflow { name: PlSmallStr::EMPTY };
            let totals = total(&read_sums(states, index)?, groups).ok_or_else(overflow)?;
            sum_columns(index, &totals, dtype)
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
    let words = state.f64()?.iter().zip(low.iter()).map(|(high, low)| RunningSum {
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
            let mut totals = vec![RunningSum::default(); groups.len()];
            for (sum, id) in sums.iter().zip(groups.ids()) {
                totals[id].add(*sum);
            }
            Sums::Float(totals.into_iter().map(RunningSum::rounded).collect())
        }
    })
}

/// The columns of the sums of part `index`, of an input of dtype `dtype`.
pub(super) fn sum_columns(index: usize, sums: &Sums, dtype: &DataType) -> Vec<Column> {
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

/// The column of counts of part `index`.
pub(super) fn counts(index: usize, counts: Vec<u64>) -> Column {
    UInt64Chunked::from_vec(name(index), counts).into_column()
}

/// The column of spreads of part `index`.
pub(super) fn spread_column(index: usize, spreads: Vec<f64>) -> Column {
    floats(name(index), spreads)
}

fn floats(name: PlSmallStr, values: Vec<f64>) -> Column {
    Float64Chunked::from_vec(name, values).into_column()
}

fn extreme(index: usize, column: &Column, groups: &Groups, end: End) -> PolarsResult<Column> {
    Ok(extremes(column, groups, end)?.with_name(name(index)))
}
