//! Errors: what failed, where it was defined, on what it worked, and that nothing else suffers.

use std::error::Error as _;
use std::panic::{Location, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use lazuli::core::{Lane, Layer};
use lazuli::prelude::*;
use lazuli::{Error, ErrorKind};

use crate::support::{Meeting, Named, executors, must_end, threaded};

#[derive(Debug, thiserror::Error)]
#[error("the well is dry")]
struct Dry;

#[derive(Debug, thiserror::Error)]
#[error("no water")]
struct NoWater(#[source] Dry);

fn error_on<T: Clone + Send + Sync + 'static>(named: &Named, value: &Delayed<T>) -> Error {
    match named.executor.compute(value) {
        Ok(_) => panic!("computed on {}", named.name),
        Err(error) => error,
    }
}

fn dry(name: &'static str) -> Delayed<i64> {
    task(name).try_call((), |()| Err(NoWater(Dry)))
}

/// Panics without a message on the test's output.
fn quiet_panic<R>(payload: impl Send + 'static) -> R {
    resume_unwind(Box::new(payload))
}

#[test]
fn a_failing_task_is_named() {
    let line = line!() + 1;
    let failing = task("draw").part("well 7").try_call((), |()| Err::<i64, _>(NoWater(Dry)));
    let answer = failing.map_named("drink", |water| water + 1);
    for named in executors() {
        let error = error_on(named, &answer);
        assert_eq!(error.kind(), ErrorKind::Task);
        assert_eq!((error.task(), error.part()), (Some("draw"), Some("well 7")));
        let site = error.site().expect("a task has a site");
        assert_eq!((site.file(), site.line()), (file!(), line), "on {}", named.name);
        assert_eq!(error.others(), 0);
        assert!(error.find::<NoWater>().is_some(), "the source itself");
        assert!(error.find::<Dry>().is_some(), "and what is below it");
        assert!(error.find::<std::fmt::Error>().is_none());
        assert_eq!(error.source().map(ToString::to_string).as_deref(), Some("no water"));
        let expected = format!("task `draw` on well 7 (defined at {site}) failed: no water");
        assert_eq!(error.to_string(), expected);
    }
}

#[delayed]
fn draw(depth: i64) -> Result<i64, NoWater> {
    if depth < 10 { Err(NoWater(Dry)) } else { Ok(depth) }
}

/// The site of a task is where the user asked for it.
#[test]
fn the_site_is_the_caller_s() {
    let delayed = Delayed::value(0_i64);
    #[rustfmt::skip]
    let (first, failing) = (line!() + 1, [
        draw(1),
        &delayed + quiet("add"),
        delayed.map_named("map", |_| quiet_panic(())),
        delayed.try_map_named("and_then", |_| Err(Dry)),
        quiet("task"),
    ]);
    for named in executors() {
        for (line, failing) in (first..).zip(&failing) {
            let error = error_on(named, failing);
            let site = error.site().expect("a task has a site");
            assert_eq!((site.file(), site.line()), (file!(), line), "{error}");
        }
    }
}

#[track_caller]
fn quiet(name: &'static str) -> Delayed<i64> {
    task(name).call((), |()| quiet_panic(()))
}

#[test]
fn a_panic_is_an_error() {
    let text = task("text").call((), |()| quiet_panic::<()>("dry"));
    let string =
        task("string").part("well 8").call((), |()| quiet_panic::<()>("d".to_owned() + "ry"));
    let number = task("number").lane(Lane::Blocking).call((), |()| quiet_panic::<()>(7));
    for named in executors() {
        for (failing, message) in
            [(&text, "dry"), (&string, "dry"), (&number, "a value that is not text")]
        {
            let error = error_on(named, failing);
            assert_eq!(error.kind(), ErrorKind::Panic);
            assert_eq!(error.site().map(Location::file), Some(file!()));
            assert!(error.source().is_none());
            let shown = error.to_string();
            assert!(shown.contains(&format!("`{}`", error.task().expect("named"))), "{shown}");
            assert!(shown.ends_with(&format!(" panicked: {message}")), "{shown}");
        }
        assert_eq!(error_on(named, &string).part(), Some("well 8"));
    }
}

/// A real `panic!`, with the hook and its message, as users write it.
#[test]
fn panic_with_a_message() {
    let failing = Delayed::value(0_usize).map_named("index", |at| [1_i64, 2][at + 2]);
    let error = compute(failing).expect_err("there is no third");
    assert_eq!((error.kind(), error.task()), (ErrorKind::Panic, Some("index")));
    assert!(error.to_string().contains("out of bounds"), "{error}");
}

#[test]
fn what_depends_on_a_failure_does_not_run() {
    for named in executors() {
        let runs = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&runs);
        let dependent = dry("draw").map_named("drink", move |_| counter.fetch_add(1, SeqCst));
        let counter = Arc::clone(&runs);
        let last = dependent.map_named("digest", move |_| counter.fetch_add(1, SeqCst));
        assert_eq!(error_on(named, &last).task(), Some("draw"));
        assert_eq!(runs.load(SeqCst), 0, "on {}", named.name);
    }
}

