//! Leaves beside the pool: some of them at once, a few ahead of those who take what they bring.
//!
//! Calls and futures hold no core, so nothing else would keep a run from starting a million of them before
//! it has taken what the first have brought. Here no more are under way than their lanes take, and none
//! begins while what earlier ones brought waits for a worker.
//!
//! None is forgotten: who ends a leaf counts it out and looks whether another may begin, and a worker that
//! takes what one has brought looks afterwards. Both look under one lock, so the later of the two sees what
//! the other did.

use std::sync::{Arc, Mutex, PoisonError};

use super::Run;
use crate::plan::TaskId;
use crate::run::state::Ready;
use crate::threads;

pub(super) struct Window {
    /// Whether there were any leaves: most runs have none, and need not look.
    used: bool,
    leaves: Mutex<Leaves>,
}

struct Leaves {
    /// In plan order.
    waiting: std::vec::IntoIter<Ready>,
    under_way: usize,
}

impl Window {
    pub(super) fn new(leaves: Vec<Ready>) -> Self {
        let used = !leaves.is_empty();
        Self { used, leaves: Mutex::new(Leaves { waiting: leaves.into_iter(), under_way: 0 }) }
    }
}

impl Run {
    /// Starts the leaves that may begin now.
    pub(super) fn start_off_pool_leaves(self: &Arc<Self>) {
        if self.window.used {
            self.start_leaves_after(0);
        }
    }

    /// Whether this is such a leaf.
    pub(super) fn is_off_pool_leaf(&self, task: TaskId) -> bool {
        let plan = self.state.plan();
        self.window.used
            && !plan.is_cpu(task)
            && plan.awaited(task).is_none()
            && plan.shape().task_edges(task).next().is_none()
    }

    /// So many have ended: others may begin.
    pub(super) fn start_leaves_after(self: &Arc<Self>, mut ended: usize) {
        while let Some(ready) = self.next_off_pool_leaf(std::mem::take(&mut ended)) {
            self.offer(ready, |run, ready| run.start_off_pool(ready));
        }
    }

    fn next_off_pool_leaf(&self, ended: usize) -> Option<Ready> {
        let mut leaves = self.window.leaves.lock().unwrap_or_else(PoisonError::into_inner);
        leaves.under_way -= ended;
        let behind = self.queues.injected() >= self.workers.limit();
        if behind || self.is_over() || leaves.under_way >= threads::most_at_once() {
            return None;
        }
        let next = leaves.waiting.next()?;
        leaves.under_way += 1;
        Some(next)
    }
}
