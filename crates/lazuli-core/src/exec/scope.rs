//! What the calling thread works for: computes inside a task go to the same executor, end with its run, and
//! are waited for by it.

use std::sync::Arc;

use crate::base::cancel::CancelToken;
use crate::exec::control::Control;
use crate::exec::settings::Mode;
#[cfg(feature = "async")]
use crate::threads::asynchronous::Place;
use crate::threads::scope::{self, Scoped};

/// The run whose task a thread works on.
#[derive(Clone)]
pub(crate) struct Scope {
    pub(crate) mode: Mode,
    pub(crate) tokens: Vec<CancelToken>,
    pub(crate) control: Arc<Control>,
    /// Whose places its async tasks take.
    #[cfg(feature = "async")]
    pub(crate) place: Place,
}

impl Scope {
    /// That of the calling thread, if it runs a task.
    pub(crate) fn of_thread() -> Option<Arc<Self>> {
        scope::current()
    }

    /// Makes this the scope of what `function` does on this thread.
    pub(crate) fn enter<R>(self: &Arc<Self>, function: impl FnOnce() -> R) -> R {
        scope::within(self, function)
    }
}

impl Scoped for Scope {
    fn when_absent(&self) {
        for control in self.control.with_parents() {
            if let Some(run) = control.enter()
                && run.has_work()
            {
                run.in_passing().tell_workers();
            }
        }
    }
}

#[cfg(feature = "async")]
mod driven {
    use std::pin::Pin;
    use std::sync::Arc;
    use std::task::{Context, Poll};

    use super::Scope;
    use crate::base::failure::Failure;
    use crate::base::value::Value;
    use crate::threads::asynchronous::{Place, TaskFuture};

    /// A future that is polled, and dropped, as part of the run of its task.
    struct Driven {
        /// None when it was dropped.
        future: Option<TaskFuture>,
        scope: Arc<Scope>,
    }

    impl Future for Driven {
        type Output = Result<Value, Failure>;

        fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
            let Self { future, scope } = &mut *self;
            let future = future.as_mut().expect("a future is not polled after its drop");
            scope.enter(|| future.as_mut().poll(context))
        }
    }

    impl Drop for Driven {
        fn drop(&mut self) {
            let future = self.future.take();
            self.scope.enter(|| drop(future));
        }
    }

    impl Scope {
        /// The future of one of its tasks: what it computes belongs to this run, like what a task computes.
        /// Says, too, whose place the future takes.
        pub(crate) fn drive(&self, future: TaskFuture) -> (TaskFuture, Place) {
            let scope = Arc::new(Self { place: Place::OfCaller, ..self.clone() });
            (Box::pin(Driven { future: Some(future), scope }), self.place)
        }
    }
}
