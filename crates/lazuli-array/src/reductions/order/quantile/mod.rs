//! Quantiles: exact, in bounded memory, of a whole array and along an axis.
//!
//! Of a whole array by [passes](search) that count digits, of which most arrays need two or three; all quantiles that are
//! asked in one compute share them. Along an axis by sorting lanes.

mod digits;
mod interpolate;
mod lanes;
mod search;

use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

use lazuli_core::{Delayed, task};
use ndarray::{Array1, Dimension};

use crate::array::ChunkedArray;
use crate::error::ArrayError;
use crate::kernels::{Float, SortKey};
use crate::reductions::query::Statistic;
use digits::{FirstDigits, first_bits};
use interpolate::Between;
pub use interpolate::QuantileMethod;
use search::{Pass, Search, passes};

/// Which quantiles are asked for, and how.
#[derive(Clone)]
struct Asked {
    name: &'static str,
    quantiles: Vec<f64>,
    method: QuantileMethod,
    skips_nan: bool,
}

impl Asked {
    /// What is wrong with the quantiles.
    fn check(&self, site: &'static Location<'static>) -> Result<(), ArrayError> {
        let wrong = self.quantiles.iter().find(|quantile| !(0.0..=1.0).contains(*quantile));
        wrong.map_or(Ok(()), |wrong| {
            let reason = format!("{wrong} is no quantile, which is from 0 to 1");
            Err(ArrayError::BadArgument { operation: self.name, reason, site })
        })
    }

    /// Where each quantile lies; None where all are NaN: of nothing, and where an element is NaN that is not skipped.
    fn between(&self, numbers: u64, nans: u64) -> Option<Vec<Between>> {
        let is_nan = numbers == 0 || nans > 0 && !self.skips_nan;
        let between = |&quantile: &f64| self.method.between(quantile, numbers);
        (!is_nan).then(|| self.quantiles.iter().map(between).collect())
    }
}

/// A search, and where the quantiles lie between what it finds.
type Begun = (Arc<Search>, Option<Arc<Vec<Between>>>);

impl<A: SortKey, D: Dimension> ChunkedArray<A, D> {
    /// The median: the middle element, or half way between the two middle ones. NaN where any element is, and of
    /// none. See [`quantiles`](Self::quantiles).
    #[track_caller]
    pub fn median(&self) -> Delayed<f64> {
        self.one_quantile("median", 0.5, false, Location::caller())
    }

    /// The quantile `q`, from 0 to 1, on the line between the elements that it lies between, as NumPy's `quantile`.
    /// See [`quantiles`](Self::quantiles).
    #[track_caller]
    pub fn quantile(&self, q: f64) -> Delayed<f64> {
        self.one_quantile("quantile", q, false, Location::caller())
    }

    /// Exact quantiles, as `f64`, in bounded memory. NaN where any element is, and of none.
    ///
    /// The array is read in at most five passes (three where elements have 32 bits, one where they have fewer): a
    /// pass counts one more digit of the numbers that are looked for. Mostly the second or the third is the last that
    /// reads anything: it gathers what is left, 65,536 elements at most. All quantiles in one compute share the passes. A state has at
    /// most 512 KiB, and 64 KiB for each quantile.
    ///
    /// ```
    /// use lazuli_array::{ChunkedArray, QuantileMethod};
    /// let x = ChunkedArray::from_fn([1_000_000], [100_000], |[i]| ((i * 7_919) % 1_000_000) as f64);
    /// let tails = x.quantiles(&[0.01, 0.99], QuantileMethod::Lower);
    /// let (median, tails) = lazuli_core::compute((x.median(), tails))?; // the same passes
    /// assert_eq!((median, tails.to_vec()), (499_999.5, vec![9_999.0, 989_999.0]));
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// When computed: a quantile that is not from 0 to 1.
    #[track_caller]
    pub fn quantiles(&self, q: &[f64], method: QuantileMethod) -> Delayed<Array1<f64>> {
        let quantiles = q.to_vec();
        let asked = Asked { name: "quantiles", quantiles, method, skips_nan: false };
        self.find_quantiles(&asked, Location::caller())
    }

    fn one_quantile(
        &self,
        name: &'static str,
        quantile: f64,
        skips_nan: bool,
        site: &'static Location<'static>,
    ) -> Delayed<f64> {
        let method = QuantileMethod::Linear;
        let asked = Asked { name, quantiles: vec![quantile], method, skips_nan };
        let found = self.find_quantiles(&asked, site);
        task(name).site(site).call(&found, |found: &Array1<f64>| found[0])
    }

    fn find_quantiles(
        &self,
        asked: &Asked,
        site: &'static Location<'static>,
    ) -> Delayed<Array1<f64>> {
        let left = A::BITS - first_bits::<A>();
        let this = asked.clone();
        let start = (FirstDigits::default(), 0);
        let begin =
            Statistic::<A, _, Begun>::new(asked.name, start, move |digits: &FirstDigits| {
                this.check(site)?;
                let between = this.between(digits.numbers(), digits.nans());
                let ranks =
                    between.iter().flatten().flat_map(|between| [between.low, between.high]);
                let search = Search::begin(ranks, digits.counts(), left);
                Ok((Arc::new(search), between.map(Arc::new)))
            });
        let begun = self.of_all(begin, site);
        let step = || task(asked.name).site(site);
        let mut search = step().call(&begun, |(search, _): &Begun| Arc::clone(search));
        for _ in 0..passes(left) {
            let seen = self.reduce_given(asked.name, Pass::<A>(PhantomData), &search, site);
            search = step()
                .call((&search, &seen), |(search, seen): (&Arc<Search>, &Arc<Vec<_>>)| {
                    Arc::new(search.next(seen))
                });
        }
        let count = asked.quantiles.len();
        step().call((&begun, &search), move |((_, between), search): (&Begun, &Arc<Search>)| {
            let Some(between) = between else { return Array1::from_elem(count, f64::NAN) };
            let elements: Vec<f64> =
                search.images().map(|image| A::of_image(image).to_f64()).collect();
            let pairs = between.iter().zip(elements.chunks_exact(2));
            pairs.map(|(between, pair)| between.of(pair[0], pair[1])).collect()
        })
    }
}

impl<A: SortKey + Float, D: Dimension> ChunkedArray<A, D> {
    /// The [median](Self::median) of the elements that are not NaN; NaN where there are none.
    #[track_caller]
    pub fn nanmedian(&self) -> Delayed<f64> {
        self.one_quantile("nanmedian", 0.5, true, Location::caller())
    }

    /// The [quantile](Self::quantile) `q` of the elements that are not NaN; NaN where there are none.
    #[track_caller]
    pub fn nanquantile(&self, q: f64) -> Delayed<f64> {
        self.one_quantile("nanquantile", q, true, Location::caller())
    }

    /// The [quantiles](Self::quantiles) of the elements that are not NaN; NaN where there are none.
    #[track_caller]
    pub fn nanquantiles(&self, q: &[f64], method: QuantileMethod) -> Delayed<Array1<f64>> {
        let quantiles = q.to_vec();
        let asked = Asked { name: "nanquantiles", quantiles, method, skips_nan: true };
        self.find_quantiles(&asked, Location::caller())
    }
}
