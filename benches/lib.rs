//! Rules for every benchmark: the best of several runs, or medians of works in turns, one JSON line each.
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

/// Work to be measured in turns with others: its name, and the work, which gives a number so that it is done.
pub struct Turn<'a> {
    peer: &'static str,
    work: String,
    run: Box<dyn FnMut() -> f64 + 'a>,
}

impl<'a> Turn<'a> {
    /// Work of this name.
    pub fn new(peer: &'static str, work: impl Into<String>, run: impl FnMut() -> f64 + 'a) -> Self {
        Self { peer, work: work.into(), run: Box::new(run) }
    }
}

/// Runs each work once in every round, so that whatever else the machine does befalls all of them alike, and prints the
/// median of each beside the least median of those of the peer `memory`: `"of_memory": 0.93`. The medians.
pub fn in_turns(rounds: usize, turns: &mut [Turn<'_>]) -> Vec<f64> {
    let mut seconds: Vec<Vec<f64>> = turns.iter().map(|_| Vec::with_capacity(rounds)).collect();
    let mut results = vec![f64::NAN; turns.len()];
    // The first round warms up.
    for round in 0..=rounds {
        for (number, turn) in turns.iter_mut().enumerate() {
            let start = Instant::now();
            results[number] = (turn.run)();
            if round > 0 {
                seconds[number].push(start.elapsed().as_secs_f64());
            }
        }
    }
    let medians: Vec<f64> = seconds.iter_mut().map(|seconds| median(seconds)).collect();
    let of_memory = turns.iter().zip(&medians).filter(|(turn, _)| turn.peer == "memory");
    let best = of_memory.map(|(_, &median)| median).fold(f64::NAN, f64::min);
    for ((turn, median), result) in turns.iter().zip(&medians).zip(&results) {
        let Turn { peer, work, .. } = turn;
        let of_memory = best / median;
        let ratio = if of_memory.is_nan() {
            String::new()
        } else {
            format!(", \"of_memory\": {of_memory:.3}")
        };
        println!(
            "{{\"peer\": {peer:?}, \"work\": {work:?}, \"seconds\": {median:.6}{ratio}, \"result\": \"{result}\"}}"
        );
    }
    medians
}

fn median(seconds: &mut [f64]) -> f64 {
    seconds.sort_by(f64::total_cmp);
    let middle = seconds.len() / 2;
    if seconds.len().is_multiple_of(2) && middle > 0 {
        (seconds[middle - 1] + seconds[middle]) / 2.0
    } else {
        seconds.get(middle).copied().unwrap_or(f64::NAN)
    }
}
