//! What is asked of a frame: aggregates of the whole table, by file, by key, or a reduction of your own.

mod by_file;
mod custom;
mod exprs;
mod group_by;
mod grouped;
mod rows;
mod second_pass;
mod whole;

use std::panic::Location;
use std::sync::Arc;

use lazuli_core::{Answer, Delayed, task};
use polars::prelude::{DataFrame, Expr};

pub use by_file::ByFile;
pub(crate) use custom::custom;
pub use exprs::{IntoExpr, IntoExprs, IntoNames};
pub use group_by::GroupBy;
pub(crate) use rows::{Rows, rows_of, tables_of, tables_then, tables_to};

use crate::aggregate::{Aggregation, State};
use crate::error::FrameError;
use crate::exchange::{aggregate_dealt, aggregate_wholes, state_buckets};
use crate::frame::Frame;
use crate::lower::{Asked, Reduced, Request};
use crate::plan::{Plan, expand};
use second_pass::attached;
pub(crate) use whole::Whole;

/// The delayed answer of an aggregate, of the whole table or by key.
#[track_caller]
pub(crate) fn aggregate(
    frame: &Frame,
    keys: Vec<Expr>,
    aggregates: Vec<Expr>,
) -> Delayed<DataFrame> {
    let site = Location::caller();
    if keys.is_empty()
        && let Ok(plan) = frame.plan()
        && let Ok(Some((frame, aggregates))) = attached(frame, &plan, &aggregates, site)
    {
        return aggregate(&frame, keys, aggregates);
    }
    let asked = |plan: &Plan| {
        let aggregation = Arc::new(aggregation(plan, keys, aggregates)?);
        if !aggregation.wholes().is_empty() {
            let asked = aggregate_wholes(plan, Arc::clone(&aggregation), site);
            return asked.map_err(|error| of_text(plan, &aggregation, error));
        }
        let bytes = plan.bytes();
        if !aggregation.keys().is_empty() && state_buckets(&bytes) > 1 {
            return Ok(aggregate_dealt(aggregation, &bytes, site));
        }
        let finish = Arc::clone(&aggregation);
        let then = move |state: Delayed<State>| {
            let aggregation = Arc::clone(&finish);
            let answer = task("agg").site(site);
            Answer::from(answer.try_call(&state, move |State(state)| aggregation.finish(state)))
        };
        let asked = Reduced {
            columns: aggregation.columns().to_vec(),
            coded_key: aggregation.coded_key().cloned(),
            reduction: Arc::new(Whole { aggregation }),
            then,
        };
        Ok(Box::new(asked) as Box<dyn Asked>)
    };
    Request::new(frame.plan(), asked, site).one("agg")
}

/// The aggregation, once it is known to be defined for the columns of the plan.
///
/// # Errors
/// What cannot be computed; where a cell made a column text, that cell.
fn aggregation(
    plan: &Plan,
    keys: Vec<Expr>,
    aggregates: Vec<Expr>,
) -> Result<Aggregation, FrameError> {
    let keys = expand(keys, &plan.schema)?;
    let aggregates = expand(aggregates, &plan.schema)?;
    let aggregation = Aggregation::with_wholes(keys, aggregates)?;
    // Columns that are not there or not agreed on are named before what cannot be done with them.
    plan.check(aggregation.columns())?;
    match aggregation.identity(&plan.schema) {
        Ok(_) => Ok(aggregation),
        Err(error) => Err(of_text(plan, &aggregation, error.into())),
    }
}

/// The error of an aggregate, with the cell that made a column of it text, if one did.
fn of_text(plan: &Plan, aggregation: &Aggregation, error: FrameError) -> FrameError {
    match plan.why_text(aggregation.columns()) {
        Some(why) => FrameError::Text { why, error: Box::new(error) },
        None => error,
    }
}
