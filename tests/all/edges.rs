//! The core at its edges: what panics outside of any task, what waits where nothing else can run.

use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use lazuli::ErrorKind;
use lazuli::core::{AnyDelayed, Event, Lane, Layer, Observer, Retry};
use lazuli::prelude::*;

use crate::support::{Kind, Named, Recorder, comes_true, executors, must_end, threaded};

#[test]
fn sizes_beyond_the_largest_number() {
    for Named { executor, .. } in executors() {
        let huge = task("huge").output_bytes(u64::MAX).working_bytes(1).call((), |()| 1);
        let error = executor.clone().with_memory_limit(1000).compute(&huge).expect_err("no room");
        assert_eq!(error.kind(), ErrorKind::Memory);
        assert_eq!(executor.compute(&huge).expect("no limit"), 1);
    }
}

/// On the only thread of a pool.
#[test]
fn a_task_waits_for_what_it_started_by_the_sync_executor() {
    let one = &threaded()[0].executor;
    let nested = task("nested").try_call((), |()| {
        let running = start(Delayed::value(20) + 1);
        Executor::sync().compute(running.handles() * 2)
    });
    assert_eq!(one.compute(nested).expect("nothing fails"), 42);
}

#[test]
fn a_handle_of_what_failed_is_not_tried_again() {
    for Named { name, executor } in executors() {
        let fails = task("fails").retry(Retry::times(2)).try_call((), |()| "x".parse::<u8>());
        let running = executor.start(fails);
        let (recorder, watched) = Recorder::watch(executor);
        watched.compute(running.handles() + 1).expect_err("it fails");
        let retried = recorder.take().iter().filter(|seen| seen.kind == Kind::Retried).count();
        assert_eq!(retried, 0, "on {name}");
    }
}

struct Broken;
impl Layer for Broken {
    fn lower(
        _: &[&Self],
        _: &lazuli::core::Lowering<'_>,
    ) -> lazuli::Result<Vec<lazuli::core::Answer>> {
        std::panic::resume_unwind(Box::new("broken"))
    }
}

/// Both where the caller waits and where nobody does.
#[track_caller]
fn panics<C: Collection>(executor: &Executor, collection: C, with: &str) {
    let (here, beside) = (executor.compute(&collection), executor.start(&collection).wait());
    for error in [here.err(), beside.err()] {
        let error = error.expect("it panics");
        assert_eq!(error.kind(), ErrorKind::Panic);
        assert!(error.to_string().ends_with(with), "{error}");
    }
    assert_eq!(executor.compute(Delayed::value(6) * 7).expect("the pool is usable"), 42);
}

#[test]
fn a_layer_that_panics_is_an_error() {
    for Named { executor, .. } in executors() {
        let request = Delayed::<u8>::from_layer("broken", Broken, []);
        panics(executor, &request, "panicked: broken");
        let error = executor.explain(&request).expect_err("it panics");
        assert_eq!(error.kind(), ErrorKind::Panic);
    }
}

