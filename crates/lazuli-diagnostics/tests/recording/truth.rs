//! Tasks equal the plan's, the bars' sum equals the time that tasks took, bytes equal those of the files.

use std::fs;

use lazuli_core::executor::TaskContext;
use lazuli_core::{Delayed, Error, ErrorKind, task, tree_reduce};
use lazuli_diagnostics::Recorder;
use serde_json::Value;

use crate::support::{record, sum, trace, watched};

/// Reads files, and adds their lengths.
fn reading(paths: &[std::path::PathBuf]) -> Delayed<u64> {
    let parts = paths.iter().cloned().map(|path| {
        task("read").part(path.display().to_string()).output_bytes(1000).try_call(
            task::reporter(),
            move |context: &TaskContext<'_>| -> std::io::Result<u64> {
                let text = fs::read(&path)?;
                context.loaded(path.display(), text.len() as u64);
                Ok(text.len() as u64)
            },
        )
    });
    tree_reduce(parts.collect::<Vec<_>>(), 4, |a, b| a + b).unwrap()
}

#[test]
fn the_record_is_what_another_observer_sees() {
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<_> = (0..40).map(|file| folder.path().join(format!("{file}.csv"))).collect();
    for (size, path) in paths.iter().enumerate() {
        fs::write(path, vec![b'x'; 1000 + 37 * size]).unwrap();
    }
    let sizes: u64 = paths.iter().map(|path| fs::metadata(path).unwrap().len()).sum();
    let (recorder, own, executor) = watched(Recorder::new());
    assert_eq!(executor.compute(reading(&paths)).unwrap(), sizes);
    let counts = own.0.lock().unwrap().clone();

    let record = record(&recorder);
    let run = &record["overview"]["runs"][0];
    assert_eq!(
        (run["tasks"].as_u64(), run["state"].as_str()),
        (Some(counts.planned as u64), Some("done"))
    );
    assert_eq!(run["loaded"].as_u64(), Some(sizes));
    assert_eq!(counts.bytes, sizes);
    let groups = run["groups"].as_array().unwrap();
    for group in groups {
        let expected = counts.tasks[group["name"].as_str().unwrap()];
        assert_eq!((group["done"].as_u64().unwrap(), group["busy"].as_u64().unwrap()), expected);
        assert_eq!(group["tasks"], group["done"]);
    }
    assert_eq!(groups.len(), counts.tasks.len());
    let busy: u64 = counts.tasks.values().map(|task| task.1).sum();
    let bars = &record["bars"]["0"];
    assert_eq!((sum(&bars["took"]), sum(&bars["bytes"])), (busy, sizes));
    assert_eq!(bars["start"].as_array().unwrap().len(), counts.planned);
    // On one worker no task begins before the one before it has ended, so that is how long workers were busy.
    let mut ends = std::collections::HashMap::new();
    let column = |name: &str, bar: usize| bars[name][bar].as_u64().unwrap();
    let mut order: Vec<usize> = (0..counts.planned).collect();
    order.sort_by_key(|&bar| column("start", bar));
    for bar in order {
        let end = ends.entry(column("worker", bar)).or_insert(0);
        assert!(column("start", bar) >= *end, "bars of a worker overlap");
        *end = column("start", bar) + column("took", bar);
    }

    let events = trace(&recorder);
    let tasks: Vec<&Value> = events.iter().filter(|event| event["ph"] == "X").collect();
    assert_eq!(tasks.len(), counts.planned);
    let micros: f64 = tasks.iter().map(|event| event["dur"].as_f64().unwrap()).sum();
    assert_eq!((micros * 1000.0).round() as u64, busy);
    let tracks: std::collections::BTreeSet<u64> =
        tasks.iter().map(|event| event["tid"].as_u64().unwrap()).collect();
    for track in tracks {
        let named = |event: &&Value| event["name"] == "thread_name" && event["tid"] == track;
        assert_eq!(events.iter().filter(named).count(), 1, "track {track} has a name");
    }
}

