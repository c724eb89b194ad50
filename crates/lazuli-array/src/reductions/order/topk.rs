//! The greatest elements, or the least.

use std::marker::PhantomData;
use std::panic::Location;

use lazuli_core::{Delayed, Reduction};
use ndarray::{Array1, Axis, Dimension};

use crate::array::ChunkedArray;
use crate::kernels::SortKey;
use crate::lower::request;
use crate::reductions::query::Own;

/// The `k` greatest elements, or least.
struct TopK<A> {
    k: usize,
    greatest: bool,
    element: PhantomData<fn() -> A>,
}

/// Keys of elements that may be among the first: those that are taken have the greatest keys.
#[derive(Clone, Default)]
struct Kept {
    keys: Vec<u64>,
    /// Once `k` are known: the least of them.
    least: Option<u64>,
}

impl Kept {
    /// Leaves out all but the `k` greatest, once there are twice as many.
    fn push(&mut self, key: u64, k: usize) {
        if self.least.is_some_and(|least| key <= least) {
            return;
        }
        self.keys.push(key);
        if self.keys.len() >= k.saturating_mul(2).max(64) {
            self.cut(k);
        }
    }

    fn cut(&mut self, k: usize) {
        if k == 0 {
            self.keys.clear();
        } else if self.keys.len() >= k {
            let (_, &mut least, _) = self.keys.select_nth_unstable_by(k - 1, |a, b| b.cmp(a));
            self.keys.truncate(k);
            self.least = Some(least);
        }
    }
}

/// The key of an element, and the element of a key.
fn key(image: u64, greatest: bool) -> u64 {
    if greatest { image } else { !image }
}

impl<A: SortKey> Reduction<[A]> for TopK<A> {
    type State = Kept;
    type Output = Array1<A>;

    fn identity(&self) -> Kept {
        Kept::default()
    }

    fn update(&self, kept: &mut Kept, values: &[A]) {
        values.iter().for_each(|value| kept.push(key(value.image(), self.greatest), self.k));
    }

    fn end_part(&self, kept: &mut Kept) {
        kept.cut(self.k);
    }

    fn combine(&self, kept: &mut Kept, following: Kept) {
        following.keys.into_iter().for_each(|key| kept.push(key, self.k));
    }

    fn finish(&self, mut kept: Kept) -> Array1<A> {
        kept.cut(self.k);
        kept.keys.sort_unstable_by(|a, b| b.cmp(a));
        kept.keys.into_iter().map(|found| A::of_image(key(found, self.greatest))).collect()
    }
}

impl<A: SortKey, D: Dimension + 'static> ChunkedArray<A, D> {
    /// The `k` greatest elements, the greatest first; of a negative `k` so many of the least, the least first, as
    /// Dask's `topk`. All where there are fewer. NaN is above every number, and a zero has no sign.
    ///
    /// One pass; a block keeps at most `2 k` elements.
    ///
    /// ```
    /// use lazuli_array::{ChunkedArray, ndarray::Axis};
    /// let x = ChunkedArray::from_fn([4, 3], [2, 2], |[i, j]| ((5 * i + 3 * j) % 7) as i64);
    /// let (most, least) = lazuli_core::compute((x.topk(3), x.topk(-2)))?; // one pass
    /// assert_eq!((most.to_vec(), least.to_vec()), (vec![6, 6, 5], vec![0, 0]));
    /// let of_columns = lazuli_core::compute(x.topk_axis(2, Axis(0)))?;
    /// assert_eq!(of_columns, lazuli_array::ndarray::array![[5, 6, 6], [3, 4, 4]]);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    pub fn topk(&self, k: isize) -> Delayed<Array1<A>> {
        let reduction = TopK { k: k.unsigned_abs(), greatest: k > 0, element: PhantomData };
        let query = Own::<A, _>::new(reduction);
        request("topk", &self.expr, &self.grid, query, Location::caller())
    }

    /// The `k` greatest elements along an axis, or of a negative `k` the least: see [`topk`](Self::topk). The axis
    /// has `k` elements, or all where it had fewer, in one block. The array is read in blocks that are whole
    /// along the axis.
    #[track_caller]
    #[must_use]
    pub fn topk_axis(&self, k: isize, axis: Axis) -> Self {
        let (count, greatest) = (k.unsigned_abs(), k > 0);
        let len = move |len: usize| count.min(len);
        self.map_lanes("topk_axis", axis, len, Location::caller(), move |lane: &mut [A], first| {
            let reduction = TopK { k: count, greatest, element: PhantomData };
            let mut kept = Kept::default();
            reduction.update(&mut kept, lane);
            first.extend(reduction.finish(kept));
            Ok(())
        })
    }
}
