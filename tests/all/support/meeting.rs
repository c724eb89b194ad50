//! Tasks that wait for each other, to have something happen for certain and without a clock.

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// Lets a number of tasks meet, so that all of them run at once.
pub(crate) struct Meeting {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    missing: usize,
    /// Somebody waited in vain: nobody else has to.
    off: bool,
}

impl Meeting {
    pub(crate) fn of(tasks: usize) -> Arc<Self> {
        let state = Mutex::new(State { missing: tasks, off: false });
        Arc::new(Self { state, changed: Condvar::new() })
    }

    /// Waits for all others. Whether they came.
    pub(crate) fn meet(&self) -> bool {
        let mut state = self.state.lock().expect("meeting does not panic");
        state.missing -= 1;
        self.changed.notify_all();
        let patience = Duration::from_secs(30);
        let is_open = |state: &mut State| state.missing > 0 && !state.off;
        let waited = self.changed.wait_timeout_while(state, patience, is_open);
        let (mut state, timeout) = waited.expect("meeting does not panic");
        state.off |= timeout.timed_out();
        self.changed.notify_all();
        !state.off
    }
}
