//! What an observer sees of a compute, and the plan as data.

use std::collections::BTreeMap;
use std::convert::Infallible;

use lazuli::core::Lane;
use lazuli::core::reduce::Joint;
use lazuli::core::task::reporter;
use lazuli::prelude::*;

use crate::support::{Kind, Named, Recorder, Seen, executors};

/// 64 leaves, some beside the pool, that meet in a tree, and one value of their sum.
fn graph() -> Delayed<u64> {
    let leaves: Vec<Delayed<u64>> = (0..64)
        .map(|leaf| {
            let lane = if leaf % 16 == 0 { Lane::Blocking } else { Lane::Cpu };
            task("leaf").part(format!("leaf {leaf}")).lane(lane).call((), move |()| leaf)
        })
        .collect();
    tree_reduce(leaves, 4, |a, b| a + b).expect("there are leaves").map_named("half", |sum| sum / 2)
}

/// The kinds of events of each task, in order.
fn by_task(events: &[Seen]) -> BTreeMap<usize, Vec<Kind>> {
    let mut tasks = BTreeMap::<_, Vec<Kind>>::new();
    for event in events {
        if let Some(task) = &event.task {
            tasks.entry(task.index).or_default().push(event.kind.clone());
        }
    }
    tasks
}

#[test]
fn events_are_complete_and_in_order() {
    for Named { name, executor } in executors() {
        let graph = graph();
        let (recorder, executor) = Recorder::watch(executor);
        let plan = executor.plan(&graph).expect("nothing to lower");
        assert_eq!(recorder.take(), [], "a plan alone is no compute");

        executor.compute(&graph).expect("nothing fails");
        let events = recorder.take();
        let tasks = plan.tasks().len();
        assert_eq!(events.first().map(|seen| &seen.kind), Some(&Kind::Planned { tasks }));
        assert_eq!(events.last().map(|seen| &seen.kind), Some(&Kind::Ended));
        assert_eq!(events.len(), 2 * tasks + 2, "on {name}");

        let seen = by_task(&events);
        assert_eq!(seen.len(), tasks, "on {name}");
        for task in plan.tasks() {
            assert_eq!(seen[&task.index()], [Kind::Started, Kind::Finished], "on {name}: {task:?}");
            let is_start = |seen: &&Seen| {
                seen.kind == Kind::Started
                    && seen.task.as_ref().is_some_and(|seen| seen.index == task.index())
            };
            let start = events.iter().position(|seen| is_start(&seen)).expect("it started");
            // What the task takes was finished before it started.
            for input in task.dependencies() {
                let finish = events.iter().position(|seen| {
                    seen.kind == Kind::Finished
                        && seen.task.as_ref().is_some_and(|seen| seen.index == input)
                });
                assert!(finish.is_some_and(|finish| finish < start), "on {name}: {task:?}");
            }
            let info = events[start].task.as_ref().expect("an event of a task");
            assert_eq!(info.name, task.name());
            assert_eq!(info.part.as_deref(), task.part());
            assert_eq!(info.lane, task.lane());
            assert_eq!(info.site.file(), file!());
        }
    }
}

#[test]
fn a_failure_is_an_event() {
    for Named { name, executor } in executors() {
        let (recorder, executor) = Recorder::watch(executor);
        let fails = Delayed::value(1_i64)
            .map_named("first", |x| x + 1)
            .try_map_named("second", |_| Err::<i64, _>(std::fmt::Error));
        let error = executor.compute(fails.map_named("third", |x| x + 1)).expect_err("it fails");
        let events = recorder.take();
        let kinds: Vec<_> = events.iter().map(|seen| seen.kind.clone()).collect();
        let expected = [
            Kind::Planned { tasks: 3 },
            Kind::Started,
            Kind::Finished,
            Kind::Started,
            Kind::Failed { message: error.to_string() },
            Kind::Ended,
        ];
        assert_eq!(kinds, expected, "on {name}");
    }
}

#[test]
fn a_compute_without_tasks_is_observed_too() {
    for Named { executor, .. } in executors() {
        let (recorder, executor) = Recorder::watch(executor);
        executor.compute(Delayed::value(1)).expect("nothing fails");
        let kinds: Vec<_> = recorder.take().into_iter().map(|seen| seen.kind).collect();
        assert_eq!(kinds, [Kind::Planned { tasks: 0 }, Kind::Ended]);
    }
}

