//! Many delayed values as one: a vector, a sum, the least of them.
//!
//! Each is one task. For values whose memory matters use [`tree_reduce`](crate::tree_reduce), which takes them
//! as they come.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};
use std::iter::{Product, Sum};

use crate::describe::collection::gather;
use crate::describe::numbers::Number;
use crate::describe::task::task;
use crate::graph::Delayed;

/// A delayed value, or a reference to one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no delayed value",
    label = "neither a `Delayed<T>` nor a `&Delayed<T>`",
    note = "make it one by `Delayed::value(..)`"
)]
pub trait IntoDelayed {
    /// The type of the value.
    type Value: Send + Sync + 'static;
    /// The handle.
    fn into_delayed(self) -> Delayed<Self::Value>;
}

impl<T: Send + Sync + 'static> IntoDelayed for Delayed<T> {
    type Value = T;
    fn into_delayed(self) -> Self {
        self
    }
}

impl<T: Send + Sync + 'static> IntoDelayed for &Delayed<T> {
    type Value = T;
    fn into_delayed(self) -> Delayed<T> {
        self.clone()
    }
}

fn handles<D: IntoDelayed>(values: impl IntoIterator<Item = D>) -> Vec<Delayed<D::Value>> {
    values.into_iter().map(D::into_delayed).collect()
}

/// A vector of delayed values as one delayed vector, in order.
///
/// ```
/// # use lazuli_core::{Delayed, compute, sequence};
/// let squares = (0..4).map(|i| Delayed::value(i).map(|i| i * i));
/// assert_eq!(compute(sequence(squares))?, [0, 1, 4, 9]);
/// # Ok::<(), lazuli_core::Error>(())
/// ```
#[track_caller]
pub fn sequence<D: IntoDelayed<Value: Clone>>(
    values: impl IntoIterator<Item = D>,
) -> Delayed<Vec<D::Value>> {
    task("sequence").call(handles(values), |values| values)
}

/// The sum of delayed values, added in order by one task.
///
/// ```
/// # use lazuli_core::{Delayed, compute, sum};
/// let parts: Vec<_> = (1..=4).map(Delayed::value).collect();
/// assert_eq!(compute(sum(&parts))?, 10);
/// # Ok::<(), lazuli_core::Error>(())
/// ```
#[track_caller]
pub fn sum<D>(values: impl IntoIterator<Item = D>) -> Delayed<D::Value>
where
    D: IntoDelayed<Value: for<'a> Sum<&'a D::Value>>,
{
    task("sum").call(&handles(values), |values| values.into_iter().sum())
}

/// The product of delayed values, multiplied in order by one task.
///
/// ```
/// # use lazuli_core::{Delayed, compute, product};
/// assert_eq!(compute(product((1..=4).map(Delayed::value)))?, 24);
/// # Ok::<(), lazuli_core::Error>(())
/// ```
#[track_caller]
pub fn product<D>(values: impl IntoIterator<Item = D>) -> Delayed<D::Value>
where
    D: IntoDelayed<Value: for<'a> Product<&'a D::Value>>,
{
    task("product").call(&handles(values), |values| values.into_iter().product())
}

/// The least of delayed values, None where there are none. A NaN among them is the answer.
///
/// ```
/// # use lazuli_core::{Delayed, compute, min};
/// assert_eq!(compute(min([2.5, 0.5].map(Delayed::value)))?, Some(0.5));
/// # Ok::<(), lazuli_core::Error>(())
/// ```
#[track_caller]
pub fn min<D>(values: impl IntoIterator<Item = D>) -> Delayed<Option<D::Value>>
where
    D: IntoDelayed<Value: PartialOrd + Clone>,
{
    task("min").call(&handles(values), |values| extreme(&values, Ordering::Less))
}

/// The greatest of delayed values, None where there are none. A NaN among them is the answer.
///
/// ```
/// # use lazuli_core::{Delayed, compute, max};
/// assert_eq!(compute(max([2.5, 0.5].map(Delayed::value)))?, Some(2.5));
/// # Ok::<(), lazuli_core::Error>(())
/// ```
#[track_caller]
pub fn max<D>(values: impl IntoIterator<Item = D>) -> Delayed<Option<D::Value>>
where
    D: IntoDelayed<Value: PartialOrd + Clone>,
{
    task("max").call(&handles(values), |values| extreme(&values, Ordering::Greater))
}

/// The first of the values that is on this side of all others; or the first that is not its own equal.
fn extreme<T: PartialOrd + Clone>(values: &[&T], side: Ordering) -> Option<T> {
    #[allow(clippy::eq_op, reason = "a NaN is not equal to itself")]
    let is_nan = |value: &&&T| **value != **value;
    let extreme = values.iter().find(is_nan).or_else(|| {
        values.iter().reduce(|best, value| match value.partial_cmp(best) {
            Some(order) if order == side => value,
            _ => best,
        })
    });
    extreme.map(|value| T::clone(value))
}

