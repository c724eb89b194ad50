//! What a pending task takes: nodes, plan and state of a tree, from the peak of the process.

use std::fs;

use lazuli::prelude::*;

use crate::tree::{TASKS, tree};

pub(crate) fn run() -> lazuli::Result<()> {
    let executor = Executor::threaded(2)?;
    executor.compute(Delayed::value(1_i64))?;
    let Some(before) = reset_peak() else {
        println!("    memory a task: not measured, for want of /proc/self/clear_refs");
        return Ok(());
    };
    executor.compute(tree())?;
    let bytes = status("VmHWM:").unwrap_or(before) - before;
    println!(
        "    {:.0} bytes a task at the peak: node, closure, plan, state and value of 2^21 - 1 tasks, and \
         the caller's vectors of handles",
        bytes as f64 / TASKS
    );
    Ok(())
}

/// Makes what is resident now the peak, and says how many bytes that is. Linux only.
fn reset_peak() -> Option<u64> {
    fs::write("/proc/self/clear_refs", "5").ok()?;
    status("VmRSS:")
}

fn status(name: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with(name))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}
