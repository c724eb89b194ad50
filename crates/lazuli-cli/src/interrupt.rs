//! Ctrl-C: the process cleans up and ends, whatever its threads are busy with.
//!
//! A thread waits for the signals to interrupt and to terminate. When one comes, it runs the clean-ups
//! that are registered then, and ends the process with 128 and the signal's number: 130 for Ctrl-C.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use anyhow::{Context as _, Result};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

type Cleanup = Box<dyn FnOnce() + Send>;

/// The clean-ups by their number: they run in the order in which they were registered.
static CLEANUPS: Mutex<BTreeMap<u64, Cleanup>> = Mutex::new(BTreeMap::new());

/// Starts to wait for signals.
pub(crate) fn watch() -> Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM]).context("cannot wait for signals")?;
    let wait = move || {
        if let Some(signal) = signals.forever().next() {
            // Held to the end, so that nobody cleans up at the same time.
            let mut cleanups = cleanups();
            while let Some((_, cleanup)) = cleanups.pop_first() {
                cleanup();
            }
            std::process::exit(128 + signal);
        }
    };
    thread::Builder::new()
        .name("signals".to_owned())
        .spawn(wait)
        .context("cannot start a thread")?;
    Ok(())
}

/// Has `cleanup` run when the process is interrupted before the registration is dropped.
pub(crate) fn on_interrupt(cleanup: impl FnOnce() + Send + 'static) -> Registration {
    let mut cleanups = cleanups();
    let number = cleanups.last_key_value().map_or(0, |(last, _)| last + 1);
    cleanups.insert(number, Box::new(cleanup));
    Registration(number)
}

/// As long as this lives, its clean-up is registered.
#[must_use]
pub(crate) struct Registration(u64);

impl Drop for Registration {
    fn drop(&mut self) {
        cleanups().remove(&self.0);
    }
}

fn cleanups() -> MutexGuard<'static, BTreeMap<u64, Cleanup>> {
    CLEANUPS.lock().unwrap_or_else(PoisonError::into_inner)
}
