//! Running a task again when it fails.

use std::time::Duration;

/// How often, and after what delay, a task runs again when it fails or panics.
///
/// ```
/// use std::sync::atomic::{AtomicU32, Ordering};
/// use lazuli_core::{Retry, compute, task};
///
/// let tries = AtomicU32::new(0);
/// let flaky = task("flaky").retry(Retry::times(2)).try_call((), move |()| {
///     match tries.fetch_add(1, Ordering::Relaxed) {
///         0 | 1 => Err(std::io::Error::other("not yet")),
///         tries => Ok(tries),
///     }
/// });
/// assert_eq!(compute(flaky)?, 2);
/// # Ok::<(), lazuli_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    pub(crate) times: u32,
    pub(crate) delay: Duration,
}

impl Retry {
    /// Up to this many attempts after the first, without a delay between them.
    #[must_use]
    pub fn times(times: u32) -> Self {
        Self { times, delay: Duration::ZERO }
    }

    /// How long after a failure the next attempt may begin. No thread waits for it.
    #[must_use]
    pub fn delay(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }
}
