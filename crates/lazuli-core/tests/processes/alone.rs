//! One process: what a cut says of a plan, that its pieces yield what the whole does, and what is refused.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use lazuli_core::portable::{Cut, PortableError};
use lazuli_core::reduce::Joint;
use lazuli_core::{
    Collection, Delayed, Error, ErrorKind, Executor, Portable, Reduction, compute, task,
};

use crate::graphs::{AnyCut, Program, bytes_of};

type Values = HashMap<String, Vec<u8>>;

fn needed(values: &Values, ids: &[String]) -> Vec<(String, Vec<u8>)> {
    ids.iter().map(|id| (id.clone(), values[id].clone())).collect()
}

/// Runs node after node, each from bytes.
fn values_of(cut: &dyn AnyCut) -> Values {
    let mut values = Values::new();
    for node in cut.nodes() {
        let yielded = cut.run(node.id(), &needed(&values, node.dependencies()));
        values.extend(node.values().iter().cloned().zip(yielded.expect("the node runs")));
    }
    values
}

fn answer_of(cut: &dyn AnyCut) -> Vec<u8> {
    cut.receive(&needed(&values_of(cut), cut.outputs())).expect("the answer is computed")
}

/// The graph, cut on each executor, yields what it does whole.
fn is_same_in_pieces<C>(graph: impl Fn() -> C)
where
    C: Collection<Output: Portable> + Send + Sync,
{
    let whole = bytes_of(&compute(graph()).expect("the graph can be computed"));
    let threaded = Executor::threaded(2).expect("the system grants two threads");
    let limited = threaded.clone().with_memory_limit(10 << 20);
    for executor in [Executor::sync(), threaded, limited] {
        let cut = executor.cut(graph()).expect("the graph can be planned");
        assert!(answer_of(&cut) == whole);
    }
}

#[test]
fn leaves_are_inside_of_their_first_combine() {
    let cut = Program::new("moments", 64, 7).cut(&Executor::sync());
    let sizes: Vec<(&str, usize, usize, usize)> = cut
        .nodes()
        .iter()
        .map(|node| (node.name(), node.tasks(), node.dependencies().len(), node.values().len()))
        .collect();
    let count = |size| sizes.iter().filter(|&&other| other == size).count();
    // Of both statistics of all blocks: eight blocks and their combine.
    assert_eq!(count(("combine", 9, 0, 1)), 8, "{sizes:?}");
    // Of the quarters: a block has states for two trees, so it runs once, alone.
    assert_eq!(count(("block", 1, 0, 2)), 64, "{sizes:?}");
    // Of all again, and of each quarter: eight and one, and two and one.
    assert_eq!(count(("combine", 1, 8, 1)), 1 + 9 + 4 * 2, "{sizes:?}");
    assert_eq!(count(("combine", 1, 2, 1)), 4, "{sizes:?}");
}

#[test]
fn a_node_comes_behind_all_that_it_needs() {
    for program in [Program::new("moments", 64, 7), Program::new("words", 32, 7)] {
        let cut = program.cut(&Executor::sync());
        let mut known: Vec<&String> = Vec::new();
        for node in cut.nodes() {
            assert!(node.dependencies().iter().all(|id| known.contains(&id)), "{node:?}");
            known.extend(node.values());
        }
        assert!(cut.outputs().iter().all(|id| known.contains(&id)));
        known.sort();
        known.dedup();
        let values = cut.nodes().iter().map(|node| node.values().len());
        assert_eq!(known.len(), values.sum::<usize>(), "no id is given twice");
    }
}

#[test]
fn a_shuffle_is_cut_at_its_buckets() {
    let cut = Program::new("words", 32, 7).cut(&Executor::sync());
    let (split, merge): (Vec<_>, Vec<_>) =
        cut.nodes().iter().partition(|node| node.name() == "split");
    assert_eq!((split.len(), merge.len()), (32, 8));
    assert!(split.iter().all(|node| node.tasks() == 2 && node.values().len() == 8));
    assert!(merge.iter().all(|node| node.tasks() == 1 && node.dependencies().len() == 32));
    assert_eq!(cut.outputs().len(), 8);
}

