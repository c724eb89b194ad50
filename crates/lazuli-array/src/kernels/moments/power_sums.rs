//! The tile kernel of the moments: sums of the first four powers of `value - shift`.
//!
//! One pass over the tile. The sums of the first and second power are the same bits whatever the
//! highest power asked for, so a mean does not change because a skewness was asked for beside it.

use super::super::dispatch::{Kernel, dispatch, prefetch_past};
use super::super::lanes::{ROWS, WIDTH, quarters_of_rows, sum_of_lanes};
use super::super::rows::Rows;
use super::super::scalar::Scalar;
use super::MomentsOrder;

/// Sums over a tile of the powers of `value - shift`; those not asked for are zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in super::super) struct PowerSums {
    pub(in super::super) first: f64,
    pub(in super::super) second: f64,
    pub(in super::super) third: f64,
    pub(in super::super) fourth: f64,
}

impl PowerSums {
    /// The sums of `tile` around `shift`, to the power `order` needs.
    pub(super) fn of<A: Scalar>(tile: Rows<'_, A>, shift: f64, order: MomentsOrder) -> Self {
        match order {
            MomentsOrder::Mean | MomentsOrder::Variance => dispatch(Around::<A, 2> { tile, shift }),
            MomentsOrder::Skewness => dispatch(Around::<A, 3> { tile, shift }),
            MomentsOrder::Kurtosis => dispatch(Around::<A, 4> { tile, shift }),
        }
    }
}

/// The kernel up to the power `POWER`, which is 2, 3 or 4.
pub(super) struct Around<'a, A, const POWER: u8> {
    pub(super) tile: Rows<'a, A>,
    pub(super) shift: f64,
}

impl<A: Scalar, const POWER: u8> Kernel for Around<'_, A, POWER> {
    type Output = PowerSums;

    #[inline(always)]
    fn run(self) -> PowerSums {
        let mut first = [0.0; WIDTH];
        let mut second = [0.0; WIDTH];
        let mut third = [0.0; WIDTH];
        let mut fourth = [0.0; WIDTH];
        for row in self.tile.iter() {
            let (quarters, rest) = quarters_of_rows(row);
            for index in 0..quarters[0].len() {
                let group = quarters.map(|rows| &rows[index]);
                group.into_iter().for_each(prefetch_past);
                for lane in 0..WIDTH {
                    let d = group.map(|row| row[lane].to_f64() - self.shift);
                    let d2 = d.map(|d| d * d);
                    first[lane] += sum_of_rows(d);
                    second[lane] += sum_of_rows(d2);
                    if POWER >= 3 {
                        third[lane] +=
                            sum_of_rows([d2[0] * d[0], d2[1] * d[1], d2[2] * d[2], d2[3] * d[3]]);
                    }
                    if POWER >= 4 {
                        fourth[lane] += sum_of_rows(d2.map(|d2| d2 * d2));
                    }
                }
            }
            let mut take = |lane: usize, value: A| {
                let d = value.to_f64() - self.shift;
                let d2 = d * d;
                first[lane] += d;
                second[lane] += d2;
                if POWER >= 3 {
                    third[lane] += d2 * d;
                }
                if POWER >= 4 {
                    fourth[lane] += d2 * d2;
                }
            };
            let (full, tail) = rest.as_chunks::<WIDTH>();
            for row in full {
                for (lane, &value) in row.iter().enumerate() {
                    take(lane, value);
                }
            }
            for (lane, &value) in tail.iter().enumerate() {
                take(lane, value);
            }
        }
        PowerSums {
            first: sum_of_lanes(first),
            second: sum_of_lanes(second),
            third: if POWER >= 3 { sum_of_lanes(third) } else { 0.0 },
            fourth: if POWER >= 4 { sum_of_lanes(fourth) } else { 0.0 },
        }
    }
}

/// The sum over the rows of a group, in one lane.
#[inline(always)]
fn sum_of_rows([a, b, c, d]: [f64; ROWS]) -> f64 {
    (a + b) + (c + d)
}
