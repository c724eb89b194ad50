//! Reading a view of a stage from the blocks that hold its elements.

use std::sync::Arc;

use smallvec::SmallVec;

use super::{AnyBlock, Block};
use crate::array::Element;
use crate::chunks::{Axes, AxisChunks, Grid, unravel};
use crate::expr::{Behind, View};
use crate::source::{AnyWindow, Memory, lent_window};

/// A run of elements of a view along one axis of the stage, all of one block.
struct Run {
    block: usize,
    /// Of the elements of the view along this axis, the first of the run and their number.
    first: usize,
    len: usize,
    /// Where the first lies in its block.
    place: usize,
}

/// How many elements of the view there are along an axis of the stage.
fn len_along(view: &View, behind: &Behind) -> usize {
    behind.along.map_or(1, |along| view.shape[along])
}

/// The runs of `len` elements along an axis, in the order of the view.
fn runs(axis: &AxisChunks, behind: &Behind, len: usize) -> SmallVec<[Run; 2]> {
    let mut runs = SmallVec::new();
    let mut first = 0;
    while first < len {
        let index = behind.start.wrapping_add_signed(behind.step.wrapping_mul(first as isize));
        let Some(block) = axis.block_at(index) else { break };
        let (start, size) = axis.block(block);
        let stride = behind.step.unsigned_abs();
        let left = match behind.step {
            0 => len - first,
            1.. => (start + size - index).div_ceil(stride),
            _ => (index - start) / stride + 1,
        };
        let run = left.min(len - first);
        runs.push(Run { block, first, len: run, place: index - start });
        first += run;
    }
    runs
}

/// The runs along every axis of the stage; None where the view has no elements.
fn runs_of(grid: &Grid, view: &View) -> Option<SmallVec<[SmallVec<[Run; 2]>; 4]>> {
    if view.shape.contains(&0) {
        return None;
    }
    let axes = grid.axes().iter().zip(&view.behind);
    Some(axes.map(|(axis, behind)| runs(axis, behind, len_along(view, behind))).collect())
}

pub(super) fn blocks_of(grid: &Grid, view: &View) -> Vec<usize> {
    let Some(runs) = runs_of(grid, view) else { return Vec::new() };
    let counts: Axes = runs.iter().map(SmallVec::len).collect();
    let numblocks = grid.numblocks();
    let cells = 0..counts.iter().product();
    let number = |cell: usize| {
        let cell = unravel(cell, &counts);
        let blocks = cell.iter().zip(&runs).map(|(&run, runs)| runs[run].block);
        blocks.zip(&numblocks).fold(0, |number, (block, len)| number * len + block)
    };
    let mut numbers: Vec<usize> = cells.map(number).collect();
    numbers.sort_unstable();
    numbers
}

/// The bytes of the elements of a view, each element of the stage once.
pub(super) fn copied_bytes(view: &View, element_bytes: usize) -> u64 {
    let lens = view.behind.iter().map(|behind| len_along(view, behind) as u64);
    lens.fold(element_bytes as u64, u64::saturating_mul)
}

/// A window on a view: on the one block that holds it, or on a copy of what it shows of several.
pub(super) fn open<A: Element>(
    grid: &Grid,
    view: &View,
    numbers: &[usize],
    blocks: &[&AnyBlock],
) -> Box<dyn AnyWindow> {
    if let [block] = blocks {
        let block = block.get::<A>();
        let cell = unravel(numbers[0], &grid.numblocks());
        let mut within = view.clone();
        for ((behind, axis), &number) in within.behind.iter_mut().zip(grid.axes()).zip(&cell) {
            behind.start -= axis.block(number).0;
        }
        let strides = c_strides(&block.shape);
        return lent_window(block, &within, 0, &strides);
    }
    let lens: Axes = view.behind.iter().map(|behind| len_along(view, behind)).collect();
    let copy = copy_of::<A>(grid, view, &lens, numbers, blocks);
    let mut compact = view.clone();
    for behind in &mut compact.behind {
        (behind.start, behind.step) = (0, 1);
    }
    lent_window(Arc::new(copy), &compact, 0, &c_strides(&lens))
}

/// The distances between neighbours along each axis, in C order.
fn c_strides(shape: &[usize]) -> SmallVec<[isize; 4]> {
    let mut strides: SmallVec<[isize; 4]> = shape.iter().map(|_| 1).collect();
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis] as isize;
    }
    strides
}

/// The elements of a view in C order of the axes of the stage, without those that it repeats.
fn copy_of<A: Element>(
    grid: &Grid,
    view: &View,
    lens: &Axes,
    numbers: &[usize],
    blocks: &[&AnyBlock],
) -> Block<A> {
    let mut copy =
        Block { shape: lens.clone(), elements: vec![A::default(); lens.iter().product()] };
    let Some(runs) = runs_of(grid, view) else { return copy };
    let counts: Axes = runs.iter().map(SmallVec::len).collect();
    let (numblocks, to_strides) = (grid.numblocks(), c_strides(lens));
    for cell in 0..counts.iter().product() {
        let cell = unravel(cell, &counts);
        let runs: SmallVec<[&Run; 4]> =
            cell.iter().zip(&runs).map(|(&run, runs)| &runs[run]).collect();
        let number = runs.iter().zip(&numblocks).fold(0, |all, (run, len)| all * len + run.block);
        let Ok(found) = numbers.binary_search(&number) else { continue };
        let block = blocks[found].get::<A>();
        let from_strides = c_strides(&block.shape);
        let shape: Axes = runs.iter().map(|run| run.len).collect();
        let line = shape.last().copied().unwrap_or(1);
        let step = view.behind.last().map_or(1, |behind| behind.step);
        for element in (0..shape.iter().product()).step_by(line) {
            let index = unravel(element, &shape);
            let (mut from, mut to) = (0_isize, 0_isize);
            for (axis, (&index, run)) in index.iter().zip(&runs).enumerate() {
                let moved = view.behind[axis].step * index as isize;
                from += from_strides[axis] * (run.place as isize + moved);
                to += to_strides[axis] * (run.first + index) as isize;
            }
            let to = &mut copy.elements[to as usize..][..line];
            copy_line(block.elements(), from as usize, step, to);
        }
    }
    copy
}

/// Copies elements that lie `step` apart.
fn copy_line<A: Element>(elements: &[A], from: usize, step: isize, to: &mut [A]) {
    if step == 1 {
        return to.copy_from_slice(&elements[from..from + to.len()]);
    }
    for (place, to) in to.iter_mut().enumerate() {
        *to = elements[from.wrapping_add_signed(step * place as isize)];
    }
}
