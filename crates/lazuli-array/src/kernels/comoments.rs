//! Means and central products of pairs of numbers, in one pass, as states that meet.
//!
//! A tile is read twice while it is in cache: for its means, and for the products of the distances from them; what
//! rounding left in the means is taken out of the products. Tiles and states meet by Pébay's formula
//! (SAND2008-6212, equation 2.1): `C = Ca + Cb + na nb / n (mean xb - mean xa) (mean yb - mean ya)`.

use lazuli_numerics::TwoFloat;

use super::dispatch::{Kernel, dispatch};
use super::rows::Rows;
use super::words::words;

/// Count, means, and sums of the products of distances from the means, of pairs of numbers.
///
/// ```
/// use lazuli_array::kernels::CoMoments;
/// let mut state = CoMoments::default();
/// state.update(&[[1.0, 2.0], [2.0, 4.0], [3.0, 9.0]]);
/// assert_eq!((state.count(), state.covariance(1)), (3, 3.5));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CoMoments {
    count: u64,
    means: [TwoFloat; 2],
    /// Of the first with itself, of both, of the second with itself.
    products: [TwoFloat; 3],
}

words!(CoMoments { count, means, products });

impl CoMoments {
    /// Takes in all pairs of a tile.
    pub fn update(&mut self, pairs: &[[f64; 2]]) {
        if !pairs.is_empty() {
            self.merge(&dispatch(OfTile { pairs }));
        }
    }

    /// Takes in all pairs of a tile.
    pub fn update_rows(&mut self, tile: Rows<'_, [f64; 2]>) {
        tile.iter().for_each(|row| self.update(row));
    }

    /// Takes in all that `other` has seen.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        if self.count == 0 {
            *self = *other;
            return;
        }
        let total = (self.count + other.count) as f64;
        let share = other.count as f64 / total;
        let gaps = [0, 1].map(|side| other.means[side].minus(self.means[side]));
        let weight = self.count as f64 * share;
        let between = [gaps[0] * gaps[0], gaps[0] * gaps[1], gaps[1] * gaps[1]];
        for (own, (others, between)) in
            self.products.iter_mut().zip(other.products.iter().zip(between))
        {
            *own = own.plus_two(*others).plus(weight * between);
        }
        for (mean, gap) in self.means.iter_mut().zip(gaps) {
            *mean = mean.plus(share * gap);
        }
        self.count += other.count;
    }

    /// The number of pairs.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The covariance, its divisor the count less `ddof`; NaN unless there are more pairs than that.
    pub fn covariance(&self, ddof: u64) -> f64 {
        let divisor = self.count.saturating_sub(ddof);
        if divisor == 0 { f64::NAN } else { self.products[1].value() / divisor as f64 }
    }

    /// The correlation coefficient of Pearson, from -1 to 1. NaN where all numbers of one side are equal.
    pub fn correlation(&self) -> f64 {
        let [first, both, second] = self.products.map(TwoFloat::value);
        correlation(first, both, second)
    }
}

/// The correlation of two sides, of their products with themselves and with each other: exactly 1 of equal sides.
pub(crate) fn correlation(first: f64, both: f64, second: f64) -> f64 {
    let root = (first * second).sqrt();
    let quotient = if root.is_normal() { both / root } else { both / first.sqrt() / second.sqrt() };
    quotient.clamp(-1.0, 1.0)
}

/// How many sums run side by side.
const LANES: usize = 8;

struct OfTile<'a> {
    pairs: &'a [[f64; 2]],
}

impl Kernel for OfTile<'_> {
    type Output = CoMoments;

    #[inline(always)]
    fn run(self) -> CoMoments {
        let count = self.pairs.len() as f64;
        let [x, y] = lanes(self.pairs, |x, y| [x, y]).map(|sum| sum / count);
        let [dx, dy, xx, xy, yy] = lanes(self.pairs, |a, b| {
            let (a, b) = (a - x, b - y);
            [a, b, a * a, a * b, b * b]
        });
        let products = [xx - dx * dx / count, xy - dx * dy / count, yy - dy * dy / count];
        CoMoments {
            count: self.pairs.len() as u64,
            means: [TwoFloat::sum(x, dx / count), TwoFloat::sum(y, dy / count)],
            products: products.map(TwoFloat::from),
        }
    }
}

/// Sums of what a function makes of each pair.
#[inline(always)]
fn lanes<const N: usize>(pairs: &[[f64; 2]], of: impl Fn(f64, f64) -> [f64; N]) -> [f64; N] {
    let mut sums = [[0.0; LANES]; N];
    let (groups, rest) = pairs.as_chunks::<LANES>();
    let mut add = |lane: usize, [x, y]: [f64; 2]| {
        for (sums, value) in sums.iter_mut().zip(of(x, y)) {
            sums[lane] += value;
        }
    };
    for group in groups {
        for (lane, &pair) in group.iter().enumerate() {
            add(lane, pair);
        }
    }
    for (lane, &pair) in rest.iter().enumerate() {
        add(lane, pair);
    }
    sums.map(|lanes| lanes.iter().sum())
}

/// Adds to `products` the inner products of all pairs of rows of a matrix with rows of `len` elements: that of rows
/// `i <= j` to `products[i * rows + j]`.
pub(crate) fn add_products_of_rows(rows: &[f64], len: usize, products: &mut [f64]) {
    dispatch(ProductsOfRows { rows, len, products });
}

struct ProductsOfRows<'a> {
    rows: &'a [f64],
    len: usize,
    products: &'a mut [f64],
}

/// So many columns of all rows are multiplied before the next: they stay in cache.
const PANEL: usize = 512;

impl Kernel for ProductsOfRows<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { rows, len, products } = self;
        let count = rows.len() / len.max(1);
        for start in (0..len).step_by(PANEL) {
            let panel = |row: usize| &rows[row * len + start..row * len + len.min(start + PANEL)];
            for first in 0..count {
                for second in first..count {
                    products[first * count + second] += inner(panel(first), panel(second));
                }
            }
        }
    }
}

#[inline(always)]
fn inner(left: &[f64], right: &[f64]) -> f64 {
    let mut sums = [0.0; 16];
    let ((left, left_rest), (right, right_rest)) =
        (left.as_chunks::<16>(), right.as_chunks::<16>());
    for (left, right) in left.iter().zip(right) {
        for lane in 0..16 {
            sums[lane] += left[lane] * right[lane];
        }
    }
    let rest: f64 = left_rest.iter().zip(right_rest).map(|(left, right)| left * right).sum();
    sums.iter().sum::<f64>() + rest
}
