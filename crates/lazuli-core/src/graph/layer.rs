//! Layers: symbolic requests, lowered together.
//!
//! An array or frame reduction is one node of the graph, a *request*. When a compute is planned, all
//! requests of one kind that do not depend on each other are lowered at once, so that a collection can
//! answer everything asked of one data set by one pass over it.

use std::any::{Any, TypeId};

use thiserror::Error as ThisError;

use crate::base::error::{Error, Result};
use crate::graph::{AnyDelayed, Body, Role};

/// A symbolic request of a collection: "the mean of this array expression".
///
/// What a layer promises:
/// - *One answer for one request, in order*: [`lower`](Self::lower) returns as many handles as it
///   was given requests, each of the type of the [`Delayed`](crate::Delayed) that holds the request.
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
    /// depth-first walk from the outputs meets them.
    ///
    /// # Errors
    /// [`ErrorKind::Plan`](crate::ErrorKind::Plan) where a request cannot be answered.
    fn lower(requests: &[&Self]) -> Result<Vec<AnyDelayed>>;
}

/// The body of a request: the request itself, and what its tasks will take.
pub(crate) struct LayerBody<L> {
    pub(crate) layer: L,
    pub(crate) dependencies: Box<[AnyDelayed]>,
}

impl<L: Layer> Body for LayerBody<L> {
    fn role(&self) -> Role<'_> {
        Role::Layer(&self.layer)
    }

    fn inputs<'a>(&'a self, visit: &mut dyn FnMut(&'a AnyDelayed)) {
        self.dependencies.iter().for_each(visit);
    }
}

/// A layer whose type the planner does not know.
pub(crate) trait AnyLayer: Any + Send + Sync {
    /// Which requests are lowered together.
    fn kind(&self) -> TypeId;
    /// Lowers requests that are all of this one's kind.
    fn lower_all(&self, requests: &[&dyn AnyLayer]) -> Result<Vec<AnyDelayed>>;
}

impl<L: Layer> AnyLayer for L {
    fn kind(&self) -> TypeId {
        TypeId::of::<L>()
    }

    fn lower_all(&self, requests: &[&dyn AnyLayer]) -> Result<Vec<AnyDelayed>> {
        let typed: Vec<&L> =
            requests.iter().filter_map(|&request| (request as &dyn Any).downcast_ref()).collect();
        let answers = L::lower(&typed)?;
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
}
