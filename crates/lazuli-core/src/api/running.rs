//! Computes in the background: a handle for those who do not wait.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::api::computing::Computing;
use crate::base::cancel::CancelToken;
use crate::base::error::{self, Result};
use crate::base::value::Shared;
use crate::describe::collection::{Answers, Collection, Rewire, Wires, requests};
use crate::exec::ended;
use crate::exec::job::{Answered, Job};
use crate::exec::promise::{Awaited, CancelOnDrop, Promise};
use crate::graph::AnyDelayed;
use crate::run::progress::{Counter, Progress};

/// A compute in the background.
///
/// Dropping it, and every handle it gave out, cancels the compute if it is not done; [`detach`](Self::detach)
/// lets it run. It can be awaited, too.
#[must_use = "dropping it cancels the compute: call `.wait()` for its result, or `.detach()` to let it run"]
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
        let mut counter = Arc::<Counter>::default();
        let promise = job
            .map(|mut job| {
                job.stopped_by(&token);
                counter = job.counter();
                let outputs = requests(&collection);
                match job.pool() {
                    Ok(Some(pool)) => job.start(outputs, pool),
                    // Without a pool it runs at once, and ends at once where there should be one.
                    Ok(None) | Err(_) => Promise::kept(job.run(outputs).map(Answered::share)),
                }
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
        self.promise.is_kept()
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

    /// Waits until it is over, but no longer than this; says whether it is over. Then [`wait`](Self::wait)
    /// returns at once.
    ///
    /// ```
    /// use std::time::Duration;
    /// use lazuli_core::{CancelToken, Lane, start, task};
    ///
    /// let go = CancelToken::new();
    /// let waits = go.clone();
    /// let running = start(task("waits").lane(Lane::Blocking).call((), move |()| {
    ///     while !waits.is_cancelled() {
    ///         std::thread::sleep(Duration::from_millis(1));
    ///     }
    /// }));
    /// assert!(!running.wait_timeout(Duration::from_millis(5))?);
    /// go.cancel();
    /// running.wait()?;
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// Of the kind [`Deadlock`](crate::ErrorKind::Deadlock), when the compute waits for the task that calls
    /// this.
    pub fn wait_timeout(&self, timeout: Duration) -> Result<bool> {
        // A time that no clock can show never comes.
        ended::wait_until(&self.promise, Instant::now().checked_add(timeout))
    }

    /// Lets it run although nobody will take its results. Errors go unheard, but for an
    /// [observer](crate::Executor::with_observer).
    pub fn detach(self) {
        let Self { promise, keeps, .. } = self;
        // Dropped with the callback, when the compute is over and there is nothing left to cancel.
        promise.then(Box::new(move || drop(keeps)));
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

/// `running.await`: as [`compute_async`](crate::compute_async), of what was started already.
impl<C: Collection> IntoFuture for Running<C> {
    type Output = Result<C::Output>;
    type IntoFuture = Computing<C>;

    fn into_future(self) -> Computing<C> {
        Computing::new(self)
    }
}

impl<C> fmt::Debug for Running<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Running").field("progress", &self.counter.read()).finish()
    }
}
