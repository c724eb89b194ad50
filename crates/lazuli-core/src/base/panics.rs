//! Panics that must not pass: code that is not ours, called where nobody unwinds.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::error::{Error, Result};

/// Runs what belongs to no task and is not ours: clones of results, layers, observers.
pub(crate) fn caught<R>(function: impl FnOnce() -> R) -> Result<R> {
    catch_unwind(AssertUnwindSafe(function)).map_err(Error::outside_of_tasks)
}

/// Drops what nobody wants any more. Should that panic, there is nobody to tell, or something else has
/// failed already.
pub(crate) fn discard<T>(value: T) {
    let _ = catch_unwind(AssertUnwindSafe(|| drop(value)));
}

/// What was thrown, as text.
pub(super) fn thrown(payload: Box<dyn Any + Send>) -> String {
    let text = panic_text(&*payload);
    // It may throw again when it is dropped.
    discard(payload);
    text
}

fn panic_text(payload: &(dyn Any + Send)) -> String {
    if let Some(text) = payload.downcast_ref::<&str>() {
        (*text).to_owned()
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text.clone()
    } else {
        "a value that is not text".to_owned()
    }
}
