//! Code of others that breaks its promises: destructors and observers that panic, layers that answer
//! wrongly, reductions that merge in their own way. None may abort, hang or leave a pool unusable.

use std::sync::Arc;

use lazuli::core::reduce::Joint;
use lazuli::core::{AnyDelayed, Event, Layer, Observer, TryReduction};
use lazuli::frame::polars::prelude::Column;
use lazuli::prelude::*;
use lazuli::{ErrorKind, core::Lane};

use crate::support::{Named, executors, must_end};

/// Panics when its last owner lets go of it.
struct Explosive;

impl Drop for Explosive {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            panic!("dropped");
        }
    }
}

fn still_works(executor: &Executor) {
    assert_eq!(executor.compute(Delayed::value(1) + 1_i32).unwrap(), 2);
}

#[test]
fn destructors_that_panic() {
    must_end(|| {
        for Named { name, executor } in executors() {
            for lane in [Lane::Cpu, Lane::Blocking] {
                let explosive = task("make").lane(lane).call((), |()| Arc::new(Explosive));
                let used = task("use").lane(lane).call(&explosive, |_| 1);
                let after = task("after").call(used, |used| used + 1);
                let error = executor.compute(after).unwrap_err();
                assert_eq!((error.kind(), error.task()), (ErrorKind::Panic, Some("use")), "{name}");
                still_works(executor);
            }
        }
    });
}

#[test]
fn panics_whose_payload_panics() {
    must_end(|| {
        for Named { executor, .. } in executors() {
            let thrower = task("throw").call((), |()| std::panic::panic_any(Arc::new(Explosive)));
            let error = executor.compute(thrower.map_named("after", |()| 1)).unwrap_err();
            assert_eq!((error.kind(), error.task()), (ErrorKind::Panic, Some("throw")));
            still_works(executor);
        }
    });
}

/// Panics at one kind of event.
struct Jumpy(fn(&Event<'_>) -> bool);

impl Observer for Jumpy {
    fn event(&self, event: &Event<'_>) {
        assert!(!(self.0)(event), "jumpy");
    }
}

#[test]
fn observers_that_panic() {
    must_end(|| {
        let moments: [fn(&Event<'_>) -> bool; 2] = [
            |event| matches!(event, Event::Started(_)),
            |event| matches!(event, Event::Finished(..)),
        ];
        for Named { executor, .. } in executors() {
            for (at, lane) in moments.into_iter().zip([Lane::Cpu, Lane::Blocking]) {
                let watched = executor.clone().with_observer(Arc::new(Jumpy(at)));
                let error = watched.compute(task("seen").lane(lane).call((), |()| 1)).unwrap_err();
                // Not the task's fault.
                assert_eq!((error.kind(), error.task()), (ErrorKind::Panic, None));
                still_works(executor);
            }
        }
    });
}

/// A layer that answers as it is told.
struct Told(fn(usize) -> Vec<AnyDelayed>);

impl Layer for Told {
    fn lower(
        requests: &[&Self],
        _: &lazuli::core::Lowering<'_>,
    ) -> lazuli::Result<Vec<lazuli::core::Answer>> {
        Ok((requests[0].0)(requests.len()).into_iter().map(Into::into).collect())
    }
}

#[test]
fn layers_that_answer_wrongly() {
    for Named { executor, .. } in executors() {
        let none: Delayed<i32> = Delayed::from_layer("none", Told(|_| Vec::new()), []);
        let error = executor.compute(none).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Plan);
        assert!(error.to_string().contains("Told` answered 1 requests with 0 values"), "{error}");

        let text = |_| vec![Delayed::value("text").erase()];
        let wrong: Delayed<i32> = Delayed::from_layer("wrong", Told(text), []);
        let error = executor.compute(wrong.map_named("take", |value| value + 1)).unwrap_err();
        assert_eq!((error.kind(), error.task()), (ErrorKind::Panic, Some("take")));
    }
}

/// A layer whose answer is made of its own request.
struct Circular(Arc<std::sync::OnceLock<AnyDelayed>>, bool);

impl Layer for Circular {
    fn lower(
        requests: &[&Self],
        _: &lazuli::core::Lowering<'_>,
    ) -> lazuli::Result<Vec<lazuli::core::Answer>> {
        let own = requests[0].0.get().cloned().expect("set before the compute");
        if requests[0].1 {
            return Ok(vec![own.into()]);
        }
        let around: Delayed<i32> = Delayed::from_layer("around", Told(|_| Vec::new()), [own]);
        Ok(vec![around.into()])
    }
}

#[test]
fn answers_that_depend_on_their_requests() {
    must_end(|| {
        for directly in [true, false] {
            let own = Arc::new(std::sync::OnceLock::new());
            let circular: Delayed<i32> =
                Delayed::from_layer("circular", Circular(Arc::clone(&own), directly), []);
            own.set(circular.erase()).expect("not set before");
            let error = compute(&circular).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Plan);
            assert!(error.to_string().contains("depends on that request"), "{error}");
        }
    });
}

/// Counts the merges of many states at once.
struct Merging;

macro_rules! merging {
    ($($input:ty),*) => {$(
        impl TryReduction<$input> for Merging {
            type State = usize;
            type Output = usize;
            type Error = std::convert::Infallible;

            fn identity(&self) -> usize {
                0
            }

            fn update(&self, _: &mut usize, _: &$input) -> Result<(), Self::Error> {
                Ok(())
            }

            fn combine(&self, _: &mut usize, _: usize) -> Result<(), Self::Error> {
                unreachable!("states are merged together")
            }

            fn combine_all(&self, merges: &mut usize, following: Vec<usize>) -> Result<(), Self::Error> {
                *merges += following.into_iter().sum::<usize>() + 1;
                Ok(())
            }

            fn finish(&self, merges: usize) -> Result<usize, Self::Error> {
                Ok(merges)
            }
        }
    )*};
}

merging!([f64], str, DataFrame, Column);

#[test]
fn reductions_that_merge_many_states_at_once_do_so_everywhere() {
    let x = ChunkedArray::from_fn([64], [1], |[i]| i as f64);
    // Eight groups of eight, and the group of those.
    assert_eq!(compute(x.reduce(Merging)).unwrap(), 9);

    let mut joint = Joint::<str>::new();
    let merges = joint.add(Merging);
    let parts = (0..64).map(|_| (task("part"), ()));
    let answers = joint.over(parts, |(), _, _| Ok::<(), std::convert::Infallible>(()));
    assert_eq!(compute(answers.get(&merges)).unwrap(), 9);

    let folder = tempfile::tempdir().unwrap();
    let files: Vec<_> = (0..9).map(|file| folder.path().join(format!("{file}.csv"))).collect();
    for file in &files {
        std::fs::write(file, "a\n1\n").unwrap();
    }
    let frame = scan_csv(&files).unwrap();
    assert_eq!(compute(frame.reduce(["a"], Merging)).unwrap(), 2);
    assert_eq!(compute(frame.column("a").reduce(Merging)).unwrap(), 2);
}
