//! Quantiles within a stated error of rank, in one pass.
//!
//! Elements are kept by levels: one of level `h` stands for `2^h`. A level that has as many as it holds is *compacted*:
//! it is sorted, and every second one goes to the level above. That moves the rank of any number by at most `2^h`.
//! Since each compaction of level `h` consumes `k` elements that stand for `2^h`, there are at most `n / (k 2^h)` of
//! them, and a level adds at most `n / k` to the error, in whatever order states meet. With `H` levels that are ever
//! compacted the error is at most `n H / k`: no chance is involved. (G. S. Manku, S. Rajagopalan, B. G. Lindsay,
//! *Approximate medians and other quantiles in one pass and with limited memory*, SIGMOD 1998; levels as in
//! Z. Karnin, K. Lang, E. Liberty, FOCS 2016, here with alternating instead of random choices.)

use std::marker::PhantomData;
use std::panic::Location;

use lazuli_core::{Delayed, TryReduction};
use ndarray::{Array1, Dimension};

use crate::array::ChunkedArray;
use crate::error::ArrayError;
use crate::kernels::SortKey;
use crate::lower::request;
use crate::reductions::query::Own;

/// Approximate quantiles and how far their ranks may be off.
#[derive(Clone, Debug, PartialEq)]
pub struct ApproxQuantiles {
    /// Elements of the array, as `f64`: one for each quantile that was asked for.
    pub values: Array1<f64>,
    /// The greatest error of a rank, of these elements, as a part of their number: never above what was asked for.
    pub rank_error: f64,
}

struct Sketch<A> {
    quantiles: Vec<f64>,
    error: f64,
    /// How many elements a level holds before it is compacted; even.
    capacity: usize,
    site: &'static Location<'static>,
    element: PhantomData<fn() -> A>,
}

#[derive(Clone, Default)]
struct Level {
    images: Vec<u64>,
    /// Whether the next compaction keeps the second of each two.
    keeps_second: bool,
}

/// What is known of the elements seen so far.
#[derive(Default)]
struct Levels {
    levels: Vec<Level>,
    count: u64,
    has_nan: bool,
    /// By how much a rank may be off.
    error: u64,
}

impl Levels {
    fn level(&mut self, height: usize) -> &mut Level {
        if self.levels.len() <= height {
            self.levels.resize_with(height + 1, Level::default);
        }
        &mut self.levels[height]
    }

    /// Compacts every level from this one on that is full.
    fn compact(&mut self, mut height: usize, capacity: usize) {
        while height < self.levels.len() {
            if self.levels[height].images.len() >= capacity {
                let level = &mut self.levels[height];
                // What came from below lies in sorted runs.
                if height == 0 {
                    level.images.sort_unstable()
                } else {
                    level.images.sort()
                }
                let odd = level.images.len() % 2 == 1;
                let left = if odd { level.images.pop() } else { None };
                let first = usize::from(level.keeps_second);
                let kept: Vec<u64> = level.images.iter().skip(first).step_by(2).copied().collect();
                level.keeps_second = !level.keeps_second;
                level.images.clear();
                level.images.extend(left);
                self.error += 1 << height;
                self.level(height + 1).images.extend(kept);
            }
            height += 1;
        }
    }
}

impl<A> Sketch<A> {
    fn new(quantiles: &[f64], error: f64, len: usize, site: &'static Location<'static>) -> Self {
        // Levels that are ever full, were each to hold no more than 1 / error.
        let levels = (len as f64 * error).max(1.0).log2().floor() + 1.0;
        let capacity = ((levels / error).ceil() as usize).max(2);
        let capacity = capacity.saturating_add(capacity % 2).min(usize::MAX - 1);
        Self { quantiles: quantiles.to_vec(), error, capacity, site, element: PhantomData }
    }
}

impl<A: SortKey> TryReduction<[A]> for Sketch<A> {
    type State = Levels;
    type Output = ApproxQuantiles;
    type Error = ArrayError;

    fn identity(&self) -> Levels {
        Levels::default()
    }

