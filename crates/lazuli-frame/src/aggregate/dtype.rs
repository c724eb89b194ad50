//! The dtypes of results, which are those polars gives, and the way from a float to them.

use polars::prelude::{
    Column, DataType, Float64Chunked, IDX_DTYPE, Int64Chunked, IntoColumn, PlSmallStr,
    PolarsResult, TimeUnit, sum_output_dtype,
};

/// Microseconds in a day: the mean of dates is a datetime.
const MICROSECONDS_PER_DAY: f64 = 86_400_000_000.0;

/// The dtype of a sum of values of dtype `input`; `None` if they cannot be summed.
pub(super) fn of_sum(input: &DataType) -> Option<DataType> {
    let summable = input.is_integer()
        || is_float(input)
        || input.is_bool()
        || input.is_duration()
        || input.is_null();
    summable.then(|| sum_output_dtype(input))
}

/// The dtype of their mean.
pub(super) fn of_mean(input: &DataType) -> Option<DataType> {
    match input {
        DataType::Date => Some(DataType::Datetime(TimeUnit::Microseconds, None)),
        DataType::Datetime(..) | DataType::Time => Some(input.clone()),
        _ => of_deviation(input),
    }
}

/// The dtype of their standard deviation.
pub(super) fn of_deviation(input: &DataType) -> Option<DataType> {
    if input.is_duration() { Some(input.clone()) } else { of_variance(input) }
}

/// The dtype of their variance.
pub(super) fn of_variance(input: &DataType) -> Option<DataType> {
    match input {
        DataType::Float32 | DataType::Null => Some(input.clone()),
        _ if input.is_integer() || is_float(input) || input.is_bool() => Some(DataType::Float64),
        _ => None,
    }
}

fn is_float(dtype: &DataType) -> bool {
    matches!(dtype, DataType::Float32 | DataType::Float64)
}

/// Counts as an answer of their own: in polars' index dtype, or in 64 bits where one does not fit: a
/// table in partitions may well have more rows than polars can count.
pub(super) fn counts(counts: &Column) -> PolarsResult<Column> {
    let narrow = counts.cast(&IDX_DTYPE)?;
    if narrow.has_nulls() { counts.cast(&DataType::UInt64) } else { Ok(narrow) }
}

/// A mean or deviation, given in the unit of `input`'s machine values, as a column of dtype
/// `output`.
///
/// # Errors
/// polars', if the cast fails.
pub(super) fn moments(
    values: Vec<Option<f64>>,
    input: &DataType,
    output: &DataType,
) -> PolarsResult<Column> {
    let name = PlSmallStr::EMPTY;
    if !output.is_temporal() {
        return Float64Chunked::from_iter(values).into_column().with_name(name).cast(output);
    }
    let unit = if *input == DataType::Date { MICROSECONDS_PER_DAY } else { 1.0 };
    let ticks = values.into_iter().map(|value| value.map(|value| (value * unit) as i64));
    Int64Chunked::from_iter(ticks).into_column().with_name(name).cast(output)
}
