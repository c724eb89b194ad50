//! Padding against plain indices.

use lazuli_array::{ChunkedArray, PadMode};
use ndarray::{ArrayD, Dimension, IxDyn};
use proptest::prelude::*;

use super::support::*;

/// The index that a place of a padded axis stands for, one step at a time; None outside where a constant is.
fn index(place: isize, len: usize, mode: PadMode<f64>) -> Option<usize> {
    let len = len as isize;
    let mut at = place;
    match mode {
        PadMode::Edge => at = at.clamp(0, len - 1),
        PadMode::Wrap => at = at.rem_euclid(len),
        PadMode::Reflect if len == 1 => at = 0,
        PadMode::Reflect => {
            while !(0..len).contains(&at) {
                at = if at < 0 { -at } else { 2 * (len - 1) - at };
            }
        }
        PadMode::Symmetric => {
            while !(0..len).contains(&at) {
                at = if at < 0 { -1 - at } else { 2 * len - 1 - at };
            }
        }
        _ => {}
    }
    (0..len).contains(&at).then_some(at as usize)
}

fn by_hand(of: &ArrayD<f64>, widths: &[(usize, usize)], mode: PadMode<f64>) -> ArrayD<f64> {
    let shape: Vec<usize> =
        of.shape().iter().zip(widths).map(|(len, (before, after))| before + len + after).collect();
    ArrayD::from_shape_fn(IxDyn(&shape), |place| {
        let axes = place.slice().iter().zip(widths).zip(of.shape());
        let inside: Option<Vec<usize>> = axes
            .map(|((&place, &(before, _)), &len)| {
                index(place as isize - before as isize, len, mode)
            })
            .collect();
        match (inside, mode) {
            (Some(inside), _) => of[IxDyn(&inside)],
            (None, PadMode::Constant(value)) => value,
            (None, _) => unreachable!("only a constant lies outside"),
        }
    })
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn padded_arrays_are_those_of_numpy(
        (shape, cut, widths) in prop::collection::vec(1_usize..7, 1..4).prop_flat_map(|shape| {
            let cut = chunks(&shape);
            let widths = prop::collection::vec((0_usize..9, 0_usize..9), shape.len());
            (Just(shape), cut, widths)
        }),
        mode in prop::sample::select(vec![
            PadMode::Constant(7.5),
            PadMode::Edge,
            PadMode::Reflect,
            PadMode::Symmetric,
            PadMode::Wrap,
        ]),
        staged: bool,
        seed: u64,
    ) {
        let values = whole(seed, &shape);
        let x = chunked(&values, &cut, staged);
        let padded = x.pad(&widths, mode);
        prop_assert_eq!(padded.numblocks(), x.numblocks());
        let expected = by_hand(&values, &widths, mode);
        prop_assert_eq!(&same_everywhere(&padded, bits_of), &expected);
        // A view and an operation above it, in the same pass as a statistic.
        let (found, sum) = lazuli_core::compute((padded.t() + 1.0, padded.sum())).expect("they fit");
        prop_assert_eq!(found, expected.t().mapv(|value| value + 1.0));
        prop_assert_eq!(sum, expected.sum());
    }
}

#[test]
fn an_empty_axis_has_a_margin_of_a_constant_only() {
    let none = ChunkedArray::<f64, ndarray::Ix1>::zeros([0], [1]);
    let found = lazuli_core::compute(none.pad([(1, 2)], PadMode::Constant(3.0))).expect("three");
    assert_eq!(found.to_vec(), [3.0; 3]);
    let message = failure(none.pad([(1, 2)], PadMode::Wrap));
    assert!(message.contains("`pad` at") && message.contains("margins.rs:"), "{message}");
}

#[test]
fn widths_that_do_not_fit_are_errors() {
    let x = ChunkedArray::from_fn([3, 4], [2, 2], |[i, j]| (i + j) as f64);
    assert!(failure(x.pad([(1, 1)], PadMode::Edge)).contains("1 pairs of widths for 2 axes"));
    let wide = x.pad([(usize::MAX, 1), (0, 0)], PadMode::Edge);
    assert!(failure(wide.sum()).contains("too long"));
    let many = x.pad([(1 << 40, 0), (1 << 40, 0)], PadMode::Constant(0.0));
    assert!(lazuli_core::compute(&many).is_err());
}
