//! What is answered: the page, events of what happens, tasks and pictures of a compute, and its end.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, Request, State};
use axum::http::StatusCode;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::middleware::{self, Next};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use futures_core::Stream;
use serde::Deserialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::guard::Guard;
use crate::data::Bars;
use crate::page;
use crate::record::Recorder;

/// Between two events.
const TICK: Duration = Duration::from_millis(400);
/// Pages that are told what happens at once.
const MOST_STREAMS: usize = 16;

/// What requests are answered with.
struct Served {
    guard: Guard,
    page: Bytes,
    policy: HeaderValue,
    recorder: Arc<Recorder>,
    streams: Arc<Semaphore>,
}

type Shared = State<Arc<Served>>;

pub(super) fn routes(guard: Guard, recorder: &Arc<Recorder>) -> io::Result<Router> {
    let page = Bytes::from(page::live(guard.token())?);
    let policy = HeaderValue::try_from(page::live_policy()).map_err(io::Error::other)?;
    let streams = Arc::new(Semaphore::new(MOST_STREAMS));
    let served = Arc::new(Served { guard, page, policy, recorder: Arc::clone(recorder), streams });
    Ok(Router::new()
        .route("/", get(index))
        .route("/events", get(events))
        .route("/runs/{number}/tasks", get(tasks))
        .route("/runs/{number}/graph.svg", get(picture))
        .route("/runs/{number}/cancel", post(cancel))
        .layer(middleware::from_fn_with_state(Arc::clone(&served), guarded))
        .with_state(served))
}

/// Asks the guard, and says of every answer how browsers are to treat it.
async fn guarded(State(served): Shared, request: Request, next: Next) -> Response {
    let admitted = served.guard.admit(request.method(), request.uri(), request.headers());
    let mut response = match admitted {
        Ok(()) => next.run(request).await,
        Err(reason) => (StatusCode::FORBIDDEN, reason).into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, served.policy.clone());
    for (name, value) in [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

async fn index(State(served): Shared) -> Response {
    ([(CONTENT_TYPE, "text/html; charset=utf-8")], served.page.clone()).into_response()
}

async fn events(State(served): Shared) -> Response {
    match Arc::clone(&served.streams).try_acquire_owned() {
        Ok(place) => {
            let mut tick = interval(TICK);
            tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
            let recorder = Arc::clone(&served.recorder);
            Sse::new(Happenings { recorder, tick, told: None, _place: place }).into_response()
        }
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "too many pages are open").into_response(),
    }
}

/// What happens, told now and then: at first all, later only the computes that may have changed since.
struct Happenings {
    recorder: Arc<Recorder>,
    tick: Interval,
    /// When it was told last, in ns since recording began.
    told: Option<u64>,
    _place: OwnedSemaphorePermit,
}

impl Stream for Happenings {
    type Item = Result<Event, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        ready!(self.tick.poll_tick(context));
        let now = self.recorder.now();
        let told = self.told.replace(now);
        let overview = self.recorder.overview(told);
        Poll::Ready(
            serde_json::to_string(&overview).ok().map(|text| Ok(Event::default().data(text))),
        )
    }
}

#[derive(Deserialize)]
struct From {
    #[serde(default)]
    from: usize,
}

async fn tasks(
    State(served): Shared,
    Path(number): Path<u64>,
    Query(From { from }): Query<From>,
) -> Response {
    let Some(run) = served.recorder.run(number) else { return unknown() };
    match serde_json::to_vec(&Bars::of(&run, from)) {
        Ok(bars) => ([(CONTENT_TYPE, "application/json")], bars).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn picture(State(served): Shared, Path(number): Path<u64>) -> Response {
    let run = served.recorder.run(number);
    match run.as_ref().and_then(|run| run.planned()?.picture.clone()) {
        Some(picture) => ([(CONTENT_TYPE, "image/svg+xml")], picture).into_response(),
        None => unknown(),
    }
}

async fn cancel(State(served): Shared, Path(number): Path<u64>) -> Response {
    match served.recorder.run(number) {
        Some(run) => {
            run.cancel();
            StatusCode::NO_CONTENT.into_response()
        }
        None => unknown(),
    }
}

fn unknown() -> Response {
    (StatusCode::NOT_FOUND, "there is no such thing here").into_response()
}
