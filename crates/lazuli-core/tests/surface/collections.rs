//! Collections of delayed values, as arguments and in computes.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use lazuli_core::{Delayed, compute, delayed, persist};

#[delayed(crate = lazuli_core)]
fn total(values: &[i64]) -> i64 {
    values.iter().sum()
}

#[delayed(crate = lazuli_core)]
fn by_name(values: BTreeMap<String, i64>) -> Vec<String> {
    values.into_iter().map(|(name, value)| format!("{name} {value}")).collect()
}

#[delayed(crate = lazuli_core)]
fn longest(names: &HashMap<u8, String>) -> usize {
    names.values().map(String::len).max().unwrap_or_default()
}

#[delayed(crate = lazuli_core)]
fn pair((a, b): (i64, String), c: Option<i64>) -> String {
    format!("{a} {b} {c:?}")
}

#[delayed(crate = lazuli_core)]
fn corners(values: [i64; 2]) -> i64 {
    values[1] - values[0]
}

fn values() -> Vec<Delayed<i64>> {
    (1..=2).map(Delayed::value).collect()
}

#[test]
fn any_collection_is_an_argument() -> lazuli_core::Result<()> {
    let array = || [Delayed::value(1), Delayed::value(2)];
    assert_eq!(
        compute((total(values()), total(&values()), total(values().as_slice())))?,
        (3, 3, 3)
    );
    assert_eq!(
        compute((total(array()), total(&array()), total([1, 2]), total(&[1, 2])))?,
        (3, 3, 3, 3)
    );
    assert_eq!(compute((total(vec![1, 2]), corners(array()), corners([1, 2])))?, (3, 1, 1));
    let named: BTreeMap<_, _> = [("a".to_owned(), Delayed::value(1))].into();
    assert_eq!(
        compute((by_name(&named), by_name(named)))?,
        (vec!["a 1".to_owned()], vec!["a 1".into()])
    );
    let hashed: HashMap<_, _> = [(1, Delayed::value("lapis".to_owned()))].into();
    assert_eq!(compute((longest(&hashed), longest(hashed)))?, (5, 5));
    let two = (Delayed::value(1), Delayed::value("b".to_owned()));
    let some = Some(Delayed::value(3));
    assert_eq!(
        compute((pair(&two, &some), pair(two, None)))?,
        ("1 b Some(3)".into(), "1 b None".into())
    );
    Ok(())
}

#[test]
fn iterators_collect_into_one_delayed_value() -> lazuli_core::Result<()> {
    let all: Delayed<Vec<i64>> = values().iter().collect();
    assert_eq!(compute(all)?, [1, 2]);
    let all: Delayed<BTreeMap<u8, i64>> = (0..).zip(values()).collect();
    assert_eq!(compute(all)?, [(0, 1), (1, 2)].into());
    let all: Delayed<HashMap<u8, i64>> = (0..).zip(values()).collect();
    assert_eq!(compute(all)?, [(0, 1), (1, 2)].into());
    Ok(())
}

#[test]
fn plain_values_come_back_as_they_are() -> lazuli_core::Result<()> {
    let by_file =
        vec![(PathBuf::from("a.csv"), values().remove(1)), ("b.csv".into(), values().remove(0))];
    assert_eq!(compute(&by_file)?, [(PathBuf::from("a.csv"), 2), ("b.csv".into(), 1)]);
    let kept = persist(("name", 3_u8, values(), ()))?;
    assert_eq!(compute(kept)?, ("name".to_owned(), 3, vec![1, 2], ()));
    Ok(())
}

#[test]
fn parts_of_values_have_handles() -> lazuli_core::Result<()> {
    let words = Delayed::value(vec!["lapis", "lazuli"]);
    assert_eq!(compute((words.get(0), words.get(Delayed::value(1))))?, ("lapis", "lazuli"));
    assert!(
        compute(words.get(2)).expect_err("no third").to_string().contains("no value 2 among 2")
    );
    let (a, b, c) = Delayed::value((1, 2.0, 'c')).unzip();
    assert_eq!(compute((c, b, a))?, ('c', 2.0, 1));
    let (left, right) = Delayed::value(vec![(1, 'a'), (2, 'b')]).unzip();
    assert_eq!(compute((left, right))?, (vec![1, 2], vec!['a', 'b']));
    let gathered = Delayed::gather((values(), Some(Delayed::value('x')), "name"));
    assert_eq!(compute(gathered)?, (vec![1, 2], Some('x'), "name".to_owned()));
    Ok(())
}
