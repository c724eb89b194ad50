//! Slices, transposes, running sums, other chunks, and neighbours.

#![allow(clippy::reversed_empty_ranges, reason = "negative places count from the end of an axis")]

use lazuli::array::Boundary;
use lazuli::prelude::*;
use lazuli_benches::{Turn, in_turns};
use ndarray::{ArcArray2, Array3, ArrayView3, Axis, s};

use super::memory::reads;
use super::whole::lazuli;

pub(crate) fn views_and_blocks(matrix: &ArcArray2<f64>) {
    let x = ChunkedArray::from_array(matrix.clone(), [1_000, 1_000]);
    let (rows, columns) = matrix.dim();
    let mut turns: Vec<Turn<'_>> = reads(matrix.as_slice().unwrap_or(&[])).into();
    let square = x.slice(s![..columns as isize, ..]);
    turns.push(lazuli("transpose plus itself, sum", (&square + square.t()).sum()));
    turns.push(lazuli("slice with step, sum", x.slice(s![..;3, ..;-2]).sum()));
    let down = (x.slice(s![1.., ..]) - x.slice(s![..-1, ..])).std(0);
    let along = (x.slice(s![.., 1..]) - x.slice(s![.., ..-1])).std(0);
    turns.push(lazuli("double difference, both axes, std", down + along));
    turns.push(lazuli("cumsum axis 0, max", x.cumsum(Axis(0)).max()));
    turns.push(lazuli("cumsum axis 1, max", x.cumsum(Axis(1)).max()));
    let columns_of = x.rechunk([rows, 100]).map_blocks(|block, _| &block * &block);
    turns.push(lazuli("rechunk rows to columns, sum of squares by block", columns_of.sum()));
    turns.push(lazuli("reshape to one axis, sum", x.reshape([rows * columns]).sum()));

    let side = (matrix.len() as f64 / 1.5).cbrt() as usize / 64 * 64;
    let cube = ChunkedArray::from_array(elements_of(matrix, side), [64, 64, 64]);
    let laplacian = cube.map_overlap([1, 1, 1], Boundary::Periodic, |block, _| laplacian(&block));
    turns.push(lazuli(
        format!("map_overlap, 3-d Laplacian of {side} x {side} x {side}, std"),
        laplacian.std(0),
    ));
    in_turns(5, &mut turns);
}

/// The first elements as a cube.
fn elements_of(matrix: &ArcArray2<f64>, side: usize) -> Array3<f64> {
    let elements = matrix.iter().take(side * side * side).copied().collect();
    Array3::from_shape_vec((side, side, side), elements).expect("a cube")
}

/// Inside of the border: the sum of the six neighbours less six times the element.
fn laplacian(block: &ArrayView3<'_, f64>) -> Array3<f64> {
    let (a, b, c) = block.dim();
    let from =
        |i: usize, j: usize, k: usize| block.slice(s![i..i + a - 2, j..j + b - 2, k..k + c - 2]);
    let mut out = &from(1, 1, 1) * -6.0;
    for (i, j, k) in [(0, 1, 1), (2, 1, 1), (1, 0, 1), (1, 2, 1), (1, 1, 0), (1, 1, 2)] {
        out += &from(i, j, k);
    }
    out
}
