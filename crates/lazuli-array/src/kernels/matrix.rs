//! Products of matrices: one of the modules of this crate with unsafe code.
//!
//! Floats and complex numbers are multiplied by the crate `gemm`, whose kernels fuse multiplications with additions
//! and are chosen for the processor; integers by plain loops that wrap. On one processor a product has the same bits
//! whatever runs beside it: it is made by one thread, in an order that the lengths decide.
//!
//! # Why this is sound
//! `gemm` reads and writes through pointers and strides. [`multiply_floats`] checks that the slices have exactly the
//! elements that the lengths and strides say, and that their number does not overflow; the target is borrowed
//! mutably, so it overlaps neither factor.
#![allow(unsafe_code)]

use num_complex::Complex;

use super::scalar::Scalar;

/// An element type that matrices are multiplied in: floats, complex numbers and integers.
pub trait LinalgScalar: Copy + Default + Send + Sync + sealed::Multiply + 'static {}

mod sealed {
    /// How matrices of this type are multiplied.
    pub trait Multiply: Sized {
        /// Adds the product of an `m x k` and a `k x n` matrix to an `m x n` one, all in C order.
        fn add_product(to: &mut [Self], left: &[Self], right: &[Self], lens: [usize; 3]);
    }
}

/// Adds the product of an `m x k` and a `k x n` matrix to an `m x n` one, all in C order; `lens` are `m`, `k` and `n`.
///
/// # Panics
/// When a slice has another number of elements.
pub(crate) fn add_product<A: LinalgScalar>(
    to: &mut [A],
    left: &[A],
    right: &[A],
    lens: [usize; 3],
) {
    A::add_product(to, left, right, lens);
}

fn multiply_floats<A: Copy + 'static>(
    to: &mut [A],
    left: &[A],
    right: &[A],
    [m, k, n]: [usize; 3],
    one: A,
) {
    assert_eq!(Some(to.len()), m.checked_mul(n), "the target is m x n");
    assert_eq!(Some(left.len()), m.checked_mul(k), "the left factor is m x k");
    assert_eq!(Some(right.len()), k.checked_mul(n), "the right factor is k x n");
    if to.is_empty() || k == 0 {
        return;
    }
    // Lengths of slices fit `isize`.
    let (of_left, of_right) = (k as isize, n as isize);
    let (to, left, right) = (to.as_mut_ptr(), left.as_ptr(), right.as_ptr());
    // SAFETY: element `(i, j)` of a matrix in C order with `c` columns lies at `i * c + j`, which for all rows and
    // columns is inside its slice, as asserted above; the target is not read or written by anyone else.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            to,
            1,
            of_right,
            true,
            left,
            1,
            of_left,
            right,
            1,
            of_right,
            one,
            one,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

fn multiply_integers<A: Scalar>(to: &mut [A], left: &[A], right: &[A], [_, k, n]: [usize; 3]) {
    if k == 0 || n == 0 {
        return;
    }
    for (to, left) in to.chunks_exact_mut(n).zip(left.chunks_exact(k)) {
        for (&factor, row) in left.iter().zip(right.chunks_exact(n)) {
            for (to, &value) in to.iter_mut().zip(row) {
                *to = to.plus(factor.times(value));
            }
        }
    }
}

macro_rules! multiplied {
    ($($number:ty => $multiply:ident($($one:expr)?);)*) => {$(
        impl LinalgScalar for $number {}
        impl sealed::Multiply for $number {
            fn add_product(to: &mut [Self], left: &[Self], right: &[Self], lens: [usize; 3]) {
                $multiply(to, left, right, lens $(, $one)?);
            }
        }
    )*};
}

multiplied! {
    f32 => multiply_floats(1.0);
    f64 => multiply_floats(1.0);
    Complex<f32> => multiply_floats(Complex::new(1.0, 0.0));
    Complex<f64> => multiply_floats(Complex::new(1.0, 0.0));
    i8 => multiply_integers();
    i16 => multiply_integers();
    i32 => multiply_integers();
    i64 => multiply_integers();
    u8 => multiply_integers();
    u16 => multiply_integers();
    u32 => multiply_integers();
    u64 => multiply_integers();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(seed: usize, place: usize) -> i64 {
        ((place * 7919 + seed * 104_729) % 23) as i64 - 11
    }

    /// Small whole numbers, whose products and sums every type holds exactly.
    fn check<A: LinalgScalar + PartialEq + std::fmt::Debug>(of: impl Fn(i64) -> A) {
        for [m, k, n] in
            [[1, 1, 1], [3, 4, 5], [1, 70, 1], [70, 1, 9], [1, 6, 40], [37, 129, 65], [2, 0, 3]]
        {
            let numbers = |seed: usize, len: usize| -> Vec<i64> {
                (0..len).map(|place| value(seed, place)).collect()
            };
            let (left, right) = (numbers(1, m * k), numbers(2, k * n));
            let begun = numbers(3, m * n);
            let expected: Vec<A> = (0..m * n)
                .map(|place| {
                    let (row, column) = (place / n, place % n);
                    let products = (0..k).map(|i| left[row * k + i] * right[i * n + column]);
                    of(begun[place] + products.sum::<i64>())
                })
                .collect();
            let typed =
                |numbers: &[i64]| numbers.iter().map(|&number| of(number)).collect::<Vec<A>>();
            let mut found = typed(&begun);
            add_product(&mut found, &typed(&left), &typed(&right), [m, k, n]);
            assert_eq!(found, expected, "{m} x {k} x {n}");
        }
    }

    #[test]
    fn products_are_those_of_plain_loops() {
        check(|number| number as f64);
        check(|number| number as f32);
        check(|number| Complex::new(number as f64, 0.0));
        check(|number| Complex::new(number as f32, 0.0));
        check(|number| number);
        check(|number| number as i8);
        check(|number| number as u16);
    }

    #[test]
    fn complex_factors_are_not_conjugated() {
        let i = Complex::new(0.0, 1.0);
        let mut to = [Complex::new(5.0, 0.0)];
        add_product(&mut to, &[i, i], &[i, Complex::new(2.0, 0.0)], [1, 2, 1]);
        assert_eq!(to, [Complex::new(4.0, 2.0)]);
    }

    #[test]
    #[should_panic(expected = "k x n")]
    fn slices_of_another_length_are_refused() {
        add_product(&mut [0.0; 4], &[0.0; 4], &[0.0; 3], [2, 2, 2]);
    }
}
