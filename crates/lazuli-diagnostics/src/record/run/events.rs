//! The events of a compute, as they are told by the threads that run its tasks.

use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

use lazuli_core::observer::{Beginning, Span, TaskInfo, Watch};
use lazuli_core::plan::Plan;
use lazuli_core::{Error, Event, Observer};

use super::{Failure, MOST_DRAWN, MOST_ERRORS, MOST_SOURCES, Planned, Run, SHARDS, since};
use crate::lock::Lock;
use crate::record::groups::{GroupId, Known};
use crate::record::held::Held;
use crate::record::shard::{Bar, Outcome, Shard, Underway};
use crate::record::short;

impl Run {
    fn shard(&self, worker: usize) -> &Lock<Shard> {
        &self.shards[worker % SHARDS]
    }

    fn group(&self, shard: &mut Shard, task: &TaskInfo<'_>) -> GroupId {
        let ask = || self.groups.lock().number(task.name, task.site, task.lane);
        shard.group(task.name, task.site, task.lane, ask)
    }

    fn plan(&self, plan: &Plan) {
        let (mut known, mut by_group, mut tasks) = (Known::default(), Vec::new(), 0);
        for task in plan.tasks().filter(|task| task.runs()) {
            let (name, site, lane) = (task.name(), task.site(), task.lane());
            let ask = || self.groups.lock().number(name, site, lane);
            let group = usize::from(known.number(name, site, lane, ask));
            if by_group.len() <= group {
                by_group.resize(group + 1, 0);
            }
            by_group[group] += 1;
            tasks += 1;
        }
        let small = tasks <= MOST_DRAWN;
        let planned = Planned {
            tasks,
            by_group,
            explanation: small.then(|| plan.explain()),
            picture: small.then(|| plan.to_svg()),
            held: Held::of(plan),
        };
        // A run has one plan.
        let _ = self.planned.set(planned);
        self.times.planned.store(since(self.epoch, Instant::now()), Relaxed);
    }

    fn held(&self, change: impl FnOnce(&Held, u64)) {
        if let Some(held) = self.planned.get().and_then(|planned| planned.held.as_ref()) {
            change(held, since(self.epoch, Instant::now()));
        }
    }

    fn started(&self, task: &TaskInfo<'_>) {
        self.held(|held, time| held.begun(task.index, time));
        if self.live {
            let mut shard = self.shard(task.worker).lock();
            let group = self.group(&mut shard, task);
            shard.begun(Underway {
                index: task.index as u32,
                worker: task.worker as u32,
                group,
                start: since(self.epoch, Instant::now()),
                part: task.part.map(short).map(Box::from),
            });
        }
    }

    fn ended(&self, task: &TaskInfo<'_>, span: &Span, outcome: Outcome) {
        let start = since(self.epoch, span.start);
        let took = since(span.start, span.end);
        let mut shard = self.shard(task.worker).lock();
        let group = self.group(&mut shard, task);
        let bytes = shard.loaded(task.index as u32);
        let (index, worker) = (task.index as u32, task.worker as u32);
        let bar = Bar { start, took, bytes, index, worker, group, outcome, part: None };
        shard.ended(bar, task.part, || self.room.take());
        drop(shard);
        self.held(|held, time| held.ended(task.index, time, outcome == Outcome::Done));
    }

    fn failed(&self, task: &TaskInfo<'_>, error: &Error, retried: bool) {
        let mut errors = self.errors.lock();
        errors.count += 1;
        if errors.kept.len() < MOST_ERRORS {
            errors.kept.push(Failure {
                task: Some(task.index as u32),
                name: short(task.name),
                part: task.part.map(short),
                site: task.site.to_string(),
                message: short(&chain(error)),
                retried,
            });
        }
    }

    fn loaded(&self, task: &TaskInfo<'_>, source: &str, bytes: u64) {
        // A future may load on another thread than the one where it ends: then its bytes are its source's alone.
        self.shard(task.worker).lock().load(task.index as u32, bytes);
        let mut sources = self.sources.lock();
        let sources = &mut *sources;
        let full = sources.bytes.len() >= MOST_SOURCES;
        let source = short(source);
        let (count, sum) = match sources.bytes.get_mut(&source) {
            Some(known) => (&mut known.0, &mut known.1),
            None if full => (&mut sources.others.0, &mut sources.others.1),
            None => {
                let known = sources.bytes.entry(source).or_default();
                (&mut known.0, &mut known.1)
            }
        };
        *count += 1;
        *sum += bytes;
    }
}

impl Observer for Run {
    fn event(&self, event: &Event<'_>) {
        match event {
            Event::Planned(plan) => self.plan(plan),
            Event::Started(task) => self.started(task),
            Event::Finished(task, span) => self.ended(task, span, Outcome::Done),
            Event::Failed(task, error, span) => {
                self.ended(task, span, Outcome::Failed);
                self.failed(task, error, false);
            }
            Event::Retried(task, error, span) => {
                self.ended(task, span, Outcome::Retried);
                self.failed(task, error, true);
            }
            Event::Loaded { task, source, bytes } => self.loaded(task, source, *bytes),
            Event::Spilled { bytes, .. } => {
                self.spilled.fetch_add(*bytes, Relaxed);
                self.held(|held, time| held.moved(-(*bytes as i64), time));
            }
            Event::Restored { bytes, .. } => {
                self.restored.fetch_add(*bytes, Relaxed);
                self.held(|held, time| held.moved(*bytes as i64, time));
            }
            _ => {}
        }
    }

    fn begin(&self, _: &Beginning) -> Watch {
        Watch::Here
    }

    fn end(&self, error: Option<&Error>) {
        self.errors.lock().end = error.map(|error| (error.kind(), short(&chain(error))));
        self.times.ended.store(since(self.epoch, Instant::now()).max(1), Relaxed);
    }
}

/// An error and what caused it, as text.
fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}
