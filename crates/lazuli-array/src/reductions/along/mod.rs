//! Reductions along some axes: arrays whose blocks are the answers of one pass.
//!
//! A block of the input updates one state for each element of its output block (a [field](crate::kernels::Field)),
//! and the fields of blocks that differ along the reduced axes only meet in a tree. What comes out is a
//! [stage](crate::stage): whoever takes a block of it waits for the blocks of its own group alone.

mod axes;
mod over;
mod own;
mod patches;
mod query;
mod statistics;

use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

use lazuli_core::reduce::SPLIT_EVERY;
use lazuli_core::{Parted, TryReduction};
use ndarray::{Axis, Dimension, IxDyn};
use smallvec::SmallVec;

pub use axes::IntoAxes;
pub(super) use over::{show, turn};
pub(super) use patches::{Layout, Patch};

use super::accumulator::Accumulator;
use super::query::Statistic;
use crate::array::{ChunkedArray, Element};
use crate::chunks::{Axes, AxisChunks, Grid};
use crate::error::ArrayError;
use crate::lower::{Scope, request_blocks};
use crate::stage::AnyBlock;
use own::OwnAlong;
use query::StatisticAlong;

/// An array of elements `A` and dimension `D` whose axes are to be reduced, to an array of dimension `E`: made by
/// [`along`](ChunkedArray::along).
///
/// Its methods are the statistics, as arrays. All that are computed together with others of the same data, along
/// whichever axes or of the whole array, are one pass.
#[must_use]
pub struct Along<A, D, E> {
    array: ChunkedArray<A, D>,
    axes: Result<Axes, String>,
    keepdims: bool,
    split_every: usize,
    dimension: PhantomData<fn() -> E>,
}

impl<A: Element, D: Dimension> ChunkedArray<A, D> {
    /// The array, to be reduced along one axis ([`Axis`]) or along several (`[0, 2]`, a slice or a vector).
    ///
    /// ```
    /// use lazuli_array::{ChunkedArray, ndarray::Axis};
    /// let x = ChunkedArray::from_fn([4, 30, 20], [2, 10, 10], |[i, j, k]| (i + j * k) as f64);
    /// let columns = x.along(Axis(0)).mean();                    // shape [30, 20]
    /// let levels = x.along([1, 2]).keepdims().split_every(4).max(); // shape [4, 1, 1]
    /// assert_eq!((columns.shape(), levels.shape()), (&[30, 20][..], &[4, 1, 1][..]));
    /// let anomaly = &x - &columns;                              // broadcast, block by block
    /// assert_eq!(lazuli_core::compute(anomaly.max())?, 1.5);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    pub fn along<I: IntoAxes<D>>(&self, axes: I) -> Along<A, D, I::Dim> {
        let axes = axes::sorted(&axes.into_axes(), self.ndim());
        let array = self.clone();
        Along { array, axes, keepdims: false, split_every: SPLIT_EVERY, dimension: PhantomData }
    }
}

impl<A, D, E> Clone for Along<A, D, E> {
    fn clone(&self) -> Self {
        Self {
            array: self.array.clone(),
            axes: self.axes.clone(),
            keepdims: self.keepdims,
            split_every: self.split_every,
            dimension: PhantomData,
        }
    }
}

impl<A: Element, D: Dimension, E: Dimension> Along<A, D, E> {
    /// Keeps the reduced axes, with length 1, so that the result broadcasts against the array.
    pub fn keepdims(self) -> Along<A, D, D> {
        let Self { array, axes, split_every, .. } = self;
        Along { array, axes, keepdims: true, split_every, dimension: PhantomData }
    }

    /// How many states meet in one task (at least 2; 8 unless set). More of them make fewer tasks, and hold
    /// more states at once.
    pub fn split_every(mut self, states: usize) -> Self {
        self.split_every = states.max(2);
        self
    }

