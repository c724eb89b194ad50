//! Computes within tasks, and rayon within tasks: to any depth, on any number of threads, without
//! deadlock.

use std::thread;

use lazuli::core::{Lane, sum};
use lazuli::prelude::*;
use rayon::prelude::*;

use crate::support::{Named, executors, in_its_own_process, must_end, threaded};

/// What lies below a task that computes.
#[derive(Clone, Copy)]
struct Nest {
    depth: u32,
    width: u64,
    /// Whether every other task waits beside the pool.
    blocking: bool,
    /// Whether tasks hand their computes to rayon's `join`.
    joins: bool,
}

impl Nest {
    /// The leaves below one task: each counts one.
    fn leaves(self) -> u64 {
        self.width.pow(self.depth)
    }

    fn lane(self, index: u64) -> Lane {
        if self.blocking && (index + u64::from(self.depth)).is_multiple_of(2) {
            Lane::Blocking
        } else {
            Lane::Cpu
        }
    }

    /// A compute of `width` tasks, each of which does the same one level below.
    fn count(self) -> lazuli::Result<u64> {
        let Some(depth) = self.depth.checked_sub(1) else { return Ok(1) };
        let below = Self { depth, ..self };
        let tasks = |range: std::ops::Range<u64>| {
            sum(range.map(|index| {
                task("nest").lane(self.lane(index)).try_call((), move |()| below.count())
            }))
        };
        if !self.joins {
            return compute(tasks(0..self.width));
        }
        let half = self.width / 2;
        let (left, right) =
            rayon::join(|| compute(tasks(0..half)), || compute(tasks(half..self.width)));
        Ok(left? + right?)
    }

    /// Counts its leaves many times on every executor.
    fn check(self, tries: usize) {
        must_end(move || {
            for Named { name, executor } in executors() {
                for _ in 0..tries {
                    let top = task("top").try_call((), move |()| self.count());
                    assert_eq!(
                        executor.compute(top).expect("nothing fails"),
                        self.leaves(),
                        "{name}"
                    );
                }
            }
        });
    }
}

#[test]
fn wide() {
    Nest { depth: 3, width: 4, blocking: false, joins: false }.check(300);
}

#[test]
fn deep() {
    Nest { depth: 40, width: 1, blocking: false, joins: false }.check(300);
    Nest { depth: 8, width: 2, blocking: false, joins: false }.check(30);
}

#[test]
fn with_waiting_tasks() {
    in_its_own_process("executors::nested::with_waiting_tasks", || {
        Nest { depth: 3, width: 3, blocking: true, joins: false }.check(300);
        Nest { depth: 5, width: 3, blocking: true, joins: false }.check(10);
    });
}

#[test]
fn with_waiting_tasks_from_many_threads() {
    in_its_own_process("executors::nested::with_waiting_tasks_from_many_threads", || {
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    Nest { depth: 3, width: 3, blocking: true, joins: false }.check(100);
                });
            }
        });
    });
}

#[test]
fn with_rayon_s_join() {
    Nest { depth: 3, width: 4, blocking: false, joins: true }.check(300);
}

/// A waiting task is no thread of the executor's pool: its `join` runs on rayon's global one.
#[test]
fn with_both() {
    in_its_own_process("executors::nested::with_both", || {
        Nest { depth: 3, width: 3, blocking: true, joins: true }.check(100);
    });
}

/// Deep computes on one thread, the deepest with a waiting task that computes on the pool again.
#[test]
fn deep_with_a_waiting_task_that_computes() {
    in_its_own_process("executors::nested::deep_with_a_waiting_task_that_computes", || {
        for threads in [1, 2] {
            let executor = Executor::threaded(threads).expect("the system grants threads");
            let below = task("wait")
                .lane(Lane::Blocking)
                .try_call((), |()| compute(task("compute").call((), |()| 1)));
            let mut top = below;
            for _ in 0..20 {
                top = task("nest").try_call((), move |()| compute(&top));
            }
            assert_eq!(executor.compute(top).expect("nothing fails"), 1);
        }
    });
}

