//! Aggregates of the whole table or its groups.

use std::io::{self, Read, Write};
use std::sync::Arc;

use lazuli_core::TryReduction;
use lazuli_core::reduce::StateCodec;
use polars::prelude::DataFrame;

use crate::aggregate::{AggregateError, Aggregation, Running, State};
use crate::plan::Batch;
use crate::table::{read_tables, write_tables};

/// An aggregate of all rows.
pub(crate) struct Whole {
    pub(crate) aggregation: Arc<Aggregation>,
}

/// What is known of some rows.
pub(crate) enum Known {
    /// Of batches that followed one another.
    Running(Box<Running>),
    /// Of what has met.
    Met(State),
}

impl Known {
    /// Adds a batch to what is known of those before it.
    pub(super) fn add(
        known: &mut Option<Self>,
        aggregation: &Aggregation,
        batch: &Batch,
    ) -> Result<(), AggregateError> {
        if let Some(Self::Met(_)) = known {
            let mut running = aggregation.start();
            update(aggregation, &mut running, batch)?;
            let before = known.take().map(|known| known.state(aggregation)).transpose()?;
            let states = before.into_iter().chain([aggregation.state(running)?]).collect();
            *known = Some(Self::Met(State(aggregation.combine(states)?)));
            return Ok(());
        }
        let start = || Self::Running(Box::new(aggregation.start()));
        if let Self::Running(running) = known.get_or_insert_with(start) {
            update(aggregation, running, batch)?;
        }
        Ok(())
    }

    pub(super) fn state(self, aggregation: &Aggregation) -> Result<DataFrame, AggregateError> {
        match self {
            Self::Running(running) => aggregation.state(*running),
            Self::Met(state) => Ok(state.0),
        }
    }
}

fn update(
    aggregation: &Aggregation,
    running: &mut Running,
    batch: &Batch,
) -> Result<(), AggregateError> {
    let key = aggregation.coded_key();
    let coded = batch.coded.iter().find(|coded| key == Some(&coded.name));
    aggregation.update(running, &batch.rows, coded)
}

impl TryReduction<Batch> for Whole {
    /// None before the first batch.
    type State = Option<Known>;
    type Output = State;
    type Error = AggregateError;

    fn identity(&self) -> Option<Known> {
        None
    }

    fn update(&self, state: &mut Option<Known>, batch: &Batch) -> Result<(), AggregateError> {
        Known::add(state, &self.aggregation, batch)
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

    /// A state by key may be large, and wait to meet others: it is then a table, which can be written.
    fn end_part(&self, state: &mut Option<Known>) -> Result<(), AggregateError> {
        if !self.aggregation.keys().is_empty() {
            let known = state.take().map(|known| known.state(&self.aggregation)).transpose()?;
            *state = known.map(|known| Known::Met(State(known)));
        }
        Ok(())
    }

    fn codec(&self) -> Option<StateCodec<Option<Known>>> {
        let by_key = !self.aggregation.keys().is_empty();
        by_key.then(|| StateCodec::new(write, read))
    }

    fn output_codec(&self) -> Option<StateCodec<State>> {
        Some(StateCodec::new(
            |State(state), to| write_tables(std::slice::from_ref(state), to),
            |from| read_tables(from)?.pop().map(State).ok_or_else(missing),
        ))
    }

    fn finish(&self, state: Option<Known>) -> Result<State, AggregateError> {
        let state = state.ok_or(AggregateError::NoStates)?;
        state.state(&self.aggregation).map(State)
    }
}

/// Writes the state of a part that has ended.
fn write(state: &Option<Known>, to: &mut dyn Write) -> io::Result<()> {
    match state {
        None => write_tables(&[], to),
        Some(Known::Met(State(state))) => write_tables(std::slice::from_ref(state), to),
        Some(Known::Running(_)) => Err(io::Error::other("a state of rows that still come")),
    }
}

fn read(from: &mut dyn Read) -> io::Result<Option<Known>> {
    Ok(read_tables(from)?.pop().map(|state| Known::Met(State(state))))
}

fn missing() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "no state where there is one")
}
