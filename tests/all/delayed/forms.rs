//! What `#[delayed]` takes: every form of parameter and result.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::io;
use std::num::ParseIntError;
use std::path::{Path, PathBuf};

use lazuli::core::Lane;
use lazuli::prelude::*;

use crate::support::{Named, assert_computes, executors};

#[delayed]
fn length(text: &str) -> usize {
    text.len()
}

#[delayed]
fn total(values: &[i64]) -> i64 {
    values.iter().sum()
}

#[delayed]
fn extension(path: &Path) -> Option<String> {
    path.extension().map(|extension| extension.to_string_lossy().into_owned())
}

#[delayed]
fn lookup(map: &BTreeMap<String, i64>, key: &str) -> Option<i64> {
    map.get(key).copied()
}

#[delayed]
fn last(values: Vec<i64>) -> Option<i64> {
    values.last().copied()
}

#[delayed]
fn parse(text: &str) -> Result<i64, ParseIntError> {
    text.parse()
}

#[delayed]
fn even(value: i64) -> io::Result<i64> {
    if value % 2 == 0 { Ok(value) } else { Err(io::Error::other("odd")) }
}

#[delayed]
fn nothing() {}

#[delayed(blocking)]
fn wait(value: i64) -> i64 {
    value
}

#[delayed(crate = lazuli::core)]
fn elsewhere(value: i64) -> i64 {
    value
}

#[delayed(blocking, crate = ::lazuli::core)]
fn wait_elsewhere(value: i64) -> i64 {
    value
}

#[delayed]
fn larger<T: PartialOrd + Clone + Send + Sync + 'static>(a: T, b: T) -> T {
    if b > a { b } else { a }
}

#[delayed]
fn join<T, const N: usize>(values: &[T; N], separator: &str) -> String
where
    T: Display + Send + Sync + 'static,
{
    values.iter().map(T::to_string).collect::<Vec<_>>().join(separator)
}

#[delayed]
fn swap((a, b): (i64, i64), mut by: i64) -> (i64, i64) {
    by += 1;
    (b * by, a * by)
}

/// Its body calls the plain function, not the lazy one.
#[delayed]
fn fibonacci(n: u32) -> u64 {
    if n < 2 { u64::from(n) } else { fibonacci(n - 1) + fibonacci(n - 2) }
}

#[expect(clippy::too_many_arguments, reason = "the most there may be")]
#[delayed]
fn twelve(
    a: i64,
    b: i64,
    c: i64,
    d: i64,
    e: i64,
    f: i64,
    g: i64,
    h: i64,
    i: i64,
    j: i64,
    k: i64,
    l: i64,
) -> Vec<i64> {
    vec![a, b, c, d, e, f, g, h, i, j, k, l]
}

fn one(value: i64) -> Delayed<i64> {
    Delayed::value(value).map_named("same", |value| *value)
}

#[test]
fn text() {
    let owned = String::from("lapis");
    let delayed = Delayed::value(owned.clone());
    assert_computes([length("lapis"), length(owned), length(&delayed), length(delayed)], [5; 4]);
}

#[test]
fn slices_and_vectors() {
    let values = vec![1, 2, 3];
    let delayed = Delayed::value(values.clone());
    let ones = || (1..=3).map(one).collect::<Vec<_>>();
    let totals = [total(&values[..]), total(values.clone()), total(&delayed), total(ones())];
    assert_computes(totals, [6; 4]);
    let lasts = [last(&values[..]), last(values), last(delayed), last(ones())];
    assert_computes(lasts, [Some(3); 4]);
}

#[test]
fn paths() {
    let path = Path::new("/tmp/tracks.csv");
    let delayed = Delayed::value(path.to_owned());
    let all =
        [extension(path), extension(path.to_owned()), extension("tracks.csv"), extension(delayed)];
    assert_computes(all, [const { "csv" }; 4].map(|csv| Some(csv.to_owned())));
    assert_computes(extension(PathBuf::new()), None);
}

#[test]
fn references_to_any_type() {
    let map = BTreeMap::from([("a".to_owned(), 1)]);
    let delayed = Delayed::value(map.clone());
    let key = Delayed::value("b".to_owned());
    assert_computes((lookup(map, "a"), lookup(&delayed, &key)), (Some(1), None));
}

#[test]
fn results() {
    assert_computes((parse("42"), even(4)), (42, 4));
    for Named { name, executor } in executors() {
        let error = executor.compute(parse("x")).expect_err("x is no number");
        assert!(error.find::<ParseIntError>().is_some(), "on {name}");
        assert_eq!(error.task(), Some("parse"), "on {name}");
        let error = executor.compute(even(3)).expect_err("3 is odd");
        assert!(error.find::<io::Error>().is_some(), "on {name}");
    }
}

#[test]
fn no_parameter_and_no_result() {
    assert_computes(nothing(), ());
}

#[test]
fn lanes() {
    let all = [wait(1), elsewhere(2), wait_elsewhere(3)];
    assert_computes(&all, [1, 2, 3]);
    let plan = Executor::sync().plan(&all).expect("nothing to lower");
    let lanes: Vec<_> = plan.tasks().map(|task| task.lane()).collect();
    assert_eq!(lanes, [Lane::Blocking, Lane::Cpu, Lane::Blocking]);
}

#[test]
fn generics() {
    assert_computes(larger(one(1), 2), 2);
    assert_computes(larger("a".to_owned(), "b"), "b".to_owned());
    assert_computes(join([1.5, 2.5], ", "), "1.5, 2.5".to_owned());
}

#[test]
fn patterns_and_mut() {
    assert_computes(swap((1, 2), 9), (20, 10));
}

#[test]
fn recursion_is_plain() {
    assert_computes(fibonacci(20), 6765);
}

#[test]
fn up_to_twelve_parameters() {
    let all = twelve(one(0), 1, 2, one(3), 4, 5, 6, 7, 8, 9, 10, one(11));
    assert_computes(all, Vec::from_iter(0..12));
}

#[test]
fn a_task_is_named_for_its_function() {
    let plan = Executor::sync().plan(larger(length("a"), 2)).expect("nothing to lower");
    let names: Vec<_> = plan.tasks().map(|task| task.name().to_owned()).collect();
    assert_eq!(names, ["length", "larger"]);
}

#[delayed]
fn longer<'a>(left: &'a str, right: &'a str) -> bool
where
    'a: 'a,
{
    left.len() > right.len()
}

#[delayed]
fn first<'a, T>(values: &'a [T], otherwise: T) -> T
where
    'a: 'a,
    T: Clone + Send + Sync + 'static,
{
    values.first().cloned().unwrap_or(otherwise)
}

#[test]
fn named_lifetimes_are_those_of_the_function_itself() {
    assert_computes(longer("lapis", "lazuli"), false);
    assert_computes(first(vec![Delayed::value(3), Delayed::value(4)], 5), 3);
}
