//! The methods of [`Delayed`] that run something, or plan it.

use std::panic::Location;

use crate::api::compute::{compute, compute_async, persist, start};
use crate::api::computing::Computing;
use crate::api::executor::Executor;
use crate::api::running::Running;
use crate::base::error::Result;
use crate::describe::collection::Collection;
use crate::describe::task::{name, task};
use crate::graph::Delayed;
use crate::plan::Explanation;

/// For types that are not `Clone` see [`ComputeMoved`](crate::ComputeMoved).
impl<T: Clone + Send + Sync + 'static> Delayed<T> {
    /// Computes the value on the [current](Executor::current) executor.
    ///
    /// # Errors
    /// The first failure in plan order: see [`compute`].
    pub fn compute(&self) -> Result<T> {
        compute(self)
    }

    /// Computes the value now and keeps it: what depends on the handle that is returned does not
    /// run it again. See [`persist`](crate::persist) for many at once.
    ///
    /// # Errors
    /// The first failure in plan order: see [`compute`].
    pub fn persist(&self) -> Result<Self> {
        persist(self)
    }

    /// Starts to compute the value in the background: see [`start`](crate::start).
    pub fn start(&self) -> Running<Self> {
        start(self.clone())
    }

    /// The value as a future: see [`compute_async`](crate::compute_async).
    pub fn compute_async(&self) -> Computing<Self> {
        compute_async(self.clone())
    }

    /// What comes of computing the value, an error included: so one that fails does not cost the others.
    ///
    /// It is a compute of its own, inside a task: what it shares with the rest runs for each again. That this is
    /// cancelled or out of time ends the whole.
    ///
    /// ```
    /// # use lazuli_core::{Delayed, compute};
    /// let pages = ["1", "two", "3"].map(|text| Delayed::value(text).try_map(|text| text.parse::<i64>()));
    /// let read = compute(pages.map(|page| page.attempt()))?;
    /// assert_eq!(read.map(|page| page.ok()), [Some(1), None, Some(3)]);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    pub fn attempt(&self) -> Delayed<Result<T>> {
        let value = self.clone();
        task("attempt").try_call((), move |()| match Executor::current().compute(&value) {
            Err(error) if error.is_stop() => Err(error),
            outcome => Ok(outcome),
        })
    }

    /// What each step of planning makes of the graph of this value.
    ///
    /// # Errors
    /// Whatever a layer says of a request that it cannot answer.
    pub fn explain(&self) -> Result<Explanation> {
        Executor::current().explain(self)
    }
}

impl<T: Send + Sync + 'static> Delayed<T> {
    /// Makes a graph of the value when it is there, and computes it inside the task: for a branch on a computed
    /// value, or as many tasks as a value says. It is another compute, in the same executor; what it shares
    /// with this one runs again.
    ///
    /// ```
    /// # use lazuli_core::{Delayed, compute};
    /// let count = Delayed::value(3).map(|n| n + 1);
    /// let squares = count.and_then(|&count| (0..count).map(|i| Delayed::value(i * i)).sum::<Delayed<_>>());
    /// assert_eq!(compute(squares)?, 14);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    pub fn and_then<C>(
        &self,
        function: impl Fn(&T) -> C + Send + Sync + 'static,
    ) -> Delayed<C::Output>
    where
        C: Collection<Output: Send + Sync + 'static>,
    {
        let name = name::of_function(&function, Location::caller());
        task(name).try_call(self, move |value| Executor::current().compute(function(value)))
    }
}

/// `delayed.await`: as [`compute_async`](crate::compute_async).
impl<T: Clone + Send + Sync + 'static> IntoFuture for Delayed<T> {
    type Output = Result<T>;
    type IntoFuture = Computing<Self>;

    fn into_future(self) -> Computing<Self> {
        compute_async(self)
    }
}
