//! What a function returns is for its type to say; what fails says where.

use std::num::ParseIntError;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Barrier};

use lazuli_core::task::reporter;
use lazuli_core::{
    Answer, Delayed, Error, ErrorKind, Executor, Layer, Lowering, compute, delayed, task,
    tree_reduce, try_delayed,
};

type Parsed = Result<i64, ParseIntError>;
type Of<T> = Result<T, String>;

static TRIES: AtomicU32 = AtomicU32::new(0);

#[delayed(crate = lazuli_core, retries = 3)]
fn parse(text: &str) -> Parsed {
    TRIES.fetch_add(1, Relaxed);
    text.parse()
}

#[test]
fn an_alias_of_result_is_a_result() {
    let number: Delayed<i64> = parse("42");
    assert_eq!(compute(number).expect("a number"), 42);
    TRIES.store(0, Relaxed);
    let error = compute(parse("many")).expect_err("no number");
    assert_eq!(TRIES.load(Relaxed), 4);
    assert!(error.find::<ParseIntError>().is_some());
}

#[delayed(crate = lazuli_core)]
async fn later(good: bool) -> Of<u8> {
    if good { Ok(1) } else { Err("not good".to_owned()) }
}

#[delayed(crate = lazuli_core)]
fn nothing_else() -> Option<Result<u8, ()>> {
    Some(Err(()))
}

#[test]
fn so_it_is_of_a_future_and_what_is_none_is_none() {
    let one: Delayed<u8> = later(true);
    assert_eq!(compute(one).expect("good"), 1);
    assert!(compute(later(false)).expect_err("bad").to_string().ends_with("not good"));
    assert_eq!(compute(nothing_else()).expect("a value"), Some(Err(())));
}

struct Reader<T>(Vec<T>);

impl<T: Clone + Send + Sync + 'static> Reader<T> {
    #[delayed(crate = lazuli_core)]
    fn first(&self) -> Result<T, &'static str> {
        self.0.first().cloned().ok_or("empty")
    }

    #[delayed(crate = lazuli_core)]
    fn all(&self) -> Vec<T> {
        self.0.clone()
    }
}

#[delayed(crate = lazuli_core)]
fn boxed<T: Clone + Send + Sync + 'static>(
    value: &T,
    good: bool,
) -> Result<T, Box<dyn std::error::Error + Send + Sync>> {
    if good { Ok(value.clone()) } else { Err("bad".into()) }
}

#[test]
fn methods_and_generic_functions_may_fail_and_errors_are_what_people_have() {
    let reader = Delayed::value(std::sync::Arc::new(())).map(|_| Reader(vec![7_u8]));
    assert_eq!(compute((Reader::first(&reader), Reader::all(&reader))).expect("one"), (7, vec![7]));
    let empty = Delayed::value(()).map(|()| Reader::<u8>(Vec::new()));
    assert!(compute(Reader::first(&empty)).expect_err("none").to_string().ends_with("empty"));
    assert_eq!(compute(boxed(3, true)).expect("good"), 3);
    assert!(compute(boxed(3, false)).expect_err("bad").to_string().ends_with("bad"));
    let by_string = task("says").try_call((), |()| Err::<u8, _>(format!("no {}", 1)));
    assert!(compute(by_string).expect_err("no").to_string().ends_with("no 1"));
}

#[test]
fn functions_of_others_are_made_lazy() {
    assert_eq!(compute(delayed(i64::abs)(-4)).expect("a number"), 4);
    let sum = delayed(|a: i64, b: i64, c: i64| a + b + c);
    assert_eq!(compute(sum(1, 2, 3)).expect("a number"), 6);
    let two = Delayed::value(2_u32);
    assert_eq!(compute(delayed(u32::pow)(&two, &two)).expect("a number"), 4);
    let failing = try_delayed(|text: String| text.parse::<u8>())("x");
    assert_eq!(compute(failing).expect_err("no number").kind(), ErrorKind::Task);
    let twelve = delayed(
        |a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8, i: u8, j: u8, k: u8, l: u8| {
            [a, b, c, d, e, f, g, h, i, j, k, l]
        },
    );
    let all = twelve(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    assert_eq!(compute(all).expect("twelve").iter().sum::<u8>(), 78);
}

#[test]
fn values_do_not_meet_one_at_a_time() {
    for split_every in [0, 1] {
        let line = line!() + 1;
        let total = tree_reduce((0..3).map(Delayed::value), split_every, |a, b| a + b);
        let error = compute(total.expect("a request")).expect_err("no tree");
        assert_eq!(error.kind(), ErrorKind::Plan);
        assert!(error.to_string().contains(&format!("split_every is {split_every}")), "{error}");
        assert_eq!(
            (error.task(), error.site().map(|site| site.line())),
            (Some("tree_reduce"), Some(line))
        );
    }
}

/// A request that may be one too many.
struct Asked(bool);

impl Layer for Asked {
    fn lower(requests: &[&Self], _: &Lowering<'_>) -> lazuli_core::Result<Vec<Answer>> {
        if requests.iter().any(|asked| asked.0) {
            return Err(Error::plan(std::io::Error::other("too much is asked")));
        }
        Ok(requests.iter().map(|_| Delayed::value(1_u8).into()).collect())
    }
}

#[test]
fn of_many_requests_that_are_planned_together_the_one_at_fault_is_named() {
    let good = Delayed::<u8>::from_layer("good", Asked(false), []);
    let line = line!() + 1;
    let bad = Delayed::<u8>::from_layer("bad", Asked(true), []);
    assert_eq!(compute(&good).expect("it is not too much"), 1);
    let error = compute((&good, &bad, &good)).expect_err("too much");
    assert_eq!((error.kind(), error.task()), (ErrorKind::Plan, Some("bad")));
    assert_eq!(error.site().map(|site| site.line()), Some(line));
    assert!(error.to_string().ends_with("cannot be planned: too much is asked"), "{error}");
}

/// The first of two tasks waits until the second has failed, and then gives up with an error of its own.
#[test]
fn who_gives_up_since_another_has_failed_is_not_to_blame() {
    let executor = Executor::threaded(2).expect("the system grants threads");
    let begun = Arc::new(Barrier::new(2));
    let patient = task("patient").try_call(reporter(), {
        let begun = Arc::clone(&begun);
        move |context| -> Result<i64, String> {
            begun.wait();
            while !context.is_over() {
                std::thread::yield_now();
            }
            Err("no more needed".into())
        }
    });
    let fails = task("fails").try_call((), move |()| -> Result<i64, String> {
        begun.wait();
        Err("it fails".into())
    });
    let error = executor.compute((patient, fails)).expect_err("one fails");
    assert_eq!((error.task(), error.others()), (Some("fails"), 1), "{error}");
}
