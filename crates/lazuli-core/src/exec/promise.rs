//! What a run in the background will bring, for those who wait for it and for tasks that take it.

use std::sync::{Arc, OnceLock, Weak};

use super::control::{Control, quietly};
use super::scope::Scope;
use super::waits::{self, Wait};
use crate::base::cancel::CancelToken;
use crate::base::error::{Error, Result};
use crate::base::sync::Mutex;
use crate::base::value::{Shared, Value};
use crate::graph::node::Pending;
use crate::graph::{AnyDelayed, Body, Role};
use crate::threads::waiting;

type Callback = Box<dyn FnOnce() + Send>;

/// The outputs of a run, when they are there.
pub(crate) struct Promise {
    outcome: OnceLock<Result<Vec<Shared>>>,
    /// Of the run that keeps it. Its latch opens when the promise is kept.
    pub(crate) control: Arc<Control>,
    /// What happens then.
    callbacks: Mutex<Vec<Callback>>,
}

impl Promise {
    pub(crate) fn of(control: Arc<Control>) -> Arc<Self> {
        Arc::new(Self { outcome: OnceLock::new(), control, callbacks: Mutex::default() })
    }

    /// One that was kept before anybody waited for it.
    pub(crate) fn kept(outcome: Result<Vec<Shared>>) -> Arc<Self> {
        let promise = Self::of(Control::new(None, None));
        Arc::clone(&promise).keep(outcome);
        promise
    }

    /// Keeps the promise. The first outcome counts.
    pub(crate) fn keep(self: Arc<Self>, outcome: Result<Vec<Shared>>) {
        if self.outcome.set(outcome).is_err() {
            return;
        }
        let callbacks = std::mem::take(&mut *self.callbacks.lock());
        let control = Arc::clone(&self.control);
        // Who waits may be the last to hold it, and then has the values to itself.
        drop(self);
        control.latch.open();
        // One that panics (a waker) must not cost the others theirs.
        callbacks.into_iter().for_each(quietly);
    }

    /// The outcome, when it is there.
    pub(crate) fn outcome(&self) -> Option<&Result<Vec<Shared>>> {
        self.outcome.get()
    }

    /// Whether it is kept, and who has kept it holds it no more.
    pub(crate) fn is_kept(&self) -> bool {
        self.control.latch.is_open() && self.outcome.get().is_some()
    }

    /// Waits until it is kept.
    ///
    /// # Errors
    /// When the run that is to keep it waits for the one whose task calls this.
    pub(crate) fn wait(&self) -> Result<()> {
        if self.is_kept() {
            return Ok(());
        }
        let _wait = Scope::of_thread()
            .map(|scope| Wait::new(&scope.control, &self.control))
            .transpose()
            .map_err(Error::deadlock)?;
        waiting::wait(&self.control);
        Ok(())
    }

    /// The outcome of a promise that is kept: moved to its last holder.
    pub(crate) fn take(promise: Arc<Self>) -> Result<Vec<Shared>> {
        match Arc::try_unwrap(promise) {
            Ok(promise) => promise.outcome.into_inner(),
            Err(shared) => shared.outcome.get().cloned(),
        }
        .unwrap_or_else(|| unreachable!("it is kept"))
    }

    /// Runs the callback when the promise is kept: now, if it is. It must be quick.
    pub(crate) fn then(&self, callback: Callback) {
        let mut callbacks = self.callbacks.lock();
        // Whoever keeps the promise takes the callbacks after the outcome is there.
        if self.outcome.get().is_some() {
            drop(callbacks);
            quietly(callback);
        } else {
            callbacks.push(callback);
        }
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

    fn run(&self) -> &(dyn std::any::Any + Send + Sync) {
        &self.promise.control
    }
}

/// The run that is to bring what a node waits for.
pub(super) fn run_behind(pending: &dyn Pending) -> &Arc<Control> {
    pending.run().downcast_ref().unwrap_or_else(|| unreachable!("runs are known by their control"))
}

/// Cancels a run when its last holder goes.
pub(crate) struct CancelOnDrop {
    pub(crate) token: CancelToken,
    pub(crate) promise: Weak<Promise>,
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.token.cancel();
        let promise = self.promise.upgrade().filter(|promise| promise.outcome().is_none());
        if let (Some(promise), Some(scope)) = (promise, Scope::of_thread()) {
            hold_open_until(&promise, &scope.control);
        }
    }
}

/// Keeps the run whose task has given up what the promise is about from ending before that has. A run that
/// would wait for itself by this does not wait.
fn hold_open_until(promise: &Promise, run: &Arc<Control>) {
    if waits::hold_open(run, &promise.control) {
        let control = Arc::clone(&promise.control);
        promise.then(Box::new(move || {
            let holds = std::mem::take(&mut *control.holds.lock());
            drop(holds);
        }));
    }
}
