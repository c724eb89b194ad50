//! What is asked together is one pass, and what depends on an axis reduction a second one, block by block.

use lazuli_array::ChunkedArray;
use lazuli_core::{Executor, compute};
use ndarray::{Array2, Axis};

use crate::support::{Loads, unit};

fn matrix() -> ChunkedArray<f64, ndarray::Ix2> {
    let values = Array2::from_shape_fn((60, 40), |(i, j)| unit(1, i * 40 + j));
    ChunkedArray::from_array(values, [20, 10])
}

#[test]
fn all_statistics_of_an_array_share_one_load_of_each_block() {
    let x = matrix();
    let (loads, executor) = Loads::watch(&Executor::shared());
    let asked = (
        (x.mean(), x.std(0), x.max()),
        (x.mean_axis(Axis(0)), x.std_axis(Axis(0), 1), x.argmax_axis(Axis(0))),
        (x.sum_axis(Axis(1)), x.along([0, 1]).split_every(3).kurtosis()),
        (&x * 2.0).min_axis(Axis(1)),
    );
    executor.compute(asked).unwrap();
    let loads = loads.take();
    assert_eq!(loads.len(), 12);
    assert!(loads.windows(2).all(|pair| pair[0] != pair[1]), "{loads:?}");
}

#[test]
fn a_standardized_sum_takes_two_passes() {
    let x = matrix();
    let (loads, executor) = Loads::watch(&Executor::shared());
    let z = (&x - x.mean_axis(Axis(0))) / x.std_axis(Axis(0), 0);
    let (sum, spread) = executor.compute((z.sum(), (&z * &z).mean_axis(Axis(0)))).unwrap();
    assert!(sum.abs() < 1e-10, "{sum}");
    assert!(spread.iter().all(|square| (square - 1.0).abs() < 1e-12), "{spread}");
    assert_eq!(loads.take().len(), 24);
}

#[test]
fn a_statistic_asked_twice_is_computed_once() {
    let x = matrix();
    let executor = Executor::shared();
    let tasks = |plan: lazuli_core::Result<lazuli_core::plan::Plan>| plan.unwrap().tasks().len();
    let once = tasks(executor.plan(x.mean_axis(Axis(0)).sum()));
    let both = tasks(executor.plan((x.mean_axis(Axis(0)).sum(), x.var_axis(Axis(0), 0).sum())));
    // The same states: four more blocks of answers, and a pass over them.
    assert!(both - once < once, "{once} {both}");
    assert_eq!(
        compute(x.mean_axis(Axis(0)).sum()).unwrap(),
        compute(x.mean_axis(Axis(0)).sum()).unwrap()
    );
}

#[test]
fn a_block_waits_for_its_own_group_alone() {
    // One column of blocks fails: the others can be computed.
    let x = ChunkedArray::from_fn([40, 40], [10, 10], |[i, j]| {
        assert!(j < 30, "this column fails");
        (i + j) as f64
    });
    let means = x.mean_axis(Axis(0));
    let first = compute(means.slice_axis(Axis(0), 0..25).max()).unwrap();
    assert_eq!(first, 19.5 + 24.0);
    assert!(compute(means.max()).is_err());
}

#[test]
fn a_handle_costs_nothing_that_grows_with_the_blocks() {
    // 2^27 blocks: a handle that made a node for each would not come back.
    let x = ChunkedArray::from_fn([1 << 27, 4], [1, 4], |[i, j]| (i + j) as f64);
    let z = (&x - x.mean_axis(Axis(0))) / x.std_axis(Axis(0), 0);
    let again = (&z - z.along(Axis(1)).keepdims().max()).sum_axis(Axis(1));
    assert_eq!(again.shape(), [1 << 27]);
}

#[test]
fn a_long_chain_of_stages_is_dropped_in_a_bounded_stack() {
    let mut x = ChunkedArray::from_fn([4], [4], |[i]| i as f64);
    for _ in 0..100_000 {
        x = x.insert_axis(Axis(0)).max_axis(Axis(0));
    }
    drop(x);
}
