//! Random arrays: an element depends on the seed and its index alone, never on chunks or threads.

use std::ops::Range;

use ndarray::{Dim, Dimension};

use super::philox::philox;
use crate::array::ChunkedArray;
use crate::chunks::IntoChunks;
use crate::kernels::{Float, FloatFunction};

/// A source of random arrays: the same seed gives the same elements, in any chunks, on any processor.
///
/// Arrays of one seed are parts of one stream, by the number of the element in C order; give arrays that
/// should be independent seeds of their own, or a [`stream`](Self::stream).
///
/// ```
/// use lazuli_array::Random;
/// use lazuli_core::compute;
///
/// let x = Random::new(7).normal([1000, 100], [100, 100], 5.0, 2.0);
/// let (mean, sd) = compute((x.mean(), x.std(0)))?;
/// assert!((mean - 5.0).abs() < 0.03 && (sd - 2.0).abs() < 0.03);
/// assert_eq!(compute(x.rechunk([7, 13]).max())?, compute(x.max())?);
/// # Ok::<(), lazuli_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Random {
    seed: u64,
    stream: u64,
}

impl Random {
    /// The stream 0 of this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed, stream: 0 }
    }

    /// Another stream of the same seed, independent of all others.
    #[must_use]
    pub fn stream(self, stream: u64) -> Self {
        Self { stream, ..self }
    }

    /// Numbers equally likely anywhere in `[low, high)`: multiples of 2^-53 of its length.
    #[track_caller]
    #[must_use]
    pub fn uniform<const N: usize>(
        self,
        shape: [usize; N],
        chunks: impl IntoChunks,
        range: Range<f64>,
    ) -> ChunkedArray<f64, Dim<[usize; N]>>
    where
        Dim<[usize; N]>: Dimension,
    {
        let span = range.end - range.start;
        ChunkedArray::generated("uniform", shape, chunks, move |index| {
            let [bits, _] = self.bits(number(index, shape));
            let value = range.start + unit(bits) * span;
            // Rounding may reach the end, which is not part of the range.
            if value < range.end || span <= 0.0 { value } else { range.start }
        })
    }

    /// Normally distributed numbers, by the method of Box and Muller.
    #[track_caller]
    #[must_use]
    pub fn normal<const N: usize>(
        self,
        shape: [usize; N],
        chunks: impl IntoChunks,
        mean: f64,
        std: f64,
    ) -> ChunkedArray<f64, Dim<[usize; N]>>
    where
        Dim<[usize; N]>: Dimension,
    {
        ChunkedArray::generated("normal", shape, chunks, move |index| {
            let [radius, angle] = self.bits(number(index, shape)).map(unit);
            // Of (0, 1], where the logarithm is finite.
            let radius = (-2.0 * (1.0 - radius).apply(FloatFunction::Ln)).sqrt();
            mean + std * radius * (std::f64::consts::TAU * angle).apply(FloatFunction::Cos)
        })
    }

    /// Whole numbers equally likely anywhere in `range`, but for a share of 2^-64 of its length. An empty
    /// range gives its start.
    #[track_caller]
    #[must_use]
    pub fn integers<const N: usize>(
        self,
        shape: [usize; N],
        chunks: impl IntoChunks,
        range: Range<i64>,
    ) -> ChunkedArray<i64, Dim<[usize; N]>>
    where
        Dim<[usize; N]>: Dimension,
    {
        let span = (i128::from(range.end) - i128::from(range.start)).max(0) as u128;
        ChunkedArray::generated("integers", shape, chunks, move |index| {
            let [bits, _] = self.bits(number(index, shape));
            let offset = (u128::from(bits) * span) >> 64;
            range.start.wrapping_add(offset as i64)
        })
    }

    fn bits(self, number: u64) -> [u64; 2] {
        let halves = |word: u64| [word as u32, (word >> 32) as u32];
        let ([a, b], [c, d]) = (halves(number), halves(self.stream));
        let [a, b, c, d] = philox([a, b, c, d], halves(self.seed));
        [u64::from(a) | u64::from(b) << 32, u64::from(c) | u64::from(d) << 32]
    }
}

/// The number of an element in C order.
fn number<const N: usize>(index: [usize; N], shape: [usize; N]) -> u64 {
    index.iter().zip(shape).fold(0, |number, (&index, len)| number * len as u64 + index as u64)
}

/// Of [0, 1), in multiples of 2^-53.
fn unit(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}
