//! Conversions between element types.

/// A type that elements of type `A` convert to, as `as` does in Rust: to the nearest float; integers
/// wrap; floats are cut towards zero and kept in range, NaN being 0; what is not zero is `true`.
pub trait CastFrom<A>: Sized {
    /// The converted element.
    fn cast_from(value: A) -> Self;
}

macro_rules! casts {
    ($($from:ident),* to $to:tt) => {
        $(casts!(@ $from to $to);)*
    };
    (@ $from:ident to [$($to:ident)*]) => {
        $(impl CastFrom<$from> for $to {
            #[inline(always)]
            #[allow(clippy::cast_lossless, reason = "one text for all pairs of types")]
            fn cast_from(value: $from) -> Self {
                value as $to
            }
        })*

        impl CastFrom<$from> for bool {
            #[inline(always)]
            fn cast_from(value: $from) -> Self {
                value != $from::default()
            }
        }

        impl CastFrom<bool> for $from {
            #[inline(always)]
            fn cast_from(value: bool) -> Self {
                u8::from(value) as $from
            }
        }
    };
}

casts!(f32, f64, i8, i16, i32, i64, u8, u16, u32, u64 to [f32 f64 i8 i16 i32 i64 u8 u16 u32 u64]);

impl CastFrom<Self> for bool {
    #[inline(always)]
    fn cast_from(value: Self) -> Self {
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_has_a_defined_value() {
        assert_eq!(u8::cast_from(300_i32), 44);
        assert_eq!(u8::cast_from(-1.5_f64), 0);
        assert_eq!(i32::cast_from(f64::NAN), 0);
        assert_eq!(i8::cast_from(f32::INFINITY), 127);
        assert_eq!(f32::cast_from(u64::MAX), 2_f32.powi(64));
        assert_eq!((i64::cast_from(true), bool::cast_from(f64::NAN)), (1, true));
        assert!(!bool::cast_from(-0.0_f64) && bool::cast_from(true));
    }
}
