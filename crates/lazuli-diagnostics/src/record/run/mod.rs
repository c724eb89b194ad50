//! One compute, recorded: what is known of it. `events` is the observer that fills it.

mod events;

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use crossbeam_utils::CachePadded;
use lazuli_core::observer::Beginning;
use lazuli_core::plan::Explanation;
use lazuli_core::{CancelToken, ErrorKind, Lane};

use super::Room;
use super::fold::Fold;
use super::groups::Groups;
use super::held::Held;
use super::shard::{Bar, LONGEST, Shard, Totals, Underway};
use crate::lock::Lock;

/// Workers share a shard only when there are more of them than this.
const SHARDS: usize = 32;
/// Errors and sources beyond these are counted.
const MOST_ERRORS: usize = 50;
const MOST_SOURCES: usize = 1000;
/// The plan of a run with more tasks is not drawn: planning the picture would cost more than some tasks do.
const MOST_DRAWN: usize = 20_000;

/// One compute.
pub(crate) struct Run {
    pub(crate) number: u64,
    epoch: Instant,
    pub(crate) threads: Option<usize>,
    pub(crate) memory_limit: Option<u64>,
    #[cfg_attr(not(feature = "dashboard"), expect(dead_code, reason = "only a dashboard cancels"))]
    cancel: CancelToken,
    room: Arc<Room>,
    /// Whether tasks under way are followed.
    live: bool,
    groups: Lock<Groups>,
    shards: Box<[CachePadded<Lock<Shard>>]>,
    planned: OnceLock<Planned>,
    pub(crate) times: Times,
    collected: Lock<Collected>,
    errors: Lock<Errors>,
    sources: Lock<Sources>,
    pub(crate) spilled: AtomicU64,
    pub(crate) restored: AtomicU64,
}

/// When a run reached what, in ns since the recorder was made; 0 where it has not.
pub(crate) struct Times {
    pub(crate) asked: u64,
    pub(crate) planned: AtomicU64,
    pub(crate) ended: AtomicU64,
}

/// What is known of a plan.
pub(crate) struct Planned {
    /// How many tasks run.
    pub(crate) tasks: usize,
    /// How many of them there are in each group.
    pub(crate) by_group: Vec<u64>,
    pub(crate) explanation: Option<Explanation>,
    pub(crate) picture: Option<String>,
    pub(crate) held: Option<Held>,
}

/// What was taken out of the shards.
#[derive(Default)]
pub(crate) struct Collected {
    pub(crate) bars: Vec<Bar>,
    /// When the last bar of each row of the async lane ended.
    rows: Vec<u64>,
}

/// A task that failed, or a run that did.
#[derive(Clone)]
pub(crate) struct Failure {
    pub(crate) task: Option<u32>,
    pub(crate) name: String,
    pub(crate) part: Option<String>,
    pub(crate) site: String,
    pub(crate) message: String,
    pub(crate) retried: bool,
}

#[derive(Clone, Default)]
pub(crate) struct Errors {
    pub(crate) kept: Vec<Failure>,
    pub(crate) count: u64,
    /// How the run ended, if it has no answer.
    pub(crate) end: Option<(ErrorKind, String)>,
}

/// What was loaded, by the name of the source.
#[derive(Clone, Default)]
pub(crate) struct Sources {
    pub(crate) bytes: BTreeMap<String, (u64, u64)>,
    pub(crate) others: (u64, u64),
}

impl Run {
    pub(super) fn new(
        number: u64,
        epoch: Instant,
        room: Arc<Room>,
        live: bool,
        compute: &Beginning,
    ) -> Self {
        Self {
            number,
            epoch,
            threads: compute.threads,
            memory_limit: compute.memory_limit,
            cancel: compute.cancel.clone(),
            room,
            live,
            groups: Lock::default(),
            shards: (0..SHARDS).map(|_| CachePadded::default()).collect(),
            planned: OnceLock::new(),
            times: Times {
                asked: since(epoch, Instant::now()),
                planned: AtomicU64::new(0),
                ended: AtomicU64::new(0),
            },
            collected: Lock::default(),
            errors: Lock::default(),
            sources: Lock::default(),
            spilled: AtomicU64::new(0),
            restored: AtomicU64::new(0),
        }
    }

