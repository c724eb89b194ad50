//! The first rows: as much of the files is read as they need.

use std::ops::ControlFlow;
use std::panic::Location;
use std::sync::Arc;

use lazuli_core::{Delayed, Error, task};
use polars::prelude::{DataFrame, PlSmallStr};

use super::Frame;
use crate::ask::{Rows, rejects, rows_of};
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

    /// The cells of CSV files that are needed for the table's columns and cannot be read as their dtypes: `path`,
    /// `line`, `column`, `text`, and the dtype that was `expected`, in the order of the files. It shares the read of each
    /// file with everything else that is asked of the table in the same compute, and is answered also where such cells
    /// are errors: see [`CsvOptions::with_on_error`](crate::source::csv::CsvOptions::with_on_error).
    ///
    /// ```
    /// use lazuli_core::compute;
    /// use lazuli_frame::polars::prelude::*;
    /// use lazuli_frame::scan_csv_with;
    /// use lazuli_frame::source::csv::{CsvOptions, OnError};
    ///
    /// # let path = std::env::temp_dir().join(format!("lazuli-rejects-{}.csv", std::process::id()));
    /// std::fs::write(&path, "id,delay\n1,5\n2,late\n3,7\n")?;
    /// let options = CsvOptions::default()
    ///     .with_schema([("delay", DataType::Int64)])
    ///     .with_on_error(OnError::Skip);
    /// let frame = scan_csv_with(path.as_path(), options)?;
    /// let (delays, rejects) = compute((frame.column("delay").sum::<i64>(), frame.rejects()))?;
    /// assert_eq!(delays, Some(12));
    /// assert_eq!(rejects.select(["line", "text"])?, df!("line" => [3_u64], "text" => ["late"])?);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn rejects(&self) -> Delayed<DataFrame> {
        rejects(self)
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
            let batch =
                Batch { rows, coded: Vec::new(), bad: Vec::new(), partition: 0, file: 0, path };
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
