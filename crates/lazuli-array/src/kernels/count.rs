//! How many values there are, and how many of them are NaN.

use super::dispatch::{Kernel, dispatch};
use super::rows::Rows;
use super::scalar::Scalar;
use super::words::words;

/// Running count of values and of NaNs.
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    values: u64,
    nans: u64,
}

words!(Counts { values, nans });

impl Counts {
    /// Counts all elements of `tile`.
    pub fn update<A: Scalar>(&mut self, tile: &[A]) {
        self.update_rows(Rows::one(tile));
    }

    /// Counts all elements of `tile`.
    pub fn update_rows<A: Scalar>(&mut self, tile: Rows<'_, A>) {
        self.values += tile.len() as u64;
        if A::NAN.is_some() {
            for tile in tile.iter() {
                self.nans += dispatch(TileNans { tile });
            }
        }
    }

    /// Counts all that `other` has counted.
    pub fn merge(&mut self, other: &Self) {
        self.values += other.values;
        self.nans += other.nans;
    }

    /// The number of values, NaNs included.
    pub fn values(&self) -> u64 {
        self.values
    }

    /// The number of NaNs.
    pub fn nans(&self) -> u64 {
        self.nans
    }
}

/// The number of NaNs in one tile.
struct TileNans<'a, A> {
    tile: &'a [A],
}

impl<A: Scalar> Kernel for TileNans<'_, A> {
    type Output = u64;

    #[inline(always)]
    fn run(self) -> u64 {
        self.tile.iter().map(|value| u64::from(value.is_nan())).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_values_and_nans() {
        let values: Vec<f32> =
            (0..1000).map(|index| if index % 7 == 0 { f32::NAN } else { index as f32 }).collect();
        for tile in [1, 16, 333, 1000] {
            let mut total = Counts::default();
            for tile in values.chunks(tile) {
                let mut state = Counts::default();
                state.update(tile);
                total.merge(&state);
            }
            assert_eq!((total.values(), total.nans()), (1000, 143));
        }
    }

    #[test]
    fn integers_have_no_nan() {
        let mut counts = Counts::default();
        counts.update(&[1u8, 2, 3]);
        counts.update::<i64>(&[]);
        assert_eq!((counts.values(), counts.nans()), (3, 0));
    }
}
