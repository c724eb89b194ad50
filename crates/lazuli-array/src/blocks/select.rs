//! Chosen indices along an axis, and axes that are rolled.

use std::panic::Location;
use std::sync::Arc;

use ndarray::{Axis, Dimension};
use smallvec::SmallVec;

use crate::array::{ChunkedArray, Element};
use crate::chunks::{Axes, AxisChunks, Grid, Region};
use crate::error::ArrayError;
use crate::stage::{Assembly, Making, Piece, made_of_regions};

/// Indices of an axis, in the order in which they are to come: runs of neighbours.
struct Chosen {
    /// The first index of each run, and how many elements come before the run.
    runs: Vec<(usize, usize)>,
    len: usize,
}

impl Chosen {
    fn of(indices: impl IntoIterator<Item = usize>) -> Self {
        let mut runs: Vec<(usize, usize)> = Vec::new();
        let mut len = 0;
        for index in indices {
            match runs.last() {
                Some(&(first, before)) if first + (len - before) == index => {}
                _ => runs.push((index, len)),
            }
            len += 1;
        }
        Self { runs, len }
    }

    /// What is chosen from the `start`th on, `len` of them: the first index, number, and place of each run.
    fn part(&self, start: usize, len: usize) -> impl Iterator<Item = (usize, usize, usize)> + '_ {
        let from = self.runs.partition_point(|&(_, before)| before <= start).saturating_sub(1);
        self.runs[from..].iter().enumerate().map_while(move |(ahead, &(first, before))| {
            let end = self.runs.get(from + ahead + 1).map_or(self.len, |&(_, before)| before);
            let (low, high) = (before.max(start), end.min(start + len));
            (low < high).then(|| (first + (low - before), high - low, low - start))
        })
    }
}

impl<A: Element, D: Dimension + 'static> ChunkedArray<A, D> {
    /// The array with these indices along an axis, in this order; any of them may come more than once, as in NumPy's
    /// `take`. Blocks along the axis are as large as the largest of this array.
    ///
    /// A task reads the elements that its block takes, in runs of neighbours.
    ///
    /// ```
    /// use lazuli_array::{ChunkedArray, ndarray::Axis};
    /// let x = ChunkedArray::from_fn([10, 3], [4, 3], |[i, j]| (3 * i + j) as i64);
    /// let rows = x.take(Axis(0), &[9, 0, 1, 1]);
    /// assert_eq!(lazuli_core::compute(rows.sum_axis(Axis(1)))?.to_vec(), [84, 3, 12, 12]);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn take(&self, axis: Axis, indices: &[usize]) -> Self {
        let site = Location::caller();
        let wrong = |reason| self.misfit("take", reason, site);
        let Some(&len) = self.shape().get(axis.0) else {
            return wrong(format!("there is no axis {}", axis.0));
        };
        if let Some(beyond) = indices.iter().find(|&&index| index >= len) {
            return wrong(format!(
                "index {beyond} is beyond the {len} elements of axis {}",
                axis.0
            ));
        }
        self.chosen("take", axis, Chosen::of(indices.iter().copied()), site)
    }

    /// The array with those indices along an axis for which the mask is true, which has one value for each.
    /// As [`take`](Self::take).
    #[track_caller]
    #[must_use]
    pub fn compress(&self, axis: Axis, mask: &[bool]) -> Self {
        let site = Location::caller();
        if self.shape().get(axis.0) != Some(&mask.len()) {
            let reason = format!("a mask of {} is not one of axis {}", mask.len(), axis.0);
            return self.misfit("compress", reason, site);
        }
        let indices = mask.iter().enumerate().filter(|(_, is_taken)| **is_taken);
        self.chosen("compress", axis, Chosen::of(indices.map(|(index, _)| index)), site)
    }

    /// The array moved along an axis by so many elements, those that leave at one end coming back at the other, as
    /// NumPy's `roll`. Keeps shape and chunks.
    ///
    /// ```
    /// use lazuli_array::{ChunkedArray, ndarray::Axis};
    /// let x = ChunkedArray::arange(0_i64, 5, 1, 2);
    /// let (on, back) = lazuli_core::compute((x.roll(Axis(0), 1), x.roll(Axis(0), -2)))?;
    /// assert_eq!((on.to_vec(), back.to_vec()), (vec![4, 0, 1, 2, 3], vec![2, 3, 4, 0, 1]));
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn roll(&self, axis: Axis, by: isize) -> Self {
        let site = Location::caller();
        let Some(&len) = self.shape().get(axis.0) else {
            return self.misfit("roll", format!("there is no axis {}", axis.0), site);
        };
        let first = if len == 0 { 0 } else { by.rem_euclid(len as isize) as usize };
        let runs = if first == 0 { vec![(0, 0)] } else { vec![(len - first, 0), (0, first)] };
        self.gathered("roll", axis, Chosen { runs, len }, Arc::clone(&self.grid), site)
    }

    fn misfit(
        &self,
        operation: &'static str,
        reason: String,
        site: &'static Location<'static>,
    ) -> Self {
        let error = ArrayError::BadAxes { operation, shape: self.shape().to_vec(), reason, site };
        Self::invalid(self.check().err().unwrap_or(error), site)
    }

    /// The chosen indices, in blocks as large as the largest of this array.
    fn chosen(
        &self,
        name: &'static str,
        axis: Axis,
        chosen: Chosen,
        site: &'static Location<'static>,
    ) -> Self {
        let mut axes: SmallVec<[AxisChunks; 4]> = self.grid.axes().into();
        axes[axis.0] = AxisChunks::regular(chosen.len, axes[axis.0].largest().max(1));
        match Grid::from_axes(axes) {
            Ok(grid) => self.gathered(name, axis, chosen, Arc::new(grid), site),
            Err(error) => Self::invalid(error, site),
        }
    }

    fn gathered(
        &self,
        name: &'static str,
        axis: Axis,
        chosen: Chosen,
        output: Arc<Grid>,
        site: &'static Location<'static>,
    ) -> Self {
        self.stage_from(site, || {
            let making = Making {
                name,
                assemble: Box::new(move |block: &Region| {
                    let runs = chosen.part(block.start[axis.0], block.shape[axis.0]);
                    let piece = |(first, len, place)| {
                        let mut from = block.clone();
                        (from.start[axis.0], from.shape[axis.0]) = (first, len);
                        let mut to: Axes = block.start.iter().map(|_| 0).collect();
                        to[axis.0] = place;
                        Piece { from, to }
                    };
                    Assembly { shape: block.shape.clone(), pieces: runs.map(piece).collect() }
                }),
                make: Box::new(|buffer: Vec<A>, _, _, _| Ok(buffer)),
                beside: Vec::new(),
            };
            Ok((made_of_regions(&self.expr, self.shape(), &output, making, site), output))
        })
    }
}
