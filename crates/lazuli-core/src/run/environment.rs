//! What the tasks of a run have around them: who watches them, and what stops them.

use std::sync::Arc;

use crate::base::cancel::CancelToken;
use crate::base::error::{self, Error, Result};
use crate::run::observer::{Event, Observer};
use crate::run::progress::Counter;

#[derive(Clone, Default)]
pub(crate) struct Environment {
    pub(crate) observer: Option<Arc<dyn Observer>>,
    /// Whether the observer is told of every task that starts and ends.
    pub(crate) closely: bool,
    pub(crate) counter: Option<Arc<Counter>>,
    pub(crate) tokens: Vec<CancelToken>,
}

impl Environment {
    /// Tells the observer, if there is one. What panics in it is not the task's that is at hand.
    pub(crate) fn tell<'e>(&self, event: impl FnOnce() -> Event<'e>) -> Result<()> {
        match &self.observer {
            Some(observer) => error::caught(|| observer.event(&event())),
            None => Ok(()),
        }
    }

    /// As [`tell`](Self::tell), of what happens to every task.
    pub(crate) fn tell_closely<'e>(&self, event: impl FnOnce() -> Event<'e>) -> Result<()> {
        if self.closely { self.tell(event) } else { Ok(()) }
    }

    /// Tells the observer that the compute is over.
    pub(crate) fn end(&self, error: Option<&Error>) -> Result<()> {
        match &self.observer {
            Some(observer) => error::caught(|| observer.end(error)),
            None => Ok(()),
        }
    }

    pub(crate) fn check_stopped(&self) -> Result<()> {
        match self.tokens.iter().find_map(CancelToken::reason) {
            Some(reason) => Err(Error::stopped(reason)),
            None => Ok(()),
        }
    }
}
