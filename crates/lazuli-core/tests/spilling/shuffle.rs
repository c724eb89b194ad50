//! A shuffle whose pieces are four times what fits into memory.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use lazuli_core::{Delayed, Executor, task};

use crate::support::{Moves, Random, executors, must_end};

const PARTS: u64 = 64;
const BUCKETS: usize = 16;
/// Of eight bytes each: 1 MiB in a part.
const NUMBERS: usize = 1 << 17;
const DATA: u64 = PARTS * (NUMBERS as u64) * 8;

/// For each bucket, how many numbers it has and their sum in order, by its bits.
fn shuffle() -> Vec<Delayed<(usize, u64)>> {
    let part_bytes = NUMBERS as u64 * 8;
    let buckets: Vec<Vec<Delayed<Vec<f64>>>> = (0..PARTS)
        .map(|part| {
            let load = task("load").part(part.to_string()).output_bytes(part_bytes);
            let load = load.call((), move |()| {
                let mut random = Random(part);
                (0..NUMBERS).map(|_| random.below(1 << 30) as f64 / 7.0).collect::<Vec<f64>>()
            });
            // Buckets are not quite of one size: there is room for what they have beyond their share.
            let split = task("split").part(part.to_string()).output_bytes(part_bytes);
            split.portable::<Vec<f64>>().call_many(BUCKETS, &load, |numbers| {
                let room = numbers.len() / BUCKETS;
                let mut buckets: Vec<Vec<_>> =
                    (0..BUCKETS).map(|_| Vec::with_capacity(room)).collect();
                for &number in numbers {
                    buckets[number as usize % BUCKETS].push(number);
                }
                buckets
            })
        })
        .collect();
    let of_bucket = |bucket: usize| {
        let pieces: Vec<_> = buckets.iter().map(|part| part[bucket].clone()).collect();
        task("reduce").part(bucket.to_string()).call(pieces, |pieces: Vec<Vec<f64>>| {
            let numbers = || pieces.iter().flatten();
            (numbers().count(), numbers().fold(0.0, |sum, number| sum + number).to_bits())
        })
    };
    (0..BUCKETS).map(of_bucket).collect()
}

#[test]
fn a_shuffle_in_a_quarter_of_its_data_has_the_same_bits() {
    must_end(|| {
        let expected =
            Executor::threaded(2).and_then(|all| all.compute(shuffle())).expect("it runs");
        assert_eq!(
            expected.iter().map(|(count, _)| count).sum::<usize>(),
            PARTS as usize * NUMBERS
        );
        for (name, executor) in executors() {
            let moves = Arc::new(Moves::default());
            let limited =
                executor.with_memory_limit(DATA / 4).with_observer(Arc::clone(&moves) as _);
            assert_eq!(limited.compute(shuffle()).expect("it fits"), expected, "on {name}");
            let (written, read) = (moves.written.load(SeqCst), moves.read.load(SeqCst));
            assert!(written > DATA * 6 / 10, "{written} bytes were written on {name}");
            // Everything is taken once; and what is written is what does not fit.
            assert_eq!(written, read, "on {name}");
            assert!(written < DATA * 11 / 10, "{written} bytes were written on {name}");
        }
    });
}
