//! Layers: symbolic requests, lowered together.
//!
//! An array or frame reduction is one node of the graph, a *request*. When a compute is planned, all
//! requests of one kind that do not depend on each other are lowered at once, so that a collection can
//! answer everything asked of one data set by one pass over it.

use std::any::{Any, TypeId};
use std::fmt;
use std::sync::Arc;

use thiserror::Error as ThisError;

use crate::base::error::{Error, Result};
use crate::graph::{AnyDelayed, Body, Delayed, Parted, Role};

/// A symbolic request of a collection: "the mean of this array expression".
///
/// What a layer promises:
/// - *One answer for one request, in order*: [`lower`](Self::lower) returns as many answers as it was given
///   requests: a value for a request that a [`Delayed`] holds, parts for one that a [`Parted`] holds, each of
///   that type.
/// - *Only tasks of its own*: the answers are built from new tasks, from the dependencies that the
///   requests were made with, and from nothing that depends on the requests themselves.
/// - *The same graph every time*: no clock, randomness or hash-map order shapes it. How data is cut
///   into parts and which states meet comes from the requests alone, never from the number of
///   threads, so results have the same bits on any machine size.
/// - *Cheap to plan*: it may look at metadata (shapes, schemas, file sizes), not at the data itself.
pub trait Layer: Sized + Send + Sync + 'static {
    /// Turns the requests of one compute into tasks.
    ///
    /// Called once for all requests of this type that are at the same depth, in the order in which a
    /// depth-first walk from the outputs meets them. Requests that these depend on are lowered before:
    /// [`Lowering`] knows the parts that they were answered with.
    ///
    /// # Errors
    /// [`ErrorKind::Plan`](crate::ErrorKind::Plan) where no request can be answered; where one cannot, its
    /// answer says why.
    fn lower(requests: &[&Self], lowering: &Lowering<'_>) -> Result<Vec<Answer>>;
}

/// What a request is lowered to.
#[derive(Clone)]
pub struct Answer(pub(crate) AnswerKind);

#[derive(Clone)]
pub(crate) enum AnswerKind {
    /// One value; or what another request is answered with.
    One(AnyDelayed),
    Parts(Arc<[AnyDelayed]>),
    /// Why there is none.
    None(Error),
}

impl Answer {
    /// The parts of a collection, in order: what depends on them takes those that it needs.
    #[must_use]
    pub fn parts<T>(parts: impl IntoIterator<Item = Delayed<T>>) -> Self {
        Self(AnswerKind::Parts(parts.into_iter().map(|part| part.erase()).collect()))
    }

    /// No answer: the error of this request alone.
    #[must_use]
    pub fn error(error: Error) -> Self {
        Self(AnswerKind::None(error))
    }
}

impl From<AnyDelayed> for Answer {
    fn from(value: AnyDelayed) -> Self {
        Self(AnswerKind::One(value))
    }
}

impl<T> From<Delayed<T>> for Answer {
    fn from(value: Delayed<T>) -> Self {
        value.erase().into()
    }
}

/// What has been lowered before: the parts of the collections that requests depend on.
pub struct Lowering<'a>(pub(crate) &'a dyn Lowered);

/// What the planner knows of requests that are lowered.
pub(crate) trait Lowered {
    /// The parts that a request was answered with, if it was by parts.
    fn parts_of<'a>(&'a self, request: &'a AnyDelayed) -> Option<&'a [AnyDelayed]>;
}

impl Lowering<'_> {
    /// The parts of a collection that the requests depend on, in order.
    ///
    /// # Panics
    /// When no request was made with it as a dependency.
    #[must_use]
    pub fn parts<T>(&self, collection: &Parted<T>) -> Vec<Delayed<T>> {
        let parts = self.0.parts_of(collection.erased());
        let parts = parts.expect("a request is lowered after what it was made to depend on");
        parts.iter().cloned().map(Delayed::from_node).collect()
    }
}

/// The body of a request: the request itself, and what its tasks will take.
pub(crate) struct LayerBody<L> {
    pub(crate) layer: L,
    pub(crate) dependencies: Box<[AnyDelayed]>,
    /// How many parts it is to be answered with, where that is not one value.
    pub(crate) parts: Option<usize>,
}

impl<L: Layer> Body for LayerBody<L> {
    fn role(&self) -> Role<'_> {
        Role::Layer(&self.layer)
    }

    fn inputs<'a>(&'a self, visit: &mut dyn FnMut(&'a AnyDelayed)) {
        self.dependencies.iter().for_each(visit);
    }

    fn parts(&self) -> Option<usize> {
        self.parts
    }
}

/// A layer whose type the planner does not know.
pub(crate) trait AnyLayer: Any + Send + Sync {
    /// Which requests are lowered together.
    fn kind(&self) -> TypeId;
    /// Lowers requests that are all of this one's kind.
    fn lower_all(&self, requests: &[&dyn AnyLayer], lowering: &Lowering<'_>)
    -> Result<Vec<Answer>>;
}

impl<L: Layer> AnyLayer for L {
    fn kind(&self) -> TypeId {
        TypeId::of::<L>()
    }

    fn lower_all(
        &self,
        requests: &[&dyn AnyLayer],
        lowering: &Lowering<'_>,
    ) -> Result<Vec<Answer>> {
        let typed: Vec<&L> =
            requests.iter().filter_map(|&request| (request as &dyn Any).downcast_ref()).collect();
        let answers = L::lower(&typed, lowering)?;
        if answers.len() != requests.len() {
            let (layer, requests) = (std::any::type_name::<L>(), requests.len());
            return Err(Error::plan(BrokenPromise::Count {
                layer,
                requests,
                answers: answers.len(),
            }));
        }
        Ok(answers)
    }
}

/// A layer that does not keep its promises.
#[derive(Debug, ThisError)]
pub(crate) enum BrokenPromise {
    #[error("the layer `{layer}` answered {requests} requests with {answers} values")]
    Count { layer: &'static str, requests: usize, answers: usize },
    #[error("the answer of the request `{name}` depends on that request")]
    Cycle { name: &'static str },
    #[error("the request `{name}` was to be answered by {}, and was by {}", Kind(*.expected), Kind(*.found))]
    Parts { name: &'static str, expected: Option<usize>, found: Option<usize> },
}

/// `one value`, `3 parts`.
struct Kind(Option<usize>);

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => formatter.write_str("one value"),
            Some(parts) => write!(formatter, "{parts} parts"),
        }
    }
}
