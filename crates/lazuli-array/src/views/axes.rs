//! Axes in another order, reversed, inserted, removed and repeated.

use std::panic::Location;
use std::sync::Arc;

use ndarray::{Axis, Dimension, IntoDimension, IxDyn, RemoveAxis};
use smallvec::SmallVec;

use crate::array::{ChunkedArray, Element};
use crate::chunks::{Axes, AxisChunks, Grid};
use crate::error::ArrayError;
use crate::expr::{Behind, View};
use crate::ops::broadcast::{broadcast, repeat};

type Viewed = Result<(View, Grid), String>;

impl<A: Element, D: Dimension> ChunkedArray<A, D> {
    /// The array with its axes in reverse order.
    ///
    /// ```
    /// use lazuli_array::ChunkedArray;
    /// let x = ChunkedArray::from_fn([30, 40], [10, 10], |[i, j]| (i * j) as f64);
    /// assert_eq!(x.t().shape(), [40, 30]);
    /// let same = (&x - x.t().t()).abs();
    /// assert_eq!(lazuli_core::compute(same.max())?, 0.0);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn t(&self) -> Self {
        let order: SmallVec<[usize; 4]> = (0..self.ndim()).rev().collect();
        self.view("t", self.permuted(&order), Location::caller())
    }

    /// The array with its axes in another order: axis `i` of the result is axis `order[i]` of this one.
    #[track_caller]
    #[must_use]
    pub fn permuted_axes(&self, order: impl IntoDimension<Dim = D>) -> Self {
        let order = order.into_dimension();
        self.view("permuted_axes", self.permuted(order.slice()), Location::caller())
    }

    /// The array with two of its axes exchanged.
    #[track_caller]
    #[must_use]
    pub fn swap_axes(&self, a: Axis, b: Axis) -> Self {
        let mut order: SmallVec<[usize; 4]> = (0..self.ndim()).collect();
        let viewed = if a.0.max(b.0) < order.len() {
            order.swap(a.0, b.0);
            self.permuted(&order)
        } else {
            Err(format!("there is no axis {}", a.0.max(b.0)))
        };
        self.view("swap_axes", viewed, Location::caller())
    }

    fn permuted(&self, order: &[usize]) -> Viewed {
        let axes = self.grid.axes();
        let mut sorted: SmallVec<[usize; 4]> = order.into();
        sorted.sort_unstable();
        if !sorted.iter().copied().eq(0..axes.len()) {
            return Err(format!("{order:?} is not an order of {} axes", axes.len()));
        }
        let mut view = View::identity(self.shape());
        for (axis, &of) in order.iter().enumerate() {
            view.shape[axis] = axes[of].len();
            view.behind[of].along = Some(axis);
        }
        regrid(view, order.iter().map(|&of| axes[of].clone()))
    }

    /// The array with one axis running backward.
    #[track_caller]
    #[must_use]
    pub fn flip(&self, axis: Axis) -> Self {
        let site = Location::caller();
        let viewed = match self.grid.axes().get(axis.0) {
            None => Err(format!("there is no axis {}", axis.0)),
            Some(flipped) => {
                let len = flipped.len();
                let mut view = View::identity(self.shape());
                view.behind[axis.0].start = len.saturating_sub(1);
                view.behind[axis.0].step = -1;
                let mut axes: SmallVec<[AxisChunks; 4]> = self.grid.axes().into();
                axes[axis.0] = flipped.sliced(len.saturating_sub(1), len, -1);
                regrid(view, axes)
            }
        };
        self.view("flip", viewed, site)
    }

    /// The array with an axis of length 1 put in before this one.
    #[track_caller]
    #[must_use]
    pub fn insert_axis(&self, axis: Axis) -> ChunkedArray<A, D::Larger> {
        let viewed = if axis.0 > self.ndim() {
            Err(format!("there is no place for an axis {}", axis.0))
        } else {
            let mut view = View::identity(self.shape());
            view.shape.insert(axis.0, 1);
            for behind in &mut view.behind[axis.0..] {
                behind.along = behind.along.map(|along| along + 1);
            }
            let mut axes: SmallVec<[AxisChunks; 4]> = self.grid.axes().into();
            axes.insert(axis.0, AxisChunks::regular(1, 1));
            regrid(view, axes)
        };
        self.view("insert_axis", viewed, Location::caller())
    }

    /// The array without this axis, which must have length 1.
    #[track_caller]
    #[must_use]
    pub fn squeeze(&self, axis: Axis) -> ChunkedArray<A, D::Smaller>
    where
        D: RemoveAxis,
    {
        let viewed = match self.shape().get(axis.0) {
            None => Err(format!("there is no axis {}", axis.0)),
            Some(1) => {
                let mut view = View::identity(self.shape());
                view.shape.remove(axis.0);
                for behind in &mut view.behind[axis.0..] {
                    behind.along = behind.along.map(|along| along.saturating_sub(1));
                }
                view.behind[axis.0] = Behind { start: 0, step: 0, along: None };
                let mut axes: SmallVec<[AxisChunks; 4]> = self.grid.axes().into();
                axes.remove(axis.0);
                regrid(view, axes)
            }
            Some(len) => Err(format!("axis {} has length {len}", axis.0)),
        };
        self.view("squeeze", viewed, Location::caller())
    }

    /// The array repeated to this shape by NumPy's rules of broadcasting.
    #[track_caller]
    #[must_use]
    pub fn broadcast<S: IntoDimension>(&self, shape: S) -> ChunkedArray<A, S::Dim> {
        let site = Location::caller();
        let shape: Axes = shape.into_dimension().slice().into();
        let goal = shape.iter().map(|&len| AxisChunks::regular(len, len.max(1))).collect();
        let goal = match Grid::from_axes(goal) {
            Ok(grid) => Arc::new(grid),
            Err(error) => return ChunkedArray::invalid(error, site),
        };
        let mine = (Arc::clone(&self.expr), Arc::clone(&self.grid));
        let both = broadcast(mine.clone(), (Arc::clone(&self.expr), goal));
        match both.filter(|(_, _, grid)| grid.shape() == &shape[..]) {
            Some((_, _, grid)) => ChunkedArray::at(repeat(mine, &shape), grid, site),
            None => {
                let (left, right) = (self.shape().to_vec(), shape.to_vec());
                let operation = "broadcast";
                let error = ArrayError::ShapeMismatch { operation, left, right, site };
                ChunkedArray::invalid(error, site)
            }
        }
    }

    /// The array with a number of axes that is known when the program runs.
    #[track_caller]
    #[must_use]
    pub fn into_dyn(self) -> ChunkedArray<A, IxDyn> {
        ChunkedArray::at(self.expr, self.grid, Location::caller())
    }

    /// The array with another dimension type of as many axes.
    ///
    /// # Errors
    /// When the number of axes is another.
    #[track_caller]
    pub fn into_dimensionality<E: Dimension>(self) -> Result<ChunkedArray<A, E>, ArrayError> {
        let site = Location::caller();
        match E::NDIM {
            Some(ndim) if ndim != self.ndim() => Err(ArrayError::BadAxes {
                operation: "into_dimensionality",
                shape: self.shape().to_vec(),
                reason: format!("it has {} axes, not {ndim}", self.ndim()),
                site,
            }),
            _ => Ok(ChunkedArray::at(self.expr, self.grid, site)),
        }
    }
}

fn regrid(view: View, axes: impl IntoIterator<Item = AxisChunks>) -> Viewed {
    let grid = Grid::from_axes(axes.into_iter().collect()).map_err(|error| error.to_string())?;
    Ok((view, grid))
}
