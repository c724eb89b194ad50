//! The async lane: one embedded runtime, on one thread beside the pool, started when it is needed.
//!
//! A future holds no thread while it waits, so one thread serves them all; what computes belongs on
//! the CPU lane. No more than the limit are under way at once, and those beyond it queue.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::sync_channel;
use std::sync::{Mutex, PoisonError};
use std::task::Poll;

use tokio::runtime::{Builder, Handle};
use tokio::sync::Semaphore;
use tokio::task::AbortHandle;

use super::blocking;
use crate::error::{Error, Result};
use crate::node::{Failure, TaskFuture};
use crate::value::Value;

const DEFAULT_LIMIT: usize = 64;

static RUNTIME: Mutex<Option<Handle>> = Mutex::new(None);
static PLACES: Semaphore = Semaphore::const_new(DEFAULT_LIMIT);
static LIMIT: AtomicUsize = AtomicUsize::new(DEFAULT_LIMIT);

/// Sets how many async tasks are under way at once in this process (64 unless set; at least 1).
/// Lowering it takes effect as tasks end.
pub fn set_async_limit(limit: usize) {
    let limit = limit.clamp(1, Semaphore::MAX_PERMITS);
    let before = LIMIT.swap(limit, SeqCst);
    if limit > before {
        PLACES.add_permits(limit - before);
        return;
    }
    let surplus = before - limit;
    let taken = PLACES.forget_permits(surplus);
    if taken < surplus
        && let Ok(runtime) = runtime()
    {
        runtime.spawn(async move {
            for _ in taken..surplus {
                if let Ok(place) = PLACES.acquire().await {
                    place.forget();
                }
            }
        });
    }
}

fn runtime() -> Result<Handle> {
    let mut runtime = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(handle) = &*runtime {
        return Ok(handle.clone());
    }
    let built = Builder::new_current_thread().enable_all().build().map_err(Error::setup)?;
    let handle = built.handle().clone();
    let thread = std::thread::Builder::new().name("lazuli-async".into());
    let serve = move || built.block_on(std::future::pending::<()>());
    thread.spawn(serve).map_err(Error::setup)?;
    *runtime = Some(handle.clone());
    Ok(handle)
}

/// Runs the function where it may make sleeps, sockets and what else belongs to a runtime.
pub(crate) fn inside<R>(function: impl FnOnce() -> R) -> R {
    let runtime = runtime();
    // Where there is none, the task fails when its future is to be driven.
    let _inside = runtime.as_ref().ok().map(Handle::enter);
    function()
}

/// Drives the future as soon as there is a place. Aborting drops it where it waits.
pub(crate) fn spawn(future: impl Future<Output = ()> + Send + 'static) -> Result<AbortHandle> {
    let placed = async move {
        // The semaphore is never closed.
        let _place = PLACES.acquire().await;
        future.await;
    };
    Ok(runtime()?.spawn(placed).abort_handle())
}

/// The future, with a panic inside it as a failure.
pub(crate) async fn caught(mut future: TaskFuture) -> Result<Value, Failure> {
    poll_fn(move |context| {
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context)));
        polled.unwrap_or_else(|payload| Poll::Ready(Err(Failure::Panicked(payload))))
    })
    .await
}

/// Drives the future while the calling thread waits, which may belong to another runtime.
pub(crate) fn block_on(future: TaskFuture) -> Result<Value, Failure> {
    let (sender, receiver) = sync_channel(1);
    let waits = async move {
        // The receiver waits until it has the answer.
        let _ = sender.send(caught(future).await);
    };
    spawn(waits).map_err(Failure::Nested)?;
    blocking::while_waiting(|| receiver.recv())
        .unwrap_or_else(|_| Err(Failure::Panicked(Box::new("the runtime ended"))))
}
