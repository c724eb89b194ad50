//! Histograms: how many elements fall into each bin, or the sum of their weights; of one array and of two.

mod bincount;
mod digitize;
mod edges;

use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

use lazuli_core::{Delayed, task};
use lazuli_numerics::TwoFloat;
use ndarray::{Array1, Array2, Dimension};

use super::given::GivenReduction;
use super::pairs::{both, paired};
use crate::array::{ChunkedArray, Element};
use crate::error::ArrayError;
use crate::kernels::{CastFrom, Rows, Scalar};
pub use edges::Bins;
use edges::{Edges, MOST_BINS};

/// What fell into each bin, and the edges of the bins, of which there is one more.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram<T> {
    /// How many elements each bin has, or the sum of their weights.
    pub counts: Array1<T>,
    /// The edges.
    pub edges: Array1<f64>,
}

/// How many pairs fell into each bin of two arrays.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram2d {
    /// The bins of the first array are rows, those of the second columns.
    pub counts: Array2<u64>,
    /// The edges of the bins of the first array.
    pub first_edges: Array1<f64>,
    /// The edges of the bins of the second array.
    pub second_edges: Array1<f64>,
}

/// What is kept for each bin.
trait Tally: Clone + Copy + Default + Send + Sync + 'static {
    /// One more element; the last of its numbers is its weight.
    fn add(&mut self, numbers: &[f64]);
    fn merge(&mut self, following: Self);
}

impl Tally for u64 {
    #[inline]
    fn add(&mut self, _: &[f64]) {
        *self += 1;
    }

    fn merge(&mut self, following: Self) {
        *self += following;
    }
}

impl Tally for TwoFloat {
    #[inline]
    fn add(&mut self, numbers: &[f64]) {
        *self = self.plus(numbers[numbers.len() - 1]);
    }

    fn merge(&mut self, following: Self) {
        *self = self.plus_two(following);
    }
}

/// Tallies by bin of the first numbers of each element, one for each set of edges.
struct ByBin<T>(PhantomData<fn() -> T>);

impl<T> Clone for ByBin<T> {
    fn clone(&self) -> Self {
        Self(PhantomData)
    }
}

impl<T: Tally, const N: usize> GivenReduction<[f64; N]> for ByBin<T> {
    type Given = Vec<Edges>;
    /// Nothing before the first element.
    type State = Vec<T>;

    fn update(&self, tallies: &mut Vec<T>, edges: &Vec<Edges>, tile: Rows<'_, [f64; N]>) {
        if tallies.is_empty() {
            tallies.resize(edges.iter().map(Edges::bins).product(), T::default());
        }
        tile.iter().for_each(|row| {
            for numbers in row {
                let mut coordinates = edges.iter().zip(numbers);
                let bin = coordinates.try_fold(0, |bin, (edges, &number)| {
                    Some(bin * edges.bins() + edges.bin(number)?)
                });
                if let Some(bin) = bin {
                    tallies[bin].add(numbers);
                }
            }
        });
    }

    fn merge(&self, tallies: &mut Vec<T>, following: Vec<T>) {
        if tallies.is_empty() {
            *tallies = following;
            return;
        }
        tallies.iter_mut().zip(following).for_each(|(tally, following)| tally.merge(following));
    }
}

/// The tallies of all bins, those of no elements included.
fn all<T: Tally, B>(tallies: &[T], edges: &[Edges], of: impl Fn(T) -> B) -> Vec<B> {
    let bins = 0..edges.iter().map(Edges::bins).product();
    bins.map(|bin| of(tallies.get(bin).copied().unwrap_or_default())).collect()
}

