//! Lowering: symbolic requests become tasks, all requests of one compute together.
//!
//! A request's *depth* is the number of requests below it on the deepest path. Requests of one kind and
//! one depth cannot depend on each other, so they are lowered in one call; the deeper ones, which may
//! take the answers of the shallower as inputs, follow. A lowered graph may hold requests of its own
//! (a collection built on another), so this repeats until none is left.

use std::any::TypeId;
use std::collections::{HashMap, HashSet};

use smallvec::{SmallVec, smallvec};

use crate::base::error::{Error, Result};
use crate::graph::layer::{
    self, Answer, AnswerKind, AnyLayer, BrokenPromise, Lowered as _, Lowering,
};
use crate::graph::{AnyDelayed, Node, Role};

/// The outputs, and what each request was lowered to.
pub(super) struct Lowered {
    pub(super) outputs: Vec<AnyDelayed>,
    answers: HashMap<Address, AnswerKind>,
}

/// A node's address: it stays what it is as long as the node lives.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Address(usize);

impl Lowered {
    /// The node itself, or the value that it was lowered to.
    pub(super) fn resolve<'a>(&'a self, mut node: &'a AnyDelayed) -> &'a AnyDelayed {
        if self.answers.is_empty() {
            return node;
        }
        while let Some(AnswerKind::One(answer)) = self.answers.get(&address(node)) {
            node = answer;
        }
        node
    }

    /// What a node stands for: itself, the value that it was lowered to, or its parts.
    pub(super) fn each<'a>(&'a self, node: &'a AnyDelayed) -> SmallVec<[&'a AnyDelayed; 1]> {
        let node = self.resolve(node);
        match self.answers.get(&address(node)) {
            Some(AnswerKind::Parts(parts)) => parts.iter().map(|part| self.resolve(part)).collect(),
            _ => smallvec![node],
        }
    }

    /// Whether everything that a request depends on has been lowered.
    fn is_ready(&self, request: &AnyDelayed) -> bool {
        request.node().inputs().into_iter().all(|input| {
            let input = self.resolve(input);
            layer(input.node()).is_none() || self.answers.contains_key(&address(input))
        })
    }

    /// Notes what a request was answered with.
    fn add(&mut self, request: &AnyDelayed, answer: AnswerKind) -> Result<()> {
        let Node { label, body, .. } = request.node();
        let (expected, name) = (body.parts(), label.name);
        let found = match &answer {
            AnswerKind::None(error) => return Err(error.clone().of_request(|| label.task_name())),
            AnswerKind::Parts(parts) => Some(parts.len()),
            AnswerKind::One(answer) if address(self.resolve(answer)) == address(request) => {
                return Err(cycle(request.node()));
            }
            AnswerKind::One(answer) => self.parts_of(answer).map(<[_]>::len),
        };
        // What another request is answered with may not be known yet.
        let is_open = matches!(&answer, AnswerKind::One(node) if layer(node.node()).is_some());
        if expected != found && !is_open {
            return Err(Error::plan(BrokenPromise::Parts { name, expected, found })
                .of_request(|| label.task_name()));
        }
        self.answers.insert(address(request), answer);
        Ok(())
    }

    /// How many requests were lowered.
    pub(super) fn requests(&self) -> usize {
        self.answers.len()
    }
}

impl layer::Lowered for Lowered {
    fn parts_of<'a>(&'a self, request: &'a AnyDelayed) -> Option<&'a [AnyDelayed]> {
        let node = self.resolve(request);
        match (self.answers.get(&address(node)), node.node().body.role()) {
            (Some(AnswerKind::Parts(parts)), _) => Some(parts),
            (_, Role::Parts(parts)) => Some(parts),
            _ => None,
        }
    }
}

fn address(node: &AnyDelayed) -> Address {
    Address(node.address().addr())
}

