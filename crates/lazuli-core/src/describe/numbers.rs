//! The methods of numbers, on delayed ones: each a task that computes what the number's own method does.

use crate::describe::task::{IntoArg, task};
use crate::graph::Delayed;

mod sealed {
    pub trait Sealed {}
}

/// A number type of Rust.
pub trait Number: sealed::Sealed + Copy + Send + Sync + 'static {
    /// The number, or the float that is closest to it.
    fn to_f64(self) -> f64;
    #[doc(hidden)]
    fn greater(self, other: Self) -> Self;
    #[doc(hidden)]
    fn lesser(self, other: Self) -> Self;
}

macro_rules! numbers {
    ($($number:ident),*) => {$(
        impl sealed::Sealed for $number {}

        impl Number for $number {
            fn to_f64(self) -> f64 {
                self as f64
            }

            fn greater(self, other: Self) -> Self {
                self.max(other)
            }

            fn lesser(self, other: Self) -> Self {
                self.min(other)
            }
        }
    )*};
}

numbers!(i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize, f32, f64);

impl<T: Number> Delayed<T> {
    /// The greater of this and the other, delayed or plain. Where one of two floats is NaN, the other.
    ///
    /// ```
    /// # use lazuli_core::{Delayed, compute};
    /// let x = Delayed::value(2);
    /// assert_eq!(compute((x.max(3), x.min(&x + 1)))?, (3, 2));
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    pub fn max(&self, other: impl IntoArg<T>) -> Self {
        task("max").call((self.clone(), other.into_arg()), |(a, b)| a.greater(b))
    }

    /// The lesser of this and the other, delayed or plain. Where one of two floats is NaN, the other.
    #[track_caller]
    pub fn min(&self, other: impl IntoArg<T>) -> Self {
        task("min").call((self.clone(), other.into_arg()), |(a, b)| a.lesser(b))
    }
}

/// A number with a sign.
pub trait Signed: Number {
    #[doc(hidden)]
    fn absolute(self) -> Self;
    #[doc(hidden)]
    fn sign(self) -> Self;
}

macro_rules! signed {
    ($($number:ident),*) => {$(
        impl Signed for $number {
            fn absolute(self) -> Self {
                self.abs()
            }

            fn sign(self) -> Self {
                self.signum()
            }
        }
    )*};
}

signed!(i8, i16, i32, i64, i128, isize, f32, f64);

impl<T: Signed> Delayed<T> {
    /// The absolute value.
    #[track_caller]
    pub fn abs(&self) -> Self {
        self.map_named("abs", |&value| value.absolute())
    }

    /// The sign, as 1 or -1; of an integer 0, as 0.
    #[track_caller]
    pub fn signum(&self) -> Self {
        self.map_named("signum", |&value| value.sign())
    }
}

/// A whole number.
pub trait Integer: Number {
    #[doc(hidden)]
    fn power(self, power: u32) -> Self;
}

macro_rules! integers {
    ($($integer:ident),*) => {$(
        impl Integer for $integer {
            fn power(self, power: u32) -> Self {
                self.pow(power)
            }
        }
    )*};
}

integers!(i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize);

impl<T: Integer> Delayed<T> {
    /// The value raised to a whole power.
    #[track_caller]
    pub fn pow(&self, power: u32) -> Self {
        self.map_named("pow", move |value| value.power(power))
    }
}