impl<A: Scalar + Default, D: Dimension> ChunkedArray<A, D>
where
    f64: CastFrom<A>,
{
    /// How many elements fall into each bin, as NumPy's `histogram`: [`Bins`] are edges, a number of bins with a
    /// range (`(10, 0.0..=1.0)`), or a number of them from the least element to the greatest. Integers beyond 2^53
    /// are rounded to the nearest `f64`.
    ///
    /// One pass; for bins from the least element to the greatest one before it. A state has a count for each bin.
    ///
    /// ```
    /// use lazuli_array::ChunkedArray;
    /// let x = ChunkedArray::from_fn([101], [10], |[i]| i as f64);
    /// let (tens, edges) = lazuli_core::compute((x.histogram(10), x.histogram([0.0, 25.5, 50.0])))?;
    /// assert_eq!(tens.counts.to_vec(), [10, 10, 10, 10, 10, 10, 10, 10, 10, 11]);
    /// assert_eq!(edges.counts.to_vec(), [26, 25]);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// When computed: no bins, more than 2^26 of them, edges that are not in order, a range that is not finite.
    #[track_caller]
    pub fn histogram(&self, bins: impl Into<Bins>) -> Delayed<Histogram<u64>> {
        let (operation, site) = ("histogram", Location::caller());
        let bins = bins.into();
        let edges = self.edges(operation, [&bins].into_iter().cloned().collect(), None, site);
        let numbers = self.each(|value: A| [value.to_f64()]);
        let tallies = numbers.reduce_given(operation, ByBin::<u64>(PhantomData), &edges, site);
        task(operation).site(site).call(
            (&tallies, &edges),
            |(tallies, edges): (&Arc<_>, &Arc<Vec<_>>)| Histogram {
                counts: all(tallies, edges, |count| count).into(),
                edges: edges[0].to_array(),
            },
        )
    }

    /// The sum of the weights of the elements that fall into each bin; as [`histogram`](Self::histogram). Weights
    /// are an array of the same shape, and are added as two-floats.
    #[track_caller]
    pub fn histogram_weighted<W: Element, E: Dimension>(
        &self,
        bins: impl Into<Bins>,
        weights: &ChunkedArray<W, E>,
    ) -> Delayed<Histogram<f64>>
    where
        f64: CastFrom<W>,
    {
        let (operation, site) = ("histogram_weighted", Location::caller());
        let edges = self.edges(operation, vec![bins.into()], None, site);
        let numbers = paired(operation, self, weights, site, both);
        let tallies = numbers.reduce_given(operation, ByBin::<TwoFloat>(PhantomData), &edges, site);
        task(operation).site(site).call(
            (&tallies, &edges),
            |(tallies, edges): (&Arc<_>, &Arc<Vec<_>>)| Histogram {
                counts: all(tallies, edges, TwoFloat::value).into(),
                edges: edges[0].to_array(),
            },
        )
    }

    /// How many pairs of the elements of this array and of another of the same shape fall into each pair of bins,
    /// as NumPy's `histogram2d`. Bins are as for [`histogram`](Self::histogram).
    ///
    /// ```
    /// use lazuli_array::ChunkedArray;
    /// let x = ChunkedArray::from_fn([100], [30], |[i]| (i % 10) as f64);
    /// let y = ChunkedArray::from_fn([100], [30], |[i]| (i / 10) as f64);
    /// let found = lazuli_core::compute(x.histogram2d(&y, (5, 0.0..=10.0), 2))?;
    /// assert_eq!(found.counts, lazuli_array::ndarray::Array2::from_elem([5, 2], 10));
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    pub fn histogram2d<B: Scalar + Default, E: Dimension>(
        &self,
        other: &ChunkedArray<B, E>,
        bins: impl Into<Bins>,
        other_bins: impl Into<Bins>,
    ) -> Delayed<Histogram2d>
    where
        f64: CastFrom<B>,
    {
        let (operation, site) = ("histogram2d", Location::caller());
        let bins = vec![bins.into(), other_bins.into()];
        let range = matches!(bins[1], Bins::Count(_)).then(|| other.range(site));
        let edges = self.edges(operation, bins, range, site);
        let numbers = paired(operation, self, other, site, both);
        let tallies = numbers.reduce_given(operation, ByBin::<u64>(PhantomData), &edges, site);
        task(operation).site(site).try_call(
            (&tallies, &edges),
            |(tallies, edges): (&Arc<_>, &Arc<Vec<Edges>>)| {
                let shape = [edges[0].bins(), edges[1].bins()];
                let counts = Array2::from_shape_vec(shape, all(tallies, edges, |count| count))?;
                let (first_edges, second_edges) = (edges[0].to_array(), edges[1].to_array());
                Ok::<_, ndarray::ShapeError>(Histogram2d { counts, first_edges, second_edges })
            },
        )
    }

    /// The edges of bins: of this array, and of a second one whose range is given where it is needed.
    fn edges(
        &self,
        operation: &'static str,
        bins: Vec<Bins>,
        second: Option<Delayed<Option<(f64, f64)>>>,
        site: &'static Location<'static>,
    ) -> Delayed<Arc<Vec<Edges>>> {
        let first = matches!(bins[0], Bins::Count(_)).then(|| self.range(site));
        let ranges: Vec<_> = [first, second]
            .into_iter()
            .map(|range| range.unwrap_or_else(|| Delayed::value(None)))
            .collect();
        task(operation).site(site).try_call(&ranges, move |ranges: Vec<&Option<(f64, f64)>>| {
            let bad = |reason| ArrayError::BadArgument { operation, reason, site };
            bins.iter().try_for_each(Edges::check).map_err(bad)?;
            let edges = bins
                .iter()
                .zip(ranges)
                .map(|(bins, range)| Edges::of(bins, *range, operation, site));
            let edges = edges.collect::<Result<Vec<_>, _>>()?;
            let all = edges.iter().try_fold(1_usize, |all, edges| all.checked_mul(edges.bins()));
            match all {
                Some(all) if all <= MOST_BINS => Ok(Arc::new(edges)),
                _ => Err(bad(format!("there are more than {MOST_BINS} pairs of bins"))),
            }
        })
    }

    /// The least element and the greatest, None of no elements.
    fn range(&self, site: &'static Location<'static>) -> Delayed<Option<(f64, f64)>> {
        self.of_all(super::extrema::range(), site)
    }
}
