//! Numbers: what their texts may look like, and which of them are no quantity.

use super::cell::{Value, trim};
use super::short::Short;

/// A number type that cells are read as.
pub(super) trait Number: Copy {
    /// The number that all of `text` is.
    fn parse(text: &[u8]) -> Option<Self>;

    /// The number that is written in a short way, if it is of this type and sure to be the nearest.
    fn of_short(short: Short) -> Option<Self>;

    /// Whether the text of a number is digits that are no quantity: with a leading zero, or too many for an
    /// integer.
    fn is_code(number: &[u8]) -> bool;

    /// No file holds a NaN: where one is written, the value is missing.
    fn or_missing(self) -> Value<Self>;
}

macro_rules! integer {
    ($($type:ty),*) => {$(
        impl Number for $type {
            #[inline]
            fn parse(text: &[u8]) -> Option<Self> {
                atoi_simd::parse::<Self, true, true>(text).ok()
            }

            #[inline(always)]
            fn of_short(short: Short) -> Option<Self> {
                // Of 16 digits: no overflow.
                let digits = short.digits as i64;
                let sign = -i64::from(short.negative);
                let number = (digits ^ sign) - sign;
                if short.decimals.is_some() { None } else { Self::try_from(number).ok() }
            }

            #[inline]
            fn is_code(number: &[u8]) -> bool {
                begins_with_zero(number)
            }

            #[inline]
            fn or_missing(self) -> Value<Self> {
                Value::Present(self)
            }
        }
    )*};
}

macro_rules! float {
    ($($type:ty, $bits:ty, $digits:expr);*) => {$(
        impl Number for $type {
            #[inline]
            fn parse(text: &[u8]) -> Option<Self> {
                fast_float2::parse(text).ok()
            }

            // Digits and powers of ten that are floats without error have the nearest float for their quotient
            // (Clinger 1990).
            #[inline(always)]
            fn of_short(short: Short) -> Option<Self> {
                let decimals = short.decimals.unwrap_or(0) as usize;
                const POWERS: [$type; 16] = [
                    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                ];
                let (most, exact) = $digits;
                if short.digits > most || decimals > exact {
                    return None;
                }
                let number = short.digits as Self / POWERS[decimals];
                // Without a branch: many signs would be guessed wrong.
                let sign = <$bits>::from(short.negative) << (<$bits>::BITS - 1);
                Some(Self::from_bits(number.to_bits() | sign))
            }

            #[inline]
            fn is_code(number: &[u8]) -> bool {
                (begins_with_zero(number) || number.len() >= LONG) && is_long_or_zero_led(number)
            }

            #[inline]
            fn or_missing(self) -> Value<Self> {
                if self.is_nan() { Value::Missing } else { Value::Present(self) }
            }
        }
    )*};
}

integer!(i32, i64, u32, u64);
// The greatest digits and powers of ten that are floats of the type without error.
float!(f32, u32, (1 << 24, 10); f64, u64, (1 << 53, 15));

/// The digits that each integer of 64 bits can have, and more may be too many.
const LONG: usize = 19;

/// Whether a digit follows a zero in the beginning.
#[inline]
fn begins_with_zero(number: &[u8]) -> bool {
    let digits = match number {
        [b'+' | b'-', digits @ ..] => digits,
        digits => digits,
    };
    matches!(digits, [b'0', b'0'..=b'9', ..])
}

/// Whether a number that is long or begins with zero has neither point nor exponent, and is then either
/// too long for `i64`, or a code.
#[cold]
fn is_long_or_zero_led(number: &[u8]) -> bool {
    is_written_as_integer(number)
        && (begins_with_zero(number) || <i64 as Number>::parse(trim(number)).is_none())
}

/// Whether the text of a number has neither point nor exponent, nor is it infinity.
fn is_written_as_integer(number: &[u8]) -> bool {
    number.iter().all(|byte| byte.is_ascii_digit() || b"+- \t".contains(byte))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number_like() -> impl Strategy<Value = String> {
        prop_oneof![
            "[+-]?[0-9]{0,22}",
            "[+-]?0{0,30}[0-9]{17,20}",
            "-?[0-9]{0,9}\\.[0-9]{0,8}",
            "[+-]?[0-9]{0,25}\\.?[0-9]{0,25}([eE][+-]?[0-9]{0,4})?",
            "[-+.0-9eEinfaNx ]{0,12}",
            any::<i64>().prop_map(|number| number.to_string()),
            any::<f64>().prop_map(|number| number.to_string()),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn numbers_are_those_of_the_standard_library(text in number_like()) {
            prop_assert_eq!(<i64 as Number>::parse(text.as_bytes()), text.parse().ok());
            prop_assert_eq!(<i32 as Number>::parse(text.as_bytes()), text.parse().ok());
            prop_assert_eq!(<u64 as Number>::parse(text.as_bytes()), text.parse().ok());
            prop_assert_eq!(<u32 as Number>::parse(text.as_bytes()), text.parse().ok());
            let bits = |number: Option<f64>| number.map(|number| (number.is_nan(), number.to_bits()));
            prop_assert_eq!(bits(<f64 as Number>::parse(text.as_bytes())), bits(text.parse().ok()));
            let bits = |number: Option<f32>| number.map(|number| (number.is_nan(), number.to_bits()));
            prop_assert_eq!(bits(<f32 as Number>::parse(text.as_bytes())), bits(text.parse().ok()));
        }
    }
}
