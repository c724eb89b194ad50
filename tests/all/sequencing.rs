//! Order between tasks that share no data: on shared values, requests, held and started values, for
//! collections of every shape; and that it changes nothing else.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use lazuli::core::{Lane, Retry};
use lazuli::prelude::*;

use crate::support::{Gauge, Kind, Meeting, Named, Recorder, executors, must_end, threaded};

/// What tasks have noted, in order.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<&'static str>>>);

impl Log {
    fn note(&self, text: &'static str) {
        self.0.lock().expect("no panic").push(text);
    }

    fn take(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.0.lock().expect("no panic"))
    }

    fn on(&self, lane: Lane, text: &'static str) -> Delayed<usize> {
        let log = self.clone();
        match lane {
            Lane::Async => task(text).call_async((), move |()| {
                let log = log.clone();
                async move {
                    tokio::task::yield_now().await;
                    log.note(text);
                    text.len()
                }
            }),
            lane => task(text).lane(lane).call((), move |()| {
                log.note(text);
                text.len()
            }),
        }
    }
}

const LANES: [Lane; 3] = [Lane::Cpu, Lane::Blocking, Lane::Async];

/// Any lane after any other, in either place of the request.
#[test]
fn tasks_of_all_lanes_come_after_one_another() {
    for Named { name, executor } in executors() {
        for (first_lane, later_lane) in
            LANES.iter().flat_map(|one| LANES.map(|other| (*one, other)))
        {
            let log = Log::default();
            let first = log.on(first_lane, "first");
            let later = log.on(later_lane, "later").after(&first);
            executor.compute((&later, &first)).expect("nothing fails");
            assert_eq!(log.take(), ["first", "later"], "on {name}");
            let last = log.on(first_lane, "last").after((&later, [first]));
            assert_eq!(executor.compute(last).expect("nothing fails"), 4, "on {name}");
            assert_eq!(log.take(), ["first", "later", "last"], "on {name}");
        }
    }
}

/// What is put off is a node of its own: the other one does not wait, and both run.
#[test]
fn a_shared_task_that_is_put_off_is_another() {
    must_end(|| {
        for Named { name, executor } in threaded() {
            let (runs, meeting) = (Arc::new(AtomicUsize::new(0)), Meeting::of(2));
            let counter = Arc::clone(&runs);
            let shared = task("shared").call((), move |()| counter.fetch_add(1, SeqCst));
            let (one, other) = (Arc::clone(&meeting), meeting);
            // The first of the two runs while what the second comes after has not ended.
            let early = shared.map_named("early", move |_| one.meet());
            let slow = task("slow").lane(Lane::Blocking).call((), move |()| other.meet());
            let late = shared.after(&slow);
            let (met, late, shared) = executor.compute((early, late, &shared)).expect("fine");
            assert_eq!((met, late, shared), (true, 1, 0), "on {name}");
            assert_eq!(runs.load(SeqCst), 2, "on {name}");
        }
    });
}

/// What a task takes is moved to it as before, and what it comes after is not kept for it.
#[test]
fn order_copies_and_keeps_nothing() {
    for Named { name, executor } in executors() {
        let gauge = Gauge::default();
        let made = gauge.clone();
        let make = task("make").call((), move |()| made.track(5));
        let before = make.map_named("before", |value| value.value);
        let takes = task("takes").call(make, |value| value).after(&before);
        assert_eq!(executor.compute(takes).expect("fine").value, 5, "on {name}");
        assert_eq!((gauge.clones(), gauge.live()), (0, 0), "on {name}");
    }
}

/// It keeps its name, part, site, lane and tries.
#[test]
fn what_is_put_off_is_who_it_was() {
    let first = Delayed::value(1) + 1;
    for Named { name, executor } in executors() {
        let tries = AtomicUsize::new(0);
        let retry = Retry::times(1);
        let flaky =
            task("flaky").part("p").lane(Lane::Blocking).retry(retry).try_call((), move |()| {
                match tries.fetch_add(1, SeqCst) {
                    0 => Err(io::Error::other("not yet")),
                    tries => Ok(tries),
                }
            });
        let (recorder, watched) = Recorder::watch(executor);
        assert_eq!(watched.compute(flaky.after(&first)).expect("second try"), 1, "on {name}");
        let retried = recorder.take().into_iter().find(|seen| seen.kind == Kind::Retried);
        let task = retried.and_then(|seen| seen.task).expect("it was tried twice");
        let plan = executor.plan(&flaky).expect("no requests");
        let alone = plan.tasks().next().expect("one task");
        assert_eq!((&*task.name, task.part.as_deref()), (alone.name(), alone.part()), "on {name}");
        assert_eq!((task.site, task.lane), (alone.site(), Lane::Blocking), "on {name}");
    }
}

