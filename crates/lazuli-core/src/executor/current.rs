//! What the calling task runs on: computes inside a task go to the same executor, and end with it.

use std::cell::RefCell;
use std::sync::Arc;

use super::Mode;
use crate::cancel::CancelToken;
#[cfg(feature = "async")]
use crate::lanes::asynchronous::Place;

/// The executor whose task a thread runs, and what stops that.
#[derive(Clone)]
pub(super) struct Current {
    pub(super) mode: Mode,
    pub(super) tokens: Vec<CancelToken>,
    /// Whose places its async tasks take.
    #[cfg(feature = "async")]
    pub(super) place: Place,
}

thread_local! {
    static CURRENT: RefCell<Option<Arc<Current>>> = const { RefCell::new(None) };
}

impl Current {
    /// That of the calling thread, if it runs a task.
    pub(super) fn of_thread() -> Option<Arc<Self>> {
        CURRENT.with_borrow(Clone::clone)
    }

    /// Makes this the executor of computes that `function` starts on this thread.
    pub(super) fn scope<R>(self: &Arc<Self>, function: impl FnOnce() -> R) -> R {
        struct Restore(Option<Arc<Current>>);
        impl Drop for Restore {
            fn drop(&mut self) {
                CURRENT.set(self.0.take());
            }
        }
        let _restore = Restore(CURRENT.replace(Some(Arc::clone(self))));
        function()
    }
}

#[cfg(feature = "async")]
mod driven {
    use std::future::poll_fn;
    use std::sync::Arc;

    use super::Current;
    use crate::lanes::asynchronous::Place;
    use crate::node::TaskFuture;

    impl Current {
        /// The future of one of its tasks: what it computes belongs to this run, like what a task computes.
        /// Says, too, whose place the future takes.
        pub(in crate::executor) fn drive(&self, mut future: TaskFuture) -> (TaskFuture, Place) {
            let inside = Arc::new(Self { place: Place::OfCaller, ..self.clone() });
            let scoped = poll_fn(move |context| inside.scope(|| future.as_mut().poll(context)));
            (Box::pin(scoped), self.place)
        }
    }

    /// The future of the task that the calling thread runs: see [`Current::drive`].
    pub(crate) fn drive(future: TaskFuture) -> (TaskFuture, Place) {
        match Current::of_thread() {
            Some(current) => current.drive(future),
            None => (future, Place::Own),
        }
    }
}

#[cfg(feature = "async")]
pub(crate) use driven::drive;
