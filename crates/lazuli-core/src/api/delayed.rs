//! The methods of [`Delayed`] that run something, or plan it.

use crate::api::compute::{compute, compute_async, persist, start};
use crate::api::computing::Computing;
use crate::api::executor::Executor;
use crate::api::running::Running;
use crate::base::error::Result;
use crate::graph::Delayed;
use crate::plan::Explanation;

impl<T: Send + Sync + 'static> Delayed<T> {
    /// Computes the value on the [current](Executor::current) executor.
    ///
    /// # Errors
    /// The first failure in plan order: see [`compute`].
    pub fn compute(&self) -> Result<T>
    where
        T: Clone,
    {
        compute(self)
    }

    /// Computes the value now and keeps it: what depends on the handle that is returned does not
    /// run it again. See [`persist`](crate::persist) for many at once.
    ///
    /// # Errors
    /// The first failure in plan order: see [`compute`].
    pub fn persist(&self) -> Result<Self>
    where
        T: Clone,
    {
        persist(self)
    }

    /// Starts to compute the value in the background: see [`start`](crate::start).
    pub fn start(&self) -> Running<Self>
    where
        T: Clone,
    {
        start(self.clone())
    }

    /// The value as a future: see [`compute_async`](crate::compute_async).
    pub fn compute_async(&self) -> Computing<Self>
    where
        T: Clone,
    {
        compute_async(self.clone())
    }

    /// What each step of planning makes of the graph of this value.
    ///
    /// # Errors
    /// Whatever a layer says of a request that it cannot answer.
    pub fn explain(&self) -> Result<Explanation>
    where
        T: Clone,
    {
        Executor::current().explain(self)
    }
}
