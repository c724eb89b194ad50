//! Many delayed values as one: a vector, a sum, a product.

use std::iter::{Product, Sum};

use crate::describe::task::task;
use crate::graph::Delayed;

/// A vector of delayed values as one delayed vector, in order.
///
/// ```
/// # use lazuli_core::{Delayed, compute, sequence};
/// let squares = (0..4).map(|i| Delayed::value(i).map("square", |i| i * i));
/// assert_eq!(compute(sequence(squares))?, [0, 1, 4, 9]);
/// # Ok::<(), lazuli_core::Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn sequence<T: Clone + Send + Sync + 'static>(
    values: impl IntoIterator<Item = Delayed<T>>,
) -> Delayed<Vec<T>> {
    task("sequence").call(values.into_iter().collect::<Vec<_>>(), |values| values)
}

/// The sum of delayed values, added in order by one task.
///
/// For values whose memory matters use [`tree_reduce`](crate::tree_reduce), which adds them as they come.
#[track_caller]
#[must_use]
pub fn sum<T>(values: impl IntoIterator<Item = Delayed<T>>) -> Delayed<T>
where
    T: for<'a> Sum<&'a T> + Send + Sync + 'static,
{
    let values: Vec<_> = values.into_iter().collect();
    task("sum").call(&values, |values| values.into_iter().sum())
}

/// The product of delayed values, multiplied in order by one task.
#[track_caller]
#[must_use]
pub fn product<T>(values: impl IntoIterator<Item = Delayed<T>>) -> Delayed<T>
where
    T: for<'a> Product<&'a T> + Send + Sync + 'static,
{
    let values: Vec<_> = values.into_iter().collect();
    task("product").call(&values, |values| values.into_iter().product())
}

/// `iterator.sum::<Delayed<T>>()`: as [`sum()`].
impl<T> Sum for Delayed<T>
where
    T: for<'a> Sum<&'a T> + Send + Sync + 'static,
{
    #[track_caller]
    fn sum<I: Iterator<Item = Self>>(values: I) -> Self {
        sum(values)
    }
}

/// `iterator.product::<Delayed<T>>()`: as [`product()`].
impl<T> Product for Delayed<T>
where
    T: for<'a> Product<&'a T> + Send + Sync + 'static,
{
    #[track_caller]
    fn product<I: Iterator<Item = Self>>(values: I) -> Self {
        product(values)
    }
}
