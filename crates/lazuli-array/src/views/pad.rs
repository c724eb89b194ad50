//! Arrays with a margin.
//!
//! A margin is made of views: elements again, backward where they are reflected, and one element or number repeated. They
//! are joined with the array, axis after axis, below one leaf, so a padded array costs nothing until it is read, and
//! blocks that have no margin are read as without it.

use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

use ndarray::Dimension;
use smallvec::SmallVec;

use crate::array::{ChunkedArray, Element};
use crate::chunks::{Axes, AxisChunks, Grid};
use crate::error::ArrayError;
use crate::expr::{Behind, Expr, ExprRef, Kind, View};
use crate::source::{Generated, leaf};
use crate::tile::JoiningOf;

/// What a margin is made of, by NumPy's names; of an axis `a b c d`, at its end:
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum PadMode<A> {
    /// This number.
    Constant(A),
    /// The last element: `d | d d d d`.
    Edge,
    /// The elements before the last one, backward, and forward again: `d | c b a b`.
    Reflect,
    /// The elements, backward, and forward again: `d | d c b a`.
    Symmetric,
    /// The elements from the other end on: `d | a b c d`.
    Wrap,
}

/// Elements of an axis that come one after another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    /// The index of the first one, and the distance to the next; None where it is the constant.
    from: Option<(usize, isize)>,
    len: usize,
}

impl<A: Element, D: Dimension> ChunkedArray<A, D> {
    /// The array with a margin along each axis: so many elements before and behind it, as NumPy's `pad`. The first and
    /// the last block along an axis grow by it, the others are as they were.
    ///
    /// ```
    /// use lazuli_array::{ChunkedArray, PadMode};
    /// let x = ChunkedArray::arange(1_i64, 5, 1, 2); // 1 2 3 4
    /// let padded = |mode| lazuli_core::compute(x.pad([(2, 3)], mode)).map(|x| x.to_vec());
    /// assert_eq!(padded(PadMode::Constant(0))?, [0, 0, 1, 2, 3, 4, 0, 0, 0]);
    /// assert_eq!(padded(PadMode::Edge)?, [1, 1, 1, 2, 3, 4, 4, 4, 4]);
    /// assert_eq!(padded(PadMode::Reflect)?, [3, 2, 1, 2, 3, 4, 3, 2, 1]);
    /// assert_eq!(padded(PadMode::Symmetric)?, [2, 1, 1, 2, 3, 4, 4, 3, 2]);
    /// assert_eq!(padded(PadMode::Wrap)?, [3, 4, 1, 2, 3, 4, 1, 2, 3]);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    ///
    /// One pair for all axes is given as one for each. Widths for another number of axes, and a margin without elements
    /// to make it of, are reported when the array is computed. Costs O(margin / length) along each axis to describe,
    /// and a copy of the blocks that have a part of it.
    #[track_caller]
    #[must_use]
    pub fn pad(&self, widths: impl AsRef<[(usize, usize)]>, mode: PadMode<A>) -> Self {
        let site = Location::caller();
        if self.check().is_err() {
            return self.clone();
        }
        let widths = widths.as_ref();
        let padded = if widths.len() == self.ndim() {
            self.padded(widths, mode)
        } else {
            Err(format!("{} pairs of widths for {} axes", widths.len(), self.ndim()))
        };
        padded.unwrap_or_else(|reason| {
            let shape = self.shape().to_vec();
            Self::invalid(ArrayError::BadAxes { operation: "pad", shape, reason, site }, site)
        })
    }

    #[track_caller]
    fn padded(&self, widths: &[(usize, usize)], mode: PadMode<A>) -> Result<Self, String> {
        let mut axes: SmallVec<[AxisChunks; 4]> = self.grid.axes().into();
        let mut shape: Axes = self.shape().into();
        let mut expr = Arc::clone(&self.expr);
        for (axis, &(before, after)) in widths.iter().enumerate() {
            if (before, after) == (0, 0) {
                continue;
            }
            let len = shape[axis];
            if len == 0 && !matches!(mode, PadMode::Constant(_)) {
                return Err(format!("axis {axis} has no elements to make a margin of"));
            }
            let wider = before.checked_add(after).and_then(|margin| margin.checked_add(len));
            let wider = wider.filter(|&len| isize::try_from(len).is_ok());
            let wider = wider.ok_or_else(|| format!("axis {axis} would be too long"))?;
            let mut inner = shape.clone();
            shape[axis] = wider;
            let runs = runs(len, before, after, mode);
            let inputs = runs.iter().map(|run| {
                inner[axis] = run.len;
                part(&expr, inner.clone(), axis, run, mode)
            });
            let inputs: Vec<ExprRef> = inputs.collect();
            let lens = runs.iter().map(|run| run.len).collect();
            let joining = Arc::new(JoiningOf::<A>(PhantomData));
            let kind = Kind::Joined { axis, lens, shape: shape.clone(), joining };
            expr = Expr::joined(kind, inputs);
            let mut sizes: Vec<usize> = axes[axis].sizes().collect();
            match &mut sizes[..] {
                [] => sizes.push(wider),
                [only] => *only = wider,
                [first, .., last] => {
                    *first += before;
                    *last += after;
                }
            }
            axes[axis] = AxisChunks::of_sizes(&sizes).ok_or("an axis would be too long")?;
        }
        let grid = Grid::from_axes(axes).map_err(|error| error.to_string())?;
        Ok(Self::at(expr, Arc::new(grid), Location::caller()))
    }
}

