//! Random graphs of sized tasks, most of whose results may leave memory, under limits from the least possible
//! upward. What is in memory is weighed. The least limit is what a program needs that runs the tasks one after
//! another and has every value that may be elsewhere in a file while no task takes it.

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use lazuli_core::plan::Plan;
use lazuli_core::{Delayed, ErrorKind, Executor, Lane, Retry, task};

use crate::support::{Random, Scale, Weighed, executors, must_end};

struct Graph {
    /// Bytes of a task's result or results, those it needs beside, and whether they may leave memory.
    sizes: Vec<Size>,
    values: Vec<Value>,
}

#[derive(Clone, Copy)]
struct Size {
    holds: u64,
    needs: u64,
    spills: bool,
    outputs: u64,
}

#[derive(Clone)]
struct Value {
    handle: Delayed<Weighed>,
    expected: u64,
}

const TASKS: usize = 30;

impl Graph {
    fn random(seed: u64, scale: &Scale) -> Self {
        let mut random = Random(seed);
        let mut graph = Self { sizes: Vec::new(), values: Vec::new() };
        while graph.sizes.len() < TASKS {
            graph.add(&mut random, scale);
        }
        graph
    }

    fn add(&mut self, random: &mut Random, scale: &Scale) {
        let count = if self.values.is_empty() { 0 } else { random.below(4) };
        let known = self.values.len() as u64;
        let inputs: Vec<Value> = (0..count)
            .map(|_| self.values[(known - 1 - random.below(known.min(12))) as usize].clone())
            .collect();
        let outputs = if random.below(4) == 0 { 1 + random.below(3) } else { 1 };
        // A third takes no bytes at all.
        let mut size = || if random.below(3) == 0 { 0 } else { random.below(50) };
        let (holds, needs) = (size() * outputs, size());
        let spills = random.below(4) > 0;
        let size = Size { holds, needs, spills, outputs };
        let expected = inputs.iter().map(|input| input.expected).sum::<u64>() + 1;
        let handles: Vec<_> = inputs.into_iter().map(|input| input.handle).collect();

        let flaky = random.below(5) == 0;
        let (tries, on) = (AtomicU32::new(0), scale.clone());
        let run = move |inputs: Vec<&Weighed>| {
            let _needed = on.put(needs);
            if flaky && tries.fetch_add(1, SeqCst).is_multiple_of(2) {
                return Err(std::io::Error::other("on purpose"));
            }
            std::thread::yield_now();
            let value = inputs.into_iter().map(|input| input.0).sum::<u64>() + 1;
            let result = |index| Weighed(value + index, on.put(holds / outputs));
            Ok((0..outputs).map(result).collect::<Vec<_>>())
        };
        let one = |run: Result<Vec<Weighed>, _>| run.map(|mut all| all.remove(0));
        let name = if outputs > 1 { "many" } else { "one" };
        let mut task = task(name).part(self.sizes.len().to_string());
        task = task.output_bytes(holds).working_bytes(needs).retry(Retry::times(1));
        if spills {
            task = task.portable::<Weighed>();
        }
        let lane = random.below(3);
        if lane == 0 {
            task = task.lane(Lane::Blocking);
        }
        let made = match lane {
            _ if outputs > 1 => task.try_call_many(outputs as usize, &handles, run),
            #[cfg(feature = "async")]
            1 => vec![task.try_call_async(&handles, move |inputs: Vec<&Weighed>| {
                let result = one(run(inputs));
                async move {
                    tokio::task::yield_now().await;
                    result
                }
            })],
            _ => vec![task.try_call(&handles, move |inputs| one(run(inputs)))],
        };
        let values = made.into_iter().zip(expected..);
        self.values.extend(values.map(|(handle, expected)| Value { handle, expected }));
        self.sizes.push(size);
    }

    fn outputs(&self) -> Vec<Delayed<u64>> {
        let last = &self.values[self.values.len() * 2 / 3..];
        last.iter().map(|value| value.handle.map_named("value", |weighed| weighed.0)).collect()
    }

