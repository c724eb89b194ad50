//! Between tables and arrays: a column is a one-dimensional array, and back.

use array::ndarray::{Array1, Ix1};
use frame::polars::prelude::{
    Column, DataFrame, DataType, Float64Chunked, IntoColumn as _, PlSmallStr, PolarsError, Schema,
};
use frame::{ColumnHandle, Frame};

use crate::array::{self, ChunkedArray};
use crate::frame;
use crate::{Result, compute};

/// A column of numbers as an array.
pub trait ColumnToArray {
    /// The values as a chunked array of floats, with NaN in place of missing ones. An array knows its shape, so the
    /// column is computed now and kept in memory: a chunk for each partition, of about one size.
    ///
    /// ```
    /// use lazuli::convert::ColumnToArray as _;
    /// use lazuli::frame::polars::prelude::df;
    /// use lazuli::prelude::*;
    ///
    /// let table = df!("x" => [1.0, 2.0, 6.0]).expect("one column");
    /// let x = Frame::from_dataframe(&table, 2).column("x").to_array()?;
    /// assert_eq!(compute(x.mean())?, 3.0);
    /// # Ok::<(), lazuli::Error>(())
    /// ```
    ///
    /// # Errors
    /// The first failure in plan order; a column of no numbers.
    fn to_array(&self) -> Result<ChunkedArray<f64, Ix1>>;
}

impl ColumnToArray for ColumnHandle {
    #[track_caller]
    fn to_array(&self) -> Result<ChunkedArray<f64, Ix1>> {
        let values = self.to_series().try_map_named("to_array", |series| {
            if !series.dtype().is_primitive_numeric() && !series.dtype().is_null() {
                let (name, dtype) = (series.name(), series.dtype());
                return Err(PolarsError::InvalidOperation(
                    format!("the column \"{name}\" of dtype {dtype} is no array of numbers").into(),
                ));
            }
            let numbers = series.cast(&DataType::Float64)?;
            Ok(numbers
                .f64()?
                .iter()
                .map(|value| value.unwrap_or(f64::NAN))
                .collect::<Array1<f64>>())
        });
        let values = compute(values)?;
        let chunk = values.len().div_ceil(self.npartitions()).max(1);
        Ok(ChunkedArray::from_array(values, [chunk]))
    }
}

/// A one-dimensional array as a table.
pub trait ArrayToFrame {
    /// A table of one column of this name, in one partition, which is computed when the table is.
    ///
    /// ```
    /// use lazuli::convert::ArrayToFrame as _;
    /// use lazuli::prelude::*;
    ///
    /// let x = ChunkedArray::from_fn([100], [10], |[i]| i as f64);
    /// let large = x.to_frame("x").filter(col("x").gt(lit(97.5)));
    /// assert_eq!(compute(large.column("x").sum::<f64>())?, Some(197.0));
    /// # Ok::<(), lazuli::Error>(())
    /// ```
    fn to_frame(&self, name: impl Into<PlSmallStr>) -> Frame;
}

impl ArrayToFrame for ChunkedArray<f64, Ix1> {
    #[track_caller]
    fn to_frame(&self, name: impl Into<PlSmallStr>) -> Frame {
        let name: PlSmallStr = name.into();
        let schema = Schema::from_iter([(name.clone(), DataType::Float64)]);
        let table = ChunkedArray::to_array(self).try_map_named("to_frame", move |values| {
            let values = values.iter().copied().collect();
            let column: Column = Float64Chunked::from_vec(name.clone(), values).into_column();
            DataFrame::new(column.len(), vec![column])
        });
        Frame::from_delayed(schema, [table])
    }
}
