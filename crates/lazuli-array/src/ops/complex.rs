//! Arrays of complex numbers: arithmetic, and their parts. They have no order, so nothing that needs one.
//!
//! Products are plain; quotients are by Smith's method, as NumPy has them, so that nothing in between overflows
//! where the quotient does not (R. L. Smith, "Algorithm 116: complex division", CACM 5 (1962)).

use std::ops::{Add, Div, Mul, Neg, Sub};
use std::panic::Location;
use std::sync::Arc;

use ndarray::{DimMax, Dimension};
use num_complex::Complex;

use super::elementwise::one;
use super::function::pair_at;
use crate::array::ChunkedArray;
use crate::expr::ExprRef;
use crate::kernels::{Float, FloatFunction2, elementwise};

#[inline(always)]
fn plus<F: Float>(a: Complex<F>, b: Complex<F>) -> Complex<F> {
    Complex::new(a.re.plus(b.re), a.im.plus(b.im))
}

#[inline(always)]
fn minus<F: Float>(a: Complex<F>, b: Complex<F>) -> Complex<F> {
    Complex::new(a.re.minus(b.re), a.im.minus(b.im))
}

#[inline(always)]
pub(crate) fn times<F: Float>(a: Complex<F>, b: Complex<F>) -> Complex<F> {
    let re = a.re.times(b.re).minus(a.im.times(b.im));
    Complex::new(re, a.re.times(b.im).plus(a.im.times(b.re)))
}

#[inline(always)]
fn over<F: Float>(a: Complex<F>, b: Complex<F>) -> Complex<F> {
    if b.re.absolute() >= b.im.absolute() {
        if b.re == F::ZERO && b.im == F::ZERO {
            let zero = b.re.absolute();
            return Complex::new(a.re.over(zero), a.im.over(zero));
        }
        let ratio = b.im.over(b.re);
        let scale = F::ONE.over(b.re.plus(b.im.times(ratio)));
        let re = a.re.plus(a.im.times(ratio)).times(scale);
        Complex::new(re, a.im.minus(a.re.times(ratio)).times(scale))
    } else {
        let ratio = b.re.over(b.im);
        let scale = F::ONE.over(b.im.plus(b.re.times(ratio)));
        let re = a.re.times(ratio).plus(a.im).times(scale);
        Complex::new(re, a.im.times(ratio).minus(a.re).times(scale))
    }
}

/// `function` of each element and this number, on either side as it has them.
fn with<F: Float + Default>(
    array: &ExprRef,
    number: Complex<F>,
    function: impl Fn(Complex<F>, Complex<F>) -> Complex<F> + Send + Sync + 'static,
) -> ExprRef {
    // The number tells operations of one function apart.
    let key = Some(format!("{number:?}"));
    one(key, array, move |from: &[Complex<F>], to: &mut [Complex<F>]| {
        elementwise::map(from, to, |value| function(value, number));
    })
}

macro_rules! operators {
    ($($operator:ident $method:ident $function:ident),*) => {$(
        impl<F, D, E> $operator<&ChunkedArray<Complex<F>, E>> for &ChunkedArray<Complex<F>, D>
        where
            F: Float + Default,
            D: Dimension + DimMax<E>,
            E: Dimension,
        {
            type Output = ChunkedArray<Complex<F>, <D as DimMax<E>>::Output>;
            #[track_caller]
            fn $method(self, other: &ChunkedArray<Complex<F>, E>) -> Self::Output {
                let left = (Arc::clone(&self.expr), Arc::clone(&self.grid));
                let right = (Arc::clone(&other.expr), Arc::clone(&other.grid));
                pair_at(stringify!($method), left, right, Location::caller(), $function::<F>)
            }
        }

        impl<F, D, E> $operator<ChunkedArray<Complex<F>, E>> for ChunkedArray<Complex<F>, D>
        where
            F: Float + Default,
            D: Dimension + DimMax<E>,
            E: Dimension,
        {
            type Output = ChunkedArray<Complex<F>, <D as DimMax<E>>::Output>;
            #[track_caller]
            fn $method(self, other: ChunkedArray<Complex<F>, E>) -> Self::Output {
                $operator::$method(&self, &other)
            }
        }

        impl<F: Float + Default, D: Dimension> $operator<Complex<F>>
            for &ChunkedArray<Complex<F>, D>
        {
            type Output = ChunkedArray<Complex<F>, D>;
            #[track_caller]
            fn $method(self, number: Complex<F>) -> Self::Output {
                self.derive(with(&self.expr, number, $function::<F>))
            }
        }

        impl<F: Float + Default, D: Dimension> $operator<Complex<F>>
            for ChunkedArray<Complex<F>, D>
        {
            type Output = Self;
            #[track_caller]
            fn $method(self, number: Complex<F>) -> Self {
                $operator::$method(&self, number)
            }
        }
    )*};
}

operators!(Add add plus, Sub sub minus, Mul mul times, Div div over);

/// A number on the left. The traits are foreign, so each type needs its own.
macro_rules! reflected {
    ($($float:ty),*) => {
        $(reflected!(@ $float: Add add plus, Sub sub minus, Mul mul times, Div div over);)*
    };
    (@ $float:ty: $($operator:ident $method:ident $function:ident),*) => {$(
        impl<D: Dimension> $operator<&ChunkedArray<Complex<$float>, D>> for Complex<$float> {
            type Output = ChunkedArray<Complex<$float>, D>;
            #[track_caller]
            fn $method(self, array: &ChunkedArray<Complex<$float>, D>) -> Self::Output {
                array.derive(with(&array.expr, self, |value, number| $function(number, value)))
            }
        }
    )*};
}

reflected!(f32, f64);

impl<F: Float + Default, D: Dimension> Neg for &ChunkedArray<Complex<F>, D> {
    type Output = ChunkedArray<Complex<F>, D>;
    #[track_caller]
    fn neg(self) -> Self::Output {
        self.each(|value| Complex::new(value.re.negative(), value.im.negative()))
    }
}

impl<F: Float + Default, D: Dimension> ChunkedArray<Complex<F>, D> {
    /// The real part of each element.
    ///
    /// ```
    /// use lazuli_array::ChunkedArray;
    /// use lazuli_array::num_complex::Complex;
    /// let z = ChunkedArray::from_fn([4], [2], |[i]| Complex::new(i as f64, 1.0));
    /// let square = &z * &z;
    /// assert_eq!(lazuli_core::compute(square.re())?.to_vec(), [-1.0, 0.0, 3.0, 8.0]);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn re(&self) -> ChunkedArray<F, D> {
        self.each(|value| value.re)
    }

    /// The imaginary part of each element.
    #[track_caller]
    #[must_use]
    pub fn im(&self) -> ChunkedArray<F, D> {
        self.each(|value| value.im)
    }

    /// The absolute value of each element, by `hypot`: nothing in between overflows.
    #[track_caller]
    #[must_use]
    pub fn abs(&self) -> ChunkedArray<F, D> {
        self.each(|value| value.re.apply_two(value.im, FloatFunction2::Hypot))
    }

    /// The angle of each element, from -pi to pi.
    #[track_caller]
    #[must_use]
    pub fn arg(&self) -> ChunkedArray<F, D> {
        self.each(|value| value.im.apply_two(value.re, FloatFunction2::Atan2))
    }

    /// The complex conjugate of each element.
    #[track_caller]
    #[must_use]
    pub fn conj(&self) -> Self {
        self.each(|value| Complex::new(value.re, value.im.negative()))
    }
}
