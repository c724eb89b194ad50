//! Operations on whole blocks.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst};

use lazuli_array::{ArrayError, BlockInfo, Boundary, ChunkedArray};
use lazuli_core::{Executor, compute};
use ndarray::{Array, Array1, ArrayD, ArrayViewD, Axis, Dimension, Ix2, IxDyn, Slice, array, s};
use proptest::prelude::*;

use crate::support::{
    Loads, array as layout_array, assert_close, bits_of, cases, chunked, layouts, noise, pieces,
    same_everywhere, unit,
};

/// The element that stands at this index of an axis, by the words of the documentation.
fn stands_at(index: isize, len: usize, boundary: Boundary<f64>) -> Result<usize, Option<f64>> {
    let n = len as isize;
    if (0..n).contains(&index) {
        return Ok(index as usize);
    }
    match boundary {
        Boundary::None => Err(None),
        Boundary::Constant(value) => Err(Some(value)),
        Boundary::Nearest => Ok(if index < 0 { 0 } else { len - 1 }),
        Boundary::Periodic => Ok(index.rem_euclid(n) as usize),
        Boundary::Reflect if index < 0 => Ok((-index - 1) as usize),
        Boundary::Reflect => Ok((n - 1 - (index - n)) as usize),
    }
}

/// The weighted sum of the neighbours within the depths, of those that there are. Where numbers stand beyond several
/// axes, that of the last axis counts.
fn stencil(values: &ArrayD<f64>, at: &[usize], depth: &[usize], boundary: &[Boundary<f64>]) -> f64 {
    let window: Vec<usize> = depth.iter().map(|depth| 2 * depth + 1).collect();
    let mut sum = 0.0;
    for (number, offset) in ndarray::indices(window).into_iter().enumerate() {
        let mut index = Vec::new();
        let mut value = None;
        for axis in 0..values.ndim() {
            let place = at[axis] as isize + offset[axis] as isize - depth[axis] as isize;
            match stands_at(place, values.shape()[axis], boundary[axis]) {
                Ok(place) => index.push(place),
                Err(number) => {
                    let is_nowhere = value == Some(None);
                    value = Some(if is_nowhere { None } else { number });
                    index.push(0);
                }
            }
        }
        sum += match value {
            None => values[index.as_slice()] * (number + 1) as f64,
            Some(Some(value)) => value * (number + 1) as f64,
            Some(None) => 0.0,
        };
    }
    sum
}

/// The same of a block with its border.
fn of_block(block: ArrayViewD<'_, f64>, info: &BlockInfo, depth: &[usize]) -> ArrayD<f64> {
    let window: Vec<usize> = depth.iter().map(|depth| 2 * depth + 1).collect();
    ArrayD::from_shape_fn(IxDyn(info.shape()), |index| {
        let mut sum = 0.0;
        for (number, offset) in ndarray::indices(window.clone()).into_iter().enumerate() {
            let place: Option<Vec<usize>> = (0..depth.len())
                .map(|axis| {
                    let at = index[axis] + info.before()[axis] + offset[axis];
                    at.checked_sub(depth[axis]).filter(|&at| at < block.shape()[axis])
                })
                .collect();
            if let Some(place) = place {
                sum += block[place.as_slice()] * (number + 1) as f64;
            }
        }
        sum
    })
}

