//! The page of a recording, served while computes run.
//!
//! A thread of its own serves it: it sleeps nearly always, so the system gives it a core at once when it wakes,
//! however busy all cores are. `guard` decides who is answered, `routes` what with, and `server` how many at
//! once and for how long.

mod guard;
mod routes;
mod server;

use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use thiserror::Error;
use tokio::sync::Notify;

use crate::record::Recorder;
use guard::Guard;

/// A dashboard that cannot be served.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DashboardError {
    /// Others could reach it, and nothing says that they may.
    #[error("{0} can be reached from other machines: a dashboard there needs an access token")]
    Open(SocketAddr),
    /// An access token that could be guessed.
    #[error("an access token has at least 16 characters, all of them letters, digits, `-` or `_`")]
    Access,
    /// The address cannot be listened at.
    #[error("cannot serve a dashboard there: {0}")]
    Listen(#[from] io::Error),
    /// The system has no random numbers.
    #[error("there are no random numbers for the token of the page: {0}")]
    Random(getrandom::Error),
}

/// A live page of what is computed: tasks over time, progress, bytes held, memory and processor of the process, and
/// a button that cancels. It is served until this is dropped.
///
/// ```
/// use lazuli_core::{Delayed, Executor};
/// use lazuli_diagnostics::Dashboard;
///
/// let dashboard = Dashboard::serve("127.0.0.1:0")?;
/// println!("see {}", dashboard.url());
/// let executor = Executor::shared().with_observer(dashboard.recorder().clone());
/// assert_eq!(executor.compute(Delayed::value(6_i64) * 7)?, 42);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// It answers the browser of this machine only: it listens on the loopback address, refuses requests that name
/// another host or come from a page of another origin, and cancels only for its own page.
pub struct Dashboard {
    address: SocketAddr,
    access: Option<String>,
    recorder: Arc<Recorder>,
    stop: Arc<Notify>,
    thread: Option<JoinHandle<()>>,
}

impl Dashboard {
    /// Serves at a loopback address; at port 0, one that is free.
    ///
    /// # Errors
    /// When other machines could reach the address, or it is taken.
    pub fn serve(address: impl ToSocketAddrs) -> Result<Self, DashboardError> {
        Self::new(address, None, Recorder::new())
    }

    /// Serves at any address, to whoever has the access token: it is part of the [address](Self::url) of the
    /// page. Everybody on the way can read it, since the connection is not encrypted.
    ///
    /// # Errors
    /// When the address is taken, or the token is shorter than 16 characters or has others than letters,
    /// digits, `-` and `_`.
    pub fn serve_with_access(
        address: impl ToSocketAddrs,
        access: &str,
    ) -> Result<Self, DashboardError> {
        let known = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
        if access.len() < 16 || !access.chars().all(known) {
            return Err(DashboardError::Access);
        }
        Self::new(address, Some(access.to_owned()), Recorder::new())
    }

    fn new(
        address: impl ToSocketAddrs,
        access: Option<String>,
        recorder: Recorder,
    ) -> Result<Self, DashboardError> {
        let addresses: Vec<SocketAddr> = address.to_socket_addrs()?.collect();
        let open = addresses.iter().find(|address| !address.ip().is_loopback());
        if let (Some(open), None) = (open, &access) {
            return Err(DashboardError::Open(*open));
        }
        let listener = TcpListener::bind(addresses.as_slice())?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let guard = Guard::new(address, access.clone(), token()?);
        let (recorder, stop) = (Arc::new(recorder.live()), Arc::new(Notify::new()));
        let routes = routes::routes(guard, &recorder)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let stopped = Arc::clone(&stop);
        let thread = thread::Builder::new()
            .name("lazuli-dashboard".to_owned())
            .spawn(move || runtime.block_on(server::serve(listener, routes, &stopped)))?;
        Ok(Self { address, access, recorder, stop, thread: Some(thread) })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address of the page, for a browser.
    #[must_use]
    pub fn url(&self) -> String {
        match &self.access {
            None => format!("http://{}/", self.address),
            Some(access) => format!("http://{}/?access={access}", self.address),
        }
    }

    /// What it shows: the observer of the computes, from which a report can be written as well.
    #[must_use]
    pub fn recorder(&self) -> &Arc<Recorder> {
        &self.recorder
    }
}

impl Drop for Dashboard {
    fn drop(&mut self) {
        self.stop.notify_one();
        if let Some(thread) = self.thread.take() {
            // What it has to say of its end, nobody waits for.
            let _ = thread.join();
        }
    }
}

/// A text that nobody guesses.
fn token() -> Result<String, DashboardError> {
    let mut bytes = [0_u8; 24];
    getrandom::fill(&mut bytes).map_err(DashboardError::Random)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