/// On one thread, what is planned after the failing task never starts.
#[test]
fn nothing_runs_after_the_first_failure() {
    for named in executors() {
        if named.executor.threads().expect("a known number") > 1 {
            continue;
        }
        let runs = Arc::new(AtomicUsize::new(0));
        let tasks = (0..1000).map(|index| {
            let runs = Arc::clone(&runs);
            task("count").try_call((), move |()| {
                runs.fetch_add(1, SeqCst);
                if index == 300 { Err(NoWater(Dry)) } else { Ok(index) }
            })
        });
        let error = error_on(named, &sequence(tasks));
        assert_eq!((error.task(), error.others()), (Some("count"), 0));
        assert_eq!(runs.load(SeqCst), 301, "on {}", named.name);
    }
}

/// Three tasks fail for certain, because each waits for the others before it does.
#[test]
fn of_several_failures_the_first_in_plan_order_is_told_and_the_others_counted() {
    for named in threaded() {
        let meeting = Meeting::of(3);
        let wells: Vec<_> = ["first", "second", "third"]
            .map(|name| {
                let meeting = Arc::clone(&meeting);
                task(name).lane(Lane::Blocking).try_call((), move |()| {
                    assert!(meeting.meet(), "the three run at once");
                    Err::<i64, _>(NoWater(Dry))
                })
            })
            .into();
        let error = error_on(named, &sequence(wells));
        assert_eq!((error.task(), error.others()), (Some("first"), 2), "on {}", named.name);
        assert!(error.to_string().ends_with("no water (and 2 other tasks failed)"), "{error}");
        assert!(error.find::<Dry>().is_some());
    }
}

#[test]
fn the_pool_stays_usable() {
    for named in executors() {
        for round in 0..200 {
            let leaves =
                (0..20).map(|leaf| {
                    task("leaf").call((), move |()| {
                        if leaf == round % 20 { quiet_panic("dry") } else { leaf }
                    })
                });
            let total = tree_reduce(leaves, 2, |a, b| a + b).expect("there are leaves");
            assert_eq!(error_on(named, &total).task(), Some("leaf"));
        }
        let squares = sequence((0..100).map(|x| Delayed::value(x) * x));
        let squares = named.executor.compute(squares).expect("nothing fails");
        assert_eq!(squares[99], 99 * 99, "on {}", named.name);
    }
}

/// An error of a compute inside a task says which task failed there; the outer task adds nothing.
#[test]
fn the_error_of_a_nested_compute_passes_through() {
    for named in executors() {
        let outer = task("outer").try_call((), |()| compute(dry("inner")));
        let outermost = task("outermost").try_call((), move |()| compute(&outer));
        let error = error_on(named, &outermost);
        assert_eq!((error.kind(), error.task()), (ErrorKind::Task, Some("inner")));
        assert!(error.find::<Dry>().is_some());
        assert_eq!(error.to_string().matches("task `").count(), 1, "{error}");

        let outer = task("outer").try_call((), |()| compute(quiet("inner")));
        let error = error_on(named, &outer);
        assert_eq!((error.kind(), error.task()), (ErrorKind::Panic, Some("inner")));
    }
}

/// One that is wrapped by the outer task's own error is found below it.
#[test]
fn a_wrapped_error_of_a_nested_compute_is_found() {
    #[derive(Debug, thiserror::Error)]
    #[error("no dinner")]
    struct NoDinner(#[from] Error);

    for named in executors() {
        let outer = task("outer").try_call((), |()| Ok::<_, NoDinner>(compute(dry("inner"))? + 1));
        let error = error_on(named, &outer);
        assert_eq!(error.task(), Some("outer"));
        let inner = error.find::<Error>().expect("the inner error is a source");
        assert_eq!(inner.task(), Some("inner"));
        assert!(error.find::<Dry>().is_some());
    }
}

/// A request that cannot be planned.
struct Impossible;

impl Layer for Impossible {
    fn lower(
        _: &[&Self],
        _: &lazuli::core::Lowering<'_>,
    ) -> lazuli::Result<Vec<lazuli::core::Answer>> {
        Err(Error::plan(Dry))
    }
}

#[test]
fn a_request_that_cannot_be_planned_is_told_before_anything_runs() {
    for named in executors() {
        let runs = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&runs);
        let other = task("other").call((), move |()| counter.fetch_add(1, SeqCst));
        let request = Delayed::<usize>::from_layer("impossible", Impossible, []);
        let error = error_on(named, &(other + request));
        assert_eq!((error.kind(), error.task()), (ErrorKind::Plan, Some("impossible")));
        assert!(error.find::<Dry>().is_some());
        assert_eq!(runs.load(SeqCst), 0, "on {}", named.name);
    }
}

#[test]
fn an_executor_without_threads_is_refused() {
    let error = Executor::threaded(0).err().expect("no threads, no executor");
    assert_eq!(error.kind(), ErrorKind::Setup);
}

/// What runs on while another task fails still ends before the compute does.
#[test]
fn the_compute_returns_when_what_runs_has_ended() {
    must_end(|| {
        for named in threaded() {
            let meeting = Meeting::of(2);
            let ended = Arc::new(AtomicUsize::new(0));
            let failing = {
                let meeting = Arc::clone(&meeting);
                task("failing").lane(Lane::Blocking).try_call((), move |()| {
                    meeting.meet();
                    Err::<usize, _>(Dry)
                })
            };
            let slow = {
                let ended = Arc::clone(&ended);
                task("slow").lane(Lane::Blocking).call((), move |()| {
                    meeting.meet();
                    std::thread::sleep(Duration::from_millis(20));
                    ended.fetch_add(1, SeqCst)
                })
            };
            assert_eq!(error_on(named, &(failing + slow)).task(), Some("failing"));
            assert_eq!(ended.load(SeqCst), 1, "on {}", named.name);
        }
    });
}
