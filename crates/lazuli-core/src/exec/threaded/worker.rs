//! Workers: what a thread does for a run while it has one.
//!
//! A worker runs tasks as long as it finds any and its slice of time lasts; whoever makes more tasks ready
//! than it can run itself sends for another worker. A worker looks, in this order, at: the task that its
//! last one made ready; its own queue of ready tasks (last in, first out); tasks made ready beside the pool;
//! leaves it has claimed; the other workers' ready tasks (first in, first out); new leaves, of which it
//! claims some at a time; leaves that others have claimed. So what is started is finished before something
//! new is loaded.
//!
//! No task is lost: who adds one looks at the number of workers afterwards, and rings those who wait for the
//! run; a worker that ends lowers the number first and then looks for tasks once more. Both are sequentially
//! consistent, so one of the two sees the other.

use std::sync::Arc;

use smallvec::SmallVec;

use super::Run;
use super::queues::Queue;
use crate::run::state::Ready;
use crate::run::step::{Ended, Failed};
use crate::threads::Slice;

/// How often a worker that finds nothing looks again before it ends.
const IDLE_ROUNDS: u32 = 64;

impl Run {
    /// Works for one slice, for which this run has queued.
    pub(in crate::exec) fn take_turn(&self, slice: &Slice) {
        self.guarded(|| self.work(slice));
        self.workers.one_less();
        if !self.is_over() && self.has_work() {
            self.send_for_worker();
        }
    }

    /// Works on a thread that waits for this run; false where there is nothing to do.
    pub(in crate::exec) fn help(&self, slice: &Slice) -> bool {
        !self.is_over() && self.has_work() && {
            self.guarded(|| self.work(slice));
            true
        }
    }

    pub(in crate::exec) fn has_work(&self) -> bool {
        !self.is_over() && (self.runner.state.has_leaves() || !self.queues.are_empty())
    }

    /// Sends for one more worker, unless there are as many as there may be.
    pub(super) fn send_for_worker(&self) {
        if self.workers.one_more(self.absent()) {
            self.pool.queue(Arc::clone(self.control()) as _);
            // Threads that wait for this run, or for one whose task waits for it, may come to help.
            self.control().with_parents().for_each(|control| control.latch.ring());
        }
    }

    /// Threads of the pool that wait inside a task: others may work in their stead.
    fn absent(&self) -> usize {
        self.pool.scheduler().absent()
    }

    /// Work was added where workers can take it: they may be too few.
    pub(in crate::exec) fn tell_workers(&self) {
        if self.workers.are_too_few(self.absent()) {
            self.send_for_worker();
        }
        self.control().latch.ring();
    }

    /// Runs tasks until none is found, or others are to have the thread.
    fn work(&self, slice: &Slice) {
        let queue = self.queues.borrow();
        self.scope.enter(|| {
            let mut idle = 0;
            while !self.is_over() {
                if let Some(ready) = self.find(queue.as_ref()) {
                    idle = 0;
                    if !self.run_chain(ready, queue.as_ref(), slice) {
                        break;
                    }
                } else if idle < IDLE_ROUNDS {
                    idle += 1;
                    std::hint::spin_loop();
                } else {
                    break;
                }
            }
        });
        if let Some(queue) = queue {
            self.queues.give_back(queue);
        }
    }

    fn find(&self, own: Option<&Queue>) -> Option<Ready> {
        let state = &self.runner.state;
        let worker = own.map(|own| own.worker);
        own.and_then(Queue::pop)
            .or_else(|| self.find_injected())
            .or_else(|| state.next_claimed(worker?))
            .or_else(|| self.queues.steal_ready())
            .or_else(|| {
                let claimed = state.claim_leaf(worker);
                if claimed.is_some() {
                    // Others may steal what was claimed beyond the first.
                    self.tell_workers();
                }
                claimed
            })
            .or_else(|| state.steal_leaf(worker))
    }

    fn find_injected(&self) -> Option<Ready> {
        while let Some(injected) = self.queues.steal_injected() {
            self.start_leaves_off_pool();
            // What another run has brought is handed on here; what runs again goes where it belongs.
            let plan = self.runner.state.plan();
            if plan.is_cpu(injected.task()) || plan.awaited(injected.task()).is_some() {
                return Some(injected);
            }
            self.start_off_pool(injected);
        }
        None
    }

