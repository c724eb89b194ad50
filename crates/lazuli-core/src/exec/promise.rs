//! What a run in the background will bring, for those who wait for it and for tasks that take it.

use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::Duration;

use crate::base::cancel::CancelToken;
use crate::base::error::Result;
use crate::base::value::{Shared, Value};
use crate::exec::current;
use crate::graph::node::Pending;
use crate::graph::{AnyDelayed, Body, Role};
use crate::threads::latch::Latch;

type Callback = Box<dyn FnOnce() + Send>;

/// The outputs of a run, when they are there.
#[derive(Default)]
pub(crate) struct Promise {
    outcome: OnceLock<Result<Vec<Shared>>>,
    latch: Latch,
    /// What happens then.
    callbacks: Mutex<Vec<Callback>>,
}

impl Promise {
    /// Keeps the promise. The first outcome counts.
    pub(crate) fn keep(&self, outcome: Result<Vec<Shared>>) {
        if self.outcome.set(outcome).is_ok() {
            self.latch.open();
            let callbacks = std::mem::take(&mut *self.lock());
            callbacks.into_iter().for_each(|callback| callback());
        }
    }

    /// The outcome, when it is there.
    pub(crate) fn outcome(&self) -> Option<&Result<Vec<Shared>>> {
        self.outcome.get()
    }

    pub(crate) fn wait(&self) -> &Result<Vec<Shared>> {
        self.latch.wait();
        self.outcome.get().unwrap_or_else(|| unreachable!("the latch opens on the outcome"))
    }

    /// The outcome of a promise that is kept: moved to its last holder.
    pub(crate) fn take(promise: Arc<Self>) -> Result<Vec<Shared>> {
        match Arc::try_unwrap(promise) {
            Ok(promise) => promise.outcome.into_inner(),
            Err(shared) => shared.outcome.get().cloned(),
        }
        .unwrap_or_else(|| unreachable!("it is kept"))
    }

    /// Runs the callback when the promise is kept: now, if it is. It must be quick and must not unwind.
    pub(crate) fn then(&self, callback: Callback) {
        let mut callbacks = self.lock();
        // Whoever keeps the promise takes the callbacks after the outcome is there.
        if self.outcome.get().is_some() {
            drop(callbacks);
            callback();
        } else {
            callbacks.push(callback);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Callback>> {
        self.callbacks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The body of a node whose value another run brings.
pub(crate) struct Awaited {
    pub(crate) promise: Arc<Promise>,
    /// Which of its outputs.
    pub(crate) index: usize,
    /// Cancels that run when nobody can take its outputs any more.
    pub(crate) _keeps: Arc<CancelOnDrop>,
}

impl Body for Awaited {
    fn role(&self) -> Role<'_> {
        Role::Awaited(self)
    }

    fn inputs<'a>(&'a self, _: &mut dyn FnMut(&'a AnyDelayed)) {}
}

impl Pending for Awaited {
    fn outcome(&self) -> Option<Result<Value>> {
        self.promise.outcome().map(|outcome| match outcome {
            Ok(outputs) => Ok(Value::shared(outputs[self.index].clone())),
            Err(error) => Err(error.clone()),
        })
    }

    fn then(&self, callback: Callback) {
        self.promise.then(callback);
    }

    fn wait_for(&self, time: Duration) {
        self.promise.latch.wait_for(time);
    }
}

/// Cancels a run when its last holder goes.
pub(crate) struct CancelOnDrop {
    pub(crate) token: CancelToken,
    pub(crate) promise: Weak<Promise>,
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.token.cancel();
        // A task that gives it up does not end before it.
        if let Some(promise) = self.promise.upgrade().filter(|promise| promise.outcome().is_none())
        {
            current::outlast(&promise);
        }
    }
}
