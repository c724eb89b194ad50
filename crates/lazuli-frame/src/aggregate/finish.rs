//! From the state of the whole table to the answer: the leaves from their parts, then the
//! expressions over them.
//!
//! Inside an expression a count is an `Int64`: polars' arithmetic on its own index dtype wraps, so
//! that a difference of counts would come out near 2^32. Only a count that is an output by itself
//! has the index dtype.

use polars::prelude::{Column, DataFrame, DataType, Int128Chunked, IntoColumn, PlSmallStr};

use super::dtype;
use super::error::AggregateError;
use super::extreme::is_ordered;
use super::part::{dtype_name, name, read_sums};
use super::split::{Finish, Leaf, Part, Split, leaf_name, unnamed};
use super::sum::Sums;
use super::{key_name, rows};

/// The keys and the outputs of `state`.
///
/// # Errors
/// A sum that does not fit its dtype, or what polars reports.
pub(super) fn finish(
    split: &Split,
    keys: &[PlSmallStr],
    state: &DataFrame,
    wholes: &[Column],
) -> Result<DataFrame, AggregateError> {
    let mut leaves = Vec::with_capacity(split.leaves.len());
    for (index, leaf) in split.leaves.iter().enumerate() {
        leaves.push(answer(leaf, state, wholes)?.with_name(leaf_name(index)));
    }
    let leaves = DataFrame::new(state.height(), leaves)?;
    let mut columns = Vec::with_capacity(keys.len() + split.outputs.len());
    for (index, key) in keys.iter().enumerate() {
        columns.push(state.column(&key_name(index))?.clone().with_name(key.clone()));
    }
    for output in &split.outputs {
        // Of thousands of leaves an output has a few.
        let used = rows::select(&leaves, &super::roots(std::iter::once(&output.expr)), None)?;
        let values = rows::evaluate(&used, &output.expr).map_err(|error| match error {
            // The columns of the leaves mean nothing to whoever asked.
            AggregateError::Wraps { dtype, .. } => {
                AggregateError::Wraps { expression: output.source.to_string(), dtype }
            }
            other => other,
        })?;
        let values = match output.leaf {
            Some(leaf) if is_count(&split.leaves[leaf], state)? => dtype::counts(&values)?,
            _ => values,
        };
        columns.push(values.with_name(output.name.clone()));
    }
    Ok(DataFrame::new(state.height(), columns)?)
}

/// Whether a leaf counts rows: a sum of booleans does.
fn is_count(leaf: &Leaf, state: &DataFrame) -> Result<bool, AggregateError> {
    Ok(match leaf.finish {
        Finish::Count { .. } | Finish::NullCount { .. } => true,
        Finish::Sum { sum } => state.column(&dtype_name(sum))?.dtype().is_bool(),
        _ => false,
    })
}

/// The values of a leaf, one for each row of the state.
fn answer(leaf: &Leaf, state: &DataFrame, wholes: &[Column]) -> Result<Column, AggregateError> {
    let counts = |part: usize| state.column(&name(part));
    Ok(match leaf.finish {
        Finish::Whole { whole } => wholes[whole].clone(),
        Finish::Value { part } => state.column(&name(part))?.clone(),
        Finish::Count { part } => counts(part)?.cast(&DataType::Int64)?,
        Finish::NullCount { length, count } => {
            let nulls = counts(length)?.u64()? - counts(count)?.u64()?;
            nulls.into_column().cast(&DataType::Int64)?
        }
        Finish::Sum { sum } => self::sum(leaf, state, sum)?,
        Finish::Mean { count, sum } => {
            let input = state.column(&dtype_name(sum))?.dtype();
            let sums = read_sums(state, sum)?;
            let mean = |row: usize, count: u64| sums.words(row).high / count as f64;
            let means = each(state, count, 0, mean)?;
            dtype::moments(means, input, &dtype_of(dtype::of_mean(input), input))?
        }
        Finish::Variance { count, sum, spread, ddof } => {
            let input = state.column(&dtype_name(sum))?.dtype();
            let variances = self::variances(state, count, spread, ddof)?;
            dtype::moments(variances, input, &dtype_of(dtype::of_variance(input), input))?
        }
        Finish::Deviation { count, sum, spread, ddof } => {
            let input = state.column(&dtype_name(sum))?.dtype();
            let variances = self::variances(state, count, spread, ddof)?.into_iter();
            let deviations = variances.map(|variance| variance.map(f64::sqrt)).collect();
            dtype::moments(deviations, input, &dtype_of(dtype::of_deviation(input), input))?
        }
    })
}