    /// Runs a task, then one that it made ready, and so on; other tasks made ready go to the queue. False
    /// when the slice is up.
    fn run_chain(&self, first: Ready, own: Option<&Queue>, slice: &Slice) -> bool {
        let mut next = Some(first);
        while let Some(ready) = next.take() {
            if self.is_over() {
                return false;
            }
            let mut rest = SmallVec::<[Ready; 4]>::new();
            self.offer(ready, |run, ready| {
                run.run_one(ready, |ready| {
                    if next.is_none() {
                        next = Some(ready);
                    } else {
                        rest.push(ready);
                    }
                });
            });
            if !rest.is_empty() {
                // Last in, first out: the first in plan order is pushed last.
                while let Some(ready) = rest.pop() {
                    self.queues.keep(own, ready);
                }
                self.tell_workers();
            }
            if slice.is_up() {
                if let Some(ready) = next {
                    self.queues.keep(own, ready);
                }
                return false;
            }
        }
        true
    }

    /// Runs the task if there is room for it; what there is room for now goes to the injector.
    pub(super) fn offer(&self, ready: Ready, run: impl FnOnce(&Self, Ready)) {
        let Some(admission) = self.runner.state.admission() else { return run(self, ready) };
        let Some(ready) = admission.admit(ready) else { return self.make_room() };
        // Others that fit as well need not wait for this one's end.
        self.start_released();
        match self.runner.restore_inputs(ready.task()) {
            Ok(restored) => {
                if restored {
                    // What it has read back others may have waited for.
                    self.start_released();
                }
                run(self, ready);
            }
            Err(failed) => self.cannot_move(failed),
        }
    }

    /// Starts the tasks that there is room for now.
    fn start_released(&self) {
        if let Some(admission) = self.runner.state.admission() {
            for ready in admission.take_released() {
                self.start(ready, |ready| self.inject(ready));
            }
        }
    }

    /// Starts the tasks that there is room for, and writes results out as long as that makes room which is
    /// wanted. Called whenever a task has ended or must wait, so that none waits for what nobody does.
    pub(super) fn make_room(&self) {
        while self.runner.state.admission().is_some() {
            self.start_released();
            if self.is_over() {
                return;
            }
            match self.runner.spill_one() {
                Ok(true) => {}
                Ok(false) => return,
                Err(failed) => return self.cannot_move(failed),
            }
        }
    }

    /// A result could not be written or read. When the run is over, that may be why.
    fn cannot_move(&self, failed: Failed) {
        if !self.is_over() {
            self.end(|outcome| outcome.failures.push(failed));
        }
    }

    pub(super) fn inject(&self, ready: Ready) {
        self.queues.inject(ready);
        self.tell_workers();
    }

    /// Runs one task; hands on those CPU tasks that it made ready, and starts the others.
    pub(super) fn run_one(&self, ready: Ready, on_cpu_ready: impl FnMut(Ready)) {
        self.ended(self.runner.run(ready), on_cpu_ready);
    }

    /// A task has ended: what it made ready goes on.
    pub(super) fn ended(&self, ended: Ended, mut on_cpu_ready: impl FnMut(Ready)) {
        match ended {
            Ended::Done(started, value) => {
                let is_leaf_off_pool = self.is_leaf_off_pool(started.task());
                let on_ready = |ready| self.start(ready, &mut on_cpu_ready);
                self.runner.state.finish(started, value, on_ready);
                self.make_room();
                if is_leaf_off_pool {
                    self.start_leaves_after(1);
                }
            }
            Ended::Again(ready, delay) => self.start_later(ready, delay),
            Ended::Failed(failed) => self.end(|outcome| outcome.failures.push(failed)),
        }
    }

    /// Hands a CPU task on, starts one beside the pool, or ends the run with the answer.
    fn start(&self, ready: Ready, on_cpu_ready: impl FnOnce(Ready)) {
        let task = ready.task();
        let plan = self.runner.state.plan();
        if task == plan.shape().answer() {
            self.end(|outcome| outcome.answer = Some(ready));
        } else if plan.is_cpu(task) {
            on_cpu_ready(ready);
        } else {
            self.offer(ready, |run, ready| run.start_off_pool(ready));
        }
    }
}
