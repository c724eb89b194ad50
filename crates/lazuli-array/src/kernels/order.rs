//! Numbers as unsigned integers in the same order.
//!
//! Selection and counting by digits, and the merging of sorted runs, are loops over integers: comparing them is one
//! instruction, and they have digits. The image of a float is its bits with the sign turned round (and all other bits
//! too where it is set), as in radix sorts of floats (M. Herf, *Radix Tricks*, 2001).

use super::scalar::Scalar;

/// An element type with an order that has NaN above every number, as NumPy sorts.
pub trait SortKey: Scalar + Default {
    /// How many bits its images have.
    const BITS: u32;

    /// The place of this number among all of its type, from 0 on. Both zeros have one, and all NaNs the last.
    fn image(self) -> u64;

    /// The number with this image.
    fn of_image(image: u64) -> Self;
}

macro_rules! float_keys {
    ($($float:ident $bits:ident),*) => {$(
        impl SortKey for $float {
            const BITS: u32 = $bits::BITS;

            #[inline(always)]
            fn image(self) -> u64 {
                const SIGN: $bits = 1 << ($bits::BITS - 1);
                if self.is_nan() {
                    return u64::from($float::NAN.to_bits() | SIGN);
                }
                let bits = self.without_negative_zero().to_bits();
                u64::from(if bits & SIGN == 0 { bits | SIGN } else { !bits })
            }

            #[inline(always)]
            fn of_image(image: u64) -> Self {
                const SIGN: $bits = 1 << ($bits::BITS - 1);
                let bits = image as $bits;
                $float::from_bits(if bits & SIGN == 0 { !bits } else { bits & !SIGN })
            }
        }
    )*};
}

macro_rules! integer_keys {
    ($($integer:ident as $bits:ident),*) => {$(
        impl SortKey for $integer {
            const BITS: u32 = $bits::BITS;

            #[inline(always)]
            fn image(self) -> u64 {
                u64::from((self as $bits).wrapping_sub($integer::MIN as $bits))
            }

            #[inline(always)]
            fn of_image(image: u64) -> Self {
                (image as $bits).wrapping_add($integer::MIN as $bits) as Self
            }
        }
    )*};
}

float_keys!(f32 u32, f64 u64);
integer_keys!(
    i8 as u8, i16 as u16, i32 as u32, i64 as u64, u8 as u8, u16 as u16, u32 as u32, u64 as u64
);

#[cfg(test)]
mod tests {
    use super::*;

    fn check<A: SortKey>(sorted: &[A]) {
        for pair in sorted.windows(2) {
            assert!(pair[0].image() < pair[1].image(), "{pair:?}");
        }
        for &value in sorted {
            let back = A::of_image(value.image());
            assert!(back == value || back.is_nan() && value.is_nan(), "{value:?} for {back:?}");
            assert!(A::BITS == 64 || value.image() >> A::BITS == 0);
        }
    }

    #[test]
    fn images_have_the_order_of_their_numbers() {
        let tiny = f64::from_bits(1);
        let (low, high) = (f64::NEG_INFINITY, f64::INFINITY);
        check(&[low, f64::MIN, -1.5, -tiny, 0.0, tiny, 1.0, f64::MAX, high, f64::NAN]);
        check(&[f32::NEG_INFINITY, -1.0, 0.0, 1e-40, 2.0, f32::INFINITY, f32::NAN]);
        check(&[i64::MIN, -1, 0, 1, i64::MAX]);
        check(&[i8::MIN, -1, 0, 1, i8::MAX]);
        check(&[0_u64, 1, u64::MAX]);
        assert_eq!((-0.0_f64).image(), 0.0_f64.image());
        assert_eq!((-f64::NAN).image(), f64::NAN.image());
    }
}