/// The mean of delayed numbers, None where there are none. They are added in order, as `f64`.
///
/// ```
/// # use lazuli_core::{Delayed, compute, mean};
/// assert_eq!(compute(mean([1, 2, 6].map(Delayed::value)))?, Some(3.0));
/// # Ok::<(), lazuli_core::Error>(())
/// ```
#[track_caller]
pub fn mean<D: IntoDelayed<Value: Number>>(
    values: impl IntoIterator<Item = D>,
) -> Delayed<Option<f64>> {
    task("mean").call(&handles(values), |values| {
        let total: f64 = values.iter().map(|value| value.to_f64()).sum();
        (!values.is_empty()).then(|| total / values.len() as f64)
    })
}

/// How many of these delayed truths hold.
///
/// ```
/// # use lazuli_core::{Delayed, all, any, compute, count};
/// let even: Vec<_> = (0..5).map(|i| Delayed::value(i).map(|i| i % 2 == 0)).collect();
/// assert_eq!(compute((count(&even), any(&even), all(&even)))?, (3, true, false));
/// # Ok::<(), lazuli_core::Error>(())
/// ```
#[track_caller]
pub fn count<D: IntoDelayed<Value = bool>>(values: impl IntoIterator<Item = D>) -> Delayed<usize> {
    task("count").call(&handles(values), |values| values.into_iter().filter(|&&one| one).count())
}

/// Whether any of these delayed truths holds. All are computed.
#[track_caller]
pub fn any<D: IntoDelayed<Value = bool>>(values: impl IntoIterator<Item = D>) -> Delayed<bool> {
    task("any").call(&handles(values), |values| values.into_iter().any(|&one| one))
}

/// Whether all of these delayed truths hold. All are computed.
#[track_caller]
pub fn all<D: IntoDelayed<Value = bool>>(values: impl IntoIterator<Item = D>) -> Delayed<bool> {
    task("all").call(&handles(values), |values| values.into_iter().all(|&one| one))
}

/// `iterator.sum::<Delayed<T>>()`: as [`sum()`].
impl<T, D> Sum<D> for Delayed<T>
where
    T: for<'a> Sum<&'a T> + Send + Sync + 'static,
    D: IntoDelayed<Value = T>,
{
    #[track_caller]
    fn sum<I: Iterator<Item = D>>(values: I) -> Self {
        sum(values)
    }
}

/// `iterator.product::<Delayed<T>>()`: as [`product()`].
impl<T, D> Product<D> for Delayed<T>
where
    T: for<'a> Product<&'a T> + Send + Sync + 'static,
    D: IntoDelayed<Value = T>,
{
    #[track_caller]
    fn product<I: Iterator<Item = D>>(values: I) -> Self {
        product(values)
    }
}

/// `iterator.collect::<Delayed<Vec<T>>>()`: as [`sequence()`].
///
/// ```
/// # use lazuli_core::{Delayed, compute};
/// let all: Delayed<Vec<i64>> = (0..3_i64).map(|i| Delayed::value(i) * 2).collect();
/// assert_eq!(compute(all)?, [0, 2, 4]);
/// # Ok::<(), lazuli_core::Error>(())
/// ```
impl<T: Clone + Send + Sync + 'static, D: IntoDelayed<Value = T>> FromIterator<D>
    for Delayed<Vec<T>>
{
    #[track_caller]
    fn from_iter<I: IntoIterator<Item = D>>(values: I) -> Self {
        sequence(values)
    }
}

/// Delayed values by key, as one delayed map.
impl<K, T> FromIterator<(K, Delayed<T>)> for Delayed<BTreeMap<K, T>>
where
    K: Ord + Clone + Send + Sync + 'static,
    T: Clone + Send + Sync + 'static,
{
    #[track_caller]
    fn from_iter<I: IntoIterator<Item = (K, Delayed<T>)>>(values: I) -> Self {
        gather("collect", values.into_iter().collect::<BTreeMap<_, _>>())
    }
}

/// Delayed values by key, as one delayed map.
impl<K, T, S> FromIterator<(K, Delayed<T>)> for Delayed<HashMap<K, T, S>>
where
    K: Ord + Hash + Clone + Send + Sync + 'static,
    T: Clone + Send + Sync + 'static,
    S: BuildHasher + Default + Clone + Send + Sync + 'static,
{
    #[track_caller]
    fn from_iter<I: IntoIterator<Item = (K, Delayed<T>)>>(values: I) -> Self {
        gather("collect", values.into_iter().collect::<HashMap<_, _, S>>())
    }
}
