//! A `Running` in a thread-local of the main thread: when `main` returns, the process ends well.
//!
//! The test harness runs its tests on other threads, so this program has a `main` of its own. It runs
//! itself once more, as the process of the scenario.

#[path = "support/process.rs"]
mod process;

use std::cell::RefCell;
use std::time::Duration;

use lazuli_core::{Delayed, Running, start, task};

thread_local! {
    static MINE: RefCell<Option<Running<Delayed<i32>>>> = const { RefCell::new(None) };
}

fn main() {
    if process::is_own_process() {
        let slow = task("slow").call((), |()| {
            std::thread::sleep(Duration::from_millis(200));
            1
        });
        // Made before anything that the core has on this thread, it is destroyed after all of that.
        MINE.with_borrow_mut(|mine| *mine = Some(start(slow)));
        println!("main returns");
        return;
    }
    let (status, output) = process::run("main_returns", &[], &[]);
    assert!(status.success(), "it ends with {status}:\n{output}");
    assert_eq!(output, "main returns\n");
    println!("main returns: ok");
}
