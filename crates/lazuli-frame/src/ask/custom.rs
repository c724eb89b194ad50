//! A reduction of the user's, over data frames with the columns that were asked for.

use std::panic::Location;
use std::sync::Arc;

use lazuli_core::{Delayed, TryReduction};
use polars::prelude::{DataFrame, PlSmallStr};

use crate::aggregate::{AggregateError, select};
use crate::frame::Frame;
use crate::lower::{Asked, Reduced, Request};
use crate::plan::Batch;

/// The delayed answer of a reduction.
#[track_caller]
pub(crate) fn custom<R: TryReduction<DataFrame>>(
    frame: &Frame,
    columns: Vec<PlSmallStr>,
    reduction: R,
) -> Delayed<R::Output> {
    let asked = |_: &_| {
        let custom = Custom { reduction, shown: columns.clone() };
        let reduction = Arc::new(custom);
        let asked = Reduced { columns, coded_key: None, reduction, then: Into::into };
        Ok(Box::new(asked) as Box<dyn Asked>)
    };
    Request::new(frame.plan(), asked, Location::caller()).one("reduce")
}

struct Custom<R> {
    reduction: R,
    shown: Vec<PlSmallStr>,
}

/// Why a reduction of your own failed: before it saw the rows, or in one of its steps.
#[derive(Debug, thiserror::Error)]
pub(super) enum CustomError<E: std::error::Error> {
    #[error(transparent)]
    Rows(#[from] AggregateError),
    #[error(transparent)]
    Reduction(E),
}

impl<R: TryReduction<DataFrame>> TryReduction<Batch> for Custom<R> {
    type State = R::State;
    type Output = R::Output;
    type Error = CustomError<R::Error>;

    fn identity(&self) -> R::State {
        self.reduction.identity()
    }

    fn update(&self, state: &mut R::State, batch: &Batch) -> Result<(), Self::Error> {
        let rows = select(&batch.rows, &self.shown, None)?;
        self.reduction.update(state, &rows).map_err(CustomError::Reduction)
    }

    fn end_part(&self, state: &mut R::State) -> Result<(), Self::Error> {
        self.reduction.end_part(state).map_err(CustomError::Reduction)
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
