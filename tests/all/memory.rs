//! Memory limits: plans that cannot fit are refused, and those that can never hold more.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use lazuli::array::ChunkedArray;
use lazuli::core::{ErrorKind, Lane, Retry, sum};
use lazuli::prelude::*;

use crate::support::{Named, executors, must_end, threaded};

/// Bytes that tasks hold, as they say.
#[derive(Clone, Default)]
struct Held(Arc<[AtomicU64; 2]>);

struct Bytes(u64, Held);

impl Held {
    fn hold(&self, bytes: u64) -> Bytes {
        let now = self.0[0].fetch_add(bytes, SeqCst) + bytes;
        self.0[1].fetch_max(now, SeqCst);
        Bytes(bytes, self.clone())
    }

    fn most(&self) -> u64 {
        self.0[1].load(SeqCst)
    }
}

impl Drop for Bytes {
    fn drop(&mut self) {
        self.1.0[0].fetch_sub(self.0, SeqCst);
    }
}

/// Loads so many bytes, needs more while it does, and holds some of them.
fn load(held: &Held, holds: u64, needs: u64, lane: Lane, fails: bool) -> Delayed<Arc<Bytes>> {
    let held = held.clone();
    let failed = AtomicU64::new(0);
    let load =
        task("load").output_bytes(holds).working_bytes(needs).lane(lane).retry(Retry::times(1));
    load.try_call((), move |()| {
        let _needs = held.hold(needs);
        if fails && failed.fetch_add(1, SeqCst) == 0 {
            return Err(std::io::Error::other("once"));
        }
        std::thread::yield_now();
        Ok(Arc::new(held.hold(holds)))
    })
}

/// Loads that meet two by two.
fn tree(held: &Held, sizes: &[(u64, u64)]) -> Delayed<usize> {
    let mut level: Vec<_> = sizes
        .iter()
        .enumerate()
        .map(|(index, &(holds, needs))| {
            let lane = if index % 3 == 0 { Lane::Blocking } else { Lane::Cpu };
            load(held, holds, needs, lane, index % 5 == 0).map_named("one", |_| 1)
        })
        .collect();
    while level.len() > 1 {
        level = level.chunks(2).map(|pair| sum(pair.iter().cloned())).collect();
    }
    level.remove(0)
}

#[test]
fn a_plan_that_cannot_fit_is_refused_with_figures() {
    for Named { name, executor } in executors() {
        let never = |part: &'static str| {
            task("load")
                .part(part)
                .output_bytes(1000)
                .working_bytes(48)
                .call((), |()| -> u64 { unreachable!("the plan was refused") })
        };
        let sum = never("a") + never("b");
        let error = executor.clone().with_memory_limit(2047).compute(&sum).expect_err("too much");
        assert_eq!(error.kind(), ErrorKind::Memory, "on {name}");
        let text = error.to_string();
        assert!(
            text.starts_with(
                "the compute does not fit into memory: the plan holds 2048 bytes (2.0 KiB) at once when its \
                 tasks run one after another, 1048 bytes (1.0 KiB) of them for task `load` on b (defined at "
            ) && text.ends_with("the memory limit is 2047 bytes (2.0 KiB)"),
            "{text}"
        );
    }
}

/// With just as much as the tasks take one after another, a run neither holds more nor stands still.
#[test]
fn no_more_is_held_than_the_limit() {
    must_end(|| {
        for Named { name, executor } in threaded() {
            for round in 0..40_u64 {
                let sizes: Vec<(u64, u64)> = (0..24)
                    .map(|index| ((index * 7 + round) % 11, (index * 5 + round) % 13))
                    .collect();
                let held = Held::default();
                let graph = tree(&held, &sizes);
                let peak = executor.explain(&graph).expect("no requests").peak_bytes;
                let limited = executor.clone().with_memory_limit(peak);
                assert_eq!(limited.compute(&graph).expect("it fits"), 24, "on {name}");
                assert!(held.most() <= peak, "{} bytes of {peak} on {name}", held.most());
            }
        }
    });
}

/// Blocks that are copied count, views of memory do not.
#[test]
fn arrays_say_what_their_blocks_hold() {
    let x = ChunkedArray::from_fn([4, 1000], [1, 1000], |[i, j]| (i * j) as f64);
    for Named { name, executor } in executors() {
        let error = executor.clone().with_memory_limit(7999).compute(x.sum()).expect_err("no room");
        assert_eq!(error.kind(), ErrorKind::Memory, "on {name}");
        let all = executor.clone().with_memory_limit(8000).compute(x.sum()).expect("room for one");
        assert_eq!(all, 6.0 * 499_500.0, "on {name}");
        let there = ChunkedArray::from_array(ndarray::Array1::<f64>::ones(1000), [10]);
        assert_eq!(
            executor.clone().with_memory_limit(1).compute(there.sum()).expect("views"),
            1000.0
        );
    }
}
