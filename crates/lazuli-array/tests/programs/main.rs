//! Random programs: an array goes through views, arithmetic, stages and selections, and so does its twin in memory;
//! at the end random statistics of both are the same.
//!
//! Each program has a number, and nothing else decides what it does. `LAZULI_PROGRAMS=1000000` runs a million of
//! them, `LAZULI_PROGRAM=1234` one.

mod asks;
mod steps;

use std::fmt::Debug;

use lazuli_array::{CastFrom, ChunkedArray, Number, SortKey};
use lazuli_core::Executor;
use ndarray::{ArrayD, IxDyn};

use asks::{Ask, Asked};

/// What elements of programs are.
pub(crate) trait Kind: SortKey + CastFrom<f64> + Into<Number> + PartialEq + Debug {}

impl<A: SortKey + CastFrom<f64> + Into<Number> + PartialEq + Debug> Kind for A {}

/// An array in memory and in chunks.
pub(crate) type Twins<A> = (ArrayD<A>, ChunkedArray<A, IxDyn>);

/// What a program draws its decisions from: numbers that depend on its own number alone.
pub(crate) struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        for factor in [0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb] {
            bits = (bits ^ (bits >> 29)).wrapping_mul(factor);
        }
        bits ^ (bits >> 32)
    }

    /// Below a number, which is above 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// Sizes that sum up to a length.
    pub(crate) fn cuts(&mut self, len: usize) -> Vec<usize> {
        let mut sizes = Vec::new();
        let mut left = len;
        while left > 0 {
            let size = 1 + self.below(left);
            sizes.push(size);
            left -= size;
        }
        sizes
    }
}

/// An array of one to five axes, some of them empty.
fn begin<A: Kind>(draw: &mut Draw) -> Twins<A> {
    let ndim = 1 + draw.below(5);
    let most = [40, 12, 6, 5, 4][ndim - 1];
    let shape: Vec<usize> =
        (0..ndim).map(|_| if draw.below(40) == 0 { 0 } else { 1 + draw.below(most) }).collect();
    let nan = A::NAN.filter(|_| draw.below(4) == 0);
    let elements = (0..shape.iter().product()).map(|_| match (draw.below(12), nan) {
        (0, Some(nan)) => nan,
        (1, _) => A::ZERO,
        (2, _) => A::ONE,
        _ => A::cast_from(
            draw.below(2000) as f64 / 16.0 - if A::LOWEST < A::ZERO { 62.5 } else { 0.0 },
        ),
    });
    let elements = elements.collect();
    let values =
        ArrayD::from_shape_vec(IxDyn(&shape), elements).expect("as many as the shape says");
    let chunks: Vec<Vec<usize>> = shape.iter().map(|&len| draw.cuts(len)).collect();
    let x = ChunkedArray::from_array(values.clone(), chunks);
    (values, x)
}

/// Runs a program, and checks what it computes: the same on one thread, on several, and asked alone.
fn run<A: Kind>(number: u64, executors: &[Executor]) {
    let mut draw = Draw(number.wrapping_mul(0xd6e8_feb8_6659_fd93));
    let mut twins = begin::<A>(&mut draw);
    let mut written = format!("{} {:?}", std::any::type_name::<A>(), twins.1);
    for _ in 0..draw.below(6) {
        let name;
        (twins, name) = steps::step(twins, &mut draw);
        written += &format!(", {name}");
    }
    let (values, x) = &twins;
    assert_eq!(x.shape(), values.shape(), "program {number}: {written}");
    x.check().unwrap_or_else(|error| panic!("program {number}: {written}: {error}"));
    let asked: Vec<_> = (0..1 + draw.below(3)).map(|_| asks::ask(values, x, &mut draw)).collect();
    let answers = |executor: &Executor, asked: &[Ask]| {
        let (mut values, mut arrays) = (Vec::new(), vec![]);
        for ask in asked {
            match &ask.asked {
                Asked::Values(delayed) => values.push(delayed.clone()),
                Asked::Array(array) => arrays.push(array.clone()),
            }
        }
        let found = executor.compute((values, arrays, x.clone()));
        let (values, arrays, array) =
            found.unwrap_or_else(|error| panic!("program {number}: {written}: {error}"));
        let (mut values, mut arrays) = (values.into_iter(), arrays.into_iter());
        let found = asked.iter().map(|ask| match ask.asked {
            Asked::Values(_) => values.next().unwrap_or_default(),
            Asked::Array(_) => arrays.next().into_iter().flatten().collect(),
        });
        (found.collect::<Vec<Vec<f64>>>(), array)
    };
    let (found, array) = answers(&executors[0], &asked);
    for (found, ask) in found.iter().zip(&asked) {
        ask.check(found, &format!("program {number}: {written}: {}", ask.name));
    }
    let same = array.iter().zip(values).all(|(a, b)| a == b || a.is_nan() && b.is_nan());
    assert!(
        same && array.shape() == values.shape(),
        "program {number}: {written}: {array:?} {values:?}"
    );
    if number.is_multiple_of(8) {
        let bits = |found: &[Vec<f64>]| -> Vec<u64> {
            found.iter().flatten().map(|value| value.to_bits()).collect()
        };
        for executor in &executors[1..] {
            assert_eq!(
                bits(&answers(executor, &asked).0),
                bits(&found),
                "program {number}: {written}"
            );
        }
        let alone = answers(&executors[0], &asked[..1]).0;
        assert_eq!(bits(&alone), bits(&found[..1]), "program {number}: {written}: alone");
    }
}

fn asked_for(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().and_then(|number| number.parse().ok())
}

#[test]
fn programs_compute_what_their_twins_in_memory_do() {
    let executors = [Executor::sync(), Executor::threaded(3).expect("threads start")];
    let one = asked_for("LAZULI_PROGRAM");
    let numbers = match one {
        Some(one) => one..one + 1,
        None => 0..asked_for("LAZULI_PROGRAMS").unwrap_or(10_000),
    };
    for number in numbers {
        match number % 10 {
            0 => run::<f32>(number, &executors),
            1 => run::<i8>(number, &executors),
            2 => run::<i16>(number, &executors),
            3 => run::<i32>(number, &executors),
            4 => run::<i64>(number, &executors),
            5 => run::<u8>(number, &executors),
            6 => run::<u16>(number, &executors),
            7 => run::<u32>(number, &executors),
            8 => run::<u64>(number, &executors),
            _ => run::<f64>(number, &executors),
        }
    }
}
