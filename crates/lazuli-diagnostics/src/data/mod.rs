//! What was recorded, in the form in which the page takes it.

mod bars;
mod explanation;

use std::collections::BTreeMap;
use std::sync::atomic::Ordering::Relaxed;
use std::time::UNIX_EPOCH;

use lazuli_core::{ErrorKind, Lane};
use serde::Serialize;

pub(crate) use bars::Bars;
use explanation::ExplanationData;

use crate::record::Recorder;
use crate::record::run::{Failure, Run, Sources};
use crate::record::shard::Bar;

/// Sources beyond these are counted.
const MOST_SOURCES: usize = 100;

/// Everything but the tasks.
#[derive(Serialize)]
pub(crate) struct Overview {
    version: &'static str,
    /// When recording began, in ms since 1970.
    began: u64,
    /// How long ago that was, in ns.
    now: u64,
    command: Vec<String>,
    system: String,
    cores: usize,
    /// The numbers of all computes that are kept.
    numbers: Vec<u64>,
    /// Those that may have changed.
    runs: Vec<RunData>,
    forgotten: u64,
    /// Times in ns, bytes in memory, and busy cores in hundredths.
    process: Vec<(u64, u64, f32)>,
    notes: Vec<NoteData>,
}

#[derive(Serialize)]
struct NoteData {
    title: String,
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
    count: usize,
}

/// A compute.
#[derive(Serialize)]
pub(crate) struct RunData {
    number: u64,
    state: &'static str,
    error: Option<String>,
    threads: Option<usize>,
    memory_limit: Option<u64>,
    /// In ns since recording began; 0 where it has not happened.
    asked: u64,
    planned: u64,
    ended: u64,
    /// Tasks of the plan.
    tasks: Option<usize>,
    done: u64,
    failed: u64,
    retried: u64,
    /// Time that tasks took in all, in ns.
    busy: u64,
    loaded: u64,
    spilled: u64,
    restored: u64,
    /// Tasks that are shown one by one, and those that are folded.
    kept: usize,
    folded: u64,
    groups: Vec<GroupData>,
    explanation: Option<ExplanationData>,
    /// Bytes held over time, in pairs of ns and bytes.
    held: Vec<(u64, u64)>,
    peak: Option<u64>,
    slowest: Vec<TaskData>,
    underway: Vec<TaskData>,
    errors: Vec<FailureData>,
    error_count: u64,
    /// What was loaded: name, times, bytes; the rest in one line.
    sources: Vec<SourceData>,
    other_sources: (usize, u64, u64),
    has_picture: bool,
}

/// A name, how often it was loaded, and its bytes.
type SourceData = (String, u64, u64);

#[derive(Serialize)]
struct GroupData {
    name: String,
    site: String,
    lane: &'static str,
    tasks: u64,
    done: u64,
    failed: u64,
    retried: u64,
    busy: u64,
    longest: u64,
    loaded: u64,
}

#[derive(Serialize)]
struct TaskData {
    index: u32,
    group: u16,
    part: Option<String>,
    worker: u32,
    start: u64,
    took: u64,
    bytes: u64,
}

#[derive(Serialize)]
struct FailureData {
    task: Option<u32>,
    name: String,
    part: Option<String>,
    site: String,
    message: String,
    retried: bool,
}

/// Everything: the content of a report.
#[derive(Serialize)]
pub(crate) struct Record {
    overview: Overview,
    /// By the number of the compute.
    bars: BTreeMap<u64, Bars>,
    pictures: BTreeMap<u64, String>,
}

