//! The list of elementwise operations, for every element type.

use lazuli::prelude::*;
use ndarray::Array1;

fn lazy<A: lazuli::array::Element>(values: &[A]) -> ChunkedArray<A, ndarray::Ix1> {
    ChunkedArray::from_array(Array1::from_vec(values.to_vec()), [3])
}

fn values<A: lazuli::array::Element>(x: &ChunkedArray<A, ndarray::Ix1>) -> Vec<A> {
    compute(x).unwrap().to_vec()
}

#[test]
fn delayed_numbers_stand_on_either_side() {
    let x = ChunkedArray::from_fn([10], [3], |[i]| i as f64);
    assert_eq!(compute((x.mean() - &x).sum()).unwrap(), 0.0);
    assert_eq!(compute((&x.mean() - &x).max()).unwrap(), 4.5);
    assert_eq!(compute((x.max() / (&x + 1.0)).min()).unwrap(), 0.9);
    assert_eq!(compute((&x - x.min()).argmax()).unwrap(), 9);
    let f = x.astype::<f32>();
    let centred: ChunkedArray<f64, _> = f.mean() - &f;
    assert_eq!(compute(centred.sum()).unwrap(), 0.0);
    assert_eq!(values(&(f.max() - &f))[..2], [9.0_f32, 8.0]);
    let i = x.astype::<i32>();
    assert_eq!(values(&(i.max() - &i))[8..], [1_i32, 0]);
    assert_eq!(values(&(&i - i.mean()))[..2], [-4.5_f64, -3.5]);
    assert_eq!(values(&(i.mean() * i))[..2], [0.0, 4.5]);
    let u = x.astype::<u8>();
    assert_eq!(values(&(u.max() % (u + 1)))[..4], [0, 1, 0, 1]);
}

#[test]
fn delayed_numbers_are_compared_and_chosen() {
    let x = ChunkedArray::from_fn([10], [3], |[i]| i as f64);
    assert_eq!(compute(x.gt(x.mean()).count_nonzero()).unwrap(), 5);
    let clipped = x.lt(x.mean()).where_(x.mean(), &x);
    assert_eq!(compute(clipped.min()).unwrap(), 4.5);
    assert_eq!(values(&x.maximum(x.mean()))[4..6], [4.5, 5.0]);
    assert_eq!(values(&x.powf(x.min() + 2.0))[3], 9.0);
    assert_eq!(values(&x.gt(3.0).where_(1_u8, 0))[3..5], [0, 1]);
}

#[test]
fn arithmetic_of_integers_wraps_and_never_traps() {
    let x = lazy(&[i32::MAX, i32::MIN, -7, 7, 0]);
    assert_eq!(values(&(&x + 1))[..2], [i32::MIN, i32::MIN + 1]);
    assert_eq!(values(&(&x / 0)), [0; 5]);
    assert_eq!(values(&(&x / -1))[1], i32::MIN);
    assert_eq!(values(&(&x % 3))[2..], [2, 1, 0]);
    assert_eq!(values(&(100 / &x))[2..], [-14, 14, 0]);
    assert_eq!(values(&x.abs())[1..3], [i32::MIN, 7]);
    assert_eq!(values(&x.sign()), [1, -1, -1, 1, 0]);
    assert_eq!(values(&-&x)[2..], [7, -7, 0]);
    assert_eq!(values(&lazy(&[200_u8, 3]).powi(2)), [64, 9]);
}

