//! What is made of one delayed value by a function: its combinators.

use std::error::Error as StdError;

use crate::describe::task::task;
use crate::graph::Delayed;

impl<T: Send + Sync + 'static> Delayed<T> {
    /// Applies a function to the value, by reference, as a task of this name.
    ///
    /// ```
    /// # use lazuli_core::{Delayed, compute};
    /// let lengths = Delayed::value(vec![3, 1, 2]);
    /// let longest = lengths.map("max", |lengths| lengths.iter().copied().max());
    /// assert_eq!(compute(longest)?, Some(3));
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn map<U: Send + Sync + 'static>(
        &self,
        name: &'static str,
        function: impl Fn(&T) -> U + Send + Sync + 'static,
    ) -> Delayed<U> {
        task(name).call(self, function)
    }

    /// Applies a function that may fail to the value, by reference, as a task of this name.
    #[track_caller]
    #[must_use]
    pub fn and_then<U: Send + Sync + 'static, E: StdError + Send + Sync + 'static>(
        &self,
        name: &'static str,
        function: impl Fn(&T) -> Result<U, E> + Send + Sync + 'static,
    ) -> Delayed<U> {
        task(name).try_call(self, function)
    }

    /// Both values as a pair.
    #[track_caller]
    #[must_use]
    pub fn zip<U>(&self, other: &Delayed<U>) -> Delayed<(T, U)>
    where
        T: Clone,
        U: Clone + Send + Sync + 'static,
    {
        task("zip").call((self.clone(), other.clone()), |pair| pair)
    }
}
