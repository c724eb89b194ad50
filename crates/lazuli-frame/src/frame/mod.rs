//! [`Frame`]: the handle of a lazy table, and what is asked of it.

mod compute;
mod describe;
mod head;
mod join;
mod over;
mod parts;
mod sort;
mod steps;
mod tables;

use std::fmt;
use std::panic::Location;
use std::path::PathBuf;

use lazuli_core::{Delayed, Result, TryReduction};
use polars::prelude::{DataFrame, PlSmallStr, Schema};

use crate::ask::{self, ByFile, GroupBy, IntoExprs, IntoNames};
use crate::column::ColumnHandle;
use crate::error::FrameError;
use crate::plan::{Base, Misfit, Plan};

/// A table in partitions: rows of files or of memory, and what is done to them. See [`scan_csv`](crate::scan_csv()).
///
/// A handle is cheap to clone. Nothing of the rows is read before a [`compute`](lazuli_core::compute),
/// and then each file once for all that is asked of the table, only the needed columns.
///
/// An operation that does not fit the table (a column that is not there, a dtype for which it is not defined) makes a
/// frame that holds its error, which is reported by whatever is computed of it, with the line that wrote the
/// operation; [`schema`](Self::schema) reports it at once.
#[derive(Clone)]
pub struct Frame {
    plan: Result<Plan>,
}

impl Frame {
    /// The rows of one place.
    pub(crate) fn of(base: Base) -> Self {
        Self { plan: Ok(Plan::of(base)) }
    }

    pub(crate) fn plan(&self) -> Result<Plan> {
        self.plan.clone()
    }

    /// The frame that an operation makes of this one's plan.
    pub(crate) fn apply(
        &self,
        operation: &'static str,
        site: &'static Location<'static>,
        make: impl FnOnce(&Plan) -> Result<Plan, FrameError>,
    ) -> Self {
        let made = |plan: &Plan| make(plan).map_err(|error| Misfit::at(operation, site, error));
        Self { plan: self.plan.as_ref().map_err(Clone::clone).and_then(made) }
    }

    /// The files, in order; none of a table that is made of others.
    #[must_use]
    pub fn files(&self) -> &[PathBuf] {
        match &self.plan {
            Ok(plan) if plan.branches.len() == 1 => plan.branches[0].base.files(),
            _ => &[],
        }
    }

    /// The number of partitions: one for each file, or for each block of a large one; for each row group of a
    /// Parquet file.
    #[must_use]
    pub fn npartitions(&self) -> usize {
        self.plan.as_ref().map_or(1, Plan::npartitions)
    }

    /// The columns and their dtypes. Those of CSV files are as sampled: see [`scan_csv`](crate::scan_csv()).
    ///
    /// # Errors
    /// An operation that does not fit its table.
    pub fn schema(&self) -> Result<&Schema> {
        self.plan.as_ref().map(|plan| &*plan.schema).map_err(Clone::clone)
    }

    /// What is to be said of the files, a line each: that columns are called otherwise than there.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        match &self.plan {
            Ok(plan) => match &plan.branches[0].base {
                Base::Source(source) => source.notes(),
                Base::Parts(_) => &[],
            },
            Err(_) => &[],
        }
    }

    /// One column, for aggregates as plain values.
    #[must_use]
    pub fn column(&self, name: impl Into<PlSmallStr>) -> ColumnHandle {
        ColumnHandle::new(self.clone(), name.into())
    }

    /// Aggregates of the whole table: one row, a column for each expression. It takes one expression or a list.
    ///
    /// Any aggregate of polars' is answered exactly, and any row-by-row expression of aggregates; dtypes, names and the
    /// treatment of missing values are polars', but for counts inside larger expressions, which are `Int64` so that
    /// `count - len` cannot wrap. Integers that do not fit their dtype are an error.
    ///
    /// Min, max, sum, mean, count, len, null_count, std, var, first and last of any row-by-row expression have states
    /// that are merged, of a size that does not grow with the rows. An aggregate inside of such a one
    /// (`(x - x.mean()).sum()`) is a second pass over the table. For all others (median, quantile, n_unique, mode, skew,
    /// corr, ..) the values that they need are brought together in memory; sketches of bounded size are
    /// [`ColumnHandle::approx_quantile`] and [`ColumnHandle::approx_n_unique`].
    ///
    /// ```
    /// # use lazuli_core::compute;
    /// # use lazuli_frame::{Frame, polars::prelude::*};
    /// let frame = Frame::from_dataframe(&df!("n" => [1, 2, 6])?, 2);
    /// let answers = frame.agg([col("n").median(), (col("n") - col("n").mean()).abs().max().alias("away")]);
    /// assert_eq!(compute(answers)?, df!("n" => [2.0], "away" => [3.0])?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn agg(&self, aggregates: impl IntoExprs) -> Delayed<DataFrame> {
        ask::aggregate(self, Vec::new(), aggregates.into_exprs())
    }

    /// Aggregates by file: see [`ByFile::agg`].
    #[must_use]
    pub fn by_file(&self) -> ByFile {
        ByFile::new(self.clone())
    }

    /// Aggregates by the distinct values of the keys, which are columns or expressions: see [`GroupBy::agg`].
    #[must_use]
    pub fn group_by(&self, keys: impl IntoExprs) -> GroupBy {
        GroupBy::new(self.clone(), keys.into_exprs())
    }

    /// A statistic of your own, over some of the columns: a [`Reduction`](lazuli_core::Reduction) of
    /// batches of rows, as data frames with these columns in this order. A batch has no more than
    /// [`BATCH`](crate::source::csv::BATCH) rows of one file. It shares the read of each file with
    /// everything else that is asked of the table in the same compute.
    #[track_caller]
    pub fn reduce<R>(&self, columns: impl IntoNames, reduction: R) -> Delayed<R::Output>
    where
        R: TryReduction<DataFrame>,
    {
        ask::custom(self, columns.into_names(), reduction)
    }
}

impl Frame {
    /// Shows the columns and their dtypes in a notebook: evcxr calls this. Nothing is read.
    pub fn evcxr_display(&self) {
        let escaped =
            |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let mut html = format!("<p>{}</p>", escaped(&format!("{self:?}")));
        if let Ok(plan) = &self.plan {
            html.push_str("<table><tr><th>column</th><th>dtype</th></tr>");
            for (name, dtype) in plan.schema.iter() {
                let (name, dtype) = (escaped(name), escaped(&dtype.to_string()));
                html.push_str(&format!("<tr><td>{name}</td><td>{dtype}</td></tr>"));
            }
            html.push_str("</table>");
        }
        println!("EVCXR_BEGIN_CONTENT text/html\n{html}\nEVCXR_END_CONTENT");
    }
}

/// `Frame(12 partitions, 19 columns)`.
impl fmt::Debug for Frame {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.plan {
            Ok(plan) => {
                let (partitions, columns) = (plan.npartitions(), plan.schema.len());
                write!(formatter, "Frame({partitions} partitions, {columns} columns)")
            }
            // The first line of an error: what is printed fits a line.
            Err(error) => {
                let text = error.to_string();
                write!(formatter, "Frame({})", text.lines().next().unwrap_or_default())
            }
        }
    }
}
