//! What the system says of this process: threads, processor time, memory.
//!
//! On systems that do not say it everything is nothing, and what is asserted of it holds.

use std::fs;
use std::time::Duration;

use super::eventually;

/// Threads beside every pool that stay for a while (ten seconds) when their work is done: the blocking
/// lane's, the timer, and those of the async lane's runtime, which stay for good.
const LINGER: [&str; 3] = ["lazuli-blocking", "lazuli-timer", "lazuli-async"];

/// How many threads the process has.
pub(crate) fn threads() -> usize {
    names().len()
}

/// How many it has beside those that may linger.
pub(crate) fn lasting_threads() -> usize {
    names().iter().filter(|name| !LINGER.contains(&name.as_str())).count()
}

fn names() -> Vec<String> {
    let Ok(threads) = fs::read_dir("/proc/self/task") else { return Vec::new() };
    let name = |path: std::path::PathBuf| fs::read_to_string(path.join("comm")).ok();
    let names = threads.flatten().filter_map(|thread| name(thread.path()));
    names.map(|name| name.trim_end().to_owned()).collect()
}

/// Processor time of the process, in ticks of ten milliseconds.
fn ticks() -> u64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum()
}

/// Bytes of memory that the process has.
pub(crate) fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}

/// What there was before a scenario made anything.
pub(crate) struct Before {
    threads: usize,
}

impl Before {
    pub(crate) fn now() -> Self {
        Self { threads: lasting_threads() }
    }

    /// All threads that have come since are gone again, but for those that may linger.
    #[track_caller]
    pub(crate) fn no_thread_is_left(&self) {
        eventually("all threads are gone", || lasting_threads() <= self.threads);
    }
}

/// Has the process do nothing for a second: hardly any processor time may go by.
#[track_caller]
pub(crate) fn is_idle() {
    let before = ticks();
    std::thread::sleep(Duration::from_secs(1));
    let burnt = ticks() - before;
    assert!(burnt <= 2, "{burnt} ticks of processor time in an idle second");
}
