//! Lowering: symbolic requests become tasks, all requests of one compute together.
//!
//! A request's *depth* is the number of requests below it on the deepest path. Requests of one kind and
//! one depth cannot depend on each other, so they are lowered in one call; the deeper ones, which may
//! take the answers of the shallower as inputs, follow. A lowered graph may hold requests of its own
//! (a collection built on another), so this repeats until none is left.

use std::any::TypeId;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use smallvec::SmallVec;

use crate::error::{Error, Result};
use crate::layer::{AnyLayer, BrokenPromise};
use crate::node::{AnyDelayed, Node, NodeRef, Role};

/// The outputs, and what each request was lowered to.
pub(super) struct Lowered {
    pub(super) outputs: Vec<AnyDelayed>,
    answers: HashMap<*const (), AnyDelayed>,
}

impl Lowered {
    /// The node itself, or what it was lowered to.
    pub(super) fn resolve<'a>(&'a self, mut node: &'a NodeRef) -> &'a NodeRef {
        if self.answers.is_empty() {
            return node;
        }
        while let Some(answer) = self.answers.get(&address(node)) {
            node = &answer.0;
        }
        node
    }
}

fn address(node: &Node) -> *const () {
    std::ptr::from_ref(node).cast()
}

pub(super) fn lower(outputs: &[AnyDelayed]) -> Result<Lowered> {
    let mut lowered = Lowered { outputs: outputs.to_vec(), answers: HashMap::new() };
    loop {
        let requests = find_requests(&lowered)?;
        if requests.is_empty() {
            return Ok(lowered);
        }
        for group in group(requests) {
            let layers: SmallVec<[&dyn AnyLayer; 8]> =
                group.iter().filter_map(|node| layer(node)).collect();
            let answers = layers[0].lower_all(&layers)?;
            for (request, answer) in group.iter().zip(answers) {
                if Arc::ptr_eq(lowered.resolve(&answer.0), request) {
                    return Err(cycle(request));
                }
                lowered.answers.insert(address(request), answer);
            }
        }
    }
}

fn layer(node: &Node) -> Option<&dyn AnyLayer> {
    match node.body.role() {
        Role::Layer(layer) => Some(layer),
        Role::Task(_) | Role::Held(_) => None,
    }
}

/// The requests that are not lowered yet, each with its depth, in depth-first order. Walks only the
/// part of the graph that has requests in it.
fn find_requests<'a>(lowered: &'a Lowered) -> Result<Vec<(NodeRef, u32)>> {
    let mut requests = Vec::new();
    // Nodes whose inputs are being walked: to meet one of them again is to go in a circle.
    let mut open: HashSet<*const ()> = HashSet::new();
    let mut depths: HashMap<*const (), u32> = HashMap::new();
    let mut stack: Vec<(&'a NodeRef, bool)> = Vec::new();
    let push = |stack: &mut Vec<_>, node: &'a AnyDelayed| {
        let node = lowered.resolve(&node.0);
        if node.layered {
            stack.push((node, false));
        }
    };
    for output in lowered.outputs.iter().rev() {
        push(&mut stack, output);
    }
    while let Some((node, inputs_done)) = stack.pop() {
        if depths.contains_key(&address(node)) {
            continue;
        }
        if !inputs_done {
            if !open.insert(address(node)) {
                return Err(cycle(node));
            }
            stack.push((node, true));
            for input in node.inputs.iter().rev() {
                push(&mut stack, input);
            }
            continue;
        }
        let below = node
            .inputs
            .iter()
            .filter_map(|input| depths.get(&address(lowered.resolve(&input.0))).copied());
        let mut depth = below.max().unwrap_or(0);
        if layer(node).is_some() {
            requests.push((Arc::clone(node), depth));
            depth += 1;
        }
        depths.insert(address(node), depth);
    }
    Ok(requests)
}

fn cycle(request: &Node) -> Error {
    Error::plan(BrokenPromise::Cycle { name: request.label.name })
}

/// Requests that are lowered together: of one depth and one kind, shallow ones first.
fn group(requests: Vec<(NodeRef, u32)>) -> Vec<Vec<NodeRef>> {
    let mut groups: Vec<((u32, TypeId), Vec<NodeRef>)> = Vec::new();
    for (node, depth) in requests {
        let Some(layer) = layer(&node) else { continue };
        let key = (depth, layer.kind());
        match groups.iter_mut().find(|(other, _)| *other == key) {
            Some((_, group)) => group.push(node),
            None => groups.push((key, vec![node])),
        }
    }
    groups.sort_by_key(|((depth, _), _)| *depth);
    groups.into_iter().map(|(_, group)| group).collect()
}
