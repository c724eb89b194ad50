//! What the calling task runs on: computes inside a task go to the same executor, and end with it.

use std::cell::RefCell;
use std::sync::{Arc, OnceLock, Weak};

use crate::base::cancel::CancelToken;
use crate::exec::promise::Promise;
use crate::exec::settings::Mode;
use crate::exec::threaded::Run;
#[cfg(feature = "async")]
use crate::threads::asynchronous::Place;

/// The executor whose task a thread runs, and what stops that.
#[derive(Clone)]
pub(crate) struct Current {
    pub(crate) mode: Mode,
    pub(crate) tokens: Vec<CancelToken>,
    /// The run itself, once it is under way on threads.
    pub(in crate::exec) run: OnceLock<Weak<Run>>,
    /// Whose places its async tasks take.
    #[cfg(feature = "async")]
    pub(crate) place: Place,
}

thread_local! {
    static CURRENT: RefCell<Option<Arc<Current>>> = const { RefCell::new(None) };
}

impl Current {
    /// That of the calling thread, if it runs a task.
    pub(crate) fn of_thread() -> Option<Arc<Self>> {
        CURRENT.with_borrow(Clone::clone)
    }

    /// Makes this the executor of computes that `function` starts on this thread.
    pub(crate) fn scope<R>(self: &Arc<Self>, function: impl FnOnce() -> R) -> R {
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

/// Keeps the run of the calling task, if there is one, from its end until the promise is kept: what the
/// task has started and given up may still be running.
pub(crate) fn outlast(promise: &Promise) {
    let run = Current::of_thread().and_then(|current| current.run.get()?.upgrade());
    if let Some(run) = run {
        run.outlast(promise);
    }
}

#[cfg(feature = "async")]
mod driven {
    use std::pin::Pin;
    use std::sync::Arc;
    use std::task::{Context, Poll};

    use super::Current;
    use crate::base::failure::Failure;
    use crate::base::value::Value;
    use crate::threads::asynchronous::{Place, TaskFuture};

    /// A future that is polled, and dropped, as part of the run of its task.
    struct Driven {
        /// None when it was dropped.
        future: Option<TaskFuture>,
        inside: Arc<Current>,
    }

    impl Future for Driven {
        type Output = Result<Value, Failure>;

        fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
            let Self { future, inside } = &mut *self;
            let future = future.as_mut().expect("a future is not polled after its drop");
            inside.scope(|| future.as_mut().poll(context))
        }
    }

    impl Drop for Driven {
        fn drop(&mut self) {
            let future = self.future.take();
            self.inside.scope(|| drop(future));
        }
    }

    impl Current {
        /// The future of one of its tasks: what it computes belongs to this run, like what a task computes.
        /// Says, too, whose place the future takes.
        pub(crate) fn drive(&self, future: TaskFuture) -> (TaskFuture, Place) {
            let inside = Arc::new(Self { place: Place::OfCaller, ..self.clone() });
            (Box::pin(Driven { future: Some(future), inside }), self.place)
        }
    }
}
