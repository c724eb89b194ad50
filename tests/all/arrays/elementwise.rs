//! Elementwise arithmetic, and arrays made of it.

use lazuli::prelude::*;
use proptest::prelude::*;

use super::{array, layouts, same_everywhere, unit};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn floats_are_what_ndarray_makes_of_them(layout in layouts(), seed: u64) {
        let (a, b) = (array(&layout, |i| unit(seed, i)), array(&layout, |i| 2.0 + unit(!seed, i)));
        let x = ChunkedArray::from_array(a.clone(), layout.chunks.clone());
        // Other chunks on the right: it is read in the blocks of the left.
        let y = ChunkedArray::from_array(b.clone(), layout.shape.iter().map(|&len| len.max(1)).collect::<Vec<_>>());
        let lazy = (&x * &y - 0.5) / (3.0 + &y) + (-&x).abs() * (2.0 * &x).powi(3) - y.sqrt();
        let eager = (&a * &b - 0.5) / (3.0 + &b) + (-&a).abs() * (2.0 * &a).powi(3) - b.sqrt();
        let found = same_everywhere(&lazy, |array| array.iter().map(|value| value.to_bits()).collect());
        prop_assert_eq!(found, eager);
    }

    #[test]
    fn integers_wrap(layout in layouts(), seed: u64) {
        let a = array(&layout, |i| super::noise(seed, i) as i32);
        let x = ChunkedArray::from_array(a.clone(), layout.chunks.clone());
        let found = same_everywhere(&((&x * 3 + &x) - 7), |array| array.iter().map(|&value| value as u64).collect());
        prop_assert_eq!(found, a.mapv(|value| value.wrapping_mul(3).wrapping_add(value).wrapping_sub(7)));
    }

    #[test]
    fn functions_of_ones_own_see_every_element(layout in layouts(), seed: u64) {
        let a = array(&layout, |i| unit(seed, i));
        let x = ChunkedArray::from_array(a.clone(), layout.chunks.clone());
        let signs = x.map(|value| value > 0.0);
        let picked = signs.zip_with(&x, |positive, value| if positive { value as f32 } else { -1.0 });
        let found = same_everywhere(&picked, |array| array.iter().map(|value| value.to_bits().into()).collect());
        prop_assert_eq!(found, a.mapv(|value| if value > 0.0 { value as f32 } else { -1.0 }));
    }
}

#[test]
fn a_delayed_number_is_computed_first() {
    let x = ChunkedArray::from_fn([1000], [64], |[i]| i as f64);
    let centred = &x - x.mean();
    let (total, mean, spread) = compute((centred.sum(), centred.mean(), centred.std(0))).unwrap();
    assert_eq!((total, mean), (0.0, 0.0));
    assert_eq!(spread, compute(x.std(0)).unwrap());
}

#[test]
fn elements_know_their_place() {
    let x = ChunkedArray::from_fn([7, 5, 4], [3, 2, 4], |[i, j, k]| (i * 100 + j * 10 + k) as u16);
    let found = compute(&x).unwrap();
    for ((i, j, k), value) in found.indexed_iter() {
        assert_eq!(usize::from(*value), i * 100 + j * 10 + k);
    }
}

#[test]
fn a_long_expression_neither_overflows_the_stack_nor_the_cache() {
    let mut x = ChunkedArray::from_fn([5000], [1000], |[i]| i as f64);
    for _ in 0..100_000 {
        x = x + 1.0;
    }
    // Compiling it is enough: evaluating so many steps would take long.
    assert_eq!(Executor::shared().plan(x.min()).unwrap().tasks().len(), 5 + 1 + 3);
    let mut y = ChunkedArray::from_fn([5000], [1000], |[i]| i as f64);
    for _ in 0..1000 {
        y = y + 1.0;
    }
    assert_eq!(compute((y.min(), y.max())).unwrap(), (1000.0, 5999.0));
}
