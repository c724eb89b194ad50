//! Order without data: work that must come after other work whose results it does not take.

use std::panic::Location;

use crate::base::failure::Failure;
use crate::base::value::Value;
use crate::describe::collection::{Collection, Rewire, Wires, hand_on, requests};
use crate::describe::task::{Order, task};
use crate::graph::{AnyDelayed, Body, Delayed, Role, Run, TaskContext};

/// Ends when everything in the collection has ended. What it holds meanwhile is nothing.
///
/// ```
/// use std::sync::Mutex;
/// use lazuli_core::{checkpoint, compute, task};
///
/// static LOG: Mutex<Vec<&str>> = Mutex::new(Vec::new());
/// let note = |text| task("note").call((), move |()| LOG.lock().unwrap().push(text));
/// let written = checkpoint(vec![note("written"), note("written")]);
/// compute(note("read").after(&written))?;
/// assert_eq!(*LOG.lock().unwrap(), ["written", "written", "read"]);
/// # Ok::<(), lazuli_core::Error>(())
/// ```
#[track_caller]
pub fn checkpoint<C: Collection>(collection: C) -> Delayed<()> {
    end_of(requests(&collection))
}

/// The same collection, each of its values handed on only when all have been computed.
#[track_caller]
#[must_use]
pub fn wait_on<C: Rewire>(collection: C) -> C::Rewired {
    let all = checkpoint(&collection).erase();
    collection.rewire(&mut Wires::behind(all, Location::caller()))
}

impl<T: Clone + Send + Sync + 'static> Delayed<T> {
    /// The same task as another node of the graph, which starts only after everything in the collection
    /// has ended, and takes nothing of it.
    ///
    /// What this value is made of may run before. A value that is no task (it is there already, or a
    /// collection's request) is handed on afterwards.
    #[track_caller]
    pub fn after<C: Collection>(&self, first: C) -> Self {
        let mut first = requests(&first);
        let node = self.erased().node();
        match node.body.role() {
            Role::Task(_) => {
                let mut task = self.erased();
                if let Some((itself, before)) = node.body.defer() {
                    task = itself;
                    // One more to wait for, however often the task was put off already.
                    first.insert(0, end_of(before.into()).erase());
                }
                let body = After { task: task.clone(), first: first.into() };
                Self::from_node(AnyDelayed::new(node.label.stand_in(), body))
            }
            _ => hand_on(self, first, Location::caller()),
        }
    }
}

#[track_caller]
fn end_of(nodes: Vec<AnyDelayed>) -> Delayed<()> {
    task("checkpoint").call(Order(nodes.into()), |()| ())
}

/// A task with more to wait for. Its own inputs come first, so that their edges are what they were.
struct After {
    /// The task that runs; never itself put off, so that a task may be put off any number of times.
    task: AnyDelayed,
    first: Box<[AnyDelayed]>,
}

impl After {
    fn run(&self) -> &dyn Run {
        match self.task.node().body.role() {
            Role::Task(run) => run,
            _ => {
                unreachable!("only tasks are put off")
            }
        }
    }
}

impl Body for After {
    fn role(&self) -> Role<'_> {
        Role::Task(self)
    }

    fn inputs<'a>(&'a self, visit: &mut dyn FnMut(&'a AnyDelayed)) {
        self.task.node().body.inputs(visit);
        self.first.iter().for_each(visit);
    }

    fn defer(&self) -> Option<(&AnyDelayed, &[AnyDelayed])> {
        Some((&self.task, &self.first))
    }
}

impl Run for After {
    fn run(&self, context: &mut TaskContext<'_>) -> Result<Value, Failure> {
        self.run().run(context)
    }

    #[cfg(feature = "async")]
    fn begin(&self, context: &mut TaskContext<'_>) -> crate::threads::asynchronous::TaskFuture {
        self.run().begin(context)
    }
}
