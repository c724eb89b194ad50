//! An observer that counts by itself, and what stands in the files that a recorder writes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use lazuli_core::{Event, Executor, Observer, Observers};
use lazuli_diagnostics::Recorder;
use serde_json::Value;

/// Counts tasks, their time in ns and their bytes.
#[derive(Default)]
pub(crate) struct Own(pub(crate) Mutex<Counts>);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) planned: usize,
    /// By name: how many have ended, and how long they took in all.
    pub(crate) tasks: BTreeMap<String, (u64, u64)>,
    pub(crate) bytes: u64,
}

impl Observer for Own {
    fn event(&self, event: &Event<'_>) {
        let mut counts = self.0.lock().unwrap();
        match event {
            Event::Planned(plan) => counts.planned += plan.runs(),
            Event::Finished(task, span) | Event::Failed(task, _, span) => {
                let entry = counts.tasks.entry(task.name.to_owned()).or_default();
                entry.0 += 1;
                entry.1 += span.end.duration_since(span.start).as_nanos() as u64;
            }
            Event::Loaded { bytes, .. } => counts.bytes += bytes,
            _ => {}
        }
    }
}

/// A recorder, an observer beside it, and an executor of two threads that both watch.
pub(crate) fn watched(recorder: Recorder) -> (Arc<Recorder>, Arc<Own>, Executor) {
    let (recorder, own) = (Arc::new(recorder), Arc::new(Own::default()));
    let both = Observers::new([Arc::clone(&recorder) as _, Arc::clone(&own) as _]);
    let executor = Executor::threaded(2).unwrap().with_observer(Arc::new(both));
    (recorder, own, executor)
}

/// The page of a report.
pub(crate) fn page(recorder: &Recorder) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.html");
    recorder.write_report(&path).unwrap();
    std::fs::read_to_string(path).unwrap()
}

/// What the page of a report holds.
pub(crate) fn record(recorder: &Recorder) -> Value {
    let page = page(recorder);
    let (_, record) = page.split_once("id=\"record\">").unwrap();
    serde_json::from_str(record.split_once("</script>").unwrap().0).unwrap()
}

/// The events of a trace.
pub(crate) fn trace(recorder: &Recorder) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trace.json");
    recorder.write_trace(&path).unwrap();
    let trace: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    trace["traceEvents"].as_array().unwrap().clone()
}

/// The sum of a column of numbers.
pub(crate) fn sum(column: &Value) -> u64 {
    column.as_array().unwrap().iter().map(|value| value.as_u64().unwrap()).sum()
}
