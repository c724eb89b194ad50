//! Aggregates by key.

use lazuli_core::Delayed;
use polars::prelude::{DataFrame, Expr};

use super::exprs::IntoExprs;
use crate::frame::Frame;

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
    #[must_use]
    pub fn agg(&self, aggregates: impl IntoExprs) -> Delayed<DataFrame> {
        super::aggregate(&self.frame, self.keys.clone(), aggregates.into_exprs())
    }
}