pub(super) fn lower(outputs: Vec<AnyDelayed>) -> Result<Lowered> {
    let mut lowered = Lowered { outputs, answers: HashMap::new() };
    loop {
        let requests = find_requests(&lowered)?;
        if requests.is_empty() {
            return Ok(lowered);
        }
        for mut group in group(requests) {
            // An answer may lead to further requests: what needs their parts has to wait for the next round.
            group.retain(|request| lowered.is_ready(request));
            if group.is_empty() {
                continue;
            }
            let layers: SmallVec<[&dyn AnyLayer; 8]> =
                group.iter().filter_map(|node| layer(node.node())).collect();
            let answers = layers[0].lower_all(&layers, &Lowering(&lowered)).map_err(|error| {
                // Lowering is cheap, so each request alone shows whose fault it is.
                let alone = |request: &&AnyDelayed| {
                    layer(request.node()).is_some_and(|layer| {
                        layer.lower_all(&[layer], &Lowering(&lowered)).is_err()
                    })
                };
                let request = group.iter().find(alone).unwrap_or(&group[0]);
                error.of_request(|| request.node().label.task_name())
            })?;
            for (request, Answer(answer)) in group.iter().zip(answers) {
                lowered.add(request, answer)?;
            }
        }
    }
}

fn layer(node: &Node) -> Option<&dyn AnyLayer> {
    match node.body.role() {
        Role::Layer(layer) => Some(layer),
        _ => None,
    }
}

/// The requests that are not lowered yet, each with its depth, in depth-first order. Walks only the
/// part of the graph that has requests in it.
fn find_requests(lowered: &Lowered) -> Result<Vec<(AnyDelayed, u32)>> {
    let mut requests = Vec::new();
    // Nodes whose inputs are being walked: to meet one of them again is to go in a circle.
    let mut open: HashSet<Address> = HashSet::new();
    let mut depths: HashMap<Address, u32> = HashMap::new();
    let layered = |node| {
        let each = lowered.each(node).into_iter().rev();
        each.filter(|node| node.node().mark.layered).map(|node| (node, false))
    };
    let mut stack: Vec<(&AnyDelayed, bool)> =
        lowered.outputs.iter().rev().flat_map(layered).collect();
    while let Some((node, inputs_done)) = stack.pop() {
        if depths.contains_key(&address(node)) {
            continue;
        }
        let inputs = node.node().inputs();
        if !inputs_done {
            if !open.insert(address(node)) {
                return Err(cycle(node.node()));
            }
            stack.push((node, true));
            let inputs = inputs.into_iter().rev();
            stack.extend(inputs.flat_map(layered));
            continue;
        }
        let below = inputs
            .into_iter()
            .flat_map(|input| lowered.each(input))
            .filter_map(|input| depths.get(&address(input)).copied());
        let mut depth = below.max().unwrap_or(0);
        if layer(node.node()).is_some() {
            requests.push((node.clone(), depth));
            depth += 1;
        }
        depths.insert(address(node), depth);
    }
    Ok(requests)
}

fn cycle(request: &Node) -> Error {
    let error = Error::plan(BrokenPromise::Cycle { name: request.label.name });
    error.of_request(|| request.label.task_name())
}

/// Requests that are lowered together: of one depth and one kind, shallow ones first.
fn group(requests: Vec<(AnyDelayed, u32)>) -> Vec<Vec<AnyDelayed>> {
    let mut places: HashMap<(u32, TypeId), usize> = HashMap::new();
    let mut groups: Vec<(u32, Vec<AnyDelayed>)> = Vec::new();
    for (request, depth) in requests {
        let Some(layer) = layer(request.node()) else { continue };
        let place = *places.entry((depth, layer.kind())).or_insert_with(|| {
            groups.push((depth, Vec::new()));
            groups.len() - 1
        });
        groups[place].1.push(request);
    }
    groups.sort_by_key(|(depth, _)| *depth);
    groups.into_iter().map(|(_, group)| group).collect()
}