struct Breaks(fn(&Event<'_>) -> bool);
impl Observer for Breaks {
    fn event(&self, event: &Event<'_>) {
        if (self.0)(event) {
            std::panic::resume_unwind(Box::new("observer"))
        }
    }
}

#[test]
fn an_observer_that_panics_is_an_error() {
    let breaks: [fn(&Event<'_>) -> bool; 4] = [
        |event| matches!(event, Event::Planned(_)),
        |event| matches!(event, Event::Started(_)),
        |event| matches!(event, Event::Finished(..)),
        |event| matches!(event, Event::Ended),
    ];
    for Named { executor, .. } in executors() {
        for breaks in breaks {
            let observed = executor.clone().with_observer(Arc::new(Breaks(breaks)));
            let sum = Delayed::value(1) + 1;
            let (here, beside) = (observed.compute(&sum), observed.start(&sum).wait());
            for error in [here.err(), beside.err()] {
                let error = error.expect("it panics");
                assert!(error.to_string().ends_with("panicked: observer"), "{error}");
            }
        }
    }
}

#[test]
fn a_compute_inside_a_future_is_cancelled_too() {
    for Named { name, executor } in threaded() {
        let token = CancelToken::new();
        let cancels = token.clone();
        let gauge = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&gauge);
        let outer = task("outer").try_call_async((), move |()| {
            let (cancels, counter) = (cancels.clone(), Arc::clone(&counter));
            async move {
                let first = task("first").call((), move |()| cancels.cancel());
                let second = first.map_named("second", move |()| counter.fetch_add(1, SeqCst));
                // Not a future that dropping the outer one would cancel.
                start(second).wait()
            }
        });
        executor.clone().with_cancel(&token).compute(outer).expect_err("cancelled");
        thread::sleep(Duration::from_millis(100));
        assert_eq!(gauge.load(SeqCst), 0, "on {name}");
    }
}

/// A request that is answered by its first dependency alone.
struct First(AnyDelayed);

impl Layer for First {
    fn lower(
        requests: &[&Self],
        _: &lazuli::core::Lowering<'_>,
    ) -> lazuli::Result<Vec<lazuli::core::Answer>> {
        Ok(requests.iter().map(|request| request.0.clone().into()).collect())
    }
}

/// Also when the output is no request itself.
#[test]
fn tasks_that_no_answer_needs_are_counted_as_culled() {
    let needed = task("needed").call((), |()| 1_u8);
    let others: Vec<_> = (0..4).map(|_| task("other").call((), |()| 1_u8)).collect();
    let below = others.iter().map(Delayed::erase).chain([needed.erase()]);
    let first = Delayed::<u8>::from_layer("first", First(needed.erase()), below);
    let explained = (&first + 1).explain().expect("a sound request");
    assert_eq!((explained.described, explained.requests), (7, 1));
    assert_eq!((explained.lowered, explained.culled, explained.tasks), (6, 2, 2));
}

fn failure(executor: &Executor, delayed: &Delayed<()>, background: bool) -> lazuli::Error {
    let answer =
        if background { executor.start(delayed).wait() } else { executor.compute(delayed) };
    answer.expect_err("it fails")
}

/// An error whose destructor panics.
#[derive(Debug, thiserror::Error)]
#[error("on purpose")]
struct BadError;

impl Drop for BadError {
    fn drop(&mut self) {
        std::panic::resume_unwind(Box::new("destructor"))
    }
}

/// What a try has failed with is dropped before the next.
#[test]
fn an_error_that_panics_when_it_is_dropped_does_not_end_the_tries() {
    must_end(|| {
        for Named { name, executor } in executors() {
            for lane in [Lane::Cpu, Lane::Blocking] {
                let tries = Arc::new(AtomicUsize::new(0));
                let counter = Arc::clone(&tries);
                let flaky =
                    task("flaky").lane(lane).retry(Retry::times(2)).try_call((), move |()| {
                        if counter.fetch_add(1, SeqCst) < 2 { Err(BadError) } else { Ok(7) }
                    });
                assert_eq!(executor.compute(flaky).expect("the third try"), 7, "on {name}");
            }
        }
    });
}

/// Its destructor panics, whatever else goes on.
struct Grenade(Arc<AtomicUsize>);

impl Drop for Grenade {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
        std::panic::resume_unwind(Box::new("destructor"))
    }
}

/// At its last use it fails the task; where a run is ended early, it is dropped and forgotten.
#[test]
fn a_destructor_that_panics_keeps_nothing_from_its_end() {
    must_end(destructors_that_panic);
}

fn destructors_that_panic() {
    for Named { name, executor } in executors() {
        let dropped = Arc::new(AtomicUsize::new(0));
        let counts = Arc::clone(&dropped);
        let grenade = || {
            let counts = Arc::clone(&counts);
            task("grenade").call((), move |()| Grenade(Arc::clone(&counts)))
        };
        let error = executor.compute(grenade().map_named("uses", |_| ())).expect_err("it panics");
        assert_eq!((error.kind(), error.task()), (ErrorKind::Panic, Some("uses")), "on {name}");
        assert_eq!(dropped.swap(0, SeqCst), 1, "on {name}");
        // Several at once.
        let lent = task("uses").call(&(0..3).map(|_| grenade()).collect::<Vec<_>>(), |_| ());
        for background in [false, true] {
            let error = failure(executor, &lent, background);
            assert_eq!(error.task(), Some("uses"), "on {name}");
            assert_eq!(dropped.swap(0, SeqCst), 3, "on {name}");
        }
        // While the new value is there as well.
        let counts = Arc::clone(&dropped);
        let next = grenade()
            .map_named("next", move |_| Grenade(Arc::clone(&counts)))
            .map_named("uses", |_| ());
        for background in [false, true] {
            let error = failure(executor, &next, background);
            assert_eq!(error.task(), Some("next"), "on {name}");
            assert_eq!(dropped.swap(0, SeqCst), 2, "on {name}");
        }
        // Several are left when the last task fails.
        let grenades: Vec<_> = (0..3).map(|_| grenade()).collect();
        let fails = task("fails").try_call(&grenades, |_| "x".parse::<u8>());
        let later = task("later").call((&grenades, &fails), |_| ());
        for background in [false, true] {
            let error = failure(executor, &later, background);
            assert_eq!(error.task(), Some("fails"), "on {name}");
            assert!(comes_true(|| dropped.load(SeqCst) == 3), "a value is left on {name}");
            dropped.store(0, SeqCst);
        }
    }
}

#[derive(PartialEq, Eq)]
struct BadKey;

impl Hash for BadKey {
    fn hash<H: Hasher>(&self, _: &mut H) {
        std::panic::resume_unwind(Box::new("key"))
    }
}

#[test]
fn a_key_that_panics_is_an_error() {
    for Named { executor, .. } in executors() {
        panics(executor, task("pure").pure(BadKey).call((), |()| 1), "panicked: key");
    }
}
