//! The watchdog: a run of more than twenty seconds is a hang, and ends the process with what it was doing.
//!
//! Everything that is tested here takes milliseconds; a deadlock would hang the tests for good.

use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

const HANGS_AFTER: Duration = Duration::from_secs(20);

static WATCHED: LazyLock<Mutex<Watched>> = LazyLock::new(|| {
    std::thread::Builder::new()
        .name("watchdog".into())
        .spawn(look)
        .expect("the system grants a thread");
    Mutex::default()
});

#[derive(Default)]
struct Watched {
    runs: Vec<Option<Run>>,
    free: Vec<usize>,
}

struct Run {
    what: &'static str,
    seed: u64,
    doing: &'static str,
    since: Instant,
}

/// A run that is watched until this is dropped.
pub(crate) struct Watch(usize);

/// Watches a run: what it is, and the seed or number that says which.
pub(crate) fn watch(what: &'static str, seed: u64) -> Watch {
    let run = Some(Run { what, seed, doing: "begins", since: Instant::now() });
    let mut watched = watched();
    match watched.free.pop() {
        Some(place) => {
            watched.runs[place] = run;
            Watch(place)
        }
        None => {
            watched.runs.push(run);
            Watch(watched.runs.len() - 1)
        }
    }
}

impl Watch {
    /// Says what the run does from now on.
    pub(crate) fn does(&self, doing: &'static str) {
        if let Some(run) = &mut watched().runs[self.0] {
            run.doing = doing;
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut watched = watched();
        watched.runs[self.0] = None;
        watched.free.push(self.0);
    }
}

fn watched() -> MutexGuard<'static, Watched> {
    WATCHED.lock().unwrap_or_else(PoisonError::into_inner)
}

fn look() {
    loop {
        std::thread::sleep(Duration::from_millis(250));
        for Run { what, seed, doing, since } in watched().runs.iter().flatten() {
            if since.elapsed() > HANGS_AFTER {
                // Past what the harness captures, which is lost with the process.
                let text =
                    format!("\n{what} {seed} HANGS: it {doing}\n{}", how_to_run_again(*seed));
                let _ = std::io::Write::write_all(&mut std::io::stderr(), text.as_bytes());
                std::process::abort();
            }
        }
    }
}

/// The command that runs the graph of a seed alone.
pub(crate) fn how_to_run_again(seed: u64) -> String {
    format!(
        "LAZULI_SEED={seed} LAZULI_DAGS=1 cargo test -p lazuli-core --features async --test stress\n"
    )
}
