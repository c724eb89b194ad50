//! Who watches a compute, how closely, and what they are told.

use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex};

use lazuli_core::observer::{Beginning, Meter, Watch};
use lazuli_core::{
    CancelToken, Delayed, Error, ErrorKind, Event, Executor, Observer, Observers, Result, task,
};

/// Counts what it is told.
#[derive(Default)]
struct Counts {
    begun: AtomicUsize,
    of_tasks: AtomicUsize,
    planned: AtomicUsize,
    failed: AtomicUsize,
    ended: AtomicUsize,
    /// The kinds of the errors that computes ended with.
    ends: Mutex<Vec<Option<ErrorKind>>>,
    meters: Mutex<Vec<Meter>>,
    cancels: Mutex<Vec<CancelToken>>,
    /// Whether it asks the meter.
    metered: bool,
}

struct Shared(Arc<Counts>);

impl Observer for Shared {
    fn event(&self, event: &Event<'_>) {
        let count = match event {
            Event::Started(_) | Event::Finished(..) => &self.0.of_tasks,
            Event::Planned(_) => &self.0.planned,
            Event::Failed(..) => &self.0.failed,
            Event::Ended => &self.0.ended,
            _ => return,
        };
        count.fetch_add(1, Relaxed);
    }

    fn begin(&self, compute: &Beginning) -> Watch {
        self.0.begun.fetch_add(1, Relaxed);
        self.0.meters.lock().unwrap().push(compute.meter.clone());
        self.0.cancels.lock().unwrap().push(compute.cancel.clone());
        if self.0.metered {
            Watch::Metered(Arc::new(Shared(Arc::clone(&self.0))))
        } else {
            Watch::Here
        }
    }

    fn end(&self, error: Option<&Error>) {
        self.0.ends.lock().unwrap().push(error.map(Error::kind));
    }
}

fn watched(metered: bool) -> (Arc<Counts>, Vec<Executor>) {
    let counts = Arc::new(Counts { metered, ..Counts::default() });
    let watch = |executor: Executor| executor.with_observer(Arc::new(Shared(Arc::clone(&counts))));
    let executors = vec![watch(Executor::sync()), watch(Executor::threaded(2).unwrap())];
    (counts, executors)
}

fn ten() -> Delayed<i64> {
    (0..10).map(|i| Delayed::value(i).map_named("one", |i| i + 1)).sum()
}

#[test]
fn a_metered_observer_is_not_told_of_tasks_and_can_count_them() {
    let (counts, executors) = watched(true);
    for executor in &executors {
        assert_eq!(executor.compute(ten()).unwrap(), 55);
    }
    assert_eq!(counts.of_tasks.load(Relaxed), 0);
    assert_eq!(
        (counts.begun.load(Relaxed), counts.planned.load(Relaxed), counts.ended.load(Relaxed)),
        (2, 2, 2)
    );
    for meter in counts.meters.lock().unwrap().iter() {
        let progress = meter.read();
        assert_eq!((progress.done, progress.total), (11, Some(11)));
    }
}

/// Beside one that is told everything, the meter counts all the same.
#[test]
fn several_observers_watch_as_closely_as_each_wants_to() {
    let (close, _) = watched(false);
    let (far, _) = watched(true);
    let both = Observers::new([
        Arc::new(Shared(Arc::clone(&far))) as Arc<dyn Observer>,
        Arc::new(Shared(Arc::clone(&close))) as _,
    ]);
    let executor = Executor::threaded(2).unwrap().with_observer(Arc::new(both));
    assert_eq!(executor.compute(ten()).unwrap(), 55);
    assert_eq!((close.of_tasks.load(Relaxed), far.of_tasks.load(Relaxed)), (22, 0));
    assert_eq!(far.meters.lock().unwrap()[0].read().done, 11);
    for counts in [close, far] {
        assert_eq!(*counts.ends.lock().unwrap(), [None]);
        assert_eq!(counts.planned.load(Relaxed), 1);
    }
}

/// However a compute ends, and whether it was planned or not, the end is told once.
#[test]
fn every_end_is_told_once() -> Result<()> {
    let wrong = || task("wrong").try_call((), |()| "x".parse::<i64>());
    let large = || task("large").output_bytes(1000).call((), |()| 1_i64);
    for metered in [false, true] {
        let (counts, executors) = watched(metered);
        for executor in &executors {
            executor.compute(ten())?;
            executor.compute(wrong()).unwrap_err();
            executor.clone().with_memory_limit(10).compute(large() + 1).unwrap_err();
            let token = CancelToken::new();
            token.cancel();
            executor.clone().with_cancel(&token).compute(ten()).unwrap_err();
            executor.start(ten()).wait()?;
            executor.start(wrong()).wait().unwrap_err();
            executor.compute(Delayed::value(1))?;
        }
        use ErrorKind::{Cancelled, Memory, Task};
        let ends = [None, Some(Task), Some(Memory), Some(Cancelled), None, Some(Task), None];
        assert_eq!(*counts.ends.lock().unwrap(), ends.repeat(2));
        assert_eq!(counts.begun.load(Relaxed), 14);
        assert_eq!(counts.failed.load(Relaxed), 4);
    }
    Ok(())
}

/// What an observer is handed cancels the compute it was handed for, and no other.
#[test]
fn an_observer_can_cancel_a_compute() {
    let (counts, executors) = watched(false);
    let executor = &executors[1];
    let waits = || {
        task("waits").call(task::reporter(), |context: &lazuli_core::executor::TaskContext<'_>| {
            while !context.is_over() {
                std::thread::yield_now();
            }
        })
    };
    let running = executor.start(waits());
    counts.cancels.lock().unwrap()[0].cancel();
    assert_eq!(running.wait().unwrap_err().kind(), ErrorKind::Cancelled);
    assert_eq!(executor.compute(ten()).unwrap(), 55);
}

/// An observer that panics fails the compute, with or without an answer, and nothing more.
#[test]
fn a_panic_of_an_observer_is_an_error() {
    struct Panics(bool);
    impl Observer for Panics {
        fn event(&self, _: &Event<'_>) {}
        fn begin(&self, _: &Beginning) -> Watch {
            assert!(!self.0, "at the beginning");
            Watch::Here
        }
        fn end(&self, _: Option<&Error>) {
            panic!("at the end");
        }
    }
    for early in [true, false] {
        for executor in [Executor::sync(), Executor::threaded(2).unwrap()] {
            let executor = executor.with_observer(Arc::new(Panics(early)));
            assert_eq!(executor.compute(ten()).unwrap_err().kind(), ErrorKind::Panic);
            assert_eq!(executor.start(ten()).wait().unwrap_err().kind(), ErrorKind::Panic);
        }
    }
}
