//! Functions of floating-point elements, with the same bits on every processor.
//!
//! Square roots and roundings are exact by IEEE 754. All others are the plain arithmetic of the crate
//! `libm` (a port of musl's and FreeBSD's library), not those of the system, which differ from one to
//! the next.

use super::scalar::Scalar;

/// A floating-point [`Scalar`]: `f32` or `f64`.
pub trait Float: Scalar {
    /// The square root; NaN below zero.
    fn square_root(self) -> Self;
    /// The greatest whole number that is not above.
    fn round_down(self) -> Self;
    /// The least whole number that is not below.
    fn round_up(self) -> Self;
    /// The nearest whole number, the even one of two.
    fn round_even(self) -> Self;
    /// The whole number next to it towards zero.
    fn cut(self) -> Self;
    /// Whether it is neither infinite nor NaN.
    fn is_number(self) -> bool;
    /// Whether it is infinite.
    fn is_endless(self) -> bool;
    /// A function of one element.
    fn apply(self, function: FloatFunction) -> Self;
    /// A function of two elements.
    fn apply_two(self, other: Self, function: FloatFunction2) -> Self;
}

macro_rules! functions {
    (one { $($(#[$doc:meta])* $variant:ident: $of_f64:ident $of_f32:ident;)* }
     two { $($(#[$doc2:meta])* $variant2:ident: $of_f64_2:ident $of_f32_2:ident;)* }) => {
        /// A function of one floating-point number.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum FloatFunction {
            $($(#[$doc])* $variant,)*
        }

        /// A function of two floating-point numbers.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum FloatFunction2 {
            $($(#[$doc2])* $variant2,)*
        }

        functions!(@ f64 $($variant $of_f64)*; two $($variant2 $of_f64_2)*);
        functions!(@ f32 $($variant $of_f32)*; two $($variant2 $of_f32_2)*);
    };
    (@ $float:ident $($variant:ident $function:ident)*; two $($variant2:ident $function2:ident)*) => {
        impl Float for $float {
            #[inline(always)]
            fn square_root(self) -> Self {
                self.sqrt()
            }
            #[inline(always)]
            fn round_down(self) -> Self {
                self.floor()
            }
            #[inline(always)]
            fn round_up(self) -> Self {
                self.ceil()
            }
            #[inline(always)]
            fn round_even(self) -> Self {
                self.round_ties_even()
            }
            #[inline(always)]
            fn cut(self) -> Self {
                self.trunc()
            }
            #[inline(always)]
            fn is_number(self) -> bool {
                self.is_finite()
            }
            #[inline(always)]
            fn is_endless(self) -> bool {
                self.is_infinite()
            }
            #[inline]
            fn apply(self, function: FloatFunction) -> Self {
                match function {
                    $(FloatFunction::$variant => libm::$function(self),)*
                }
            }
            #[inline]
            fn apply_two(self, other: Self, function: FloatFunction2) -> Self {
                match function {
                    $(FloatFunction2::$variant2 => libm::$function2(self, other),)*
                }
            }
        }
    };
}

functions! {
one {
    /// e to this power.
    Exp: exp expf;
    /// 2 to this power.
    Exp2: exp2 exp2f;
    /// e to this power, less 1.
    ExpM1: expm1 expm1f;
    /// The natural logarithm.
    Ln: log logf;
    /// The logarithm to base 2.
    Log2: log2 log2f;
    /// The logarithm to base 10.
    Log10: log10 log10f;
    /// The natural logarithm of 1 more.
    Ln1p: log1p log1pf;
    /// The sine.
    Sin: sin sinf;
    /// The cosine.
    Cos: cos cosf;
    /// The tangent.
    Tan: tan tanf;
    /// The angle of this sine.
    Asin: asin asinf;
    /// The angle of this cosine.
    Acos: acos acosf;
    /// The angle of this tangent.
    Atan: atan atanf;
    /// The hyperbolic sine.
    Sinh: sinh sinhf;
    /// The hyperbolic cosine.
    Cosh: cosh coshf;
    /// The hyperbolic tangent.
    Tanh: tanh tanhf;
    /// The cube root.
    Cbrt: cbrt cbrtf;
}
two {
    /// The first to the power of the second.
    Pow: pow powf;
    /// The angle of the point whose second coordinate is the first number, and whose first is the second.
    Atan2: atan2 atan2f;
    /// The distance of the point with these coordinates from the origin.
    Hypot: hypot hypotf;
}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_near_those_of_the_system() {
        type Of = fn(f64) -> f64;
        let functions: [(FloatFunction, Of); 17] = [
            (FloatFunction::Exp, f64::exp),
            (FloatFunction::Exp2, f64::exp2),
            (FloatFunction::ExpM1, f64::exp_m1),
            (FloatFunction::Ln, f64::ln),
            (FloatFunction::Log2, f64::log2),
            (FloatFunction::Log10, f64::log10),
            (FloatFunction::Ln1p, f64::ln_1p),
            (FloatFunction::Sin, f64::sin),
            (FloatFunction::Cos, f64::cos),
            (FloatFunction::Tan, f64::tan),
            (FloatFunction::Asin, f64::asin),
            (FloatFunction::Acos, f64::acos),
            (FloatFunction::Atan, f64::atan),
            (FloatFunction::Sinh, f64::sinh),
            (FloatFunction::Cosh, f64::cosh),
            (FloatFunction::Tanh, f64::tanh),
            (FloatFunction::Cbrt, f64::cbrt),
        ];
        let near = |found: f64, expected: f64| {
            found == expected
                || found.is_nan() && expected.is_nan()
                || (found - expected).abs() <= 4.0 * f64::EPSILON * expected.abs()
        };
        for (function, of) in functions {
            for step in -300..=300 {
                let value = f64::from(step) / 37.0;
                let (found, expected) = (value.apply(function), of(value));
                assert!(near(found, expected), "{function:?} {value}: {found} {expected}");
                let narrow = f64::from((value as f32).apply(function));
                let expected = of(f64::from(value as f32));
                assert!(
                    narrow == expected
                        || narrow.is_nan() && expected.is_nan()
                        || (narrow - expected).abs() <= 4e-7 * expected.abs(),
                    "{function:?} {value} f32: {narrow} {expected}"
                );
            }
        }
        assert!(near(2.5_f64.apply_two(-1.5, FloatFunction2::Pow), 2.5_f64.powf(-1.5)));
        assert!(near((-1.0_f64).apply_two(-1.0, FloatFunction2::Atan2), (-1.0_f64).atan2(-1.0)));
        assert_eq!(3.0_f32.apply_two(4.0, FloatFunction2::Hypot), 5.0);
    }

    /// Bits that any processor gives: written down once, from this arithmetic.
    #[test]
    fn bits_are_those_written_down() {
        let found = [
            1.1_f64.apply(FloatFunction::Exp),
            1.1_f64.apply(FloatFunction::Ln),
            1.1_f64.apply(FloatFunction::Sin),
            1.1_f64.apply(FloatFunction::Tanh),
            1.1_f64.apply_two(2.2, FloatFunction2::Pow),
        ];
        let bits = found.map(f64::to_bits);
        assert_eq!(bits, BITS, "{bits:#018x?}");
    }

    const BITS: [u64; 5] = [
        0x4008_0888_3244_d593,
        0x3fb8_663f_793c_46cc,
        0x3fec_84c5_4c2d_6338,
        0x3fe9_9db0_1fde_2405,
        0x3ff3_bb8a_6a77_cb2d,
    ];
}
