//! [`Frame`]: the handle of a lazy table.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use lazuli_core::{Delayed, TryReduction, task};
use polars::prelude::{DataFrame, Expr, PlSmallStr, Schema};

use crate::aggregate::{check_filter, roots, select};
use crate::ask::{self, Answer, ByFile, GroupBy};
use crate::column::ColumnHandle;
use crate::error::FrameError;
use crate::scan::Scan;
use crate::source::csv::{append, read_head};

/// Many files as one table, a partition each: see [`scan_csv`](crate::scan_csv()).
///
/// A handle is cheap to clone. Nothing of the rows is read before a [`compute`](lazuli_core::compute),
/// and then each file once for all that is asked of the table, only the needed columns.
#[derive(Clone)]
pub struct Frame {
    pub(crate) scan: Arc<Scan>,
    pub(crate) filter: Option<Expr>,
}

impl Frame {
    pub(crate) fn new(scan: Scan) -> Self {
        Self { scan: Arc::new(scan), filter: None }
    }

    /// The files, in order.
    #[must_use]
    pub fn files(&self) -> &[PathBuf] {
        &self.scan.files
    }

    /// The number of partitions.
    #[must_use]
    pub fn npartitions(&self) -> usize {
        self.scan.files.len()
    }

    /// The columns and their dtypes, as sampled: see [`scan_csv`](crate::scan_csv()).
    #[must_use]
    pub fn schema(&self) -> &Schema {
        self.scan.schema()
    }

    /// What is to be said of the files, a line each: that columns are called otherwise than there.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.scan.notes
    }

    /// The rows where `condition` is true. The condition must work row by row; whether it does, and
    /// whether its columns exist, is checked by whatever is asked of these rows.
    #[must_use]
    pub fn filter(&self, condition: Expr) -> Self {
        let filter = match &self.filter {
            Some(filter) => filter.clone().and(condition),
            None => condition,
        };
        Self { scan: Arc::clone(&self.scan), filter: Some(filter) }
    }

    /// One column, for aggregates as plain values.
    #[must_use]
    pub fn column(&self, name: impl Into<PlSmallStr>) -> ColumnHandle {
        ColumnHandle::new(self.clone(), name.into())
    }

    /// Aggregates of the whole table: one row, a column for each expression.
    ///
    /// Supported are min, max, sum, mean, count, len, null_count, std, var, first and last of any
    /// row-by-row expression, and any row-by-row expression of these; dtypes, names and the treatment of
    /// missing values are polars', but for counts inside larger expressions, which are `Int64` so that
    /// `count - len` cannot wrap. What has no exact split over partitions is refused when it is
    /// computed.
    #[track_caller]
    pub fn agg(&self, aggregates: impl IntoIterator<Item = Expr>) -> Delayed<DataFrame> {
        ask::aggregate(self, Answer::Whole, Vec::new(), aggregates.into_iter().collect())
    }

    /// Aggregates by file: see [`ByFile::agg`].
    #[must_use]
    pub fn by_file(&self) -> ByFile {
        ByFile::new(self.clone())
    }

    /// Aggregates by the distinct values of the keys: see [`GroupBy::agg`].
    #[must_use]
    pub fn group_by(&self, keys: impl IntoIterator<Item = Expr>) -> GroupBy {
        GroupBy::new(self.clone(), keys.into_iter().collect())
    }

    /// A statistic of your own, over some of the columns: a [`Reduction`](lazuli_core::Reduction) of
    /// batches of rows, as data frames with these columns in this order. A batch has no more than
    /// [`BATCH`](crate::source::csv::BATCH) rows of one file. It shares the read of each file with
    /// everything else that is asked of the table in the same compute.
    #[track_caller]
    pub fn reduce<N, R>(
        &self,
        columns: impl IntoIterator<Item = N>,
        reduction: R,
    ) -> Delayed<R::Output>
    where
        N: Into<PlSmallStr>,
        R: TryReduction<DataFrame>,
    {
        ask::reduce(self, columns.into_iter().map(Into::into).collect(), reduction)
    }

    /// The first `rows` rows, with all columns; reads no more of the files than it needs. A filter is
    /// applied to the rows of one file after another until there are enough.
    #[track_caller]
    pub fn head(&self, rows: usize) -> Delayed<DataFrame> {
        let frame = self.clone();
        task("head").try_call((), move |()| frame.read_head(rows))
    }

    /// The filter, once it is known to work row by row on columns that there are.
    ///
    /// # Errors
    /// A filter that does not.
    pub(crate) fn checked_filter(&self) -> Result<Option<&Expr>, FrameError> {
        if let Some(filter) = &self.filter {
            check_filter(filter)?;
            self.scan.check(&roots(std::iter::once(filter)))?;
        }
        Ok(self.filter.as_ref())
    }

    fn read_head(&self, rows: usize) -> Result<DataFrame, FrameError> {
        let filter = self.checked_filter()?;
        let Scan { files, options, .. } = &*self.scan;
        let mut columns = self.scan.wanted(|_| true);
        let names: Vec<PlSmallStr> = columns.iter().map(|column| column.name.clone()).collect();
        self.scan.check(&names)?;
        let mut head = DataFrame::empty_with_schema(self.scan.schema());
        for file in files {
            let missing = rows - head.height();
            if missing == 0 {
                break;
            }
            let limit = if filter.is_some() { usize::MAX } else { missing };
            let read = read_head(file, &columns, limit, options)?;
            for (column, found) in columns.iter_mut().zip(read.frame.columns()) {
                column.dtype = found.dtype().clone();
            }
            let found = select(&read.frame, &names, filter)?;
            append(&mut head, found.head(Some(missing)));
        }
        head.rechunk_mut();
        Ok(head)
    }
}

/// `Frame(12 partitions, 19 columns)`.
impl fmt::Debug for Frame {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (partitions, columns) = (self.npartitions(), self.schema().len());
        write!(formatter, "Frame({partitions} partitions, {columns} columns)")
    }
}
