//! The least or greatest value of a group.
//!
//! Without keys polars' own kernels find it; with keys the row that holds it is found here and
//! taken from the column, so that every dtype keeps its own. NaN counts only where there is nothing
//! else, and of equal values the first wins, so that the answer does not depend on how the rows
//! were cut into partitions.

use polars::prelude::{
    Column, DataType, IdxCa, IdxSize, NewChunkedArray, PlSmallStr, PolarsResult,
};
use polars::series::IsSorted;

use super::groups::Groups;
use super::numbers::Numbers;

/// Which end of the order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum End {
    Least,
    Greatest,
}

/// Whether values of `dtype` are ordered here.
pub(super) fn is_ordered(dtype: &DataType) -> bool {
    dtype.is_primitive_numeric()
        || dtype.is_temporal()
        || dtype.is_decimal()
        || matches!(dtype, DataType::Boolean | DataType::String | DataType::Binary | DataType::Null)
}

/// The extreme value of each group of `column`, null where a group has none.
///
/// # Errors
/// polars', for a dtype that [`is_ordered`] rejects.
pub(super) fn extremes(column: &Column, groups: &Groups, end: End) -> PolarsResult<Column> {
    let Groups::Keyed { ids, count } = groups else {
        // Of a column that it knows to be sorted, polars takes a null beside NaN for the greatest
        // value.
        let mut column = column.clone();
        column.set_sorted_flag(IsSorted::Not);
        let extreme = match end {
            End::Least => column.min_reduce()?,
            End::Greatest => column.max_reduce()?,
        };
        return Ok(extreme.into_column(column.name().clone()));
    };
    if column.dtype().is_null() {
        return Ok(Column::full_null(column.name().clone(), *count, column.dtype()));
    }
    let series = column.as_materialized_series();
    let rows = match Numbers::of(column)? {
        Some(Numbers::Signed(values)) => winners(values.iter(), ids, *count, beats(end)),
        Some(Numbers::Unsigned(values)) => winners(values.iter(), ids, *count, beats(end)),
        Some(Numbers::Wide(values)) => winners(values.iter(), ids, *count, beats(end)),
        Some(Numbers::Float(values)) => {
            let beats = beats::<f64>(end);
            winners(values.iter(), ids, *count, |new, old| {
                beats(new, old) || old.is_nan() && !new.is_nan()
            })
        }
        None if column.dtype().is_string() => {
            winners(series.str()?.iter(), ids, *count, beats(end))
        }
        None => winners(series.binary()?.iter(), ids, *count, beats(end)),
    };
    column.take(&rows)
}

fn beats<V: PartialOrd>(end: End) -> impl Fn(V, V) -> bool {
    move |new, old| match end {
        End::Least => new < old,
        End::Greatest => new > old,
    }
}

/// The row of each group whose value no other beats.
fn winners<V: Copy>(
    values: impl Iterator<Item = Option<V>>,
    ids: &[u32],
    count: usize,
    beats: impl Fn(V, V) -> bool,
) -> IdxCa {
    let mut best: Vec<Option<(V, IdxSize)>> = vec![None; count];
    for (row, (value, &id)) in values.zip(ids).enumerate() {
        let Some(value) = value else { continue };
        let best = &mut best[id as usize];
        if best.is_none_or(|(old, _)| beats(value, old)) {
            *best = Some((value, row as IdxSize));
        }
    }
    IdxCa::from_iter_options(
        PlSmallStr::EMPTY,
        best.into_iter().map(|best| best.map(|(_, row)| row)),
    )
}
