//! Frames of tables that are there or delayed, and small tables that are asked of a frame.

use std::panic::Location;

use lazuli_core::{Delayed, Parted, task};
use polars::prelude::{DataFrame, PlSmallStr, Schema, SortMultipleOptions, col, len};

use super::Frame;
use crate::ask::IntoNames;
use crate::error::FrameError;
use crate::plan::Base;
use crate::source::Memory;
use crate::table::Table;

impl Frame {
    /// The rows of a table in memory, in so many partitions of about one size (at least one, and none without rows).
    /// They are not copied.
    #[must_use]
    pub fn from_dataframe(rows: &DataFrame, partitions: usize) -> Self {
        Self::of(Base::Source(std::sync::Arc::new(Memory::new(rows, partitions))))
    }

    /// A partition of each of these delayed tables. They must turn out to have these columns with these dtypes, in
    /// any order.
    ///
    /// ```
    /// # use lazuli_core::{compute, task};
    /// # use lazuli_frame::{Frame, polars::prelude::*};
    /// let parts = [1, 2].map(|n| task("make").call((), move |()| df!("n" => [n, 10 * n]).unwrap()));
    /// let schema = Schema::from_iter([("n".into(), DataType::Int32)]);
    /// let frame = Frame::from_delayed(schema, parts);
    /// assert_eq!(compute(frame.column("n").sum::<i32>())?, Some(33));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn from_delayed(
        schema: Schema,
        tables: impl IntoIterator<Item = Delayed<DataFrame>>,
    ) -> Self {
        let site = Location::caller();
        let fitted = tables.into_iter().enumerate().map(|(part, table)| {
            let schema = schema.clone();
            let fit = task("from_delayed").site(site).part(part.to_string()).portable::<Table>();
            fit.try_call(table, move |table| fitted(&table, &schema).map(Table))
        });
        let mut fitted: Vec<Delayed<Table>> = fitted.collect();
        if fitted.is_empty() {
            fitted.push(Delayed::value(Table(DataFrame::empty_with_schema(&schema))));
        }
        Self::of_parts("from_delayed", Parted::from_parts(fitted), schema)
    }

    /// The number of rows.
    #[track_caller]
    pub fn len(&self) -> Delayed<u64> {
        self.agg(len()).try_map_named("len", |table| -> Result<u64, FrameError> {
            Ok(table.columns()[0].get(0)?.extract().unwrap_or_default())
        })
    }

    /// The distinct rows of these columns, in the order of their first appearance.
    #[track_caller]
    pub fn unique(&self, columns: impl IntoNames) -> Delayed<DataFrame> {
        let keys: Vec<_> = columns.into_names().into_iter().map(col).collect();
        self.group_by(keys).agg(Vec::<polars::prelude::Expr>::new())
    }

    /// How often each value of the column occurs, the most frequent first, and among equals the one that came
    /// first: a column of that name, and `count`.
    ///
    /// ```
    /// # use lazuli_core::compute;
    /// # use lazuli_frame::{Frame, polars::prelude::*};
    /// let frame = Frame::from_dataframe(&df!("t" => ["b", "a", "a"])?, 2);
    /// let counts = df!("t" => ["a", "b"], "count" => [2_u32, 1])?;
    /// assert_eq!(compute(frame.value_counts("t"))?, counts);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn value_counts(&self, column: impl Into<PlSmallStr>) -> Delayed<DataFrame> {
        let counts = self.group_by(col(column.into())).agg(len().alias("count"));
        counts.try_map_named("value_counts", |table| {
            let options = SortMultipleOptions::default().with_order_descending(true);
            table.sort(["count"], options.with_maintain_order(true).with_multithreaded(false))
        })
    }
}

/// The table with the columns of `schema`.
///
/// # Errors
/// A table of other columns or dtypes.
pub(super) fn fitted(table: &DataFrame, schema: &Schema) -> Result<DataFrame, FrameError> {
    let mut columns = Vec::with_capacity(schema.len());
    for (name, dtype) in schema.iter() {
        let Ok(column) = table.column(name) else {
            let known = table.columns().iter().map(|column| column.name());
            return Err(FrameError::unknown(name, "a partition", known));
        };
        let found = column.dtype();
        columns.push(match (found.is_null(), found == dtype || dtype.is_null()) {
            (true, _) => column.cast(dtype)?,
            (_, true) => column.clone(),
            (_, false) => {
                return Err(FrameError::Argument(format!(
                    "a partition has the column \"{name}\" of dtype {found}, where {dtype} was said"
                )));
            }
        });
    }
    if let Some(more) = table.columns().iter().find(|column| !schema.contains(column.name())) {
        let name = more.name();
        let reason = format!("a partition has the column \"{name}\", of which nothing was said");
        return Err(FrameError::Argument(reason));
    }
    Ok(DataFrame::new(table.height(), columns)?)
}
