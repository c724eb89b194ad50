//! The edges of bins, and which bin a number falls into.

use std::panic::Location;

use ndarray::Array1;

use crate::error::ArrayError;

/// More bins than this are refused: every block that is read holds a count for each.
pub(super) const MOST_BINS: usize = 1 << 26;

/// The bins of a histogram, as they are asked for.
///
/// A bin holds the numbers from its lower edge on, below its upper edge; the last one its upper edge too. Numbers
/// outside, and NaN, are in no bin.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Bins {
    /// So many of equal width, from the least element to the greatest. The array is read once more for that.
    Count(usize),
    /// So many of equal width, from the first of these numbers to the second.
    Range(usize, f64, f64),
    /// Between these edges, in order.
    Edges(Vec<f64>),
}

impl From<usize> for Bins {
    fn from(count: usize) -> Self {
        Self::Count(count)
    }
}

impl From<(usize, std::ops::RangeInclusive<f64>)> for Bins {
    fn from((count, range): (usize, std::ops::RangeInclusive<f64>)) -> Self {
        Self::Range(count, *range.start(), *range.end())
    }
}

impl From<Vec<f64>> for Bins {
    fn from(edges: Vec<f64>) -> Self {
        Self::Edges(edges)
    }
}

impl From<&[f64]> for Bins {
    fn from(edges: &[f64]) -> Self {
        Self::Edges(edges.into())
    }
}

impl<const N: usize> From<[f64; N]> for Bins {
    fn from(edges: [f64; N]) -> Self {
        Self::Edges(edges.into())
    }
}

/// Edges of bins that are known.
#[derive(Clone, Debug)]
pub(super) struct Edges {
    edges: Vec<f64>,
    /// Of bins of equal width: the number of them for each unit.
    density: Option<f64>,
}

impl Edges {
    /// What is wrong with the bins, if that can be known before the elements are.
    pub(super) fn check(bins: &Bins) -> Result<(), String> {
        let (count, reason) = match bins {
            Bins::Count(count) => (*count, None),
            Bins::Range(count, low, high) => {
                let is_range = low.is_finite() && high.is_finite() && low <= high;
                (*count, (!is_range).then(|| format!("{low} to {high} is no finite range")))
            }
            Bins::Edges(edges) => {
                let in_order = edges.windows(2).all(|pair| pair[0] <= pair[1]);
                let reason = "edges are numbers in order";
                (edges.len().saturating_sub(1), (!in_order).then(|| reason.to_owned()))
            }
        };
        match reason {
            None if count == 0 => Err("there are no bins".to_owned()),
            None if count > MOST_BINS => Err(format!("{count} bins are more than {MOST_BINS}")),
            None => Ok(()),
            Some(reason) => Err(reason),
        }
    }

    /// The edges, where the elements lie in this range (None of no elements).
    pub(super) fn of(
        bins: &Bins,
        range: Option<(f64, f64)>,
        operation: &'static str,
        site: &'static Location<'static>,
    ) -> Result<Self, ArrayError> {
        let (count, low, high) = match bins {
            Bins::Edges(edges) => return Ok(Self { edges: edges.clone(), density: None }),
            Bins::Range(count, low, high) => (*count, *low, *high),
            Bins::Count(count) => {
                let (low, high) = range.unwrap_or((0.0, 1.0));
                if !(low.is_finite() && high.is_finite()) {
                    let reason = format!("the elements reach from {low} to {high}");
                    return Err(ArrayError::BadArgument { operation, reason, site });
                }
                (*count, low, high)
            }
        };
        // As NumPy, which makes room around a single value.
        let (low, high) = if low == high { (low - 0.5, high + 0.5) } else { (low, high) };
        let width = (high - low) / count as f64;
        let mut edges: Vec<f64> = (0..count).map(|edge| edge as f64 * width + low).collect();
        edges.push(high);
        let density = count as f64 / (high - low);
        Ok(Self { edges, density: (density.is_finite() && density > 0.0).then_some(density) })
    }

    /// The number of bins.
    pub(super) fn bins(&self) -> usize {
        self.edges.len() - 1
    }

    /// The bin that a number falls into.
    #[inline]
    pub(super) fn bin(&self, value: f64) -> Option<usize> {
        let last = self.bins() - 1;
        let (low, high) = (self.edges[0], self.edges[last + 1]);
        if !(value >= low && value <= high) {
            return None;
        }
        let Some(density) = self.density else {
            return Some(self.edges.partition_point(|&edge| edge <= value).clamp(1, last + 1) - 1);
        };
        // The quotient may be beside the edge by a rounding.
        let mut bin = (((value - low) * density) as usize).min(last);
        while bin > 0 && value < self.edges[bin] {
            bin -= 1;
        }
        while bin < last && value >= self.edges[bin + 1] {
            bin += 1;
        }
        Some(bin)
    }

    pub(super) fn to_array(&self) -> Array1<f64> {
        self.edges.iter().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_widths_and_edges_find_the_same_bins() {
        for (count, low, high) in
            [(7, -0.3, 1.9), (10, 0.0, 1.0), (3, 1e10, 1e10 + 1e-5), (1, 2.0, 2.0)]
        {
            let bins = Bins::Range(count, low, high);
            let uniform = Edges::of(&bins, None, "test", Location::caller()).unwrap();
            let plain = Edges { edges: uniform.edges.clone(), density: None };
            let (low, high) = (uniform.edges[0], uniform.edges[count]);
            let between = (0..=1000).map(|step| low + (high - low) * f64::from(step) / 1000.0);
            for value in uniform.edges.iter().copied().chain(between) {
                for value in [value.next_down(), value, value.next_up()] {
                    assert_eq!(uniform.bin(value), plain.bin(value), "{value}");
                }
            }
            assert_eq!((uniform.bin(high), uniform.bin(f64::NAN)), (Some(count - 1), None));
        }
        let doubled = Edges { edges: vec![0.0, 1.0, 1.0, 2.0], density: None };
        assert_eq!(
            [0.5, 1.0, 2.0, 3.0].map(|value| doubled.bin(value)),
            [Some(0), Some(2), Some(2), None]
        );
    }
}
