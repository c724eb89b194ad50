//! When and where tasks run, as an observer is told: the span of each try, its lane, and its worker.

use std::collections::BTreeSet;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use lazuli::core::observer::{Span, TaskInfo, worker};
use lazuli::core::task::reporter;
use lazuli::core::{Event, Lane, Observer, Retry, sum};
use lazuli::prelude::*;
use tokio::sync::Semaphore;

use crate::support::{Meeting, Named, executors, must_end, threaded};

/// An event of a task: its end with a span, or another moment.
#[derive(Clone, Debug)]
struct Moment {
    what: &'static str,
    name: String,
    index: usize,
    lane: Lane,
    worker: usize,
    span: Option<Span>,
}

#[derive(Default)]
struct Watch(Mutex<Vec<Moment>>);

impl Observer for Watch {
    fn event(&self, event: &Event<'_>) {
        let moment = |what, task: &TaskInfo<'_>, span: Option<Span>| Moment {
            what,
            name: task.name.to_owned(),
            index: task.index,
            lane: task.lane,
            worker: task.worker,
            span,
        };
        let moment = match event {
            Event::Started(task) => moment("started", task, None),
            Event::Finished(task, span) => moment("finished", task, Some(*span)),
            Event::Failed(task, _, span) => moment("failed", task, Some(*span)),
            Event::Retried(task, _, span) => moment("retried", task, Some(*span)),
            Event::Loaded { task, .. } => moment("loaded", task, None),
            _ => return,
        };
        self.0.lock().expect("watching does not panic").push(moment);
    }
}

/// Computes the collection; what was seen, with the time before and after.
fn watch<C: Collection>(executor: &Executor, collection: C) -> (Vec<Moment>, Instant, Instant) {
    let watch = Arc::new(Watch::default());
    let watched = executor.clone().with_observer(Arc::clone(&watch) as Arc<dyn Observer>);
    let before = Instant::now();
    // What comes of it is not what these tests are about.
    let _ = watched.compute(collection).is_ok();
    let after = Instant::now();
    (std::mem::take(&mut *watch.0.lock().expect("watching does not panic")), before, after)
}

fn spans_of(moments: &[Moment], name: &str) -> Vec<Span> {
    moments.iter().filter(|moment| moment.name == name).filter_map(|moment| moment.span).collect()
}

/// Whether there is a moment at which all of them ran.
fn overlap(spans: &[Span]) -> bool {
    spans.iter().map(|span| span.start).max() <= spans.iter().map(|span| span.end).min()
}

/// Tasks on all lanes; each layer takes the one before.
fn layers() -> Delayed<u64> {
    let mut layer: Vec<Delayed<u64>> = vec![Delayed::value(1), Delayed::value(2)];
    for depth in 0..12 {
        let make = |value: &Delayed<u64>| match depth % 3 {
            0 => value.map_named("cpu", |value| *value),
            1 => task("blocking").lane(Lane::Blocking).call(value, |value| *value),
            _ => task("async").call_async(value.clone(), |value| async move {
                tokio::task::yield_now().await;
                value
            }),
        };
        layer = layer.iter().chain(&layer[..1]).map(make).collect();
    }
    sum(layer)
}

/// Spans lie within the compute, and each begins when those of its inputs have ended.
#[test]
fn spans_are_in_the_order_of_the_graph() {
    for Named { name, executor } in executors() {
        let graph = layers();
        let (moments, before, after) = watch(executor, &graph);
        let plan = executor.plan(&graph).expect("no requests");
        let mut spans = vec![None; plan.tasks().len()];
        for moment in moments.iter().filter(|moment| moment.what == "finished") {
            spans[moment.index] = moment.span;
        }
        for task in plan.tasks() {
            let span = spans[task.index()].expect("every task has finished");
            assert!(span.start <= span.end, "{task:?} on {name}");
            assert!(before <= span.start && span.end <= after, "{task:?} on {name}");
            for input in task.dependencies() {
                let input = spans[input].expect("every task has finished");
                assert!(input.end <= span.start, "{task:?} on {name}");
            }
        }
        let lanes = |moment: &Moment| match &*moment.name {
            "blocking" => Lane::Blocking,
            "async" => Lane::Async,
            _ => Lane::Cpu,
        };
        assert!(moments.iter().all(|moment| moment.lane == lanes(moment)), "on {name}");
    }
}

