//! Statistics along each axis of a matrix, and an anomaly, which takes two passes.

use lazuli::prelude::*;
use lazuli_benches::{Turn, in_turns};
use ndarray::{ArcArray2, Axis};

use super::memory::{read_columns, reads};
use super::whole::lazuli;

pub(crate) fn along_each(matrix: &ArcArray2<f64>, chunks: [usize; 2]) {
    let x = ChunkedArray::from_array(matrix.clone(), chunks);
    let mut turns: Vec<Turn<'_>> = reads(matrix.as_slice().unwrap_or(&[])).into();
    if chunks[1] < 512 {
        // What the layout of these blocks costs by itself.
        let width = chunks[1];
        let by_hand = "sum by hand in the same blocks";
        turns.push(Turn::new("hand", by_hand, move || read_columns::<0>(matrix, width)));
        let early = format!("{by_hand}, 8 rows ahead");
        turns.push(Turn::new("hand", early, move || read_columns::<8>(matrix, width)));
        let early = format!("{by_hand}, 32 rows ahead");
        turns.push(Turn::new("hand", early, move || read_columns::<32>(matrix, width)));
    }
    for axis in [0, 1] {
        let work = |name: &str| format!("{name}, axis {axis}, chunks {chunks:?}");
        let along = x.along(Axis(axis));
        turns.push(lazuli(work("sum"), along.sum().sum()));
        turns.push(lazuli(work("max"), along.max().sum()));
        turns.push(lazuli(work("mean,std"), along.mean().sum() + along.std(0).sum()));
        let standardized = (&x - along.clone().keepdims().mean()) / along.keepdims().std(0);
        turns.push(lazuli(work("standardized sum"), standardized.sum()));
    }
    in_turns(5, &mut turns);
}
