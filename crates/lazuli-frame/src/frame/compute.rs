//! A frame is computed to a table in memory, or its partitions are kept.

use std::path::Path;
use std::sync::Arc;

use lazuli_core::collection::{Answers, Collection, Outputs, Rewire, Wires};
use lazuli_core::plan::Explanation;
use lazuli_core::{Delayed, Executor, Parted, Result};
use polars::prelude::{DataFrame, Schema};

use super::Frame;
use crate::ask::{Rows, rows_of, tables_of};
use crate::plan::{Base, Parts, Plan};
use crate::table::{Table, stack};

impl Frame {
    /// All rows as one table, for tasks that take it.
    #[track_caller]
    pub fn to_dataframe(&self) -> Delayed<DataFrame> {
        rows_of("to_dataframe", self, Rows::All)
    }

    /// All rows, computed now, as one table in memory. See [`compute`](lazuli_core::compute) for many things at once.
    ///
    /// ```
    /// # use lazuli_frame::{Frame, polars::prelude::*};
    /// let frame = Frame::from_dataframe(&df!("n" => [1, 2, 3])?, 2);
    /// assert_eq!(frame.filter(col("n").gt(lit(1))).compute()?, df!("n" => [2, 3])?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The first failure in plan order.
    #[track_caller]
    pub fn compute(&self) -> Result<DataFrame> {
        lazuli_core::compute(self)
    }

    /// Computes the rows now and keeps them: what depends on the frame that is returned does not read or compute
    /// them again. It has the same partitions.
    ///
    /// # Errors
    /// The first failure in plan order.
    #[track_caller]
    pub fn persist(&self) -> Result<Self> {
        lazuli_core::persist(self)
    }

    /// Draws the plan by which the rows are computed into an `.svg` or `.dot` file.
    ///
    /// # Errors
    /// An operation that does not fit its table; a file that cannot be written.
    pub fn visualize(&self, path: impl AsRef<Path>) -> Result<()> {
        lazuli_core::visualize(self, path)
    }

    /// What each step of planning makes of the graph of the rows.
    ///
    /// # Errors
    /// An operation that does not fit its table.
    pub fn explain(&self) -> Result<Explanation> {
        Executor::current().explain(self)
    }

    /// The partitions of another request as a frame.
    pub(crate) fn of_parts(name: &'static str, tables: Parted<Table>, schema: Schema) -> Self {
        Self::of(Base::Parts(Arc::new(Parts { tables, schema, name })))
    }

    fn kept(&self, tables: Parted<Table>) -> Self {
        let schema = self.plan.as_ref().map(|plan: &Plan| (*plan.schema).clone());
        Self::of_parts("persist", tables, schema.unwrap_or_default())
    }
}

impl Collection for Frame {
    type Output = DataFrame;

    #[track_caller]
    fn request(&self, outputs: &mut Outputs) {
        tables_of("rows", self).request(outputs);
    }

    fn receive(&self, answers: &mut Answers<'_, '_>) -> DataFrame {
        let tables = (0..self.npartitions()).map(|_| answers.take::<Table>().0);
        let schema = self.plan.as_ref().map(|plan| Arc::clone(&plan.schema)).unwrap_or_default();
        stack(tables.collect(), &schema).expect("partitions have the columns of their frame")
    }
}

impl Rewire for Frame {
    type Rewired = Self;

    #[track_caller]
    fn rewire(&self, wires: &mut Wires<'_>) -> Self {
        self.kept(tables_of("rows", self).rewire(wires))
    }
}