fn boundaries() -> impl Strategy<Value = Boundary<f64>> {
    prop_oneof![
        Just(Boundary::None),
        Just(Boundary::Reflect),
        Just(Boundary::Periodic),
        Just(Boundary::Nearest),
        (-2.0..2.0).prop_map(Boundary::Constant),
    ]
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn borders_are_those_of_the_neighbours_and_the_boundary(
        layout in layouts(),
        depth in prop::collection::vec(0_usize..4, 4),
        boundary in prop::collection::vec(boundaries(), 4),
        seed: u64,
        of_a_stage: bool,
    ) {
        let ndim = layout.shape.len();
        prop_assume!(layout.shape.iter().product::<usize>() < 400);
        let (depth, boundary) = (depth[..ndim].to_vec(), boundary[..ndim].to_vec());
        let fits = (0..ndim).all(|axis| depth[axis] <= layout.shape[axis]);
        let values = layout_array(&layout, |place| unit(seed, place));
        let mut x = chunked(&layout, &values);
        if of_a_stage {
            x = x.map_blocks(|block, _| block.to_owned());
        }
        let depths = depth.clone();
        let found = x.map_overlap(&depth, &boundary, move |block, info| of_block(block, info, &depths));
        if !fits && found.check().is_err() {
            return Ok(());
        }
        let found = same_everywhere(found, bits_of);
        let expected = ArrayD::from_shape_fn(IxDyn(&layout.shape), |index| {
            stencil(&values, index.slice(), &depth, &boundary)
        });
        assert_close(&found, &expected, 1e-12, "stencil");
    }

    #[test]
    fn running_sums_and_products_are_those_of_each_line(layout in layouts(), axis in 0_usize..4, seed: u64) {
        let axis = Axis(axis % layout.shape.len());
        let values = layout_array(&layout, |place| unit(seed, place) + 1.5);
        let x = chunked(&layout, &values);
        let (mut sums, mut products) = (values.clone(), values.clone());
        for mut line in sums.lanes_mut(axis) {
            line.iter_mut().fold(0.0, |sum, value| { *value += sum; *value });
        }
        for mut line in products.lanes_mut(axis) {
            line.iter_mut().fold(1.0, |product, value| { *value *= product; *value });
        }
        assert_close(&same_everywhere(x.cumsum(axis), bits_of), &sums, 1e-12, "cumsum");
        let found = compute(&x.cumprod(axis)).unwrap();
        prop_assert_eq!(found.shape(), products.shape());
        for (found, expected) in found.iter().zip(&products) {
            let is_close = (found - expected).abs() <= 1e-10 * expected.abs() || found == expected;
            prop_assert!(is_close, "{} for {}", found, expected);
        }
        let whole = layout_array(&layout, |place| noise(seed, place) as i64 >> 30);
        let mut sums = whole.clone();
        for mut line in sums.lanes_mut(axis) {
            line.iter_mut().fold(0, |sum, value| { *value += sum; *value });
        }
        prop_assert_eq!(compute(&chunked(&layout, &whole).cumsum(axis)).unwrap(), sums);
    }

    #[test]
    fn differences_and_gradients_are_those_of_numpy(layout in layouts(), axis in 0_usize..4, times in 0_usize..4, seed: u64) {
        let axis = Axis(axis % layout.shape.len());
        let values = layout_array(&layout, |place| unit(seed, place));
        let x = chunked(&layout, &values);
        let mut expected = values.clone();
        for _ in 0..times {
            let len = expected.len_of(axis);
            if len == 0 { break }
            let after = expected.slice_axis(axis, Slice::from(1..));
            let before = expected.slice_axis(axis, Slice::from(..len - 1));
            expected = &after - &before;
        }
        prop_assert_eq!(&compute(&x.diff(axis, times)).unwrap(), &expected);
        let len = values.len_of(axis);
        let slopes = x.gradient(axis, 0.5);
        if len < 2 {
            prop_assert!(slopes.check().is_err());
            return Ok(());
        }
        let mut expected = values.clone();
        for (mut to, from) in expected.lanes_mut(axis).into_iter().zip(values.lanes(axis)) {
            for i in 0..len {
                let (left, right) = (i.saturating_sub(1), (i + 1).min(len - 1));
                to[i] = (from[right] - from[left]) / (0.5 * (right - left) as f64);
            }
        }
        assert_close(&same_everywhere(slopes, bits_of), &expected, 1e-14, "gradient");
    }

    #[test]
    fn windows_are_shown_whole(layout in layouts(), factors in prop::collection::vec(1_usize..4, 4), seed: u64) {
        let ndim = layout.shape.len();
        let factors = &factors[..ndim];
        let values = layout_array(&layout, |place| unit(seed, place));
        let coarse = chunked(&layout, &values).coarsen(factors, |window| window.sum());
        let fits = layout.shape.iter().zip(factors).all(|(len, factor)| len % factor == 0);
        prop_assert_eq!(coarse.check().is_ok(), fits);
        if !fits {
            return Ok(());
        }
        let shape: Vec<usize> = layout.shape.iter().zip(factors).map(|(len, factor)| len / factor).collect();
        let expected = ArrayD::from_shape_fn(IxDyn(&shape), |index| {
            let mut window = values.view();
            for axis in 0..ndim {
                let start = index[axis] * factors[axis];
                window.slice_axis_inplace(Axis(axis), Slice::from(start..start + factors[axis]));
            }
            window.iter().sum::<f64>()
        });
        assert_close(&same_everywhere(coarse, bits_of), &expected, 1e-12, "coarsen");
    }

    #[test]
    fn functions_see_each_block_and_where_it_is(layout in layouts(), seed: u64) {
        let values = layout_array(&layout, |place| unit(seed, place));
        let x = chunked(&layout, &values);
        let whole = values.clone();
        let same = x.map_blocks(move |block, info| {
            let mut expected = whole.view();
            for axis in 0..block.ndim() {
                let start = info.start()[axis];
                expected.slice_axis_inplace(Axis(axis), Slice::from(start..start + info.shape()[axis]));
            }
            assert_eq!(block, expected);
            block.mapv(|value| value * 2.0)
        });
        prop_assert_eq!(same_everywhere(same, bits_of), values * 2.0);
    }
}

