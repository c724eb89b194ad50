//! Windows: columns that are computed of all rows of a group, for each of its rows.

use std::panic::Location;
use std::sync::Arc;

use lazuli_core::{Delayed, task};
use polars::prelude::{
    Column, DataFrame, Expr, IntoColumn as _, IntoLazy, OptFlags, PlSmallStr, Schema,
    UInt64Chunked, col,
};

use super::Frame;
use crate::aggregate::output_name;
use crate::ask::{IntoExprs, IntoNames, tables_then};
use crate::error::FrameError;
use crate::exchange::{buckets, exchange};
use crate::plan::{Misfit, Plan, expand, known};
use crate::table::{Table, stack};

/// The column that numbers the rows of all partitions while they are away from them.
const PLACE: &str = "__place";

impl Frame {
    /// All columns, and these beside them, computed within each group of rows that are equal in the `keys`: ranks,
    /// cumulative sums, differences, or aggregates, which every row of the group gets. A missing key is a group.
    /// Rows keep their order and their partitions.
    ///
    /// ```
    /// # use lazuli_core::compute;
    /// # use lazuli_frame::{Frame, polars::prelude::*};
    /// let frame = Frame::from_dataframe(&df!("k" => ["a", "b", "a"], "n" => [1, 2, 3])?, 2);
    /// let share = (col("n").cast(DataType::Float64) / col("n").sum()).alias("share");
    /// let shares = compute(frame.with_columns_over("k", share))?;
    /// assert_eq!(shares.column("share")?, &Column::new("share".into(), [0.25, 1.0, 0.75]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn with_columns_over(&self, keys: impl IntoNames, columns: impl IntoExprs) -> Self {
        let (name, site) = ("with_columns_over", Location::caller());
        let prepared = self.plan().and_then(|plan| {
            let window = Window::new(&plan, keys.into_names(), columns.into_exprs());
            window.map(|window| (plan, window)).map_err(|error| Misfit::at(name, site, error))
        });
        let (plan, window) = match prepared {
            Ok(prepared) => prepared,
            Err(error) => return Self { plan: Err(error) },
        };
        let (bytes, schema) = (plan.bytes(), window.schema.clone());
        let (parts, window) = (plan.npartitions(), Arc::new(window));
        let tables =
            tables_then(name, self, parts, move |tables| window.over(tables, &bytes, site));
        Self::of_parts(name, tables, schema)
    }
}

struct Window {
    keys: Vec<PlSmallStr>,
    columns: Vec<Expr>,
    /// Of the rows as they come.
    before: Arc<Schema>,
    /// Of the rows with the columns.
    schema: Schema,
}

impl Window {
    fn new(plan: &Plan, keys: Vec<PlSmallStr>, columns: Vec<Expr>) -> Result<Self, FrameError> {
        known(keys.iter(), &plan.schema, &plan.name())?;
        if keys.is_empty() {
            return Err(FrameError::Argument("a window needs a key".to_owned()));
        }
        let columns = expand(columns, &plan.schema)?;
        for column in &columns {
            output_name(column)?;
            let roots = crate::aggregate::roots(std::iter::once(column));
            known(roots.iter(), &plan.schema, &plan.name())?;
        }
        let before = Arc::clone(&plan.schema);
        let mut window = Self { keys, columns, before, schema: Schema::default() };
        let none = window.computed(&DataFrame::empty_with_schema(&plan.schema))?;
        window.schema = none.schema().as_ref().clone();
        Ok(window)
    }

    /// The rows of whole groups with the columns.
    fn computed(&self, rows: &DataFrame) -> Result<DataFrame, FrameError> {
        let keys: Vec<Expr> = self.keys.iter().cloned().map(col).collect();
        let columns = self.columns.iter().map(|column| {
            let name = output_name(column)?;
            Ok(column.clone().over(keys.clone())?.alias(name))
        });
        let columns = columns.collect::<Result<Vec<Expr>, FrameError>>()?;
        let flags = OptFlags::TYPE_COERCION | OptFlags::TYPE_CHECK | OptFlags::SIMPLIFY_EXPR;
        Ok(rows.clone().lazy().with_optimizations(flags).with_columns(columns).collect()?)
    }

