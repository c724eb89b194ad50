//! Neighbouring cells, merged many at once.

use lazuli_numerics::TwoFloat;

use super::super::super::moments::{Central, Moments, MomentsOrder};
use super::super::{WIDTH, piece_of};
use super::PLANES;

/// What is known of neighbouring cells, plane by plane.
pub(super) struct Piece(pub(super) [[f64; WIDTH]; PLANES]);

impl Piece {
    #[inline(always)]
    pub(super) fn get(&self, cell: usize) -> Central {
        let pair = |plane: usize| TwoFloat::new(self.0[plane][cell], self.0[plane + 1][cell]);
        let count = self.0[0][cell];
        Central { count, mean: pair(1), m2: pair(3), m3: pair(5), m4: pair(7) }
    }

    #[inline(always)]
    pub(super) fn set(&mut self, cell: usize, central: &Central) {
        self.0[0][cell] = central.count;
        let pairs = [central.mean, central.m2, central.m3, central.m4];
        for (pair, plane) in pairs.into_iter().zip([1, 3, 5, 7]) {
            (self.0[plane][cell], self.0[plane + 1][cell]) = pair.parts();
        }
    }
}

/// Values of neighbouring cells. Beyond the last of them it is repeated, so that all of a piece are of one
/// kind.
#[inline(always)]
pub(super) fn repeated(plane: &[f64], start: usize, len: usize) -> [f64; WIDTH] {
    if len == WIDTH {
        return piece_of::<true, _, _>(plane, start, len, 0.0, |value| value);
    }
    let mut piece = piece_of::<false, _, _>(plane, start, len, 0.0, |value| value);
    for cell in len..WIDTH {
        piece[cell] = piece[len - 1];
    }
    piece
}

/// Merges what is known of neighbouring cells, `len` of which count.
#[inline(always)]
pub(super) fn merge_piece<const POWER: u8>(
    own: &mut Piece,
    other: &Piece,
    len: usize,
    order: MomentsOrder,
) {
    let (mut are_new, mut are_regular) = (true, true);
    let mut gaps = [0.0; WIDTH];
    for (cell, gap) in gaps.iter_mut().enumerate() {
        let (own, other) = (own.get(cell), other.get(cell));
        *gap = other.mean.minus(own.mean);
        are_new &= own.count == 0.0;
        are_regular &= own.count > 0.0 && other.count > 0.0 && gap.is_finite();
    }
    if are_new {
        own.0 = other.0;
    } else if are_regular {
        for (cell, &gap) in gaps.iter().enumerate() {
            let both = own.get(cell).with::<POWER>(&other.get(cell), gap);
            own.set(cell, &both);
        }
    } else {
        for cell in 0..len {
            let both = merged_apart(&own.get(cell), &other.get(cell), order);
            own.set(cell, &both);
        }
    }
}

#[cold]
fn merged_apart(own: &Central, other: &Central, order: MomentsOrder) -> Central {
    let mut moments = Moments::from_central(order, own);
    moments.merge(&Moments::from_central(order, other));
    moments.to_central()
}