    fn expected(&self) -> Vec<u64> {
        let last = &self.values[self.values.len() * 2 / 3..];
        last.iter().map(|value| value.expected).collect()
    }

    /// The most bytes that are in memory when tasks run one after another in the order of the plan.
    fn peak(&self, plan: &Plan, spilling: bool) -> u64 {
        struct Place {
            size: Option<Size>,
            takes: Vec<usize>,
            /// The task whose output this is.
            whole: Option<usize>,
        }
        let mut places: Vec<Place> = Vec::new();
        for task in plan.tasks() {
            let number = task.part().map(|part| part.parse::<usize>().expect("a number"));
            let takes: Vec<usize> = task.dependencies().collect();
            let is_output = |&whole: &usize| {
                task.name() == "output"
                    && plan
                        .tasks()
                        .nth(whole)
                        .is_some_and(|whole| whole.name() == "many" && whole.part() == task.part())
            };
            let whole = takes.first().copied().filter(is_output);
            places.push(Place { size: number.map(|number| self.sizes[number]), takes, whole });
        }
        let is_whole = |place: usize| places.iter().any(|other| other.whole == Some(place));
        // Where a value is made, and how many bytes it has.
        let values: Vec<(usize, u64, bool)> = (0..places.len())
            .map(|place| match places[place].size {
                Some(size) if !is_whole(place) => {
                    let made = places[place].whole.unwrap_or(place);
                    (made, size.holds / size.outputs, size.spills)
                }
                _ => (place, 0, false),
            })
            .collect();
        let takes = |at: usize, value: usize| places[at].takes.contains(&value);
        let tasks = (0..places.len()).filter(|&place| places[place].whole.is_none());
        tasks
            .map(|at| {
                let held = values.iter().enumerate().filter(|&(value, &(made, _, spills))| {
                    let later = || (at..places.len()).any(|later| takes(later, value));
                    made < at && if spilling && spills { takes(at, value) } else { later() }
                });
                let held: u64 = held.map(|(_, &(_, bytes, _))| bytes).sum();
                held + places[at].size.map_or(0, |size| size.holds + size.needs)
            })
            .max()
            .unwrap_or(0)
    }
}

#[test]
fn no_more_than_the_limit_is_in_memory_and_the_answers_are_the_same() {
    let seeds = std::env::var("LAZULI_DAGS").ok().and_then(|dags| dags.parse().ok()).unwrap_or(60);
    must_end(|| {
        let (mut spilling, executors) = (0, executors());
        for seed in 0..seeds {
            let scale = Scale::new();
            let graph = Graph::random(seed, &scale);
            let outputs = graph.outputs();
            let plan = Executor::sync().plan(&outputs).expect("no requests");
            let (least, peak) = (graph.peak(&plan, true), graph.peak(&plan, false));
            let explained = Executor::sync().explain(&outputs).expect("no requests");
            assert_eq!((explained.least_bytes, explained.peak_bytes), (least, peak), "seed {seed}");
            spilling += u64::from(least < peak);
            for (name, executor) in &executors {
                for limit in
                    [least, least + 1, least + (peak - least) / 3, (least + peak) / 2, peak]
                {
                    let limited = executor.clone().with_memory_limit(limit);
                    let answers = limited.compute(&outputs).expect("it fits");
                    let what = format!("seed {seed} on {name} with {limit} of {least} to {peak}");
                    assert_eq!(answers, graph.expected(), "{what}");
                    let (left, most) = scale.take();
                    assert_eq!(left, 0, "{what}");
                    assert!(most <= limit, "{most} bytes were held; {what}");
                }
                if let Some(less) = least.checked_sub(1) {
                    let error = executor.clone().with_memory_limit(less).compute(&outputs);
                    assert_eq!(error.expect_err("a byte is missing").kind(), ErrorKind::Memory);
                    assert_eq!(scale.take(), (0, 0), "something ran: seed {seed} on {name}");
                }
            }
        }
        assert!(spilling > seeds / 2, "{spilling} of {seeds} graphs had anything to write");
    });
}
