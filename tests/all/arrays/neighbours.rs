//! What a statistic is depends on what it is asked of, not on what else is asked in the same compute: its
//! bits are those it has alone, whoever its neighbours are and wherever their memory lies.
#![allow(clippy::reversed_empty_ranges, reason = "a negative end counts from the back")]

use std::convert::Infallible;

use lazuli::array::ndarray::{Axis, s};
use lazuli::prelude::*;
use ndarray::{Array, Dimension, Ix1, Ix2, ShapeBuilder};
use proptest::prelude::*;

use super::unit;
use crate::support::{Named, executors};

/// Sees how its elements are cut: a hash of the slices that it is shown.
struct Cuts;

impl lazuli::core::TryReduction<[f64]> for Cuts {
    type State = Vec<u64>;
    type Output = u64;
    type Error = Infallible;

    fn identity(&self) -> Vec<u64> {
        Vec::new()
    }

    fn update(&self, cuts: &mut Vec<u64>, tile: &[f64]) -> Result<(), Infallible> {
        cuts.push(tile.len() as u64);
        cuts.push(tile.iter().fold(0, |hash, value| hash.rotate_left(5) ^ value.to_bits()));
        Ok(())
    }

    fn combine(&self, cuts: &mut Vec<u64>, following: Vec<u64>) -> Result<(), Infallible> {
        cuts.extend(following);
        Ok(())
    }

    fn finish(&self, cuts: Vec<u64>) -> Result<u64, Infallible> {
        Ok(cuts.iter().fold(0, |hash, cut| (hash ^ cut).wrapping_mul(0x9e37_79b9_7f4a_7c15)))
    }
}

/// Every kind of statistic, as bits.
fn statistic<D: Dimension + 'static>(x: &ChunkedArray<f64, D>, kind: usize) -> Delayed<Vec<u64>> {
    let float = |value: Delayed<f64>| value.map_named("bits", |value| vec![value.to_bits()]);
    match kind {
        0 => float(x.sum()),
        1 => float(x.mean()),
        2 => float(x.std(0)),
        3 => float(x.skewness()),
        4 => float(x.kurtosis()),
        5 => float(x.min()),
        6 => float(x.max()),
        7 => float(x.nanmean()),
        8 => float(x.prod()),
        9 => x.argmax().map_named("bits", |&place| vec![place]),
        10 => x.reduce(Cuts).map_named("bits", |&cuts| vec![cuts]),
        11 => x.count_nonzero().map_named("bits", |&count| vec![count]),
        _ => x
            .to_array()
            .map_named("bits", |array| array.iter().map(|value| value.to_bits()).collect()),
    }
}

const KINDS: usize = 13;

