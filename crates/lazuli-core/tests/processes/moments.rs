//! Skewness and a reduction of a user's own, over blocks that a function makes, in one pass.

use std::convert::Infallible;

use lazuli_core::reduce::{Joint, JointAnswers, StateCodec};
use lazuli_core::{Delayed, Portable, Reduction, portable_by_serde, task};
use serde::{Deserialize, Serialize};

use crate::graphs::{Program, random};

/// Numbers in a block, and those that are handed over at once.
const BLOCK: usize = 3_000;
const TILE: usize = 512;

/// The skewness of all blocks, how often the numbers turn, and, from a pass of
/// its own, the skewness of each quarter of the blocks and of all.
pub(crate) type Graph = ((Delayed<f64>, Delayed<u64>), Vec<Delayed<f64>>);

pub(crate) fn graph(program: &Program) -> Graph {
    let parts = program.parts as usize;
    let mut joint = Joint::new();
    let (skewness, turns) = (joint.add(Skewness), joint.add(Turns));
    let answers = over_blocks(program, joint);
    let all = (answers.get(&skewness), answers.get(&turns));
    let mut joint = Joint::new();
    let quarters = joint.group(4, move |part| part * 4 / parts);
    let (skewness, by_quarter) = (joint.add(Skewness), joint.add_to(quarters, Skewness));
    let answers = over_blocks(program, joint);
    let quarters = answers.each(&by_quarter).chain([answers.get(&skewness)]);
    (all, quarters.collect())
}

fn over_blocks(program: &Program, joint: Joint<[f64]>) -> JointAnswers {
    let Program { parts, seed, .. } = *program;
    let parts = (0..parts).map(|part| {
        let block = task("block").part(format!("block {part} of seed {seed}"));
        (block.working_bytes((BLOCK * size_of::<f64>()) as u64), Delayed::value(part))
    });
    joint.over(parts, move |part, _, sink| {
        numbers(seed, part).chunks(TILE).for_each(|tile| sink.push(tile));
        Ok::<(), Infallible>(())
    })
}

/// The numbers of a block: skewed, and far from zero.
pub(crate) fn numbers(seed: u64, part: u64) -> Vec<f64> {
    let mut random = random(seed ^ (part << 32));
    let uniform = |bits: u64| (bits >> 11) as f64 / (1_u64 << 53) as f64;
    (0..BLOCK).map(|_| 1e3 - (1.0 - uniform(random())).ln()).collect()
}

/// The third standardized moment, from states that are merged by the formulas of Pébay (SAND2008-6212).
struct Skewness;

/// A count, a mean, and sums of squared and of cubed deviations from it.
#[derive(Clone, Copy, Default)]
pub(crate) struct Moments {
    count: f64,
    mean: f64,
    m2: f64,
    m3: f64,
}

impl Portable for Moments {
    fn write(&self, to: &mut dyn std::io::Write) -> std::io::Result<()> {
        [self.count, self.mean, self.m2, self.m3].write(to)
    }

    fn read(from: &mut dyn std::io::Read) -> std::io::Result<Self> {
        let [count, mean, m2, m3] = Portable::read(from)?;
        Ok(Self { count, mean, m2, m3 })
    }
}

impl Moments {
    fn of(tile: &[f64]) -> Self {
        let count = tile.len() as f64;
        let mean = tile.iter().sum::<f64>() / count;
        let deviations = tile.iter().map(|number| number - mean);
        let (m2, m3) = deviations.fold((0.0, 0.0), |(m2, m3), d| (m2 + d * d, m3 + d * d * d));
        Self { count, mean, m2, m3 }
    }

    fn merge(&mut self, right: Self) {
        if right.count == 0.0 || self.count == 0.0 {
            return if self.count == 0.0 {
                *self = right
            };
        }
        let (a, b) = (*self, right);
        let count = a.count + b.count;
        let delta = b.mean - a.mean;
        let step = delta / count;
        *self = Self {
            count,
            mean: a.mean + b.count * step,
            m2: a.m2 + b.m2 + delta * step * a.count * b.count,
            m3: a.m3
                + b.m3
                + delta * step * step * a.count * b.count * (a.count - b.count)
                + 3.0 * step * (a.count * b.m2 - b.count * a.m2),
        };
    }

    pub(crate) fn skewness(self) -> f64 {
        self.count.sqrt() * self.m3 / self.m2.powf(1.5)
    }
}

impl Reduction<[f64]> for Skewness {
    type State = Moments;
    type Output = f64;

    fn identity(&self) -> Moments {
        Moments::default()
    }

    fn update(&self, state: &mut Moments, tile: &[f64]) {
        state.merge(Moments::of(tile));
    }

    fn combine(&self, state: &mut Moments, following: Moments) {
        state.merge(following);
    }

    fn finish(&self, state: Moments) -> f64 {
        state.skewness()
    }

    fn codec(&self) -> Option<StateCodec<Moments>> {
        Some(StateCodec::of())
    }
}

/// How often the numbers turn from rising to falling or back: it depends on their order, and on what stands
/// where two blocks meet.
struct Turns;

#[derive(Clone, Default, Serialize, Deserialize)]
struct Seen {
    first: Vec<f64>,
    last: Vec<f64>,
    turns: u64,
}

portable_by_serde!(Seen);

fn turns(numbers: &[f64]) -> u64 {
    let turn = |three: &&[f64]| (three[1] - three[0]) * (three[2] - three[1]) < 0.0;
    numbers.windows(3).filter(turn).count() as u64
}

impl Reduction<[f64]> for Turns {
    type State = Seen;
    type Output = u64;

    fn identity(&self) -> Seen {
        Seen::default()
    }

    fn update(&self, state: &mut Seen, tile: &[f64]) {
        let of_tile = Seen {
            first: tile[..tile.len().min(2)].to_vec(),
            last: tile[tile.len().saturating_sub(2)..].to_vec(),
            turns: turns(tile),
        };
        self.combine(state, of_tile);
    }

    /// Every tile has two numbers at least.
    fn combine(&self, state: &mut Seen, following: Seen) {
        if state.first.is_empty() || following.first.is_empty() {
            return if state.first.is_empty() {
                *state = following
            };
        }
        state.turns += following.turns + turns(&[&state.last[..], &following.first].concat());
        state.last = following.last;
    }

    fn finish(&self, state: Seen) -> u64 {
        state.turns
    }

    fn codec(&self) -> Option<StateCodec<Seen>> {
        Some(StateCodec::of())
    }
}

#[test]
fn the_answers_are_those_of_all_numbers_at_once() {
    let program = Program::new("moments", 64, 7);
    let ((skewness, turned), _) = lazuli_core::compute(graph(&program)).expect("nothing fails");
    let all: Vec<f64> = (0..64).flat_map(|part| numbers(7, part)).collect();
    assert!((skewness - Moments::of(&all).skewness()).abs() < 1e-9, "{skewness}");
    assert!((skewness - 2.0).abs() < 0.2, "of an exponential distribution: {skewness}");
    assert_eq!(turned, turns(&all));
}
