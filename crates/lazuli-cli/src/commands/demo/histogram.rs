//! A reduction of one's own: a histogram.

use lazuli::prelude::*;

/// Counts values in bins of width 1 from 0 on; the last bin has no upper end.
pub(super) struct Histogram {
    pub(super) bins: usize,
}

impl Reduction<[f64]> for Histogram {
    type State = Vec<u64>;
    type Output = Vec<u64>;

    fn identity(&self) -> Vec<u64> {
        vec![0; self.bins]
    }

    fn update(&self, counts: &mut Vec<u64>, tile: &[f64]) {
        let last = self.bins - 1;
        for &value in tile {
            // A cast to an integer stops at its ends.
            counts[(value as usize).min(last)] += 1;
        }
    }

    fn combine(&self, counts: &mut Vec<u64>, following: Vec<u64>) {
        for (count, more) in counts.iter_mut().zip(following) {
            *count += more;
        }
    }

    fn finish(&self, counts: Vec<u64>) -> Vec<u64> {
        counts
    }
}
