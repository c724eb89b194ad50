//! The first count of a search: how many elements have each value of the first digit of their images.

use crate::kernels::{Rows, SortKey, words};
use crate::reductions::accumulator::{Accumulator, EachCell, Position};

/// Bits of the first digit, where images have as many.
const FIRST: u32 = 16;

/// How often each first digit occurs. All quantiles of an array share it.
#[derive(Clone, Default)]
pub(super) struct FirstDigits {
    /// Nothing before the first element.
    counts: Vec<u64>,
    nans: u64,
}

words!(FirstDigits { counts, nans });

/// How many bits the first digit of these elements has.
pub(super) fn first_bits<A: SortKey>() -> u32 {
    FIRST.min(A::BITS)
}

impl FirstDigits {
    /// How many elements are NaN.
    pub(super) fn nans(&self) -> u64 {
        self.nans
    }

    /// How many elements are not.
    pub(super) fn numbers(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// By digit.
    pub(super) fn counts(&self) -> &[u64] {
        &self.counts
    }
}

impl<A: SortKey> Accumulator<A> for FirstDigits {
    type Field = EachCell<Self>;

    fn update(&mut self, tile: Rows<'_, A>, _: &Position<'_>) {
        let bits = first_bits::<A>();
        self.counts.resize(1 << bits, 0);
        let shift = A::BITS - bits;
        for row in tile.iter() {
            for value in row {
                if value.is_nan() {
                    self.nans += 1;
                } else {
                    self.counts[(value.image() >> shift) as usize] += 1;
                }
            }
        }
    }

    fn merge(&mut self, following: &Self) {
        if self.counts.is_empty() {
            self.counts.clone_from(&following.counts);
        } else {
            let both = self.counts.iter_mut().zip(&following.counts);
            both.for_each(|(count, following)| *count += following);
        }
        self.nans += following.nans;
    }

    fn field(&self, cells: usize) -> EachCell<Self> {
        EachCell(vec![self.clone(); cells])
    }
}