/// Two parts that report what they load.
fn loading() -> Delayed<usize> {
    struct Total;
    impl Reduction<str> for Total {
        type State = usize;
        type Output = usize;
        fn identity(&self) -> usize {
            0
        }
        fn update(&self, total: &mut usize, text: &str) {
            *total += text.len();
        }
        fn combine(&self, total: &mut usize, following: usize) {
            *total += following;
        }
        fn finish(&self, total: usize) -> usize {
            total
        }
    }
    let mut joint = Joint::<str>::new();
    let total = joint.add(Total);
    let parts = ["lapis", "lazuli"].map(|text| (task("load").part(text), ()));
    let answers = joint.over(parts, |(), context, sink| {
        let text = context.part().expect("the part is the text");
        sink.push(text);
        context.loaded(text, text.len() as u64);
        Ok::<(), Infallible>(())
    });
    answers.get(&total)
}

#[test]
fn loads_are_events() {
    for Named { name, executor } in executors() {
        let (recorder, executor) = Recorder::watch(executor);
        assert_eq!(executor.compute(loading()).expect("nothing fails"), 11);
        let loads: Vec<_> = recorder.take();
        let loads = loads.iter().filter_map(|seen| match (&seen.kind, &seen.task) {
            (Kind::Loaded { source, bytes }, Some(task)) => {
                assert_eq!((&*task.name, task.part.as_deref()), ("load", Some(&**source)));
                Some((source.clone(), *bytes))
            }
            _ => None,
        });
        let loads: BTreeMap<_, _> = loads.collect();
        let expected = [("lapis".to_owned(), 5), ("lazuli".to_owned(), 6)];
        assert_eq!(loads, BTreeMap::from(expected), "on {name}");
    }
}

/// Any task can report, with the `reporter` among its inputs.
#[test]
fn tasks_of_one_s_own_report() {
    for Named { executor, .. } in executors() {
        let (recorder, executor) = Recorder::watch(executor);
        let loads = task("load").part("x").call(reporter(), |context| {
            context.loaded("a file", 7);
            context.part().map(str::to_owned)
        });
        assert_eq!(executor.compute(loads).expect("nothing fails"), Some("x".to_owned()));
        assert_eq!(recorder.take_loads(), [("a file".to_owned(), 7)]);
    }
}

/// The plan as data: `(a + b) * a`, where `a` is shared.
#[test]
fn a_plan_lists_its_tasks() {
    let a = task("a").part("file 1").call((), |()| 2_i64);
    let b = task("b").part("file 2").lane(Lane::Blocking).call((), |()| 3_i64);
    let unused = a.map_named("unused", |a| *a);
    let value = (&a + &b) * &a + 1;
    for Named { executor, .. } in executors() {
        let plan = executor.plan((&value, &a)).expect("nothing to lower");
        let tasks: Vec<_> = plan
            .tasks()
            .map(|task| {
                let inputs: Vec<_> = task.dependencies().collect();
                (task.index(), task.name(), task.part(), task.lane(), inputs)
            })
            .collect();
        let expected = [
            (0, "a", Some("file 1"), Lane::Cpu, vec![]),
            (1, "b", Some("file 2"), Lane::Blocking, vec![]),
            (2, "add", None, Lane::Cpu, vec![0, 1]),
            (3, "mul", None, Lane::Cpu, vec![2, 0]),
            (4, "add", None, Lane::Cpu, vec![3]),
        ];
        assert_eq!(tasks, expected);
    }
    drop(unused);
}

#[test]
fn a_plan_prints_the_same_every_time() {
    let print = |value: &Delayed<u64>| {
        format!("{:#?}", Executor::shared().plan(value).expect("nothing to lower"))
    };
    let one = graph();
    let printed = print(&one);
    assert_eq!(printed, print(&one), "planned twice");
    assert_eq!(printed, print(&graph()), "built twice");
    assert_eq!(printed.lines().filter(|line| line.contains("leaf on leaf")).count(), 64);
    assert!(printed.contains("half <- ["), "{printed}");
}
