//! States along axes and by label, where memory is limited: they go to scratch files, and change no bit.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use lazuli_array::{ChunkedArray, Labels};
use lazuli_core::{Event, Executor, Observer};
use ndarray::{Array1, Array2, Axis};

#[derive(Default)]
struct Spills(AtomicUsize);

impl Observer for Spills {
    fn event(&self, event: &Event<'_>) {
        if let Event::Spilled { .. } = event {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[test]
fn states_that_do_not_fit_are_written_and_read() {
    let (rows, columns) = (96, 20_000);
    let value = |[i, j]: [usize; 2]| {
        ((i * 7919 + j * 31) % 1009) as f64 * if j % 1000 == 7 { 1e160 } else { 1.0 }
    };
    let x = ChunkedArray::from_fn([rows, columns], [2, columns], value);
    let along = x.along(Axis(0)).split_every(3);
    let labels = Labels::of((0..rows).map(|i| i % 3));
    let by = x.group_by(Axis(0), &labels).split_every(3);
    type Answer = (Array1<f64>, Array1<f64>, Array1<f64>, Array1<u64>, Array2<f64>, Array2<f64>);
    let asked =
        (along.mean(), along.kurtosis(), along.max(), along.argmin(), by.std(0), by.nanmin());
    let bits = |(mean, kurtosis, max, place, std, least): &Answer| -> Vec<u64> {
        let rows = std.iter().chain(least.iter());
        let floats =
            mean.iter().chain(kurtosis).chain(max).chain(rows).map(|value| value.to_bits());
        floats.chain(place.iter().copied()).collect()
    };
    let executor = Executor::threaded(2).expect("threads start");
    let free: Answer = executor.compute(&asked).unwrap();
    let plan = executor.plan(&asked).unwrap();
    let peak = plan.explain().peak_bytes;
    let spills = Arc::new(Spills::default());
    let limited = executor
        .with_memory_limit(peak * 3 / 4)
        .with_observer(Arc::clone(&spills) as Arc<dyn Observer>);
    let bounded: Answer = limited.compute(&asked).unwrap();
    assert_eq!(bits(&bounded), bits(&free));
    assert!(spills.0.load(Ordering::Relaxed) > 0, "states were written, at a peak of {peak}");
}
