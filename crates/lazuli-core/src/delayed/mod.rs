//! [`Delayed`]: the handle of a value that is not computed yet.

mod combine;
mod operators;

use std::error::Error as StdError;
use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;

pub use combine::{product, sequence, sum};

use crate::error::Result;
use crate::executor::{Executor, compute};
use crate::lanes::Lane;
use crate::layer::{Layer, LayerBody};
use crate::node::{AnyDelayed, Held, InputList, Label};
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

    pub(crate) fn into_erased(self) -> AnyDelayed {
        self.node
    }
}

impl<T: Send + Sync + 'static> Delayed<T> {
    /// A value that is there already.
    #[track_caller]
    #[must_use]
    pub fn value(value: T) -> Self {
        let label = Label { name: "value", part: None, site: Location::caller(), lane: Lane::Cpu };
        let body = Held(Value::new(value));
        Self::from_node(AnyDelayed::new(InputList::new(), label, body))
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
        let label = Label { name, part: None, site: Location::caller(), lane: Lane::Cpu };
        let inputs = dependencies.into_iter().collect();
        Self::from_node(AnyDelayed::new(inputs, label, LayerBody(layer)))
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

    /// Computes the value on the shared pool.
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
    /// run it again.
    ///
    /// # Errors
    /// The first failure in plan order: see [`compute`].
    #[track_caller]
    pub fn persist(&self) -> Result<Self>
    where
        T: Clone,
    {
        self.persist_on(&Executor::current())
    }

    /// As [`persist`](Self::persist), on a chosen executor.
    ///
    /// # Errors
    /// The first failure in plan order: see [`compute`].
    #[track_caller]
    pub fn persist_on(&self, executor: &Executor) -> Result<Self>
    where
        T: Clone,
    {
        let label = Label {
            name: self.node.0.label.name,
            part: self.node.0.label.part.clone(),
            site: Location::caller(),
            lane: Lane::Cpu,
        };
        let body = Held(Value::new(executor.compute(self)?));
        Ok(Self::from_node(AnyDelayed::new(InputList::new(), label, body)))
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
