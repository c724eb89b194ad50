//! Sums and products with what rounding takes from them: transformations without error.

/// `a + b` rounded, and its rounding error: together they are exactly `a + b`, unless that overflows.
///
/// Source: D. E. Knuth, *The Art of Computer Programming*, vol. 2, section 4.2.2, theorem C.
///
/// ```
/// assert_eq!(lazuli_numerics::two_sum(1e16, 1.0), (1e16, 1.0));
/// ```
#[inline(always)]
pub fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let b_taken = sum - a;
    let a_taken = sum - b_taken;
    (sum, (a - a_taken) + (b - b_taken))
}

/// `a * b` rounded, and its rounding error, which is zero where the product is not finite.
///
/// By halves of the digits (T. J. Dekker, "A floating-point technique for extending the available precision",
/// Numerische Mathematik 18, 1971): not every processor multiplies and adds in one step, and all are to give
/// the same bits.
///
/// ```
/// let (product, error) = lazuli_numerics::two_product(0.1, 0.3);
/// assert_eq!(error, 0.1f64.mul_add(0.3, -product));
/// ```
#[inline(always)]
pub fn two_product(a: f64, b: f64) -> (f64, f64) {
    let product = a * b;
    let halves = |x: f64| {
        let scaled = x * 134_217_729.0;
        let high = scaled - (scaled - x);
        (high, x - high)
    };
    let ((a_high, a_low), (b_high, b_low)) = (halves(a), halves(b));
    let error = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low;
    // A choice, not a branch, so that loops over many products are vectorized.
    (product, if product.is_finite() { error } else { 0.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_exact() {
        for (a, b) in [(0.1, 0.3), (1e9 + 1.0 / 3.0, 1e9 + 1.0 / 7.0), (-1e-9, 3.3e12)] {
            let (product, error) = two_product(a, b);
            assert_eq!((product, error), (a * b, a.mul_add(b, -product)));
        }
        assert_eq!(two_product(1e200, 1e200), (f64::INFINITY, 0.0));
    }
}