fn dtype_of(output: Option<DataType>, input: &DataType) -> DataType {
    output.unwrap_or_else(|| input.clone())
}

/// A number for each row of the state, null where not more than `ddof` values were counted.
fn each(
    state: &DataFrame,
    count: usize,
    ddof: u8,
    number: impl Fn(usize, u64) -> f64,
) -> Result<Vec<Option<f64>>, AggregateError> {
    let counts = state.column(&name(count))?.u64()?.iter().map(Option::unwrap_or_default);
    let number = |(row, count)| (count > u64::from(ddof)).then(|| number(row, count));
    Ok(counts.enumerate().map(number).collect())
}

fn variances(
    state: &DataFrame,
    count: usize,
    spread: usize,
    ddof: u8,
) -> Result<Vec<Option<f64>>, AggregateError> {
    let spreads: Vec<f64> =
        state.column(&name(spread))?.f64()?.iter().map(Option::unwrap_or_default).collect();
    each(state, count, ddof, |row, count| spreads[row] / (count - u64::from(ddof)) as f64)
}

/// A sum in the dtype of its result.
fn sum(leaf: &Leaf, state: &DataFrame, part: usize) -> Result<Column, AggregateError> {
    let input = state.column(&dtype_name(part))?.dtype();
    let output = dtype_of(dtype::of_sum(input), input);
    if output.is_null() {
        return Ok(Column::full_null(PlSmallStr::EMPTY, state.height(), &output));
    }
    match read_sums(state, part)? {
        Sums::Float(sums) => {
            let sums = sums.iter().map(|sum| Some(sum.high)).collect();
            Ok(dtype::moments(sums, input, &output)?)
        }
        Sums::Integer(sums) => {
            let wide = Int128Chunked::from_vec(PlSmallStr::EMPTY, sums.clone()).into_column();
            if input.is_bool() {
                return Ok(wide.cast(&DataType::Int64)?);
            }
            let physical = wide.cast(&output.to_physical())?;
            if physical.has_nulls() {
                let lost = physical.is_null();
                let sum = sums.iter().zip(lost.iter()).find(|(_, lost)| *lost == Some(true));
                let sum = sum.map_or(0, |(sum, _)| *sum);
                return Err(AggregateError::Overflow {
                    name: leaf.output.clone(),
                    sum,
                    dtype: output,
                });
            }
            Ok(physical.cast(&output)?)
        }
    }
}

/// Makes sure that all aggregates of the input number `input` are defined for its dtype.
///
/// # Errors
/// The first that is not.
pub(super) fn check_dtype(
    split: &Split,
    input: usize,
    dtype: &DataType,
) -> Result<(), AggregateError> {
    for leaf in split.leaves_of(input) {
        let (aggregate, defined) = match leaf.finish {
            Finish::Sum { .. } => ("sum", dtype::of_sum(dtype).is_some()),
            Finish::Mean { .. } => ("mean", dtype::of_mean(dtype).is_some()),
            Finish::Variance { .. } => ("var", dtype::of_variance(dtype).is_some()),
            Finish::Deviation { .. } => ("std", dtype::of_deviation(dtype).is_some()),
            Finish::Value { part } => match split.parts[part] {
                Part::Min { .. } => ("min", is_ordered(dtype)),
                Part::Max { .. } => ("max", is_ordered(dtype)),
                _ => continue,
            },
            Finish::Count { .. } | Finish::NullCount { .. } | Finish::Whole { .. } => continue,
        };
        if !defined {
            return Err(AggregateError::UnsupportedDtype {
                name: leaf.output.clone(),
                aggregate,
                expression: unnamed(&split.inputs[input].values).to_string(),
                dtype: Box::new(dtype.clone()),
            });
        }
    }
    Ok(())
}