#[test]
fn a_function_may_change_shapes() {
    let x = ChunkedArray::from_fn([6, 8], [2, 4], |[i, j]| (i * 8 + j) as f64);
    let sums = x.map_blocks_to([3, 2], [1, 1], |block, _| Array::from_elem((1, 1), block.sum()));
    let found = compute(&sums).unwrap();
    let expected = array![[44.0, 76.0], [172.0, 204.0], [300.0, 332.0]];
    assert_eq!(found, expected);
    let rows = x
        .map_blocks_to([24], [4], |block: ndarray::ArrayView2<'_, f64>, _| block.row(0).to_owned());
    assert_eq!(compute(rows.slice(s![4..8])).unwrap(), array![4.0, 5.0, 6.0, 7.0]);
    let misfit = x.map_blocks_to([3, 2], [3, 2], |block, _| block.to_owned());
    assert!(misfit.check().unwrap_err().to_string().contains("6 blocks"));
}

#[test]
fn a_block_of_another_shape_is_an_error_that_names_it() {
    let x = ChunkedArray::from_fn([6, 8], [2, 8], |[i, j]| (i * 8 + j) as f64);
    for wrong in [
        x.map_blocks(|block, _| block.slice(s![.., 1..]).to_owned()),
        x.map_overlap([1, 0], Boundary::Nearest, |block, _| block.slice(s![..1, ..]).to_owned()),
    ] {
        let error = compute(&wrong).unwrap_err().to_string();
        assert!(error.contains("[0:2, 0:8]") && error.contains("blocks.rs"), "{error}");
    }
    let error = x.map_overlap([7, 0], Boundary::Reflect, |block, _| block.to_owned()).check();
    assert!(matches!(error, Err(ArrayError::BadAxes { .. })), "{error:?}");
    assert!(x.map_overlap([1], Boundary::None, |block, _| block.to_owned()).check().is_err());
    assert!(x.cumsum(Axis(2)).check().is_err());
    assert!(x.gradient(Axis(5), 1.0).check().is_err());
}

#[test]
fn a_running_sum_of_integers_that_does_not_fit_is_an_error() {
    let x = ChunkedArray::from_array(array![i64::MAX - 1, 1, -5, 5, 1], [2]);
    assert!(compute(&x.cumsum(Axis(0))).unwrap_err().to_string().contains("cumsum"));
    assert_eq!(compute(&x.slice(s![..-1]).cumsum(Axis(0))).unwrap()[3], i64::MAX);
    let y = ChunkedArray::from_array(array![200_u8, 200, 200], [1]);
    assert_eq!(compute(&y.cumprod(Axis(0))).unwrap(), array![200, 40_000, 8_000_000]);
}

#[test]
fn a_running_sum_far_from_zero_keeps_its_digits() {
    let x = ChunkedArray::from_fn([100_000], [7_000], |[i]| if i == 0 { 1e16 } else { 1.0 });
    let last: Array1<f64> = compute(x.cumsum(Axis(0)).slice(s![-1..])).unwrap();
    // Added one by one in `f64`, no one would be left of the ones.
    assert!((last[0] - (1e16 + 99_999.0)).abs() <= 4.0, "{}", last[0]);
}

#[test]
fn what_is_kept_is_not_computed_again() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let x = ChunkedArray::from_fn([100], [10], move |[i]| {
        counted.fetch_add(1, SeqCst);
        i as f64
    });
    let kept = (&x * 2.0).persist().unwrap();
    assert_eq!(calls.load(SeqCst), 100);
    assert_eq!(compute((kept.sum(), kept.max())).unwrap(), (9900.0, 198.0));
    assert_eq!(compute(kept.slice(s![5..;7]).rechunk([3]).min()).unwrap(), 10.0);
    assert_eq!((calls.load(SeqCst), kept.numblocks()), (100, vec![10]));
    let wrong = &x + &ChunkedArray::from_fn([3], [3], |[i]| i as f64);
    assert!(wrong.persist().is_err());
}

#[test]
fn each_block_is_visited_once() {
    let x = ChunkedArray::from_fn([20, 30], [7, 11], |[i, j]| (i * 30 + j) as u64);
    let (sum, blocks) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicUsize::new(0)));
    let (to_sum, to_blocks) = (Arc::clone(&sum), Arc::clone(&blocks));
    x.for_each_block(move |block, info| {
        assert_eq!(block.shape(), info.shape());
        to_sum.fetch_add(block.sum(), SeqCst);
        to_blocks.fetch_add(1, SeqCst);
    })
    .unwrap();
    assert_eq!((sum.load(SeqCst), blocks.load(SeqCst)), ((0..600).sum(), 9));
    let failed = x.for_each_block(|_, info| assert!(info.position() != [1, 1], "not this one"));
    assert!(failed.unwrap_err().to_string().contains("not this one"));
}

