//! Rows in order.

use std::panic::Location;
use std::sync::Arc;

use lazuli_core::{Answer, Delayed, task};
use polars::prelude::{DataFrame, SortMultipleOptions};

use super::Frame;
use crate::ask::{IntoNames, tables_then};
use crate::error::FrameError;
use crate::exchange::buckets;
use crate::lower::{Asked, Reduced, Request};
use crate::plan::{Misfit, Plan, known};
use crate::sort::{SortKeys, Top, sort};
use crate::table::Table;

impl Frame {
    /// The rows in the order of these columns, equal ones in the order that they have. Missing values come first and
    /// NaN is the greatest number, unless the options say otherwise, as polars has it. The table may be larger than
    /// memory: with a memory limit, what does not fit is in a scratch file.
    ///
    /// ```
    /// # use lazuli_core::compute;
    /// # use lazuli_frame::{Frame, polars::prelude::*};
    /// let frame = Frame::from_dataframe(&df!("n" => [3, 1, 2], "t" => ["c", "a", "b"])?, 2);
    /// let down = SortMultipleOptions::default().with_order_descending(true);
    /// assert_eq!(compute(frame.sort("n", down))?, df!("n" => [3, 2, 1], "t" => ["c", "b", "a"])?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn sort(&self, by: impl IntoNames, options: SortMultipleOptions) -> Self {
        let (name, site) = ("sort", Location::caller());
        let prepared = self.plan().and_then(|plan| {
            let keys = sort_keys(&plan, by, &options);
            keys.map(|keys| (plan, keys)).map_err(|error| Misfit::at(name, site, error))
        });
        let (plan, keys) = match prepared {
            Ok(prepared) => prepared,
            Err(error) => return Self { plan: Err(error) },
        };
        let bytes = plan.bytes();
        let (ranges, schema) = (buckets(&bytes), Arc::clone(&plan.schema));
        let parts = tables_then(name, self, ranges, move |tables| {
            sort(tables, &bytes, &keys, &schema, ranges, site)
        });
        Self::of_parts(name, parts, (*plan.schema).clone())
    }

    /// The first `rows` rows in the order of these columns: what [`sort`](Self::sort) and [`head`](Self::head) give,
    /// without sorting the others. It shares the read of each file with everything else that is asked of the table in
    /// the same compute.
    #[track_caller]
    pub fn top_k(
        &self,
        rows: usize,
        by: impl IntoNames,
        options: SortMultipleOptions,
    ) -> Delayed<DataFrame> {
        let site = Location::caller();
        let asked = |plan: &Plan| {
            let top = Top::new(plan, sort_keys(plan, by, &options)?, rows);
            let asked = Reduced {
                columns: top.columns().to_vec(),
                coded_key: None,
                reduction: Arc::new(top),
                then: move |table: Delayed<Table>| {
                    Answer::from(task("top_k").site(site).call(table, |Table(table)| table))
                },
            };
            Ok(Box::new(asked) as Box<dyn Asked>)
        };
        Request::new(self.plan(), asked, site).one("top_k")
    }
}

fn sort_keys(
    plan: &Plan,
    by: impl IntoNames,
    options: &SortMultipleOptions,
) -> Result<SortKeys, FrameError> {
    let keys = SortKeys::new(by.into_names(), options)?;
    known(keys.by().iter(), &plan.schema, &plan.name())?;
    // What cannot be ordered is known from a table without rows.
    keys.encoded(&DataFrame::empty_with_schema(&plan.schema))?;
    Ok(keys)
}
