//! Giving up a place and taking it back: what a thread does around a wait.

use std::time::Duration;

use super::state::State;
use super::{Need, Scheduler, Seat};
use crate::base::sync::MutexGuard;

impl Scheduler {
    /// A thread that waits gives up its place.
    pub(crate) fn leave_place(&self, seat: Seat) -> Need {
        let mut state = self.state.lock();
        state.busy -= 1;
        *absent(&mut state, seat) += 1;
        self.settle(&mut state)
    }

    /// Takes the place back if one is free.
    pub(crate) fn try_return(&self, seat: Seat) -> bool {
        let mut state = self.state.lock();
        let returns = state.has_room();
        if returns {
            *absent(&mut state, seat) -= 1;
            state.busy += 1;
            self.note(&state);
        }
        returns
    }

    /// Takes the place back as soon as one is free; `meanwhile` is done now and then.
    pub(crate) fn return_to_place(&self, seat: Seat, nap: Duration, meanwhile: impl Fn()) {
        let mut state = self.free_place(nap, meanwhile);
        *absent(&mut state, seat) -= 1;
        state.busy += 1;
        self.note(&state);
    }

    /// A place for a thread of the pool that has none, since it came from outside: as soon as one is free.
    pub(crate) fn take_place(&self, nap: Duration, meanwhile: impl Fn()) {
        let mut state = self.free_place(nap, meanwhile);
        state.busy += 1;
        self.note(&state);
    }

    /// Waits for a free place, before workers and spare threads.
    fn free_place(&self, nap: Duration, meanwhile: impl Fn()) -> MutexGuard<'_, State> {
        let mut state = self.state.lock();
        state.returning += 1;
        while state.busy >= state.threads {
            self.note(&state);
            let (guard, timed_out) = self.place_free.wait_for(state, nap);
            state = guard;
            if timed_out {
                drop(state);
                meanwhile();
                state = self.state.lock();
            }
        }
        state.returning -= 1;
        state
    }

    /// The same if one is free.
    pub(crate) fn try_take_place(&self) -> bool {
        let mut state = self.state.lock();
        let takes = state.has_room();
        if takes {
            state.busy += 1;
            self.note(&state);
        }
        takes
    }

    /// Gives a place up for good.
    pub(crate) fn give_place(&self) -> Need {
        let mut state = self.state.lock();
        state.busy -= 1;
        self.settle(&mut state)
    }

    /// The thread that was needed cannot be had.
    pub(crate) fn give_up(&self, need: Need) {
        let mut state = self.state.lock();
        match need {
            Need::Nothing => {}
            Need::Worker => state.coming -= 1,
            Need::Spare => state.busy -= 1,
            Need::Look => state.looking = false,
        }
        self.note(&state);
    }

    /// Whether every thread of the pool's own is absent: nobody else looks after what rayon has to do.
    pub(crate) fn all_are_absent(&self) -> bool {
        let state = self.state.lock();
        state.absent >= state.threads
    }
}

fn absent(state: &mut State, seat: Seat) -> &mut usize {
    match seat {
        Seat::Own => &mut state.absent,
        Seat::Spare => &mut state.absent_spares,
    }
}
