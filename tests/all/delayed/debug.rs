//! The debug form names what a value is, the same in every run.

use std::env;
use std::process::Command;

use lazuli::prelude::*;

/// Set in the process that prints its graph for another to compare.
const PRINTING: &str = "LAZULI_TESTS_PRINT_GRAPH";

fn graph() -> Delayed<i64> {
    let load = |part| task("load").part(format!("part {part}")).call((), move |()| part);
    let parts: Vec<Delayed<i64>> = (0..100).map(load).collect();
    let total = tree_reduce(parts, 4, |a, b| a + b).expect("there are parts");
    (4 + &total) * total
}

#[test]
fn it_has_the_name_and_eight_digits() {
    let form = format!("{:?}", graph());
    let digits = form.strip_prefix("Delayed(mul-").and_then(|rest| rest.strip_suffix(')'));
    let digits = digits.unwrap_or_else(|| panic!("another form: {form}"));
    assert_eq!(digits.len(), 8);
    assert!(digits.chars().all(|digit| digit.is_ascii_hexdigit()), "{form}");
}

#[test]
fn two_builds_are_alike_and_other_graphs_are_not() {
    let form = |value: &Delayed<i64>| format!("{value:?}");
    assert_eq!(form(&graph()), form(&graph()));
    assert_ne!(form(&(graph() * 1)), form(&graph()));
    let part = |name: &str| task("load").part(name).call((), |()| 1_i64);
    assert_ne!(form(&(part("a") + 1)), form(&(part("b") + 1)));
    let (a, b) = (part("a"), part("b"));
    assert_ne!(form(&(&a - &b)), form(&(&b - &a)));
}

#[test]
fn another_process_prints_the_same() {
    if env::var_os(PRINTING).is_some() {
        println!("graph: {:?}", graph());
        return;
    }
    let this = env::current_exe().expect("the test binary has a path");
    let child = Command::new(this)
        .args(["--exact", "delayed::debug::another_process_prints_the_same", "--nocapture"])
        .env(PRINTING, "1")
        .output()
        .expect("the test binary runs");
    let printed = String::from_utf8_lossy(&child.stdout);
    assert!(printed.contains(&format!("graph: {:?}\n", graph())), "the other printed {printed}");
}
