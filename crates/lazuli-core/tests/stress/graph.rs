//! Random graphs as plain data.

use crate::support::Random;

/// Nodes in an order in which inputs come first, and what is asked of them.
#[derive(Debug)]
pub(crate) struct Graph {
    pub(crate) nodes: Vec<Node>,
    /// Persisted together before anything else.
    pub(crate) persisted: Vec<usize>,
    /// Started together in the background after that; their handles take their places.
    pub(crate) started: Vec<usize>,
    pub(crate) outputs: Vec<usize>,
}

#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) does: Does,
    pub(crate) inputs: Vec<usize>,
    /// Must have ended before, without being an input.
    pub(crate) after: Vec<usize>,
    pub(crate) takes: Takes,
    pub(crate) lane: Lane,
    /// Equal pure nodes are one task.
    pub(crate) pure: Option<u8>,
    /// How often it fails before it does what it does, and how often it may run again.
    pub(crate) retry: Option<(u32, u32)>,
    /// After how many microseconds it may run again.
    pub(crate) delay: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Does {
    /// Is a value that is there already.
    Hold,
    /// Mixes its inputs.
    Mix,
    /// Mixes its inputs by a compute of its own, that many levels down.
    Nest(u32),
    /// Mixes its inputs, and gives up a run that it has started.
    GiveUp,
    Fail,
    Panic,
}

/// How a node receives its inputs.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Takes {
    References,
    Values,
    /// The first half by reference, the rest by value.
    Both,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    Cpu,
    Blocking,
    Async,
}

/// What may go wrong in a graph.
#[derive(Clone, Copy)]
pub(crate) enum Trouble {
    /// Failures, panics, and retries that are not enough.
    Any,
    /// Nothing.
    None,
}

impl Graph {
    pub(crate) fn random(seed: u64, trouble: Trouble) -> Self {
        let mut random = Random::new(seed);
        // Small graphs are the more telling ones, large ones the more tangled.
        let most = [4, 12, 32, 64][random.below(4)];
        let count = 1 + random.below(most);
        // Most graphs fail somewhere if each node may, so only some graphs have trouble at all.
        let troubled = matches!(trouble, Trouble::Any) && random.one_in(2);
        let beside = random.below(3);
        let mut nodes: Vec<_> =
            (0..count).map(|index| Node::random(index, troubled, beside, &mut random)).collect();
        let pick = |random: &mut Random, most: usize| -> Vec<usize> {
            (0..random.below(most + 1)).map(|_| random.below(count)).collect()
        };
        let persisted = if random.one_in(4) { pick(&mut random, 3) } else { Vec::new() };
        let started = if random.one_in(4) { pick(&mut random, 3) } else { Vec::new() };
        if !started.is_empty() {
            // Two computes at once would share the tries of a task, which counts its calls.
            nodes.iter_mut().for_each(|node| node.retry = None);
        }
        let mut outputs = pick(&mut random, 3);
        outputs.push(count - 1);
        Self { nodes, persisted, started, outputs }
    }
}

impl Node {
    fn random(index: usize, troubled: bool, beside: usize, random: &mut Random) -> Self {
        let mut earlier = |most: usize| -> Vec<usize> {
            let most = if index == 0 { 0 } else { most };
            let near = index.saturating_sub(8);
            (0..random.below(most + 1))
                .map(|_| match random.one_in(2) {
                    true => near + random.below(index - near),
                    false => random.below(index),
                })
                .collect()
        };
        let inputs = earlier(4);
        let mut after = earlier(2);
        if !random.one_in(8) {
            after.clear();
        }
        let does = match random.below(40) {
            0..=3 => Does::Hold,
            4 => Does::Nest([1, 1, 1, 2, 3, 6][random.below(6)]),
            7 => Does::GiveUp,
            5 if troubled => Does::Fail,
            6 if troubled => Does::Panic,
            _ => Does::Mix,
        };
        let pure = (does == Does::Mix && after.is_empty() && random.one_in(6))
            .then(|| random.below(3) as u8);
        let retry = (pure.is_none() && does != Does::Hold && random.one_in(10)).then(|| {
            let times = random.below(3) as u32;
            let fails = random.below(4) as u32;
            if troubled { (fails, times) } else { (fails.min(times), times) }
        });
        // Often none, and seldom longer than the moment that another thread needs.
        let delay = [0, 0, 1, 10, 50, 200][random.below(6)];
        let takes = [Takes::References, Takes::Values, Takes::Both][random.below(3)];
        // Threads beside the pool are dear: a third of the graphs have many such tasks.
        let lane = match random.below([64, 24, 6][beside]) {
            0 => Lane::Blocking,
            1 => Lane::Async,
            _ => Lane::Cpu,
        };
        if does == Does::Hold {
            return Self {
                does,
                inputs: Vec::new(),
                after: Vec::new(),
                takes,
                lane,
                pure,
                retry,
                delay,
            };
        }
        Self { does, inputs, after, takes, lane, pure, retry, delay }
    }

    /// Whether it fails in the end.
    pub(crate) fn fails(&self) -> bool {
        let retries = self.retry.is_some_and(|(fails, times)| fails > times);
        retries || matches!(self.does, Does::Fail | Does::Panic)
    }

    /// How often its function is called in one compute.
    pub(crate) fn calls(&self) -> u32 {
        match (self.retry, self.does) {
            (None, _) => 1,
            (Some((_, times)), Does::Fail | Does::Panic) => times + 1,
            (Some((fails, times)), _) => fails.min(times) + 1,
        }
    }
}