/// What an axis with its margin is made of.
fn runs<A>(len: usize, before: usize, after: usize, mode: PadMode<A>) -> Vec<Run> {
    let own = Run { from: Some((0, 1)), len };
    let ends = |from: [Option<(usize, isize)>; 2]| {
        let [first, last] = from;
        vec![Run { from: first, len: before }, own, Run { from: last, len: after }]
    };
    let mut runs = match mode {
        PadMode::Constant(_) => ends([None, None]),
        _ if len == 1 => ends([Some((0, 0)), Some((0, 0))]),
        PadMode::Edge => ends([Some((0, 0)), Some((len - 1, 0))]),
        PadMode::Reflect => folded(len, before, after, 2 * (len - 1), 2 * (len - 1)),
        PadMode::Symmetric => folded(len, before, after, 2 * len, 2 * len - 1),
        PadMode::Wrap => folded(len, before, after, len, 0),
    };
    runs.retain(|run| run.len > 0);
    runs
}

/// Runs of an axis that comes again after `period` places, where those from `len` on stand for the index
/// `back - place`.
fn folded(len: usize, before: usize, after: usize, period: usize, back: usize) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut left = before + len + after;
    // The first place is `before` places before the first element.
    let mut place = (period - before % period) % period;
    while left > 0 {
        let (from, end) =
            if place < len { ((place, 1), len) } else { ((back - place, -1), period) };
        let run = left.min(end - place);
        runs.push(Run { from: Some(from), len: run });
        left -= run;
        place = (place + run) % period;
    }
    runs
}

/// The elements of a run, as an array of this shape.
fn part<A: Element>(
    expr: &ExprRef,
    shape: Axes,
    axis: usize,
    run: &Run,
    mode: PadMode<A>,
) -> ExprRef {
    match (run.from, mode) {
        (None, PadMode::Constant(value)) => {
            let constant = leaf(Generated::new("pad", move |_: [usize; 0]| value));
            Expr::view(View { shape, behind: SmallVec::new() }, &constant)
        }
        (from, _) => {
            let (start, step) = from.unwrap_or((0, 0));
            let mut view = View::identity(&shape);
            view.behind[axis] = Behind { start, step, along: (step != 0).then_some(axis) };
            Expr::view(view, expr)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The index that each place of a padded axis stands for.
    fn indices(len: usize, before: usize, after: usize, mode: PadMode<i32>) -> Vec<Option<usize>> {
        let of = |run: &Run| {
            let from = run.from;
            (0..run.len).map(move |ahead| {
                from.map(|(start, step)| start.wrapping_add_signed(step * ahead as isize))
            })
        };
        runs(len, before, after, mode).iter().flat_map(of).collect()
    }

    #[test]
    fn margins_are_those_of_numpy() {
        // np.pad(np.arange(len), (before, after), mode)
        let check = |len, before, after, mode, expected: &[usize]| {
            let expected: Vec<_> = expected.iter().map(|&index| Some(index)).collect();
            assert_eq!(indices(len, before, after, mode), expected, "{mode:?}");
        };
        check(3, 5, 4, PadMode::Reflect, &[1, 0, 1, 2, 1, 0, 1, 2, 1, 0, 1, 2]);
        check(3, 5, 4, PadMode::Symmetric, &[1, 2, 2, 1, 0, 0, 1, 2, 2, 1, 0, 0]);
        check(3, 5, 4, PadMode::Wrap, &[1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0]);
        check(2, 3, 0, PadMode::Edge, &[0, 0, 0, 0, 1]);
        check(1, 1, 2, PadMode::Reflect, &[0, 0, 0, 0]);
        assert_eq!(indices(1, 1, 1, PadMode::Constant(9)), [None, Some(0), None]);
    }
}
