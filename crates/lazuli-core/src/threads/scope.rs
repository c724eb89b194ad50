//! What the calling thread works for: a run, of which this level knows only that it is one.

use std::any::Any;
use std::cell::RefCell;
use std::sync::Arc;

use crate::base::sync::per_thread;

/// What a thread works for.
pub(crate) trait Scoped: Any + Send + Sync {
    /// The thread waits inside a task and has given up its place: others may do its other work.
    fn when_absent(&self);
}

type Scope = Arc<dyn Scoped>;

per_thread! {
    static SCOPE: RefCell<Option<Scope>> = RefCell::new(None);
}

fn of_thread() -> Option<Scope> {
    SCOPE.try_with(|scope| scope.borrow().clone()).ok()?
}

/// The calling thread has given up its place.
pub(super) fn note_absence() {
    if let Some(scope) = of_thread() {
        scope.when_absent();
    }
}

/// That of the calling thread, if it is one of this type. None on a thread that is ending.
pub(crate) fn current<S: Scoped>() -> Option<Arc<S>> {
    let scope: Arc<dyn Any + Send + Sync> = of_thread()?;
    scope.downcast().ok()
}

/// Makes this the scope of what the function does on this thread.
pub(crate) fn within<S: Scoped, R>(scope: &Arc<S>, function: impl FnOnce() -> R) -> R {
    let scope: Scope = Arc::clone(scope) as Scope;
    replaced(Some(scope), function)
}

/// Does something that belongs to no task, or to one that is not known.
pub(crate) fn outside_of_tasks<R>(function: impl FnOnce() -> R) -> R {
    replaced(None, function)
}

fn replaced<R>(scope: Option<Scope>, function: impl FnOnce() -> R) -> R {
    struct Restore(Option<Scope>);
    impl Drop for Restore {
        fn drop(&mut self) {
            let before = self.0.take();
            let _ = SCOPE.try_with(|scope| scope.replace(before));
        }
    }
    let before = SCOPE.try_with(|current| current.replace(scope)).unwrap_or_default();
    let _restore = Restore(before);
    function()
}
