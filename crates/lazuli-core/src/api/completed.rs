//! Computes in the background as they end, whichever is first.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::api::running::Running;
use crate::base::error::Result;
use crate::base::sync::Mutex;
use crate::describe::collection::Collection;
use crate::exec::ended;
use crate::threads::latch::Latch;

/// The results of computes that were [started](crate::start), as they end, whichever is first; each with its
/// place among them. Those that are left when this is dropped are cancelled.
///
/// ```
/// use std::time::Duration;
/// use lazuli_core::{Lane, as_completed, start, task};
///
/// let naps = [50, 1].map(|ms| {
///     let nap = task("nap").lane(Lane::Blocking).call((), move |()| {
///         std::thread::sleep(Duration::from_millis(ms));
///         ms
///     });
///     start(nap)
/// });
/// let ended: Vec<_> = as_completed(naps).map(|(place, ms)| Ok((place, ms?))).collect::<Result<_, _>>()?;
/// assert_eq!(ended, [(1, 1), (0, 50)]);
/// # Ok::<(), lazuli_core::Error>(())
/// ```
pub fn as_completed<C: Collection>(runs: impl IntoIterator<Item = Running<C>>) -> AsCompleted<C> {
    let ended = Arc::<Ended>::default();
    let runs: Vec<_> = runs.into_iter().map(Some).collect();
    for (index, run) in runs.iter().flatten().enumerate() {
        let queue = Arc::clone(&ended);
        let callback = move || queue.places.lock().push_back(index);
        ended::ring_when_kept(run.promise(), Arc::clone(&ended.latch), callback);
    }
    AsCompleted { left: runs.len(), runs, ended }
}

/// The places of the runs that have ended.
#[derive(Default)]
struct Ended {
    places: Mutex<VecDeque<usize>>,
    latch: Arc<Latch>,
}

/// The iterator of [`as_completed`].
#[must_use = "dropping it cancels the computes"]
pub struct AsCompleted<C> {
    runs: Vec<Option<Running<C>>>,
    left: usize,
    ended: Arc<Ended>,
}

impl<C: Collection> Iterator for AsCompleted<C> {
    type Item = (usize, Result<C::Output>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 {
            return None;
        }
        let is_there = || !self.ended.places.lock().is_empty();
        if !is_there() {
            let promises: Vec<_> = self.runs.iter().flatten().map(Running::promise).collect();
            if let Err(error) = ended::wait_for_any(&promises, &self.ended.latch, is_there) {
                // It would wait for itself: what is left cannot be waited for here.
                self.left = 0;
                let place = self.runs.iter().position(Option::is_some).unwrap_or_default();
                return Some((place, Err(error)));
            }
        }
        let place = self.ended.places.lock().pop_front();
        let (place, run) = place.and_then(|place| Some((place, self.runs[place].take()?)))?;
        self.left -= 1;
        Some((place, run.wait()))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}
