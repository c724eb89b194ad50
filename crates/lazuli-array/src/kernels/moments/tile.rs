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
use super::{Moments, MomentsOrder, scale};

/// Squared distance of the shift from the mean, in units of the mean square around the shift, up
/// to which the sums are centred as they are. Centring then enlarges no rounding error by more
/// than a few tenths.
const NEAR: f64 = 1.0 / 16.0;

/// A second pass is centred unless the first shift was so far away that the mean itself was
/// rounded; a third then is, or a fourth.
const PASSES: usize = 4;

/// Values that vote on the shift where no tile came before.
const SAMPLE: usize = 64;

/// The moments of `tile`, which is not empty; `guess` is where its mean is expected.
pub(in super::super) fn moments_of<A: Scalar>(
    tile: Rows<'_, A>,
    guess: Option<f64>,
    order: MomentsOrder,
) -> Moments {
    let mut moments = Moments::new(order);
    moments.count = tile.len() as u64;
    let shift = guess.unwrap_or_else(|| sample_mean(tile));
    match centred(tile, shift, order) {
        Centred::Settled(central) if is_usual(&central) => moments.set(&central),
        _ => set_unusual(&mut moments, tile),
    }
    moments.latest = moments.mean();
    moments
}

/// The central sums of a tile.
enum Centred {
    /// Around a shift that is near enough to the mean.
    Settled(Central),
    /// Around the last shift that was tried.
    Unsettled(Central),
    /// The sum is not finite.
    OutOfRange,
}

/// The central sums of a tile, from a shift where its mean is expected.
fn centred<A: Scalar>(tile: Rows<'_, A>, mut shift: f64, order: MomentsOrder) -> Centred {
    let count = tile.len() as f64;
    for pass in 1..=PASSES {
        let sums = PowerSums::of(tile, shift, order);
        let offset = sums.first / count;
        if !offset.is_finite() {
            return Centred::OutOfRange;
        }
        let is_near = sums.second.is_finite() && count * offset * offset <= NEAR * sums.second;
        // Where this is the shift again, no `f64` is nearer to the mean.
        let next = shift + offset;
        if is_near || next == shift {
            return Centred::Settled(Central::of(count, shift, &sums));
        }
        if pass == PASSES {
            return Centred::Unsettled(Central::of(count, shift, &sums));
        }
        shift = next;
    }
    Centred::OutOfRange
}

/// Whether powers of the values, and sums of these, are in range.
fn is_usual(central: &Central) -> bool {
    let spread = (central.m2.value() / central.count).sqrt();
    scale::is_usual(central.mean.value().abs().max(spread))
}

/// Sets the moments of values that are not all finite, that are all zero, whose powers leave the range, or
/// whose mean was not found from the guess.
#[cold]
fn set_unusual<A: Scalar>(moments: &mut Moments, tile: Rows<'_, A>) {
    let Some(largest) = scale::largest(tile) else {
        return moments.set_not_finite(sum_of_not_finite(tile));
    };
    moments.scale = scale::scale_of(largest);
    if largest == 0.0 {
        return;
    }
    let factor = scale::power_of_two(-moments.scale);
    let scaled: Vec<f64> = tile.elements().map(|value| value.to_f64() * factor).collect();
    let rows = Rows::new(&scaled, 0, tile.row_len() as isize, tile.row_len(), tile.count());
    match centred(rows, sample_mean(rows), moments.order) {
        Centred::Settled(central) | Centred::Unsettled(central) => moments.set(&central),
        Centred::OutOfRange => unreachable!("scaled values have a finite sum"),
    }
}

/// The mean of a few values from all over the tile, taken as differences from the first so that
/// equal values give exactly that value.
fn sample_mean<A: Scalar>(tile: Rows<'_, A>) -> f64 {
    let first = tile.element(0).to_f64();
    let sample = (0..tile.len()).step_by(tile.len().div_ceil(SAMPLE));
    let size = sample.len() as f64;
    first + sample.map(|index| tile.element(index).to_f64() - first).sum::<f64>() / size
}

/// The sum of those values that are infinite or NaN, of which there are some.
#[cold]
fn sum_of_not_finite<A: Scalar>(tile: Rows<'_, A>) -> f64 {
    let values = tile.elements().map(|value| value.to_f64()).filter(|value| !value.is_finite());
    values.reduce(|sum, value| sum + value).unwrap_or(f64::NAN)
}
