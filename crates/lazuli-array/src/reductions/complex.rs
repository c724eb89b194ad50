//! Sum, mean and product of complex numbers.

use std::marker::PhantomData;
use std::panic::Location;

use lazuli_core::{Delayed, Reduction, task};
use ndarray::Dimension;
use num_complex::Complex;

use crate::array::ChunkedArray;
use crate::kernels::{Float, SumState};
use crate::ops::complex_product;

impl<F, D> ChunkedArray<Complex<F>, D>
where
    F: Float + Default,
    F::Sum: SumState<F, Total = f64>,
    D: Dimension,
{
    /// The sum: real and imaginary parts are added as those of arrays of real numbers are. Zero for an empty
    /// array.
    ///
    /// ```
    /// use lazuli_array::ChunkedArray;
    /// use lazuli_array::num_complex::Complex;
    /// let z = ChunkedArray::from_fn([10], [3], |[i]| Complex::new(i as f64, -1.0));
    /// assert_eq!(lazuli_core::compute(z.sum())?, Complex::new(45.0, -10.0));
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    pub fn sum(&self) -> Delayed<Complex<f64>> {
        let parts = (self.re().sum(), self.im().sum());
        task("sum").site(Location::caller()).call(parts, |(re, im)| Complex::new(re, im))
    }

    /// The mean. NaN for an empty array, as NumPy.
    #[track_caller]
    pub fn mean(&self) -> Delayed<Complex<f64>> {
        let parts = (self.re().mean(), self.im().mean());
        task("mean").site(Location::caller()).call(parts, |(re, im)| Complex::new(re, im))
    }

    /// The product, in `f64`, with nothing in between that overflows or vanishes. One for an empty array.
    #[track_caller]
    pub fn prod(&self) -> Delayed<Complex<f64>> {
        self.reduce(Product(PhantomData::<fn() -> F>))
    }
}

struct Product<F>(PhantomData<fn() -> F>);

/// A product as a number of usual size times a power of two.
#[derive(Clone)]
struct Scaled {
    number: Complex<f64>,
    exponent: i64,
}

/// Exponents of numbers whose products with each other are in range.
const USUAL: i32 = 400;

impl Scaled {
    fn of(number: Complex<f64>) -> Self {
        let mut scaled = Self { number, exponent: 0 };
        scaled.normalize();
        scaled
    }

    fn times(&mut self, other: &Self) {
        self.number = complex_product(self.number, other.number);
        self.exponent += other.exponent;
        self.normalize();
    }

    fn normalize(&mut self) {
        let size = self.number.re.abs().max(self.number.im.abs());
        let (_, exponent) = libm::frexp(size);
        if size.is_finite() && size > 0.0 && exponent.abs() > USUAL {
            self.number = self.by_power(-exponent);
            self.exponent += i64::from(exponent);
        }
    }

    fn by_power(&self, exponent: i32) -> Complex<f64> {
        let Complex { re, im } = self.number;
        Complex::new(libm::scalbn(re, exponent), libm::scalbn(im, exponent))
    }
}

impl<F: Float> Reduction<[Complex<F>]> for Product<F> {
    type State = Scaled;
    type Output = Complex<f64>;

    fn identity(&self) -> Scaled {
        Scaled::of(Complex::new(1.0, 0.0))
    }

    fn update(&self, product: &mut Scaled, values: &[Complex<F>]) {
        for value in values {
            product.times(&Scaled::of(Complex::new(value.re.to_f64(), value.im.to_f64())));
        }
    }

    fn combine(&self, product: &mut Scaled, following: Scaled) {
        product.times(&following);
    }

    fn finish(&self, product: Scaled) -> Complex<f64> {
        // Beyond this there is nothing but infinity and zero.
        product.by_power(product.exponent.clamp(-3000, 3000) as i32)
    }
}