/// Arrays of one shape whose elements lie in many ways, all in one grid.
fn neighbours(shape: [usize; 2], chunks: [usize; 2], seed: u64) -> Vec<ChunkedArray<f64, Ix2>> {
    let [rows, columns] = shape;
    let element = move |i: usize, j: usize| unit(seed, i * 31 + j) + 0.5;
    let in_c = Array::from_shape_fn((rows, columns), |(i, j)| element(i, j));
    let in_fortran = Array::from_shape_fn((rows, columns).f(), |(i, j)| element(j, i));
    let wide = Array::from_shape_fn((rows + 3, columns + 5), |(i, j)| element(i, j + 2));
    let x = ChunkedArray::from_array(in_c, chunks);
    let y = ChunkedArray::from_array(in_fortran, chunks);
    let generated = ChunkedArray::from_fn(shape, chunks, move |[i, j]| element(i + 7, j));
    let part = ChunkedArray::from_array(wide.clone(), [rows, columns])
        .slice(s![3.., ..-5])
        .rechunk(chunks);
    let transposed = ChunkedArray::from_array(wide.t().to_owned(), [columns, rows]).t();
    let transposed = transposed.slice(s![..-3, 5..;1]).rechunk(chunks);
    let row =
        ChunkedArray::from_array(Array::from_iter((0..columns).map(|j| element(1, j))), [columns]);
    vec![
        &x + &y,
        &x * &generated,
        &part - &row,
        transposed.flip(Axis(0)),
        &transposed + &part,
        row.broadcast(shape).rechunk(chunks) + 1.0,
        x,
        y,
        generated,
        part,
        transposed,
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn change_no_bit(
        shape in prop_oneof![
            [1_usize..40, 1_usize..40],
            [1_usize..6, 400_usize..6000],
            [400_usize..6000, 1_usize..6],
        ],
        chunks in [1_usize..7, 1_usize..7],
        seed: u64,
        asked in prop::collection::vec((0_usize..11, 0..KINDS), 1..5),
        beside in prop::collection::vec((0_usize..11, 0..KINDS), 1..6),
    ) {
        let chunks = [shape[0].div_ceil(chunks[0]), shape[1].div_ceil(chunks[1])];
        let arrays = neighbours(shape, chunks, seed);
        let requests = |of: &[(usize, usize)]| -> Vec<_> {
            of.iter().map(|&(array, kind)| statistic(&arrays[array], kind)).collect()
        };
        let alone: Vec<_> = requests(&asked)
            .into_iter()
            .map(|request| Executor::sync().compute(request).unwrap())
            .collect();
        for Named { name, executor } in executors() {
            let (found, _) = executor.compute((requests(&asked), requests(&beside))).unwrap();
            prop_assert_eq!(&found, &alone, "on {}", name);
            let (_, found) = executor.compute((requests(&beside), requests(&asked))).unwrap();
            prop_assert_eq!(&found, &alone, "on {}", name);
        }
    }

    #[test]
    fn nor_does_where_the_memory_lies(
        rows in 1_usize..9,
        columns in prop_oneof![1_usize..40, 500_usize..5000],
        seed: u64,
    ) {
        let wide = Array::from_shape_fn((rows + 2, columns + 3), |(i, j)| unit(seed, i * 7 + j));
        let dense = wide.slice(s![1..-1, 2..-1]).to_owned();
        let a = ChunkedArray::from_array(dense.clone(), [rows, columns]);
        let b = ChunkedArray::from_array(wide, [rows + 2, columns + 3]).slice(s![1..-1, 2..-1]);
        let b = b.rechunk([rows, columns]);
        let c = ChunkedArray::from_array(dense.t().to_owned(), [columns, rows]).t();
        let d = ChunkedArray::from_fn([rows, columns], [rows, columns], move |index| dense[index]);
        for kind in 0..KINDS {
            let bits = |x: &ChunkedArray<f64, Ix2>| compute(statistic(x, kind)).unwrap();
            let expected = bits(&a);
            prop_assert_eq!(&bits(&b), &expected, "kind {}", kind);
            prop_assert_eq!(&bits(&c), &expected, "kind {}", kind);
            prop_assert_eq!(&bits(&d), &expected, "kind {}", kind);
        }
    }
}

#[test]
fn of_a_thousand_rows_change_no_bit() {
    let y = ChunkedArray::from_fn([1000, 1000], [100, 100], |[i, j]| {
        ((i * 7919 + j * 104_729) % 1009) as f64 / 7.0
    });
    let values = Array::from_shape_fn((1000, 1000), |(i, j)| (i * j % 13) as f64 / 3.0);
    let x = ChunkedArray::from_array(values, [100, 100]);
    let asked = [y.mean(), y.std(0), y.skewness(), y.kurtosis()];
    let alone = compute(&asked).unwrap();
    let (together, _) = compute((&asked, (&x + &y).sum())).unwrap();
    assert_eq!(together.map(f64::to_bits), alone.map(f64::to_bits));
}

#[test]
fn one_dimension_too() {
    let x: ChunkedArray<f64, Ix1> = ChunkedArray::from_fn([30_000], [7000], |[i]| unit(3, i));
    let values = Array::from_iter((0..30_000).map(|i| unit(3, i)));
    let y = ChunkedArray::from_array(values.clone(), [7000]);
    let backward = Array::from_iter(values.iter().rev().copied());
    let z = ChunkedArray::from_array(backward, [30_000]).flip(Axis(0)).rechunk([7000]);
    for kind in 0..KINDS {
        let [x, y, z] = [&x, &y, &z].map(|x| compute(statistic(x, kind)).unwrap());
        assert!(x == y && y == z, "kind {kind}");
    }
}
