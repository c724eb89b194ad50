//! An executor as the default of what a closure computes.

use std::cell::RefCell;
use std::sync::Arc;

use crate::api::executor::Executor;
use crate::exec::scope::Scope;

/// An executor, and what the thread was doing when it was installed. A thread that waits may run tasks of
/// others on top of that, which have executors of their own.
struct Installed {
    executor: Executor,
    within: Option<Arc<Scope>>,
}

thread_local! {
    static INSTALLED: RefCell<Vec<Installed>> = const { RefCell::new(Vec::new()) };
}

/// The executor that was installed last around what the calling thread does.
pub(super) fn current() -> Option<Executor> {
    let scope = Scope::of_thread();
    INSTALLED
        .try_with(|installed| {
            let installed = installed.borrow();
            let last = installed.last()?;
            let here = match (&scope, &last.within) {
                (None, None) => true,
                (Some(scope), Some(within)) => Arc::ptr_eq(scope, within),
                _ => false,
            };
            here.then(|| last.executor.clone())
        })
        .ok()
        .flatten()
}

impl Executor {
    /// Makes this the executor of what the closure computes on this thread, with its observer and its limits,
    /// wherever nothing else is said.
    ///
    /// ```
    /// use lazuli_core::{Delayed, Executor, compute};
    ///
    /// let answer = Executor::sync().install(|| {
    ///     assert_eq!(Executor::current().threads()?, 1);
    ///     compute(Delayed::value(6_i64) * 7)
    /// })?;
    /// assert_eq!(answer, 42);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    pub fn install<R>(&self, function: impl FnOnce() -> R) -> R {
        struct Uninstall;
        impl Drop for Uninstall {
            fn drop(&mut self) {
                let last = INSTALLED.with_borrow_mut(Vec::pop);
                drop(last);
            }
        }
        let installed = Installed { executor: self.clone(), within: Scope::of_thread() };
        INSTALLED.with_borrow_mut(|all| all.push(installed));
        let _uninstall = Uninstall;
        function()
    }
}
