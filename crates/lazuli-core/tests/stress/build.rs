//! A graph in delayed values, and what running it leaves.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use lazuli_core::{Delayed, Executor, Retry, Running, compute, sequence, task};

use crate::graph::{Does, Graph, Lane, Node, Takes};
use crate::oracle::{Expected, mix, tag};
use crate::support::Tracked;

#[derive(Debug, thiserror::Error)]
#[error("node {0} fails")]
pub(crate) struct Fails(usize);

type Handle = Delayed<Tracked>;
type Function = dyn Fn(&mut dyn Iterator<Item = u64>) -> Result<Tracked, Fails> + Send + Sync;

/// What the functions of a graph's tasks leave behind.
pub(crate) struct Traces {
    pub(crate) live: Arc<AtomicUsize>,
    /// How often the function of each task was called.
    pub(crate) calls: Vec<AtomicU32>,
    done: Vec<AtomicBool>,
    /// A task ran before what it comes after, or while nothing of it might run.
    pub(crate) violated: AtomicBool,
    /// Nothing of the graph may run any more.
    pub(crate) sealed: AtomicBool,
}

/// A graph in delayed values: its handles, as far as they are made.
pub(crate) struct Build<'g> {
    graph: &'g Graph,
    expected: &'g Expected,
    pub(crate) traces: Arc<Traces>,
    handles: Vec<Handle>,
}

/// A graph that is ready for its last compute.
pub(crate) struct Built {
    pub(crate) outputs: Vec<Handle>,
    pub(crate) running: Option<Running<Vec<Handle>>>,
}

/// What an error is to the tests: the failing node.
pub(crate) fn failing_node(error: &lazuli_core::Error) -> usize {
    let part = error.part().unwrap_or_else(|| panic!("no part: {error}"));
    part.parse().expect("parts are numbers")
}

/// Why the outputs were not built: what was to be persisted failed.
#[derive(Debug)]
pub(crate) struct Unfinished {
    pub(crate) error: lazuli_core::Error,
    /// The nodes in the order of that plan.
    pub(crate) order: Vec<usize>,
}

/// The nodes in the order in which they are planned.
pub(crate) fn planned(executor: &Executor, handles: &[Handle]) -> Vec<usize> {
    let plan = executor.plan(handles).expect("no requests");
    let parts = plan.tasks().filter_map(|task| task.part()?.parse().ok());
    parts.collect()
}

impl<'g> Build<'g> {
    pub(crate) fn new(graph: &'g Graph, expected: &'g Expected) -> Self {
        let flags = || graph.nodes.iter().map(|_| AtomicBool::new(false)).collect();
        let traces = Traces {
            live: Arc::default(),
            calls: graph.nodes.iter().map(|_| AtomicU32::new(0)).collect(),
            done: flags(),
            violated: AtomicBool::new(false),
            sealed: AtomicBool::new(false),
        };
        Self { graph, expected, traces: Arc::new(traces), handles: Vec::new() }
    }

    /// Persists and starts what is to be, and names the outputs.
    pub(crate) fn finish(mut self, executor: &Executor) -> Result<Built, Unfinished> {
        let (persisted, started) = (&self.graph.persisted, &self.graph.started);
        self.make();
        if !persisted.is_empty() {
            let picked = self.pick(persisted);
            match executor.persist(&picked) {
                Ok(kept) => self.replace(persisted, kept),
                Err(error) => {
                    return Err(Unfinished { error, order: planned(executor, &picked) });
                }
            }
        }
        let mut running = None;
        if !started.is_empty() {
            let started_run = executor.start(self.pick(started));
            let handles = started_run.handles();
            // What is persisted already is started for nothing: its handle waits all the same.
            self.replace(started, handles);
            running = Some(started_run);
        }
        Ok(Built { outputs: self.pick(&self.graph.outputs), running })
    }

    fn pick(&self, nodes: &[usize]) -> Vec<Handle> {
        nodes.iter().map(|&node| self.handles[node].clone()).collect()
    }

    /// Puts handles in the places of nodes, and makes what depends on them again.
    fn replace(&mut self, nodes: &[usize], handles: Vec<Handle>) {
        let mut replaced: Vec<Option<Handle>> = vec![None; self.graph.nodes.len()];
        for (&node, handle) in nodes.iter().zip(handles) {
            replaced[node] = Some(handle);
        }
        for &node in self.graph.persisted.iter().filter(|node| !nodes.contains(node)) {
            replaced[node] = Some(self.handles[node].clone());
        }
        let before = std::mem::take(&mut self.handles);
        for (index, handle) in before.into_iter().enumerate() {
            let node = &self.graph.nodes[index];
            self.handles.push(match replaced[index].take() {
                Some(handle) => handle,
                // Held values stay what they are.
                None if node.does == Does::Hold => handle,
                None => self.node(index, node),
            });
        }
    }

    fn make(&mut self) {
        for (index, node) in self.graph.nodes.iter().enumerate() {
            let handle = self.node(index, node);
            self.handles.push(handle);
        }
    }

