//! Connections: how many at once, and for how long.
//!
//! Whoever connects and says nothing, says it slowly or does not listen takes a place for a time, and no thread:
//! computes do not notice, and others find a place again.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpStream;
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// Connections at once; more are closed as they come.
const MOST_CONNECTIONS: usize = 128;
/// A request is there after so long, or never.
const REQUEST: Duration = Duration::from_secs(5);
/// No connection lasts longer: pages that follow what happens connect anew.
const CONNECTION: Duration = Duration::from_secs(300);

/// Serves until it is told to stop.
pub(super) async fn serve(listener: TcpListener, routes: Router, stop: &Notify) {
    // Only a runtime without its reactor refuses a listener.
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = connections.join_next(), if !connections.is_empty() => continue,
            () = stop.notified() => return,
        };
        match accepted {
            Ok((stream, _)) => {
                if let Ok(place) = Arc::clone(&places).try_acquire_owned() {
                    let routes = routes.clone();
                    connections.spawn(async move {
                        // However it ends, there is nobody to tell.
                        let _ = timeout(CONNECTION, connection(stream, routes)).await;
                        drop(place);
                    });
                }
            }
            // Too many open files, say: that passes.
            Err(_) => sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn connection(stream: TcpStream, routes: Router) {
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(REQUEST)
        .keep_alive(false)
        .max_buf_size(16 * 1024)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(routes));
    // Whoever breaks off has what he wanted.
    let _ = served.await;
}
