//! `compute` and its kin as methods of everything that can be computed.

use crate::api::computing::Computing;
use crate::api::executor::Executor;
use crate::api::running::Running;
use crate::base::error::Result;
use crate::describe::collection::{Collection, Rewire};
use crate::plan::Explanation;

/// What runs or plans something, as methods: of tuples, vectors and maps of handles, of arrays and tables, of
/// collections of your own. (A [`Delayed`](crate::Delayed) has these methods itself.)
///
/// ```
/// use lazuli_core::{Compute as _, Delayed};
///
/// let base = Delayed::value(20).map(|x| 2 * x);
/// let (low, high) = (&base - 1, &base + 1).compute()?;
/// assert_eq!((low, high), (39, 41));
/// assert_eq!(vec![base.clone(), base].start().wait()?, [40, 40]);
/// # Ok::<(), lazuli_core::Error>(())
/// ```
pub trait Compute: Collection {
    /// Computes it on the [current](Executor::current) executor.
    ///
    /// # Errors
    /// See [`compute`](crate::compute()).
    fn compute(&self) -> Result<Self::Output> {
        Executor::current().compute(self)
    }

    /// Computes it now and keeps it: see [`persist`](crate::persist()).
    ///
    /// # Errors
    /// See [`compute`](crate::compute()).
    fn persist(&self) -> Result<Self::Rewired>
    where
        Self: Rewire,
    {
        Executor::current().persist(self)
    }

    /// Starts to compute it in the background: see [`start`](crate::start()).
    fn start(&self) -> Running<Self>
    where
        Self: Clone,
    {
        Executor::current().start(self.clone())
    }

    /// As a future: see [`compute_async`](crate::compute_async()).
    fn compute_async(&self) -> Computing<Self>
    where
        Self: Clone,
    {
        Executor::current().compute_async(self.clone())
    }

    /// What each step of planning makes of its graph.
    ///
    /// # Errors
    /// Whatever a layer says of a request that it cannot answer.
    fn explain(&self) -> Result<Explanation> {
        Executor::current().explain(self)
    }
}

impl<C: Collection + ?Sized> Compute for C {}
