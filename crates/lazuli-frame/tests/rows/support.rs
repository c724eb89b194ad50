//! Tables by chance, executors, and what was loaded.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use lazuli_core::{Collection, Event, Executor, Observer};
use lazuli_frame::Frame;
use lazuli_frame::polars::prelude::*;

/// Numbers by chance, the same in every run (Marsaglia's xorshift).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) % end
    }
}

/// So many rows: a key of text `k`, a whole number `n`, a fraction `f`, a truth `b`; each may be missing; and the
/// number of the row `id`.
pub(crate) fn table(rows: usize, seed: u64) -> DataFrame {
    let mut random = Random::new(seed);
    let (mut k, mut n, mut f, mut b) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rows {
        let mut maybe = |value: i64| (random.below(9) > 0).then_some(value);
        let (there, number, fraction, truth) = (maybe(0), maybe(1), maybe(2), maybe(3));
        let key = ["a", "b", "cc", "d,e", "ü"][random.below(5) as usize];
        k.push(there.map(|_| key));
        n.push(number.map(|_| random.below(2000) as i64 - 1000));
        f.push(fraction.map(|_| random.below(10_000) as f64 / 8.0 - 300.0));
        b.push(truth.map(|_| random.below(2) == 0));
    }
    let id: Vec<i64> = (0..rows as i64).collect();
    df!("k" => k, "n" => n, "f" => f, "b" => b, "id" => id).expect("columns of one length")
}

/// The same bits on every executor, and with next to no memory.
pub(crate) fn everywhere<C: Collection<Output = DataFrame>>(asked: &C) -> DataFrame {
    let two = Executor::threaded(2).expect("two threads");
    let executors = [Executor::sync(), two.clone(), two.with_memory_limit(1 << 30)];
    let mut found: Vec<DataFrame> = executors
        .iter()
        .map(|executor| executor.compute(asked).unwrap_or_else(|error| panic!("{error}")))
        .collect();
    let first = found.remove(0);
    for other in found {
        assert!(first.equals_missing(&other), "{first} {other}");
        assert_eq!(first.schema(), other.schema());
    }
    first
}

/// Tables of the same names, dtypes and rows; floats to a relative 1e-12 of `scale`.
pub(crate) fn assert_close(found: &DataFrame, expected: &DataFrame, scale: f64) {
    assert_eq!(found.schema(), expected.schema(), "{found} {expected}");
    assert_eq!(found.height(), expected.height(), "{found} {expected}");
    for (found, expected) in found.columns().iter().zip(expected.columns()) {
        for row in 0..found.len() {
            match (found.get(row).unwrap(), expected.get(row).unwrap()) {
                (AnyValue::Float64(a), AnyValue::Float64(b)) => {
                    let close = (a - b).abs() <= 1e-12 * b.abs().max(scale);
                    assert!(
                        close || a == b || a.is_nan() && b.is_nan(),
                        "{}[{row}]: {a} {b}",
                        found.name()
                    );
                }
                (a, b) => assert_eq!(a, b, "{}[{row}]", found.name()),
            }
        }
    }
}

/// The rows in an order of their own, for what comes in no particular one.
pub(crate) fn sorted(table: &DataFrame) -> DataFrame {
    let names: Vec<PlSmallStr> = table.columns().iter().map(|c| c.name().clone()).collect();
    table.sort(names, SortMultipleOptions::default()).expect("columns that can be ordered")
}

/// What the tasks of a compute load.
#[derive(Default)]
pub(crate) struct Loads(Mutex<Vec<String>>);

impl Loads {
    pub(crate) fn watch() -> (Arc<Self>, Executor) {
        let loads = Arc::new(Self::default());
        let observer = Arc::clone(&loads) as Arc<dyn Observer>;
        (loads, Executor::sync().with_observer(observer))
    }

    /// The names of the files, sorted.
    pub(crate) fn take(&self) -> Vec<String> {
        let mut loads = std::mem::take(&mut *self.0.lock().unwrap());
        loads.sort();
        loads
    }
}

impl Observer for Loads {
    fn event(&self, event: &Event<'_>) {
        if let Event::Loaded { source, .. } = event {
            let source = source.to_string();
            let name = source.rsplit('/').next().unwrap_or_default().to_owned();
            self.0.lock().unwrap().push(name);
        }
    }
}

/// The text of the error of a compute.
pub(crate) fn refusal<C: Collection>(asked: C) -> String {
    match Executor::sync().compute(asked) {
        Ok(_) => panic!("this is refused"),
        Err(error) => error.to_string(),
    }
}

/// A frame of the table in three partitions.
pub(crate) fn frame(table: &DataFrame) -> Frame {
    Frame::from_dataframe(table, 3)
}

/// The folder of real data beside the checkout; None, said aloud, where it is not there.
pub(crate) fn real_data() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    if !folder.join("flights").is_dir() {
        eprintln!("skipped: there is no real data in {}", folder.display());
        return None;
    }
    Some(folder)
}
