//! How often each whole number occurs.

use std::marker::PhantomData;
use std::panic::Location;

use lazuli_core::{Delayed, TryReduction};
use ndarray::{Array1, Dimension};

use super::MOST_BINS;
use crate::array::ChunkedArray;
use crate::error::ArrayError;
use crate::kernels::Scalar;
use crate::lower::request;
use crate::reductions::query::Own;

struct BinCount<A> {
    length: usize,
    site: &'static Location<'static>,
    element: PhantomData<fn() -> A>,
}

impl<A> BinCount<A> {
    fn bad(&self, reason: String) -> ArrayError {
        ArrayError::BadArgument { operation: "bincount", reason, site: self.site }
    }
}

impl<A: Scalar + TryInto<usize>> TryReduction<[A]> for BinCount<A> {
    /// No longer than the greatest number seen needs.
    type State = Vec<u64>;
    type Output = Array1<u64>;
    type Error = ArrayError;

    fn identity(&self) -> Vec<u64> {
        Vec::new()
    }

    fn update(&self, counts: &mut Vec<u64>, values: &[A]) -> Result<(), ArrayError> {
        for &value in values {
            match value.try_into() {
                Ok(index) if index < counts.len() => counts[index] += 1,
                Ok(index) if index < self.length.min(MOST_BINS) => {
                    counts.resize(index + 1, 0);
                    counts[index] = 1;
                }
                _ => {
                    let length = self.length;
                    return Err(self.bad(format!("{value:?} is not from 0 to below {length}")));
                }
            }
        }
        Ok(())
    }

    fn combine(&self, counts: &mut Vec<u64>, following: Vec<u64>) -> Result<(), ArrayError> {
        if counts.len() < following.len() {
            counts.resize(following.len(), 0);
        }
        counts.iter_mut().zip(following).for_each(|(count, following)| *count += following);
        Ok(())
    }

    fn finish(&self, mut counts: Vec<u64>) -> Result<Array1<u64>, ArrayError> {
        if self.length > MOST_BINS {
            return Err(self.bad(format!("{} counts are more than {MOST_BINS}", self.length)));
        }
        counts.resize(self.length, 0);
        Ok(counts.into())
    }
}

impl<A: Scalar + Default + TryInto<usize>, D: Dimension> ChunkedArray<A, D> {
    /// How often each whole number from 0 to below `length` occurs, as NumPy's `bincount`. A number outside is an
    /// error, and so are more than 2^26 counts. One pass.
    ///
    /// ```
    /// use lazuli_array::ChunkedArray;
    /// let x = ChunkedArray::from_fn([10], [4], |[i]| (i % 3) as u8);
    /// assert_eq!(lazuli_core::compute(x.bincount(5))?.to_vec(), [4, 3, 3, 0, 0]);
    /// assert!(lazuli_core::compute(x.bincount(2)).is_err());
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    pub fn bincount(&self, length: usize) -> Delayed<Array1<u64>> {
        let site = Location::caller();
        let query = Own::<A, _>::new(BinCount { length, site, element: PhantomData });
        request("bincount", &self.expr, &self.grid, query, site)
    }
}