    fn update(&self, state: &mut Levels, values: &[A]) -> Result<(), ArrayError> {
        for values in values.chunks(self.capacity) {
            let numbers = values.iter().filter(|value| !value.is_nan()).map(|value| value.image());
            let lowest = &mut state.level(0).images;
            let before = lowest.len();
            lowest.extend(numbers);
            let added = lowest.len() - before;
            state.count += added as u64;
            state.has_nan |= added < values.len();
            state.compact(0, self.capacity);
        }
        Ok(())
    }

    fn combine(&self, state: &mut Levels, following: Levels) -> Result<(), ArrayError> {
        for (height, level) in following.levels.into_iter().enumerate() {
            state.level(height).images.extend(level.images);
        }
        state.count += following.count;
        state.has_nan |= following.has_nan;
        state.error += following.error;
        state.compact(0, self.capacity);
        Ok(())
    }

    fn finish(&self, state: Levels) -> Result<ApproxQuantiles, ArrayError> {
        let bad = |reason| {
            let (operation, site) = ("approx_quantiles", self.site);
            Err(ArrayError::BadArgument { operation, reason, site })
        };
        if let Some(wrong) = self.quantiles.iter().find(|q| !(0.0..=1.0).contains(*q)) {
            return bad(format!("{wrong} is no quantile, which is from 0 to 1"));
        }
        if !(self.error > 0.0 && self.error < 1.0) {
            return bad(format!("{} is no error of rank, which is between 0 and 1", self.error));
        }
        if state.has_nan || state.count == 0 {
            let values = Array1::from_elem(self.quantiles.len(), f64::NAN);
            return Ok(ApproxQuantiles { values, rank_error: 0.0 });
        }
        let levels = state.levels.iter().enumerate();
        let mut weighted: Vec<(u64, u64)> = levels
            .flat_map(|(height, level)| level.images.iter().map(move |&image| (image, 1 << height)))
            .collect();
        weighted.sort_unstable();
        let mut before = 0;
        // From here on by the number of elements up to and including each.
        for (_, weight) in &mut weighted {
            before += *weight;
            *weight = before;
        }
        let value = |quantile: &f64| {
            let rank = (quantile * (state.count - 1) as f64).round() as u64;
            let place = weighted.partition_point(|&(_, up_to)| up_to <= rank);
            A::of_image(weighted[place.min(weighted.len() - 1)].0).to_f64()
        };
        let values = self.quantiles.iter().map(value).collect();
        Ok(ApproxQuantiles { values, rank_error: state.error as f64 / state.count as f64 })
    }
}

impl<A: SortKey, D: Dimension> ChunkedArray<A, D> {
    /// Quantiles whose ranks are off by at most `error` times the number of elements, in one pass: elements of the
    /// array, for each quantile `q` one whose place in the sorted array is that near to `q (n - 1)`. The bound is
    /// proven, not likely, and holds at any chunking; the answer says the bound of this array, which is lower. NaN
    /// where any element is, and of none.
    ///
    /// A state holds about `log2(n error)^2 / error` elements, or all of a smaller array.
    /// [`quantiles`](Self::quantiles) are exact, and faster where reading the array costs little.
    ///
    /// ```
    /// use lazuli_array::ChunkedArray;
    /// let x = ChunkedArray::from_fn([100_000], [10_000], |[i]| ((i * 7_919) % 100_000) as f64);
    /// let found = lazuli_core::compute(x.approx_quantiles(&[0.5, 0.99], 0.01))?;
    /// assert!((found.values[0] - 50_000.0).abs() <= 1_000.0 && found.rank_error <= 0.01);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// When computed: a quantile that is not from 0 to 1, or an error that is not between them.
    #[track_caller]
    pub fn approx_quantiles(&self, q: &[f64], error: f64) -> Delayed<ApproxQuantiles> {
        let site = Location::caller();
        let query = Own::<A, _>::new(Sketch::new(q, error, self.len(), site));
        request("approx_quantiles", &self.expr, &self.grid, query, site)
    }
}
