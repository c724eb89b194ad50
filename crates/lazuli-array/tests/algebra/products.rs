//! Products of arrays against plain loops.

use lazuli_array::num_complex::Complex;
use lazuli_array::{ChunkedArray, Random};
use lazuli_core::{Executor, compute};
use ndarray::{Array2, ArrayD, Axis, IxDyn};
use proptest::prelude::*;

use super::support::*;

/// The sum of products over the last axes of the left and the first of the right array.
fn by_hand(left: &ArrayD<f64>, right: &ArrayD<f64>, summed: usize) -> ArrayD<f64> {
    let own = left.ndim() - summed;
    let shape: Vec<usize> =
        left.shape()[..own].iter().chain(&right.shape()[summed..]).copied().collect();
    let (m, k): (usize, usize) =
        (left.shape()[..own].iter().product(), left.shape()[own..].iter().product());
    let n: usize = right.shape()[summed..].iter().product();
    let (left, right): (Vec<f64>, Vec<f64>) =
        (left.iter().copied().collect(), right.iter().copied().collect());
    let product =
        |place: usize| (0..k).map(|i| left[place / n * k + i] * right[i * n + place % n]).sum();
    ArrayD::from_shape_vec(IxDyn(&shape), (0..m * n).map(product).collect()).expect("the shape's")
}

fn shape(len: usize) -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(0_usize..12, len..=len)
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn contractions_are_those_of_plain_loops(
        (left, right, left_chunks, right_chunks, summed) in (0_usize..3, shape(2), shape(2), shape(2))
            .prop_flat_map(|(summed, own, others, over)| {
                let over = &over[..summed];
                let left: Vec<usize> = own.iter().chain(over).copied().collect();
                let right: Vec<usize> = over.iter().chain(&others).copied().collect();
                let (left_chunks, right_chunks) = (chunks(&left), chunks(&right));
                (Just(left), Just(right), left_chunks, right_chunks, Just(summed))
            }),
        seed: u64,
        staged: [bool; 2],
    ) {
        let (a, b) = (whole(seed, &left), whole(seed ^ 1, &right));
        let x = chunked(&a, &left_chunks, staged[0]);
        let y = chunked(&b, &right_chunks, staged[1]);
        let of_left: Vec<usize> = (left.len() - summed..left.len()).collect();
        let of_right: Vec<usize> = (0..summed).collect();
        let product = x.tensordot(&y, [&of_left, &of_right]);
        prop_assert_eq!(product.chunks()[..2].to_vec(), x.chunks()[..2].to_vec());
        prop_assert_eq!(product.chunks()[2..].to_vec(), y.chunks()[summed..].to_vec());
        let found = same_everywhere(&product, bits_of);
        prop_assert_eq!(found, by_hand(&a, &b, summed));
        // The other way round: the axes in another order, and views of both.
        let turned = y.t().tensordot(&x.t(), [
            &(0..summed).map(|axis| right.len() - 1 - axis).collect::<Vec<_>>(),
            &(0..summed).map(|axis| summed - 1 - axis).collect::<Vec<_>>(),
        ]);
        let expected = by_hand(&a, &b, summed).reversed_axes();
        prop_assert_eq!(same_everywhere(&turned, bits_of), expected);
    }

    #[test]
    fn stacks_of_matrices_are_multiplied_one_by_one(
        stack in 1_usize..6,
        [m, k, n] in [1_usize..9, 1..9, 1..9],
        repeated in 0_usize..3,
        seed: u64,
    ) {
        let a = whole(seed, &if repeated == 1 { vec![m, k] } else { vec![stack, m, k] });
        let b = whole(!seed, &if repeated == 2 { vec![1, k, n] } else { vec![stack, k, n] });
        let x = ChunkedArray::from_array(a.clone(), vec![2; a.ndim()]);
        let y = ChunkedArray::from_array(b.clone(), vec![3; b.ndim()]);
        let found = same_everywhere(x.matmul(&y), bits_of);
        prop_assert_eq!(found.shape(), &[stack, m, n]);
        for (number, found) in found.outer_iter().enumerate() {
            let left = if repeated == 1 { a.view() } else { a.index_axis(Axis(0), number) };
            let right = b.index_axis(Axis(0), if repeated == 2 { 0 } else { number });
            prop_assert_eq!(found.to_owned(), by_hand(&left.to_owned(), &right.to_owned(), 1));
        }
    }
}

