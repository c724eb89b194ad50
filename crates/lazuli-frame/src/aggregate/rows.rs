//! The rows of one partition that an aggregation looks at: the filter, the keys and the inputs,
//! evaluated.
//!
//! A plain column is taken as it is; only expressions go through polars' engine, at a few
//! microseconds each. They work row by row, so the number of threads polars spreads them over
//! cannot show in their values; how it leaves them cut in chunks can vary, and is mended before
//! anything is summed.

use polars::prelude::{
    BooleanChunked, ChunkFullNull, Column, DataFrame, DataType, Expr, IntoLazy, OptFlags,
    PlSmallStr,
};

use super::checked;
use super::error::AggregateError;
use super::split::unnamed;

/// The columns of `partition` named in `columns`, and of its rows those where `filter` is true.
///
/// # Errors
/// An unknown column, a filter that is not a condition, or what polars reports.
pub(crate) fn select(
    partition: &DataFrame,
    columns: &[PlSmallStr],
    filter: Option<&Expr>,
) -> Result<DataFrame, AggregateError> {
    let mut taken = Vec::with_capacity(columns.len());
    for name in columns {
        taken.push(partition.column(name)?.clone());
    }
    let rows = DataFrame::new(partition.height(), taken)?;
    let Some(filter) = filter else { return Ok(rows) };
    let mask = mask(&rows, filter)?;
    Ok(rows.filter_seq(&mask)?)
}

/// The values of the condition `filter`.
///
/// # Errors
/// A filter that is not a condition, or what polars reports.
pub(crate) fn mask(rows: &DataFrame, filter: &Expr) -> Result<BooleanChunked, AggregateError> {
    let column = evaluate(rows, filter)?;
    match column.dtype() {
        DataType::Boolean => Ok(column.bool()?.clone()),
        // The literal NULL is true for no row.
        DataType::Null => Ok(BooleanChunked::full_null(PlSmallStr::EMPTY, column.len())),
        dtype => Err(AggregateError::FilterDtype {
            expression: filter.to_string(),
            dtype: dtype.clone(),
        }),
    }
}

/// The values of `expr`, one for each row.
///
/// # Errors
/// An expression that gives another number of values; an integer that does not fit its dtype; or what polars
/// reports.
pub(crate) fn evaluate(rows: &DataFrame, expr: &Expr) -> Result<Column, AggregateError> {
    checked::evaluate(rows, expr)
}

/// The same with polars' arithmetic, which wraps.
///
/// # Errors
/// An expression that gives another number of values, or what polars reports.
pub(super) fn evaluate_unchecked(rows: &DataFrame, expr: &Expr) -> Result<Column, AggregateError> {
    if let Expr::Column(name) = unnamed(expr) {
        return Ok(rows.column(name)?.clone());
    }
    // None of the optimizations that look for gains between the steps of a longer query.
    let flags = OptFlags::TYPE_COERCION | OptFlags::TYPE_CHECK | OptFlags::SIMPLIFY_EXPR;
    let query = rows.clone().lazy().with_optimizations(flags).select_seq([unnamed(expr).clone()]);
    let computed = query.collect()?.into_columns();
    let found = computed.first().map_or(0, Column::len);
    match computed.into_iter().next() {
        Some(column) if found == rows.height() => Ok(column),
        // A constant becomes a column.
        Some(column) if found == 1 => Ok(column.new_from_index(0, rows.height())),
        _ => {
            Err(AggregateError::Height { expression: expr.to_string(), rows: rows.height(), found })
        }
    }
}
