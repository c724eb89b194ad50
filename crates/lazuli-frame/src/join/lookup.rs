//! A table as a hash table: from keys to rows.
//!
//! Keys are compared by polars' encoding of a row as bytes, so 0.0 equals -0.0 and all NaN are one key, as
//! grouping has it. A key with a missing value in it equals none, as in SQL and polars. The rows of a key are found
//! in their order.

use polars::prelude::{
    BooleanChunked, Column, DataFrame, DataType, IdxCa, IdxSize, InitHashMaps, NewChunkedArray,
    PlHashMap, PlSmallStr, PolarsResult,
};
use polars_core::chunked_array::ops::row_encode::encode_rows_unordered;

use super::{JoinType, Joined};
use crate::plan::Names;

/// The rows of a table by their keys.
pub(crate) struct Lookup {
    rows: DataFrame,
    /// The number of each key.
    known: PlHashMap<Box<[u8]>, u32>,
    /// Of each key, where its rows begin among `order`; one more, where they end.
    starts: Vec<IdxSize>,
    order: Vec<IdxSize>,
}

/// Rows that belong together.
pub(crate) struct Match {
    /// Rows of the table that is joined.
    pub(crate) left: Vec<IdxSize>,
    /// For each of them the row of the lookup, if there is one. Nothing where only the left rows are asked for.
    pub(crate) right: Vec<Option<IdxSize>>,
}

impl Lookup {
    /// The rows by these of their columns; without any, all rows have one key.
    ///
    /// # Errors
    /// Keys that cannot be encoded.
    pub(crate) fn new(rows: DataFrame, keys: &[PlSmallStr]) -> PolarsResult<Self> {
        let mut known: PlHashMap<Box<[u8]>, u32> = PlHashMap::new();
        let ids: Vec<Option<u32>> = match keys {
            [] => vec![Some(0); rows.height()],
            keys => {
                let columns = columns(&rows, keys)?;
                each_key(&columns, |key| {
                    let next = known.len() as u32;
                    Some(*known.entry(key.into()).or_insert(next))
                })?
            }
        };
        let count = if keys.is_empty() { 1 } else { known.len() };
        let mut starts = vec![0; count + 1];
        for id in ids.iter().flatten() {
            starts[*id as usize + 1] += 1;
        }
        for key in 0..count {
            starts[key + 1] += starts[key];
        }
        let mut next = starts.clone();
        let mut order = vec![0; starts[count] as usize];
        for (row, id) in ids.iter().enumerate() {
            if let Some(id) = id {
                let place = &mut next[*id as usize];
                order[*place as usize] = row as IdxSize;
                *place += 1;
            }
        }
        Ok(Self { rows, known, starts, order })
    }

    /// The rows of `left` and of the lookup that have equal keys, in the order of `left`.
    ///
    /// # Errors
    /// Keys that cannot be encoded.
    pub(crate) fn find(&self, left: &DataFrame, joined: &Joined) -> PolarsResult<Match> {
        let keys: Vec<Option<u32>> = match &joined.left_on[..] {
            [] => vec![Some(0); left.height()],
            on => {
                let columns = columns(left, on)?;
                each_key(&columns, |key| self.known.get(key).copied())?
            }
        };
        let mut found = Match { left: Vec::with_capacity(left.height()), right: Vec::new() };
        for (row, key) in (0..).zip(keys) {
            let rows = key.map_or(&[][..], |key| self.rows_of(key));
            match joined.how {
                JoinType::Semi if !rows.is_empty() => found.left.push(row),
                JoinType::Anti if rows.is_empty() => found.left.push(row),
                JoinType::Semi | JoinType::Anti => {}
                JoinType::Left | JoinType::Full if rows.is_empty() => {
                    found.left.push(row);
                    found.right.push(None);
                }
                _ => {
                    found.left.extend(std::iter::repeat_n(row, rows.len()));
                    found.right.extend(rows.iter().copied().map(Some));
                }
            }
        }
        Ok(found)
    }

    fn rows_of(&self, key: u32) -> &[IdxSize] {
        let key = key as usize;
        &self.order[self.starts[key] as usize..self.starts[key + 1] as usize]
    }

    /// The joined rows: columns of `left`, then columns that the lookup adds, as far as they are wanted.
    ///
    /// # Errors
    /// Keys that cannot be encoded.
    pub(crate) fn join(
        &self,
        left: &DataFrame,
        joined: &Joined,
        wanted: &Names,
    ) -> PolarsResult<DataFrame> {
        if joined.how == JoinType::Cross && self.rows.height() == 1 {
            return self.beside(left, joined, wanted);
        }
        let Match { left: rows, right } = self.find(left, joined)?;
        let height = rows.len();
        let rows = IdxCa::from_vec(PlSmallStr::EMPTY, rows);
        let mut columns = Vec::with_capacity(wanted.len());
        for column in left.columns().iter().filter(|column| wanted.contains(column.name())) {
            columns.push(column.take(&rows)?);
        }
        let right = IdxCa::from_iter_options(PlSmallStr::EMPTY, right.into_iter());
        for (name, shown) in joined.added.iter().filter(|(_, shown)| wanted.contains(shown)) {
            columns.push(self.rows.column(name)?.take(&right)?.with_name(shown.clone()));
        }
        DataFrame::new(height, columns)
    }

    /// The rows of `left`, each beside the one row of the lookup.
    fn beside(&self, left: &DataFrame, joined: &Joined, wanted: &Names) -> PolarsResult<DataFrame> {
        let columns = left.columns().iter().filter(|column| wanted.contains(column.name()));
        let mut columns: Vec<Column> = columns.cloned().collect();
        for (name, shown) in joined.added.iter().filter(|(_, shown)| wanted.contains(shown)) {
            let value = self.rows.column(name)?.new_from_index(0, left.height());
            columns.push(value.with_name(shown.clone()));
        }
        DataFrame::new(left.height(), columns)
    }

    /// The table.
    pub(crate) fn rows(&self) -> &DataFrame {
        &self.rows
    }
}

fn columns(rows: &DataFrame, names: &[PlSmallStr]) -> PolarsResult<Vec<Column>> {
    names.iter().map(|name| rows.column(name).cloned()).collect()
}

/// What `number` makes of the key of each row; none of one with a missing value in it.
fn each_key(
    keys: &[Column],
    mut number: impl FnMut(&[u8]) -> Option<u32>,
) -> PolarsResult<Vec<Option<u32>>> {
    let height = keys.first().map_or(0, Column::len);
    if keys.iter().any(|key| *key.dtype() == DataType::Null) {
        return Ok(vec![None; height]);
    }
    let missing: Vec<BooleanChunked> =
        keys.iter().filter(|key| key.has_nulls()).map(Column::is_null).collect();
    let encoded = encode_rows_unordered(keys)?;
    let mut missing: Vec<_> = missing.iter().map(|mask| mask.iter()).collect();
    let ids = encoded.iter().map(|key| {
        let mut absent = false;
        for mask in &mut missing {
            absent |= mask.next().flatten().unwrap_or(true);
        }
        key.filter(|_| !absent).and_then(&mut number)
    });
    Ok(ids.collect())
}
