//! What is asked of a frame: aggregates of the whole table, by file, by key, or a reduction of your own.

use std::collections::BTreeMap;
use std::panic::Location;
use std::sync::Arc;

use lazuli_core::reduce::{Joint, JointAnswers};
use lazuli_core::{AnyDelayed, Delayed, TryReduction};
use polars::prelude::{Column, DataFrame, Expr, PlSmallStr};

use crate::aggregate::{AggregateError, Aggregation, Running, State, roots, select};
use crate::error::FrameError;
use crate::frame::Frame;
use crate::lower::{Asked, Partition, request};

/// What an aggregate answers.
pub(crate) enum Answer {
    /// The whole table, or its groups.
    Whole,
    /// Each file.
    ByFile,
}

/// The delayed answer of an aggregate.
#[track_caller]
pub(crate) fn aggregate(
    frame: &Frame,
    answer: Answer,
    keys: Vec<Expr>,
    aggregates: Vec<Expr>,
) -> Delayed<DataFrame> {
    let site = Location::caller();
    let aggregation = frame
        .checked_filter()
        .and_then(|filter| Ok(Arc::new(Aggregation::new(keys, aggregates, filter.cloned())?)))
        .and_then(|aggregation| fits(frame, &aggregation).map(|()| aggregation));
    let (name, asked): (_, Result<Box<dyn Asked>, FrameError>) = match answer {
        Answer::Whole => {
            ("agg", aggregation.map(|aggregation| Box::new(Whole { aggregation }) as _))
        }
        Answer::ByFile => {
            let asked = aggregation.and_then(|aggregation| {
                if aggregation.output_names().any(|name| name == PATH) {
                    return Err(AggregateError::DuplicateName { name: PATH.into() }.into());
                }
                Ok(Box::new(EachFile { aggregation }) as _)
            });
            ("agg by file", asked)
        }
    };
    request(name, frame, asked, site)
}

/// That the aggregation is defined for the dtypes of the columns; else why not, and which cell made a column text.
///
/// Columns that are not there or not agreed on are left for [`request`] to find.
fn fits(frame: &Frame, aggregation: &Aggregation) -> Result<(), FrameError> {
    let columns = aggregation.columns();
    if frame.scan.check(columns).is_err() {
        return Ok(());
    }
    let Err(error) = aggregation.identity(frame.schema()) else { return Ok(()) };
    let error = FrameError::from(error);
    Err(match frame.scan.why_text(columns) {
        Some(why) => FrameError::Text { why, error: Box::new(error) },
        None => error,
    })
}

/// The delayed answer of a reduction of partitions.
#[track_caller]
pub(crate) fn reduce<R: TryReduction<DataFrame>>(
    frame: &Frame,
    columns: Vec<PlSmallStr>,
    reduction: R,
) -> Delayed<R::Output> {
    let asked = frame.checked_filter().map(|filter| {
        let with_filter = needed_columns(&columns, filter);
        let (reduction, filter) = (Arc::new(reduction), filter.cloned());
        Box::new(Custom { reduction, shown: columns, with_filter, filter }) as Box<dyn Asked>
    });
    request("reduce", frame, asked, Location::caller())
}

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
    pub fn agg(&self, aggregates: impl IntoIterator<Item = Expr>) -> Delayed<DataFrame> {
        aggregate(&self.frame, Answer::ByFile, Vec::new(), aggregates.into_iter().collect())
    }
}

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
    pub fn agg(&self, aggregates: impl IntoIterator<Item = Expr>) -> Delayed<DataFrame> {
        let keys = self.keys.clone();
        aggregate(&self.frame, Answer::Whole, keys, aggregates.into_iter().collect())
    }
}

/// The name of the column that tells files apart.
const PATH: &str = "path";

/// An aggregate of the whole table or its groups.
struct Whole {
    aggregation: Arc<Aggregation>,
}

impl Asked for Whole {
    fn columns(&self) -> &[PlSmallStr] {
        self.aggregation.columns()
    }

    fn coded_key(&self) -> Option<&PlSmallStr> {
        self.aggregation.coded_key()
    }

    fn add(&self, joint: &mut Joint<Partition>) -> Box<dyn FnOnce(&JointAnswers) -> AnyDelayed> {
        let place = joint.add(Self { aggregation: Arc::clone(&self.aggregation) });
        Box::new(move |answers| answers.get(&place).erase())
    }
}

/// What is known of some rows.
pub(crate) enum Known {
    /// Of batches that followed one another.
    Running(Box<Running>),
    /// Of what has met.
    Met(State),
}

impl Known {
    fn state(self, aggregation: &Aggregation) -> Result<DataFrame, AggregateError> {
        match self {
            Self::Running(running) => aggregation.state(*running),
            Self::Met(state) => Ok(state.0),
        }
    }
}

/// Adds a batch to what is known of those before it.
fn add(
    aggregation: &Aggregation,
    known: &mut Option<Known>,
    partition: &Partition,
) -> Result<(), AggregateError> {
    if let Some(Known::Met(_)) = known {
        let mut running = aggregation.start();
        update(aggregation, &mut running, partition)?;
        let before = known.take().map(|known| known.state(aggregation)).transpose()?;
        let states = before.into_iter().chain([aggregation.state(running)?]).collect();
        *known = Some(Known::Met(State(aggregation.combine(states)?)));
        return Ok(());
    }
    let start = || Known::Running(Box::new(aggregation.start()));
    if let Known::Running(running) = known.get_or_insert_with(start) {
        update(aggregation, running, partition)?;
    }
    Ok(())
}

