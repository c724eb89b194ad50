//! Computes in the background: a handle for those who do not wait.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

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
    /// Whether others may take the results, too.
    shared: AtomicBool,
}

impl<C: Collection> Running<C> {
    pub(super) fn start(mut job: Job, collection: C) -> Self {
        let token = CancelToken::new();
        let promise = Arc::<Promise>::default();
        let running = Self {
            counter: Arc::default(),
            keeps: Arc::new(CancelOnDrop {
                token: token.clone(),
                promise: Arc::downgrade(&promise),
            }),
            promise,
            token,
            collection,
            shared: AtomicBool::new(false),
        };
        job.stopped_by(&running.token);
        job.counter = Some(Arc::clone(&running.counter));
        let outputs = requests(&running.collection);
        match job.pool() {
            Ok(Some(pool)) => {
                let promise = Arc::clone(&running.promise);
                let on = pool.clone();
                // The plan is made there as well: whoever starts a compute may have no time for it.
                pool.spawn_in_turn(move || {
                    let keeps = Arc::clone(&promise);
                    // What is dropped in there may panic, and there is no caller to unwind to.
                    let planned = error::caught(|| {
                        job.run_in_background(outputs, on, move |kept| keeps.keep(kept));
                    });
                    if let Err(error) = planned {
                        promise.keep(Err(error));
                    }
                });
            }
            Ok(None) => running.promise.keep(job.run(outputs).map(Answered::share)),
            Err(error) => running.promise.keep(Err(error)),
        }
        running
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
        self.promise.wait();
        self.result()
    }

    pub(super) fn promise(&self) -> &Promise {
        &self.promise
    }

    /// Takes the results when it is over.
    pub(super) fn result(self) -> Result<C::Output> {
        let Self { collection, promise, shared, .. } = self;
        // Whoever kept the promise lets go of it within moments: then the results need no clone.
        while !shared.load(Relaxed) && Arc::strong_count(&promise) > 1 {
            std::thread::yield_now();
        }
        let kept = Promise::take(promise)?;
        receive(&collection, kept)
    }
}

fn receive<C: Collection>(collection: &C, kept: Vec<Shared>) -> Result<C::Output> {
    error::caught(|| collection.receive(&mut Answers::kept(kept)))
}

impl<C: Rewire> Running<C> {
    /// Handles of the results: what depends on them waits for this compute, and does not run it again.
    #[must_use]
    pub fn handles(&self) -> C::Rewired {
        self.shared.store(true, Relaxed);
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