#[test]
fn pieces_yield_what_the_whole_does() {
    for program in [Program::new("moments", 64, 7), Program::new("words", 32, 7)] {
        let whole = program.compute(&Executor::sync());
        for executor in [Executor::sync(), Executor::threaded(4).expect("four threads")] {
            assert!(answer_of(&*program.cut(&executor)) == whole, "{program:?}");
        }
    }
}

#[test]
fn what_is_not_portable_runs_inside_or_at_the_end() {
    is_same_in_pieces(|| {
        let base = Delayed::value(20_i64);
        let shared = task("shared").call(&base, |base| base + 1);
        let low = task("low").portable::<i64>().call(&shared, |shared| shared - 1);
        let high = task("high").portable::<i64>().call((&shared, &base), |(a, b)| a * b);
        let both = task("both").portable::<i64>().call((&low, &high), |(low, high)| high - low);
        let text = task("text").portable::<String>().call(&both, |both| both.to_string());
        // Asked for: portable ones with and without users, what is computed of them, and a value at hand.
        ((low, both), (text.map_named("length", |text| text.len()), text, base))
    });
}

#[test]
fn values_of_one_task_go_where_each_is_needed() {
    is_same_in_pieces(|| {
        let words = task("words").portable::<Vec<String>>().output_bytes(100);
        let [a, b, _]: [Delayed<Vec<String>>; 3] = words
            .call_many(3, (), |()| ["b", "a", "c"].map(|word| vec![word.to_owned()]).to_vec())
            .try_into()
            .expect("three");
        // The first is moved where it goes, and the second is asked for as well.
        let longer = task("push").portable::<Vec<String>>().call((a, &b), |(mut a, b)| {
            a.extend(b.iter().cloned());
            a
        });
        (longer, b)
    });
}

#[test]
fn equal_pure_tasks_are_one_value() {
    let calls = Arc::new(AtomicUsize::new(0));
    let graph = || {
        let square = |x: i64| {
            let calls = Arc::clone(&calls);
            task("square").pure(x).portable::<i64>().call((), move |()| {
                calls.fetch_add(1, Ordering::Relaxed);
                x * x
            })
        };
        let user = |name: &'static str, add: i64| {
            task(name).portable::<i64>().call(square(7), move |square| square + add)
        };
        (user("one", 1), user("two", 2))
    };
    let cut = Executor::sync().cut(graph()).expect("the graph can be planned");
    assert_eq!(cut.nodes().len(), 3);
    assert_eq!(answer_of(&cut), bytes_of(&(50_i64, 51_i64)));
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

#[test]
fn a_plan_without_portable_values_is_computed_at_the_end() {
    /// Says nothing of its states.
    struct Count;
    impl Reduction<str> for Count {
        type State = u64;
        type Output = u64;
        fn identity(&self) -> u64 {
            0
        }
        fn update(&self, state: &mut u64, _: &str) {
            *state += 1;
        }
        fn combine(&self, state: &mut u64, following: u64) {
            *state += following;
        }
        fn finish(&self, state: u64) -> u64 {
            state
        }
    }
    let mut joint = Joint::<str>::new();
    let count = joint.add(Count);
    let parts = (0..20).map(|_| (task("part"), ()));
    let answers = joint.over(parts, |(), _, sink| {
        ["a", "b"].iter().for_each(|word| sink.push(word));
        Ok::<(), std::convert::Infallible>(())
    });
    let cut = Executor::sync().cut(answers.get(&count)).expect("the graph can be planned");
    assert!(cut.nodes().is_empty() && cut.outputs().is_empty());
    assert_eq!(answer_of(&cut), bytes_of(&40_u64));
}

fn simple(part: &str) -> Cut<Delayed<u64>> {
    let one = task("one").part(part).portable::<u64>().call((), |()| 1);
    let two = task("two").part(part).portable::<u64>().call((), |()| 2);
    let more = task("more").portable::<u64>().call((&one, &two), |(one, two)| one + two);
    let all = task("all").portable::<u64>().call((&one, &two, &more), |(a, b, c)| a + b + c);
    Executor::sync().cut(all).expect("the graph can be planned")
}