    fn over(
        self: &Arc<Self>,
        tables: Vec<Delayed<Table>>,
        bytes: &[u64],
        site: &'static Location<'static>,
    ) -> Vec<Delayed<Table>> {
        let (parts, count) = (tables.len(), buckets(bytes));
        let numbered = tables.into_iter().enumerate().map(|(part, table)| {
            let number = task("number").site(site).part(part.to_string());
            number.try_call(table, move |Table(table)| {
                // 2^24 partitions of 2^40 rows.
                let place = |row: usize| (part as u64) << 40 | row as u64;
                let places = (0..table.height()).map(place).collect();
                let places = UInt64Chunked::from_vec(PLACE.into(), places).into_column();
                with_column(&table, places).map(Table)
            })
        });
        let mut before = (*self.before).clone();
        before.with_column(PLACE.into(), polars::prelude::DataType::UInt64);
        let before = Arc::new(before);
        let mut back: Vec<Vec<Delayed<Table>>> = vec![Vec::new(); parts];
        for (bucket, pieces) in
            exchange(numbered.collect(), bytes, &self.keys, count, site).into_iter().enumerate()
        {
            let (window, before) = (Arc::clone(self), Arc::clone(&before));
            let over = task("over").site(site).part(bucket.to_string()).portable::<Table>();
            let pieces = over.try_call_many(parts, pieces, move |pieces: Vec<Table>| {
                let rows = stack(pieces.into_iter().map(|Table(piece)| piece).collect(), &before)?;
                by_part(&window.computed(&rows)?, parts)
            });
            for (part, piece) in back.iter_mut().zip(pieces) {
                part.push(piece);
            }
        }
        let restored = back.into_iter().enumerate().map(|(part, pieces)| {
            let window = Arc::clone(self);
            let restore = task("restore").site(site).part(part.to_string()).portable::<Table>();
            restore.try_call(pieces, move |pieces: Vec<Table>| window.restored(pieces).map(Table))
        });
        restored.collect()
    }

    /// The pieces of a partition in the order that the rows had.
    fn restored(&self, pieces: Vec<Table>) -> Result<DataFrame, FrameError> {
        let mut schema = Schema::default();
        for (name, dtype) in self.schema.iter() {
            schema.with_column(name.clone(), dtype.clone());
        }
        schema.with_column(PLACE.into(), polars::prelude::DataType::UInt64);
        let names: Vec<PlSmallStr> = schema.iter_names().cloned().collect();
        let pieces = pieces.into_iter().map(|Table(piece)| piece.select(names.iter().cloned()));
        let rows = stack(pieces.collect::<Result<_, _>>()?, &schema)?;
        let options = polars::prelude::SortMultipleOptions::default().with_multithreaded(false);
        Ok(rows.sort([PLACE], options)?.drop(PLACE)?)
    }
}

/// The rows of each partition: they are numbered, and those of one partition follow one another.
fn by_part(rows: &DataFrame, parts: usize) -> Result<Vec<Table>, FrameError> {
    let places: Vec<u64> =
        rows.column(PLACE)?.u64()?.iter().map(Option::unwrap_or_default).collect();
    let end = |part: usize| places.partition_point(|place| (place >> 40) < part as u64 + 1);
    let mut start = 0;
    let split = (0..parts).map(|part| {
        let (from, to) = (start, end(part));
        start = to;
        Table(rows.slice(from as i64, to - from))
    });
    Ok(split.collect())
}

fn with_column(table: &DataFrame, column: Column) -> Result<DataFrame, FrameError> {
    let mut columns = table.columns().to_vec();
    columns.push(column);
    Ok(DataFrame::new(table.height(), columns)?)
}
