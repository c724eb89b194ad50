//! Several observers of one compute: a progress line beside a report.

use std::sync::Arc;

use crate::base::error::Error;
use crate::run::observer::{Beginning, Event, Observer, Watch};

/// Observers that watch the same computes, each as closely as it wants to.
///
/// ```
/// use std::sync::Arc;
/// use lazuli_core::{Delayed, Executor, Observers, Profile};
///
/// let (one, other) = (Arc::new(Profile::default()), Arc::new(Profile::default()));
/// let both = Observers::new([Arc::clone(&one) as _, Arc::clone(&other) as _]);
/// let three: Delayed<i64> = Delayed::value(1_i64).map(|one| one + 2);
/// let watched = Executor::shared().with_observer(Arc::new(both));
/// assert_eq!(watched.compute(three)?, 3_i64);
/// assert_eq!(one.rows().len(), other.rows().len());
/// # Ok::<(), lazuli_core::Error>(())
/// ```
pub struct Observers {
    /// Those that are told all events.
    close: Vec<Arc<dyn Observer>>,
    /// Those that ask a meter for most of them.
    metered: Vec<Arc<dyn Observer>>,
}

impl Observers {
    /// Tells each of them, in this order.
    pub fn new(observers: impl IntoIterator<Item = Arc<dyn Observer>>) -> Self {
        Self { close: observers.into_iter().collect(), metered: Vec::new() }
    }

    fn all(&self) -> impl Iterator<Item = &Arc<dyn Observer>> {
        self.close.iter().chain(&self.metered)
    }
}

impl Observer for Observers {
    fn event(&self, event: &Event<'_>) {
        let of_task = matches!(event, Event::Started(_) | Event::Finished(..));
        self.close.iter().for_each(|observer| observer.event(event));
        if !of_task {
            self.metered.iter().for_each(|observer| observer.event(event));
        }
    }

    fn begin(&self, compute: &Beginning) -> Watch {
        let mut chosen = Self { close: Vec::new(), metered: Vec::new() };
        for observer in self.all() {
            match observer.begin(compute) {
                Watch::Here => chosen.close.push(Arc::clone(observer)),
                Watch::By(other) => chosen.close.push(other),
                Watch::Metered(other) => chosen.metered.push(other),
            }
        }
        match (chosen.close.len(), chosen.metered.len()) {
            (1, 0) => Watch::By(chosen.close.remove(0)),
            (0, _) => Watch::Metered(Arc::new(chosen)),
            _ => Watch::By(Arc::new(chosen)),
        }
    }

    fn end(&self, error: Option<&Error>) {
        self.all().for_each(|observer| observer.end(error));
    }
}
