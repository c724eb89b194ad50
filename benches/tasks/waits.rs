//! Tasks that wait, beside tasks that keep every core busy.

use std::thread::sleep;
use std::time::{Duration, Instant};

use lazuli::core::Lane;
use lazuli::prelude::*;
use lazuli_benches::measure;

/// Keeps a core busy.
fn spin(time: Duration) {
    let start = Instant::now();
    while start.elapsed() < time {
        std::hint::spin_loop();
    }
}

fn blocking(count: u64, time: Duration) -> Delayed<Vec<()>> {
    let wait = |_| task("wait").lane(Lane::Blocking).call((), move |()| sleep(time));
    sequence((0..count).map(wait))
}

fn awaiting(count: u64, time: Duration) -> Delayed<Vec<()>> {
    let wait = |_| task("await").call_async((), move |()| tokio::time::sleep(time));
    sequence((0..count).map(wait))
}

/// Tasks that take both cores for a quarter of a second.
fn busy() -> Delayed<Vec<()>> {
    sequence((0..500).map(|_| task("spin").call((), |()| spin(Duration::from_millis(1)))))
}

pub(crate) fn run() -> lazuli::Result<()> {
    const SECOND: Duration = Duration::from_secs(1);
    const FIFTH: Duration = Duration::from_millis(200);
    measure("lazuli", "six blocking waits of 1 s", 1, || {
        compute(blocking(6, SECOND)).map(|all| all.len())
    });
    measure("lazuli", "20 blocking waits of 0.2 s", 1, || {
        compute(blocking(20, FIFTH)).map(|all| all.len())
    });
    let executor = Executor::threaded(2)?;
    for (lane, waits) in [("blocking", blocking(64, FIFTH)), ("async", awaiting(64, FIFTH))] {
        let work = format!("64 {lane} waits of 0.2 s while tasks spin for 0.25 s on both cores");
        measure("lazuli", &work, 3, || {
            executor.compute((&waits, busy())).map(|(waited, spun)| (waited.len(), spun.len()))
        });
    }
    Ok(())
}
