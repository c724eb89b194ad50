//! [`Parted`]: the handle of a collection that is computed in parts.

use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;

use crate::base::error::Result;
use crate::graph::layer::{Answer, Layer, LayerBody, Lowering};
use crate::graph::{AnyDelayed, Body, Delayed, Label, Role};

/// A collection whose parts of type `T` are computed on request: the blocks of an array, the partitions of a
/// table, the buckets of a shuffle.
///
/// It is one node of the graph, so a handle costs O(1) however many parts there are. Requests that depend on it
/// are lowered with its parts ([`Lowering::parts`]) and take those that they need: there is no barrier, and a
/// part is dropped at its last use.
pub struct Parted<T> {
    node: AnyDelayed,
    len: usize,
    part: PhantomData<fn() -> T>,
}

impl<T> Parted<T> {
    /// How many parts there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The same collection without its type: what a request that depends on it is made with.
    #[must_use]
    pub fn erase(&self) -> AnyDelayed {
        self.node.clone()
    }

    /// Whether both are handles of one collection.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.node.address() == other.node.address()
    }

    pub(crate) fn erased(&self) -> &AnyDelayed {
        &self.node
    }
}

impl<T: Send + Sync + 'static> Parted<T> {
    /// The answer in so many parts to a symbolic request, lowered together with all others of the compute.
    ///
    /// `dependencies` are the delayed values and collections that the request's tasks will take. The layer must
    /// answer with [`Answer::parts`] of type `T`, as many as said here.
    #[track_caller]
    #[must_use]
    pub fn from_layer<L: Layer>(
        name: &'static str,
        parts: usize,
        layer: L,
        dependencies: impl IntoIterator<Item = AnyDelayed>,
    ) -> Self {
        Self::from_layer_at(Location::caller(), name, parts, layer, dependencies)
    }

    /// As [`from_layer`](Self::from_layer), of a request that was made there.
    #[must_use]
    pub fn from_layer_at<L: Layer>(
        site: &'static Location<'static>,
        name: &'static str,
        parts: usize,
        layer: L,
        dependencies: impl IntoIterator<Item = AnyDelayed>,
    ) -> Self {
        let dependencies = dependencies.into_iter().collect();
        let body = LayerBody { layer, dependencies, parts: Some(parts) };
        let label = Label { name, site, extra: None };
        Self { node: AnyDelayed::new(label, body), len: parts, part: PhantomData }
    }

    /// A collection of values that are described one by one.
    #[track_caller]
    #[must_use]
    pub fn from_parts(parts: impl IntoIterator<Item = Delayed<T>>) -> Self {
        let parts: Box<[AnyDelayed]> = parts.into_iter().map(|part| part.erase()).collect();
        let len = parts.len();
        Self { node: AnyDelayed::new(Label::here("parts"), Parts(parts)), len, part: PhantomData }
    }

    /// One of its parts.
    ///
    /// # Panics
    /// When there are not so many.
    #[track_caller]
    pub fn part(&self, index: usize) -> Delayed<T> {
        assert!(index < self.len, "there is no part {index} of {}", self.len);
        let request = PartOf { collection: self.node.clone(), index };
        Delayed::from_layer("part", request, [self.node.clone()])
    }

    /// Its parts, in order.
    #[track_caller]
    pub fn parts(&self) -> impl ExactSizeIterator<Item = Delayed<T>> + '_ {
        (0..self.len).map(|index| self.part(index))
    }
}

impl<T> Clone for Parted<T> {
    fn clone(&self) -> Self {
        Self { node: self.node.clone(), len: self.len, part: PhantomData }
    }
}

/// `Parted(sort-7f71b132, 16 parts)`.
impl<T> fmt::Debug for Parted<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let node = self.node.node();
        let hash = node.fingerprint() as u32;
        write!(formatter, "Parted({}-{hash:08x}, {} parts)", node.label.name, self.len)
    }
}

/// Parts that are nodes already.
struct Parts(Box<[AnyDelayed]>);

impl Body for Parts {
    fn role(&self) -> Role<'_> {
        Role::Parts(&self.0)
    }

    fn inputs<'a>(&'a self, visit: &mut dyn FnMut(&'a AnyDelayed)) {
        self.0.iter().for_each(visit);
    }
}

/// The request for one part of a collection.
struct PartOf {
    collection: AnyDelayed,
    index: usize,
}

impl Layer for PartOf {
    fn lower(requests: &[&Self], lowering: &Lowering<'_>) -> Result<Vec<Answer>> {
        let part = |request: &&Self| {
            let parts = lowering.0.parts_of(&request.collection);
            let parts = parts.unwrap_or_else(|| unreachable!("it depends on the collection"));
            parts[request.index].clone().into()
        };
        Ok(requests.iter().map(part).collect())
    }
}
