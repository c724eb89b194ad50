//! Aggregates by file.

use std::collections::BTreeMap;
use std::sync::Arc;

use lazuli_core::{Delayed, TryReduction};
use polars::prelude::{Column, DataFrame};

use super::exprs::IntoExprs;
use super::whole::Known;
use super::{Wholes, aggregation, request_site};
use crate::aggregate::{AggregateError, Aggregation, State};
use crate::error::FrameError;
use crate::frame::Frame;
use crate::lower::{Asked, Reduced, Request};
use crate::plan::{Batch, Plan};

/// The name of the column that tells files apart.
const PATH: &str = "path";

/// A frame by file: see [`Frame::by_file`].
#[derive(Clone, Debug)]
pub struct ByFile {
    frame: Frame,
}

impl ByFile {
    pub(crate) fn new(frame: Frame) -> Self {
        Self { frame }
    }

    /// A row for each file, in order: its path in the first column, `path`, then a column for each
    /// aggregate. See [`Frame::agg`].
    #[track_caller]
    #[must_use]
    pub fn agg(&self, aggregates: impl IntoExprs) -> Delayed<DataFrame> {
        let aggregates = aggregates.into_exprs();
        let asked = |plan: &Plan| {
            let aggregation = aggregation(plan, Vec::new(), aggregates, Wholes::Refused)?;
            if plan.branches.iter().any(|branch| branch.base.files().is_empty()) {
                return Err(FrameError::NoPaths { operation: "by_file", of: plan.name() });
            }
            if aggregation.output_names().any(|name| name == PATH) {
                return Err(AggregateError::DuplicateName { name: PATH.into() }.into());
            }
            let asked = Reduced {
                columns: aggregation.columns().to_vec(),
                coded_key: None,
                reduction: Arc::new(EachFile { aggregation: Arc::new(aggregation) }),
                then: Into::into,
            };
            Ok(Box::new(asked) as Box<dyn Asked>)
        };
        Request::new(self.frame.plan(), asked, request_site()).one("agg by file")
    }
}

/// An aggregate of each file.
struct EachFile {
    aggregation: Arc<Aggregation>,
}

impl TryReduction<Batch> for EachFile {
    /// By the number of the file: its path and its state.
    type State = BTreeMap<usize, (Arc<str>, Option<Known>)>;
    type Output = DataFrame;
    type Error = AggregateError;

    fn identity(&self) -> Self::State {
        BTreeMap::new()
    }

    fn update(&self, state: &mut Self::State, batch: &Batch) -> Result<(), AggregateError> {
        let (_, known) = state.entry(batch.file).or_insert_with(|| (Arc::clone(&batch.path), None));
        Known::add(known, &self.aggregation, batch)
    }

    fn combine(
        &self,
        state: &mut Self::State,
        following: Self::State,
    ) -> Result<(), AggregateError> {
        for (file, (path, following)) in following {
            let combined = match state.remove(&file) {
                Some((_, before)) => {
                    let states = before.into_iter().chain(following);
                    let states = states.map(|known| known.state(&self.aggregation));
                    let states = states.collect::<Result<Vec<_>, _>>()?;
                    Some(Known::Met(State(self.aggregation.combine(states)?)))
                }
                None => following,
            };
            state.insert(file, (path, combined));
        }
        Ok(())
    }

    fn finish(&self, state: Self::State) -> Result<DataFrame, AggregateError> {
        let mut paths: Vec<String> = Vec::with_capacity(state.len());
        let mut rows: Option<DataFrame> = None;
        for (path, known) in state.into_values() {
            let known = known.ok_or(AggregateError::NoStates)?;
            let row = self.aggregation.finish(&known.state(&self.aggregation)?)?;
            paths.push(path.to_string());
            match &mut rows {
                Some(rows) => _ = rows.vstack_mut_owned(row)?,
                None => rows = Some(row),
            }
        }
        let mut rows = rows.ok_or(AggregateError::NoStates)?;
        rows.rechunk_mut();
        rows.insert_column(0, Column::new(PATH.into(), paths))?;
        Ok(rows)
    }
}
