//! However many tasks there are, the record takes bounded room, says so, and counts right.

use lazuli_core::{Delayed, Executor, sum};
use lazuli_diagnostics::Recorder;

use crate::support::{page, record, sum as total, trace, watched};

fn many(tasks: i64) -> Delayed<i64> {
    sum((0..tasks).map(|i| Delayed::value(i).map_named("one", |i| i + 1)))
}

#[test]
fn tasks_beyond_the_room_are_folded_and_counted() {
    let (recorder, own, executor) = watched(Recorder::with_room(1000));
    assert_eq!(executor.compute(many(20_000)).unwrap(), 20_000 * 20_001 / 2);
    let counts = own.0.lock().unwrap().clone();
    let record = record(&recorder);
    let run = &record["overview"]["runs"][0];
    let (kept, folded) = (run["kept"].as_u64().unwrap(), run["folded"].as_u64().unwrap());
    assert_eq!((kept <= 1000, kept + folded), (true, counts.planned as u64));
    let bars = &record["bars"]["0"];
    assert_eq!(total(&bars["fold"]["count"]), folded);
    let busy: u64 = counts.tasks.values().map(|task| task.1).sum();
    assert_eq!(total(&bars["took"]) + total(&bars["fold"]["busy"]), busy);
    // The longest of all are there, folded or not.
    let longest =
        run["groups"].as_array().unwrap().iter().map(|group| group["longest"].as_u64().unwrap());
    assert_eq!(run["slowest"][0]["took"].as_u64(), longest.max());
    let counted: u64 = trace(&recorder)
        .iter()
        .filter(|event| event["ph"] == "X")
        .map(|event| event["args"]["tasks"].as_u64().unwrap_or(1))
        .sum();
    assert_eq!(counted, counts.planned as u64);
}

/// Four times the tasks take no more room in the file, once there are more than are kept.
#[test]
fn a_file_does_not_grow_with_the_tasks() {
    let size = |tasks: i64| {
        let (recorder, _, executor) = watched(Recorder::with_room(500));
        executor.compute(many(tasks)).unwrap();
        page(&recorder).len()
    };
    let (small, large) = (size(30_000), size(120_000));
    assert!(large < small + small / 2, "{small} bytes, then {large}");
}

/// A program that computes without end keeps the latest, and gives the room of the oldest to them.
#[test]
fn old_computes_are_forgotten() {
    let (recorder, _, executor) = watched(Recorder::with_room(64 * 256));
    for _ in 0..200 {
        executor.compute(many(10)).unwrap();
    }
    let record = record(&recorder);
    let runs = record["overview"]["runs"].as_array().unwrap();
    assert_eq!((runs.len(), record["overview"]["forgotten"].as_u64()), (64, Some(136)));
    assert_eq!(runs.last().unwrap()["number"], 199);
}

/// On the calling thread alone, tasks are recorded as well.
#[test]
fn the_sequential_executor_is_recorded() {
    let recorder = std::sync::Arc::new(Recorder::new());
    let executor = Executor::sync().with_observer(std::sync::Arc::clone(&recorder) as _);
    executor.compute(many(100)).unwrap();
    let record = record(&recorder);
    let run = &record["overview"]["runs"][0];
    assert_eq!((run["threads"].as_u64(), run["tasks"].clone()), (Some(1), run["done"].clone()));
}