#[test]
fn a_border_is_read_and_no_more_of_the_neighbours() {
    let values = Array::from_shape_fn((40, 40), |(i, j)| (i + j) as f64);
    let x: ChunkedArray<f64, Ix2> = ChunkedArray::from_array(values, [10, 10]);
    let (loads, executor) = Loads::watch(&Executor::shared());
    let same = x.map_overlap([1, 2], Boundary::Nearest, |block, _| block.to_owned());
    let same = executor.compute(&same).unwrap();
    assert_eq!(same[[39, 39]], 78.0);
    let loads = loads.take();
    assert_eq!(loads.len(), 16);
    assert!(loads.contains(&"array[9:21, 18:32]".to_owned()), "{loads:?}");
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn computed_blocks_are_cut_and_put_together(
        (layout, chunks) in layouts().prop_flat_map(|layout| {
            let chunks: Vec<_> = layout.shape.iter().map(|&len| pieces(len)).collect();
            (Just(layout), chunks)
        }),
        seed: u64,
    ) {
        let values = layout_array(&layout, |place| unit(seed, place));
        let stage = chunked(&layout, &values).map_blocks(|block, _| block.to_owned());
        let moved = stage.rechunk(chunks.clone());
        prop_assert_eq!(moved.chunks(), chunks);
        prop_assert_eq!(&same_everywhere(&moved + 0.0, bits_of), &values);
    }
}

#[test]
fn a_rechunk_of_rows_to_columns_fits_into_a_quarter_of_its_memory() {
    let x = ChunkedArray::from_fn([512, 512], [32, 512], |[i, j]| (i * 512 + j) as f64);
    let columns = x.map_blocks(|block, _| block.to_owned()).rechunk([512, 32]);
    let sums = columns.map_blocks_to([16], [1], |block, _| Array::from_elem(1, block.sum()));
    let expected = compute(&sums).unwrap();
    assert_eq!(expected.sum(), (0..512_u64 * 512).sum::<u64>() as f64);
    for executor in [Executor::sync(), Executor::threaded(2).unwrap()] {
        let limited = executor.with_memory_limit(512 * 512 * 8 / 4);
        assert_eq!(limited.compute(&sums).unwrap(), expected);
    }
    let plan = Executor::shared().plan(&sums).unwrap();
    let count = |name: &str| plan.tasks().filter(|task| task.name() == name).count();
    assert_eq!((count("rechunk-cut"), count("rechunk-join")), (16, 16));
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn chosen_indices_come_in_their_order(
        layout in layouts(),
        axis in 0_usize..4,
        picks in prop::collection::vec((any::<u16>(), 1_usize..5), 0..8),
        by in -50_isize..50,
        seed: u64,
    ) {
        let axis = Axis(axis % layout.shape.len());
        let len = layout.shape[axis.0];
        let values = layout_array(&layout, |place| unit(seed, place));
        let x = chunked(&layout, &values);
        // Runs of neighbours, and single ones.
        let indices: Vec<usize> = picks
            .iter()
            .filter(|_| len > 0)
            .flat_map(|&(first, run)| (0..run).map(move |ahead| (usize::from(first) + ahead) % len))
            .collect();
        let found = same_everywhere(x.take(axis, &indices), bits_of);
        prop_assert_eq!(found, values.select(axis, &indices));
        let mask: Vec<bool> = (0..len).map(|index| noise(seed, index).is_multiple_of(3)).collect();
        let kept: Vec<usize> = (0..len).filter(|&index| mask[index]).collect();
        prop_assert_eq!(&compute(&x.compress(axis, &mask)).unwrap(), &values.select(axis, &kept));
        let rolled: Vec<usize> =
            (0..len).map(|index| (index as isize - by).rem_euclid(len as isize) as usize).collect();
        let found = compute(&x.roll(axis, by)).unwrap();
        prop_assert_eq!(found, values.select(axis, &rolled));
    }
}

#[test]
fn indices_that_there_are_not_are_errors() {
    let x = ChunkedArray::from_fn([4, 5], [2, 2], |[i, j]| (i + j) as f64);
    for wrong in [
        x.take(Axis(0), &[1, 4]),
        x.take(Axis(2), &[0]),
        x.compress(Axis(0), &[true; 5]),
        x.roll(Axis(2), 1),
    ] {
        let error = wrong.check().unwrap_err();
        assert!(error.to_string().contains("blocks.rs"), "{error}");
    }
}