/// What is held is followed from the sizes that tasks say, to the last use.
#[test]
fn bytes_held_rise_and_fall() {
    let (recorder, _, executor) = watched(Recorder::new());
    let load =
        |part: i64| task("load").output_bytes(100).working_bytes(50).call((), move |()| part);
    let halves = task("split").call_many(2, &load(1), |x: &i64| vec![*x, *x]);
    let both = load(2) + load(3) + &halves[0] + &halves[1];
    assert_eq!(executor.compute(both).unwrap(), 7);
    let record = record(&recorder);
    let run = &record["overview"]["runs"][0];
    let held = run["held"].as_array().unwrap();
    assert_eq!(held.last().unwrap()[1].as_u64(), Some(0), "{held:?}");
    let peak = run["peak"].as_u64().unwrap();
    assert!((150..=450).contains(&peak), "{peak}");
}

/// The outputs of a compute are held until it hands them over.
#[test]
fn what_is_asked_for_is_held_at_the_end() {
    let (recorder, _, executor) = watched(Recorder::new());
    let value = task("load").output_bytes(100).call((), |()| 1_i64);
    assert_eq!(executor.compute((&value + 1, &value)).unwrap(), (2, 1));
    let record = record(&recorder);
    assert_eq!(record["overview"]["runs"][0]["held"].as_array().unwrap().last().unwrap()[1], 100);
}

#[test]
fn a_failure_is_shown_with_its_task() {
    let (recorder, _, executor) = watched(Recorder::new());
    let wrong = task("parse").part("a.csv").try_call((), |()| "x1".parse::<i64>());
    let error = executor.compute(wrong.map_named("after", |x| x + 1)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Task);
    let record = record(&recorder);
    let run = &record["overview"]["runs"][0];
    assert_eq!(
        (run["state"].as_str(), run["failed"].as_u64(), run["done"].as_u64()),
        (Some("failed"), Some(1), Some(0))
    );
    let failure = &run["errors"][0];
    assert_eq!(
        (failure["name"].as_str(), failure["part"].as_str()),
        (Some("parse"), Some("a.csv"))
    );
    assert!(failure["message"].as_str().unwrap().contains("invalid digit"), "{failure}");
    assert!(failure["site"].as_str().unwrap().contains("truth.rs"), "{failure}");
    let failed =
        trace(&recorder).iter().filter(|event| event["args"]["outcome"] == "failed").count();
    assert_eq!(failed, 1);
}

/// What cannot be planned is a compute, too, and it is over.
#[test]
fn a_compute_that_is_refused_is_shown() {
    let (recorder, _, executor) = watched(Recorder::new());
    let large = task("load").output_bytes(1000).call((), |()| 1_i64);
    let refused: Error = executor.with_memory_limit(10).compute(large + 1).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Memory);
    let record = record(&recorder);
    let run = &record["overview"]["runs"][0];
    assert_eq!((run["state"].as_str(), run["tasks"].as_u64()), (Some("failed"), None));
    assert!(run["error"].as_str().unwrap().contains("load"), "{run}");
    assert!(run["ended"].as_u64().unwrap() > 0);
}

/// Computes at the same time do not mix.
#[test]
fn each_compute_has_its_own_record() {
    let (recorder, _, executor) = watched(Recorder::new());
    std::thread::scope(|scope| {
        for size in 1..=8_i64 {
            let executor = &executor;
            scope.spawn(move || {
                let parts = (0..size * 10).map(|i| Delayed::value(i).map_named("part", |i| *i));
                executor.compute(parts.collect::<Vec<_>>()).unwrap();
            });
        }
    });
    let record = record(&recorder);
    let mut tasks: Vec<u64> = Vec::new();
    for run in record["overview"]["runs"].as_array().unwrap() {
        assert_eq!(run["tasks"], run["done"]);
        let bars = &record["bars"][run["number"].to_string()];
        assert_eq!(bars["start"].as_array().unwrap().len() as u64, run["done"].as_u64().unwrap());
        tasks.push(run["done"].as_u64().unwrap());
    }
    tasks.sort_unstable();
    assert_eq!(tasks, [10, 20, 30, 40, 50, 60, 70, 80]);
}
