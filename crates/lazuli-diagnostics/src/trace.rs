//! A trace of what was recorded, for Perfetto, `chrome://tracing` and Speedscope: the JSON of Chrome's trace
//! events, a track for each worker and lane.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::file::{self, WriteError};
use crate::record::Recorder;
use crate::record::groups::Group;
use crate::record::run::{Run, is_async};
use crate::record::shard::{Bar, Outcome};

/// Tracks of the async lane are numbered from here, a thousand for each compute.
const ASYNC_TRACKS: u64 = 1 << 20;

impl Recorder {
    /// Writes a trace of the computes so far, to be opened in Perfetto or `chrome://tracing`. The file appears
    /// whole or not at all.
    ///
    /// A track is a worker on a lane; tasks of the async lane hold no worker, and have tracks of their own.
    /// Times are in µs since the recorder was made.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use lazuli_core::{Delayed, Executor};
    /// use lazuli_diagnostics::Recorder;
    ///
    /// let recorder = Arc::new(Recorder::new());
    /// let executor = Executor::shared().with_observer(Arc::clone(&recorder) as _);
    /// executor.compute(Delayed::value(2).map_named("double", |x| 2 * x))?;
    /// # let folder = tempfile::tempdir()?;
    /// recorder.write_trace(folder.path().join("trace.json"))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write_trace(&self, path: impl AsRef<Path>) -> Result<(), WriteError> {
        file::replace(path.as_ref(), |out| Trace::default().write(self, out))
    }
}

/// A trace that is being written.
#[derive(Default)]
struct Trace {
    tracks: BTreeMap<u64, String>,
    any: bool,
}

impl Trace {
    fn write(mut self, recorder: &Recorder, out: &mut dyn Write) -> io::Result<()> {
        let (runs, forgotten) = recorder.runs();
        let other = json!({ "program": "lazuli", "version": env!("CARGO_PKG_VERSION"), "forgotten_computes": forgotten });
        write!(out, "{{\"displayTimeUnit\":\"ms\",\"otherData\":{other},\"traceEvents\":[")?;
        for run in &runs {
            self.run(run, out)?;
        }
        for (track, name) in std::mem::take(&mut self.tracks) {
            let named = |event, arguments| json!({ "ph": "M", "pid": 1, "tid": track, "name": event, "args": arguments });
            self.event(out, &named("thread_name", json!({ "name": name })))?;
            self.event(out, &named("thread_sort_index", json!({ "sort_index": track })))?;
        }
        self.event(
            out,
            &json!({ "ph": "M", "pid": 1, "name": "process_name", "args": { "name": "lazuli" } }),
        )?;
        for look in recorder.process.looks() {
            let arguments = json!({ "bytes": look.memory });
            self.event(out, &json!({ "ph": "C", "pid": 1, "name": "memory of the process", "ts": micros(look.time), "args": arguments }))?;
        }
        out.write_all(b"\n]}\n")
    }

    fn event(&mut self, out: &mut dyn Write, event: &Value) -> io::Result<()> {
        out.write_all(if std::mem::replace(&mut self.any, true) { b",\n" } else { b"\n" })?;
        serde_json::to_writer(&mut *out, event)?;
        Ok(())
    }

    fn run(&mut self, run: &Run, out: &mut dyn Write) -> io::Result<()> {
        run.with_bars(|bars| {
            // Asked for after the bars: a run that goes on may have got new ones.
            let groups = run.groups();
            bars.iter().try_for_each(|bar| {
                let track = self.track(run, bar.worker, &groups[usize::from(bar.group)]);
                self.event(out, &complete(run, bar, &groups, track))
            })
        })?;
        let fold = run.fold();
        let groups = run.groups();
        // Folded tasks of a bucket stand one behind the other.
        let mut place = (0, 0, 0);
        for (key, cell) in fold.cells() {
            let group = &groups[usize::from(key.group)];
            let track = self.track(run, key.worker, group);
            let begin = u64::from(key.bucket) << fold.shift;
            if (place.0, place.1) != (key.worker, key.bucket) {
                place = (key.worker, key.bucket, begin);
            }
            let arguments = json!({ "compute": run.number, "tasks": cell.count, "bytes": cell.bytes, "folded": true });
            self.event(
                out,
                &json!({
                    "ph": "X", "pid": 1, "tid": track, "name": group.name, "cat": "folded",
                    "ts": micros(place.2), "dur": micros(cell.busy), "args": arguments,
                }),
            )?;
            place.2 += cell.busy;
        }
        if let Some(held) = run.planned().and_then(|planned| planned.held.as_ref()) {
            let name = format!("bytes held by compute {}", run.number);
            for (time, bytes) in held.series().0 {
                self.event(out, &json!({ "ph": "C", "pid": 1, "name": name, "ts": micros(time), "args": { "bytes": bytes } }))?;
            }
        }
        Ok(())
    }

    fn track(&mut self, run: &Run, worker: u32, group: &Group) -> u64 {
        let lane = lane_number(group);
        let (track, name) = if is_async(group.lane) {
            let track = ASYNC_TRACKS + run.number * 1000 + u64::from(worker);
            (track, format!("async {worker} of compute {}", run.number))
        } else {
            let name = if lane == 0 { "worker" } else { "blocking" };
            (u64::from(worker) * 2 + lane, format!("{name} {worker}"))
        };
        self.tracks.entry(track).or_insert(name);
        track
    }
}

fn lane_number(group: &Group) -> u64 {
    u64::from(group.lane != lazuli_core::Lane::Cpu)
}

fn complete(run: &Run, bar: &Bar, groups: &[Group], track: u64) -> Value {
    let group = &groups[usize::from(bar.group)];
    let mut arguments = Map::new();
    let mut say = |key: &str, value: Value| arguments.insert(key.to_owned(), value);
    say("compute", run.number.into());
    say("task", bar.index.into());
    say("defined", group.site.as_str().into());
    if let Some(part) = &bar.part {
        say("part", (**part).into());
    }
    if bar.bytes > 0 {
        say("bytes", bar.bytes.into());
    }
    let colour = match bar.outcome {
        Outcome::Done => None,
        Outcome::Failed => Some(("failed", "terrible")),
        Outcome::Retried => Some(("retried", "bad")),
    };
    if let Some((outcome, _)) = colour {
        say("outcome", outcome.into());
    }
    let mut event = json!({
        "ph": "X", "pid": 1, "tid": track, "name": group.name, "cat": "task",
        "ts": micros(bar.start), "dur": micros(bar.took), "args": arguments,
    });
    if let Some((_, colour)) = colour {
        event["cname"] = colour.into();
    }
    event
}

/// Chrome's traces count in µs.
fn micros(nanos: u64) -> f64 {
    nanos as f64 / 1000.0
}
