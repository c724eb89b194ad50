//! Views: affine maps from the indices of an array to those of what it is made of.
//!
//! A slice, a transpose, a flip, an inserted, removed or broadcast axis is one. Views of views are
//! composed, and pushed through elementwise operations to the sources, when a program is compiled; so
//! they cost nothing while it runs.
//!
//! Invariant: every index of the view's shape is mapped to an index inside the shape behind it.

use crate::chunks::{Axes, Region};

/// Where the elements of an array of `shape` are found in the array behind it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct View {
    pub(crate) shape: Axes,
    /// One for each axis of the array behind.
    pub(crate) behind: smallvec::SmallVec<[Behind; 4]>,
}

/// The index along one axis of the array behind: `start + step * index[along]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Behind {
    pub(crate) start: usize,
    pub(crate) step: isize,
    /// The axis of the view that moves along this one; None where the index is always `start`.
    pub(crate) along: Option<usize>,
}

impl View {
    /// Every element at its own index.
    pub(crate) fn identity(shape: &[usize]) -> Self {
        let behind = (0..shape.len()).map(|axis| Behind { start: 0, step: 1, along: Some(axis) });
        Self { shape: shape.into(), behind: behind.collect() }
    }

    /// This view of what `inner` is a view of.
    pub(crate) fn of(&self, inner: &Self) -> Self {
        let behind = inner.behind.iter().map(|inner| match inner.along {
            None => *inner,
            Some(axis) => {
                let outer = self.behind[axis];
                // Inside the array behind, so in range; where the shape is empty nothing is read.
                let ahead = inner.step.wrapping_mul(outer.start as isize);
                Behind {
                    start: inner.start.wrapping_add_signed(ahead),
                    step: inner.step.wrapping_mul(outer.step),
                    along: outer.along,
                }
            }
        });
        Self { shape: self.shape.clone(), behind: behind.collect() }
    }

    /// The part of this view that is the given region of its shape.
    pub(crate) fn part(&self, region: &Region) -> Self {
        let behind = self.behind.iter().map(|axis| match axis.along {
            None => *axis,
            Some(along) => {
                let ahead = axis.step.wrapping_mul(region.start[along] as isize);
                Behind { start: axis.start.wrapping_add_signed(ahead), ..*axis }
            }
        });
        Self { shape: region.shape.clone(), behind: behind.collect() }
    }

    /// The least box of the array behind that holds every element of this view.
    pub(crate) fn bounds(&self) -> Region {
        let axes = self.behind.iter().map(|axis| {
            let len = axis.along.map_or(1, |along| self.shape[along]);
            if len == 0 {
                return (axis.start, 0);
            }
            let last = axis.start.wrapping_add_signed(axis.step.wrapping_mul(len as isize - 1));
            (axis.start.min(last), axis.start.abs_diff(last) + 1)
        });
        let (start, shape) = axes.unzip();
        Region { start, shape }
    }

    /// This view of the array behind as one of a region of that, which holds all its elements.
    pub(crate) fn inside(&self, region: &Region) -> Self {
        let mut inside = self.clone();
        for (behind, start) in inside.behind.iter_mut().zip(&region.start) {
            behind.start -= start;
        }
        inside
    }

    /// How far an array whose elements lie at these distances moves for a step along each axis of the
    /// view, and where it starts.
    pub(crate) fn strides(&self, strides: &[isize]) -> (isize, smallvec::SmallVec<[isize; 4]>) {
        let mut start = 0_isize;
        let mut along: smallvec::SmallVec<[isize; 4]> = self.shape.iter().map(|_| 0).collect();
        for (axis, &stride) in self.behind.iter().zip(strides) {
            start = start.wrapping_add(stride.wrapping_mul(axis.start as isize));
            if let Some(axis_of_view) = axis.along {
                along[axis_of_view] =
                    along[axis_of_view].wrapping_add(stride.wrapping_mul(axis.step));
            }
        }
        (start, along)
    }
}

#[cfg(test)]
mod tests {
    use smallvec::smallvec;

    use super::*;

    #[test]
    fn views_of_views_are_one_view() {
        // Of a 10 x 6 array: every third row backward from row 9, transposed.
        let rows = View {
            shape: smallvec![4, 6],
            behind: smallvec![
                Behind { start: 9, step: -3, along: Some(0) },
                Behind { start: 0, step: 1, along: Some(1) },
            ],
        };
        let transposed = View {
            shape: smallvec![6, 4],
            behind: smallvec![
                Behind { start: 0, step: 1, along: Some(1) },
                Behind { start: 0, step: 1, along: Some(0) },
            ],
        };
        let both = transposed.of(&rows);
        assert_eq!(both.shape[..], [6, 4]);
        assert_eq!(both.behind[0], Behind { start: 9, step: -3, along: Some(1) });
        assert_eq!(both.strides(&[6, 1]), (54, smallvec![1, -18]));
        let part = both.part(&Region { start: smallvec![2, 1], shape: smallvec![3, 2] });
        assert_eq!(part.bounds(), Region { start: smallvec![3, 2], shape: smallvec![4, 3] });
        assert_eq!(View::identity(&[6, 4]).of(&both), both);
    }
}
