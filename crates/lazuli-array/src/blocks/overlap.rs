//! Functions of blocks with a border of their neighbours.

use std::panic::Location;
use std::slice;
use std::sync::Arc;

use ndarray::{Array, ArrayView, ArrayViewMutD, Axis, Dimension, IxDyn, Slice};
use smallvec::SmallVec;

use super::map::of_shape;
use super::{BlockInfo, view_of};
use crate::array::{ChunkedArray, Element};
use crate::chunks::{Axes, Region, unravel};
use crate::error::ArrayError;
use crate::stage::{Assembly, Making, Piece, made_of_regions};

/// What lies beyond an end of an axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Boundary<A> {
    /// Nothing: blocks at an end have no border there.
    None,
    /// The elements before the end, backward, the last one first: `b a | a b c`. As Dask's and SciPy's `reflect`.
    Reflect,
    /// The elements at the other end.
    Periodic,
    /// The last element.
    Nearest,
    /// This number.
    Constant(A),
}

/// The same boundary along each axis.
impl<A> AsRef<[Self]> for Boundary<A> {
    fn as_ref(&self) -> &[Self] {
        slice::from_ref(self)
    }
}

/// The border along one axis of an array.
#[derive(Clone, Copy, Debug)]
struct Border<A> {
    len: usize,
    depth: usize,
    boundary: Boundary<A>,
}

/// A run of elements of an axis, and where it is in the buffer.
struct Run {
    from: usize,
    len: usize,
    to: usize,
}

impl<A: Element> Border<A> {
    /// Where a block with its border starts and ends; before 0 and beyond the axis, where there is a boundary.
    fn extent(&self, start: usize, len: usize) -> (isize, isize) {
        let (low, high) =
            (start as isize - self.depth as isize, (start + len + self.depth) as isize);
        match self.boundary {
            Boundary::None => (low.max(0), high.min(self.len as isize)),
            _ => (low, high),
        }
    }

    /// The elements of a block with its border that the array has.
    fn runs(&self, start: usize, len: usize) -> SmallVec<[Run; 3]> {
        let (low, high) = self.extent(start, len);
        let whole = self.len as isize;
        if !matches!(self.boundary, Boundary::Periodic) {
            let (from, end) = (low.max(0), high.min(whole));
            let (len, to) = ((end - from) as usize, (from - low) as usize);
            return [Run { from: from as usize, len, to }].into_iter().collect();
        }
        let mut runs = SmallVec::new();
        let mut at = low;
        while at < high {
            let from = at.rem_euclid(whole);
            let len = (whole - from).min(high - at);
            runs.push(Run { from: from as usize, len: len as usize, to: (at - low) as usize });
            at += len;
        }
        runs
    }

    /// The index whose element stands for this one beyond the axis; None where a number does.
    fn stands_for(&self, index: isize) -> Option<usize> {
        let last = self.len as isize - 1;
        match self.boundary {
            Boundary::Reflect if index < 0 => Some((-1 - index) as usize),
            Boundary::Reflect => Some((2 * last + 1 - index) as usize),
            Boundary::Nearest => Some(index.clamp(0, last) as usize),
            Boundary::None | Boundary::Periodic | Boundary::Constant(_) => None,
        }
    }
}

