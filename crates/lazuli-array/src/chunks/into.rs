//! Chunks as they are asked for, before they meet a shape.

use smallvec::SmallVec;

use super::axis::AxisChunks;
use crate::error::ArrayError;

/// Chunk sizes: for each axis, or as many bytes as a block should have.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Chunks {
    /// Sizes for each axis.
    Each(Vec<AxisSizes>),
    /// Blocks of about this many bytes that are whole in the last axes.
    Bytes(u64),
}

/// Chunk sizes along one axis.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AxisSizes {
    /// One size for all blocks; the last may be smaller.
    Size(usize),
    /// The size of each block. They must sum up to the axis.
    Sizes(Vec<usize>),
    /// One block.
    Whole,
}

impl Chunks {
    /// Blocks of about this many bytes that are whole in the last axes, so that a block of an array in C
    /// order is one piece of memory.
    ///
    /// ```
    /// use lazuli_array::{ChunkedArray, Chunks};
    /// let x = ChunkedArray::from_fn([1000, 1000], Chunks::auto(80_000), |[i, j]| (i + j) as f64);
    /// assert_eq!(x.chunksize(), [10, 1000]);
    /// ```
    #[must_use]
    pub fn auto(bytes: u64) -> Self {
        Self::Bytes(bytes)
    }

    /// The chunks of each axis of an array of this shape.
    pub(super) fn along_axes(
        &self,
        shape: &[usize],
        element_bytes: usize,
    ) -> Result<SmallVec<[AxisChunks; 4]>, ArrayError> {
        let misfit = || ArrayError::BadChunks { chunks: self.clone(), shape: shape.to_vec() };
        match self {
            Self::Bytes(bytes) => {
                let elements = bytes / element_bytes.max(1) as u64;
                let mut left = usize::try_from(elements).unwrap_or(usize::MAX).max(1);
                let mut axes: SmallVec<[AxisChunks; 4]> = SmallVec::new();
                for &len in shape.iter().rev() {
                    let chunk = len.clamp(1, left);
                    left = (left / chunk).max(1);
                    axes.push(AxisChunks::regular(len, chunk));
                }
                axes.reverse();
                Ok(axes)
            }
            Self::Each(sizes) if sizes.len() == shape.len() => sizes
                .iter()
                .zip(shape)
                .map(|(sizes, &len)| match sizes {
                    AxisSizes::Size(0) => Err(misfit()),
                    AxisSizes::Size(chunk) => Ok(AxisChunks::regular(len, *chunk)),
                    AxisSizes::Whole => Ok(AxisChunks::regular(len, len.max(1))),
                    AxisSizes::Sizes(sizes) => AxisChunks::of_sizes(sizes)
                        .filter(|axis| axis.len() == len)
                        .ok_or_else(misfit),
                })
                .collect(),
            Self::Each(_) => Err(misfit()),
        }
    }
}

/// Chunk sizes: one for each axis, as an array, slice or vector; one number for a single axis; a vector
/// of sizes for each axis, which must sum up to it; or [`Chunks::auto`].
///
/// Sizes must be above 0; one beyond its axis is cut to it. Chunks that do not fit are reported when
/// the array is computed.
pub trait IntoChunks {
    /// The sizes along each axis.
    fn into_chunks(self) -> Chunks;
}

fn equal_sizes(sizes: impl IntoIterator<Item = usize>) -> Chunks {
    Chunks::Each(sizes.into_iter().map(AxisSizes::Size).collect())
}

fn given_sizes(sizes: impl IntoIterator<Item = Vec<usize>>) -> Chunks {
    Chunks::Each(sizes.into_iter().map(AxisSizes::Sizes).collect())
}

impl IntoChunks for Chunks {
    fn into_chunks(self) -> Self {
        self
    }
}

impl IntoChunks for usize {
    fn into_chunks(self) -> Chunks {
        equal_sizes([self])
    }
}

impl<const N: usize> IntoChunks for [usize; N] {
    fn into_chunks(self) -> Chunks {
        equal_sizes(self)
    }
}

impl IntoChunks for &[usize] {
    fn into_chunks(self) -> Chunks {
        equal_sizes(self.iter().copied())
    }
}

impl IntoChunks for Vec<usize> {
    fn into_chunks(self) -> Chunks {
        equal_sizes(self)
    }
}

impl<const N: usize> IntoChunks for [Vec<usize>; N] {
    fn into_chunks(self) -> Chunks {
        given_sizes(self)
    }
}

impl IntoChunks for Vec<Vec<usize>> {
    fn into_chunks(self) -> Chunks {
        given_sizes(self)
    }
}
