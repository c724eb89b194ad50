//! The tree written by hand with rayon: a `scope.spawn` for each task, values in a heap.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU8, Ordering};

/// A heap of sums; each node is spawned by the second of its children to be done.
pub(crate) fn by_hand(leaves: usize) -> i64 {
    struct Heap {
        values: Vec<AtomicI64>,
        done: Vec<AtomicU8>,
    }
    fn finish<'s>(heap: &'s Arc<Heap>, scope: &rayon::Scope<'s>, node: usize, value: i64) {
        heap.values[node].store(value, Ordering::Relaxed);
        if node > 1 && heap.done[node / 2].fetch_add(1, Ordering::AcqRel) == 1 {
            scope.spawn(move |scope| {
                let parent = node / 2;
                let [left, right] = [2 * parent, 2 * parent + 1]
                    .map(|child| heap.values[child].load(Ordering::Relaxed));
                finish(heap, scope, parent, left + right);
            });
        }
    }
    let heap = Arc::new(Heap {
        values: (0..2 * leaves).map(|_| AtomicI64::new(0)).collect(),
        done: (0..leaves).map(|_| AtomicU8::new(0)).collect(),
    });
    rayon::scope(|scope| {
        for leaf in 0..leaves {
            let heap = &heap;
            scope.spawn(move |scope| finish(heap, scope, leaves + leaf, leaf as i64 + 1));
        }
    });
    heap.values[1].load(Ordering::Relaxed)
}
