//! One bucket of a join whose sides were both exchanged by their keys.

use polars::prelude::{
    BooleanChunked, Column, DataFrame, IdxCa, IdxSize, NewChunkedArray, PlSmallStr, PolarsResult,
    Schema,
};

use super::{JoinType, Joined, Lookup, Match};

/// The joined rows of two buckets that hold all rows with the keys that they hold: in the order of the left rows,
/// then the right rows that have no pair, if they are asked for.
///
/// # Errors
/// Keys that cannot be encoded.
pub(crate) fn join_buckets(
    left: &DataFrame,
    right: DataFrame,
    joined: &Joined,
    schema: &Schema,
) -> PolarsResult<DataFrame> {
    let lookup = Lookup::new(right, &joined.right_on)?;
    let wanted = schema.iter_names().cloned().collect();
    let pairs = lookup.join(left, joined, &wanted)?;
    if joined.how != JoinType::Full {
        return Ok(pairs);
    }
    let Match { right: found, .. } = lookup.find(left, joined)?;
    let mut alone = vec![true; lookup.rows().height()];
    for row in found.into_iter().flatten() {
        alone[row as usize] = false;
    }
    let mask: BooleanChunked = alone.into_iter().map(Some).collect();
    let rest = lookup.rows().filter_seq(&mask)?;
    let none = IdxCa::from_iter_options(
        PlSmallStr::EMPTY,
        std::iter::repeat_n(None::<IdxSize>, rest.height()),
    );
    let mut columns: Vec<Column> = Vec::with_capacity(schema.len());
    for column in left.columns() {
        let key = joined.left_on.iter().position(|key| key == column.name());
        columns.push(match key {
            Some(key) => {
                rest.column(&joined.right_on[key])?.clone().with_name(column.name().clone())
            }
            None => column.take(&none)?,
        });
    }
    for (name, shown) in &joined.added {
        columns.push(rest.column(name)?.clone().with_name(shown.clone()));
    }
    let rest = DataFrame::new(rest.height(), columns)?;
    crate::table::stack(vec![pairs, rest], schema)
}
