//! Which group each row belongs to.
//!
//! Groups are numbered in the order of their first row, by one sequential pass over the keys: the
//! numbering is the same on any number of threads, and regrouping states in partition order gives
//! the order of first appearance in the whole table. Hash maps are only looked up in, never
//! iterated. Null is a key like any other, all NaN are one key, and 0.0 and -0.0 are one, as in
//! polars.

use std::borrow::Cow;
use std::hash::Hash;
use std::sync::Arc;

use polars::prelude::{BooleanChunked, Column, DataType, IdxSize, PolarsResult};
use polars_core::chunked_array::ops::row_encode::encode_rows_unordered;

use super::numbering::{MANY, number_few, number_many};

/// A numbering of rows by group.
#[derive(Clone, Debug)]
pub(super) enum Groups {
    /// All `rows` rows are one group, even if there are none.
    One { rows: usize },
    /// A group for every distinct key.
    Keyed {
        /// The group of each row; shared, since inputs without nulls all have the same.
        ids: Arc<Vec<u32>>,
        /// The number of groups; some may have no row left after filtering.
        count: usize,
    },
}

impl Groups {
    /// Groups `rows` rows by `keys`, and gives the first row of each group.
    ///
    /// # Errors
    /// polars', for keys that cannot be encoded.
    pub(super) fn of(keys: &[Column], rows: usize) -> PolarsResult<(Groups, Vec<IdxSize>)> {
        match keys {
            [] => Ok((Groups::One { rows }, Vec::new())),
            [key] => by_column(key),
            keys => by_encoding(keys),
        }
    }

    /// The number of groups.
    pub(super) fn len(&self) -> usize {
        match self {
            Groups::One { .. } => 1,
            Groups::Keyed { count, .. } => *count,
        }
    }

    /// The number of rows of each group.
    pub(super) fn sizes(&self) -> Vec<u64> {
        match self {
            Groups::One { rows } => vec![*rows as u64],
            Groups::Keyed { .. } => {
                let mut sizes = Vec::new();
                self.count_into(&mut sizes);
                sizes
            }
        }
    }

    /// Adds the number of rows of each group to `counts`.
    pub(super) fn count_into(&self, counts: &mut Vec<u64>) {
        counts.resize(self.len(), 0);
        match self {
            Groups::One { rows } => counts[0] += *rows as u64,
            Groups::Keyed { ids, .. } => {
                for &id in ids.iter() {
                    counts[id as usize] += 1;
                }
            }
        }
    }

    /// The same groups, of the rows where `mask` is true.
    pub(super) fn filter(&self, mask: &BooleanChunked) -> Groups {
        match self {
            Groups::One { .. } => Groups::One { rows: mask.sum().unwrap_or_default() as usize },
            Groups::Keyed { ids, count } => {
                let kept = ids.iter().zip(mask.iter()).filter(|(_, keep)| *keep == Some(true));
                Groups::Keyed { ids: Arc::new(kept.map(|(id, _)| *id).collect()), count: *count }
            }
        }
    }

    /// The same groups, of the rows where `column` is not null.
    pub(super) fn of_valid(&self, column: &Column) -> Cow<'_, Groups> {
        if column.has_nulls() {
            Cow::Owned(self.filter(&column.is_not_null()))
        } else {
            Cow::Borrowed(self)
        }
    }

    /// The group of each row, in row order.
    pub(super) fn ids(&self) -> impl Iterator<Item = usize> {
        let (ids, one) = match self {
            Groups::One { rows } => (&[][..], *rows),
            Groups::Keyed { ids, .. } => (ids.as_slice(), 0),
        };
        ids.iter().map(|&id| id as usize).chain(std::iter::repeat_n(0, one))
    }
}

