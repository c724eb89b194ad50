//! Waiting for the first of several runs, or for one no longer than a while.

use std::sync::Arc;
use std::time::Instant;

use super::promise::Promise;
use super::scope::Scope;
use super::waits::Wait;
use crate::base::error::{Error, Result};
use crate::threads::latch::Latch;
use crate::threads::waiting::{self, Awaitable as _};

/// Waits until the promise is kept or the time has come; says whether it is kept.
///
/// # Errors
/// When the run that is to keep it waits for the one whose task calls this.
pub(crate) fn wait_until(promise: &Promise, time: Option<Instant>) -> Result<bool> {
    let kept = || promise.is_kept();
    if !kept() {
        let _waits = waits(&[promise])?;
        waiting::listen_until(promise.control.latch(), time, kept);
    }
    Ok(kept())
}

/// Waits until `done`, of which the latch is rung when one of the promises is kept.
///
/// # Errors
/// When the run that is to keep one of them waits for the one whose task calls this.
pub(crate) fn wait_for_any(
    promises: &[&Promise],
    latch: &Latch,
    done: impl Fn() -> bool,
) -> Result<()> {
    let _waits = waits(promises)?;
    waiting::listen_until(latch, None, done);
    Ok(())
}

fn waits(promises: &[&Promise]) -> Result<Vec<Wait>> {
    let Some(scope) = Scope::of_thread() else { return Ok(Vec::new()) };
    let wait = |promise: &&Promise| Wait::new(&scope.control, &promise.control);
    promises.iter().map(wait).collect::<Result<_, _>>().map_err(Error::deadlock)
}

/// Calls back when the promise is kept, by ringing the latch as well.
pub(crate) fn ring_when_kept(
    promise: &Promise,
    latch: Arc<Latch>,
    callback: impl FnOnce() + Send + 'static,
) {
    promise.then(Box::new(move || {
        callback();
        latch.ring();
    }));
}
