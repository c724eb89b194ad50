//! Ending a compute before it is done: tokens, and why it ended.

use std::fmt;
use std::sync::{Arc, Weak};

use crate::base::sync::{Mutex, MutexGuard};

/// Why a compute was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    Cancelled,
    Deadline,
}

/// What a token can stop.
pub(crate) trait Stop: Send + Sync {
    /// Has no further task start. Must be quick, and must not cancel anything itself.
    fn stop(self: Arc<Self>, reason: Reason);
}

/// Ends computes from anywhere: those that were given the token, and those that their tasks start.
///
/// Once cancelled, no further task starts. Tasks that run are not torn down (async ones are: they end
/// where they await); when the last of them has ended, the compute returns an error of the kind
/// [`Cancelled`](crate::ErrorKind::Cancelled). A token stays cancelled.
///
/// ```
/// use lazuli_core::{CancelToken, ErrorKind, Executor, task};
///
/// let token = CancelToken::new();
/// let cancels = token.clone();
/// let first = task("first").call((), move |()| cancels.cancel());
/// let second = task("second").call(&first, |()| unreachable!("no further task starts"));
/// let error = Executor::shared().with_cancel(&token).compute(second).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Cancelled);
/// ```
#[derive(Clone, Default)]
pub struct CancelToken(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    stopped: Option<Reason>,
    watching: Vec<Weak<dyn Stop>>,
}

impl CancelToken {
    /// A token that nobody has cancelled.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Cancels every compute that has the token, now and later.
    pub fn cancel(&self) {
        self.stop(Reason::Cancelled);
    }

    /// Whether it was cancelled.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.reason().is_some()
    }

    pub(crate) fn reason(&self) -> Option<Reason> {
        self.lock().stopped
    }

    pub(crate) fn stop(&self, reason: Reason) {
        let mut state = self.lock();
        if state.stopped.is_some() {
            return;
        }
        state.stopped = Some(reason);
        let watching = std::mem::take(&mut state.watching);
        drop(state);
        for run in watching.iter().filter_map(Weak::upgrade) {
            run.stop(reason);
        }
    }

    /// Has the token stop this run: at once, when it was cancelled before.
    pub(crate) fn watch(&self, run: &Weak<dyn Stop>) {
        let mut state = self.lock();
        if let Some(reason) = state.stopped {
            drop(state);
            if let Some(run) = run.upgrade() {
                run.stop(reason);
            }
            return;
        }
        // Forgets those that are over each time as many have come as there were: O(1) a run.
        if state.watching.len() == state.watching.capacity() {
            state.watching.retain(|run| run.strong_count() > 0);
            let live = state.watching.len();
            state.watching.reserve(live.max(4));
        }
        state.watching.push(Weak::clone(run));
    }

    /// Whether anybody else has it, who could cancel it.
    pub(crate) fn is_shared(&self) -> bool {
        Arc::strong_count(&self.0) > 1
    }

    pub(crate) fn same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock()
    }
}

impl fmt::Debug for CancelToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("CancelToken").field("cancelled", &self.is_cancelled()).finish()
    }
}
