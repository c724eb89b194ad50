//! Tree reduction: values meet in a tree whose shape comes from their number alone.

use thiserror::Error as ThisError;

use crate::base::error::{Error, Result};
use crate::describe::task::{TaskBuilder, task};
use crate::graph::Delayed;
use crate::graph::layer::{Answer, Layer, Lowering};

/// Combines delayed values in a tree with `split_every` values (at least 2) to a task, keeping order.
///
/// The tree is `log(values) / log(split_every)` deep, and values are released as they meet. The
/// function is applied from left to right within a task and must be associative (up to rounding).
/// None where there are no values.
///
/// What values are combined to is taken to have as many bytes as the largest of them, and to be written and read as
/// they are.
///
/// Values cannot meet one at a time: where `split_every` is below 2, what is returned fails at compute, with
/// an error of the kind [`Plan`](crate::ErrorKind::Plan).
///
/// ```
/// use lazuli_core::{Delayed, compute, tree_reduce};
///
/// let parts = (1..=100).map(Delayed::value);
/// let total = tree_reduce(parts, 8, |a, b| a + b).expect("not empty");
/// assert_eq!(compute(total)?, 5050);
/// # Ok::<(), lazuli_core::Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn tree_reduce<T, F>(
    values: impl IntoIterator<Item = Delayed<T>>,
    split_every: usize,
    function: F,
) -> Option<Delayed<T>>
where
    T: Clone + Send + Sync + 'static,
    F: Fn(T, T) -> T + Clone + Send + Sync + 'static,
{
    let site = std::panic::Location::caller();
    if split_every < 2 {
        let refused = Refused(FanIn { split_every });
        return Some(Delayed::from_layer("tree_reduce", refused, []));
    }
    meet(values.into_iter().collect(), split_every, |group| {
        let function = function.clone();
        let combine = task("combine").site(site).written_by(group[0].codec());
        as_large_as(combine, &group).call(group, move |values: Vec<T>| {
            let mut values = values.into_iter();
            let Some(first) = values.next() else { unreachable!("groups are not empty") };
            values.fold(first, &function)
        })
    })
}

/// A fan-in that would never come to an end.
#[derive(Clone, Copy, Debug, ThisError)]
#[error("split_every is {split_every}, and values meet by at least 2")]
struct FanIn {
    split_every: usize,
}

/// A request that cannot be answered.
struct Refused(FanIn);

impl Layer for Refused {
    fn lower(requests: &[&Self], _: &Lowering<'_>) -> Result<Vec<Answer>> {
        Ok(requests.iter().map(|refused| Answer::error(Error::plan(refused.0))).collect())
    }
}

/// Says that the task's result is as large as the largest of these.
pub(super) fn as_large_as<T>(task: TaskBuilder, values: &[Delayed<T>]) -> TaskBuilder {
    match values.iter().map(Delayed::output_bytes).max() {
        None | Some(0) => task,
        Some(bytes) => task.output_bytes(bytes),
    }
}

/// Has groups of neighbours meet, level by level, until one is left.
pub(super) fn meet<T>(
    mut level: Vec<Delayed<T>>,
    split_every: usize,
    join: impl Fn(Vec<Delayed<T>>) -> Delayed<T>,
) -> Option<Delayed<T>> {
    let split_every = split_every.max(2);
    while level.len() > 1 {
        let mut next = Vec::with_capacity(level.len().div_ceil(split_every));
        let mut values = level.into_iter().peekable();
        while values.peek().is_some() {
            let mut group: Vec<_> = values.by_ref().take(split_every).collect();
            // One value alone has nobody to meet: it moves up as it is.
            next.push(match group.len() {
                1 => group.remove(0),
                _ => join(group),
            });
        }
        level = next;
    }
    level.pop()
}
