//! Long, wide and plain graphs: a chain, two fans, and many small checks.

use std::time::Instant;

use lazuli::core::sum;
use lazuli::prelude::*;
use lazuli_benches::measure;

use crate::tree::inc;

#[delayed]
fn is_palindrome(text: &str) -> bool {
    palindrome(text)
}

fn palindrome(text: &str) -> bool {
    text.bytes().eq(text.bytes().rev())
}

#[delayed]
fn count(found: &[bool]) -> usize {
    found.iter().filter(|&&found| found).count()
}

pub(crate) fn run() -> lazuli::Result<()> {
    const MANY: i64 = 1_000_000;
    measure("lazuli", "chain of 1,000,000: build, run, drop", 5, || {
        compute((0..MANY).fold(Delayed::value(0), |value, _| inc(value)))
    });
    measure("lazuli", "one node with 1,000,000 dependents", 5, || {
        let one = inc(0);
        let all: Vec<_> = (0..MANY).map(|_| inc(&one)).collect();
        compute(all).map(|all| all.len())
    });
    measure("lazuli", "one node with 1,000,000 dependencies", 5, || {
        compute(sum((0..MANY).map(inc)))
    });
    measure("lazuli", "10,000 tasks and their sum", 5, || compute(sum((0..10_000).map(inc))));

    let texts: Vec<String> = (0..100_000).map(|number: u32| number.to_string()).collect();
    let loops = measure("loop", "100,000 palindromes, the checks themselves", 9, || {
        texts.iter().filter(|text| palindrome(text)).count()
    });
    let mut beyond = f64::INFINITY;
    let whole = measure("lazuli", "100,000 palindromes and their sum", 9, || {
        let mut texts = texts.clone();
        let start = Instant::now();
        let found: Vec<_> = texts.drain(..).map(is_palindrome).collect();
        let answer = compute(count(sequence(found)));
        beyond = beyond.min(start.elapsed().as_secs_f64() - loops);
        answer
    });
    println!(
        "    {:.1} ms with a copy of the texts; {:.1} ms beyond the checks",
        whole * 1e3,
        beyond * 1e3
    );
    Ok(())
}
