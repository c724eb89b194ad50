//! Work in the background: how far it is, what depends on it meanwhile, and ending it early.

use std::thread;
use std::time::Duration;

use lazuli::ErrorKind;
use lazuli::core::sum;
use lazuli::prelude::*;

#[delayed(blocking)]
fn fetch(page: u64) -> u64 {
    thread::sleep(Duration::from_millis(2));
    page * page
}

/// Fetches in the background, then ends two computes before they are done.
pub fn main() -> lazuli::Result<()> {
    let total = sum((0..100).map(fetch));

    // Starts at once; this thread goes on. More can be built on what is not there yet.
    let running = start(&total);
    let average = running.handles() / 100;
    while !running.is_done() {
        println!("{}", running.progress());
        thread::sleep(Duration::from_millis(2));
    }
    assert_eq!(running.wait()?, 328_350);
    assert_eq!(compute(average)?, 3283); // nothing was fetched again

    // A token ends whatever has it: here from another thread, soon after the start.
    let token = CancelToken::new();
    let cancels = token.clone();
    let other = thread::spawn(move || {
        thread::sleep(Duration::from_millis(5));
        cancels.cancel();
    });
    let error = Executor::shared().with_cancel(&token).compute(sum((0..100_000).map(fetch)));
    assert_eq!(error.map_err(|error| error.kind()), Err(ErrorKind::Cancelled));
    other.join().expect("it does not panic");

    // So does the clock.
    let impatient = Executor::shared().with_timeout(Duration::from_millis(5));
    let error = impatient.compute(sum((0..100_000).map(fetch)));
    println!("{}", error.as_ref().expect_err("there is not enough time"));
    assert_eq!(error.map_err(|error| error.kind()), Err(ErrorKind::Deadline));
    Ok(())
}
