//! Executors, random chunks, and numbers that look random.

use std::sync::LazyLock;

use lazuli_array::ChunkedArray;
use lazuli_core::{Collection, Executor};
use ndarray::{ArrayD, IxDyn};
use proptest::prelude::*;

pub(crate) fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) }
}

/// An axis in random pieces, a few at most.
pub(crate) fn pieces(len: usize) -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(0..=len, 0..4).prop_map(move |mut cuts| {
        cuts.sort_unstable();
        cuts.push(len);
        let starts = std::iter::once(0).chain(cuts.clone());
        let sizes = cuts.iter().zip(starts).map(|(end, start)| end - start);
        sizes.filter(|&size| size > 0).collect()
    })
}

/// Random chunks of an array of this shape.
pub(crate) fn chunks(shape: &[usize]) -> impl Strategy<Value = Vec<Vec<usize>>> + use<> {
    shape.iter().map(|&len| pieces(len)).collect::<Vec<_>>()
}

/// Whole numbers from -50 to 50, whose products and sums floats hold exactly.
pub(crate) fn whole(seed: u64, shape: &[usize]) -> ArrayD<f64> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    ArrayD::from_shape_simple_fn(IxDyn(shape), || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) % 101) as f64 - 50.0
    })
}

/// As an array of blocks: of a source, or computed before.
pub(crate) fn chunked(
    values: &ArrayD<f64>,
    chunks: &[Vec<usize>],
    staged: bool,
) -> ChunkedArray<f64, IxDyn> {
    let array = ChunkedArray::from_array(values.clone(), chunks.to_vec());
    if staged { array.map_blocks(|block, _| block.to_owned()) } else { array }
}

static EXECUTORS: LazyLock<Vec<Executor>> = LazyLock::new(|| {
    let threaded = [1, 2, 3].map(|threads| Executor::threaded(threads).expect("threads start"));
    threaded.into_iter().chain([Executor::sync()]).collect()
});

/// Computes on every executor, and checks that each gives the same bits.
#[track_caller]
pub(crate) fn same_everywhere<C: Collection>(
    collection: C,
    bits: impl Fn(&C::Output) -> Vec<u64>,
) -> C::Output {
    let mut outputs = EXECUTORS.iter().map(|executor| {
        let output = executor.compute(&collection).unwrap_or_else(|error| panic!("{error}"));
        (bits(&output), output)
    });
    let (expected, first) = outputs.next().expect("there are executors");
    for (number, (found, _)) in outputs.enumerate() {
        assert_eq!(found, expected, "other bits on executor {}", number + 1);
    }
    first
}

pub(crate) fn bits_of(array: &ArrayD<f64>) -> Vec<u64> {
    array.iter().map(|value| value.to_bits()).collect()
}

/// The message of the error that computing it gives.
#[track_caller]
pub(crate) fn failure<C: Collection>(collection: C) -> String {
    match lazuli_core::compute(collection) {
        Ok(_) => panic!("no error"),
        Err(error) => {
            std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source())
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(": ")
        }
    }
}
