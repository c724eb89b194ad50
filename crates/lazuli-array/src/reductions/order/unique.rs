//! Distinct elements and how often they occur.

use std::marker::PhantomData;
use std::panic::Location;

use lazuli_core::{Delayed, TryReduction};
use ndarray::{Array1, Dimension};

use crate::array::ChunkedArray;
use crate::error::ArrayError;
use crate::kernels::SortKey;
use crate::lower::request;
use crate::reductions::query::Own;

/// The distinct elements of an array.
#[derive(Clone, Debug, PartialEq)]
pub struct Unique<A> {
    /// Each once, in order; NaN last.
    pub values: Array1<A>,
    /// How often each occurs.
    pub counts: Array1<u64>,
}

struct Distinct<A> {
    limit: usize,
    site: &'static Location<'static>,
    element: PhantomData<fn() -> A>,
}

/// Images and how often they were seen.
#[derive(Default)]
struct Seen {
    /// In order, each once.
    sorted: Vec<(u64, u64)>,
    /// In any order, some more than once.
    unsorted: Vec<(u64, u64)>,
}

/// So many wait at least before they are sorted.
const LEAST: usize = 4096;

impl Seen {
    /// Sorts in what waits, once that is as much as is sorted.
    fn settle_if_many(&mut self) {
        if self.unsorted.len() >= self.sorted.len().max(LEAST) {
            self.settle();
        }
    }

    fn settle(&mut self) {
        self.unsorted.sort_unstable_by_key(|&(image, _)| image);
        self.unsorted.dedup_by(merge_equal);
        self.sorted.append(&mut self.unsorted);
        // Two sorted runs, which a stable sort merges.
        self.sorted.sort_by_key(|&(image, _)| image);
        self.sorted.dedup_by(merge_equal);
    }
}

fn merge_equal(next: &mut (u64, u64), first: &mut (u64, u64)) -> bool {
    let are_equal = next.0 == first.0;
    if are_equal {
        first.1 += next.1;
    }
    are_equal
}

impl<A> Distinct<A> {
    fn check(&self, seen: &Seen) -> Result<(), ArrayError> {
        let (limit, site) = (self.limit, self.site);
        if seen.sorted.len() > limit {
            return Err(ArrayError::TooManyDistinct { limit, site });
        }
        Ok(())
    }
}

impl<A: SortKey> TryReduction<[A]> for Distinct<A> {
    type State = Seen;
    type Output = Unique<A>;
    type Error = ArrayError;

    fn identity(&self) -> Seen {
        Seen::default()
    }

    fn update(&self, seen: &mut Seen, values: &[A]) -> Result<(), ArrayError> {
        for value in values {
            let image = value.image();
            match seen.unsorted.last_mut() {
                Some(last) if last.0 == image => last.1 += 1,
                _ => seen.unsorted.push((image, 1)),
            }
        }
        seen.settle_if_many();
        self.check(seen)
    }

    fn end_part(&self, seen: &mut Seen) -> Result<(), ArrayError> {
        seen.settle();
        self.check(seen)
    }

    fn combine(&self, seen: &mut Seen, following: Seen) -> Result<(), ArrayError> {
        seen.unsorted.extend(following.sorted);
        seen.unsorted.extend(following.unsorted);
        seen.settle();
        self.check(seen)
    }

    fn finish(&self, mut seen: Seen) -> Result<Unique<A>, ArrayError> {
        seen.settle();
        self.check(&seen)?;
        let values = seen.sorted.iter().map(|&(image, _)| A::of_image(image)).collect();
        Ok(Unique { values, counts: seen.sorted.iter().map(|&(_, count)| count).collect() })
    }
}

impl<A: SortKey, D: Dimension> ChunkedArray<A, D> {
    /// The distinct elements in order, and how often each occurs, as NumPy's `unique(.., return_counts=True)`: NaN
    /// is one of them, and last. More than `limit` of them are an error: what is held grows with their number, not
    /// with that of the elements. One pass.
    ///
    /// ```
    /// use lazuli_array::ChunkedArray;
    /// let x = ChunkedArray::from_fn([10], [3], |[i]| (i * i % 4) as u8);
    /// let unique = lazuli_core::compute(x.unique(1_000))?;
    /// assert_eq!((unique.values.to_vec(), unique.counts.to_vec()), (vec![0, 1], vec![5, 5]));
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    pub fn unique(&self, limit: usize) -> Delayed<Unique<A>> {
        let site = Location::caller();
        let query = Own::<A, _>::new(Distinct { limit, site, element: PhantomData });
        request("unique", &self.expr, &self.grid, query, site)
    }
}