/// Groups by one key; the common dtypes without encoding.
fn by_column(key: &Column) -> PolarsResult<(Groups, Vec<IdxSize>)> {
    let series = key.as_materialized_series();
    let rows = series.len();
    Ok(match series.dtype() {
        DataType::String => {
            let keys = series.str()?.rechunk();
            let keys = keys.downcast_as_array();
            number(rows, |row| keys.get(row))
        }
        DataType::Float32 | DataType::Float64 => {
            let keys = series.cast(&DataType::Float64)?;
            // Adding 0.0 turns -0.0 into 0.0.
            let bits =
                |key: f64| if key.is_nan() { f64::NAN.to_bits() } else { (key + 0.0).to_bits() };
            let keys = keys.f64()?.rechunk();
            number(rows, |row| keys.get(row).map(bits))
        }
        DataType::UInt64 => {
            let keys = series.u64()?.rechunk();
            number(rows, |row| keys.get(row))
        }
        dtype
            if dtype.is_integer() && *dtype != DataType::Int128
                || dtype.is_temporal()
                || dtype.is_bool() =>
        {
            let keys = series.to_physical_repr().cast(&DataType::Int64)?;
            let keys = keys.i64()?.rechunk();
            number(rows, |row| keys.get(row))
        }
        _ => by_encoding(std::slice::from_ref(key))?,
    })
}

/// Groups by any keys, through polars' encoding of a row as bytes.
fn by_encoding(keys: &[Column]) -> PolarsResult<(Groups, Vec<IdxSize>)> {
    let rows = keys.first().map_or(0, Column::len);
    let encoded = encode_rows_unordered(keys)?.rechunk().into_owned();
    let encoded = encoded.downcast_as_array();
    Ok(number(rows, |row| encoded.get(row)))
}

/// Numbers equal keys in the order of their first appearance.
fn number<K: Hash + Eq>(rows: usize, key: impl Fn(usize) -> K + Sync) -> (Groups, Vec<IdxSize>) {
    let (ids, first) = if rows < MANY { number_few(rows, key) } else { number_many(rows, key) };
    (Groups::Keyed { ids: Arc::new(ids), count: first.len() }, first)
}

#[cfg(test)]
mod tests {
    use polars::prelude::{IntoColumn, NamedFrom, Series};

    use super::*;

    fn ids(keys: &[Series]) -> (Vec<usize>, Vec<IdxSize>) {
        let columns: Vec<Column> = keys.iter().map(|key| key.clone().into_column()).collect();
        let (groups, first) = Groups::of(&columns, keys[0].len()).expect("these can be grouped");
        (groups.ids().collect(), first)
    }

    #[test]
    fn groups_are_numbered_by_first_appearance() {
        let names =
            Series::new("k".into(), [Some("b"), None, Some("a"), Some("b"), None, Some("")]);
        assert_eq!(ids(&[names]), (vec![0, 1, 2, 0, 1, 3], vec![0, 1, 2, 5]));
        let numbers = Series::new("k".into(), [Some(7i64), Some(-1), None, Some(7), None]);
        assert_eq!(ids(&[numbers]), (vec![0, 1, 2, 0, 2], vec![0, 1, 2]));
    }

    #[test]
    fn floats_are_equal_as_polars_has_it() {
        let keys = Series::new("k".into(), [0.0, -0.0, f64::NAN, -f64::NAN, 1.0]);
        assert_eq!(ids(std::slice::from_ref(&keys)), (vec![0, 0, 1, 1, 2], vec![0, 2, 4]));
        let other = Series::new("l".into(), [1i32, 1, 1, 1, 1]);
        assert_eq!(ids(&[keys, other]), (vec![0, 0, 1, 1, 2], vec![0, 2, 4]));
    }

    #[test]
    fn several_keys_are_one_key() {
        let one = Series::new("k".into(), ["a", "a", "b", "a"]);
        let two = Series::new("l".into(), [Some(1i32), None, Some(1), Some(1)]);
        assert_eq!(ids(&[one, two]), (vec![0, 1, 2, 0], vec![0, 1, 2]));
    }

    #[test]
    fn filtering_keeps_the_numbering() {
        let key = Series::new("k".into(), ["a", "b", "a", "c"]).into_column();
        let (groups, _) = Groups::of(&[key], 4).expect("strings can be grouped");
        let mask = BooleanChunked::from_iter([Some(true), Some(false), None, Some(true)]);
        assert_eq!(groups.filter(&mask).sizes(), [1, 0, 1]);
        assert_eq!(Groups::One { rows: 4 }.filter(&mask).sizes(), [2]);
    }
}