#[test]
fn dot_has_the_shapes_of_ndarray() {
    let a = ndarray::Array2::from_shape_fn((5, 4), |(i, j)| (i * 4 + j) as f64);
    let v = ndarray::Array1::from_shape_fn(4, |i| i as f64 - 1.0);
    let (x, y) =
        (ChunkedArray::from_array(a.clone(), [2, 3]), ChunkedArray::from_array(v.clone(), [3]));
    let (square, column, row, number) =
        compute((x.t().dot(&x), x.dot(&y), y.dot(&x.t()), y.dot(&y))).expect("they fit");
    assert_eq!(square, a.t().dot(&a));
    assert_eq!(column, a.dot(&v));
    assert_eq!(row, v.dot(&a.t()));
    assert_eq!(number.into_scalar(), v.dot(&v));
}

#[test]
fn integers_wrap_and_complex_numbers_multiply() {
    let x = ChunkedArray::from_array(ndarray::array![[100_i8, 100], [1, -128]], [1, 1]);
    let wrapped = compute(x.dot(&x)).expect("they fit");
    assert_eq!(
        wrapped,
        ndarray::array![[100_i8.wrapping_mul(100).wrapping_add(100), 16], [-28, 100]]
    );
    let i = Complex::new(0.0_f64, 1.0);
    let z = ChunkedArray::from_array(ndarray::array![[i, 2.0 * i], [i * i, 3.0 + i]], [1, 2]);
    let found = compute(z.dot(&z)).expect("they fit");
    assert_eq!(found[[0, 0]], i * i + 2.0 * i * i * i);
    assert_eq!(found[[1, 1]], i * i * 2.0 * i + (3.0 + i) * (3.0 + i));
}

/// Products whose sums are rounded: the bits are the same for any number of threads, and close to exact sums.
#[test]
fn rounded_products_have_the_same_bits_everywhere() {
    let normal = |stream| Random::new(5).stream(stream).normal([150, 150], [40, 70], 0.0, 1.0);
    let (x, y) = (normal(0), normal(1));
    let bits = |array: &Array2<f64>| array.iter().map(|value| value.to_bits()).collect();
    let found = same_everywhere(x.dot(&y), bits);
    let (a, b) = compute((&x, &y)).expect("they are made");
    let off = (found - a.dot(&b)).mapv(f64::abs).fold(0.0, |most: f64, &off| most.max(off));
    assert!(off < 1e-12, "{off:e}");
}

/// A block of the result, and the two blocks of a pair, whatever the number of pairs.
#[test]
fn the_bytes_of_a_product_do_not_grow_with_the_summed_axis() {
    let peak = |summed: usize| {
        let x = Random::new(1).uniform([100, summed], [50, 50], 0.0..1.0);
        let y = Random::new(2).uniform([summed, 100], [50, 50], 0.0..1.0);
        let plan = Executor::sync().explain(x.dot(&y).sum()).expect("it is planned");
        plan.peak_bytes
    };
    assert_eq!(peak(500), peak(5000));
    assert!(peak(500) > 3 * 50 * 50 * 8);
}

#[test]
fn misfits_name_the_operation_and_the_line() {
    let x = ChunkedArray::from_fn([3, 4], [2, 2], |[i, j]| (i + j) as f64);
    let y = ChunkedArray::from_fn([3], [2], |[i]| i as f64);
    for (message, expected) in [
        (failure(x.dot(&y)), "`dot` at"),
        (failure(x.matmul(&x)), "`matmul` at"),
        (failure(y.matmul(&x)), "`matmul` at"),
        (failure(x.tensordot(&x, [&[0, 0], &[0, 1]])), "axis 0 is given twice"),
        (failure(x.tensordot(&x, [&[2], &[0]])), "has no axis 2"),
        (failure(x.tensordot(&x, [&[0, 1], &[0]])), "are not pairs of axes"),
        (failure((&x + &y).dot(&x.t())), "`add` at"),
        (failure(x.t().dot(&(&x + &y))), "`add` at"),
    ] {
        assert!(message.contains(expected), "{message}");
        assert!(message.contains("products.rs:"), "{message}");
    }
}
