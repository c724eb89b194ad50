//! The ready tasks of a run, where workers find and steal them.

use crossbeam_deque::{Injector, Steal, Stealer, Worker as Deque};

use crate::base::sync::Mutex;
use crate::run::state::Ready;

pub(super) struct Queues {
    /// Those that no worker has at the moment.
    free: Mutex<Vec<Queue>>,
    stealers: Vec<Stealer<Ready>>,
    /// Tasks made ready beside the pool, those that run again, and those of workers beyond the usual number.
    injector: Injector<Ready>,
}

/// The ready tasks that one worker's tasks have made, last in first out for it. Others steal the first.
pub(super) struct Queue {
    /// Which worker's leaves these are.
    pub(super) worker: usize,
    ready: Deque<Ready>,
}

impl Queue {
    pub(super) fn pop(&self) -> Option<Ready> {
        self.ready.pop()
    }
}

impl Queues {
    pub(super) fn new(workers: usize) -> Self {
        let queue = |worker| Queue { worker, ready: Deque::new_lifo() };
        let queues: Vec<_> = (0..workers).map(queue).collect();
        Self {
            stealers: queues.iter().map(|queue| queue.ready.stealer()).collect(),
            free: Mutex::new(queues),
            injector: Injector::new(),
        }
    }

    /// A queue for a worker. None when there are more workers than queues, since some of them wait inside a
    /// task: one without a queue shares what it makes ready with all.
    pub(super) fn borrow(&self) -> Option<Queue> {
        self.free.lock().pop()
    }

    pub(super) fn give_back(&self, queue: Queue) {
        self.free.lock().push(queue);
    }

    /// Keeps a task for the worker with this queue first, and for the others.
    pub(super) fn keep(&self, own: Option<&Queue>, ready: Ready) {
        match own {
            Some(queue) => queue.ready.push(ready),
            None => self.inject(ready),
        }
    }

    pub(super) fn inject(&self, ready: Ready) {
        self.injector.push(ready);
    }

    /// How many of the injected nobody has taken.
    pub(super) fn injected(&self) -> usize {
        self.injector.len()
    }

    pub(super) fn steal_injected(&self) -> Option<Ready> {
        steal(&self.injector, Injector::is_empty, Injector::steal)
    }

    pub(super) fn steal_ready(&self) -> Option<Ready> {
        self.stealers.iter().find_map(|stealer| steal(stealer, Stealer::is_empty, Stealer::steal))
    }

    pub(super) fn are_empty(&self) -> bool {
        self.injector.is_empty() && self.stealers.iter().all(Stealer::is_empty)
    }
}

/// Steals a task where there is one; looks once more where it met another thief.
fn steal<Q>(queue: &Q, is_empty: fn(&Q) -> bool, attempt: fn(&Q) -> Steal<Ready>) -> Option<Ready> {
    while !is_empty(queue) {
        match attempt(queue) {
            Steal::Success(ready) => return Some(ready),
            Steal::Empty => return None,
            Steal::Retry => {}
        }
    }
    None
}
