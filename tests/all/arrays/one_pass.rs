//! Everything asked of one array in one compute is one pass: every block is loaded exactly once.

use lazuli::prelude::*;
use ndarray::Array1;

use crate::support::{Named, Recorder, executors};

/// A reduction of one's own: how many elements there are, and the first.
struct CountAndFirst;

impl Reduction<[f64]> for CountAndFirst {
    type State = (usize, Option<f64>);
    type Output = (usize, Option<f64>);

    fn identity(&self) -> Self::State {
        (0, None)
    }

    fn update(&self, (count, first): &mut Self::State, tile: &[f64]) {
        *count += tile.len();
        *first = first.or(tile.first().copied());
    }

    fn combine(&self, (count, first): &mut Self::State, following: Self::State) {
        *count += following.0;
        *first = first.or(following.1);
    }

    fn finish(&self, state: Self::State) -> Self::Output {
        state
    }
}

fn blocks(names: &[&str], bytes: u64) -> Vec<(String, u64)> {
    let mut loads = Vec::new();
    for name in names {
        for start in (0..10_000).step_by(1_000) {
            loads.push((format!("{name}[{start}:{}]", start + 1_000), bytes));
        }
    }
    loads.sort();
    loads
}

#[test]
fn statistics_and_a_reduction_of_ones_own_share_it() {
    let values = Array1::from_shape_fn(10_000, |i| i as f64);
    for Named { name, executor } in executors() {
        let x = ChunkedArray::from_array(values.clone(), [1_000]);
        let (recorder, executor) = Recorder::watch(executor);
        let asked = (x.mean(), x.std(0), x.skewness(), x.reduce(CountAndFirst), (&x * 2.0).max());
        let (mean, _, skewness, own, doubled) = executor.compute(asked).unwrap();
        assert_eq!((mean, own, doubled), (4999.5, (10_000, Some(0.0)), 19_998.0));
        assert!(skewness.abs() < 1e-12);
        assert_eq!(recorder.take_loads(), blocks(&["array"], 8_000), "on {name}");
    }
}

#[test]
fn a_formula_of_separate_statistics_shares_it() {
    let x = ChunkedArray::from_array(Array1::from_shape_fn(10_000, |i| (i as f64).sqrt()), [1_000]);
    let (recorder, executor) = Recorder::watch(&Executor::shared());
    let skew = ((&x * &x * &x).mean() - 3.0 * x.mean() * x.std(0).powi(2) - x.mean().powi(3))
        / x.std(0).powi(3);
    executor.compute(skew).unwrap();
    assert_eq!(recorder.take_loads(), blocks(&["array"], 8_000));
}

#[test]
fn arrays_that_meet_in_an_expression_share_it() {
    let [x, y, z] = [1.0, 2.0, 3.0]
        .map(|factor| ChunkedArray::from_fn([10_000], [1_000], move |[i]| i as f64 * factor));
    let (recorder, executor) = Recorder::watch(&Executor::shared());
    // x with y, and y with z: one pass, in which each is loaded once.
    executor.compute(((&x * &y).sum(), (&y * &z).sum(), z.mean(), x.mean())).unwrap();
    assert_eq!(recorder.take_loads().len(), 30);
}

#[test]
fn what_depends_on_a_statistic_is_a_second_pass() {
    let x = ChunkedArray::from_fn([10_000], [1_000], |[i]| i as f64);
    let (recorder, executor) = Recorder::watch(&Executor::shared());
    let centred = &x - x.mean();
    executor.compute(((&centred * &centred).mean(), x.max())).unwrap();
    assert_eq!(recorder.take_loads().len(), 20);
}

#[test]
fn a_statistic_asked_twice_is_computed_once() {
    let x = ChunkedArray::from_fn([10_000], [1_000], |[i]| i as f64);
    let executor = Executor::shared();
    let once = executor.plan((x.mean(), x.std(0))).unwrap().tasks().len();
    let twice = executor.plan((x.mean(), x.std(0), x.mean(), x.var(1))).unwrap().tasks().len();
    // Two more answers, each made of the same moments.
    assert_eq!(twice, once + 2);
}

#[test]
fn equal_expressions_written_twice_are_one() {
    let x = ChunkedArray::from_fn([10_000], [1_000], |[i]| i as f64);
    let executor = Executor::shared();
    let once = executor.plan(((&x - 1.0).mean(), x.max())).unwrap().tasks().len();
    let twice = executor.plan(((&x - 1.0).mean(), (&x - 1.0).std(0), x.max())).unwrap();
    // One more answer, and no other set of moments.
    assert_eq!(twice.tasks().len(), once + 1);
    let (low, high) = compute(((&x - 1.0).max(), (1.0 - &x).max())).unwrap();
    assert_eq!((low, high), (9998.0, 1.0));
}
