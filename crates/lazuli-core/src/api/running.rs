//! Computes in the background: a handle for those who do not wait.

use std::fmt;
use std::sync::Arc;

use crate::base::cancel::CancelToken;
use crate::base::error::{self, Result};
use crate::base::value::Shared;
use crate::describe::collection::{Answers, Collection, Rewire, Wires, requests};
use crate::exec::job::{Answered, Job};
use crate::exec::promise::{Awaited, CancelOnDrop, Promise};
use crate::graph::AnyDelayed;
use crate::run::progress::{Counter, Progress};

/// A compute in the background.
///
/// Dropping it, and every handle it gave out, cancels the compute if it is not done.
pub struct Running<C> {
    collection: C,
    promise: Arc<Promise>,
    counter: Arc<Counter>,
    token: CancelToken,
    keeps: Arc<CancelOnDrop>,
}

impl<C: Collection> Running<C> {
    pub(super) fn start(job: Result<Job>, collection: C) -> Self {
        let token = CancelToken::new();
        let counter = Arc::<Counter>::default();
        let promise = job
            .and_then(|mut job| {
                job.stopped_by(&token);
                job.counted_by(&counter);
                let outputs = requests(&collection);
                Ok(match job.pool()? {
                    Some(pool) => job.start(outputs, pool),
                    None => Promise::kept(job.run(outputs).map(Answered::share)),
                })
            })
            .unwrap_or_else(|error| Promise::kept(Err(error)));
        let keeps =
            Arc::new(CancelOnDrop { token: token.clone(), promise: Arc::downgrade(&promise) });
        Self { collection, promise, counter, token, keeps }
    }

    /// How far it is.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.counter.read()
    }

    /// Whether it is over: done, failed or cancelled.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.promise.outcome().is_some()
    }

    /// Cancels it: no further task starts. [`wait`](Self::wait) returns when those that run have ended.
    pub fn cancel(&self) {
        self.token.cancel();
    }

    /// Waits until it is over, and takes the results.
    ///
    /// # Errors
    /// See [`compute`](crate::compute()); the kind is [`Cancelled`](crate::ErrorKind::Cancelled) after
    /// [`cancel`](Self::cancel).
    pub fn wait(self) -> Result<C::Output> {
        self.promise.wait()?;
        self.result()
    }

    pub(super) fn promise(&self) -> &Promise {
        &self.promise
    }

    /// Takes the results when it is over.
    pub(super) fn result(self) -> Result<C::Output> {
        let Self { collection, promise, .. } = self;
        receive(&collection, Promise::take(promise)?)
    }
}

fn receive<C: Collection>(collection: &C, kept: Vec<Shared>) -> Result<C::Output> {
    error::caught(|| collection.receive(&mut Answers::kept(kept)))
}

impl<C: Rewire> Running<C> {
    /// Handles of the results: what depends on them waits for this compute, and does not run it again.
    #[must_use]
    pub fn handles(&self) -> C::Rewired {
        let mut index = 0;
        self.collection.rewire(&mut Wires::with(|handle| {
            let body = Awaited {
                promise: Arc::clone(&self.promise),
                index,
                _keeps: Arc::clone(&self.keeps),
            };
            index += 1;
            AnyDelayed::new(handle.node().label.of_result(), body)
        }))
    }
}

impl<C> fmt::Debug for Running<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Running").field("progress", &self.counter.read()).finish()
    }
}
