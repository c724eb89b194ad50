//! The moments of one tile, summed around a shift that is near enough to its mean.
//!
//! The shift is a guess: the mean of the tile before, or of a sample of this one. If it proves
//! good, the tile is read once. If the tile's mean lies far from it in units of the tile's spread,
//! centring the sums would cancel digits, and the tile, still in cache, is summed again around its
//! own mean. What comes out depends on the tile and the guess alone.

use super::super::rows::Rows;
use super::super::scalar::Scalar;
use super::central::Central;
use super::power_sums::PowerSums;
use super::{Moments, MomentsOrder};

/// Squared distance of the shift from the mean, in units of the mean square around the shift, up
/// to which the sums are centred as they are. Centring then enlarges no rounding error by more
/// than a few tenths.
const NEAR: f64 = 1.0 / 16.0;

/// A second pass is centred unless the first shift was so far away that the mean itself was
/// rounded; a third then is. One more for a tile whose range all but overflows.
const PASSES: usize = 4;

/// Values that vote on the shift where no tile came before.
const SAMPLE: usize = 64;

/// The moments of `tile`, which is not empty; `guess` is where its mean is expected.
pub(in super::super) fn moments_of<A: Scalar>(
    tile: Rows<'_, A>,
    guess: Option<f64>,
    order: MomentsOrder,
) -> Moments {
    let count = tile.len() as f64;
    let mut moments = Moments::new(order);
    moments.count = tile.len() as u64;
    let mut shift = guess.unwrap_or_else(|| sample_mean(tile));
    for pass in 1..=PASSES {
        let sums = PowerSums::of(tile, shift, order);
        let offset = sums.first / count;
        if offset.is_finite() {
            let is_near = sums.second.is_finite() && count * offset * offset <= NEAR * sums.second;
            // Where this is the shift again, no `f64` is nearer to the mean.
            let next = shift + offset;
            if is_near || next == shift || pass == PASSES {
                set_centred(&mut moments, &sums, shift);
                break;
            }
            shift = next;
        } else if let Some(sum) = sum_of_not_finite(tile) {
            moments.set_not_finite(sum);
            break;
        } else {
            // The sum left the range of f64, but the mean cannot.
            shift = tile.elements().map(|value| value.to_f64() / count).sum();
            moments.set_out_of_range(shift);
        }
    }
    moments.latest = moments.mean.value();
    moments
}

/// Sets the moments whose sums around `shift` are `sums`.
fn set_centred(moments: &mut Moments, sums: &PowerSums, shift: f64) {
    let central = Central::of(moments.count as f64, shift, sums);
    (moments.mean, moments.m2) = (central.mean, central.m2);
    (moments.m3, moments.m4) = (central.m3, central.m4);
}

/// The mean of a few values from all over the tile, taken as differences from the first so that
/// equal values give exactly that value.
fn sample_mean<A: Scalar>(tile: Rows<'_, A>) -> f64 {
    let first = tile.element(0).to_f64();
    let sample = (0..tile.len()).step_by(tile.len().div_ceil(SAMPLE));
    let size = sample.len() as f64;
    first + sample.map(|index| tile.element(index).to_f64() - first).sum::<f64>() / size
}

/// The sum of those values that are infinite or NaN, if there are any.
#[cold]
fn sum_of_not_finite<A: Scalar>(tile: Rows<'_, A>) -> Option<f64> {
    tile.elements()
        .map(|value| value.to_f64())
        .filter(|value| !value.is_finite())
        .reduce(|sum, value| sum + value)
}
