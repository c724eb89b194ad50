//! Leaving the process: a plan cut where values can be written, run piece by piece wherever the graph is.
//!
//! Every process rebuilds the same graph from the same program and cuts it. Whoever drives them reads the nodes
//! as data, has each run where it likes, and moves bytes: what it is, an engine of a cluster or a hundred
//! lines around some pipes, is not known here.

use std::collections::HashMap;
use std::sync::Arc;

use crate::api::executor::Executor;
use crate::api::packet::{Packet, PortableError};
use crate::base::error::{Error, Result};
use crate::base::value::Value;
use crate::describe::collection::{Collection, requests};
use crate::plan::cut::{CutNode, Pieces};
use crate::plan::{Edge, Plan, TaskId};

/// The plan of a collection, cut at the values that can be written: see [`Executor::cut`].
///
/// Its nodes are known as data before anything runs: what each needs, where it runs, how large it is. Each
/// can be run alone, in any process that has cut the same graph, from the bytes of what it needs.
///
/// ```
/// use std::collections::HashMap;
/// use lazuli_core::{Delayed, Executor, task};
///
/// // The same in every process.
/// fn graph(parts: u64) -> Delayed<f64> {
///     let sums = (0..parts).map(|part| {
///         let numbers = move |()| (0..1_000).map(|number| part * 1_000 + number).sum::<u64>();
///         task("sum").part(format!("part {part}")).portable::<u64>().call((), numbers)
///     });
///     let total = task("total").portable::<u64>().call(sums.collect::<Vec<_>>(), |sums| {
///         sums.into_iter().sum::<u64>()
///     });
///     total.map_named("mean", move |total| *total as f64 / (parts * 1_000) as f64)
/// }
///
/// let here = Executor::sync().cut(graph(4))?;
/// let there = Executor::threaded(2)?.cut(graph(4))?; // in another process
/// there.check(here.fingerprint())?;
/// let mut values: HashMap<&str, Vec<u8>> = HashMap::new();
/// for node in here.nodes() {
///     let needed: Vec<(&str, &[u8])> =
///         node.dependencies().iter().map(|id| (&id[..], &values[&id[..]][..])).collect();
///     let yielded = there.run(node.id(), &needed)?;
///     values.extend(node.values().iter().map(|id| &id[..]).zip(yielded));
/// }
/// let needed: Vec<(&String, &Vec<u8>)> =
///     here.outputs().iter().map(|id| (id, &values[&id[..]])).collect();
/// assert_eq!(here.receive(&needed)?, 1_999.5); // `mean` runs here
/// # Ok::<(), lazuli_core::Error>(())
/// ```
pub struct Cut<C> {
    executor: Executor,
    collection: C,
    plan: Arc<Plan>,
    pieces: Pieces,
    /// Places of nodes.
    places: HashMap<String, usize>,
}

impl Executor {
    /// Cuts the plan of a collection at the results that can be written: those of tasks that are
    /// [portable](crate::task::TaskBuilder::portable), and states of [reductions](crate::Reduction::codec).
    ///
    /// A portable task that depends on no other, and whose results go to one task alone, itself portable, is one
    /// node with that. Everything else runs inside of the nodes that need it, or, above the last of them,
    /// where the answer is [received](Cut::receive).
    ///
    /// # Errors
    /// As [`plan`](Self::plan).
    pub fn cut<C: Collection>(&self, collection: C) -> Result<Cut<C>> {
        let plan = Arc::new(Plan::new(requests(&collection))?);
        let pieces = plan.cut();
        let ids = pieces.nodes.iter().map(|node| node.id().to_owned());
        let places = ids.enumerate().map(|(place, id)| (id, place)).collect();
        Ok(Cut { executor: self.clone(), collection, plan, pieces, places })
    }
}

impl<C: Collection> Cut<C> {
    /// The nodes, each behind all that it needs.
    #[must_use]
    pub fn nodes(&self) -> &[CutNode] {
        &self.pieces.nodes
    }

    /// The ids of the values that the answer is computed from.
    #[must_use]
    pub fn outputs(&self) -> &[String] {
        &self.pieces.output_ids
    }

