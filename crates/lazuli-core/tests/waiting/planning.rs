//! What users' code may do while a plan is made, and plans that are made of equal parts.

use std::convert::Infallible;
use std::hash::{Hash, Hasher};

use lazuli_core::reduce::Joint;
use lazuli_core::{Delayed, Executor, Reduction, compute, start, task};

use crate::support::{pool_of, scenario};

struct Count;

impl Reduction<str> for Count {
    type State = usize;
    type Output = usize;
    fn identity(&self) -> usize {
        0
    }
    fn update(&self, state: &mut usize, _: &str) {
        *state += 1;
    }
    fn combine(&self, state: &mut usize, following: usize) {
        *state += following;
    }
    fn finish(&self, state: usize) -> usize {
        state
    }
}

/// A pass over files whose loads say that they are pure.
fn pass<const PARTS: usize>(files: [&'static str; PARTS]) -> Delayed<usize> {
    let mut joint = Joint::<str>::new();
    let count = joint.add(Count);
    let parts = files.map(|file| (task("load").part(file).pure(file), ()));
    let answers = joint.over(parts, |(), _, sink| {
        sink.push("line");
        Ok::<(), Infallible>(())
    });
    answers.get(&count)
}

/// The same file twice counts twice.
#[test]
fn a_pass_over_equal_pure_parts_sees_each_of_them() {
    scenario(|| {
        for executor in [Executor::sync(), pool_of(1), pool_of(2)] {
            let both = executor.compute(pass(["a.txt", "a.txt"]));
            assert_eq!(both.expect("nothing fails"), 2);
            let many = executor.compute(pass(["a.txt"; 20]));
            assert_eq!(many.expect("nothing fails"), 20);
        }
    });
}

#[test]
fn two_passes_over_the_same_pure_parts_may_be_asked_for_together() {
    scenario(|| {
        for executor in [Executor::sync(), pool_of(1), pool_of(2)] {
            let files = ["a.txt", "b.txt"];
            let both = executor.compute((pass(files), pass(files)));
            assert_eq!(both.expect("nothing fails"), (2, 2));
        }
    });
}

/// A key whose hash is computed, by a plan of its own.
#[derive(PartialEq, Eq)]
struct Computed(i64);

impl Hash for Computed {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        hasher.write_i64(compute(Delayed::value(self.0) + 1).expect("nothing fails"));
    }
}

fn keyed(key: i64) -> Delayed<i64> {
    task("keyed").pure(Computed(key)).call((), move |()| key)
}

#[test]
fn the_hash_of_a_pure_key_may_compute() {
    scenario(|| {
        for executor in [Executor::sync(), pool_of(1), pool_of(2), Executor::shared()] {
            let answers = executor.compute((keyed(1), keyed(2), keyed(1)));
            assert_eq!(answers.expect("nothing fails"), (1, 2, 1));
            assert_eq!(executor.compute(keyed(1)).expect("nothing fails"), 1);
            assert_eq!(executor.start(keyed(3)).wait().expect("nothing fails"), 3);
        }
        assert_eq!(start(keyed(4)).wait().expect("nothing fails"), 4);
    });
}

/// Whatever becomes of that one, the rest of the process computes.
#[test]
fn the_hash_of_a_pure_key_keeps_nobody_else_from_computing() {
    scenario(|| {
        std::thread::scope(|scope| {
            for key in 0..4 {
                scope.spawn(move || {
                    for _ in 0..20 {
                        assert_eq!(
                            compute((keyed(key), keyed(key + 1))).ok(),
                            Some((key, key + 1))
                        );
                        assert_eq!(compute(Delayed::value(1) + 1).ok(), Some(2));
                    }
                });
            }
        });
    });
}

/// Also where the comparison of keys computes, and where the hash is of a task inside a task.
#[test]
fn the_comparison_of_pure_keys_may_compute() {
    struct Compared(i64);
    impl Hash for Compared {
        fn hash<H: Hasher>(&self, hasher: &mut H) {
            hasher.write_i64(0);
        }
    }
    impl PartialEq for Compared {
        fn eq(&self, other: &Self) -> bool {
            compute(Delayed::value(self.0) - other.0).expect("nothing fails") == 0
        }
    }
    impl Eq for Compared {}
    scenario(|| {
        let compared = |key: i64| task("compared").pure(Compared(key)).call((), move |()| key);
        for executor in [Executor::sync(), pool_of(1), pool_of(2)] {
            let outer = task("outer").call((), move |()| {
                compute((compared(1), compared(2), compared(1))).expect("nothing fails")
            });
            assert_eq!(executor.compute(outer).expect("nothing fails"), (1, 2, 1));
        }
    });
}
