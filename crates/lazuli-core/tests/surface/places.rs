//! Every error names a line of the program, and tasks have names.

use std::panic::Location;
use std::path::Path;

use lazuli_core::{Delayed, Error, Executor, compute, delayed};

#[delayed(crate = lazuli_core)]
fn fails(number: i64) -> Result<i64, String> {
    Err(format!("{number} is not wanted"))
}
const LINE_OF_FAILS: u32 = line!() - 4;

fn here(error: &Error) -> u32 {
    let site = error.site().expect("a task has failed");
    assert!(site.file().ends_with("surface/places.rs"), "{error}");
    site.line()
}

#[test]
fn a_function_called_by_an_iterator_is_defined_where_it_stands() {
    let all: Vec<_> = (0..2).map(fails).collect();
    let line = here(&compute(all).expect_err("it fails"));
    assert!((LINE_OF_FAILS - 1..=LINE_OF_FAILS + 1).contains(&line), "{line}");
    let line = here(&compute(fails(1)).expect_err("it fails"));
    assert_eq!(line, line!() - 1);
}

#[test]
fn a_sum_by_an_iterator_is_defined_where_its_values_are() {
    let values = [u8::MAX, 1].map(Delayed::value);
    let line = line!() - 1;
    let total: Delayed<Overflows> =
        values.iter().map(|value| value.map(|&value| Overflows(value))).sum();
    let error = compute(total).expect_err("it panics");
    assert_eq!(error.task(), Some("sum"));
    assert!((line..line + 4).contains(&here(&error)), "{error}");
}

#[derive(Clone, Debug)]
struct Overflows(#[allow(dead_code, reason = "what it is does not matter")] u8);

impl<'a> std::iter::Sum<&'a Self> for Overflows {
    fn sum<I: Iterator<Item = &'a Self>>(_: I) -> Self {
        panic!("too much")
    }
}

fn half(number: &i64) -> i64 {
    number / 2
}

#[test]
fn a_map_is_named_for_its_function_or_its_line() {
    let site = Location::caller();
    let closure = Delayed::value(4).map(|number| number / 2);
    let names = |delayed: &Delayed<i64>| {
        let plan = Executor::shared().plan(delayed).expect("a plan");
        plan.tasks().map(|task| task.name().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&closure), [format!("places.rs:{}", site.line() + 1)]);
    assert_eq!(names(&Delayed::value(4).map(half)), ["half"]);
    assert_eq!(names(&Delayed::value(4).map_named("halve", half)), ["halve"]);
}

#[delayed(crate = lazuli_core, part = path)]
fn read(path: &Path) -> std::io::Result<String> {
    std::fs::read_to_string(path)
}

#[delayed(crate = lazuli_core, part = year, name = count_later)]
fn count(year: u16) -> Result<usize, String> {
    Err(format!("no {year}"))
}

#[test]
fn a_part_is_an_argument_at_hand() {
    let error = compute(read("no/such/file")).expect_err("no file");
    assert_eq!(error.part(), Some("no/such/file"));
    let path = Delayed::value("no/such/file".into());
    assert_eq!(compute(read(path)).expect_err("no file").part(), None);
    assert!(count(1999).is_err());
    let error = compute(count_later(1999)).expect_err("no such year");
    assert_eq!((error.part(), error.task()), (Some("1999"), Some("count")));
}