    #[cfg(feature = "dashboard")]
    pub(crate) fn cancel(&self) {
        self.cancel.cancel();
    }

    pub(crate) fn is_over(&self) -> bool {
        self.times.ended.load(Relaxed) > 0
    }

    pub(crate) fn planned(&self) -> Option<&Planned> {
        self.planned.get()
    }

    pub(crate) fn groups(&self) -> Vec<super::groups::Group> {
        self.groups.lock().all.clone()
    }

    pub(crate) fn errors(&self) -> Errors {
        self.errors.lock().clone()
    }

    pub(crate) fn sources(&self) -> Sources {
        self.sources.lock().clone()
    }

    /// Figures of each group.
    pub(crate) fn totals(&self) -> Vec<Totals> {
        let mut all: Vec<Totals> = Vec::new();
        for shard in &self.shards {
            let shard = shard.lock();
            if all.len() < shard.totals.len() {
                all.resize(shard.totals.len(), Totals::default());
            }
            for (sum, part) in all.iter_mut().zip(&shard.totals) {
                sum.done += part.done;
                sum.failed += part.failed;
                sum.retried += part.retried;
                sum.busy += part.busy;
                sum.longest = sum.longest.max(part.longest);
                sum.bytes += part.bytes;
                sum.lane = part.lane;
            }
        }
        all
    }

    /// The longest tasks, and how many tasks were folded.
    pub(crate) fn longest(&self) -> (Vec<Bar>, u64) {
        let (mut longest, mut folded) = (Vec::new(), 0);
        for shard in &self.shards {
            let shard = shard.lock();
            longest.extend(shard.longest.iter().cloned());
            folded += shard.folded;
        }
        longest.sort_by_key(|bar| std::cmp::Reverse(bar.took));
        longest.truncate(LONGEST);
        (longest, folded)
    }

    pub(crate) fn fold(&self) -> Fold {
        let mut fold = Fold::default();
        self.shards.iter().for_each(|shard| fold.merge(shard.lock().fold.clone()));
        fold
    }

    pub(crate) fn underway(&self) -> Vec<Underway> {
        self.shards.iter().flat_map(|shard| shard.lock().underway.clone()).collect()
    }

    /// Takes bars out of the shards, and shows all that there are.
    pub(crate) fn with_bars<R>(&self, show: impl FnOnce(&[Bar]) -> R) -> R {
        let mut collected = self.collected.lock();
        for shard in &self.shards {
            let mut shard = shard.lock();
            let mut bars = std::mem::take(&mut shard.bars);
            let totals = &shard.totals;
            for bar in &mut bars {
                if is_async(totals[usize::from(bar.group)].lane) {
                    bar.worker = collected.row(bar);
                }
            }
            collected.bars.append(&mut bars);
        }
        show(&collected.bars)
    }

    /// How many bars it keeps, in its shards and out of them.
    pub(super) fn bars(&self) -> usize {
        self.with_bars(<[Bar]>::len)
    }
}

impl Collected {
    /// A row of the async lane that is free when the bar begins. Bars come in the order of their ends, or
    /// nearly.
    fn row(&mut self, bar: &Bar) -> u32 {
        let end = bar.start + bar.took;
        let free = self.rows.iter().position(|ended| *ended <= bar.start);
        let row = free.unwrap_or(self.rows.len());
        match self.rows.get_mut(row) {
            Some(ended) => *ended = end,
            None => self.rows.push(end),
        }
        row as u32
    }
}

fn since(epoch: Instant, time: Instant) -> u64 {
    u64::try_from(time.saturating_duration_since(epoch).as_nanos()).unwrap_or(u64::MAX)
}

/// Whether tasks of the lane hold no thread, so that many of one thread run at once.
pub(crate) fn is_async(lane: Lane) -> bool {
    !matches!(lane, Lane::Cpu | Lane::Blocking)
}
