//! The async lane: one embedded runtime, on one thread beside the pool, started when it is needed.
//!
//! A future holds no thread while it waits, so one thread serves them all; what computes belongs on
//! the CPU lane. A future that waits for a compute by blocking hands the others to another thread. No more
//! than the limit are under way at once, and those beyond it queue; those of a compute that a future
//! starts while it is polled queue for no place, since it may hold the last one.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::task::Poll;
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime, RuntimeFlavor};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::task::AbortHandle;

use crate::base::cancel::Reason;
use crate::base::error::{self, Error, Result};
use crate::base::failure::Failure;
use crate::base::sync::Mutex;
use crate::base::value::Value;

/// What is left of an async task when it has taken its inputs.
pub(crate) type TaskFuture = Pin<Box<dyn Future<Output = Result<Value, Failure>> + Send + 'static>>;

const DEFAULT_LIMIT: usize = 64;

/// How often a thread that waits for a future looks whether it still should.
const GLANCE: Duration = Duration::from_millis(10);

static RUNTIME: LazyLock<Mutex<Option<Runtime>>> = LazyLock::new(Mutex::default);
static PLACES: Semaphore = Semaphore::const_new(DEFAULT_LIMIT);
static LIMIT: AtomicUsize = AtomicUsize::new(DEFAULT_LIMIT);
/// Places that are given up as tasks end, since the limit was lowered.
static SURPLUS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// Whether this is a thread of the lane.
    static ON_LANE: Cell<bool> = const { Cell::new(false) };
}

/// Whose place on the lane a future takes.
#[derive(Clone, Copy, Default)]
pub(crate) enum Place {
    #[default]
    Own,
    /// That of the future which waits for it.
    OfCaller,
}

/// Sets how many async tasks are under way at once in this process (64 unless set; at least 1).
/// Lowering it takes effect as tasks end.
pub fn set_async_limit(limit: usize) {
    let limit = limit.clamp(1, Semaphore::MAX_PERMITS);
    let before = LIMIT.swap(limit, SeqCst);
    if limit > before {
        let more = limit - before;
        let surplus =
            SURPLUS.fetch_update(SeqCst, SeqCst, |surplus| Some(surplus.saturating_sub(more)));
        PLACES.add_permits(more - surplus.unwrap_or_default().min(more));
        return;
    }
    let surplus = before - limit;
    let taken = PLACES.forget_permits(surplus);
    SURPLUS.fetch_add(surplus - taken, SeqCst);
}

/// How many are under way at once.
pub(super) fn limit() -> usize {
    LIMIT.load(SeqCst)
}

/// A place on the lane.
struct Held(Option<SemaphorePermit<'static>>);

impl Drop for Held {
    fn drop(&mut self) {
        // Where there are too many places, this one goes.
        if SURPLUS.fetch_update(SeqCst, SeqCst, |surplus| surplus.checked_sub(1)).is_ok()
            && let Some(place) = self.0.take()
        {
            place.forget();
        }
    }
}

fn runtime() -> Result<Handle> {
    let mut runtime = RUNTIME.lock();
    if let Some(runtime) = &*runtime {
        return Ok(runtime.handle().clone());
    }
    // Of this kind a thread can hand its futures on before it blocks.
    let built = Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("lazuli-async")
        .on_thread_start(|| ON_LANE.set(true))
        .enable_all()
        .build()
        .map_err(Error::setup)?;
    Ok(runtime.insert(built).handle().clone())
}

/// Whether the calling thread drives futures of the lane.
pub(crate) fn drives_on_this_thread() -> bool {
    ON_LANE.get()
        && Handle::try_current()
            .is_ok_and(|runtime| runtime.runtime_flavor() == RuntimeFlavor::MultiThread)
}

/// Waits on a thread of the lane, whose futures are driven by another one meanwhile.
pub(crate) fn while_waiting<R>(wait: impl FnOnce() -> R) -> R {
    tokio::task::block_in_place(wait)
}

/// Runs the function where it may make sleeps, sockets and what else belongs to a runtime.
pub(crate) fn inside<R>(function: impl FnOnce() -> R) -> R {
    let runtime = runtime();
    // Where there is none, the task fails when its future is to be driven.
    let _inside = runtime.as_ref().ok().map(Handle::enter);
    function()
}

/// Drives the future as soon as there is a place. Aborting drops it where it waits.
pub(crate) fn spawn(
    future: impl Future<Output = ()> + Send + 'static,
    place: Place,
) -> Result<AbortHandle> {
    let placed = async move {
        let _place = match place {
            // The semaphore is never closed.
            Place::Own => Some(Held(PLACES.acquire().await.ok())),
            Place::OfCaller => None,
        };
        future.await;
    };
    Ok(runtime()?.spawn(placed).abort_handle())
}

/// The future, with a panic inside it as a failure.
pub(crate) async fn caught(future: TaskFuture) -> Result<Value, Failure> {
    let mut future = Some(future);
    poll_fn(move |context| {
        let polled = catch_unwind(AssertUnwindSafe(|| match &mut future {
            Some(future) => future.as_mut().poll(context),
            None => Poll::Pending,
        }));
        let polled = polled.unwrap_or_else(|payload| Poll::Ready(Err(Failure::Panicked(payload))));
        if polled.is_ready() {
            error::discard(future.take());
        }
        polled
    })
    .await
}

/// Drives the future while the calling thread waits, which may belong to another runtime. The future is
/// dropped when the task is to end before it is done.
pub(crate) fn block_on(
    future: TaskFuture,
    place: Place,
    is_over: impl Fn() -> bool,
) -> Result<Value, Failure> {
    let (sender, receiver) = sync_channel(1);
    let answers = async move {
        // Where this is dropped half-way, the future goes first: it is the first that is captured.
        let answer = caught(future).await;
        // The receiver waits until it has the answer.
        let _ = sender.send(answer);
    };
    let driven = spawn(answers, place).map_err(Failure::Nested)?;
    super::off_pool::while_waiting(|| {
        loop {
            match receiver.recv_timeout(GLANCE) {
                Ok(answer) => return answer,
                Err(RecvTimeoutError::Timeout) if is_over() => driven.abort(),
                Err(RecvTimeoutError::Timeout) => {}
                // It was dropped.
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Failure::Nested(Error::stopped(Reason::Cancelled)));
                }
            }
        }
    })
}
