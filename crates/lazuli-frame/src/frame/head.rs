//! The first rows: as much of the files is read as they need.

use std::ops::ControlFlow;
use std::panic::Location;
use std::sync::Arc;

use lazuli_core::{Delayed, Error, task};
use polars::prelude::{DataFrame, PlSmallStr};

use super::Frame;
use crate::ask::{Rows, rows_of};
use crate::error::FrameError;
use crate::plan::{Base, Batch, Branch, Plan, Step, Variants};
use crate::table::stack;

impl Frame {
    /// The first `rows` rows, with all columns; reads no more of the files than it needs. What is done to the rows
    /// is done to one file after another, until there are enough.
    ///
    /// ```
    /// # use lazuli_core::compute;
    /// # use lazuli_frame::{Frame, polars::prelude::*};
    /// let frame = Frame::from_dataframe(&df!("n" => [1, 2, 3])?, 3);
    /// assert_eq!(compute(frame.head(2))?, df!("n" => [1, 2])?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn head(&self, rows: usize) -> Delayed<DataFrame> {
        let at_hand = |plan: &Plan| {
            let read = |branch: &Branch| matches!(branch.base, Base::Source(_));
            plan.branches.iter().all(read) && plan.dependencies().is_empty()
        };
        match &self.plan {
            Ok(plan) if at_hand(plan) => {
                let (plan, site) = (plan.clone(), Location::caller());
                task("head").site(site).try_call((), move |()| first_rows(&plan, rows))
            }
            _ => rows_of("head", self, Rows::First(rows)),
        }
    }

    /// The last `rows` rows, with all columns. It shares the read of each file with everything else that is asked of
    /// the table in the same compute.
    #[track_caller]
    pub fn tail(&self, rows: usize) -> Delayed<DataFrame> {
        rows_of("tail", self, Rows::Last(rows))
    }
}

fn first_rows(plan: &Plan, rows: usize) -> Result<DataFrame, Error> {
    let names: Vec<PlSmallStr> = plan.schema.iter_names().cloned().collect();
    plan.check(&names).map_err(Error::plan)?;
    first(plan, &names, rows).map_err(Error::plan)
}

fn first(plan: &Plan, names: &[PlSmallStr], rows: usize) -> Result<DataFrame, FrameError> {
    let mut found: Vec<DataFrame> = Vec::new();
    let mut missing = rows;
    for branch in plan.branches.iter() {
        let Base::Source(source) = &branch.base else { unreachable!("rows are at hand") };
        let mut variants = Variants::new();
        let form = variants.add(&branch.steps);
        variants.need(form, names, None, source.schema());
        let (wants, _, prepare) = variants.finish();
        let columns: Vec<PlSmallStr> = wants.plain.into_iter().collect();
        let keeps_all = branch.steps.iter().all(|step| matches!(**step, Step::Project(_)));
        let limit = if keeps_all { missing } else { usize::MAX };
        let mut failed = None;
        source.scan(&columns, limit, &mut |rows| {
            let path = Arc::from("");
            let batch = Batch { rows, coded: Vec::new(), partition: 0, file: 0, path };
            let prepared = prepare
                .run(batch, &[])
                .and_then(|prepared| Ok(prepared.form(form).rows.select(names.iter().cloned())?));
            match prepared {
                Ok(batch) => {
                    let batch = batch.head(Some(missing));
                    missing -= batch.height();
                    found.push(batch);
                }
                Err(error) => failed = Some(error),
            }
            match failed.is_some() || missing == 0 {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        })?;
        if let Some(error) = failed {
            return Err(error);
        }
        if missing == 0 {
            break;
        }
    }
    Ok(stack(found, &plan.schema)?)
}
