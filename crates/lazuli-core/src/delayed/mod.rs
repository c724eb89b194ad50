//! [`Delayed`]: the handle of a value that is not computed yet.

mod combine;
mod operators;
mod order;

use std::error::Error as StdError;
use std::fmt;
use std::marker::PhantomData;
use std::path::Path;

pub use combine::{product, sequence, sum};
pub use order::{checkpoint, wait_on};

use crate::error::Result;
use crate::executor::{Computing, Executor, Running, compute};
use crate::layer::{Layer, LayerBody};
use crate::node::{AnyDelayed, Held, Label};
use crate::plan::Explanation;
use crate::task::task;
use crate::value::Value;

/// A value of type `T` that is computed on request.
///
/// A handle is cheap to clone; clones are the same value, computed once in a [`compute`].
/// Operators work between delayed values and with plain values on either side.
pub struct Delayed<T> {
    node: AnyDelayed,
    value: PhantomData<fn() -> T>,
}

impl<T> Delayed<T> {
    pub(crate) fn from_node(node: AnyDelayed) -> Self {
        Self { node, value: PhantomData }
    }

    /// The same value without its type, for [`Layer`]s that pass handles of many types.
    #[must_use]
    pub fn erase(&self) -> AnyDelayed {
        self.node.clone()
    }

    pub(crate) fn erased(&self) -> &AnyDelayed {
        &self.node
    }
}

impl<T: Send + Sync + 'static> Delayed<T> {
    /// A value that is there already.
    #[track_caller]
    #[must_use]
    pub fn value(value: T) -> Self {
        Self::from_node(AnyDelayed::new(Label::here("value"), Held(Value::new(value))))
    }

    /// The answer to a symbolic request, lowered together with all others of the compute.
    ///
    /// `dependencies` are the delayed values that the request's tasks will take as inputs.
    /// The layer must be lowered to a `Delayed<T>`; see [`Layer::lower`].
    #[track_caller]
    #[must_use]
    pub fn from_layer<L: Layer>(
        name: &'static str,
        layer: L,
        dependencies: impl IntoIterator<Item = AnyDelayed>,
    ) -> Self {
        let dependencies = dependencies.into_iter().collect();
        Self::from_node(AnyDelayed::new(Label::here(name), LayerBody { layer, dependencies }))
    }

    /// Applies a function to the value, by reference, as a task of this name.
    ///
    /// ```
    /// # use lazuli_core::{Delayed, compute};
    /// let lengths = Delayed::value(vec![3, 1, 2]);
    /// let longest = lengths.map("max", |lengths| lengths.iter().copied().max());
    /// assert_eq!(compute(longest)?, Some(3));
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn map<U: Send + Sync + 'static>(
        &self,
        name: &'static str,
        function: impl Fn(&T) -> U + Send + Sync + 'static,
    ) -> Delayed<U> {
        task(name).call(self, function)
    }

    /// Applies a function that may fail to the value, by reference, as a task of this name.
    #[track_caller]
    #[must_use]
    pub fn and_then<U: Send + Sync + 'static, E: StdError + Send + Sync + 'static>(
        &self,
        name: &'static str,
        function: impl Fn(&T) -> Result<U, E> + Send + Sync + 'static,
    ) -> Delayed<U> {
        task(name).try_call(self, function)
    }

    /// Both values as a pair.
    #[track_caller]
    #[must_use]
    pub fn zip<U>(&self, other: &Delayed<U>) -> Delayed<(T, U)>
    where
        T: Clone,
        U: Clone + Send + Sync + 'static,
    {
        task("zip").call((self.clone(), other.clone()), |pair| pair)
    }

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
        crate::persist(self)
    }

    /// Starts to compute the value in the background: see [`start`](crate::start).
    pub fn start(&self) -> Running<Self>
    where
        T: Clone,
    {
        crate::start(self.clone())
    }

    /// The value as a future: see [`compute_async`](crate::compute_async).
    pub fn compute_async(&self) -> Computing<Self>
    where
        T: Clone,
    {
        crate::compute_async(self.clone())
    }

    /// Draws the plan of this value into a file, `.svg` or `.dot`: see [`visualize`](crate::visualize()).
    ///
    /// # Errors
    /// See [`visualize`](crate::visualize()).
    pub fn visualize(&self, path: impl AsRef<Path>) -> Result<()>
    where
        T: Clone,
    {
        crate::visualize(self, path)
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

impl<T> Clone for Delayed<T> {
    fn clone(&self) -> Self {
        Self::from_node(self.node.clone())
    }
}

/// `Delayed(mul-7f71b132)`: the name of what it does, and a hash of everything below it that is the
/// same in every run.
impl<T> fmt::Debug for Delayed<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.node.fmt(formatter)
    }
}
