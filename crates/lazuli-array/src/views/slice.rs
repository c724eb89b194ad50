//! Slices with steps of either sign, and single indices.

use std::ops::{Range, RangeFrom, RangeFull, RangeInclusive, RangeTo};
use std::panic::Location;
use std::sync::Arc;

use ndarray::{Axis, Dimension, RemoveAxis, SliceArg, SliceInfoElem};
use smallvec::SmallVec;

use crate::array::{ChunkedArray, Element};
use crate::chunks::{AxisChunks, Grid};
use crate::error::ArrayError;
use crate::expr::{Behind, Expr, View};

/// Part of an axis: from `start` up to but not including `end`, every `step`th. Negative places count
/// from the end, and a negative step runs backward through the part, as in `ndarray`'s `s![]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    start: isize,
    end: Option<isize>,
    step: isize,
}

impl Span {
    /// The part from `start` to `end` (the end of the axis if None).
    #[must_use]
    pub fn new(start: isize, end: Option<isize>, step: isize) -> Self {
        Self { start, end, step }
    }
}

macro_rules! spans {
    ($($range:ty: |$from:ident| $start:expr, $end:expr;)*) => {$(
        impl From<$range> for Span {
            fn from($from: $range) -> Self {
                Self::new($start, $end, 1)
            }
        }
    )*};
}

spans! {
    Range<isize>: |range| range.start, Some(range.end);
    RangeFrom<isize>: |range| range.start, None;
    RangeTo<isize>: |range| 0, Some(range.end);
    RangeFull: |_range| 0, None;
    RangeInclusive<isize>: |range| *range.start(), range.end().checked_add(1).filter(|&end| end != 0);
}

/// The index of the first element of a span, the step and the number of elements.
fn resolve(span: Span, len: usize) -> Result<(usize, isize, usize), String> {
    let Span { start, end, step } = span;
    let place = |at: isize| {
        let place = if at < 0 { len.checked_sub(at.unsigned_abs()) } else { Some(at as usize) };
        place.filter(|&place| place <= len).ok_or_else(|| format!("{at} is beyond {len} elements"))
    };
    if step == 0 {
        return Err("the step is 0".into());
    }
    let start = place(start)?;
    let end = end.map_or(Ok(len), place)?.max(start);
    let count = (end - start).div_ceil(step.unsigned_abs());
    let first = if step < 0 && count > 0 { end - 1 } else { start };
    Ok((first, step, count))
}

/// The place of an index that counts from the end if negative.
fn resolve_index(index: isize, len: usize) -> Result<usize, String> {
    let place =
        if index < 0 { len.checked_sub(index.unsigned_abs()) } else { Some(index as usize) };
    place
        .filter(|&place| place < len)
        .ok_or_else(|| format!("index {index} is beyond {len} elements"))
}

impl<A: Element, D: Dimension> ChunkedArray<A, D> {
    /// A part of the array: ranges with steps, single indices and new axes, as `ndarray`'s `s![]` writes
    /// them. Blocks end where those of this array do.
    ///
    /// ```
    /// use lazuli_array::{ChunkedArray, ndarray::s};
    /// let x = ChunkedArray::from_fn([100, 10], [10, 10], |[i, j]| (10 * i + j) as f64);
    /// let differences = x.slice(s![1.., ..]) - x.slice(s![..-1, ..]);
    /// assert_eq!(lazuli_core::compute(differences.mean())?, 10.0);
    /// let column = x.slice(s![..;-1, 3]);
    /// assert_eq!(lazuli_core::compute(&column)?.to_vec()[..2], [993.0, 983.0]);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn slice<I: SliceArg<D>>(&self, info: I) -> ChunkedArray<A, I::OutDim>
    where
        I::OutDim: Dimension,
    {
        let site = Location::caller();
        let sliced = self.sliced(info.as_ref());
        self.view("slice", sliced, site)
    }