impl<A: Element, D: Dimension + 'static> ChunkedArray<A, D> {
    /// Applies a function to each block together with `depth` elements of its neighbours on both sides along each
    /// axis. Beyond the ends of the array is what `boundary` says: one for all axes, or one for each.
    ///
    /// The function returns a block of the shape that it was shown, of which the border is cut off, or of the shape
    /// without border. Keeps shape and chunks. A task reads its border from the sources, or from those blocks
    /// of stages that hold it, and no more of the neighbours.
    ///
    /// ```
    /// use lazuli_array::{Boundary, ChunkedArray, ndarray::s};
    /// let x = ChunkedArray::from_fn([100], [30], |[i]| (i * i) as f64);
    /// let curvature = x.map_overlap([1], Boundary::Nearest, |block, _| {
    ///     &block.slice(s![2..]) - 2.0 * &block.slice(s![1..-1]) + &block.slice(s![..-2])
    /// });
    /// let inner = curvature.slice(s![1..-1]);
    /// assert_eq!(lazuli_core::compute((inner.min(), inner.max()))?, (2.0, 2.0));
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn map_overlap<B: Element>(
        &self,
        depth: impl AsRef<[usize]>,
        boundary: impl AsRef<[Boundary<A>]>,
        function: impl Fn(ArrayView<'_, A, D>, &BlockInfo) -> Array<B, D> + Send + Sync + 'static,
    ) -> ChunkedArray<B, D> {
        let site = Location::caller();
        self.stage_from(site, || {
            let borders = self.borders(depth.as_ref(), boundary.as_ref()).map_err(|reason| {
                let shape = self.shape().to_vec();
                ArrayError::BadAxes { operation: "map_overlap", shape, reason, site }
            })?;
            let (wide, grid) = (borders.clone(), Arc::clone(&self.grid));
            let making = Making {
                name: "map_overlap",
                assemble: Box::new(move |block: &Region| with_border(&wide, block)),
                make: Box::new(
                    move |mut buffer: Vec<A>, assembly: &Assembly, block: &Region, _| {
                        fill_beyond(&borders, &mut buffer, &assembly.shape, block);
                        let mut info = BlockInfo::new(&grid, block);
                        for (axis, before) in info.before.iter_mut().enumerate() {
                            let (low, _) =
                                borders[axis].extent(block.start[axis], block.shape[axis]);
                            *before = (block.start[axis] as isize - low) as usize;
                        }
                        let made = function(view_of(&assembly.shape, &buffer), &info);
                        let made = if made.shape() == &assembly.shape[..] {
                            without_border(made, &info)
                        } else {
                            made
                        };
                        of_shape("map_overlap", made, block, site)
                    },
                ),
                beside: Vec::new(),
            };
            let output = Arc::clone(&self.grid);
            Ok((made_of_regions(&self.expr, self.shape(), &output, making, site), output))
        })
    }

    fn borders(
        &self,
        depth: &[usize],
        boundary: &[Boundary<A>],
    ) -> Result<SmallVec<[Border<A>; 4]>, String> {
        let ndim = self.ndim();
        if depth.len() != ndim {
            return Err(format!("{} depths for {ndim} axes", depth.len()));
        }
        if boundary.len() != ndim && boundary.len() != 1 {
            return Err(format!("{} boundaries for {ndim} axes", boundary.len()));
        }
        let axes = self.shape().iter().zip(depth).enumerate();
        axes.map(|(axis, (&len, &depth))| {
            let boundary = boundary[if boundary.len() == 1 { 0 } else { axis }];
            let most =
                if matches!(boundary, Boundary::Reflect) { len } else { isize::MAX as usize / 4 };
            if depth > most && len > 0 {
                return Err(format!("a border of {depth} is beyond axis {axis}"));
            }
            Ok(Border { len, depth, boundary })
        })
        .collect()
    }
}

/// The parts of the array that a block with its border is made of.
fn with_border<A: Element>(borders: &[Border<A>], block: &Region) -> Assembly {
    let axes = || borders.iter().zip(block.start.iter().zip(&block.shape));
    let shape = axes().map(|(border, (&start, &len))| {
        let (low, high) = border.extent(start, len);
        (high - low) as usize
    });
    let runs: SmallVec<[SmallVec<[Run; 3]>; 4]> =
        axes().map(|(border, (&start, &len))| border.runs(start, len)).collect();
    let counts: Axes = runs.iter().map(SmallVec::len).collect();
    let piece = |cell: usize| {
        let cell = unravel(cell, &counts);
        let runs: SmallVec<[&Run; 4]> = cell.iter().zip(&runs).map(|(&run, of)| &of[run]).collect();
        Piece {
            from: Region {
                start: runs.iter().map(|run| run.from).collect(),
                shape: runs.iter().map(|run| run.len).collect(),
            },
            to: runs.iter().map(|run| run.to).collect(),
        }
    };
    Assembly { shape: shape.collect(), pieces: (0..counts.iter().product()).map(piece).collect() }
}

/// Fills what lies beyond the array, axis after axis, so that corners are those of what is there already.
fn fill_beyond<A: Element>(
    borders: &[Border<A>],
    buffer: &mut [A],
    shape: &[usize],
    block: &Region,
) {
    let Ok(mut all) = ArrayViewMutD::from_shape(IxDyn(shape), buffer) else { return };
    for (axis, border) in borders.iter().enumerate() {
        let (low, high) = border.extent(block.start[axis], block.shape[axis]);
        if matches!(border.boundary, Boundary::Periodic) {
            continue;
        }
        let len = border.len as isize;
        for index in (low..0).chain(len.max(low)..high) {
            let to = (index - low) as usize;
            match (border.boundary, border.stands_for(index)) {
                (Boundary::Constant(value), _) => all.index_axis_mut(Axis(axis), to).fill(value),
                (_, Some(from)) => {
                    let from = from.wrapping_add_signed(-low);
                    let plane = all.index_axis(Axis(axis), from).to_owned();
                    all.index_axis_mut(Axis(axis), to).assign(&plane);
                }
                (_, None) => {}
            }
        }
    }
}

fn without_border<B: Element, D: Dimension>(made: Array<B, D>, info: &BlockInfo) -> Array<B, D> {
    let mut made = made;
    for (axis, (&before, &len)) in info.before.iter().zip(info.shape()).enumerate() {
        made.slice_axis_inplace(Axis(axis), Slice::from(before..before + len));
    }
    made
}
