//! Aggregates by key.

use lazuli_core::{Delayed, TryReduction};
use polars::prelude::{DataFrame, Expr};

use super::exprs::{IntoExprs, IntoNames};
use super::grouped::grouped;
use crate::frame::Frame;

/// A frame by key: see [`Frame::group_by`].
#[derive(Clone, Debug)]
pub struct GroupBy {
    frame: Frame,
    keys: Vec<Expr>,
}

impl GroupBy {
    pub(crate) fn new(frame: Frame, keys: Vec<Expr>) -> Self {
        Self { frame, keys }
    }

    /// A row for each distinct value of the keys, in the order of first appearance: the keys, then a
    /// column for each aggregate. A missing key is a group of its own. See [`Frame::agg`].
    #[track_caller]
    pub fn agg(&self, aggregates: impl IntoExprs) -> Delayed<DataFrame> {
        super::aggregate(&self.frame, self.keys.clone(), aggregates.into_exprs())
    }

    /// A statistic of your own for each group, over some of the columns: the keys in the order of first appearance, and
    /// the answer for each of them. See [`Frame::reduce`]; a group's rows of a batch are handed over together.
    ///
    /// ```
    /// use lazuli_core::{Reduction, compute};
    /// use lazuli_frame::{Frame, polars::prelude::*};
    ///
    /// /// The number of rows.
    /// struct Rows;
    ///
    /// impl Reduction<DataFrame> for Rows {
    ///     type State = usize;
    ///     type Output = usize;
    ///     fn identity(&self) -> usize { 0 }
    ///     fn update(&self, rows: &mut usize, batch: &DataFrame) { *rows += batch.height() }
    ///     fn combine(&self, rows: &mut usize, following: usize) { *rows += following }
    ///     fn finish(&self, rows: usize) -> usize { rows }
    /// }
    ///
    /// let frame = Frame::from_dataframe(&df!("k" => ["b", "a", "b"], "n" => [1, 2, 3])?, 2);
    /// let (keys, rows) = compute(frame.group_by("k").reduce("n", Rows))?;
    /// assert_eq!((keys, rows), (df!("k" => ["b", "a"])?, vec![2, 1]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn reduce<R: TryReduction<DataFrame>>(
        &self,
        columns: impl IntoNames,
        reduction: R,
    ) -> Delayed<(DataFrame, Vec<R::Output>)> {
        grouped(&self.frame, self.keys.clone(), columns.into_names(), reduction)
    }
}
