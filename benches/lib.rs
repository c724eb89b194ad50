//! One rule for every benchmark: the best of several runs, one JSON line each.
//!
//! `{"peer": "lazuli", "work": "mean,std", "seconds": 0.07, "result": [3.0, 2.0]}`. Times are of use beside
//! those of another program in the same hour on the same machine, not by themselves.

use std::fmt::Debug;
use std::time::Instant;

/// Runs the work `repeat` times, and prints the least time and the result. The seconds of the best.
pub fn measure<R: Debug>(peer: &str, work: &str, repeat: usize, mut run: impl FnMut() -> R) -> f64 {
    let mut best = f64::INFINITY;
    let mut result = String::new();
    for _ in 0..repeat {
        let start = Instant::now();
        let found = run();
        best = best.min(start.elapsed().as_secs_f64());
        result = format!("{found:?}");
    }
    let result: String = result.chars().take(100).collect();
    println!(
        "{{\"peer\": {peer:?}, \"work\": {work:?}, \"seconds\": {best:.6}, \"result\": {result:?}}}"
    );
    best
}