    fn node(&self, index: usize, node: &Node) -> Handle {
        let tag = tag(self.graph, index);
        if node.does == Does::Hold {
            return Delayed::value(Tracked::new(mix(tag, std::iter::empty()), &self.traces.live));
        }
        let inputs = self.pick(&node.inputs);
        let function = self.function(index, node, tag);
        let class = self.expected.class[index];
        let mut task = task("node").part(class.to_string());
        if let Some(key) = node.pure
            && !self.is_kept(index)
        {
            task = task.pure(key);
        }
        if let Some((_, times)) = node.retry {
            task = task.retry(Retry::times(times).delay(Duration::from_micros(node.delay)));
        }
        let handle = match (node.lane, node.takes) {
            #[cfg(feature = "async")]
            (Lane::Async, _) => task.try_call_async(inputs, move |inputs: Vec<Tracked>| {
                let function = Arc::clone(&function);
                async move {
                    tokio::task::yield_now().await;
                    function(&mut inputs.iter().map(|input| input.value))
                }
            }),
            (lane, takes) => {
                let beside = lane != Lane::Cpu;
                let lane = if beside { lazuli_core::Lane::Blocking } else { Default::default() };
                call(task.lane(lane), inputs, takes, function)
            }
        };
        match node.after.is_empty() {
            true => handle,
            false => handle.after(self.pick(&node.after)),
        }
    }

    fn is_kept(&self, node: usize) -> bool {
        self.graph.persisted.contains(&node) || self.graph.started.contains(&node)
    }

    fn function(&self, index: usize, node: &Node, tag: u64) -> Arc<Function> {
        let traces = Arc::clone(&self.traces);
        let class = self.expected.class[index];
        let after: Vec<usize> = node
            .after
            .iter()
            .filter(|&&first| self.graph.nodes[first].does != Does::Hold)
            .map(|&first| self.expected.class[first])
            .collect();
        let (does, retry) = (node.does, node.retry);
        Arc::new(move |inputs| {
            let call = traces.calls[class].fetch_add(1, SeqCst);
            let early = after.iter().any(|&first| !traces.done[first].load(SeqCst));
            if early || traces.sealed.load(SeqCst) {
                traces.violated.store(true, SeqCst);
            }
            if let Some((fails, times)) = retry
                && u64::from(call) % (u64::from(fails.min(times)) + 1) < u64::from(fails)
            {
                return Err(Fails(index));
            }
            let mixed = match does {
                Does::Nest(levels) => mix_by_compute(tag, inputs.collect(), levels),
                Does::GiveUp => {
                    give_up(&traces);
                    mix(tag, inputs)
                }
                Does::Fail => return Err(Fails(index)),
                // Unwinds as a panic does, and keeps it from the test's output.
                Does::Panic => std::panic::resume_unwind(Box::new("on purpose")),
                Does::Hold | Does::Mix => mix(tag, inputs),
            };
            traces.done[class].store(true, SeqCst);
            Ok(Tracked::new(mixed, &traces.live))
        })
    }
}

fn call(
    task: lazuli_core::task::TaskBuilder,
    mut inputs: Vec<Handle>,
    takes: Takes,
    function: Arc<Function>,
) -> Handle {
    match takes {
        Takes::References => task.try_call(&inputs, move |inputs: Vec<&Tracked>| {
            function(&mut inputs.into_iter().map(|input| input.value))
        }),
        Takes::Values => task.try_call(inputs, move |inputs: Vec<Tracked>| {
            function(&mut inputs.iter().map(|input| input.value))
        }),
        Takes::Both => {
            let values = inputs.split_off(inputs.len() / 2);
            task.try_call(
                (&inputs, values),
                move |(inputs, values): (Vec<&Tracked>, Vec<Tracked>)| {
                    let lent = inputs.into_iter().map(|input| input.value);
                    function(&mut lent.chain(values.iter().map(|input| input.value)))
                },
            )
        }
    }
}

/// As [`mix`], where each input is a task, on the executor of the task that calls it, so many computes and
/// runs below it.
fn mix_by_compute(tag: u64, inputs: Vec<u64>, levels: u32) -> u64 {
    if levels > 1 {
        let below = task("below")
            .call((), move |()| mix_by_compute(tag, inputs.clone(), levels - 1))
            .map_named("over", |mixed| *mixed);
        let below = if levels.is_multiple_of(2) {
            Executor::current().start(below).wait()
        } else {
            compute(below)
        };
        return below.unwrap_or(0);
    }
    let inputs = inputs.into_iter().map(|input| {
        let lane = if input % 16 == 0 { lazuli_core::Lane::Blocking } else { Default::default() };
        task("input").lane(lane).call((), move |()| input)
    });
    let mixed = sequence(inputs).map_named("mix", move |inputs| mix(tag, inputs.iter().copied()));
    // It is stopped with the compute around it; then nobody takes the value.
    compute(mixed).unwrap_or(0)
}

/// Starts a run that has values of the graph, and drops its handle. It is over before the compute around it
/// is.
fn give_up(traces: &Arc<Traces>) {
    let (held, of_run) = (Tracked::new(0, &traces.live), Arc::clone(traces));
    let given_up = task("given_up").call((), move |()| {
        if of_run.sealed.load(SeqCst) {
            of_run.violated.store(true, SeqCst);
        }
        held.clone()
    });
    drop(Executor::current().start(given_up.map_named("more", Clone::clone)));
}
