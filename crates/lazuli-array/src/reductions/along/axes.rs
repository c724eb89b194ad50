//! Axes as they are asked for.

use ndarray::{Axis, Dimension, IxDyn, RemoveAxis};

use crate::chunks::Axes;

/// One axis or several of an array of dimension `D`.
pub trait IntoAxes<D> {
    /// The dimension that is left without them.
    type Dim: Dimension;

    /// Their numbers.
    fn into_axes(self) -> Vec<usize>;
}

impl<D: RemoveAxis> IntoAxes<D> for Axis {
    type Dim = D::Smaller;
    fn into_axes(self) -> Vec<usize> {
        vec![self.0]
    }
}

impl<D, const N: usize> IntoAxes<D> for [usize; N] {
    type Dim = IxDyn;
    fn into_axes(self) -> Vec<usize> {
        self.into()
    }
}

impl<D> IntoAxes<D> for &[usize] {
    type Dim = IxDyn;
    fn into_axes(self) -> Vec<usize> {
        self.into()
    }
}

impl<D, const N: usize> IntoAxes<D> for &[usize; N] {
    type Dim = IxDyn;
    fn into_axes(self) -> Vec<usize> {
        self.as_slice().into()
    }
}

impl<D> IntoAxes<D> for Vec<usize> {
    type Dim = IxDyn;
    fn into_axes(self) -> Vec<usize> {
        self
    }
}

/// The axes in order; or what is wrong with them.
pub(super) fn sorted(axes: &[usize], ndim: usize) -> Result<Axes, String> {
    let mut sorted: Axes = axes.into();
    sorted.sort_unstable();
    if let Some(beyond) = sorted.iter().find(|&&axis| axis >= ndim) {
        return Err(format!("there is no axis {beyond}"));
    }
    if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(format!("axis {} is given twice", pair[0]));
    }
    Ok(sorted)
}
