//! `compute` and its kin for a handle whose value cannot be cloned.

use crate::api::compute::{compute, compute_async, start};
use crate::api::computing::Computing;
use crate::api::executor::Executor;
use crate::api::running::Running;
use crate::base::error::Result;
use crate::describe::collection::Moved;
use crate::graph::Delayed;

/// The methods of [`Delayed`] that run something, for types that are not `Clone`: the value is
/// [moved](Moved) out. Where a type is `Clone`, the methods of the same names that every handle has come first.
///
/// ```
/// use lazuli_core::{ComputeMoved as _, task};
///
/// struct Model(Vec<f64>); // no `Clone`
///
/// let model = task("train").call((), |()| Model(vec![1.0, 2.0]));
/// assert_eq!(model.compute()?.0.len(), 2);
/// assert_eq!(model.start().wait()?.0.len(), 2);
/// let kept = model.persist()?;
/// assert_eq!(kept.map(|model| model.0.len()).compute()?, 2); // `train` did not run again
/// # Ok::<(), lazuli_core::Error>(())
/// ```
pub trait ComputeMoved {
    /// The type of the value.
    type Value;

    /// Computes the value.
    ///
    /// # Errors
    /// See [`compute`](compute()); of the kind [`Held`](crate::ErrorKind::Held), when something else holds the
    /// value as well.
    fn compute(&self) -> Result<Self::Value>;

    /// Starts to compute the value in the background.
    fn start(&self) -> Running<Moved<Self::Value>>;

    /// The value as a future.
    fn compute_async(&self) -> Computing<Moved<Self::Value>>;

    /// Computes the value now and keeps it for what takes it by reference.
    ///
    /// # Errors
    /// See [`compute`](compute()).
    fn persist(&self) -> Result<Delayed<Self::Value>>;
}

impl<T: Send + Sync + 'static> ComputeMoved for Delayed<T> {
    type Value = T;

    fn compute(&self) -> Result<T> {
        compute(self.moved())
    }

    fn start(&self) -> Running<Moved<T>> {
        start(self.moved())
    }

    fn compute_async(&self) -> Computing<Moved<T>> {
        compute_async(self.moved())
    }

    fn persist(&self) -> Result<Self> {
        Executor::current().keep(self)
    }
}
