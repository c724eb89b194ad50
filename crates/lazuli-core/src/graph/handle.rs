//! [`Delayed`]: the handle of a value that is not computed yet.

use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;

use crate::base::codec::Codec;
use crate::base::value::Value;
use crate::graph::layer::{Layer, LayerBody};
use crate::graph::{AnyDelayed, Held, Label};

/// A value of type `T` that is computed on request.
///
/// A handle is cheap to clone; clones are the same value, computed once in a [`compute`](crate::compute()).
/// Operators work between delayed values and with plain values on either side.
#[must_use = "a delayed value does nothing until it is computed: call `.compute()` or `.start()`, or pass it to \
              `compute` or to another task"]
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

    /// How many bytes its task says the value has; 0 where it says nothing. For layers, whose tasks often have results
    /// as large as what they take.
    #[must_use]
    pub fn output_bytes(&self) -> u64 {
        self.node.node().label.bytes().0
    }

    pub(crate) fn codec(&self) -> Option<Codec> {
        self.node.node().label.codec().cloned()
    }

    pub(crate) fn erased(&self) -> &AnyDelayed {
        &self.node
    }
}

impl<T: Send + Sync + 'static> Delayed<T> {
    /// A value that is there already.
    #[track_caller]
    pub fn value(value: T) -> Self {
        Self::from_node(AnyDelayed::new(
            Label::here("value"),
            Held(Value::new(value).into_shared()),
        ))
    }

    /// The answer to a symbolic request, lowered together with all others of the compute.
    ///
    /// `dependencies` are the delayed values that the request's tasks will take as inputs.
    /// The layer must be lowered to a `Delayed<T>`; see [`Layer::lower`].
    #[track_caller]
    pub fn from_layer<L: Layer>(
        name: &'static str,
        layer: L,
        dependencies: impl IntoIterator<Item = AnyDelayed>,
    ) -> Self {
        Self::from_layer_at(Location::caller(), name, layer, dependencies)
    }

    /// As [`from_layer`](Self::from_layer), of a request that was made there: for collections whose methods are
    /// several calls away from the line of the program.
    pub fn from_layer_at<L: Layer>(
        site: &'static Location<'static>,
        name: &'static str,
        layer: L,
        dependencies: impl IntoIterator<Item = AnyDelayed>,
    ) -> Self {
        let dependencies = dependencies.into_iter().collect();
        let label = Label { name, site, extra: None };
        Self::from_node(AnyDelayed::new(label, LayerBody { layer, dependencies, parts: None }))
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