/// The requests of an array: handed on afterwards, in the one pass there is; or all of it before.
#[test]
fn requests_of_an_array_are_ordered() {
    let x = ChunkedArray::from_fn([100], [10], |[i]| i as f64);
    for Named { name, executor } in executors() {
        let (recorder, watched) = Recorder::watch(executor);
        let log = Log::default();
        let first = log.on(Lane::Blocking, "first");
        let late = x.max().after(&first).map_named("late", {
            let log = log.clone();
            move |max| {
                log.note("late");
                *max
            }
        });
        assert_eq!(watched.compute((late, x.min())).expect("fine"), (99.0, 0.0), "on {name}");
        assert_eq!(log.take(), ["first", "late"], "on {name}");
        assert_eq!(recorder.take_loads().len(), 10, "one pass on {name}");

        let (_, last) =
            watched.compute((x.sum(), log.on(Lane::Cpu, "last").after(x.sum()))).expect("fine");
        assert_eq!(last, 4);
        let events = recorder.take();
        let start = events.iter().position(|seen| {
            seen.kind == Kind::Started && seen.task.as_ref().is_some_and(|task| task.name == "last")
        });
        let loaded = events.iter().rposition(|seen| matches!(seen.kind, Kind::Loaded { .. }));
        assert!(start > loaded && loaded.is_some(), "on {name}");
    }
}

/// Values that are there, and those that another compute brings.
#[test]
fn held_and_started_values_are_handed_on_afterwards() {
    must_end(|| {
        for Named { name, executor } in executors() {
            let log = Log::default();
            let first = log.on(Lane::Blocking, "first");
            let kept = (Delayed::value(20) + 1).persist().expect("fine");
            let running = executor.start(Delayed::value(40) + 2);
            let values = [Delayed::value(0), kept, running.handles()].map(|value| {
                let log = log.clone();
                value.after(&first).map_named("later", move |value| {
                    log.note("later");
                    *value
                })
            });
            assert_eq!(executor.compute(values).expect("fine"), [0, 21, 42], "on {name}");
            assert_eq!(log.take(), ["first", "later", "later", "later"], "on {name}");
        }
    });
}

/// Every dependent of a collection waits for all of it; its shape, keys and values stay.
#[test]
fn collections_are_waited_for_as_a_whole() {
    for Named { name, executor } in executors() {
        for lane in LANES {
            let log = Log::default();
            let late = |value: &Delayed<usize>| {
                let log = log.clone();
                value.map_named("late", move |value| {
                    log.note("late");
                    *value
                })
            };
            let parts = || ["one", "two", "three"].map(|text| log.on(lane, text));
            let [one, two, three] = parts();
            let (one, two, three) = wait_on((one, vec![two], Some(Box::new(three))));
            let three = three.map(|three| late(&three));
            let all = (late(&one), two.iter().map(late).collect::<Vec<_>>(), three);
            assert_eq!(executor.compute(all).expect("fine"), (3, vec![3], Some(5)), "on {name}");
            assert_eq!(log.take()[3..], ["late"; 3], "on {name}");

            let keyed = || parts().into_iter().zip(['x', 'y', 'z']).map(|(part, key)| (key, part));
            let map = wait_on(keyed().collect::<HashMap<_, _>>());
            let tree = wait_on(keyed().collect::<BTreeMap<_, _>>());
            // One value of each has all of both maps run.
            executor
                .compute((late(&map[&'y']), late(&tree[&'z']).after(&map[&'x'])))
                .expect("fine");
            let noted = log.take();
            assert_eq!((noted.len(), noted.last()), (8, Some(&"late")), "on {name}: {noted:?}");
            let (map, tree) = executor.compute((map, tree)).expect("fine");
            let expected = [('x', 3), ('y', 3), ('z', 5)];
            assert_eq!((map, tree), (expected.into(), expected.into()), "on {name}");
        }
    }
}

#[test]
fn nothing_is_waited_for() {
    for Named { name, executor } in executors() {
        let none: Vec<Delayed<u8>> = Vec::new();
        let value = (Delayed::value(1) + 1).after(&none);
        let ((), value) = executor.compute((checkpoint(&none), value)).expect("fine");
        assert_eq!(value, 2, "on {name}");
        assert_eq!(executor.compute(wait_on(none)).expect("fine"), [0_u8; 0], "on {name}");
    }
}
