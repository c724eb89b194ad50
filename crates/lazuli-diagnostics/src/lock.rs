//! A lock that a panic does not poison: what is recorded is in order after every step under it.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A [`Mutex`] whose guard is always to be had.
#[derive(Default)]
pub(crate) struct Lock<T>(Mutex<T>);

impl<T> Lock<T> {
    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
