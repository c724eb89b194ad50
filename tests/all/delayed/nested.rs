//! Nested collections: what `compute` takes, and the shape in which it gives it back.

use std::collections::{BTreeMap, HashMap};

use lazuli::core::collection::{Answers, Outputs};
use lazuli::prelude::*;

use crate::support::assert_computes;

fn one(value: i64) -> Delayed<i64> {
    Delayed::value(value).map_named("same", |value| *value)
}

#[test]
fn tuples_of_up_to_twelve() {
    assert_computes((one(1),), (1,));
    let twelve = (
        one(1),
        Delayed::value("two"),
        one(3),
        Delayed::value(4.0),
        one(5),
        one(6),
        one(7),
        one(8),
        one(9),
        one(10),
        one(11),
        Delayed::value('c'),
    );
    assert_computes(twelve, (1, "two", 3, 4.0, 5, 6, 7, 8, 9, 10, 11, 'c'));
}

#[test]
fn sequences() {
    assert_computes(vec![one(3), one(1), one(2)], vec![3, 1, 2]);
    assert_computes(Vec::<Delayed<i64>>::new(), vec![]);
    assert_computes([one(3), one(1)], [3, 1]);
    assert_computes(&[one(3), one(1)][..], vec![3, 1]);
    let boxed: Box<[Delayed<i64>]> = Box::new([one(3), one(1)]);
    assert_computes(boxed, vec![3, 1]);
}

#[test]
fn options_and_boxes() {
    assert_computes((Some(one(1)), None::<Delayed<i64>>, one(2)), (Some(1), None, 2));
    assert_computes(Box::new(one(1)), 1);
    assert_computes(&one(1), 1);
}

#[test]
fn maps() {
    let entries = || (0..100).map(|key| (format!("{key}"), one(key)));
    let expected = || (0..100).map(|key| (format!("{key}"), key));
    assert_computes(BTreeMap::from_iter(entries()), expected().collect());
    assert_computes(HashMap::<_, _>::from_iter(entries()), expected().collect());
}

#[test]
fn anything_within_anything() {
    let nested = vec![
        (BTreeMap::from([("a", [Some(one(1)), None])]), Box::new((one(2), vec![one(3), one(4)]))),
        (BTreeMap::from([("b", [None, Some(one(5))])]), Box::new((one(6), vec![]))),
    ];
    let expected = vec![
        (BTreeMap::from([("a", [Some(1), None])]), (2, vec![3, 4])),
        (BTreeMap::from([("b", [None, Some(5)])]), (6, vec![])),
    ];
    assert_computes(nested, expected);
}

/// Two handles that know how to be computed: a user's own collection.
struct Interval {
    low: Delayed<i64>,
    high: Delayed<i64>,
}

impl Collection for Interval {
    type Output = std::ops::Range<i64>;

    fn request(&self, outputs: &mut Outputs) {
        self.low.request(outputs);
        self.high.request(outputs);
    }

    fn receive(&self, answers: &mut Answers<'_, '_>) -> Self::Output {
        self.low.receive(answers)..self.high.receive(answers)
    }
}

#[test]
fn a_collection_of_one_s_own() {
    let intervals =
        vec![Interval { low: one(1), high: one(2) }, Interval { low: one(3), high: one(4) }];
    assert_computes((intervals, one(5)), (vec![1..2, 3..4], 5));
}
