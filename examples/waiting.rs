//! Twenty calls that wait 0.2 s each, at once: a blocking task holds no core while it waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use lazuli::prelude::*;

/// How many calls are waiting, and the most that ever were.
#[derive(Default)]
struct Waiting {
    now: AtomicUsize,
    most: AtomicUsize,
}

#[delayed(blocking)]
fn answer_slowly(call: usize, waiting: &Arc<Waiting>) -> usize {
    let now = waiting.now.fetch_add(1, Relaxed) + 1;
    waiting.most.fetch_max(now, Relaxed);
    thread::sleep(Duration::from_millis(200));
    waiting.now.fetch_sub(1, Relaxed);
    call
}

/// Makes the calls on an executor with a single thread, where computing tasks would take turns.
pub fn main() -> lazuli::Result<()> {
    let waiting = Arc::new(Waiting::default());
    let calls: Vec<_> = (0..20).map(|call| answer_slowly(call, Arc::clone(&waiting))).collect();

    let executor = Executor::threaded(1)?;
    let start = Instant::now();
    let answers = executor.compute(calls)?;
    let (most, elapsed) = (waiting.most.load(Relaxed), start.elapsed());
    println!("20 calls of 0.2 s on one thread: {most} waited at once, {elapsed:.1?} in all");
    assert_eq!(answers, Vec::from_iter(0..20));
    assert!(most > 1, "the calls waited one after the other");
    Ok(())
}
