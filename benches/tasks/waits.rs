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

/// How long after a cancel a compute with plenty to do returns: its tasks spin a millisecond each, and
/// more of them would sleep for long.
fn cancelled(executor: &Executor) -> Duration {
    let token = CancelToken::new();
    let work =
        (awaiting(64, Duration::from_secs(60)), (0..1000).map(|_| busy()).collect::<Vec<_>>());
    std::thread::scope(|scope| {
        let cancels = scope.spawn(|| {
            sleep(Duration::from_millis(50));
            token.cancel();
            Instant::now()
        });
        let ended = executor.clone().with_cancel(&token).compute(&work);
        let returned = Instant::now();
        assert!(ended.is_err(), "it cannot have been done");
        returned - cancels.join().expect("cancelling does not panic")
    })
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
    let worst = (0..20).map(|_| cancelled(&executor)).max().unwrap_or_default();
    println!(
        "    a cancelled compute returns within {:.1} ms, at worst of 20",
        worst.as_secs_f64() * 1e3
    );
    Ok(())
}
