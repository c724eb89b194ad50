//! Histograms and other counts.

use lazuli_array::{Bins, ChunkedArray};
use lazuli_core::compute;
use ndarray::{Array1, array};
use proptest::prelude::*;

use crate::support::{
    array as layout_array, cases, chunked, layouts, noise, same_everywhere, unit,
};

/// Which bin of these edges holds a value, by looking at each.
fn bin(edges: &[f64], value: f64) -> Option<usize> {
    let last = edges.len() - 2;
    let bins = edges.windows(2).enumerate();
    bins.rev()
        .find(|(bin, pair)| {
            pair[0] <= value && (value < pair[1] || *bin == last && value == pair[1])
        })
        .map(|(bin, _)| bin)
}

fn element(seed: u64, place: usize) -> f64 {
    if noise(seed, place).is_multiple_of(5) {
        (unit(seed, place) * 4.0).round() / 4.0
    } else {
        unit(seed, place)
    }
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn bins_hold_what_lies_between_their_edges(
        layout in layouts(),
        kind in 0_u8..3,
        mut edges in prop::collection::vec(-1.2_f64..1.2, 2..9),
        seed: u64,
    ) {
        edges.sort_by(f64::total_cmp);
        let values = layout_array(&layout, |place| {
            if kind == 1 && place % 7 == 3 { f64::NAN } else { element(seed, place) }
        });
        let weights = layout_array(&layout, |place| unit(!seed, place));
        let (x, w) = (chunked(&layout, &values), chunked(&layout, &weights));
        let bins = match kind {
            0 => Bins::from(5),
            1 => Bins::from((4, -0.5..=1.0)),
            _ => Bins::from(edges),
        };
        let asked = (
            x.histogram(bins.clone()),
            x.histogram_weighted(bins.clone(), &w),
            x.histogram2d(&w, bins, 3),
        );
        let (plain, weighted, both) = same_everywhere(asked, |(plain, weighted, both)| {
            let mut bits: Vec<u64> = plain.counts.iter().chain(&both.counts).copied().collect();
            bits.extend(weighted.counts.iter().chain(&plain.edges).map(|x| x.to_bits()));
            bits
        });
        let edges = plain.edges.to_vec();
        prop_assert_eq!(&weighted.edges, &plain.edges);
        if kind == 0 && !values.is_empty() {
            let least = values.iter().copied().fold(f64::INFINITY, f64::min);
            let greatest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let room = if least == greatest { 0.5 } else { 0.0 };
            prop_assert_eq!((edges[0], edges[5]), (least - room, greatest + room));
        }
        let mut counts = vec![0; edges.len() - 1];
        let mut sums = vec![0.0; edges.len() - 1];
        let mut table = vec![0; (edges.len() - 1) * 3];
        for (&value, &weight) in values.iter().zip(&weights) {
            if let Some(row) = bin(&edges, value) {
                counts[row] += 1;
                sums[row] += weight;
                if let Some(column) = bin(&both.second_edges.to_vec(), weight) {
                    table[row * 3 + column] += 1;
                }
            }
        }
        prop_assert_eq!(plain.counts.to_vec(), counts);
        prop_assert_eq!(both.counts.iter().copied().collect::<Vec<u64>>(), table);
        for (found, expected) in weighted.counts.iter().zip(sums) {
            prop_assert!((found - expected).abs() < 1e-10);
        }
    }

    #[test]
    fn whole_numbers_and_bins_are_counted(layout in layouts(), right: bool, seed: u64) {
        let values = layout_array(&layout, |place| (noise(seed, place) % 9) as u16);
        let x = chunked(&layout, &values);
        let counts = same_everywhere(x.bincount(12), |counts| counts.to_vec());
        for (number, &count) in counts.iter().enumerate() {
            prop_assert_eq!(count, values.iter().filter(|&&value| value as usize == number).count() as u64);
        }
        let edges = [0.5, 3.0, 3.0, 7.0];
        let bins = compute(x.digitize(&edges, right)).unwrap();
        for (&found, &value) in bins.iter().zip(&values) {
            let below = |edge: &&f64| if right { **edge < f64::from(value) } else { **edge <= f64::from(value) };
            prop_assert_eq!(found as usize, edges.iter().filter(below).count());
        }
    }
}

#[test]
fn numpys_results() {
    // np.histogram([1, 2, 1, 4, 5, 2.5], bins=3), np.histogram([2, 2, 2], bins=2), np.histogram([], bins=2)
    let x = ChunkedArray::from_array(array![1.0, 2.0, 1.0, 4.0, 5.0, 2.5], [4]);
    let found = compute(x.histogram(3)).unwrap();
    assert_eq!(found.counts.to_vec(), [3, 1, 2]);
    assert_eq!(found.edges.to_vec(), [1.0, 2.333_333_333_333_333, 3.666_666_666_666_666_5, 5.0]);
    let same = ChunkedArray::from_array(array![2_i32, 2, 2], [2]);
    let found = compute(same.histogram(2)).unwrap();
    assert_eq!((found.counts.to_vec(), found.edges.to_vec()), (vec![0, 3], vec![1.5, 2.0, 2.5]));
    let empty = ChunkedArray::from_array(Array1::<f64>::zeros(0), [2]);
    let found = compute(empty.histogram(2)).unwrap();
    assert_eq!((found.counts.to_vec(), found.edges.to_vec()), (vec![0, 0], vec![0.0, 0.5, 1.0]));
}

#[test]
fn bad_bins_are_errors_that_name_the_line() {
    let x = ChunkedArray::from_array(array![1.0, f64::NAN, 3.0], [2]);
    let edges = |edges: Vec<f64>| x.histogram(edges);
    for (asked, part) in [
        (x.histogram(0), "no bins"),
        (x.histogram(usize::MAX), "are more than"),
        (x.histogram(3), "reach from NaN"),
        (x.histogram((3, 0.0..=f64::INFINITY)), "no finite range"),
        (x.histogram((3, 1.0..=0.0)), "no finite range"),
        (edges(vec![1.0]), "no bins"),
        (edges(vec![]), "no bins"),
        (edges(vec![1.0, 0.5]), "in order"),
        (edges(vec![1.0, f64::NAN]), "in order"),
    ] {
        let error = compute(asked).unwrap_err().to_string();
        assert!(error.contains(part) && error.contains("counts.rs"), "{part}: {error}");
    }
    let many = (1 << 20, 0.0..=1.0);
    let error = compute(x.histogram2d(&x, many.clone(), many)).unwrap_err().to_string();
    assert!(error.contains("pairs of bins"), "{error}");
    let other = ChunkedArray::from_array(array![1.0, 2.0], [2]);
    assert!(compute(x.histogram_weighted((2, 0.0..=1.0), &other)).is_err());
    assert!(x.digitize(&[1.0, 0.0], false).check().is_err());

    let numbers = ChunkedArray::from_array(array![3_i64, -1, i64::MAX], [1]);
    for length in [4, usize::MAX] {
        let error = compute(numbers.bincount(length)).unwrap_err().to_string();
        assert!(error.contains("bincount") && error.contains("counts.rs"), "{error}");
    }
    let small = ChunkedArray::from_array(array![3_u8, 1], [1]);
    assert!(compute(small.bincount(usize::MAX)).is_err());
}
