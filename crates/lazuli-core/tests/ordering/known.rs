//! Orders that are known beforehand.

use std::hash::{Hash, Hasher};
use std::sync::mpsc;
use std::time::Duration;

use lazuli_core::plan::Plan;
use lazuli_core::{Delayed, Executor, compute, task};

use crate::graph::{Dice, Graph, Held, held_by};

fn inputs(plan: &Plan) -> Vec<Vec<usize>> {
    plan.tasks().map(|task| task.dependencies().collect()).collect()
}

/// Of equal inputs the first comes first, and so do outputs.
#[test]
fn what_is_alike_runs_as_listed() {
    let mut graph = Graph::default();
    let pairs = [(); 2].map(|()| [(); 2].map(|()| graph.load()));
    let pairs = pairs.map(|pair| graph.task(pair));
    graph.task(pairs);
    assert_eq!(
        inputs(&graph.plan(&graph.ends())),
        [&[][..], &[], &[0, 1], &[], &[], &[3, 4], &[2, 5]]
    );
    let tasks = |parts: &[&'static str]| -> Vec<Delayed<()>> {
        parts.iter().map(|&part| task("t").part(part).call((), |()| ())).collect()
    };
    let plan = Executor::shared().plan(tasks(&["b", "a", "c"])).expect("no requests");
    let parts: Vec<_> = plan.tasks().map(|task| task.part().map(str::to_owned)).collect();
    assert_eq!(parts, ["b", "a", "c"].map(|part| Some(part.to_owned())));
}

/// A tree of n levels needs n + 1 results, whichever way its inputs are turned.
#[test]
fn the_input_that_needs_most_comes_first() {
    let mut dice = Dice(7);
    for levels in 1..10 {
        let mut graph = Graph::default();
        // At each level one input is a load.
        let mut top = graph.load();
        for _ in 0..levels {
            let load = graph.load();
            let mut inputs = [top, load];
            dice.shuffle(&mut inputs);
            top = graph.task(inputs);
        }
        let held = held_by(&graph.plan(&[top]));
        assert_eq!(held.all, 3, "{graph:?}");
        // Two of these, and a full tree: this needs more and comes first, wherever it is listed.
        let mut outputs = vec![top];
        let row: Vec<_> = (0..1 << levels).map(|_| graph.load()).collect();
        outputs.push(graph.tree(row, 2));
        outputs.push(graph.chain(0, 1));
        let held = held_by(&graph.plan(&outputs));
        outputs.reverse();
        assert_eq!(held_by(&graph.plan(&outputs)), held, "{graph:?}");
        let three = graph.task(outputs);
        assert!(held_by(&graph.plan(&[three])).all <= levels + 4, "{graph:?}");
    }
}

#[test]
fn trees_move_as_a_whole() {
    let mut graph = Graph::default();
    let small = graph.load();
    let pair = [graph.load(), graph.load()];
    let large = graph.task(pair);
    graph.task([small, large]);
    let plan = graph.plan(&graph.ends());
    assert_eq!(inputs(&plan), [&[][..], &[], &[0, 1], &[], &[3, 2]]);
    assert_eq!(held_by(&plan), Held { all: 3, inner: 3 });
    let ends = [graph.chain(small, 0), large];
    let plan = graph.plan(&ends);
    assert_eq!(plan.outputs().collect::<Vec<_>>(), [3, 2]);
}

/// What lanes tasks have and what they take moves with them.
#[test]
fn a_plan_in_another_order_has_the_same_answers() {
    let load = |value: u64| task("load").call((), move |()| value);
    let late = (1..100).fold(load(0), |sum, value| load(value) + sum);
    let held = Delayed::value(1000_u64);
    let mixed = &held + (&late + load(7)) + (load(3) + (&held + late.clone()));
    assert_eq!(compute((&mixed, late)).expect("nothing fails"), (11_910, 4950));
}

#[test]
fn equal_pure_tasks_are_one_and_order_goes_by_what_is_left() {
    let step = |key: u64, of: &Delayed<u64>| task("step").pure(key).call(of, move |of| of + key);
    let one = |key: u64| {
        let load = task("load").pure(1_u64).call((), |()| 1_u64);
        step(key, &step(5, &load))
    };
    let all = vec![one(1), one(2), one(1), one(3)];
    let plan = Executor::shared().plan(&all).expect("no requests");
    assert_eq!(inputs(&plan), [&[][..], &[0], &[1], &[1], &[1]]);
    let outputs: Vec<_> = plan.outputs().collect();
    assert_eq!(outputs[0], outputs[2]);
    assert_eq!(compute(all).expect("nothing fails"), [7, 8, 7, 9]);
}

/// A key whose hash computes something itself.
#[derive(PartialEq, Eq)]
struct Computes(u8);

impl Hash for Computes {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        hasher.write_i64(compute(Delayed::value(20_i64) + 1).expect("nothing fails"));
    }
}

#[test]
fn a_key_may_compute() {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let pure = || task("pure").pure(Computes(1)).call((), |()| 1);
        let _ = sender.send(compute((pure(), pure())));
    });
    let answer = receiver.recv_timeout(Duration::from_secs(60)).expect("planning does not hang");
    assert_eq!(answer.expect("nothing fails"), (1, 1));
    assert_eq!(compute(Delayed::value(1) + 1).expect("other computes go on"), 2);
}
