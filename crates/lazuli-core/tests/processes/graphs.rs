//! The graphs by name, and what a driver and a copy do with them, whatever they compute.

use std::io::{Read, Result, Write};

use lazuli_core::portable::{Cut, CutNode};
use lazuli_core::{Collection, Executor, Portable};

use crate::{moments, words};

/// What every process rebuilds its graph from.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) name: String,
    pub(crate) parts: u64,
    pub(crate) seed: u64,
}

impl Program {
    pub(crate) fn new(name: &str, parts: u64, seed: u64) -> Self {
        Self { name: name.to_owned(), parts, seed }
    }

    /// The answer, computed in this process, as bytes.
    pub(crate) fn compute(&self, executor: &Executor) -> Vec<u8> {
        match &self.name[..] {
            "moments" => computed(executor, moments::graph(self)),
            "words" => computed(executor, words::graph(self)),
            other => panic!("there is no graph `{other}`"),
        }
    }

    pub(crate) fn cut(&self, executor: &Executor) -> Box<dyn AnyCut> {
        match &self.name[..] {
            "moments" => cut(executor, moments::graph(self)),
            "words" => cut(executor, words::graph(self)),
            other => panic!("there is no graph `{other}`"),
        }
    }
}

impl Portable for Program {
    fn write(&self, to: &mut dyn Write) -> Result<()> {
        (self.name.clone(), self.parts, self.seed).write(to)
    }

    fn read(from: &mut dyn Read) -> Result<Self> {
        let (name, parts, seed) = Portable::read(from)?;
        Ok(Self { name, parts, seed })
    }
}

fn computed<C: Collection<Output: Portable>>(executor: &Executor, graph: C) -> Vec<u8> {
    bytes_of(&executor.compute(graph).expect("the graph can be computed"))
}

fn cut<C: Collection<Output: Portable> + Send + Sync + 'static>(
    executor: &Executor,
    graph: C,
) -> Box<dyn AnyCut> {
    Box::new(executor.cut(graph).expect("the graph can be planned"))
}

/// A [`Cut`] whose answer is bytes.
pub(crate) trait AnyCut: Send + Sync {
    fn nodes(&self) -> &[CutNode];
    fn outputs(&self) -> &[String];
    fn fingerprint(&self) -> u64;
    fn check(&self, fingerprint: u64) -> lazuli_core::Result<()>;
    fn run(&self, id: &str, inputs: &[(String, Vec<u8>)]) -> lazuli_core::Result<Vec<Vec<u8>>>;
    fn receive(&self, outputs: &[(String, Vec<u8>)]) -> lazuli_core::Result<Vec<u8>>;
}

impl<C: Collection<Output: Portable> + Send + Sync> AnyCut for Cut<C> {
    fn nodes(&self) -> &[CutNode] {
        self.nodes()
    }

    fn outputs(&self) -> &[String] {
        self.outputs()
    }

    fn fingerprint(&self) -> u64 {
        self.fingerprint()
    }

    fn check(&self, fingerprint: u64) -> lazuli_core::Result<()> {
        self.check(fingerprint)
    }

    fn run(&self, id: &str, inputs: &[(String, Vec<u8>)]) -> lazuli_core::Result<Vec<Vec<u8>>> {
        self.run(id, inputs)
    }

    fn receive(&self, outputs: &[(String, Vec<u8>)]) -> lazuli_core::Result<Vec<u8>> {
        self.receive(outputs).map(|answer| bytes_of(&answer))
    }
}

pub(crate) fn bytes_of(value: &impl Portable) -> Vec<u8> {
    let mut bytes = Vec::new();
    value.write(&mut bytes).expect("a vector takes any bytes");
    bytes
}

/// Numbers that look random: the same in every process (SplitMix64).
pub(crate) fn random(seed: u64) -> impl FnMut() -> u64 {
    let mut state = seed;
    move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
