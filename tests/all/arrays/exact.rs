//! Ten million values against exact integer arithmetic: mean, standard deviation, skewness and excess
//! kurtosis to a relative 1e-12, the definitions of NumPy and SciPy.

use lazuli::array::Scalar;
use lazuli::prelude::*;
use ndarray::{Array1, Ix1};

use super::noise;

const COUNT: usize = 10_000_000;
/// Values are whole multiples of this, so that their sums of powers are whole numbers.
const UNIT: f64 = 1.0 / 4096.0;

/// A whole number of 20 bits, skewed: the lesser of two, and far from zero.
fn whole(place: usize) -> i32 {
    let bits = noise(13, place);
    let (a, b) = (bits as i32 & 0xf_ffff, (bits >> 32) as i32 & 0xf_ffff);
    a.min(b) + 3_000_000
}

/// Mean, standard deviation (ddof 0 and 1), skewness and excess kurtosis of the whole numbers, from
/// exact sums of powers of their distance from a whole centre near the mean.
fn exact() -> [f64; 5] {
    const CENTRE: i64 = 3_349_525;
    let mut sums = [0_i128; 5];
    for place in 0..COUNT {
        let distance = i128::from(i64::from(whole(place)) - CENTRE);
        let mut power = 1;
        for sum in &mut sums {
            *sum += power;
            power *= distance;
        }
    }
    // Central sums, multiplied by powers of n so that they stay whole: n^k * sum (d - mean)^k / n.
    let [n, s1, s2, s3, s4] = sums;
    let m2 = (n * s2 - s1 * s1) as f64 / (n * n) as f64;
    let m3 = (n * n * s3 - 3 * n * s1 * s2 + 2 * s1 * s1 * s1) as f64 / (n * n * n) as f64;
    let m4 = {
        let [n, s1, s2, s3, s4] = [n, s1, s2, s3, s4].map(|sum| sum as f64 / n as f64);
        assert!(n == 1.0 && s1.abs() < 2000.0, "the centre is near the mean");
        s4 - 4.0 * s1 * s3 + 6.0 * s1 * s1 * s2 - 3.0 * s1.powi(4)
    };
    let mean = CENTRE as f64 + s1 as f64 / n as f64;
    let sample = (m2 * n as f64 / (n - 1) as f64).sqrt();
    [mean, m2.sqrt(), sample, m3 / m2.powf(1.5), m4 / (m2 * m2) - 3.0]
}

fn check<A: Scalar + Default>(expected: [f64; 5], unit: f64, value: impl Fn(i32) -> A) {
    let values = Array1::from_shape_fn(COUNT, |place| value(whole(place)));
    let x: ChunkedArray<A, Ix1> = ChunkedArray::from_array(values, [300_007]);
    let asked = [x.mean(), x.std(0), x.std(1), x.skewness(), x.kurtosis()];
    let found = compute(&asked).unwrap();
    for (index, (found, expected)) in found.into_iter().zip(expected).enumerate() {
        let expected = if index < 3 { expected * unit } else { expected };
        let error = (found - expected).abs() / expected.abs();
        assert!(error <= 1e-12, "{}, {index}: {found} {expected}", std::any::type_name::<A>());
    }
}

#[test]
fn ten_million_values_of_three_types() {
    let expected = exact();
    check(expected, 1.0, |whole| whole);
    check(expected, UNIT, |whole| f64::from(whole) * UNIT);
    check(expected, UNIT, |whole| (f64::from(whole) * UNIT) as f32);
}