    /// Part of one axis. Blocks end where those of this array do.
    ///
    /// ```
    /// use lazuli_array::{ChunkedArray, Span, ndarray::Axis};
    /// let x = ChunkedArray::from_fn([100], [10], |[i]| i as f64);
    /// let some = x.slice_axis(Axis(0), Span::new(0, Some(-1), 7));
    /// assert_eq!(lazuli_core::compute(some.max())?, 98.0);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn slice_axis(&self, axis: Axis, span: impl Into<Span>) -> Self {
        let site = Location::caller();
        let mut elements: SmallVec<[SliceInfoElem; 4]> =
            self.shape().iter().map(|_| whole()).collect();
        let Span { start, end, step } = span.into();
        let viewed = match elements.get_mut(axis.0) {
            Some(element) => {
                *element = SliceInfoElem::Slice { start, end, step };
                self.sliced(&elements)
            }
            None => Err(format!("there is no axis {}", axis.0)),
        };
        self.view("slice_axis", viewed, site)
    }

    /// The array without an axis, at one index of it; negative ones count from the end.
    #[track_caller]
    #[must_use]
    pub fn index_axis(&self, axis: Axis, index: isize) -> ChunkedArray<A, D::Smaller>
    where
        D: RemoveAxis,
    {
        let site = Location::caller();
        let mut elements: SmallVec<[SliceInfoElem; 4]> =
            self.shape().iter().map(|_| whole()).collect();
        let viewed = match elements.get_mut(axis.0) {
            Some(element) => {
                *element = SliceInfoElem::Index(index);
                self.sliced(&elements)
            }
            None => Err(format!("there is no axis {}", axis.0)),
        };
        self.view("index_axis", viewed, site)
    }

    /// The view that these elements make, and its grid.
    fn sliced(&self, elements: &[SliceInfoElem]) -> Result<(View, Grid), String> {
        let axes = self.grid.axes();
        let taken = elements.iter().filter(|element| !element.is_new_axis()).count();
        if taken != axes.len() {
            return Err(format!("{taken} ranges and indices for {} axes", axes.len()));
        }
        let mut shape = crate::chunks::Axes::new();
        let mut behind = SmallVec::new();
        let mut cut: SmallVec<[AxisChunks; 4]> = SmallVec::new();
        let mut mine = axes.iter();
        for element in elements {
            match *element {
                SliceInfoElem::NewAxis => {
                    shape.push(1);
                    cut.push(AxisChunks::regular(1, 1));
                }
                SliceInfoElem::Index(index) => {
                    let len = mine.next().map_or(0, AxisChunks::len);
                    let start = resolve_index(index, len)?;
                    behind.push(Behind { start, step: 0, along: None });
                }
                SliceInfoElem::Slice { start, end, step } => {
                    let Some(axis) = mine.next() else { continue };
                    let (first, step, len) = resolve(Span { start, end, step }, axis.len())?;
                    behind.push(Behind { start: first, step, along: Some(shape.len()) });
                    shape.push(len);
                    cut.push(axis.sliced(first, len, step));
                }
            }
        }
        let grid = Grid::from_axes(cut).map_err(|error| error.to_string())?;
        Ok((View { shape, behind }, grid))
    }

    /// The array that is this view of this one, or the error why it is none.
    pub(super) fn view<E: Dimension>(
        &self,
        operation: &'static str,
        viewed: Result<(View, Grid), String>,
        site: &'static Location<'static>,
    ) -> ChunkedArray<A, E> {
        if self.expr.kind.is_err() {
            return ChunkedArray::at(Arc::clone(&self.expr), Arc::clone(&self.grid), site);
        }
        match viewed {
            Ok((view, grid)) => {
                ChunkedArray::at(Expr::view(view, &self.expr), Arc::new(grid), site)
            }
            Err(reason) => {
                let shape = self.shape().to_vec();
                let error = ArrayError::BadAxes { operation, shape, reason, site };
                ChunkedArray::invalid(error, site)
            }
        }
    }
}

fn whole() -> SliceInfoElem {
    SliceInfoElem::Slice { start: 0, end: None, step: 1 }
}