    /// A number that is the same where the same graph was cut, and hardly ever elsewhere: of all ids,
    /// dependencies, outputs and types of values, in order.
    ///
    /// It knows of a task what the graph says: its name, its part and what it depends on. Parameters that change
    /// nothing but what a closure computes must be compared by the processes themselves, or said in the
    /// [part](crate::task::TaskBuilder::part).
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        self.pieces.fingerprint
    }

    /// Whether another process, which tells the fingerprint of its cut, has cut the same graph.
    ///
    /// # Errors
    /// [`PortableError::Fingerprint`] where it has not.
    pub fn check(&self, fingerprint: u64) -> Result<()> {
        let expected = self.fingerprint();
        if fingerprint == expected {
            return Ok(());
        }
        Err(Error::portable(PortableError::Fingerprint { expected, found: fingerprint }))
    }

    /// Runs one node alone, on the executor that made the cut: from the bytes of all values that it
    /// [needs](CutNode::dependencies) to those of all that it [yields](CutNode::values), in order.
    ///
    /// # Errors
    /// [`PortableError`] where the node is not there, or what is given is not what it needs: nothing
    /// has run then. And those of [`compute`](crate::compute()).
    pub fn run<I, B>(&self, id: &str, inputs: &[(I, B)]) -> Result<Vec<Vec<u8>>>
    where
        I: AsRef<str>,
        B: AsRef<[u8]>,
    {
        let unknown = || Error::portable(PortableError::UnknownNode { id: id.to_owned() });
        let place = *self.places.get(id).ok_or_else(unknown)?;
        let (node, wires) = (&self.pieces.nodes[place], &self.pieces.wires[place]);
        let given = self.read(node.dependencies(), &wires.dependencies, inputs)?;
        let ends: Vec<Edge> = wires.values.iter().map(|&value| Edge::task(value)).collect();
        let job = self.executor.job()?;
        let values = job.run_plan(|| Ok(self.plan.part(&ends, given)))?.share();
        let written = node
            .values()
            .iter()
            .zip(&wires.values)
            .zip(values)
            .map(|((id, &task), value)| self.packet(id, task).write(value.value()));
        written.collect()
    }

    /// Computes the answer from the bytes of the [outputs](Self::outputs), on the executor that made the cut.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn receive<I, B>(&self, outputs: &[(I, B)]) -> Result<C::Output>
    where
        I: AsRef<str>,
        B: AsRef<[u8]>,
    {
        let given = self.read(&self.pieces.output_ids, &self.pieces.outputs, outputs)?;
        let ends = self.plan.shape().edges(self.plan.shape().answer());
        let job = self.executor.job()?;
        job.run_plan(|| Ok(self.plan.part(ends, given)))?.receive(&self.collection)
    }

    fn packet<'a>(&'a self, id: &'a str, task: TaskId) -> Packet<'a> {
        let codec = self.plan.codec(task);
        let codec = codec.unwrap_or_else(|| unreachable!("values that travel have a codec"));
        Packet { fingerprint: self.pieces.fingerprint, id, codec }
    }

    /// The values of these tasks, each of which must be given once, and nothing else.
    fn read<I, B>(
        &self,
        ids: &[String],
        tasks: &[TaskId],
        given: &[(I, B)],
    ) -> Result<Vec<(TaskId, Value)>>
    where
        I: AsRef<str>,
        B: AsRef<[u8]>,
    {
        let mut bytes: HashMap<&str, &[u8]> = HashMap::with_capacity(given.len());
        for (id, value) in given {
            if bytes.insert(id.as_ref(), value.as_ref()).is_some() {
                return Err(Error::portable(PortableError::Twice { id: id.as_ref().to_owned() }));
            }
        }
        let mut packets = Vec::with_capacity(ids.len());
        for (id, &task) in ids.iter().zip(tasks) {
            let missing = || Error::portable(PortableError::Missing { id: id.clone() });
            packets.push((id, task, bytes.remove(&id[..]).ok_or_else(missing)?));
        }
        if let Some((id, _)) = given.iter().find(|(id, _)| bytes.contains_key(id.as_ref())) {
            let id = id.as_ref().to_owned();
            return Err(Error::portable(PortableError::Unexpected { id }));
        }
        let read = |(id, task, bytes): (&String, TaskId, &[u8])| {
            Ok((task, self.packet(id, task).read(bytes)?))
        };
        packets.into_iter().map(read).collect()
    }
}