/// Whoever calls the sync executor is the worker; the pool's one thread is another, for all CPU tasks.
#[test]
fn workers_are_threads() {
    for Named { name, executor } in executors() {
        let cpu = |_| Delayed::value(1_u64) + 1;
        let waits = task("wait").lane(Lane::Blocking).call((), |()| 1_u64);
        let graph = sum((0..50).map(cpu)) + waits;
        let (moments, ..) = watch(executor, graph);
        let workers = |lane: Lane| -> BTreeSet<usize> {
            moments
                .iter()
                .filter(|moment| moment.lane == lane)
                .map(|moment| moment.worker)
                .collect()
        };
        let (cpu, beside) = (workers(Lane::Cpu), workers(Lane::Blocking));
        if *name == "sync" {
            assert_eq!((cpu, beside), ([worker()].into(), [worker()].into()));
            continue;
        }
        let threads = executor.threads().expect("a known number");
        assert!((1..=threads).contains(&cpu.len()), "{cpu:?} on {name}");
        assert_eq!(beside.len(), 1, "on {name}");
        assert!(cpu.is_disjoint(&beside) && !cpu.contains(&worker()), "on {name}");
    }
}

/// Tasks that meet run at once, each on a worker of its own.
#[test]
fn what_runs_at_once_has_workers_of_its_own() {
    must_end(|| {
        for Named { name, executor } in threaded() {
            let meeting = Meeting::of(6);
            let meets = |lane| {
                let meeting = Arc::clone(&meeting);
                task("meets").lane(lane).call((), move |()| meeting.meet())
            };
            let threads = executor.threads().expect("a known number");
            let lanes =
                (0..6).map(|index| if index < threads { Lane::Cpu } else { Lane::Blocking });
            let (moments, ..) = watch(executor, lanes.map(meets).collect::<Vec<_>>());
            let spans = spans_of(&moments, "meets");
            assert!(spans.len() == 6 && overlap(&spans), "on {name}");
            let ends = moments.iter().filter(|moment| moment.what == "finished");
            let workers: BTreeSet<_> = ends.map(|moment| moment.worker).collect();
            assert_eq!(workers.len(), 6, "on {name}");
        }
    });
}

/// An async task runs from when it begins to when it has its value, also while it only waits.
#[test]
fn the_span_of_a_future_is_its_whole_wait() {
    must_end(|| {
        for Named { name, executor } in threaded() {
            let all = Arc::new(Semaphore::new(0));
            let meets = (0..6).map(|_| {
                let all = Arc::clone(&all);
                task("meets").try_call_async((), move |()| {
                    let all = Arc::clone(&all);
                    async move {
                        all.add_permits(1);
                        all.acquire_many(6).await.map(drop)
                    }
                })
            });
            let (moments, ..) = watch(executor, meets.collect::<Vec<_>>());
            let spans = spans_of(&moments, "meets");
            assert!(spans.len() == 6 && overlap(&spans), "on {name}");
        }
    });
}

/// Each try has a span, and the next begins when it has ended.
#[test]
fn each_try_has_its_span() {
    const WAIT: Duration = Duration::from_millis(2);
    for Named { name, executor } in executors() {
        for lane in [Lane::Cpu, Lane::Blocking] {
            let tries = AtomicUsize::new(0);
            let fails = task("fails").lane(lane).retry(Retry::times(2)).try_call((), move |()| {
                thread::sleep(WAIT);
                Err::<u8, _>(io::Error::other(tries.fetch_add(1, SeqCst).to_string()))
            });
            let (moments, before, after) = watch(executor, fails);
            let whats: Vec<_> = moments.iter().map(|moment| moment.what).collect();
            let expected = ["started", "retried", "started", "retried", "started", "failed"];
            assert_eq!(whats, expected, "on {name}");
            let mut last = before;
            for span in spans_of(&moments, "fails") {
                assert!(last <= span.start && span.start + WAIT <= span.end, "on {name}");
                last = span.end;
            }
            assert!(last <= after, "on {name}");
        }
    }
}

/// What a task loads comes from the worker that runs it.
#[test]
fn loads_come_from_the_worker_of_their_task() {
    for Named { name, executor } in executors() {
        let loads = (0..20_u64).map(|part| {
            let lane = if part % 2 == 0 { Lane::Cpu } else { Lane::Blocking };
            task("loads").lane(lane).call(reporter(), move |context| context.loaded("x", part))
        });
        let (moments, ..) = watch(executor, loads.collect::<Vec<_>>());
        let of = |what: &str| -> BTreeSet<(usize, usize)> {
            let moments = moments.iter().filter(|moment| moment.what == what);
            moments.map(|moment| (moment.index, moment.worker)).collect()
        };
        assert_eq!(of("loaded").len(), 20, "on {name}");
        assert_eq!(of("loaded"), of("started"), "on {name}");
        assert_eq!(of("loaded"), of("finished"), "on {name}");
    }
}
