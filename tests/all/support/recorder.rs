//! An observer that keeps what it sees.

use std::panic::Location;
use std::sync::{Arc, Mutex};

use lazuli::core::observer::TaskInfo;
use lazuli::core::{Event, Executor, Lane, Observer};

/// An event, owned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) kind: Kind,
    /// The task it is about.
    pub(crate) task: Option<SeenTask>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Planned { tasks: usize },
    Started,
    Finished,
    Failed { message: String },
    Retried,
    Loaded { source: String, bytes: u64 },
    Ended,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SeenTask {
    pub(crate) index: usize,
    pub(crate) name: String,
    pub(crate) part: Option<String>,
    pub(crate) site: &'static Location<'static>,
    pub(crate) lane: Lane,
}

/// Records the events of the computes it watches, in the order in which they arrive.
#[derive(Default)]
pub(crate) struct Recorder(Mutex<Vec<Seen>>);

impl Recorder {
    /// A recorder, and the executor with it as observer.
    pub(crate) fn watch(executor: &Executor) -> (Arc<Self>, Executor) {
        let recorder = Arc::new(Self::default());
        let watched = executor.clone().with_observer(Arc::clone(&recorder) as Arc<dyn Observer>);
        (recorder, watched)
    }

    /// What was seen since the last call.
    pub(crate) fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut self.0.lock().expect("recording does not panic"))
    }

    /// What was loaded since the last call, and its size, sorted.
    pub(crate) fn take_loads(&self) -> Vec<(String, u64)> {
        let loads = self.take().into_iter().filter_map(|seen| match seen.kind {
            Kind::Loaded { source, bytes } => Some((source, bytes)),
            _ => None,
        });
        let mut loads: Vec<_> = loads.collect();
        loads.sort();
        loads
    }
}

impl Observer for Recorder {
    fn event(&self, event: &Event<'_>) {
        let (kind, task) = match event {
            Event::Planned(plan) => (Kind::Planned { tasks: plan.tasks().len() }, None),
            Event::Started(task) => (Kind::Started, Some(task)),
            Event::Finished(task, _) => (Kind::Finished, Some(task)),
            Event::Failed(task, error, _) => {
                (Kind::Failed { message: error.to_string() }, Some(task))
            }
            Event::Retried(task, ..) => (Kind::Retried, Some(task)),
            Event::Loaded { task, source, bytes } => {
                let source = (*source).to_owned();
                (Kind::Loaded { source, bytes: *bytes }, Some(task))
            }
            Event::Ended => (Kind::Ended, None),
            other => panic!("an event that the tests do not know: {other:?}"),
        };
        let seen = Seen { kind, task: task.map(own) };
        self.0.lock().expect("recording does not panic").push(seen);
    }
}

fn own(task: &TaskInfo<'_>) -> SeenTask {
    SeenTask {
        index: task.index,
        name: task.name.to_owned(),
        part: task.part.map(str::to_owned),
        site: task.site,
        lane: task.lane,
    }
}
