//! The order of rows: by columns, as bytes that compare as the rows do.

use polars::prelude::{
    BinaryOffsetChunked, Column, DataFrame, IdxCa, IdxSize, PlSmallStr, PolarsResult,
    SortMultipleOptions,
};
use polars_core::chunked_array::ops::row_encode::_get_rows_encoded_ca;

use crate::error::FrameError;

/// The columns by which rows are sorted, and how each of them is.
#[derive(Clone, Debug)]
pub(crate) struct SortKeys {
    by: Vec<PlSmallStr>,
    descending: Vec<bool>,
    nulls_last: Vec<bool>,
}

impl SortKeys {
    /// # Errors
    /// No columns; settings that are neither one nor as many as the columns.
    pub(crate) fn new(
        by: Vec<PlSmallStr>,
        options: &SortMultipleOptions,
    ) -> Result<Self, FrameError> {
        if by.is_empty() {
            return Err(FrameError::Argument("there is no column to sort by".to_owned()));
        }
        let each = |settings: &[bool], what: &str| match settings {
            [one] => Ok(vec![*one; by.len()]),
            all if all.len() == by.len() => Ok(all.to_vec()),
            all => Err(FrameError::Argument(format!(
                "`{what}` is said {} times for {} columns",
                all.len(),
                by.len()
            ))),
        };
        let descending = each(&options.descending, "descending")?;
        let nulls_last = each(&options.nulls_last, "nulls_last")?;
        Ok(Self { by, descending, nulls_last })
    }

    /// The columns.
    pub(crate) fn by(&self) -> &[PlSmallStr] {
        &self.by
    }

    /// The key of each row as bytes that compare as the rows do.
    ///
    /// # Errors
    /// A column that cannot be ordered.
    pub(crate) fn encoded(&self, table: &DataFrame) -> PolarsResult<Encoded> {
        // A column without a dtype says nothing.
        let mut columns: Vec<Column> = Vec::new();
        let (mut descending, mut nulls_last) = (Vec::new(), Vec::new());
        for (at, name) in self.by.iter().enumerate() {
            let column = table.column(name)?;
            if !column.dtype().is_null() {
                columns.push(column.clone());
                descending.push(self.descending[at]);
                nulls_last.push(self.nulls_last[at]);
            }
        }
        if columns.is_empty() {
            return Ok(Encoded { rows: table.height(), keys: None });
        }
        let name = PlSmallStr::EMPTY;
        let keys = _get_rows_encoded_ca(name, &columns, &descending, &nulls_last, false)?;
        Ok(Encoded { rows: table.height(), keys: Some(keys.rechunk().into_owned()) })
    }

    /// The rows in order; equal ones in the order that they have.
    ///
    /// # Errors
    /// A column that cannot be ordered.
    pub(crate) fn sorted(&self, table: &DataFrame) -> PolarsResult<DataFrame> {
        let encoded = self.encoded(table)?;
        if (1..encoded.len()).all(|row| encoded.key(row - 1) <= encoded.key(row)) {
            return Ok(table.clone());
        }
        let mut rows: Vec<IdxSize> = (0..table.height() as IdxSize).collect();
        rows.sort_by(|&one, &other| encoded.key(one as usize).cmp(encoded.key(other as usize)));
        table.take(&IdxCa::from_vec(PlSmallStr::EMPTY, rows))
    }
}

/// The keys of the rows of a table.
pub(crate) struct Encoded {
    rows: usize,
    /// In one piece; none, where all rows are equal.
    keys: Option<BinaryOffsetChunked>,
}

impl Encoded {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.rows
    }

    /// The key of a row.
    pub(crate) fn key(&self, row: usize) -> &[u8] {
        self.keys.as_ref().map_or(&[], |keys| keys.downcast_as_array().value(row))
    }

    /// The first row that is not before `key`, of rows in order.
    pub(crate) fn first_not_before(&self, key: &[u8]) -> usize {
        let (mut from, mut to) = (0, self.rows);
        while from < to {
            let middle = from + (to - from) / 2;
            match self.key(middle) < key {
                true => from = middle + 1,
                false => to = middle,
            }
        }
        from
    }
}
