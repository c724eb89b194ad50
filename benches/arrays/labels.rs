//! A climatology by day of 20 years in three dimensions, and what is left without it; quantiles and counts of the same
//! numbers.

use lazuli::array::{Labels, QuantileMethod};
use lazuli::prelude::*;
use lazuli_benches::{Turn, in_turns};
use ndarray::{ArcArray1, Axis};

use super::memory::reads;
use super::whole::lazuli;

const DAYS: usize = 20 * 365;

pub(crate) fn by_label(values: &ArcArray1<f64>) {
    let side = (values.len() / DAYS).isqrt();
    let flat = values.clone().slice_move(ndarray::s![..DAYS * side * side]);
    let cube = flat.to_shape([DAYS, side, side]).expect("as many days").to_shared();
    for chunks in [[365, side.div_ceil(2), side], [73, side, side]] {
        let x = ChunkedArray::from_array(cube.clone(), chunks);
        let by_day = x.group_by(Axis(0), &Labels::of((0..DAYS).map(|day| day % 365)));
        let by_month = x.group_by(Axis(0), &Labels::of((0..DAYS).map(|day| day % 365 / 31)));
        let work = |name: &str| format!("{name}, chunks {chunks:?}");
        let mut turns: Vec<Turn<'_>> = reads(flat.as_slice().unwrap_or(&[])).into();
        turns.push(lazuli(work("mean by day"), by_day.mean().sum()));
        turns.push(lazuli(work("mean,std by day"), by_day.mean().sum() + by_day.std(0).sum()));
        turns.push(lazuli(work("mean by month"), by_month.mean().sum()));
        turns.push(lazuli(work("std of anomaly by day"), by_day.anomaly().std(0)));
        in_turns(3, &mut turns);
    }
    let x = ChunkedArray::from_array(flat.clone(), [1_000_000]);
    let mut turns: Vec<Turn<'_>> = reads(flat.as_slice().unwrap_or(&[])).into();
    turns.push(lazuli("median", x.median()));
    let tails = x.quantiles(&[0.01, 0.25, 0.5, 0.75, 0.99], QuantileMethod::Linear);
    turns.push(lazuli("five quantiles", tails.map(|tails| tails.sum())));
    let counts = x.histogram((100, -4.0..=10.0));
    turns.push(lazuli("histogram", counts.map(|found| found.counts.sum() as f64)));
    in_turns(3, &mut turns);
}