#[test]
fn tasks_may_use_rayon() {
    must_end(|| {
        for Named { name, executor } in threaded() {
            for _ in 0..300 {
                let tasks = (0..8_u64).map(|index| {
                    task("par_iter").call((), move |()| {
                        (0..100_u64).into_par_iter().map(|value| value * index).sum::<u64>()
                    })
                });
                let total = executor.compute(sum(tasks)).expect("nothing fails");
                assert_eq!(total, 4950 * 28, "on {name}");
            }
        }
    });
}

/// What a task computes runs where the task does.
#[test]
fn a_task_computes_on_its_own_executor() {
    for Named { name, executor } in executors() {
        for lane in [Lane::Cpu, Lane::Blocking] {
            let threads = task("outer").lane(lane).try_call((), |()| {
                compute(task("inner").try_call((), |()| Executor::current().threads()))
            });
            let expected = executor.threads().expect("a known number");
            assert_eq!(executor.compute(threads).expect("nothing fails"), expected, "on {name}");
        }
    }
    let here = Executor::sync().compute(task("outer").try_call((), |()| {
        compute(task("inner").lane(Lane::Blocking).call((), |()| thread::current().id()))
    }));
    assert_eq!(here.expect("nothing fails"), thread::current().id());
}

/// A task may also choose another executor.
#[test]
fn executors_within_executors() {
    must_end(|| {
        for outer in executors() {
            for inner in executors() {
                for _ in 0..50 {
                    let nested = task("outer").try_call((), |()| {
                        let values = (0..10_u64).map(|value| Delayed::value(value) * 2);
                        inner.executor.compute(sum(values))
                    });
                    let total = outer.executor.compute(nested).expect("nothing fails");
                    assert_eq!(total, 90, "{} in {}", inner.name, outer.name);
                }
            }
        }
    });
}

/// A thread that waits for another executor still serves its own.
#[test]
fn two_executors_within_each_other() {
    in_its_own_process("executors::nested::two_executors_within_each_other", || {
        let [one, other] =
            [1, 1].map(|threads| Executor::threaded(threads).expect("the system grants threads"));
        let back = one.clone();
        let nested = task("on one").try_call((), move |()| {
            let back = back.clone();
            other.compute(
                task("on the other")
                    .try_call((), move |()| back.compute(task("on one again").call((), |()| 1))),
            )
        });
        assert_eq!(one.compute(nested).expect("nothing fails"), 1);
    });
}

/// A polars query inside a task, which runs on polars' pool: 10,000 tries each, on one, two and four
/// threads and on the pool that both share. `LAZULI_NESTED_TRIES` sets another number.
#[test]
fn tasks_may_run_polars_queries() {
    use lazuli::frame::polars::prelude::{IntoLazy as _, df};

    let tries = std::env::var("LAZULI_NESTED_TRIES").ok();
    let tries = tries.map_or(10_000, |tries| tries.parse().expect("a number of tries"));
    must_end(move || {
        let table = df!("key" => [1, 2, 1, 2], "value" => [1_i64, 2, 3, 4]).expect("a sound table");
        let query = move |()| {
            let sums = table.clone().lazy().group_by([col("key")]).agg([col("value").sum()]);
            let sums = sums.collect().expect("a sound query");
            sums.column("value")
                .expect("it was asked for")
                .i64()
                .expect("whole numbers")
                .iter()
                .flatten()
                .sum::<i64>()
        };
        let tasks: Vec<_> = (0..2).map(|_| task("query").call((), query.clone())).collect();
        let shared = [Named { name: "shared", executor: Executor::shared() }];
        for Named { name, executor } in threaded().iter().chain(&shared) {
            for _ in 0..tries {
                let sums = executor.compute(&tasks).expect("nothing fails");
                assert_eq!(sums, [10, 10], "on {name}");
            }
        }
    });
}

/// What rayon splits off a task runs on the task's own pool, and so do its computes.
#[test]
fn what_a_task_splits_off_computes_where_the_task_does() {
    let executor = Executor::threaded(3).expect("the system grants threads");
    let threads = task("split").call((), |()| {
        let pieces = (0..100).into_par_iter().with_max_len(1);
        pieces.map(|_| Executor::current().threads().expect("known")).collect::<Vec<_>>()
    });
    assert_eq!(executor.compute(threads).expect("nothing fails"), [3; 100]);
}
