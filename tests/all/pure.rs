//! Pure tasks: those that are equal are one, and nothing else is.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::{slice, thread};

use lazuli::core::Lane;
use lazuli::core::task::identity;
use lazuli::prelude::*;

use crate::support::{Named, executors};

/// Makes pure tasks that count their runs.
#[derive(Clone, Default)]
struct Maker(Arc<AtomicUsize>);

impl Maker {
    fn leaf<K>(&self, name: &'static str, key: K) -> Delayed<u64>
    where
        K: std::hash::Hash + Eq + Send + Sync + 'static,
    {
        let runs = Arc::clone(&self.0);
        task(name).pure(key).call((), move |()| {
            runs.fetch_add(1, SeqCst);
            1
        })
    }

    fn of(&self, name: &'static str, key: u64, inputs: &[Delayed<u64>]) -> Delayed<u64> {
        let runs = Arc::clone(&self.0);
        task(name).pure(key).call(inputs, move |inputs| {
            runs.fetch_add(1, SeqCst);
            inputs.into_iter().sum::<u64>() + key
        })
    }

    /// The runs since the last call.
    fn runs(&self) -> usize {
        self.0.swap(0, SeqCst)
    }
}

/// How many tasks run for these, on every executor; checks the answers.
#[track_caller]
fn runs_for(maker: &Maker, asked: &[Delayed<u64>], expected: &[u64]) -> usize {
    let mut runs = Vec::new();
    for Named { name, executor } in executors() {
        assert_eq!(executor.compute(asked).expect("nothing fails"), expected, "on {name}");
        runs.push(maker.runs());
        assert_eq!(executor.plan(asked).expect("no requests").tasks().len(), runs[0], "on {name}");
    }
    assert_eq!(runs, vec![runs[0]; runs.len()]);
    runs[0]
}

#[test]
fn what_is_equal_is_shared() {
    let maker = Maker::default();
    let leaves: Vec<_> = (0..10).map(|_| maker.leaf("leaf", 7_i32)).collect();
    assert_eq!(runs_for(&maker, &leaves, &[1; 10]), 1);
    let text: Vec<_> = ["a", "b", "a"].map(|text| maker.leaf("text", text.to_owned())).into();
    assert_eq!(runs_for(&maker, &text, &[1; 3]), 2);
}

#[test]
fn keys_names_and_inputs_tell_tasks_apart() {
    let maker = Maker::default();
    // Equal numbers of different types.
    let types = [maker.leaf("x", 1_u32), maker.leaf("x", 1_u64), maker.leaf("x", (1_u32,))];
    assert_eq!(runs_for(&maker, &types, &[1; 3]), 3);
    let names = [maker.leaf("x", 1_u32), maker.leaf("y", 1_u32)];
    assert_eq!(runs_for(&maker, &names, &[1; 2]), 2);
    // The same inputs in another order, more often, or fewer of them.
    let (a, b) = (maker.leaf("a", ()), maker.leaf("b", ()));
    let of = |inputs: &[&Delayed<u64>]| {
        let inputs: Vec<_> = inputs.iter().map(|&input| input.clone()).collect();
        maker.of("of", 0, &inputs)
    };
    let inputs =
        [of(&[&a, &b]), of(&[&b, &a]), of(&[&a, &b, &b]), of(&[&a]), of(&[]), of(&[&a, &b])];
    assert_eq!(runs_for(&maker, &inputs, &[2, 2, 3, 1, 0, 2]), 2 + 5);
}

/// Values at hand are not compared: two of them are two, as two impure tasks are.
#[test]
fn values_at_hand_and_other_tasks_are_themselves_only() {
    let maker = Maker::default();
    let (one, other) = (Delayed::value(5), Delayed::value(5));
    let asked = [&one, &other, &one].map(|value| maker.of("of", 0, slice::from_ref(value)));
    assert_eq!(runs_for(&maker, &asked, &[5; 3]), 2);
    let impure = || {
        let runs = Arc::clone(&maker.0);
        task("impure").call((), move |()| runs.fetch_add(1, SeqCst) as u64 / 1000)
    };
    let (one, other) = (impure(), impure());
    let asked = [&one, &other, &one].map(|task| maker.of("of", 0, slice::from_ref(task)));
    assert_eq!(runs_for(&maker, &asked, &[0; 3]), 4);
}

/// Equal all the way down: chains, and trees whose sides are built separately.
#[test]
fn pure_tasks_of_equal_pure_tasks_are_shared() {
    let maker = Maker::default();
    let chain =
        || (1..=50).fold(maker.leaf("start", ()), |value, step| maker.of("step", step, &[value]));
    let total = 1 + 50 * 51 / 2;
    assert_eq!(runs_for(&maker, &[chain(), chain(), chain()], &[total; 3]), 51);

    fn tree(maker: &Maker, depth: u32) -> Delayed<u64> {
        match depth {
            0 => maker.leaf("leaf", 0_u8),
            depth => maker.of("node", 0, &[tree(maker, depth - 1), tree(maker, depth - 1)]),
        }
    }
    // 2^11 - 1 nodes are described, and one of each depth runs.
    assert_eq!(runs_for(&maker, &[tree(&maker, 10)], &[1 << 10]), 11);
}

/// What runs once may be taken by value by each of its dependents.
#[test]
fn shared_results_are_handed_to_all() {
    for Named { name, executor } in executors() {
        for lane in [Lane::Cpu, Lane::Blocking, Lane::Async] {
            let runs = Arc::new(AtomicUsize::new(0));
            let make = || {
                let runs = Arc::clone(&runs);
                let make = task("make").pure("key");
                if lane == Lane::Async {
                    make.call_async((), move |()| {
                        runs.fetch_add(1, SeqCst);
                        async { vec![1, 2] }
                    })
                } else {
                    make.lane(lane).call((), move |()| {
                        runs.fetch_add(1, SeqCst);
                        vec![1, 2]
                    })
                }
            };
            let takes = (0..9).map(|index| {
                task("takes").call(make(), move |mut list| {
                    list.push(index);
                    list
                })
            });
            let lists = executor.compute((sequence(takes), make())).expect("nothing fails");
            let expected: Vec<_> = (0..9).map(|index| vec![1, 2, index]).collect();
            assert_eq!(lists, (expected, vec![1, 2]), "{lane:?} on {name}");
            assert_eq!(runs.load(SeqCst), 1, "{lane:?} on {name}");
        }
    }
}

/// Two computes are two runs, also of equal tasks, and also at once.
#[test]
fn computes_share_nothing() {
    for Named { name, executor } in executors() {
        let maker = Maker::default();
        thread::scope(|scope| {
            for _ in 0..8 {
                let asked = [maker.leaf("leaf", 1), maker.leaf("leaf", 1)];
                scope.spawn(move || executor.compute(asked).expect("nothing fails"));
            }
        });
        assert_eq!(maker.runs(), 8, "on {name}");
    }
}

/// A failing pure task fails everyone who asked for it, once.
#[test]
fn a_failure_is_shared_too() {
    for Named { name, executor } in executors() {
        let runs = Arc::new(AtomicUsize::new(0));
        let fails = |_| {
            let runs = Arc::clone(&runs);
            task("fails").pure(3).try_call((), move |()| {
                runs.fetch_add(1, SeqCst);
                Err::<u8, _>(std::fmt::Error)
            })
        };
        let all: Vec<_> = (0..5).map(fails).collect();
        let error = executor.compute(all).expect_err("it fails");
        assert_eq!(
            (error.task(), error.others(), runs.load(SeqCst)),
            (Some("fails"), 0, 1),
            "{name}"
        );
    }
}

/// Functions tell themselves apart as keys, and instances of generic ones.
#[test]
fn functions_are_keys() {
    fn one<T>(_: T) {}
    fn other<T>(_: T) {}
    assert_eq!(identity(&one::<u8>), identity(&one::<u8>));
    assert_ne!(identity(&one::<u8>), identity(&one::<u16>));
    assert_ne!(identity(&one::<u8>), identity(&other::<u8>));
    let maker = Maker::default();
    let keys = [identity(&one::<u8>), identity(&other::<u8>), identity(&one::<u8>)];
    let asked = keys.map(|key| maker.leaf("call", key));
    assert_eq!(runs_for(&maker, &asked, &[1; 3]), 2);
}

#[test]
fn tasks_that_yield_other_types_are_others() {
    for Named { name, executor } in executors() {
        let number = task("same").pure(1).call((), |()| 7_i32);
        let text = task("same").pure(1).call((), |()| String::from("seven"));
        let both = executor.compute((number, text)).expect("nothing fails");
        assert_eq!(both, (7, String::from("seven")), "on {name}");
    }
}
