//! Computes as futures, for async services.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use crate::api::running::Running;
use crate::base::error::Result;
use crate::base::sync::Mutex;
use crate::describe::collection::Collection;

/// A compute under way, as a future; see [`compute_async`](crate::compute_async).
#[must_use = "dropping it cancels the compute"]
pub struct Computing<C> {
    /// None when the results were taken.
    running: Option<Running<C>>,
    /// Who is to be woken; taken by who wakes.
    waker: Option<Arc<Mutex<Option<Waker>>>>,
}

impl<C: Collection> Computing<C> {
    pub(super) fn new(running: Running<C>) -> Self {
        Self { running: Some(running), waker: None }
    }
}

// Nothing in it is pinned.
impl<C> Unpin for Computing<C> {}

impl<C: Collection> Future for Computing<C> {
    type Output = Result<C::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if let Some(running) = this.running.take_if(|running| running.is_done()) {
            return Poll::Ready(running.result());
        }
        let running = this.running.as_ref().expect("a future is not polled after it is done");
        match &this.waker {
            Some(waker) => *waker.lock() = Some(context.waker().clone()),
            None => {
                let waker = Arc::new(Mutex::new(Some(context.waker().clone())));
                this.waker = Some(Arc::clone(&waker));
                running.promise().then(Box::new(move || {
                    // Woken when the lock is free again: a waker may poll at once.
                    let waker = waker.lock().take();
                    waker.into_iter().for_each(Waker::wake);
                }));
            }
        }
        // It may have ended before the waker was there.
        match this.running.take_if(|running| running.is_done()) {
            Some(running) => Poll::Ready(running.result()),
            None => Poll::Pending,
        }
    }
}