/// Which [`PortableError`] this is, by its name.
#[track_caller]
fn refused<T>(result: lazuli_core::Result<T>) -> (String, Error) {
    let error = result.err().expect("it is refused");
    assert_eq!(error.kind(), ErrorKind::Portable, "{error}");
    let text = format!("{:?}", error.find::<PortableError>().expect("its source says why"));
    (text.split([' ', '{']).next().unwrap_or_default().to_owned(), error)
}

#[test]
fn what_does_not_belong_is_refused() {
    let cut = simple("here");
    let values = values_of(&cut);
    let more = cut.nodes().iter().find(|node| node.name() == "more").expect("it is cut");
    let ids = more.dependencies();
    let good = || needed(&values, ids);
    let why = |inputs: &[(String, Vec<u8>)]| refused(cut.run(more.id(), inputs)).0;
    assert_eq!(cut.run(more.id(), &good()).expect("it runs"), [values[more.id()].clone()]);

    assert_eq!(refused(cut.run("more-0", &good())).0, "UnknownNode");
    assert_eq!(why(&good()[..1]), "Missing");
    assert_eq!(why(&[&good()[..], &[(more.id().to_owned(), Vec::new())]].concat()), "Unexpected");
    assert_eq!(why(&[&good()[..], &good()[..1]].concat()), "Twice");
    // Each value in place of the other.
    let swapped: Vec<_> = ids.iter().zip(ids.iter().rev()).collect();
    let swapped: Vec<_> =
        swapped.into_iter().map(|(id, other)| (id.clone(), values[other].clone())).collect();
    assert_eq!(why(&swapped), "Foreign");
    // Bytes of the same value of another graph.
    let there = values_of(&simple("there"));
    let other: Vec<_> = ids.iter().cloned().zip(there.into_values()).collect();
    assert_eq!(why(&other), "Foreign");

    let with = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut inputs = good();
        change(&mut inputs[0].1);
        why(&inputs)
    };
    assert_eq!(with(&|bytes| bytes.push(0)), "Trailing");
    assert_eq!(with(&|bytes| bytes.clear()), "Unreadable");
    assert_eq!(with(&|bytes| _ = bytes.pop()), "Unreadable");
    assert_eq!(with(&|bytes| bytes[0] ^= 1), "Foreign");
    assert_eq!(with(&|bytes| bytes[20] ^= 1), "Foreign");

    assert_eq!(refused(cut.receive::<String, Vec<u8>>(&[])).0, "Missing");
    let (why, error) = refused(cut.check(cut.fingerprint() ^ 1));
    assert_eq!(why, "Fingerprint");
    assert!(error.to_string().contains("of another graph"), "{error}");
}

/// Where debug assertions are off the result is not portable, and nothing is lost.
#[test]
#[cfg_attr(debug_assertions, should_panic(expected = "the result of `wrong` is no `u32`"))]
fn a_task_that_says_another_type_is_refused_or_stays() {
    let wrong = task("wrong").portable::<u32>().call((), |()| 7_u64);
    let cut = Executor::sync().cut(wrong).expect("the graph can be planned");
    assert!(cut.nodes().is_empty());
}

#[test]
fn a_failure_inside_of_a_node_names_its_task() {
    let graph = || {
        let fails = task("fails").part("part 3");
        let fails = fails.try_call((), |()| Err::<u64, _>(std::io::Error::other("no such block")));
        task("user").portable::<u64>().call(&fails, |value| value + 1)
    };
    let cut = Executor::sync().cut(graph()).expect("the graph can be planned");
    let nothing: [(String, Vec<u8>); 0] = [];
    let error = cut.run(cut.nodes()[0].id(), &nothing).expect_err("a task fails");
    assert_eq!((error.task(), error.part()), (Some("fails"), Some("part 3")));
}
