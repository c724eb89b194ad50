//! Leaves beside the pool: some of them at once, a few ahead of those who take what they bring.
//!
//! Calls and futures hold no core, so nothing else would keep a run from starting a million of them before
//! it has taken what the first have brought. Here no more are under way than their lanes take, and none
//! begins while what earlier ones brought waits for a worker.
//!
//! None is forgotten: who ends a leaf counts it out and looks whether another may begin, and a worker that
//! takes what one has brought looks afterwards. Both look under one lock, so the later of the two sees what
//! the other did.

use std::sync::OnceLock;

use super::Run;
use crate::base::sync::Mutex;
use crate::plan::TaskId;
use crate::run::state::Ready;
use crate::threads::off_pool;

/// Unset where there are no such leaves: most runs have none, and need not look.
#[derive(Default)]
pub(super) struct Window(OnceLock<Mutex<Leaves>>);

struct Leaves {
    /// In plan order.
    waiting: std::vec::IntoIter<Ready>,
    under_way: usize,
}

impl Window {
    pub(super) fn fill(&self, leaves: Vec<Ready>) {
        if !leaves.is_empty() {
            // Filled once.
            let _ = self.0.set(Mutex::new(Leaves { waiting: leaves.into_iter(), under_way: 0 }));
        }
    }
}

impl Run {
    /// Starts the leaves that may begin now.
    pub(super) fn start_leaves_off_pool(&self) {
        self.start_leaves_after(0);
    }

    /// Whether this is such a leaf.
    pub(super) fn is_leaf_off_pool(&self, task: TaskId) -> bool {
        let plan = self.runner.state.plan();
        self.window.0.get().is_some()
            && !plan.is_cpu(task)
            && plan.awaited(task).is_none()
            && plan.shape().task_edges(task).next().is_none()
    }

    /// So many have ended: others may begin.
    pub(super) fn start_leaves_after(&self, mut ended: usize) {
        if let Some(leaves) = self.window.0.get() {
            while let Some(ready) = self.next_leaf_off_pool(leaves, std::mem::take(&mut ended)) {
                self.offer(ready, |run, ready| run.start_off_pool(ready));
            }
        }
    }

    fn next_leaf_off_pool(&self, leaves: &Mutex<Leaves>, ended: usize) -> Option<Ready> {
        let mut leaves = leaves.lock();
        leaves.under_way -= ended;
        let behind = self.queues.injected() >= self.workers.limit();
        if behind || self.is_over() || leaves.under_way >= off_pool::most_at_once() {
            return None;
        }
        let next = leaves.waiting.next()?;
        leaves.under_way += 1;
        Some(next)
    }
}
