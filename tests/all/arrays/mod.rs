//! Chunked arrays against unchunked `ndarray`: random shapes, chunks, layouts and data, on every
//! executor, with the same bits on each.

mod elements;
mod elementwise;
mod exact;
mod neighbours;
mod npy;
mod one_pass;
mod statistics;
mod stopping;
mod views;
mod whole;
mod wrong;

use lazuli::prelude::*;
use ndarray::{ArrayD, IxDyn};
use proptest::prelude::*;

use crate::support::{Named, executors};

/// A shape of one to three axes with chunks that fit it, and whether memory is in Fortran order.
#[derive(Clone, Debug)]
struct Layout {
    shape: Vec<usize>,
    chunks: Vec<usize>,
    fortran: bool,
}

fn layouts() -> impl Strategy<Value = Layout> {
    let axis = || prop_oneof![1_usize..5, 5_usize..40];
    let shapes = prop_oneof![
        prop::collection::vec(0_usize..9000, 1),
        prop::collection::vec(axis(), 2),
        prop::collection::vec(axis(), 3),
    ];
    shapes.prop_flat_map(|shape| {
        let chunks: Vec<_> = shape.iter().map(|&len| 1..len + 2).collect();
        (Just(shape), chunks, any::<bool>()).prop_map(|(shape, mut chunks, fortran)| {
            // Thousands of blocks of one element would test the executor, not the array.
            while chunks
                .iter()
                .zip(&shape)
                .map(|(&chunk, &len)| len.div_ceil(chunk))
                .product::<usize>()
                > 300
            {
                chunks.iter_mut().for_each(|chunk| *chunk *= 2);
            }
            Layout { shape, chunks, fortran }
        })
    })
}

/// An array of this layout, its elements a function of their place in C order.
fn array<A: Clone + Default>(layout: &Layout, element: impl Fn(usize) -> A) -> ArrayD<A> {
    let len = layout.shape.iter().product();
    let elements = (0..len).map(element).collect();
    let in_c_order =
        ArrayD::from_shape_vec(IxDyn(&layout.shape), elements).expect("as many as the shape has");
    if !layout.fortran {
        return in_c_order;
    }
    let mut in_fortran_order = ArrayD::from_elem(IxDyn(&layout.shape).set_f(true), A::default());
    in_fortran_order.assign(&in_c_order);
    in_fortran_order
}

use ndarray::ShapeBuilder;

/// A number that looks random, the same for the same seed and place.
fn noise(seed: u64, place: usize) -> u64 {
    let mut bits = seed ^ (place as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for _ in 0..2 {
        bits = (bits ^ (bits >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    }
    bits ^ (bits >> 29)
}

/// Between -1 and 1.
fn unit(seed: u64, place: usize) -> f64 {
    (noise(seed, place) >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
}

/// Computes on every executor, and checks that each gives the same bits.
#[track_caller]
fn same_everywhere<C: Collection>(
    collection: C,
    bits: impl Fn(&C::Output) -> Vec<u64>,
) -> C::Output {
    let mut first: Option<(C::Output, Vec<u64>)> = None;
    for Named { name, executor } in executors() {
        let output =
            executor.compute(&collection).unwrap_or_else(|error| panic!("on {name}: {error}"));
        let found = bits(&output);
        match &first {
            Some((_, expected)) => assert_eq!(&found, expected, "other bits on {name}"),
            None => first = Some((output, found)),
        }
    }
    first.expect("there are executors").0
}

fn close(found: f64, expected: f64, tolerance: f64) -> bool {
    found == expected
        || (found.is_nan() && expected.is_nan())
        || (found - expected).abs() <= tolerance * expected.abs().max(1.0)
}
