//! Bytes: random graphs whose tasks say how much they hold, under the smallest limit that they fit into.
//! What they hold is counted, and the least that they need is what a program that runs them one after
//! another would.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use lazuli::ErrorKind;
use lazuli::core::plan::Plan;
use lazuli::core::{Lane, Retry};
use lazuli::prelude::*;
use tokio::sync::Notify;

use crate::support::{Named, executors, must_end, threaded};

/// Bytes that are held now, and were at most.
#[derive(Clone, Default)]
struct Scale(Arc<(AtomicU64, AtomicU64)>);

impl Scale {
    fn put(&self, bytes: u64) -> Weight {
        let now = self.0.0.fetch_add(bytes, SeqCst) + bytes;
        self.0.1.fetch_max(now, SeqCst);
        Weight { bytes, scale: self.clone() }
    }

    fn take(&self) -> (u64, u64) {
        (self.0.0.load(SeqCst), self.0.1.swap(0, SeqCst))
    }
}

struct Weight {
    bytes: u64,
    scale: Scale,
}

impl Drop for Weight {
    fn drop(&mut self) {
        self.scale.0.0.fetch_sub(self.bytes, SeqCst);
    }
}

/// A value and what it weighs.
struct Weighed(u64, #[expect(dead_code, reason = "it weighs while it lives")] Weight);

/// Multiplies and adds: numbers that differ enough, and are the same every time.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// What a task of the graph says that it takes.
struct Size {
    holds: u64,
    needs: u64,
}

struct Graph {
    sizes: Vec<Size>,
    handles: Vec<Delayed<Arc<Weighed>>>,
    expected: Vec<u64>,
}

impl Graph {
    /// Tasks on all lanes, some of which fail once before they do not; `fails` is one that always does.
    fn random(seed: u64, scale: &Scale, fails: Option<usize>) -> Self {
        let mut random = Random(seed);
        let mut graph = Self { sizes: Vec::new(), handles: Vec::new(), expected: Vec::new() };
        for index in 0..30 {
            let count = if index == 0 { 0 } else { random.below(4) };
            let inputs: Vec<_> =
                (0..count).map(|_| random.below(index.min(8) as u64) as usize).collect();
            let inputs: Vec<_> = inputs.into_iter().map(|back| index - 1 - back).collect();
            // A third takes no bytes at all.
            let size =
                |random: &mut Random| if random.below(3) == 0 { 0 } else { random.below(50) };
            let (holds, needs) = (size(&mut random), size(&mut random));
            let handles: Vec<_> =
                inputs.iter().map(|&input| graph.handles[input].clone()).collect();
            let flaky = random.below(4) == 0;
            let tries = AtomicU32::new(0);
            let on = scale.clone();
            let run = move |inputs: Vec<&Arc<Weighed>>| {
                let _needed = on.put(needs);
                let failed = tries.fetch_add(1, SeqCst);
                if fails == Some(index) || flaky && failed.is_multiple_of(2) {
                    return Err(std::io::Error::other("on purpose"));
                }
                std::thread::yield_now();
                let value = inputs.into_iter().map(|input| input.0).sum::<u64>() + 1;
                Ok(Arc::new(Weighed(value, on.put(holds))))
            };
            let task =
                task("sized").part(index.to_string()).output_bytes(holds).working_bytes(needs);
            let task = task.retry(Retry::times(1));
            graph.expected.push(inputs.iter().map(|&input| graph.expected[input]).sum::<u64>() + 1);
            graph.handles.push(match random.below(3) {
                0 => task.lane(Lane::Blocking).try_call(&handles, run),
                1 => {
                    // A future takes its inputs by value (what it is given are counted references), and
                    // holds them until it is done.
                    let run = Arc::new(run);
                    task.try_call_async(handles, move |inputs: Vec<Arc<Weighed>>| {
                        let result = run(inputs.iter().collect());
                        async move {
                            tokio::task::yield_now().await;
                            drop(inputs);
                            result
                        }
                    })
                }
                _ => task.try_call(&handles, run),
            });
            graph.sizes.push(Size { holds, needs });
        }
        graph
    }

    fn outputs(&self) -> Vec<Delayed<u64>> {
        self.handles[20..]
            .iter()
            .map(|handle| handle.map_named("value", |weighed| weighed.0))
            .collect()
    }

    /// What a program holds at most that runs the tasks one after another in the order of the plan, and
    /// drops what nobody takes any more.
    fn peak(&self, plan: &Plan) -> u64 {
        let order: Vec<Option<usize>> = plan
            .tasks()
            .map(|task| task.part().map(|part| part.parse().expect("a number")))
            .collect();
        let takes: Vec<Vec<usize>> =
            plan.tasks().map(|task| task.dependencies().collect()).collect();
        let is_taken =
            |done: usize, later: usize| takes[later..].iter().flatten().any(|&of| of == done);
        let holds = |place: usize| order[place].map_or(0, |index| self.sizes[index].holds);
        (0..order.len())
            .map(|place| {
                let kept: u64 = (0..place).filter(|&done| is_taken(done, place)).map(holds).sum();
                kept + holds(place) + order[place].map_or(0, |index| self.sizes[index].needs)
            })
            .max()
            .unwrap_or(0)
    }
}

#[test]
fn the_least_that_a_graph_needs_is_known_and_is_enough() {
    must_end(|| {
        for Named { name, executor } in executors() {
            for seed in 0..80 {
                let scale = Scale::default();
                let graph = Graph::random(seed, &scale, None);
                let outputs = graph.outputs();
                let peak = graph.peak(&executor.plan(&outputs).expect("no requests"));
                let explained = executor.explain(&outputs).expect("no requests");
                assert_eq!(explained.peak_bytes, peak, "seed {seed}");
                let free = executor.compute(&outputs).expect("every second try");
                assert_eq!(free, graph.expected[20..], "seed {seed} on {name}");
                scale.take();

                let limited = executor.clone().with_memory_limit(peak);
                let answers = limited.compute(&outputs).expect("it fits");
                assert_eq!(answers, graph.expected[20..], "seed {seed} on {name}");
                let (left, most) = scale.take();
                assert_eq!(left, 0, "seed {seed} on {name}");
                assert!(most <= peak, "{most} bytes of {peak} were held; seed {seed} on {name}");
                if let Some(less) = peak.checked_sub(1) {
                    let error = executor.clone().with_memory_limit(less).compute(&outputs);
                    let error = error.expect_err("a byte is missing");
                    assert_eq!(error.kind(), ErrorKind::Memory, "seed {seed} on {name}");
                    assert_eq!(scale.take(), (0, 0), "something ran: seed {seed} on {name}");
                }
            }
        }
    });
}

/// A failure ends a limited run as it ends any: others that wait for room are let go.
#[test]
fn failures_end_runs_that_wait_for_room() {
    must_end(|| {
        for Named { name, executor } in executors() {
            for seed in 0..60 {
                let scale = Scale::default();
                let failing = 20 + seed as usize % 10;
                let graph = Graph::random(seed, &scale, Some(failing));
                let outputs = graph.outputs();
                let peak = graph.peak(&executor.plan(&outputs).expect("no requests"));
                let limited = executor.clone().with_memory_limit(peak);
                let error = limited.compute(&outputs).expect_err("one always fails");
                assert_eq!(error.part(), Some(&*failing.to_string()), "seed {seed} on {name}");
                assert_eq!(scale.take().0, 0, "seed {seed} on {name}");
            }
        }
    });
}

/// What a future was given by value is held until it is done.
#[test]
fn futures_hold_what_they_have_taken() {
    must_end(|| {
        for Named { name, executor } in threaded() {
            let first = task("first").output_bytes(100).call((), |()| vec![0_u8; 100]);
            let begun = Arc::new(Notify::new());
            let begins = Arc::clone(&begun);
            let takes = task("takes").call_async(first, move |taken| {
                let begun = Arc::clone(&begun);
                async move {
                    let patience = Duration::from_millis(50);
                    let other = tokio::time::timeout(patience, begun.notified()).await.is_ok();
                    drop(taken);
                    other
                }
            });
            let other = task("other").output_bytes(100).call((), move |()| begins.notify_one());
            let limited = executor.clone().with_memory_limit(100);
            let (both, ()) =
                limited.compute((takes, other.map_named("use", |()| ()))).expect("it fits");
            assert!(!both, "200 bytes of 100 were held on {name}");
        }
    });
}

/// What one task has kept waiting starts beside it, not behind it.
#[test]
fn tasks_that_fit_together_start_together() {
    must_end(|| {
        for Named { name, executor } in &threaded()[1..] {
            let meeting = crate::support::Meeting::of(2);
            let meets = || {
                let meeting = Arc::clone(&meeting);
                move |_: &()| meeting.meet()
            };
            let slow = task("slow").lane(Lane::Blocking).call((), |()| {
                std::thread::sleep(Duration::from_millis(5));
            });
            // The second is ready first, and waits for its turn in the order of the plan.
            let first = task("first").output_bytes(10).call(&slow, meets());
            let second =
                task("second").output_bytes(10).call(&task("ready").call((), |()| ()), meets());
            let limited = executor.clone().with_memory_limit(100);
            let met = limited.compute((first, second)).expect("nothing fails");
            assert_eq!(met, (true, true), "on {name}");
        }
    });
}

/// Tasks that take nothing never wait for room, whatever waits.
#[test]
fn tasks_without_bytes_are_not_held_up() {
    must_end(|| {
        for Named { name, executor } in threaded() {
            let meeting = crate::support::Meeting::of(2);
            let (one, other) = (Arc::clone(&meeting), Arc::clone(&meeting));
            let full =
                task("full").output_bytes(100).lane(Lane::Blocking).call((), move |()| one.meet());
            let waits = task("waits").output_bytes(100).call((), |()| true);
            let free = task("free").lane(Lane::Blocking).call((), move |()| other.meet());
            let each = [full, waits].map(|delayed| delayed.map_named("use", |met| *met));
            let limited = executor.clone().with_memory_limit(100);
            let met = limited.compute((each, free)).expect("nothing fails");
            assert_eq!(met, ([true, true], true), "on {name}");
        }
    });
}

#[test]
fn figures_are_told_in_bytes_and_larger_units() {
    let figures = [
        (1023, "1023 bytes"),
        (1024, "1024 bytes (1.0 KiB)"),
        (1536 << 10, "1572864 bytes (1.5 MiB)"),
        (5 << 30, "5368709120 bytes (5.0 GiB)"),
    ];
    for (bytes, figure) in figures {
        let large = task("large").output_bytes(bytes).call((), |()| 1);
        for Named { executor, .. } in executors() {
            let error = executor.clone().with_memory_limit(0).compute(&large).expect_err("no room");
            let text = error.to_string();
            let expected = format!(
                "the compute does not fit into memory: the plan holds {figure} at once when its tasks run \
                 one after another, {figure} of them for task `large` (defined at "
            );
            assert!(text.starts_with(&expected), "{text}");
            assert!(text.ends_with("); the memory limit is 0 bytes"), "{text}");
            assert_eq!((error.task(), error.others()), (None, 0));
        }
    }
}
