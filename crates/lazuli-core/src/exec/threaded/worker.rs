//! Workers: jobs on the pool that run a run's tasks.
//!
//! A worker runs tasks as long as it finds any and then ends, so that an idle run holds no thread of the
//! pool; whoever makes more tasks ready than it can run itself sends for another worker. A worker looks,
//! in this order, at: the task that its last one made ready; its own queue of ready tasks (last in,
//! first out); tasks made ready beside the pool; leaves it has claimed; the other workers' ready tasks
//! (first in, first out); new leaves, of which it claims some at a time; leaves that others have
//! claimed. So what is started is finished before something new is loaded.
//!
//! Computes that share a pool take turns: a worker that has worked for a while lets others have its
//! thread, if any wait.

use std::sync::Arc;
use std::time::{Duration, Instant};

use smallvec::SmallVec;

use super::Run;
use super::queues::Queue;
use crate::run::state::Ready;
use crate::run::step::Ended;
use crate::threads::pool::{self, Turn};

/// How often a worker that finds nothing looks again before it ends.
const IDLE_ROUNDS: u32 = 64;
/// How long a worker keeps its thread while other computes wait for one.
const TURN: Duration = Duration::from_millis(2);
/// The thread's time that a worker has had.
struct TurnClock {
    began: Instant,
    /// On top of something that is to go on soon, or in the stead of a thread that is.
    nested: bool,
}

impl TurnClock {
    /// Whether it is time to let others have the thread.
    fn is_up(&self, run: &Run) -> bool {
        (self.nested || run.pool.anyone_waits()) && self.began.elapsed() >= TURN
    }
}

impl Turn for Run {
    fn take_turn(self: Arc<Self>) {
        if !self.gate.enter() {
            return;
        }
        self.guarded(|| self.work());
        self.workers.one_less();
        if !self.is_over() && self.has_work() {
            self.send_for_worker();
        }
        self.leave();
    }
}

impl Run {
    /// Sends for one more worker, unless there are as many as there may be.
    pub(super) fn send_for_worker(self: &Arc<Self>) {
        if self.workers.one_more() {
            // Its turn may come long after the run is over, and must not keep its values alive.
            let run = Arc::downgrade(self);
            self.pool.queue_for_turn(run);
        }
    }

    /// Work was added where workers can take it: they may be too few.
    pub(super) fn tell_workers(self: &Arc<Self>) {
        if self.workers.are_too_few() {
            self.send_for_worker();
        }
    }

    /// The caller is a thread of the pool: it works until the run is over, and lends its thread to
    /// other jobs of the pool while it finds nothing to do.
    pub(super) fn work_as_caller(self: &Arc<Self>) {
        while !self.is_over() {
            self.guarded(|| self.work());
            if !self.is_over() && !self.has_work() {
                self.closed.lend_thread();
            }
        }
    }

    /// Runs tasks until none is found, or others want the thread.
    fn work(self: &Arc<Self>) {
        let Some(queue) = self.queues.borrow() else { return };
        let clock = TurnClock { began: Instant::now(), nested: pool::engaged() > 1 };
        self.current.scope(|| {
            let mut idle = 0;
            while !self.gate.over().is_set() {
                if let Some(ready) = self.find(&queue) {
                    idle = 0;
                    self.run_chain(ready, &queue, &clock);
                    if clock.is_up(self) {
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
        self.queues.give_back(queue);
    }

    fn find(self: &Arc<Self>, own: &Queue) -> Option<Ready> {
        own.ready
            .pop()
            .or_else(|| {
                let injected = self.queues.steal_injected()?;
                self.start_off_pool_leaves();
                Some(injected)
            })
            .or_else(|| self.state.next_claimed(own.worker))
            .or_else(|| self.queues.steal_ready())
            .or_else(|| {
                let claimed = self.state.claim_leaf(own.worker);
                if claimed.is_some() {
                    // Others may steal what was claimed beyond the first.
                    self.tell_workers();
                }
                claimed
            })
            .or_else(|| self.state.steal_leaf(own.worker))
    }

    fn has_work(&self) -> bool {
        self.state.has_leaves() || !self.queues.are_empty()
    }

    /// Runs a task, then one that it made ready, and so on; other tasks made ready go to the queue.
    fn run_chain(self: &Arc<Self>, first: Ready, own: &Queue, clock: &TurnClock) {
        let mut next = Some(first);
        let mut steps = 0_u32;
        while let Some(ready) = next.take() {
            if self.is_over() {
                return;
            }
            steps += 1;
            if steps.is_multiple_of(64) && clock.is_up(self) {
                own.ready.push(ready);
                return;
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
                    own.ready.push(ready);
                }
                self.tell_workers();
            }
        }
    }

    /// Runs the task if there is room for it; what there is room for now goes to the injector.
    pub(super) fn offer(self: &Arc<Self>, ready: Ready, run: impl FnOnce(&Arc<Self>, Ready)) {
        let Some(admission) = self.state.admission() else { return run(self, ready) };
        let admitted = admission.admit(ready);
        // Others that fit as well need not wait for this one's end.
        self.start_released();
        if let Some(ready) = admitted {
            run(self, ready);
        }
    }

    /// Starts the tasks that there is room for now.
    fn start_released(self: &Arc<Self>) {
        if let Some(admission) = self.state.admission() {
            for ready in admission.take_released() {
                self.start(ready, |ready| self.inject(ready));
            }
        }
    }

    pub(super) fn inject(self: &Arc<Self>, ready: Ready) {
        self.queues.inject(ready);
        self.tell_workers();
    }

    /// Runs one task; hands on those CPU tasks that it made ready, and starts the others.
    pub(super) fn run_one(self: &Arc<Self>, ready: Ready, on_cpu_ready: impl FnMut(Ready)) {
        self.ended(self.runner().run(ready), on_cpu_ready);
    }

    /// A task has ended: what it made ready goes on.
    pub(super) fn ended(self: &Arc<Self>, ended: Ended, mut on_cpu_ready: impl FnMut(Ready)) {
        match ended {
            Ended::Done(started, value) => {
                let is_off_pool_leaf = self.is_off_pool_leaf(started.task());
                self.state.finish(started, value, |ready| self.start(ready, &mut on_cpu_ready));
                self.start_released();
                if is_off_pool_leaf {
                    self.start_leaves_after(1);
                }
            }
            Ended::Again(ready, delay) => self.start_later(ready, delay),
            Ended::Failed(failed) => self.end(|outcome| outcome.failures.push(failed)),
        }
    }

    /// Hands a CPU task on, starts one beside the pool, or ends the run with the answer.
    fn start(self: &Arc<Self>, ready: Ready, on_cpu_ready: impl FnOnce(Ready)) {
        let task = ready.task();
        if task == self.state.plan().shape().answer() {
            self.end(|outcome| outcome.answer = Some(ready));
        } else if self.state.plan().is_cpu(task) {
            on_cpu_ready(ready);
        } else {
            self.offer(ready, |run, ready| run.start_off_pool(ready));
        }
    }
}