#[test]
fn functions_of_floats() {
    let x = lazy(&[-1.5, 0.5, 2.5, f64::NAN, f64::INFINITY]);
    let bits = |x: &ChunkedArray<f64, _>| -> Vec<u64> {
        values(x).iter().map(|value| value.to_bits()).collect()
    };
    let floor = values(&x.floor());
    assert!(floor[..3] == [-2.0, 0.0, 2.0] && floor[3].is_nan() && floor[4] == f64::INFINITY);
    assert_eq!(values(&x.round())[..3], [-2.0, 0.0, 2.0]);
    assert_eq!(values(&x.ceil())[..3], [-1.0, 1.0, 3.0]);
    assert_eq!(values(&x.trunc())[..3], [-1.0, 0.0, 2.0]);
    assert_eq!(values(&x.is_nan()), [false, false, false, true, false]);
    assert_eq!(values(&x.is_finite()), [true, true, true, false, false]);
    assert_eq!(values(&x.is_infinite()), [false, false, false, false, true]);
    assert_eq!(bits(&x.fmax(1.0)), [1.0, 1.0, 2.5, 1.0, f64::INFINITY].map(f64::to_bits));
    assert_eq!(bits(&x.fmin(1.0)), [-1.5, 0.5, 1.0, 1.0, 1.0].map(f64::to_bits));
    let clipped = values(&x.clip(0.0, 1.0));
    assert!(clipped[..3] == [0.0, 0.5, 1.0] && clipped[3].is_nan() && clipped[4] == 1.0);
    assert!(values(&x.sqrt())[0].is_nan());
    let close = |found: f64, expected: f64| (found - expected).abs() <= 4e-16 * expected.abs();
    assert!(close(values(&x.exp())[2], 2.5_f64.exp()) && close(values(&x.ln())[2], 2.5_f64.ln()));
    assert!(
        close(values(&x.tanh())[1], 0.5_f64.tanh())
            && close(values(&x.atan2(2.0))[1], 0.5_f64.atan2(2.0))
    );
    assert!(close(values(&x.hypot(&x))[2], 2.5 * 2_f64.sqrt()));
}

#[test]
fn logic_and_casts() {
    let x = lazy(&[0.0, -0.0, 1.5, f64::NAN, -300.7]);
    let (low, high) = (x.lt(1.0), x.gt(-1.0));
    assert_eq!(values(&(&low & &high)), [true, true, false, false, false]);
    assert_eq!(values(&(&low | &high)), [true, true, true, false, true]);
    assert_eq!(values(&(&low ^ &high)), [false, false, true, false, true]);
    assert_eq!(values(&!&low), [false, false, true, true, false]);
    assert_eq!(values(&x.ne(&x)), [false, false, false, true, false]);
    assert_eq!(values(&x.astype::<i16>()), [0, 0, 1, 0, -300]);
    assert_eq!(values(&x.astype::<u8>()), [0, 0, 1, 0, 0]);
    assert_eq!(values(&x.astype::<bool>()), [false, false, true, true, true]);
    assert_eq!(values(&low.astype::<f32>()), [1.0, 1.0, 0.0, 0.0, 1.0]);
    assert_eq!(values(&lazy(&[i64::MAX, -1]).astype::<u16>()), [u16::MAX, u16::MAX]);
}

macro_rules! every_type {
    ($($number:ty),*) => {$({
        let x = ChunkedArray::<$number, _>::arange(1 as $number, 7 as $number, 2 as $number, 2);
        assert_eq!(values(&x), [1 as $number, 3 as $number, 5 as $number]);
        assert_eq!(compute((x.min(), x.max(), x.ptp())).unwrap(), (1 as $number, 5 as $number, 4 as $number));
        assert_eq!(compute((x.argmin(), x.argmax(), x.count_nonzero())).unwrap(), (0, 2, 3));
        assert_eq!(compute(x.prod()).unwrap() as f64, 15.0);
        assert_eq!(values(&(x.mean() - &x)), [2.0, 0.0, -2.0]);
        let ones = ChunkedArray::<$number, _>::ones([2, 3], [1, 2]) * (2 as $number);
        assert_eq!(compute(ones.sum()).unwrap() as f64, 12.0);
        let eye = ChunkedArray::<$number, _>::eye(5, [2, 3]);
        assert_eq!(compute((eye.count_nonzero(), eye.all(), eye.any())).unwrap(), (5, false, true));
    })*};
}

#[test]
fn every_number_type() {
    every_type!(i8, i16, i32, i64, u8, u16, u32, u64, f32, f64);
}
