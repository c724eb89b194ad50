//! Aggregates by file.

use std::collections::BTreeMap;
use std::panic::Location;
use std::sync::Arc;

use lazuli_core::{Answer, Delayed, TryReduction, task};
use polars::prelude::{Column, DataFrame, PlSmallStr};

use super::exprs::IntoExprs;
use super::whole::Known;
use super::{aggregation, of_text};
use crate::aggregate::{AggregateError, Aggregation, State};
use crate::error::FrameError;
use crate::exchange::FileWholes;
use crate::frame::Frame;
use crate::lower::{Asked, Pass, Reduced, Request, Seat, Take};
use crate::plan::{Batch, Plan};
use crate::table::Table;

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
    pub fn agg(&self, aggregates: impl IntoExprs) -> Delayed<DataFrame> {
        let site = Location::caller();
        let aggregates = aggregates.into_exprs();
        let asked = |plan: &Plan| {
            let aggregation = Arc::new(aggregation(plan, Vec::new(), aggregates)?);
            if plan.branches.iter().any(|branch| branch.base.files().is_empty()) {
                return Err(FrameError::NoPaths { operation: "by_file", of: plan.name() });
            }
            if aggregation.output_names().any(|name| name == PATH) {
                return Err(AggregateError::DuplicateName { name: PATH.into() }.into());
            }
            let wholes = FileWholes::new(plan, Arc::clone(&aggregation))
                .map_err(|error| of_text(plan, &aggregation, error))?;
            Ok(Box::new(ByFileAsked { aggregation, wholes, site }) as Box<dyn Asked>)
        };
        Request::new(self.frame.plan(), asked, site).one("agg by file")
    }
}

/// The states of each file, and its rows where aggregates need all of them at once.
struct ByFileAsked {
    aggregation: Arc<Aggregation>,
    wholes: FileWholes,
    site: &'static Location<'static>,
}

impl Asked for ByFileAsked {
    fn columns(&self) -> &[PlSmallStr] {
        self.aggregation.columns()
    }

    fn join(&self, passes: &mut [Pass], seats: &[Seat], site: &'static Location<'static>) -> Take {
        let states = Reduced {
            columns: Vec::new(),
            coded_key: None,
            reduction: Arc::new(EachFile { aggregation: Arc::clone(&self.aggregation) }),
            then: |states: Delayed<Vec<FileState>>| states,
        };
        let states = states.take(passes, seats, site);
        let wholes = self.wholes.take(passes, seats, self.site);
        let (aggregation, site) = (Arc::clone(&self.aggregation), self.site);
        Box::new(move |answers| {
            let finish = task("agg by file").site(site);
            let inputs = (&states(answers), &wholes(answers)[..]);
            Answer::from(
                finish
                    .try_call(inputs, move |(states, wholes)| table(&aggregation, states, &wholes)),
            )
        })
    }
}

/// The path of a file, and what is known of its rows.
type FileState = (Arc<str>, State);

/// A row for each file.
fn table(
    aggregation: &Aggregation,
    states: &[FileState],
    wholes: &[&Table],
) -> Result<DataFrame, AggregateError> {
    let mut paths: Vec<&str> = Vec::with_capacity(states.len());
    let mut rows: Option<DataFrame> = None;
    for (file, (path, State(state))) in states.iter().enumerate() {
        let wholes = wholes.get(file).map_or(&[][..], |Table(wholes)| wholes.columns());
        let row = aggregation.finish_with(state, wholes)?;
        paths.push(path);
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

/// An aggregate of each file.
struct EachFile {
    aggregation: Arc<Aggregation>,
}

impl TryReduction<Batch> for EachFile {
    /// By the number of the file: its path and its state.
    type State = BTreeMap<usize, (Arc<str>, Option<Known>)>;
    type Output = Vec<FileState>;
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

    fn finish(&self, state: Self::State) -> Result<Vec<FileState>, AggregateError> {
        let finished = state.into_values().map(|(path, known)| {
            let known = known.ok_or(AggregateError::NoStates)?;
            Ok((path, State(known.state(&self.aggregation)?)))
        });
        finished.collect()
    }
}