    /// A reduction of your own, along the axes: for each element of the result it is shown the elements that
    /// are reduced to it, in slices. Within a block slices come in C order of the reduced axes, and states of blocks
    /// meet in C order of the blocks; how a block is cut depends on its shape alone.
    ///
    /// ```
    /// use lazuli_array::{ChunkedArray, ndarray::Axis};
    /// use lazuli_core::Reduction;
    ///
    /// struct CountPositive;
    /// impl Reduction<[f64]> for CountPositive {
    ///     type State = u64;
    ///     type Output = u64;
    ///     fn identity(&self) -> u64 { 0 }
    ///     fn update(&self, count: &mut u64, slice: &[f64]) {
    ///         *count += slice.iter().filter(|&&value| value > 0.0).count() as u64;
    ///     }
    ///     fn combine(&self, count: &mut u64, following: u64) { *count += following }
    ///     fn finish(&self, count: u64) -> u64 { count }
    /// }
    ///
    /// let x = ChunkedArray::from_fn([10, 3], [4, 2], |[i, j]| i as f64 - j as f64);
    /// let positive = x.along(Axis(0)).reduce(CountPositive);
    /// assert_eq!(lazuli_core::compute(&positive)?.to_vec(), [9, 8, 7]);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn reduce<R>(&self, reduction: R) -> ChunkedArray<R::Output, E>
    where
        R: TryReduction<[A]>,
        R::Output: Element,
    {
        let site = Location::caller();
        self.staged(site, |scope, output| {
            let query = OwnAlong::<A, R>::new(reduction, scope, &output);
            self.blocks("reduce", &output, query, site)
        })
    }

    /// What is reduced.
    pub(super) fn array(&self) -> &ChunkedArray<A, D> {
        &self.array
    }

    /// Another array of the same shape, along the same axes.
    pub(super) fn of<B: Element>(&self, array: ChunkedArray<B, D>) -> Along<B, D, E> {
        Along {
            array,
            axes: self.axes.clone(),
            keepdims: self.keepdims,
            split_every: self.split_every,
            dimension: PhantomData,
        }
    }

    /// An array that has the shape of this one, or that of the axes alone, in the shape of this one. None of any
    /// other shape.
    pub(super) fn as_large_as_array<W: Element, F: Dimension>(
        &self,
        other: &ChunkedArray<W, F>,
    ) -> Option<ChunkedArray<W, IxDyn>> {
        let (shape, axes) = (self.array.shape(), self.axes.as_ref().ok()?);
        let mut other = other.clone().into_dyn();
        if other.shape() == shape {
            return Some(other);
        }
        if !axes.iter().map(|&axis| &shape[axis]).eq(other.shape()) {
            return None;
        }
        for axis in (0..shape.len()).filter(|axis| !axes.contains(axis)) {
            other = other.insert_axis(Axis(axis));
        }
        Some(other.broadcast(IxDyn(shape)))
    }

    pub(super) fn ask<S: Accumulator<A>, T: Element>(
        &self,
        statistic: Statistic<A, S, T>,
        site: &'static Location<'static>,
    ) -> ChunkedArray<T, E> {
        self.staged(site, |scope, output| {
            let name = statistic.name;
            let query = StatisticAlong::new(statistic, scope, self.array.shape(), &output);
            self.blocks(name, &output, query, site)
        })
    }

    fn blocks(
        &self,
        name: &'static str,
        output: &Arc<Grid>,
        query: impl crate::lower::Query + 'static,
        site: &'static Location<'static>,
    ) -> Parted<AnyBlock> {
        let blocks = output.regions().len();
        request_blocks(name, blocks, &self.array.expr, &self.array.grid, query, site)
    }

    /// The array whose blocks `make` asks for, with the reduced axes put back where they are to be kept.
    fn staged<T: Element>(
        &self,
        site: &'static Location<'static>,
        make: impl FnOnce(Scope, Arc<Grid>) -> Parted<AnyBlock>,
    ) -> ChunkedArray<T, E> {
        let mut reduced = None;
        let staged: ChunkedArray<T, E> = self.array.stage_from(site, || {
            let axes = self.axes.clone().map_err(|reason| ArrayError::BadAxes {
                operation: "along",
                shape: self.array.shape().to_vec(),
                reason,
                site,
            })?;
            let of = self.array.grid.axes().iter().enumerate();
            let kept: SmallVec<[AxisChunks; 4]> =
                of.filter(|(axis, _)| !axes.contains(axis)).map(|(_, axis)| axis.clone()).collect();
            let grid = Arc::new(Grid::from_axes(kept)?);
            let scope =
                Scope::Along { axes: axes.clone(), split_every: self.split_every, by: None };
            let parts = make(scope, Arc::clone(&grid));
            reduced = Some(axes);
            Ok((parts, grid))
        });
        match reduced {
            Some(axes) if self.keepdims => {
                let mut all = staged.into_dyn();
                for &axis in &axes {
                    all = all.insert_axis(Axis(axis));
                }
                ChunkedArray::at(all.expr, all.grid, site)
            }
            _ => staged,
        }
    }
}
