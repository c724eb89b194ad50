//! Arrays of random layouts, executors, and an observer that counts what is loaded.

use std::sync::{Arc, LazyLock, Mutex};

use lazuli_array::ChunkedArray;
use lazuli_core::{Collection, Event, Executor, Observer};
use ndarray::{ArrayD, IxDyn, ShapeBuilder};
use proptest::prelude::*;

/// A shape of one to four axes with chunks that fit it, and whether memory is in Fortran order.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub(crate) shape: Vec<usize>,
    pub(crate) chunks: Vec<Vec<usize>>,
    pub(crate) fortran: bool,
}

/// How many cases a property is tried with: `LAZULI_CASES`, else this.
pub(crate) fn cases(default: u32) -> ProptestConfig {
    let asked = std::env::var("LAZULI_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(asked.unwrap_or(default))
    }
}

/// An axis in random pieces, a few at most.
pub(crate) fn pieces(len: usize) -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(0..=len, 0..4).prop_map(move |mut cuts| {
        cuts.sort_unstable();
        cuts.push(len);
        let mut start = 0;
        let sizes = cuts.into_iter().map(|end| {
            let size = end - start;
            start = end;
            size
        });
        sizes.filter(|&size| size > 0).collect()
    })
}

pub(crate) fn shapes() -> impl Strategy<Value = Vec<usize>> {
    prop_oneof![
        4 => prop::collection::vec(1_usize..9, 1..5),
        1 => prop::collection::vec(0_usize..5, 1..4),
        2 => prop::collection::vec(1_usize..40, 2..4),
        1 => (1_usize..7, 400_usize..6000).prop_map(|(rows, columns)| vec![rows, columns]),
        1 => (400_usize..6000, 1_usize..30).prop_map(|(rows, columns)| vec![rows, columns]),
        1 => (1_usize..4, 1_usize..7, 500_usize..700).prop_map(|(a, b, c)| vec![a, b, c]),
    ]
}

pub(crate) fn layouts() -> impl Strategy<Value = Layout> {
    shapes().prop_flat_map(|shape| {
        let chunks: Vec<_> = shape.iter().map(|&len| pieces(len)).collect();
        (Just(shape), chunks, any::<bool>()).prop_map(|(shape, chunks, fortran)| Layout {
            shape,
            chunks,
            fortran,
        })
    })
}

/// An array of this layout, its elements a function of their place in C order.
pub(crate) fn array<A: Clone + Default>(
    layout: &Layout,
    element: impl Fn(usize) -> A,
) -> ArrayD<A> {
    let elements = (0..layout.shape.iter().product()).map(element).collect();
    let in_c_order = ArrayD::from_shape_vec(IxDyn(&layout.shape), elements).expect("the shape's");
    if !layout.fortran {
        return in_c_order;
    }
    let mut in_fortran_order = ArrayD::from_elem(IxDyn(&layout.shape).set_f(true), A::default());
    in_fortran_order.assign(&in_c_order);
    in_fortran_order
}

pub(crate) fn chunked<A>(layout: &Layout, values: &ArrayD<A>) -> ChunkedArray<A, IxDyn>
where
    A: Copy + Default + Send + Sync + 'static,
{
    ChunkedArray::from_array(values.clone(), layout.chunks.clone())
}

/// A number that looks random, the same for the same seed and place.
pub(crate) fn noise(seed: u64, place: usize) -> u64 {
    let mut bits = seed ^ (place as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for _ in 0..2 {
        bits = (bits ^ (bits >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    }
    bits ^ (bits >> 29)
}

/// Between -1 and 1.
pub(crate) fn unit(seed: u64, place: usize) -> f64 {
    (noise(seed, place) >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
}

static EXECUTORS: LazyLock<Vec<Executor>> = LazyLock::new(|| {
    let threaded = [1, 2, 4].map(|threads| Executor::threaded(threads).expect("threads start"));
    threaded.into_iter().chain([Executor::sync()]).collect()
});

/// Computes on every executor, and checks that each gives the same bits.
#[track_caller]
pub(crate) fn same_everywhere<C: Collection>(
    collection: C,
    bits: impl Fn(&C::Output) -> Vec<u64>,
) -> C::Output {
    let mut first: Option<(C::Output, Vec<u64>)> = None;
    for (number, executor) in EXECUTORS.iter().enumerate() {
        let output = executor.compute(&collection).unwrap_or_else(|error| panic!("{error}"));
        let found = bits(&output);
        match &first {
            Some((_, expected)) => assert_eq!(&found, expected, "other bits on executor {number}"),
            None => first = Some((output, found)),
        }
    }
    first.expect("there are executors").0
}

pub(crate) fn bits_of(array: &ArrayD<f64>) -> Vec<u64> {
    array.iter().map(|value| value.to_bits()).collect()
}

#[track_caller]
pub(crate) fn assert_close(
    found: &ArrayD<f64>,
    expected: &ArrayD<f64>,
    tolerance: f64,
    what: &str,
) {
    assert_eq!(found.shape(), expected.shape(), "{what}");
    for (index, (&found, &expected)) in found.iter().zip(expected).enumerate() {
        let is_close = found == expected
            || found.is_nan() && expected.is_nan()
            || (found - expected).abs() <= tolerance * expected.abs().max(1.0);
        assert!(is_close, "{what}: {found} for {expected} at {index}");
    }
}

/// What was loaded, in the order in which it was.
#[derive(Default)]
pub(crate) struct Loads(Mutex<Vec<String>>);

impl Loads {
    pub(crate) fn watch(executor: &Executor) -> (Arc<Self>, Executor) {
        let loads = Arc::new(Self::default());
        let observer = Arc::clone(&loads) as Arc<dyn Observer>;
        (loads, executor.clone().with_observer(observer))
    }

    /// What was loaded since the last call, sorted.
    pub(crate) fn take(&self) -> Vec<String> {
        let mut loads = std::mem::take(&mut *self.0.lock().expect("watching does not panic"));
        loads.sort();
        loads
    }
}

impl Observer for Loads {
    fn event(&self, event: &Event<'_>) {
        if let Event::Loaded { source, .. } = event {
            self.0.lock().expect("watching does not panic").push((*source).to_string());
        }
    }
}
