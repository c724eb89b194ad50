//! Aggregates of the whole table or its groups.

use std::sync::Arc;

use lazuli_core::TryReduction;
use polars::prelude::DataFrame;

use crate::aggregate::{AggregateError, Aggregation, Running, State};
use crate::plan::Batch;

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

    fn finish(&self, state: Option<Known>) -> Result<State, AggregateError> {
        let state = state.ok_or(AggregateError::NoStates)?;
        state.state(&self.aggregation).map(State)
    }
}