macro_rules! floats {
    ($($method:ident $text:literal;)*) => {
        /// `f32` or `f64`.
        pub trait Float: Signed {
            #[doc(hidden)]
            fn to_whole_power(self, power: i32) -> Self;
            #[doc(hidden)]
            fn to_power(self, power: Self) -> Self;
            #[doc(hidden)]
            fn hypotenuse(self, other: Self) -> Self;
            #[doc(hidden)]
            fn angle(self, other: Self) -> Self;
            #[doc(hidden)]
            fn is_no_number(self) -> bool;
            #[doc(hidden)]
            fn has_end(self) -> bool;
            $(
                #[doc(hidden)]
                fn $method(self) -> Self;
            )*
        }

        floats!(@impl f32 $($method)*);
        floats!(@impl f64 $($method)*);

        /// What floats have, delayed.
        ///
        /// ```
        /// # use lazuli_core::{Delayed, compute};
        /// let x = Delayed::value(2.0);
        /// assert_eq!(compute((x.sqrt().powi(4).round(), x.powf(&x), x.recip()))?, (4.0, 4.0, 0.5));
        /// # Ok::<(), lazuli_core::Error>(())
        /// ```
        impl<T: Float> Delayed<T> {
            /// The value raised to a whole power.
            #[track_caller]
            pub fn powi(&self, power: i32) -> Self {
                self.map_named("powi", move |value| value.to_whole_power(power))
            }

            /// The value raised to a power, delayed or plain.
            #[track_caller]
            pub fn powf(&self, power: impl IntoArg<T>) -> Self {
                task("powf").call((self.clone(), power.into_arg()), |(a, b)| a.to_power(b))
            }

            /// The length of the hypotenuse over this and the other side, delayed or plain.
            #[track_caller]
            pub fn hypot(&self, other: impl IntoArg<T>) -> Self {
                task("hypot").call((self.clone(), other.into_arg()), |(a, b)| a.hypotenuse(b))
            }

            /// The angle, in radians, of the point with this as its ordinate, and the other as its abscissa.
            #[track_caller]
            pub fn atan2(&self, other: impl IntoArg<T>) -> Self {
                task("atan2").call((self.clone(), other.into_arg()), |(a, b)| a.angle(b))
            }

            /// Whether it is no number.
            #[track_caller]
            pub fn is_nan(&self) -> Delayed<bool> {
                self.map_named("is_nan", |value| value.is_no_number())
            }

            /// Whether it is a number, and not infinite.
            #[track_caller]
            pub fn is_finite(&self) -> Delayed<bool> {
                self.map_named("is_finite", |value| value.has_end())
            }

            $(
                #[doc = $text]
                #[track_caller]
                pub fn $method(&self) -> Self {
                    self.map_named(stringify!($method), |&value| Float::$method(value))
                }
            )*
        }
    };
    (@impl $float:ident $($method:ident)*) => {
        impl Float for $float {
            fn to_whole_power(self, power: i32) -> Self {
                self.powi(power)
            }

            fn to_power(self, power: Self) -> Self {
                self.powf(power)
            }

            fn hypotenuse(self, other: Self) -> Self {
                self.hypot(other)
            }

            fn angle(self, other: Self) -> Self {
                self.atan2(other)
            }

            fn is_no_number(self) -> bool {
                self.is_nan()
            }

            fn has_end(self) -> bool {
                self.is_finite()
            }

            $(
                fn $method(self) -> Self {
                    $float::$method(self)
                }
            )*
        }
    };
}

floats! {
    sqrt "The square root.";
    cbrt "The cube root.";
    recip "One by the value.";
    exp "`e` raised to the value.";
    exp2 "2 raised to the value.";
    exp_m1 "`e` raised to the value, less 1, precise near 0.";
    ln "The natural logarithm.";
    ln_1p "The natural logarithm of the value and 1, precise near 0.";
    log2 "The logarithm to base 2.";
    log10 "The logarithm to base 10.";
    sin "The sine of an angle in radians.";
    cos "The cosine of an angle in radians.";
    tan "The tangent of an angle in radians.";
    tanh "The hyperbolic tangent.";
    floor "The greatest whole number that is not above the value.";
    ceil "The least whole number that is not below the value.";
    round "The nearest whole number; halves go away from 0.";
    trunc "The value without what follows the point.";
    to_degrees "Radians as degrees.";
    to_radians "Degrees as radians.";
}