impl Recorder {
    /// How long ago recording began, in ns.
    pub(crate) fn now(&self) -> u64 {
        u64::try_from(self.epoch.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// All computes, or those that have not ended before this time.
    pub(crate) fn overview(&self, since: Option<u64>) -> Overview {
        let (runs, forgotten) = self.runs();
        let began = self.began.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let looks = self.process.looks();
        let notes = self.notes().into_iter().map(|note| NoteData {
            title: note.title,
            columns: note.columns,
            rows: note.rows,
            count: note.count,
        });
        // Some slack, since the end of a compute is noted a little after its time.
        let slack = 1_000_000_000;
        let changed = |run: &&std::sync::Arc<Run>| {
            let ended = run.times.ended.load(Relaxed);
            ended == 0 || since.is_none_or(|since| ended + slack >= since)
        };
        Overview {
            version: env!("CARGO_PKG_VERSION"),
            began: u64::try_from(began).unwrap_or(u64::MAX),
            now: self.now(),
            command: command(),
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            numbers: runs.iter().map(|run| run.number).collect(),
            runs: runs.iter().filter(changed).map(|run| RunData::of(run)).collect(),
            forgotten,
            process: looks.iter().map(|look| (look.time, look.memory, look.cpu)).collect(),
            notes: notes.collect(),
        }
    }

    pub(crate) fn record(&self) -> Record {
        let (runs, _) = self.runs();
        let picture = |run: &Run| Some((run.number, run.planned()?.picture.clone()?));
        Record {
            bars: runs.iter().map(|run| (run.number, Bars::of(run, 0))).collect(),
            pictures: runs.iter().filter_map(|run| picture(run)).collect(),
            overview: self.overview(None),
        }
    }
}

/// The program's arguments, without its folder.
fn command() -> Vec<String> {
    let mut arguments = std::env::args_os().map(|argument| argument.to_string_lossy().into_owned());
    let program = arguments.next().unwrap_or_default();
    let name = program.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
    std::iter::once(name).chain(arguments.map(|argument| crate::record::short(&argument))).collect()
}

impl RunData {
    fn of(run: &Run) -> Self {
        let (planned, errors) = (run.planned(), run.errors());
        // Before the groups, which a run that goes on may get more of: so every task has its group.
        let ((slowest, folded), under_way) = (run.longest(), underway(run));
        let totals = run.totals();
        let by_group = planned.map(|planned| &planned.by_group);
        let groups: Vec<GroupData> = run
            .groups()
            .into_iter()
            .enumerate()
            .map(|(number, group)| {
                let total = totals.get(number).copied().unwrap_or_default();
                GroupData {
                    name: group.name,
                    site: group.site,
                    lane: lane(group.lane),
                    tasks: by_group.and_then(|by| by.get(number).copied()).unwrap_or(0),
                    done: total.done,
                    failed: total.failed,
                    retried: total.retried,
                    busy: total.busy,
                    longest: total.longest,
                    loaded: total.bytes,
                }
            })
            .collect();
        let sum = |figure: fn(&GroupData) -> u64| groups.iter().map(figure).sum();
        let (held, peak) = match planned.and_then(|planned| planned.held.as_ref()) {
            Some(held) => {
                let (points, most) = held.series();
                (points, Some(most))
            }
            None => (Vec::new(), None),
        };
        let sources = run.sources();
        let loaded = sources.bytes.values().map(|source| source.1).sum::<u64>() + sources.others.1;
        let (sources, other_sources) = most_read(sources);
        Self {
            number: run.number,
            state: state(run, errors.end.as_ref().map(|(kind, _)| *kind)),
            error: errors.end.map(|(_, text)| text),
            threads: run.threads,
            memory_limit: run.memory_limit,
            asked: run.times.asked,
            planned: run.times.planned.load(Relaxed),
            ended: run.times.ended.load(Relaxed),
            tasks: planned.map(|planned| planned.tasks),
            done: sum(|group| group.done),
            failed: sum(|group| group.failed),
            retried: sum(|group| group.retried),
            busy: sum(|group| group.busy),
            loaded,
            spilled: run.spilled.load(Relaxed),
            restored: run.restored.load(Relaxed),
            kept: run.with_bars(<[Bar]>::len),
            folded,
            explanation: planned.and_then(|planned| planned.explanation.as_ref()).map(Into::into),
            held,
            peak,
            slowest: slowest.into_iter().map(Into::into).collect(),
            underway: under_way,
            errors: errors.kept.into_iter().map(Into::into).collect(),
            error_count: errors.count,
            sources,
            other_sources,
            has_picture: planned.is_some_and(|planned| planned.picture.is_some()),
            groups,
        }
    }
}

fn state(run: &Run, end: Option<ErrorKind>) -> &'static str {
    match end {
        Some(ErrorKind::Cancelled) => "cancelled",
        Some(_) => "failed",
        None if run.is_over() => "done",
        None if run.planned().is_some() => "running",
        None => "planning",
    }
}

fn lane(lane: Lane) -> &'static str {
    match lane {
        Lane::Cpu => "cpu",
        Lane::Blocking => "blocking",
        _ => "async",
    }
}

/// The sources with the most bytes, and the others in one.
fn most_read(sources: Sources) -> (Vec<SourceData>, (usize, u64, u64)) {
    let mut all: Vec<SourceData> =
        sources.bytes.into_iter().map(|(name, (count, bytes))| (name, count, bytes)).collect();
    all.sort_by(|one, other| other.2.cmp(&one.2).then_with(|| one.0.cmp(&other.0)));
    let (mut count, mut loads, mut bytes) = (0, sources.others.0, sources.others.1);
    for (_, other_loads, other_bytes) in all.drain(MOST_SOURCES.min(all.len())..) {
        (count, loads, bytes) = (count + 1, loads + other_loads, bytes + other_bytes);
    }
    (all, (count, loads, bytes))
}

fn underway(run: &Run) -> Vec<TaskData> {
    let mut tasks: Vec<TaskData> = run
        .underway()
        .into_iter()
        .map(|task| TaskData {
            index: task.index,
            group: task.group,
            part: task.part.map(String::from),
            worker: task.worker,
            start: task.start,
            took: 0,
            bytes: 0,
        })
        .collect();
    tasks.sort_by_key(|task| (task.worker, task.start));
    tasks
}

impl From<Bar> for TaskData {
    fn from(bar: Bar) -> Self {
        Self {
            index: bar.index,
            group: bar.group,
            part: bar.part.map(String::from),
            worker: bar.worker,
            start: bar.start,
            took: bar.took,
            bytes: bar.bytes,
        }
    }
}

impl From<Failure> for FailureData {
    fn from(failure: Failure) -> Self {
        let Failure { task, name, part, site, message, retried } = failure;
        Self { task, name, part, site, message, retried }
    }
}
