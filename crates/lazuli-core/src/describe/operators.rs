//! Operators on delayed values, with delayed or plain values on either side.

use std::ops::{
    Add, AddAssign, BitAnd, BitAndAssign, BitOr, BitOrAssign, BitXor, BitXorAssign, Div, DivAssign,
    Mul, MulAssign, Neg, Not, Rem, RemAssign, Shl, ShlAssign, Shr, ShrAssign, Sub, SubAssign,
};

use crate::describe::task::{IntoArg, by_ref, task};
use crate::graph::Delayed;

macro_rules! binary {
    ($($operator:ident $method:ident),*) => {$(
        impl<T, U, R> $operator<U> for Delayed<T>
        where
            T: $operator<Output = R> + Clone + Send + Sync + 'static,
            U: IntoArg<T>,
            R: Send + Sync + 'static,
        {
            type Output = Delayed<R>;
            #[track_caller]
            fn $method(self, other: U) -> Delayed<R> {
                task(stringify!($method))
                    .call((self, other.into_arg()), |(a, b)| $operator::$method(a, b))
            }
        }

        impl<T, U, R> $operator<U> for &Delayed<T>
        where
            T: $operator<Output = R> + Clone + Send + Sync + 'static,
            U: IntoArg<T>,
            R: Send + Sync + 'static,
        {
            type Output = Delayed<R>;
            #[track_caller]
            fn $method(self, other: U) -> Delayed<R> {
                $operator::$method(self.clone(), other)
            }
        }
    )*};
}

binary!(
    Add add, Sub sub, Mul mul, Div div, Rem rem, BitAnd bitand, BitOr bitor, BitXor bitxor, Shl shl,
    Shr shr
);

/// A plain number on the left. The traits are foreign, so each number type needs its own.
macro_rules! reflected {
    ($number:ty: $($operator:ident $method:ident),*) => {$(
        impl $operator<Delayed<$number>> for $number {
            type Output = Delayed<$number>;
            #[track_caller]
            fn $method(self, other: Delayed<$number>) -> Delayed<$number> {
                task(stringify!($method))
                    .call(other, move |other| $operator::$method(self, other))
            }
        }

        impl $operator<&Delayed<$number>> for $number {
            type Output = Delayed<$number>;
            #[track_caller]
            fn $method(self, other: &Delayed<$number>) -> Delayed<$number> {
                $operator::$method(self, other.clone())
            }
        }
    )*};
}

macro_rules! reflected_for {
    ($($number:ty),*) => {
        $(reflected!($number: Add add, Sub sub, Mul mul, Div div, Rem rem);)*
    };
}

reflected_for!(i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize, f32, f64);

macro_rules! reflected_bits_for {
    ($($number:ty),*) => {
        $(reflected!($number: BitAnd bitand, BitOr bitor, BitXor bitxor);)*
    };
}

reflected_bits_for!(bool, i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize);

macro_rules! comparisons {
    ($bound:ident: $($method:ident $text:literal),*) => {
        /// Comparisons, by methods of the names that Rust's own have: its operators can only answer a
        /// `bool`, and these answer a delayed one.
        ///
        /// ```
        /// use lazuli_core::{Delayed, compute};
        ///
        /// let x = Delayed::value(3);
        /// assert_eq!(compute((x.lt(4), x.ge(&x + 1), x.eq(3)))?, (true, false, true));
        /// # Ok::<(), lazuli_core::Error>(())
        /// ```
        impl<T: $bound + Send + Sync + 'static> Delayed<T> {
            $(
                #[doc = concat!("Whether the value is ", $text, " the other, delayed or plain.")]
                #[track_caller]
                #[allow(clippy::should_implement_trait, reason = "the trait's method answers a `bool`")]
                pub fn $method(&self, other: impl IntoArg<T>) -> Delayed<bool> {
                    task(stringify!($method))
                        .call((self, by_ref(other.into_arg())), |(a, b)| $bound::$method(a, b))
                }
            )*
        }
    };
}

comparisons!(PartialEq: eq "equal to", ne "not equal to");
comparisons!(PartialOrd: lt "less than", le "at most", gt "greater than", ge "at least");

macro_rules! assigning {
    ($($operator:ident $method:ident = $by:ident $by_method:ident),*) => {$(
        impl<T, U> $operator<U> for Delayed<T>
        where
            T: $by<Output = T> + Clone + Send + Sync + 'static,
            U: IntoArg<T>,
        {
            #[track_caller]
            fn $method(&mut self, other: U) {
                *self = $by::$by_method(&*self, other);
            }
        }
    )*};
}

assigning!(
    AddAssign add_assign = Add add, SubAssign sub_assign = Sub sub,
    MulAssign mul_assign = Mul mul, DivAssign div_assign = Div div,
    RemAssign rem_assign = Rem rem, BitAndAssign bitand_assign = BitAnd bitand,
    BitOrAssign bitor_assign = BitOr bitor, BitXorAssign bitxor_assign = BitXor bitxor,
    ShlAssign shl_assign = Shl shl, ShrAssign shr_assign = Shr shr
);

macro_rules! unary {
    ($($operator:ident $method:ident),*) => {$(
        impl<T, R> $operator for Delayed<T>
        where
            T: $operator<Output = R> + Clone + Send + Sync + 'static,
            R: Send + Sync + 'static,
        {
            type Output = Delayed<R>;
            #[track_caller]
            fn $method(self) -> Delayed<R> {
                task(stringify!($method)).call(self, |a| $operator::$method(a))
            }
        }

        impl<T, R> $operator for &Delayed<T>
        where
            T: $operator<Output = R> + Clone + Send + Sync + 'static,
            R: Send + Sync + 'static,
        {
            type Output = Delayed<R>;
            #[track_caller]
            fn $method(self) -> Delayed<R> {
                $operator::$method(self.clone())
            }
        }
    )*};
}

unary!(Neg neg, Not not);