fn update(
    aggregation: &Aggregation,
    running: &mut Running,
    partition: &Partition,
) -> Result<(), AggregateError> {
    let key = aggregation.coded_key();
    let coded = partition.coded.iter().find(|coded| key == Some(&coded.name));
    aggregation.update(running, &partition.rows, coded)
}

impl TryReduction<Partition> for Whole {
    /// None before the first batch.
    type State = Option<Known>;
    type Output = DataFrame;
    type Error = AggregateError;

    fn identity(&self) -> Option<Known> {
        None
    }

    fn update(
        &self,
        state: &mut Option<Known>,
        partition: &Partition,
    ) -> Result<(), AggregateError> {
        add(&self.aggregation, state, partition)
    }

    fn combine(
        &self,
        state: &mut Option<Known>,
        following: Option<Known>,
    ) -> Result<(), AggregateError> {
        self.combine_all(state, vec![following])
    }

    /// Groups are found once for all the states that meet.
    fn combine_all(
        &self,
        state: &mut Option<Known>,
        following: Vec<Option<Known>>,
    ) -> Result<(), AggregateError> {
        let states = state.take().into_iter().chain(following.into_iter().flatten());
        let states: Vec<DataFrame> =
            states.map(|state| state.state(&self.aggregation)).collect::<Result<_, _>>()?;
        if !states.is_empty() {
            *state = Some(Known::Met(State(self.aggregation.combine(states)?)));
        }
        Ok(())
    }

    fn finish(&self, state: Option<Known>) -> Result<DataFrame, AggregateError> {
        let state = state.ok_or(AggregateError::NoStates)?.state(&self.aggregation)?;
        self.aggregation.finish(&state)
    }
}

/// An aggregate of each file.
struct EachFile {
    aggregation: Arc<Aggregation>,
}

impl Asked for EachFile {
    fn columns(&self) -> &[PlSmallStr] {
        self.aggregation.columns()
    }

    fn coded_key(&self) -> Option<&PlSmallStr> {
        self.aggregation.coded_key()
    }

    fn add(&self, joint: &mut Joint<Partition>) -> Box<dyn FnOnce(&JointAnswers) -> AnyDelayed> {
        let place = joint.add(Self { aggregation: Arc::clone(&self.aggregation) });
        Box::new(move |answers| answers.get(&place).erase())
    }
}

impl TryReduction<Partition> for EachFile {
    /// By the number of the file: its path and its state.
    type State = BTreeMap<usize, (String, Option<Known>)>;
    type Output = DataFrame;
    type Error = AggregateError;

    fn identity(&self) -> Self::State {
        BTreeMap::new()
    }

    fn update(&self, state: &mut Self::State, partition: &Partition) -> Result<(), AggregateError> {
        let path = || partition.path.display().to_string();
        let (_, known) = state.entry(partition.file).or_insert_with(|| (path(), None));
        add(&self.aggregation, known, partition)
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
}

/// A reduction of your own.
struct Custom<R> {
    reduction: Arc<R>,
    shown: Vec<PlSmallStr>,
    /// The columns and those of the filter.
    with_filter: Vec<PlSmallStr>,
    filter: Option<Expr>,
}

fn needed_columns(columns: &[PlSmallStr], filter: Option<&Expr>) -> Vec<PlSmallStr> {
    let mut needed = columns.to_vec();
    for name in roots(filter.into_iter()) {
        if !needed.contains(&name) {
            needed.push(name);
        }
    }
    needed
}

impl<R: TryReduction<DataFrame>> Asked for Custom<R> {
    fn columns(&self) -> &[PlSmallStr] {
        &self.with_filter
    }

    fn coded_key(&self) -> Option<&PlSmallStr> {
        None
    }

    fn add(&self, joint: &mut Joint<Partition>) -> Box<dyn FnOnce(&JointAnswers) -> AnyDelayed> {
        let place = joint.add(Self {
            reduction: Arc::clone(&self.reduction),
            shown: self.shown.clone(),
            with_filter: self.with_filter.clone(),
            filter: self.filter.clone(),
        });
        Box::new(move |answers| answers.get(&place).erase())
    }
}

/// Why a reduction of your own failed: before it saw the rows, or in one of its steps.
#[derive(Debug, thiserror::Error)]
enum CustomError<E: std::error::Error> {
    #[error(transparent)]
    Rows(#[from] AggregateError),
    #[error(transparent)]
    Reduction(E),
}

impl<R: TryReduction<DataFrame>> TryReduction<Partition> for Custom<R> {
    type State = R::State;
    type Output = R::Output;
    type Error = CustomError<R::Error>;

    fn identity(&self) -> R::State {
        self.reduction.identity()
    }

    fn update(&self, state: &mut R::State, partition: &Partition) -> Result<(), Self::Error> {
        let rows = select(&partition.rows, &self.with_filter, self.filter.as_ref())?;
        let rows = rows.select(self.shown.iter().cloned()).map_err(AggregateError::from)?;
        self.reduction.update(state, &rows).map_err(CustomError::Reduction)
    }

    fn combine(&self, state: &mut R::State, following: R::State) -> Result<(), Self::Error> {
        self.reduction.combine(state, following).map_err(CustomError::Reduction)
    }

    fn combine_all(
        &self,
        state: &mut R::State,
        following: Vec<R::State>,
    ) -> Result<(), Self::Error> {
        self.reduction.combine_all(state, following).map_err(CustomError::Reduction)
    }

    fn finish(&self, state: R::State) -> Result<R::Output, Self::Error> {
        self.reduction.finish(state).map_err(CustomError::Reduction)
    }
}
