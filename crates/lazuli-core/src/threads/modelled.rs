//! The threads of a pool in a model: what rayon does for one, as far as the protocol of waiting sees it.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::base::sync::{Condvar, Mutex, start_thread};

type Job = Box<dyn FnOnce() + Send>;

/// They end when this is dropped and nothing is left to do.
pub(super) struct Threads {
    count: usize,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    jobs: Mutex<Jobs>,
    changed: Condvar,
}

#[derive(Default)]
struct Jobs {
    queue: VecDeque<Job>,
    closed: bool,
}

impl Threads {
    pub(super) fn start(count: usize, on_start: impl Fn() + Clone + Send + 'static) -> Self {
        let shared = Arc::<Shared>::default();
        for _ in 0..count {
            let (shared, on_start) = (Arc::clone(&shared), on_start.clone());
            start_thread("pool", move || {
                on_start();
                shared.work();
            })
            .expect("a model grants threads");
        }
        Self { count, shared }
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    pub(super) fn spawn(&self, job: Job) {
        self.shared.jobs.lock().queue.push_back(job);
        self.shared.changed.notify_one();
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.shared.jobs.lock().closed = true;
        self.shared.changed.notify_all();
    }
}

impl Shared {
    fn work(&self) {
        let mut jobs = self.jobs.lock();
        loop {
            if let Some(job) = jobs.queue.pop_front() {
                drop(jobs);
                job();
                jobs = self.jobs.lock();
            } else if jobs.closed {
                return;
            } else {
                jobs = self.changed.wait(jobs);
            }
        }
    }
}
