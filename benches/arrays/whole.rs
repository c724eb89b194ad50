//! Statistics of a whole array, in blocks of a million.

use lazuli::prelude::*;
use lazuli_benches::{Turn, in_turns};
use ndarray::ArcArray1;

use super::memory::reads;

pub(crate) fn statistics(values: &ArcArray1<f64>) {
    let slice = values.as_slice().unwrap_or(&[]);
    let x = ChunkedArray::from_array(values.clone(), [1_000_000]);
    let mut turns: Vec<Turn<'_>> = reads(slice).into();
    turns.push(lazuli("sum", x.sum()));
    turns.push(lazuli("min,max", x.min() + x.max()));
    turns.push(lazuli("mean,std", x.mean() + x.std(0)));
    turns.push(lazuli("mean,std,skewness", x.mean() + x.std(0) + x.skewness()));
    turns.push(lazuli(
        "mean,std,skewness,kurtosis,min,max",
        x.mean() + x.std(0) + x.skewness() + x.kurtosis() + x.min() + x.max(),
    ));
    let third = (&x * &x * &x).mean();
    let formula = (third - 3.0 * x.mean() * x.std(0).powi(2) - x.mean().powi(3)) / x.std(0).powi(3);
    turns.push(lazuli("skew formula", formula));
    in_turns(5, &mut turns);
    drop(turns);

    // As many bytes in numbers of half the size.
    let narrow: Vec<f32> = slice.iter().chain(slice).map(|&value| value as f32).collect();
    let y = ChunkedArray::from_array(ndarray::ArcArray1::from_vec(narrow), [2_000_000]);
    let mut turns: Vec<Turn<'_>> = reads(slice).into();
    turns.push(lazuli("f32: sum", y.sum()));
    turns.push(lazuli("f32: mean,std,skewness", y.mean() + y.std(0) + y.skewness()));
    in_turns(5, &mut turns);
}

/// A delayed number, to be computed again and again.
pub(crate) fn lazuli<'a>(work: impl Into<String>, number: Delayed<f64>) -> Turn<'a> {
    Turn::new("lazuli", work, move || compute(&number).unwrap_or(f64::NAN))
}
